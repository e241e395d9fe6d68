//! `import`: brings history in from another system, every row accounted for.

mod csv;
mod events;
mod hmis;

use std::{
    fmt::Write,
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use throughline_access::{Bringing, Caller};
use throughline_domain::{Code, Stretch};
use throughline_exchange::import::{BATCH_EVENTS, Completeness, FileState, Options, RejectedCsv, Report};
use throughline_log::EventLog;

use super::{Context, Outcome, serve};
use crate::{
    args::{ImportFrom, ImportHow},
    clock::{self, Stopwatch},
    data::Data,
    operator,
    output::{self, table},
};

/// What a process that ends because it was interrupted says.
const STOPPED_AT_ONCE: i32 = 130;
/// Findings a person is shown; `--json` has all.
const FINDINGS_SHOWN: usize = 20;
/// Stretches of events that a message names; the rest is counted.
const STRETCHES_SHOWN: usize = 5;

pub fn run(context: &Context, from: &ImportFrom) -> Result<Outcome> {
    match from {
        ImportFrom::Hmis(args) => hmis::run(context, args),
        ImportFrom::Csv(args) => csv::run(context, args),
        ImportFrom::Events(args) => events::run(context, args),
        ImportFrom::Explain { journey } => super::explain::run(context, journey),
    }
}

/// Opens the log, imports with `import`, brings the views up to date, and tells what came of it.
fn bring(
    context: &Context,
    how: &ImportHow,
    completeness: Completeness,
    import: impl FnOnce(&dyn EventLog, Options<'_>) -> Result<Report>,
) -> Result<Outcome> {
    // A rehearsal where there is no log yet must not leave one behind.
    let rehearsal = (how.dry_run && !context.data.exists()).then(tempfile::tempdir).transpose()?;
    let data = rehearsal.as_ref().map_or_else(|| context.data.clone(), |dir| Data::new(dir.path()));
    let opened = data.open(context.clock.clone())?;
    let bringing = (!how.dry_run).then(|| begun(context)).transpose()?;
    let mut rejected = how.rejected.as_deref().map(rejected_file).transpose()?;
    let cancel = interrupted()?;
    let bar = progress();
    let watch = Stopwatch::start();
    let imported = import(
        &*opened.log,
        Options {
            dry_run: how.dry_run,
            completeness,
            batch_events: BATCH_EVENTS,
            today: clock::today(&context.clock),
            cancel: &cancel,
            brought: &|positions, new| {
                let noted = bringing.as_ref().map_or(Ok(()), |bringing| bringing.add(positions, new));
                if let Err(error) = noted {
                    // Nothing more comes in of which it cannot be said who brought it. The end tries once more.
                    output::say(format!("the access log cannot be written: {error}"));
                    cancel.store(true, Ordering::SeqCst);
                }
            },
            progress: &mut |progress| {
                let begins = bar.position() == 0;
                bar.set_length(progress.rows_total);
                bar.set_position(progress.rows);
                if begins {
                    // What went before was a look ahead: it says nothing of how fast rows come in.
                    bar.reset_eta();
                }
            },
            rejected: &mut |row| rejected.as_mut().map_or(Ok(()), |file| file.write(row)),
        },
    );
    // However it ended: what was written stays.
    let said = bringing.as_ref().map_or(Ok(()), end);
    let report = first_failure(imported, said)?;
    let report = Report { seconds: watch.seconds(), ..report };
    bar.finish_and_clear();
    if let Some(rejected) = rejected {
        rejected.finish()?;
    }
    if !how.dry_run {
        output::say("bringing the views up to date");
        opened.runtime.catch_up()?;
    }
    opened.runtime.stop();
    context.output.result(&report, || text(&report))?;
    if report.interrupted {
        output::say("stopped before the end; the same command goes on from there, and writes nothing twice");
        return Ok(Outcome::No);
    }
    Ok(if how.strict && report.rejected > 0 { Outcome::No } else { Outcome::Done })
}

/// Why the import failed comes first: until that is mended, there is nothing to send again, and what it wrote is said then.
fn first_failure<T>(imported: Result<T>, said: Result<()>) -> Result<T> {
    let imported = imported?;
    said.map(|()| imported)
}

/// Writes down that an import begins. Where that cannot be, it does not.
fn begun(context: &Context) -> Result<Bringing> {
    let access = context.data.open_access(context.clock.clone())?;
    let caller = Arc::new(Caller::operator(operator::name()));
    Bringing::begun(access, caller, Code::new("import")?).context(operator::UNDONE)
}

/// Writes down where the last events stand.
fn end(bringing: &Bringing) -> Result<()> {
    bringing.end().with_context(|| {
        format!(
            "the events {} are recorded, and the access log could not be written to say who brought them in; once it can \
             be, run the same import again: nothing is written twice, and it is said then",
            places(&bringing.unsaid())
        )
    })
}

fn places(stretches: &[Stretch]) -> String {
    let shown = stretches.iter().take(STRETCHES_SHOWN).map(output::place);
    let mut places = shown.collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = stretches.len().checked_sub(STRETCHES_SHOWN) {
        let _ = write!(places, " and in {more} more places");
    }
    places
}

/// Rows read and rows there are, how many a second, and the time left.
fn progress() -> ProgressBar {
    let bar = output::progress("rows", 0);
    let rate = |state: &ProgressState, text: &mut dyn Write| {
        // A bar that cannot be written is no reason to stop.
        let _ = write!(text, "{:.0}/s", state.per_sec());
    };
    if let Ok(style) =
        ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} {rate} {eta} left")
    {
        bar.set_style(style.with_key("rate", rate));
    }
    bar
}

fn rejected_file(path: &Path) -> Result<RejectedCsv<io::BufWriter<File>>> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(RejectedCsv::new(io::BufWriter::new(file)))
}

