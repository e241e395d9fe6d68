//! Promises: one list of what is owed to whom by when, most overdue first.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, EventId, Eyes, Key};
use throughline_projection::{Day, WorkItem};

use crate::{
    clock::{Owed, What},
    concerns, expectations, requests, thanks,
    view::View,
};

/// One thing owed.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Promise {
    /// What.
    pub what: What,
    /// To whom.
    pub to: Eyes,
    /// The request, concern, expectation, gift or shift, by its name in the journey.
    pub key: Key,
    /// What about; unset for thanks.
    pub about: Option<Code>,
    /// Whether the day it is due was named to somebody; otherwise it is the house's own target.
    pub promised: bool,
    /// How it stands: `overdue`, `due` today, `upcoming`.
    pub level: &'static str,
    /// The last day on which it is in time.
    #[schema(value_type = Option<String>, format = Date)]
    pub due: Option<Date>,
    /// Since when it is owed.
    #[schema(value_type = String, format = Date)]
    pub since: Date,
    /// Days overdue; negative where not yet due, 0 where no day was named.
    pub days: i32,
    /// The event it is owed for.
    #[schema(value_type = String)]
    pub event: EventId,
}

/// All that was ever owed in this journey, with its key and what it is about.
fn all(view: &View) -> impl Iterator<Item = (&Key, Option<&Code>, Owed)> {
    let requests = view.requests.iter().flat_map(|(key, request)| {
        let first = requests::owed(view, request).map(|(owed, _)| owed);
        let owed = first.into_iter().chain(requests::rest_owed(view, request));
        owed.map(move |owed| (key, Some(&request.received[0].about), owed))
    });
    let concerns = view.concerns.iter().flat_map(|(key, concern)| {
        let rounds = concerns::rounds(view, concern);
        rounds.into_iter().flat_map(move |(raised, rounds, _)| {
            let owed = rounds.into_iter().flat_map(concerns::OwedRound::owed);
            owed.map(move |owed| (key, Some(&raised.about), owed))
        })
    });
    let expectations = view.expectations.iter().filter_map(|(key, expectation)| {
        let (owed, _) = expectations::owed(view, expectation)?;
        Some((key, Some(&expectation.set[0].about), owed))
    });
    let gifts = view.gifts.iter().filter_map(|(key, gift)| Some((key, None, thanks::owed(view, gift)?.0)));
    requests.chain(concerns).chain(expectations).chain(gifts)
}

/// What is owed on this day.
pub(crate) fn promises(view: &View, on: Day) -> Vec<Promise> {
    let open = all(view).filter(|(.., owed)| owed.is_open(on));
    let mut promises: Vec<Promise> = open
        .map(|(key, about, owed)| {
            let (level, days) = standing(owed.due, on);
            Promise {
                what: owed.what,
                to: owed.to,
                key: key.clone(),
                about: about.cloned(),
                promised: owed.promised,
                level,
                due: owed.due.map(Day::date),
                since: owed.from.date(),
                days,
                event: owed.event,
            }
        })
        .collect();
    promises.sort_by(|a, b| (b.days, a.since, a.what, a.event).cmp(&(a.days, b.since, b.what, b.event)));
    promises
}

/// How something due on this day stands, and how many days beyond it we are.
fn standing(due: Option<Day>, on: Day) -> (&'static str, i32) {
    match due.map(|due| on.since(due)) {
        Some(days) if days > 0 => ("overdue", days),
        Some(0) => ("due", 0),
        Some(days) => ("upcoming", days),
        None => ("upcoming", 0),
    }
}

/// What the work list `promises` needs of one client: the days of everything ever owed, so that the list can be
/// asked for any day.
#[derive(Debug, Clone)]
pub struct Card(Box<[Line]>);

#[derive(Debug, Clone)]
struct Line {
    event: EventId,
    from: Day,
    due: Option<Day>,
    until: Option<Day>,
    what: What,
    to: Eyes,
    promised: bool,
}

impl Card {
    /// The card of a journey; none where nothing was ever owed.
    pub(crate) fn of(view: &View) -> Option<Self> {
        let line = |owed: Owed| Line {
            event: owed.event,
            from: owed.from,
            due: owed.due,
            until: owed.until(),
            what: owed.what,
            to: owed.to,
            promised: owed.promised,
        };
        let lines: Box<[Line]> = all(view).map(|(.., owed)| line(owed)).collect();
        (!lines.is_empty()).then_some(Self(lines))
    }

    /// What is owed on this day, most overdue first.
    pub(crate) fn work(&self, on: Day) -> Vec<WorkItem> {
        let open = self.0.iter().filter(|line| line.from <= on && line.until.is_none_or(|until| until > on));
        let mut lines: Vec<&Line> = open.collect();
        let days = |line: &Line| standing(line.due, on).1;
        lines.sort_by(|a, b| (days(b), a.from, a.what, a.event).cmp(&(days(a), b.from, b.what, b.event)));
        lines.into_iter().map(|line| line.item(on)).collect()
    }
}

impl Line {
    fn item(&self, on: Day) -> WorkItem {
        let (level, days) = standing(self.due, on);
        WorkItem {
            what: self.what.code().to_owned(),
            level,
            due: self.due.map(Day::date),
            since: Some(self.from.date()),
            days,
            because: self.because(days),
            evidence: vec![self.event],
            entered: None,
        }
    }

    fn because(&self, days: i32) -> String {
        let said = match self.what {
            What::AnswerRequest => "request received",
            What::CompleteAnswer => "request answered in part",
            What::AcknowledgeConcern | What::AnswerConcern => "concern raised",
            What::UpdateConcern => "concern without news since",
            What::KeepExpectation => "expectation set",
            What::SendThanks => "gift or shift",
        };
        let mut because = format!("{said} {}", self.from.date());
        let name = if self.promised { "due" } else { "house target" };
        match self.due {
            Some(due) if days > 0 => write!(because, "; {name} {}, {days} days ago", due.date()),
            Some(due) => write!(because, "; {name} {}", due.date()),
            None => write!(because, "; no day was named"),
        }
        .expect("a string takes any text");
        if self.to != Eyes::Client {
            write!(because, "; owed to the {}", self.to).expect("a string takes any text");
        }
        because
    }
}
