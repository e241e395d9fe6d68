//! Work lists: what staff should look at today, each line with the events behind it.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::EventId;

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
    /// How it stands: `watch`, `quiet`, `lost`, `overdue`, `due`, `upcoming`.
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
}
