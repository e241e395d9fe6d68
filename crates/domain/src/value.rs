//! Numbers with their units, and coded attributes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Code;

/// A number that cannot be what it was meant for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidValue {
    /// Infinite or not a number.
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    /// A scale whose ends are the wrong way round or the same.
    #[error("a scale from {min} to {max} has no room; its `min` must be below its `max`")]
    EmptyScale {
        /// The lower end given.
        min: f64,
        /// The upper end given.
        max: f64,
    },
}

/// A finite number in the unit its instrument or indicator defines.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = f64)]
pub struct Score(f64);

impl Score {
    /// Takes any finite number.
    pub fn new(value: f64) -> Result<Self, InvalidValue> {
        if value.is_finite() { Ok(Self(value + 0.0)) } else { Err(InvalidValue::NotFinite(value)) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(f64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The ends of a scale, worst first: a reading of `min` is 0 and of `max` is 1 when scaled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Scale {
    min: f64,
    max: f64,
}

impl Scale {
    /// A scale from `min` up to `max`; both finite, `min` below `max`.
    pub fn new(min: f64, max: f64) -> Result<Self, InvalidValue> {
        if !min.is_finite() || !max.is_finite() {
            return Err(InvalidValue::NotFinite(if min.is_finite() { max } else { min }));
        }
        if min < max { Ok(Self { min, max }) } else { Err(InvalidValue::EmptyScale { min, max }) }
    }

    /// The lower end.
    pub const fn min(self) -> f64 {
        self.min
    }

    /// The upper end.
    pub const fn max(self) -> f64 {
        self.max
    }

    /// Whether the score lies on the scale.
    pub fn holds(self, score: Score) -> bool {
        (self.min..=self.max).contains(&score.get())
    }

    /// Where the score lies on the scale, 0 at `min` and 1 at `max`, clamped.
    pub fn share(self, score: Score) -> f64 {
        ((score.get() - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }
}

impl<'de> Deserialize<'de> for Scale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Ends {
            min: f64,
            max: f64,
        }
        let Ends { min, max } = Ends::deserialize(deserializer)?;
        Self::new(min, max).map_err(serde::de::Error::custom)
    }
}

/// Money: a whole number of the currency's smallest unit (cents), and its ISO 4217 code in lower case (`zar`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Cents, pence: the smallest unit.
    pub minor: i64,
    /// ISO 4217, lower case.
    pub currency: Code,
}

/// What a coded attribute or an indicator can hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number in the attribute's unit.
    Number(Score),
    /// A code of the attribute's vocabulary.
    Code(Code),
}

/// Coded attributes by name, in the order of their names: `veteran: false`, `age-band: 25-34`.
pub type Attributes = BTreeMap<Code, Value>;