/// A flag that being asked to stop sets, from now on: what was read is written, and nothing after it is begun. Asked once
/// more, the process ends at once, as a kill ends it: what was written stays, and the same import goes on from there.
fn interrupted() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = {
        let _within = runtime.enter();
        serve::interrupted()?
    };
    std::thread::Builder::new().name("interrupt".into()).spawn(move || {
        runtime.block_on(async {
            asked.await;
            let again = serve::interrupted();
            set.store(true, Ordering::SeqCst);
            output::say("stopping: what was read is written first; once more stops at once");
            if let Ok(again) = again {
                again.await;
                std::process::exit(STOPPED_AT_ONCE);
            }
        });
    })?;
    Ok(flag)
}

fn text(report: &Report) -> String {
    let verb = if report.dry_run { "would give" } else { "gave" };
    let mut text = format!(
        "{} ({}): {} rows {verb} {} events; {} were there already\n\
         {} rows with a warning, {} rejected, {} corrections, {} retractions, {:.1} s\n\n",
        report.source,
        report.format,
        report.rows,
        report.events,
        report.repeated,
        report.warnings,
        report.rejected,
        report.corrections,
        report.retractions,
        report.seconds,
    );
    let files = report.files.iter().map(|file| {
        let state = match file.state {
            FileState::Read => String::new(),
            FileState::Missing => " (not there)".into(),
            FileState::Unknown => " (not of this format)".into(),
            FileState::Unreadable => " (unreadable)".into(),
        };
        [
            format!("{}{state}", file.file),
            file.rows.to_string(),
            file.clean.to_string(),
            file.warnings.to_string(),
            file.rejected.to_string(),
            file.events.to_string(),
        ]
    });
    text.push_str(&table(["file", "rows", "clean", "warnings", "rejected", "events"], files));
    let findings = report.findings.iter().take(FINDINGS_SHOWN).map(|finding| {
        [
            finding.rows.to_string(),
            finding.file.clone(),
            finding.column.clone(),
            finding.code.code().into(),
            finding.hint.into(),
        ]
    });
    if !report.findings.is_empty() {
        text.push('\n');
        text.push_str(&table(["rows", "file", "column", "found", "what to do"], findings));
    }
    text
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn why_an_import_failed_is_told_before_that_nobody_could_be_named_for_it() {
        let told =
            |imported: Result<u8>, said| first_failure(imported, said).map_err(|error| error.to_string());
        let (import, access) =
            (|| Err(anyhow!("the file broke off")), || Err(anyhow!("the access log is full")));
        assert_eq!(told(import(), access()), Err("the file broke off".to_owned()));
        assert_eq!(told(import(), Ok(())), Err("the file broke off".to_owned()));
        assert_eq!(told(Ok(7), access()), Err("the access log is full".to_owned()));
        assert_eq!(told(Ok(7), Ok(())), Ok(7));
    }
}
