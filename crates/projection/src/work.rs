//! Work lists: what staff should look at today, each line with the events behind it.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Actor, Code, EventId, Key};

/// A work list a projector fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkList {
    /// Its name in paths: `going-quiet`.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub about: &'static str,
}

/// One line of a work list about one client.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WorkItem {
    /// What it is: `silence`, `answer-request`, `follow-up`.
    pub what: String,
    /// How it stands: `watch`, `quiet`, `lost`, `overdue`, `due`, `upcoming`; of data quality `high`,
    /// `error`, `warning`.
    pub level: &'static str,
    /// The day it is or was due.
    #[schema(value_type = Option<String>, format = Date)]
    pub due: Option<Date>,
    /// Since when it has stood so: the last contact, the day asked.
    #[schema(value_type = Option<String>, format = Date)]
    pub since: Option<Date>,
    /// Days overdue, or days of silence; negative where not yet due. Lists run from the greatest down.
    pub days: i32,
    /// What it turns on, in plain words and figures: `P(silence) 0.03; last two-way contact 41 days ago`.
    pub because: String,
    /// The events behind it.
    #[schema(value_type = Vec<String>)]
    pub evidence: Vec<EventId>,
    /// Who entered what is at issue, and in which enrolment; unset in lists that are about the client and not about
    /// the record.
    pub entered: Option<Entered>,
}

/// Who entered what a line is about, and where. Such a line is filtered by these, not by where the client stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Entered {
    /// Who: the one it was recorded for, else the one who recorded it.
    pub by: Actor,
    /// The enrolment it belongs to.
    pub enrolment: Option<Key>,
    /// The ids of the published data-quality checks that say the same.
    pub published: Vec<u16>,
    /// Its programme; shown as the line's.
    #[serde(skip)]
    #[schema(ignore)]
    pub programme: Option<Code>,
    /// Its site; shown as the line's.
    #[serde(skip)]
    #[schema(ignore)]
    pub site: Option<Code>,
    /// The enrolment's worker, else the worker who entered it; shown as the line's.
    #[serde(skip)]
    #[schema(ignore)]
    pub worker: Option<Code>,
}
