//! What every import has in common, whatever it reads: rows accounted for one by one, ids derived from the source's
//! keys, batches written so that a second run adds nothing, progress, and a stop that is always safe.

mod appends;
mod columns;
mod dates;
mod digest;
mod finding;
mod finished;
mod ids;
mod job;
mod life;
mod missing;
mod past;
mod rejected;
mod report;
mod row;
mod scope;
mod seen;
mod settle;
mod table;
mod writer;

use std::{io, path::PathBuf};

pub use appends::Brought;
pub(crate) use appends::{Appends, beside};
pub(crate) use columns::{Col, Columns};
pub(crate) use dates::published as published_date;
pub use dates::{Century, Expected, Order, Told, read as read_date};
pub use finding::{Finding, Problem};
pub use finished::{Kept, content_of, keep, report_id, stream as reports_stream};
pub use ids::Ids;
pub use job::{BATCH_EVENTS, Options, Progress};
pub(crate) use job::{IsClean, Job, Outcome, RowId};
pub use rejected::{Rejected, RejectedCsv};
pub use report::{Effect, Example, FileCount, FileState, FindingCount, Report, UnreadColumn};
pub(crate) use row::Row;
pub use scope::Completeness;
pub(crate) use scope::Scope;
pub(crate) use seen::RowState;
pub use table::ROW_BYTES_MAX;
pub(crate) use table::{Next, Table};

/// Why an import could not go on. A bad row never is a reason.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory or a file in it cannot be read.
    #[error("{path}: {source}; check that it is there and may be read")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing in the directory looks like the source.
    #[error("{directory} holds none of the files of {what}; name the directory that {where_it_is} is in")]
    NothingToImport {
        /// Where was looked.
        directory: PathBuf,
        /// What was looked for: `an HMIS CSV export`.
        what: &'static str,
        /// The file by which the directory is known: `Export.csv`.
        where_it_is: &'static str,
    },
    /// The rejected rows cannot be written.
    #[error("the rejected rows cannot be written: {0}; choose another place for them")]
    Rejected(io::Error),
    /// The log refused or could not.
    #[error(transparent)]
    Log(#[from] throughline_log::Error),
}
