//! One person's history, walked through as it became known, with the decisions that rules would have made on the way.
//! Live alerts walk the same way.

use jiff::{Timestamp, civil::Date, tz::Offset};
use throughline_domain::{Code, Event, Intake};
use throughline_projection::FeatureValue;

use super::{
    panel::Asker,
    past::Past,
    pattern::{Asked, Pattern},
};
use crate::{
    Error, Timeline,
    cohort::days_between,
    history::end_of,
    outcome::day_after,
    spec::{Evaluate, Spec},
};

/// Whom rules watch, and when they are asked.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    enter: Pattern,
    programme: Option<Code>,
    every: i64,
    on_event: bool,
    until: Option<i64>,
    pub ends: Option<(Pattern, i64)>,
    /// No decision before this.
    pub from: Timestamp,
}

/// One decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision<'d> {
    /// When: nothing known later had a part in it.
    pub at: Timestamp,
    /// The day it was made for.
    pub on: Date,
    /// It was due by the calendar; otherwise something had become known.
    pub due: bool,
    /// Whether each rule held.
    pub holds: &'d [bool],
    /// The value of each name asked for.
    pub values: &'d [Option<FeatureValue>],
}

impl Watch {
    /// As a spec's cohort and settings say; the spec was checked.
    pub fn of(spec: &Spec, evaluate: &Evaluate) -> Result<Self, Error> {
        let pattern = |name: &str| {
            let found = spec.events.get(name).ok().and_then(|pattern| Pattern::of(&pattern));
            let problem = || "it is no event; define it under [events]".to_owned();
            found.ok_or_else(|| Error::Expression { expression: name.to_owned(), problem: problem() })
        };
        let ends = match &evaluate.ends {
            Some(ends) => Some((pattern(&ends.event)?, ends.after.in_days())),
            None => None,
        };
        Ok(Self { ends, ..Self::over(pattern(&spec.cohort.enter)?, spec.cohort.programme.clone(), evaluate) })
    }

    /// Everyone who enters by this fact.
    pub fn over(enter: Pattern, programme: Option<Code>, evaluate: &Evaluate) -> Self {
        Self {
            enter,
            programme,
            every: evaluate.every.in_days().max(1),
            on_event: evaluate.on_event,
            until: evaluate.until.map(crate::spec::Span::in_days),
            ends: None,
            from: Timestamp::MIN,
        }
    }

    pub fn enters(&self, asked: &Asked<'_>) -> bool {
        self.enter.is(asked)
            && self.programme.as_ref().is_none_or(|wanted| {
                matches!(&asked.fact.event, Event::Intake(Intake::Enrolled(enrolled)) if enrolled.programme == *wanted)
            })
    }

    /// The last day of which a decision is made, for one who entered then.
    fn last(&self, zero: Date, ends: Option<Date>) -> Date {
        let by_calendar = self.until.map_or(Date::MAX, |until| day_after(zero, until));
        let watched = ends.map_or(Date::MAX, |ends| {
            // The decision of the stretch in which the watch ends.
            let stretches = (days_between(zero, ends).max(0) + self.every - 1) / self.every;
            day_after(zero, stretches * self.every)
        });
        by_calendar.min(watched)
    }

    /// The first decision by the calendar at or after `clock` and after `asked`, the last one made.
    fn due(&self, past: &Past<'_>, clock: Timestamp, asked: Option<Date>) -> Option<Timestamp> {
        let zero = past.entry()?;
        let today = Offset::UTC.to_datetime(clock).date();
        let mut stretch = ((days_between(zero, today) + self.every - 1).div_euclid(self.every)).max(1);
        if let Some(asked) = asked {
            stretch = stretch.max(days_between(zero, asked).div_euclid(self.every) + 1);
        }
        let day = day_after(zero, stretch * self.every);
        (day <= self.last(zero, past.ends())).then(|| end_of(day))
    }
}

/// Walks one timeline until a time and tells every decision on the way, in order.
pub(crate) fn replay(
    watch: &Watch,
    asker: &mut Asker<'_>,
    mut past: Past<'_>,
    timeline: &Timeline,
    until: Timestamp,
    told: &mut dyn FnMut(&Decision<'_>),
) -> Result<(), Error> {
    let mut cursor = timeline.cursor();
    let mut clock = watch.from;
    let mut asked = None;
    loop {
        let due = watch.due(&past, clock, asked).filter(|due| *due <= until);
        let (at, is_due) = match cursor.step(due.unwrap_or(until)) {
            Some((at, batch)) => {
                let news = past.take(batch);
                clock = clock.max(at);
                // What comes at the very moment of a decision by the calendar is part of that decision.
                if !(news && watch.on_event && at >= watch.from) || due == Some(at) {
                    past.settle(cursor.past());
                    continue;
                }
                (at, false)
            }
            None => match due {
                Some(due) => (due, true),
                None => return Ok(()),
            },
        };
        past.settle(cursor.past());
        clock = clock.max(at);
        let on = Offset::UTC.to_datetime(at).date();
        if is_due {
            asked = Some(on);
        }
        let Some(zero) = past.entry().filter(|zero| *zero <= on) else { continue };
        if on > watch.last(zero, past.ends()) {
            continue;
        }
        let (holds, values) = asker.ask(&past, at, on, zero)?;
        told(&Decision { at, on, due: is_due, holds, values });
    }
}
