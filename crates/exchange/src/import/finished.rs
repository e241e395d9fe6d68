//! The report of an import as an event: counts as coded facts, files and findings as the personal part. Its examples name
//! the file, the column and the row, and never what stood there: a cell is of one client, and this stream outlives them.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use throughline_domain::{
    Actor, Code, Draft, Event, EventId, Eyes, ImportAccount, ImportExample, ImportFinding, ImportFinished,
    ImportedFile, JourneyId, Occurred, Programme, Recorded, Text, UnreadCells,
};
use throughline_log::{Error as LogError, EventLog};
use uuid::Uuid;

use super::{Error, Ids, Report, digest::Digest};

/// The largest personal part, as JSON. What is stored is smaller, so that it stays below what one event may have.
const ACCOUNT_BYTES_MAX: usize = 56 * 1024;

/// The stream on which the reports of all imports of a log stand, in the order they ended.
pub fn stream(namespace: Uuid) -> JourneyId {
    Ids::new(namespace, code("throughline")).thing("import", "reports")
}

/// An import that came to its end.
pub(super) struct Finished<'a> {
    pub system: &'a Code,
    pub made: Option<Timestamp>,
    pub content: Code,
    pub on: Date,
}

/// A report that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// The event that keeps it.
    pub id: EventId,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What it says.
    pub told: ImportFinished,
}

impl Kept {
    /// The report that this event keeps, if it keeps one.
    pub fn of(recorded: Recorded) -> Option<Self> {
        match recorded.draft.event {
            Event::Programme(Programme::ImportFinished(told)) => {
                Some(Self { id: recorded.draft.event_id, recorded_at: recorded.recorded_at, told })
            }
            _ => None,
        }
    }
}

/// A digest of what an import read as a whole, keyed with the log's secret.
pub fn content_of(namespace: Uuid, bytes: &[u8]) -> Code {
    let mut digest = Digest::new(namespace);
    digest.portion().extend_from_slice(bytes);
    digest.taken();
    digest.code()
}

/// The id under which the report of an import of this content is kept the first time.
pub fn report_id(namespace: Uuid, source: &Code, content: &Code) -> EventId {
    Ids::new(namespace, source.clone()).event("import", content.as_str(), "finished")
}

