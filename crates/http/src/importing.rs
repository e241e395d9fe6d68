//! Imports under way and lately done: one at a time, with how far it is, and a way to stop it. What came to its end with
//! something written is kept by the log itself; what is kept here is gone after a restart.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline_access::Bringing;
use throughline_domain::{
    Actor, Code, EventId, ImportAccount, ImportExample, ImportFinding, ImportFinished, ImportedFile, Text,
};
use throughline_exchange::import;
use utoipa::ToSchema;

use crate::{
    State,
    jobs::{self, Jobs, Turn, held},
    lines::{self, Lines, Refused},
    problem::Problem,
    refuse::unsigned,
};

/// Refused lines remembered of each; the rest is counted.
pub(crate) const REFUSED_MAX: usize = 1000;
/// Journeys settled at once.
const WORKERS: usize = 8;
/// Examples kept of each finding.
const EXAMPLES_MAX: usize = 3;

/// Whether an import only says what would come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImportMode {
    /// Say what would come in and write nothing.
    Validate,
    /// Write what can be written.
    Commit,
}

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ImportState {
    /// It is under way.
    Running,
    /// It came to its end.
    Done,
    /// It was stopped. What was written stays; sent again, it goes on.
    Cancelled,
    /// It could not go on. What was written stays; sent again, it goes on.
    Failed,
}

/// One import.
pub(crate) struct Job {
    pub id: EventId,
    pub mode: ImportMode,
    /// Who began it.
    pub by: Actor,
    pub begun: Timestamp,
    cancel: AtomicBool,
    progress: Mutex<Progress>,
}

/// How far an import is, and what it found.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    pub state: ImportState,
    pub ended: Option<Timestamp>,
    pub rows: u64,
    pub rows_total: u64,
    pub failed: Option<String>,
    pub kept_as: Option<EventId>,
    pub told: ImportFinished,
    pub refused: Vec<Refused>,
    pub refused_left_out: u64,
}

/// The imports this service knows of.
pub(crate) type Imports = Jobs<Job>;

impl jobs::Job for Job {
    fn id(&self) -> EventId {
        self.id
    }

    fn is_running(&self) -> bool {
        self.progress().state == ImportState::Running
    }

    fn broke_off(&self) {
        let mut progress = self.progress();
        progress.state = ImportState::Failed;
        progress.failed = Some("the service failed; its own log says why".to_owned());
    }
}

impl Job {
    /// An import that begins.
    pub fn new(id: EventId, mode: ImportMode, by: Actor, told: ImportFinished, begun: Timestamp) -> Self {
        let progress = Progress {
            state: ImportState::Running,
            ended: None,
            rows: 0,
            rows_total: told.rows,
            failed: None,
            kept_as: None,
            told: ImportFinished { rows: 0, ..told },
            refused: Vec::new(),
            refused_left_out: 0,
        };
        Self { id, mode, by, begun, cancel: AtomicBool::new(false), progress: Mutex::new(progress) }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        held(&self.progress)
    }

    /// How far it is.
    pub fn so_far(&self) -> Progress {
        self.progress().clone()
    }

