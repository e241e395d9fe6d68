//! Expectations: what the client was told beforehand, and whether it was kept.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, Eyes, Kept, Key};

use throughline_projection::Day;

use crate::{
    clock::{Clock, Owed, What},
    view::{Dated, Expectation, View},
};

/// The client's expectations.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Expectations {
    /// How many were set.
    pub set: u64,
    /// How many were kept.
    pub kept: u64,
    /// How many were kept in part.
    pub partly: u64,
    /// How many were not kept.
    pub not_kept: u64,
    /// How many wait to be kept, their day not passed or none named.
    pub open: u64,
    /// How many wait beyond their day.
    pub overdue: u64,
    /// Each expectation, oldest first.
    pub each: Vec<ExpectationAnswer>,
}

/// One expectation.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ExpectationAnswer {
    /// Its name in the journey.
    pub expectation: Key,
    /// What about.
    pub about: Code,
    /// To whom it was said.
    pub to: Eyes,
    /// The day it was set.
    #[schema(value_type = String, format = Date)]
    pub set: Date,
    /// Whether it was kept; unset while nobody has said.
    pub kept: Option<Kept>,
    /// How its clock stands. A clock that is met says only that it was settled in time.
    pub clock: Clock,
}

/// The expectation as a thing owed, and how it was first settled.
pub(crate) fn owed<'a>(
    view: &View,
    expectation: &'a Expectation,
) -> Option<(Owed, Option<&'a (Dated, Kept)>)> {
    let set = expectation.set.first()?;
    let first = expectation.settled.iter().find(|(at, _)| at.day >= set.at.day);
    let owed = Owed::new(What::KeepExpectation, &set.at, set.due).while_alive(view);
    Some((Owed { settled: first.map(|(at, _)| *at), ..owed }, first))
}

pub(crate) fn expectations(view: &View, on: Day) -> Expectations {
    let mut expectations =
        Expectations { set: 0, kept: 0, partly: 0, not_kept: 0, open: 0, overdue: 0, each: Vec::new() };
    for (key, expectation) in &view.expectations {
        let Some((owed, first)) = owed(view, expectation).filter(|(owed, _)| owed.from <= on) else {
            continue;
        };
        let kept = first.filter(|(at, _)| at.day <= on).map(|(_, kept)| *kept);
        let clock = owed.clock(on);
        let overdue = clock.days_overdue.is_some();
        expectations.set += 1;
        expectations.kept += u64::from(kept == Some(Kept::Yes));
        expectations.partly += u64::from(kept == Some(Kept::Partly));
        expectations.not_kept += u64::from(kept == Some(Kept::No));
        expectations.overdue += u64::from(overdue);
        expectations.open += u64::from(owed.is_open(on) && !overdue);
        expectations.each.push(ExpectationAnswer {
            expectation: key.clone(),
            about: expectation.set[0].about.clone(),
            to: owed.to,
            set: owed.from.date(),
            kept,
            clock,
        });
    }
    expectations.each.sort_by(|a, b| (a.set, &a.expectation).cmp(&(b.set, &b.expectation)));
    expectations
}
