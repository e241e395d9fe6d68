//! Why a view cannot be had.

use throughline_domain::{JourneyId, Rejection};

/// Why the runtime refused or could not.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No journey has this id.
    #[error("journey {0} is unknown; check the id, or open it with a `journey-opened` event")]
    UnknownJourney(JourneyId),
    /// No projector has this name.
    #[error("no view is called `{0}`; GET /openapi.json lists them")]
    UnknownProjector(String),
    /// No work list has this name.
    #[error("no work list is called `{0}`; GET /v1/worklists lists them")]
    UnknownWorkList(String),
    /// A filter or grouping that is none.
    #[error("`{0}` is no grouping; use programme, site, worker, language, role or attribute:<name>")]
    UnknownGrouping(String),
    /// The facts of one append are about more than one journey.
    #[error("event {index} is about another journey than the first; send one journey's events at a time")]
    MixedJourneys {
        /// The first event that differs, counted from 0.
        index: usize,
    },
    /// A rule of the domain refuses a fact.
    #[error("event {index}: {}", rejection.message)]
    Rejected {
        /// Which event of the append, counted from 0.
        index: usize,
        /// The rule and what would satisfy it.
        rejection: Rejection,
    },
    /// Only an erasure says that keys were destroyed.
    #[error(
        "event {index}: that keys were destroyed is recorded by erasing the journey, and in no other way"
    )]
    OnlyByErasing {
        /// The first such event, counted from 0.
        index: usize,
    },
    /// The runtime was stopped in the middle of long work.
    #[error("stopped before the views were rebuilt; they are rebuilt on the next start")]
    Stopped,
    /// The log refused or could not.
    #[error(transparent)]
    Log(#[from] throughline_log::Error),
    /// The views cannot be read or written; they hold nothing that the log does not.
    #[error(
        "the views cannot be used: {0}; stop the service, delete the directory `views` and run `throughline rebuild`"
    )]
    Store(String),
}

impl From<sled::Error> for Error {
    fn from(error: sled::Error) -> Self {
        Self::Store(error.to_string())
    }
}
