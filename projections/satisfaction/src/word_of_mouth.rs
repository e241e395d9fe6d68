//! Word of mouth: how many people likely heard of us from this client.

use serde::Serialize;
use throughline_domain::{EventId, Eyes};

use crate::{heard::Verdict, ratings::Polled};

/// How many people a satisfied client tells: at least, and at most.
pub const SATISFIED_TELLS: (u64, u64) = (10, 16);
/// How many people a dissatisfied client tells.
pub const DISSATISFIED_TELLS: u64 = 28;

/// How many people this client likely told.
///
/// It turns on the ratings of the last day on which the client rated anything, through their own eyes: dissatisfied if
/// any of them says so, else satisfied if any says so, else neither. How many someone in between tells is not known;
/// none are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WordOfMouth {
    /// How the client stands; unset where they never rated anything.
    pub verdict: Option<Verdict>,
    /// People told something good, at least.
    pub told_well_low: u64,
    /// People told something good, at most.
    pub told_well_high: u64,
    /// People told something bad.
    pub told_badly: u64,
    /// The ratings behind it.
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<EventId>,
}

pub(crate) fn word_of_mouth(polled: &Polled) -> WordOfMouth {
    let own = || polled.counted().filter(|heard| heard.rating.at.eyes == Eyes::Client);
    let last = own().last().map(|heard| heard.rating.at.day);
    let latest = || own().filter(|heard| Some(heard.rating.at.day) == last);
    let says = |verdict| latest().any(|heard| heard.verdict == verdict);
    let verdict = last.map(|_| {
        [Verdict::Dissatisfied, Verdict::Satisfied]
            .into_iter()
            .find(|verdict| says(*verdict))
            .unwrap_or(Verdict::Neutral)
    });
    let well = u64::from(verdict == Some(Verdict::Satisfied));
    WordOfMouth {
        verdict,
        told_well_low: well * SATISFIED_TELLS.0,
        told_well_high: well * SATISFIED_TELLS.1,
        told_badly: u64::from(verdict == Some(Verdict::Dissatisfied)) * DISSATISFIED_TELLS,
        evidence: latest().map(|heard| heard.rating.at.event).collect(),
    }
}
