//! The four kinds, by name.

use crate::{Cohort, Error, History, Spec, report::Found};

/// What the kind of a spec finds in a cohort.
pub(crate) fn found(spec: &Spec, _history: &History, _cohort: &Cohort<'_>) -> Result<Found, Error> {
    Err(Error::NotBuilt(spec.kind))
}
