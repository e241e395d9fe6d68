//! What rules would have said of one person, held against what came of them.

use jiff::civil::Date;

use super::{
    panel::{Asker, Panel},
    past::Past,
    replay::{Decision, Watch, replay},
};
use crate::{
    Entrant, Error, Judgement, Looked, cohort::days_between, history::end_of, judge, outcome::day_after,
    spec::Spec,
};

/// What came of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// It came true; days after time zero.
    True { onset: i64, known: i64 },
    /// It did not.
    NotTrue,
    /// Nobody looked to the end.
    Unknown,
}

/// One person, judged, and the last day on which a flag of them counts.
pub(crate) struct Case<'c, 'h> {
    pub entrant: &'c Entrant<'h>,
    pub came: Came,
    pub last: i64,
}

/// What one rule said of one person.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Said {
    /// The days after time zero on which it began to hold.
    pub raised: Vec<i64>,
    /// The first day on which it held.
    pub first: Option<i64>,
    /// Stretches between decisions by the calendar.
    pub stretches: u64,
    /// Those in which it held.
    pub flagged: u64,
    /// Of them, those after which the outcome was known within the horizon.
    pub right_by_known: u64,
    /// Of them, those after which the outcome began within it.
    pub right_by_onset: u64,
}

/// What every rule said of one person.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Told {
    pub rules: Vec<Said>,
    pub decisions: u64,
    /// Decisions on which the first rule and the second differ.
    pub changed: u64,
}

impl<'c, 'h> Case<'c, 'h> {
    pub fn of(entrant: &'c Entrant<'h>, looked: &Looked, spec: &Spec, until: Date) -> Self {
        let judged = judge(looked, entrant, until);
        let followed = days_between(entrant.zero, until);
        let (came, last) = match judged {
            // A flag of the day on which it was known anyway comes too late.
            Judgement::Happened { onset, known } => (Came::True { onset, known }, known - 1),
            Judgement::Competing { day, .. } => (Came::NotTrue, day - 1),
            Judgement::Not { until } => {
                let whole = spec.outcome.within.map_or(followed, crate::spec::Span::in_days);
                (if until < whole { Came::Unknown } else { Came::NotTrue }, until)
            }
        };
        Self { entrant, came, last: last.min(followed) }
    }

    /// Walks this person's history and takes down what the rules say.
    pub fn ask(
        &self,
        watch: &Watch,
        panel: &Panel,
        asker: &mut Asker<'_>,
        horizon: Option<i64>,
    ) -> Result<Told, Error> {
        let mut notes = Notes::new(panel.rules.len());
        if self.last >= 0 {
            let until = end_of(day_after(self.entrant.zero, self.last));
            let timeline = self.entrant.timeline;
            let past = Past::of(watch, panel, timeline);
            replay(watch, asker, past, timeline, until, &mut |decision| {
                notes.take(decision, days_between(self.entrant.zero, decision.on), self.came, horizon);
            })?;
        }
        Ok(notes.told)
    }
}

struct Notes {
    told: Told,
    held: Vec<bool>,
    held_since_due: Vec<bool>,
}

impl Notes {
    fn new(rules: usize) -> Self {
        let told = Told { rules: vec![Said::default(); rules], ..Told::default() };
        Self { told, held: vec![false; rules], held_since_due: vec![false; rules] }
    }

    fn take(&mut self, decision: &Decision<'_>, day: i64, came: Came, horizon: Option<i64>) {
        self.told.decisions += 1;
        if let [candidate, baseline, ..] = decision.holds {
            self.told.changed += u64::from(candidate != baseline);
        }
        for (place, holds) in decision.holds.iter().copied().enumerate() {
            let said = &mut self.told.rules[place];
            if holds && !self.held[place] {
                said.raised.push(day);
                said.first.get_or_insert(day);
            }
            self.held[place] = holds;
            self.held_since_due[place] |= holds;
            if decision.due {
                let flagged = std::mem::take(&mut self.held_since_due[place]);
                said.stretches += 1;
                said.flagged += u64::from(flagged);
                if let (true, Came::True { onset, known }) = (flagged, came) {
                    let within = |when: i64| horizon.is_none_or(|horizon| when - day <= horizon);
                    said.right_by_known += u64::from(within(known));
                    said.right_by_onset += u64::from(onset > day && within(onset));
                }
            }
        }
    }
}
