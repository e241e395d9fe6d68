//! Thanks owed and sent for gifts and shifts, and whether the giver was shown what their gift changed.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{EventId, Key};

use throughline_projection::Day;

use crate::{
    clock::{Clock, ClockState, Owed, What},
    histogram::Histogram,
    view::{Dated, Gift, GiftKind, View},
};

/// Working days within which a gift is to be thanked for: the house's own target.
pub const GIFT_THANKS_WORKING_DAYS: u16 = 2;
/// Working days within which a shift is to be thanked for: the house's own target.
pub const SHIFT_THANKS_WORKING_DAYS: u16 = 5;

/// The client's gifts and shifts, and the thanks for them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ThanksGiven {
    /// How many gifts were received.
    pub gifts: u64,
    /// How many shifts were worked.
    pub shifts: u64,
    /// How many of both were thanked for.
    pub thanked: u64,
    /// How many of those within the target.
    pub thanked_in_time: u64,
    /// How many wait for thanks.
    pub still_owed: u64,
    /// How many of those wait beyond the target.
    pub overdue: u64,
    /// The day by which half of the thanks had gone out, counted from the gift or shift.
    pub median_days: Option<i32>,
    /// For how many the giver was shown what they changed.
    pub impact_shown: u64,
    /// Each gift and shift, oldest first.
    pub each: Vec<GiftThanks>,
}

/// One gift or shift.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct GiftThanks {
    /// Its name in the journey.
    pub gift: Key,
    /// A gift or a shift.
    pub kind: GiftKind,
    /// The day it was given.
    #[schema(value_type = String, format = Date)]
    pub given: Date,
    /// How the clock of its thanks stands.
    pub clock: Clock,
    /// The day the giver was first shown what it changed.
    #[schema(value_type = Option<String>, format = Date)]
    pub impact_shown: Option<Date>,
    /// The event that showed it.
    #[schema(value_type = Option<String>)]
    pub impact_event: Option<EventId>,
}

/// The thanks for a gift or shift as a thing owed.
pub(crate) fn owed(view: &View, gift: &Gift) -> Option<(Owed, GiftKind)> {
    let (at, kind) = gift.given.first()?;
    let target = match kind {
        GiftKind::Gift => GIFT_THANKS_WORKING_DAYS,
        GiftKind::Shift => SHIFT_THANKS_WORKING_DAYS,
    };
    let mut owed = Owed::new(What::SendThanks, at, Some(at.day.plus_working(target))).while_alive(view);
    owed.promised = false;
    owed.settled = first_since(at.day, &gift.thanks, &view.thanks);
    Some((owed, *kind))
}

/// The first thanks or impact for a gift of this day: one that names it, or one for all until then.
fn first_since(day: Day, naming: &[Dated], for_all: &[Dated]) -> Option<Dated> {
    let first = |dated: &[Dated]| dated.get(dated.partition_point(|at| at.day < day)).copied();
    match (first(naming), first(for_all)) {
        (Some(naming), Some(for_all)) => Some(if for_all.day < naming.day { for_all } else { naming }),
        (naming, for_all) => naming.or(for_all),
    }
}

/// When and by which event the giver was first shown what this gift or shift changed.
pub(crate) fn impact(view: &View, gift: &Gift, on: Day) -> Option<Dated> {
    let (at, _) = gift.given.first()?;
    first_since(at.day, &gift.impact, &view.impact).filter(|impact| impact.day <= on)
}

pub(crate) fn thanks(view: &View, on: Day) -> ThanksGiven {
    let mut days = Histogram::default();
    let mut thanks = ThanksGiven {
        gifts: 0,
        shifts: 0,
        thanked: 0,
        thanked_in_time: 0,
        still_owed: 0,
        overdue: 0,
        median_days: None,
        impact_shown: 0,
        each: Vec::new(),
    };
    for (key, gift) in &view.gifts {
        let Some((owed, kind)) = owed(view, gift).filter(|(owed, _)| owed.from <= on) else { continue };
        let impact = impact(view, gift, on);
        let clock = owed.clock(on);
        thanks.gifts += u64::from(kind == GiftKind::Gift);
        thanks.shifts += u64::from(kind == GiftKind::Shift);
        thanks.thanked += u64::from(clock.done.is_some());
        thanks.thanked_in_time += u64::from(clock.state == ClockState::Met);
        thanks.still_owed += u64::from(owed.is_open(on));
        thanks.overdue += u64::from(clock.days_overdue.is_some());
        thanks.impact_shown += u64::from(impact.is_some());
        clock.days_taken.into_iter().for_each(|taken| days.add(taken));
        thanks.each.push(GiftThanks {
            gift: key.clone(),
            kind,
            given: owed.from.date(),
            clock,
            impact_shown: impact.map(|impact| impact.day.date()),
            impact_event: impact.map(|impact| impact.event),
        });
    }
    thanks.median_days = days.median();
    thanks.each.sort_by(|a, b| (a.given, &a.gift).cmp(&(b.given, &b.gift)));
    thanks
}