/// Keeps a report. The first time that this source comes to its end it is written, under an id that follows from what
/// was read; after that only where the import wrote something. None where nothing was written.
pub fn keep(log: &dyn EventLog, told: ImportFinished, on: Date) -> Result<Option<EventId>, LogError> {
    let stream = stream(log.namespace());
    let mut event_id = report_id(log.namespace(), &told.source, &told.content);
    if log.find(event_id)?.is_some() {
        if told.events == 0 {
            return Ok(None);
        }
        let before = log.version(stream)?;
        event_id =
            Ids::new(log.namespace(), told.source.clone()).following(event_id, &format!("again/{before}"));
    }
    let draft = Draft {
        event_id,
        journey: stream,
        actor: Actor::new("system:import").expect("an actor"),
        on_behalf_of: None,
        eyes: Eyes::System,
        occurred: Occurred::On(on),
        cause: None,
        source: None,
        event: ImportFinished { personal: bounded(told.personal, ACCOUNT_BYTES_MAX), ..told }.into(),
    };
    match log.append(vec![draft], &[]) {
        Ok(_) => Ok(Some(event_id)),
        // Somebody had the reports erased; what was imported stays.
        Err(LogError::Erased(_) | LogError::Deidentified(_) | LogError::EventIdTaken { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Finished<'_> {
    /// Keeps the report.
    pub fn record(&self, log: &dyn EventLog, report: &Report) -> Result<Option<EventId>, Error> {
        Ok(keep(log, self.told(report), self.on)?)
    }

    fn told(&self, report: &Report) -> ImportFinished {
        ImportFinished {
            source: self.system.clone(),
            format: as_code(&report.format),
            made: self.made,
            full: report.full,
            content: self.content.clone(),
            rows: report.rows,
            events: report.events,
            repeated: report.repeated,
            warnings: report.warnings,
            rejected: report.rejected,
            corrections: report.corrections,
            retractions: report.retractions,
            restored: report.restored,
            personal: account(report),
        }
    }
}

fn account(report: &Report) -> ImportAccount {
    let files = report.files.iter().map(|file| ImportedFile {
        file: text(&file.file),
        state: code(file.state.code()),
        rows: file.rows,
        clean: file.clean,
        merged: file.merged,
        warnings: file.warnings,
        rejected: file.rejected,
        events: file.events,
        unread: file
            .unread
            .iter()
            .map(|unread| UnreadCells { column: text(&unread.column), cells: unread.cells })
            .collect(),
        columns_missing: file.columns_missing.iter().map(|column| text(column)).collect(),
    });
    let findings = report.findings.iter().map(|finding| ImportFinding {
        file: text(&finding.file),
        column: (!finding.column.is_empty()).then(|| text(&finding.column)),
        code: code(finding.code.code()),
        effect: code(finding.effect.code()),
        rows: finding.rows,
        examples: finding
            .examples
            .iter()
            .map(|example| ImportExample { row: example.row, value: None })
            .collect(),
    });
    ImportAccount {
        files: files.collect(),
        findings: findings.collect(),
        findings_left_out: None,
        examples_left_out: None,
    }
}

/// The account within a bound: examples are left out first, then the smallest findings, then lists of columns.
fn bounded(mut account: ImportAccount, bytes_max: usize) -> ImportAccount {
    if bytes(&account) <= bytes_max {
        return account;
    }
    let examples: usize = account.findings.iter().map(|finding| finding.examples.len()).sum();
    account.findings.iter_mut().for_each(|finding| finding.examples.clear());
    account.examples_left_out = u32::try_from(examples).ok().filter(|left| *left > 0);
    account.findings.sort_by_key(|finding| std::cmp::Reverse(finding.rows));
    let mut room_missing = bytes(&account).saturating_sub(bytes_max);
    let mut left_out = 0;
    // Room for the count of what was left out.
    while room_missing > 0
        && let Some(smallest) = account.findings.pop()
    {
        left_out += 1;
        account.findings_left_out = Some(left_out);
        room_missing = room_missing.saturating_sub(bytes(&smallest));
    }
    if bytes(&account) > bytes_max {
        for file in &mut account.files {
            file.unread.clear();
            file.columns_missing.clear();
        }
    }
    account
}

fn bytes(part: &impl Serialize) -> usize {
    serde_json::to_vec(part).map_or(0, |bytes| bytes.len())
}

/// A text cut to 200 characters.
fn text(text: &str) -> Text {
    let cut: String = text.chars().filter(|letter| !letter.is_control()).take(200).collect();
    Text::new(cut).unwrap_or_else(|_| Text::new("-").expect("a hyphen is a text"))
}

fn code(text: &str) -> Code {
    Code::new(text).expect("written as a code above")
}

/// A format's name as a code: `2026 v1` as `2026-v1`. None where nothing is left of it.
fn as_code(text: &str) -> Option<Code> {
    let letters = text.to_ascii_lowercase().chars().take(64).collect::<String>();
    let parts: Vec<&str> =
        letters.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.').collect();
    let joined = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    Code::new(joined).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rows: u64) -> ImportFinding {
        ImportFinding {
            file: text("Exit.csv"),
            column: Some(text(&format!("Column{rows}"))),
            code: code("date-form"),
            effect: code("warned"),
            rows,
            examples: vec![ImportExample { row: 7, value: Some(text("03-11-21")) }; 3],
        }
    }

    #[test]
    fn an_account_past_its_room_leaves_out_examples_then_the_smallest_findings_and_says_so() {
        let whole = ImportAccount { findings: (1..=100).map(finding).collect(), ..ImportAccount::default() };
        assert_eq!(bounded(whole.clone(), 1_000_000), whole);

        let without_examples = bounded(whole.clone(), bytes(&whole) - 1);
        assert_eq!(
            (without_examples.examples_left_out, without_examples.findings_left_out),
            (Some(300), None)
        );
        assert_eq!(without_examples.findings.len(), 100);

        let small = bounded(whole, 4_000);
        let left_out = small.findings_left_out.expect("some findings") as usize;
        assert!(bytes(&small) <= 4_000 + 32 && small.findings.len() + left_out == 100);
        assert!(small.findings.len() > 20, "{} of 100 findings are kept", small.findings.len());
        let least = small.findings.iter().map(|finding| finding.rows).min();
        assert_eq!(least, Some(left_out as u64 + 1), "the greatest stay");
    }

    #[test]
    fn a_format_is_kept_as_a_code() {
        let code = |text: &str| as_code(text).map(|code| code.to_string());
        assert_eq!(code("2026 v1.0").as_deref(), Some("2026-v1.0"));
        assert_eq!(
            code("FY2020 or FY2022, by its headers").as_deref(),
            Some("fy2020-or-fy2022-by-its-headers")
        );
        assert_eq!(code(" "), None);
    }
}
