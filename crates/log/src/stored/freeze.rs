//! Between domain types and the plain types of frozen structs. A domain field that changes its type stops compiling
//! here until somebody says how it is stored.

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use throughline_domain::{
    Actor, Attributes, Code, EventId, Formula, JourneyId, Key, Language, Occurred, Position, Scale, Score,
    Text, Value,
};

use crate::codec::Malformed;

/// A short text, as its UTF-8 with its length before it.
pub(crate) type Str = SmolStr;

/// A domain value that is stored as `F`.
pub(crate) trait Freeze<F>: Sized {
    /// What is stored.
    fn freeze(&self) -> F;
    /// What was stored; an error where it breaks the domain's rules.
    fn thaw(form: F) -> Result<Self, Malformed>;
}

/// An occurrence: variant 0 is a day, variant 1 an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OccurredV1 {
    /// Days since 1970-01-01.
    On(i32),
    /// Microseconds since 1970-01-01T00:00Z, and the offset in seconds east of UTC.
    At(i64, i32),
}

/// What an attribute or indicator holds: variant 0 a flag, 1 a number, 2 a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum ValueV1 {
    Flag(bool),
    Number(f64),
    Code(Str),
}

/// The ends of a scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScaleV1 {
    min: f64,
    max: f64,
}

/// A box is where a value lies in memory, and nothing that is stored.
impl<F, D: Freeze<F>> Freeze<F> for Box<D> {
    fn freeze(&self) -> F {
        D::freeze(self)
    }

    fn thaw(form: F) -> Result<Self, Malformed> {
        D::thaw(form).map(Self::new)
    }
}

macro_rules! as_it_is {
    ($($type:ty),*) => {$(
        impl Freeze<$type> for $type {
            fn freeze(&self) -> $type {
                *self
            }

            fn thaw(form: $type) -> Result<Self, Malformed> {
                Ok(form)
            }
        }
    )*};
}
as_it_is!(bool, u16, u32, u64, i64);

macro_rules! as_short_text {
    ($($type:ident),*) => {$(
        impl Freeze<Str> for $type {
            fn freeze(&self) -> Str {
                Str::new(self.as_str())
            }

            fn thaw(form: Str) -> Result<Self, Malformed> {
                Self::new(form).map_err(broken)
            }
        }
    )*};
}
as_short_text!(Actor, Code, Formula, Key, Language);

macro_rules! as_id {
    ($($type:ident),*) => {$(
        impl Freeze<[u8; 16]> for $type {
            fn freeze(&self) -> [u8; 16] {
                self.bytes()
            }

            fn thaw(form: [u8; 16]) -> Result<Self, Malformed> {
                Ok(Self::from_bytes(form))
            }
        }
    )*};
}
as_id!(EventId, JourneyId);

impl Freeze<u64> for Position {
    fn freeze(&self) -> u64 {
        self.0
    }

    fn thaw(form: u64) -> Result<Self, Malformed> {
        Ok(Self(form))
    }
}

impl Freeze<String> for Text {
    fn freeze(&self) -> String {
        self.as_str().to_owned()
    }

    fn thaw(form: String) -> Result<Self, Malformed> {
        Self::new(form).map_err(broken)
    }
}

impl Freeze<f64> for Score {
    fn freeze(&self) -> f64 {
        self.get()
    }

    fn thaw(form: f64) -> Result<Self, Malformed> {
        Self::new(form).map_err(broken)
    }
}

impl Freeze<ScaleV1> for Scale {
    fn freeze(&self) -> ScaleV1 {
        ScaleV1 { min: self.min(), max: self.max() }
    }

    fn thaw(form: ScaleV1) -> Result<Self, Malformed> {
        Self::new(form.min, form.max).map_err(broken)
    }
}

impl Freeze<i32> for Date {
    fn freeze(&self) -> i32 {
        let days = self.duration_since(Self::constant(1970, 1, 1)).as_hours() / 24;
        i32::try_from(days).expect("civil dates reach from year -9999 to 9999")
    }

    fn thaw(form: i32) -> Result<Self, Malformed> {
        let since_epoch = jiff::SignedDuration::from_hours(i64::from(form) * 24);
        Self::constant(1970, 1, 1).checked_add(since_epoch).map_err(broken)
    }
}

impl Freeze<i64> for Timestamp {
    fn freeze(&self) -> i64 {
        self.as_microsecond()
    }

    fn thaw(form: i64) -> Result<Self, Malformed> {
        Self::from_microsecond(form).map_err(broken)
    }
}

impl Freeze<OccurredV1> for Occurred {
    fn freeze(&self) -> OccurredV1 {
        match self {
            Self::On(day) => OccurredV1::On(day.freeze()),
            Self::At(instant, offset) => OccurredV1::At(instant.freeze(), offset.seconds()),
        }
    }

    fn thaw(form: OccurredV1) -> Result<Self, Malformed> {
        Ok(match form {
            OccurredV1::On(day) => Self::On(Freeze::thaw(day)?),
            OccurredV1::At(instant, offset) => {
                Self::At(Freeze::thaw(instant)?, Offset::from_seconds(offset).map_err(broken)?)
            }
        })
    }
}

impl Freeze<ValueV1> for Value {
    fn freeze(&self) -> ValueV1 {
        match self {
            Self::Flag(flag) => ValueV1::Flag(*flag),
            Self::Number(number) => ValueV1::Number(number.freeze()),
            Self::Code(code) => ValueV1::Code(code.freeze()),
        }
    }

    fn thaw(form: ValueV1) -> Result<Self, Malformed> {
        Ok(match form {
            ValueV1::Flag(flag) => Self::Flag(flag),
            ValueV1::Number(number) => Self::Number(Freeze::thaw(number)?),
            ValueV1::Code(code) => Self::Code(Freeze::thaw(code)?),
        })
    }
}

impl Freeze<Vec<(Str, ValueV1)>> for Attributes {
    fn freeze(&self) -> Vec<(Str, ValueV1)> {
        self.iter().map(|(name, value)| (name.freeze(), value.freeze())).collect()
    }

    fn thaw(form: Vec<(Str, ValueV1)>) -> Result<Self, Malformed> {
        form.into_iter().map(|(name, value)| Ok((Freeze::thaw(name)?, Freeze::thaw(value)?))).collect()
    }
}

impl<F, T: Freeze<F>> Freeze<Option<F>> for Option<T> {
    fn freeze(&self) -> Option<F> {
        self.as_ref().map(Freeze::freeze)
    }

    fn thaw(form: Option<F>) -> Result<Self, Malformed> {
        form.map(Freeze::thaw).transpose()
    }
}

impl<F, T: Freeze<F>> Freeze<Vec<F>> for Vec<T> {
    fn freeze(&self) -> Vec<F> {
        self.iter().map(Freeze::freeze).collect()
    }

    fn thaw(form: Vec<F>) -> Result<Self, Malformed> {
        form.into_iter().map(Freeze::thaw).collect()
    }
}

/// A value that the domain refuses, though it was stored.
pub(super) fn broken(error: impl std::fmt::Display) -> Malformed {
    Malformed(error.to_string())
}