    /// Stops it before the next journey.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

/// Runs an import to its end; it writes where it is said who brings the events in. The turn is given back when it is done.
pub(crate) fn run(state: &State, turn: Turn<Job>, job: &Job, lines: Lines, bringing: Option<Bringing>) {
    let ended = settle_all(state, job, lines, bringing.as_ref());
    // However it ended: what was written stays.
    let noted = bringing.map_or(Ok(()), |bringing| bringing.end()).map_err(|error| unsigned(&error));
    let ended = ended.and_then(|is_whole| noted.map(|()| is_whole));
    let now = state.now();
    let mut progress = job.progress();
    progress.ended = Some(now);
    progress.state = match ended {
        Ok(is_whole) if is_whole => ImportState::Done,
        Ok(_) => ImportState::Cancelled,
        Err(error) => {
            progress.failed = Some(error.detail().to_owned());
            ImportState::Failed
        }
    };
    drop(progress);
    drop(turn);
}

/// False where it was stopped.
fn settle_all(state: &State, job: &Job, lines: Lines, bringing: Option<&Bringing>) -> Result<bool, Problem> {
    let (groups, refused) = lines::by_journey(lines);
    note(job, lines::Settled { refused, ..lines::Settled::default() }, 0);
    let queue = Mutex::new(groups.into_iter());
    let (stopped, failed) = (AtomicBool::new(false), Mutex::new(None));
    let work = || {
        while !stopped.load(Ordering::Relaxed) {
            if job.cancel.load(Ordering::Relaxed) || *state.closing().borrow() {
                stopped.store(true, Ordering::Relaxed);
                return;
            }
            let next = held(&queue).next();
            let Some(group) = next else { return };
            if let Err(error) = settle_one(state, job, group, bringing) {
                stopped.store(true, Ordering::Relaxed);
                *held(&failed) = Some(error);
            }
        }
    };
    // Journeys do not wait for each other's commits: those under way together share one.
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
    if let Some(error) = held(&failed).take() {
        return Err(error);
    }
    if stopped.load(Ordering::Relaxed) {
        return Ok(false);
    }
    let told = {
        let mut progress = job.progress();
        let told = &mut progress.told;
        told.personal.findings.sort_by_key(|finding| std::cmp::Reverse(finding.rows));
        told.clone()
    };
    if job.mode == ImportMode::Commit {
        job.progress().kept_as = import::keep(&**state.runtime.log(), told, state.today())?;
    }
    Ok(true)
}

fn settle_one(
    state: &State,
    job: &Job,
    group: lines::Group,
    bringing: Option<&Bringing>,
) -> Result<(), Problem> {
    let (rows, from) = (group.1.len() as u64, state.now());
    let mut settled = lines::check(&state.runtime, group, from)?;
    let mut noted = Ok(());
    if let Some(bringing) = bringing {
        let recorded = lines::record(&state.runtime, &mut settled, from);
        noted = bringing.add(&settled.positions, settled.events).map_err(|error| unsigned(&error));
        recorded?;
        state.metrics.appended(settled.events, from, state.now());
    }
    note(job, settled, rows);
    noted
}

/// Adds to the account what became of some lines.
fn note(job: &Job, settled: lines::Settled, rows: u64) {
    let mut progress = job.progress();
    let refused = lines::rows(&settled.refused) as u64;
    let rows = if rows == 0 { refused } else { rows };
    let warnings = settled.twice.len() as u64;
    progress.rows += rows;
    let told = &mut progress.told;
    told.rows += rows;
    told.events += settled.events;
    told.repeated += settled.repeated;
    told.warnings += warnings;
    told.rejected += refused;
    if let Some(file) = told.personal.files.first_mut() {
        file.rows += rows;
        file.warnings += warnings;
        file.rejected += refused;
        file.clean += rows.saturating_sub(warnings + refused);
        file.events += settled.events;
    }
    let mut found: BTreeMap<(&str, &str, String), Vec<u64>> = BTreeMap::new();
    for line in &settled.twice {
        found.entry(("row-repeated", "warned", String::new())).or_default().push(*line);
    }
    for refused in &settled.refused {
        let place = (refused.code, "rejected", refused.pointer.clone());
        found.entry(place).or_default().push(refused.line);
    }
    for ((code, effect, pointer), lines) in found {
        find(&mut told.personal, code, effect, &pointer, &lines);
    }
    for refused in settled.refused {
        if progress.refused.len() < REFUSED_MAX {
            progress.refused.push(refused);
        } else {
            progress.refused_left_out += 1;
        }
    }
}

fn find(account: &mut ImportAccount, code: &str, effect: &str, pointer: &str, lines: &[u64]) {
    let column = (!pointer.is_empty()).then(|| short(pointer));
    let known = account.findings.iter().position(|finding| {
        finding.code.as_str() == code && finding.effect.as_str() == effect && finding.column == column
    });
    let at = known.unwrap_or_else(|| {
        let (code, effect) = (self::code(code), self::code(effect));
        let examples = Vec::new();
        account.findings.push(ImportFinding { file: short(BODY), column, code, effect, rows: 0, examples });
        account.findings.len() - 1
    });
    let finding = &mut account.findings[at];
    finding.rows += lines.len() as u64;
    let room = EXAMPLES_MAX.saturating_sub(finding.examples.len());
    finding.examples.extend(lines.iter().take(room).map(|line| ImportExample { row: *line, value: None }));
}

/// What the body of a request is called in a report.
const BODY: &str = "body";

/// The account of an import that has not begun.
pub(crate) fn unbegun(source: Code, content: Code, rows: u64) -> ImportFinished {
    let file = ImportedFile {
        file: short(BODY),
        state: code("read"),
        rows: 0,
        clean: 0,
        merged: 0,
        warnings: 0,
        rejected: 0,
        events: 0,
        unread: Vec::new(),
        columns_missing: Vec::new(),
    };
    ImportFinished {
        source,
        format: Some(code("cloudevents")),
        made: None,
        full: false,
        content,
        rows,
        events: 0,
        repeated: 0,
        warnings: 0,
        rejected: 0,
        corrections: 0,
        retractions: 0,
        restored: 0,
        personal: ImportAccount { files: vec![file], ..ImportAccount::default() },
    }
}

fn short(text: &str) -> Text {
    Text::new(text.chars().take(200).collect::<String>()).expect("a few letters are a text")
}

fn code(text: &str) -> Code {
    Code::new(text).expect("codes of problems and rules are codes")
}
