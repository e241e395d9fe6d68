//! By whose consent a record leaves. It is asked where packs are made, so that whoever makes one cannot forget it.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date, tz::Offset};
use throughline_domain::{Code, Consent, Given, JourneyId, Recorded, amend, lives};

use super::{
    MANIFEST,
    checking::{Wrong, wrong},
    making::readable,
    manifest::Manifest,
    page::Shown,
};

/// The consent that each life in a pack leaves by. One that was merged into another leaves by the other's.
pub type Consents = BTreeMap<JourneyId, Given>;

/// For which purpose a record is taken out where nobody says: the scope of consent that is asked for.
pub fn usual_purpose() -> Code {
    Code::new("data-sharing").expect("a scope of the vocabulary")
}

/// Why a record cannot leave: whoever it is about has not agreed, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoConsent {
    /// Whose consent is missing.
    pub journey: JourneyId,
    /// For what.
    pub purpose: Code,
    /// The day it was asked for.
    pub on: Date,
    /// How it stands.
    pub stands: Consent,
}

impl std::error::Error for NoConsent {}

impl fmt::Display for NoConsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { journey, purpose, on, stands } = self;
        write!(f, "journey {journey} may not leave for `{purpose}` on {on}: ")?;
        match stands {
            Consent::Live(_) => f.write_str("consent holds"),
            Consent::NeverGiven => f.write_str("consent for it was never given by then"),
            Consent::Withdrawn { on, .. } => write!(f, "consent for it was taken back on {on}"),
            Consent::Ended(given) => {
                let until = given.until.unwrap_or(given.given);
                write!(f, "consent for it, given on {}, ended on {until}", given.given)
            }
        }?;
        f.write_str(
            "; record `consent-given` once the client agrees, or name the purpose that there is consent for",
        )
    }
}

/// The day on which a pack of this time is made.
pub(super) fn day_of(made_at: Timestamp) -> Date {
    Offset::UTC.to_datetime(made_at).date()
}

/// The consent of everybody about whom something can be read in `told`, by all that is `known` today. Whoever was erased
/// need not agree: nothing of them leaves.
pub(super) fn consents(
    told: &[Recorded],
    known: &[Recorded],
    purpose: &Code,
    today: Date,
) -> Result<Consents, NoConsent> {
    let consent = |journey: JourneyId| {
        let life = amend(journey, known.to_vec());
        // Where the client is, tomorrow may have begun: what is taken back counts once it is written down.
        let later = Consent::of(&life, purpose, Date::MAX);
        let stands = match Consent::of(&life, purpose, today) {
            Consent::Live(_) if matches!(later, Consent::Withdrawn { .. }) => later,
            stands => stands,
        };
        match stands {
            Consent::Live(given) => Ok((journey, given)),
            stands => Err(NoConsent { journey, purpose: purpose.clone(), on: today, stands }),
        }
    };
    lives(told, known).into_iter().map(consent).collect()
}

/// That the manifest names the consents that the events shown give; where those are not all that was known when the pack was
/// made, that it names some at least.
pub(super) fn agreed(manifest: &Manifest, shown: &[Shown], left_out: u64) -> Result<(), Wrong> {
    let told = readable(shown);
    let wrong = |what: String| Err(wrong(0, MANIFEST, what));
    if manifest.asked.as_of.is_some() || left_out > 0 {
        if manifest.consents.is_empty() && !lives(&told, &told).is_empty() {
            return wrong("something can be read here, and nobody's consent is named".to_owned());
        }
        return Ok(());
    }
    match consents(&told, &told, &manifest.asked.purpose, day_of(manifest.made_at)) {
        Err(missing) => wrong(missing.to_string()),
        Ok(given) if given != manifest.consents => {
            wrong("the consents that it names are not those that the events give".to_owned())
        }
        Ok(_) => Ok(()),
    }
}
