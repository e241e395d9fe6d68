//! Going quiet: how unlikely is a silence this long, by the client's own rhythm. One rule for every screen, list
//! and figure.

use serde::Serialize;
use throughline_projection::Settings;

/// The rhythm is that of the last so many days with two-way contact before the last one: it follows a change of
/// pace, whatever the pace is.
pub(crate) const RETURNS_MAX: usize = 12;
/// No silence shorter than this is called anything.
pub(crate) const DAYS_MIN: i32 = 7;
/// At or below these probabilities a silence is a watch, quiet, lost.
pub(crate) const WATCH: f64 = 0.2;
/// See [`WATCH`].
pub(crate) const QUIET: f64 = 0.05;
/// See [`WATCH`].
pub(crate) const LOST: f64 = 0.01;

/// Where a client stands between two contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = engagement::Standing)]
pub enum Standing {
    /// The silence is nothing unusual for this client.
    InTouch,
    /// A silence this long comes once in five.
    Watch,
    /// Once in twenty.
    Quiet,
    /// Once in a hundred.
    Lost,
    /// There was no two-way contact yet, so there is no rhythm to fall silent against.
    NoContactYet,
    /// The client died.
    Deceased,
}

impl Standing {
    /// The code on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InTouch => "in-touch",
            Self::Watch => "watch",
            Self::Quiet => "quiet",
            Self::Lost => "lost",
            Self::NoContactYet => "no-contact-yet",
            Self::Deceased => "deceased",
        }
    }

    /// Whether the client has gone quiet or is lost.
    pub(crate) fn is_silent(self) -> bool {
        matches!(self, Self::Quiet | Self::Lost)
    }
}

/// P(no contact for `silent_days`), where contacts come as a Poisson process whose rate has a gamma prior of shape
/// `r` and rate `alpha` (in days), after `x` contacts in `days`: `((alpha + T) / (alpha + T + g)) ^ (r + x)`.
///
/// It is the negative binomial (Lomax) predictive of the gamma-Poisson pair (Gelman et al., "Bayesian Data Analysis",
/// 3rd ed., 2.6; Fader, Hardie and Lee 2005 use the same pair for customers who fall silent).
pub(crate) fn silence_probability(r: f64, alpha: f64, x: u32, days: i32, silent_days: i32) -> f64 {
    let known = alpha + f64::from(days);
    (known / (known + f64::from(silent_days.max(0)))).powf(r + f64::from(x))
}

/// A client's own rhythm as it stood after a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// The last day with two-way contact.
    pub last: i32,
    /// Days with two-way contact after the first one counted: x.
    pub returns: u32,
    /// Days from the first one counted to the last: T.
    pub over_days: i32,
}

impl Rhythm {
    /// The rhythm after the last of these days, each with two-way contact, rising.
    pub(crate) fn of(days: &[i32]) -> Option<Self> {
        let counted = &days[days.len().saturating_sub(RETURNS_MAX + 1)..];
        let (first, last) = (*counted.first()?, *counted.last()?);
        let returns = u32::try_from(counted.len() - 1).expect("at most twelve");
        Some(Self { last, returns, over_days: last - first })
    }

    /// How unlikely the silence up to this day is.
    pub(crate) fn probability(self, settings: &Settings, on: i32) -> f64 {
        let (r, alpha) = (settings.silence_prior_shape, settings.silence_prior_days);
        silence_probability(r, alpha, self.returns, self.over_days, on - self.last)
    }

    pub(crate) fn standing(self, settings: &Settings, on: i32) -> Standing {
        if on - self.last < DAYS_MIN {
            return Standing::InTouch;
        }
        match self.probability(settings, on) {
            p if p <= LOST => Standing::Lost,
            p if p <= QUIET => Standing::Quiet,
            p if p <= WATCH => Standing::Watch,
            _ => Standing::InTouch,
        }
    }

    /// The first day on which the silence, if it lasts, reaches this probability; none within two hundred years.
    pub(crate) fn reaches(self, settings: &Settings, probability: f64) -> Option<i32> {
        let (r, alpha) = (settings.silence_prior_shape, settings.silence_prior_days);
        let known = alpha + f64::from(self.over_days);
        let silent = known * (probability.powf(-1.0 / (r + f64::from(self.returns))) - 1.0);
        // Where the prior is next to nothing the day can lie beyond any number.
        if silent.is_nan() || silent >= 73_000.0 {
            return None;
        }
        // The closed form can miss by the last bit; the rule itself decides on which side of it the day falls.
        #[allow(clippy::cast_possible_truncation, reason = "between 0 and 73,000")]
        let guess = self.last + (silent.ceil() as i32).max(DAYS_MIN);
        let reached = |day: &i32| self.probability(settings, *day) <= probability;
        (guess - 1..=guess + 1).filter(|day| day - self.last >= DAYS_MIN).find(reached)
    }
}
