//! What is kept of one journey: dated facts in the order they happened, names stored once.

use serde::{Deserialize, Serialize};
use throughline_domain::{
    Actor, Code, Departure, DestinationKind, EventId, Eyes, FollowUpResult, Format, Key, Reached,
    Relationship, Score, WindowAnchor,
};

use throughline_projection::Day;

/// What is kept of one journey: what happened to outcomes and on the way to them, in the order it happened.
///
/// It holds no conclusion that a date could change: leaving out the facts after a date leaves the view of that date.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct View {
    keys: Vec<Key>,
    codes: Vec<Code>,
    actors: Vec<Actor>,
    /// In the order of life.
    pub(crate) facts: Vec<Dated>,
    /// Indicators that a plan has named so far.
    pub(crate) indicators: Vec<CodeAt>,
    /// A plan came in since the last service, check-in or milestone: the next one shows that work began.
    pub(crate) awaits_work: bool,
}

/// One fact: what happened on which day, and the event that says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dated {
    pub(crate) day: Day,
    pub(crate) event: EventId,
    pub(crate) what: What,
}

/// What happened, as far as outcomes need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum What {
    Opened,
    Died,
    /// Every key of the journey was destroyed.
    Erased,
    Enrolled {
        enrolment: KeyAt,
        programme: CodeAt,
        template: Option<CodeAt>,
    },
    /// The first service of a day in an enrolment.
    Served {
        enrolment: Option<KeyAt>,
    },
    /// The first check-in or milestone after a plan.
    Worked,
    Planned(Box<Plan>),
    Reached {
        outcome: KeyAt,
        what: CodeAt,
        life_area: CodeAt,
        enrolment: Option<KeyAt>,
        evidence: CodeAt,
    },
    Lost {
        outcome: KeyAt,
        reason: Option<CodeAt>,
    },
    Looked(Box<Look>),
    Exited {
        enrolment: KeyAt,
        reason: Option<CodeAt>,
        to: Option<(DestinationKind, Option<CodeAt>)>,
    },
    Completed {
        enrolment: KeyAt,
    },
    DifficultyMet {
        difficulty: KeyAt,
        life_area: CodeAt,
        kind: CodeAt,
        severity: Option<CodeAt>,
    },
    DifficultyOvercome {
        difficulty: KeyAt,
    },
    /// A number for an indicator that a plan had named by then.
    Measured {
        indicator: CodeAt,
        value: Score,
    },
    Grown(Relationship),
}

/// A plan as agreed or revised: all it says from that day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) name: KeyAt,
    pub(crate) enrolment: Option<KeyAt>,
    pub(crate) said: Said,
    pub(crate) outcomes: Vec<Desired>,
    pub(crate) indicators: Vec<Aim>,
    pub(crate) changes: Vec<Change>,
    pub(crate) windows: Vec<Window>,
    pub(crate) windows_from: WindowAnchor,
}

/// Whether a plan was agreed or revised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Said {
    Agreed,
    Revised { reason: CodeAt },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Desired {
    pub(crate) outcome: KeyAt,
    pub(crate) what: CodeAt,
    pub(crate) life_area: CodeAt,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Aim {
    pub(crate) indicator: CodeAt,
    pub(crate) life_area: CodeAt,
    pub(crate) baseline: Score,
    pub(crate) target: Score,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) step: CodeAt,
    pub(crate) departure: Departure,
    pub(crate) reason: CodeAt,
}

/// A follow-up window, in days from its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub(crate) name: CodeAt,
    pub(crate) first_day: u16,
    pub(crate) target_day: u16,
    pub(crate) last_day: u16,
    pub(crate) required: bool,
}

/// Somebody looked whether an outcome holds, or tried to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) outcome: Option<KeyAt>,
    pub(crate) enrolment: Option<KeyAt>,
    pub(crate) window: Option<CodeAt>,
    pub(crate) format: Format,
    pub(crate) eyes: Eyes,
    pub(crate) by: ActorAt,
    pub(crate) found: Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Found {
    Held(FollowUpResult),
    Tried { reached: Reached, reason: Option<CodeAt> },
}

impl Look {
    /// Whether somebody spoke to the client.
    pub(crate) fn in_touch(&self) -> bool {
        match self.found {
            Found::Held(_) => true,
            Found::Tried { reached, .. } => reached == Reached::Reached,
        }
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $at:ident: $name:ty, $list:ident, $put:ident, $get:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(crate) struct $at(u32);

        impl View {
            /// Where this name stands; it is stored at its first use.
            pub(crate) fn $put(&mut self, name: &$name) -> $at {
                let at = self.$list.iter().position(|known| known == name).unwrap_or_else(|| {
                    self.$list.push(name.clone());
                    self.$list.len() - 1
                });
                $at(u32::try_from(at).expect("a journey has fewer than 2^32 names"))
            }

            /// The name that stands there.
            pub(crate) fn $get(&self, at: $at) -> &$name {
                &self.$list[at.0 as usize]
            }
        }
    )*};
}

names! {
    /// A key of this view.
    KeyAt: Key, keys, put_key, key;
    /// A code of this view.
    CodeAt: Code, codes, put_code, code;
    /// An actor of this view.
    ActorAt: Actor, actors, put_actor, actor;
}

impl View {
    /// The code that stands there, where there is one.
    pub(crate) fn code_if(&self, at: Option<CodeAt>) -> Option<Code> {
        at.map(|at| self.code(at).clone())
    }

    /// Every plan as it was agreed and revised, in the order of life.
    pub(crate) fn plans(&self) -> impl DoubleEndedIterator<Item = (&Dated, &Plan)> {
        plans(&self.facts)
    }

    /// Where this code stands, if a plan has named it as an indicator.
    pub(crate) fn planned_indicator(&self, indicator: &Code) -> Option<CodeAt> {
        self.indicators.iter().copied().find(|at| self.code(*at) == indicator)
    }

    /// Only the facts that pass, with the codes they use; keys and actors stand for themselves and have no text.
    pub(crate) fn only(&self, passes: impl Fn(&What) -> bool) -> Self {
        let facts = self.facts.iter().filter(|fact| passes(&fact.what)).cloned().collect();
        Self { codes: self.codes.clone(), facts, ..Self::default() }
    }
}

/// The plans among these facts.
pub(crate) fn plans(facts: &[Dated]) -> impl DoubleEndedIterator<Item = (&Dated, &Plan)> {
    facts.iter().filter_map(|fact| match &fact.what {
        What::Planned(plan) => Some((fact, &**plan)),
        _ => None,
    })
}
