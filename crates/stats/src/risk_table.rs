//! Who was at risk and who had the event, at each time at which somebody did. Whole numbers only: sums of them are
//! exact, and so the same in any order of rows.

use std::collections::BTreeMap;

use crate::{End, Error, Spell, spell};

/// One time at which somebody had the event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moment {
    pub time: f64,
    /// At risk at this time, those who have the event at it among them.
    pub at_risk: u64,
    /// Events of any cause.
    pub events: u64,
    /// Events by cause.
    pub by_cause: BTreeMap<u32, u64>,
}

/// Entries and exits in order, to count who is at risk.
pub(crate) struct RiskSet {
    entries: Vec<f64>,
    exits: Vec<f64>,
}

impl RiskSet {
    pub(crate) fn of(spells: &[Spell]) -> Self {
        Self {
            entries: sorted(spells.iter().map(Spell::from)),
            exits: sorted(spells.iter().map(|spell| spell.exit)),
        }
    }

    /// How many entered before this time and were not gone before it.
    pub(crate) fn at(&self, time: f64) -> u64 {
        let entered = self.entries.partition_point(|entry| *entry < time);
        let gone = self.exits.partition_point(|exit| *exit < time);
        (entered - gone) as u64
    }
}

/// The moments, earliest first.
pub(crate) fn moments(spells: &[Spell]) -> Result<Vec<Moment>, Error> {
    spell::check(spells)?;
    let at_risk = RiskSet::of(spells);
    let mut events: Vec<(f64, u32)> = spells.iter().filter_map(event).collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut moments: Vec<Moment> = Vec::new();
    for (time, cause) in events {
        if moments.last().is_none_or(|last| last.time < time) {
            moments.push(Moment { time, at_risk: at_risk.at(time), events: 0, by_cause: BTreeMap::new() });
        }
        if let Some(moment) = moments.last_mut() {
            moment.events += 1;
            *moment.by_cause.entry(cause).or_default() += 1;
        }
    }
    Ok(moments)
}

/// The last time at which somebody was still seen.
pub(crate) fn last_seen(spells: &[Spell]) -> f64 {
    spells.iter().map(|spell| spell.exit).fold(0.0, f64::max)
}

fn event(spell: &Spell) -> Option<(f64, u32)> {
    match spell.end {
        End::Event(cause) => Some((spell.exit, cause)),
        End::Censored => None,
    }
}

fn sorted(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times
}
