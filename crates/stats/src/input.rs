//! What is asked of every input before anything is computed from it.

use crate::Error;

/// Every value is finite.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), Error> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(Error::NotFinite { what, index, value: values[index] }),
        None => Ok(()),
    }
}

/// There are at least so many.
pub(crate) fn at_least(what: &'static str, needed: usize, got: usize) -> Result<(), Error> {
    if got < needed { Err(Error::TooFew { what, needed, got }) } else { Ok(()) }
}

/// As many as there are rows.
pub(crate) fn as_many(what: &'static str, expected: usize, got: usize) -> Result<(), Error> {
    if got == expected { Ok(()) } else { Err(Error::Lengths { what, expected, got }) }
}

/// Strictly between 0 and 1.
pub(crate) fn open_share(what: &'static str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(Error::OutOfRange { what, value, range: "more than 0 and less than 1" })
    }
}

/// A computed value that must have stayed finite.
pub(crate) fn held(what: &'static str, value: f64) -> Result<f64, Error> {
    if value.is_finite() { Ok(value) } else { Err(Error::Overflow { what }) }
}
