//! `backtest`: a change tried on history.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use throughline_access::Deed;
use throughline_backtest::{Answer, Bench, Finished, Program, Progress, page::Table, register, render};
use throughline_domain::Code;
use throughline_log::{Log, hexadecimal};

use super::{Context, Outcome};
use crate::{args::Backtest, operator, output};

/// Rows of a table that are printed; the whole of it is in the files.
const ROWS_MAX: usize = 30;

pub fn run(context: &Context, args: &Backtest) -> Result<Outcome> {
    let text = read(&args.spec)?;
    // A wrong spec is told before anything is opened or written.
    throughline_backtest::Spec::parse(&text).with_context(|| args.spec.display().to_string())?;
    if let Some(out) = &args.out {
        may_hold(out, &register::hash_of(&text))?;
    }
    context.data.require()?;
    let log = context.data.open_log(context.clock.clone())?;
    if args.register_only {
        return registered(context, &log, &text);
    }
    let access = context.data.open_access(context.clock.clone())?;
    operator::did(&access, Deed::Listed { what: Code::new("backtest")?, clients: None })?;
    let finished = tried(context, &log, &text)?;
    if let Some(noted) = &finished.differs_from {
        output::say(format!(
            "the first run of this spec gave another report ({noted}): something was erased since, or the program is \
             another"
        ));
    }
    if let Some(out) = &args.out {
        write(out, &finished)?;
        output::say(format!("report.json, report.html and tables are in {}", out.display()));
    }
    let json: Json = serde_json::from_slice(&finished.json)?;
    context.output.result(&json, || told(&finished))?;
    Ok(match finished.report.answer {
        Answer::Given => Outcome::Done,
        Answer::Refused => Outcome::No,
    })
}

/// What backtests run with.
pub fn bench() -> Bench {
    Bench { program: program(), features: crate::features() }
}

/// This program, by its version and the hash of its file.
fn program() -> Program {
    let file = std::env::current_exe().and_then(fs::File::open);
    let hash = file.and_then(|mut file| {
        let mut hash = Sha256::new();
        let mut piece = vec![0; 1024 * 1024];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(hash.finalize()),
                bytes => hash.update(&piece[..bytes]),
            }
        }
    });
    let sha256 = hash.ok().map(|hash| hexadecimal(&hash));
    Program { version: env!("CARGO_PKG_VERSION").to_owned(), sha256 }
}

fn read(spec: &Path) -> Result<String> {
    let text =
        if spec == Path::new("-") { io::read_to_string(io::stdin()) } else { fs::read_to_string(spec) };
    text.with_context(|| format!("{} cannot be read", spec.display()))
}

fn registered(context: &Context, log: &Log, text: &str) -> Result<Outcome> {
    let registered = register::register(log, text, (context.clock)())?;
    let (spec, position) = (register::hash_of(text), registered.position);
    let json = json!({
        "id": registered.draft.event_id, "spec": spec, "position": position, "registered_at": registered.recorded_at,
    });
    context.output.result(&json, || {
        format!("registered at {} as {spec}, position {position}", registered.recorded_at)
    })?;
    Ok(Outcome::Done)
}

fn tried(context: &Context, log: &Log, text: &str) -> Result<Finished> {
    let bar = output::progress("reading the log", 0);
    let finished = throughline_backtest::run(log, text, &bench(), (context.clock)(), &mut |progress| {
        match progress {
            Progress::Reading { events, of } => {
                bar.set_length(of);
                bar.set_position(events);
            }
            Progress::Judging { people } => bar.set_message(format!("judging {people} people")),
        }
        true
    });
    bar.finish_and_clear();
    Ok(finished?)
}

/// Refuses a directory that holds something else than an earlier report of the same spec.
fn may_hold(out: &Path, spec: &str) -> Result<()> {
    let is_empty = fs::read_dir(out).map_or(true, |mut entries| entries.next().is_none());
    let earlier = fs::read(out.join("report.json")).ok();
    let report: Option<Json> = earlier.and_then(|json| serde_json::from_slice(&json).ok());
    let is_same = report.is_some_and(|report| report["registration"]["spec"] == spec);
    if !is_empty && !is_same {
        bail!("{} holds something else; name a directory that is empty or not there yet", out.display());
    }
    Ok(())
}

fn write(out: &Path, finished: &Finished) -> Result<()> {
    fs::create_dir_all(out.join("tables")).with_context(|| format!("{} cannot be made", out.display()))?;
    for (path, bytes) in render::files(finished) {
        let path = out.join(path);
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

/// The report for people who read it in a terminal.
fn told(finished: &Finished) -> String {
    let page = finished.report.page.page();
    let mut lines = vec![page.title.clone()];
    for section in &page.sections {
        lines.push(format!("\n{}", section.heading.to_uppercase()));
        lines.extend(section.words.iter().cloned());
        lines.extend(section.tables.iter().map(grid));
    }
    lines.join("\n")
}

fn grid(table: &Table) -> String {
    let rows = render::cells(table).into_iter().take(ROWS_MAX);
    let more = match table.rows.len().saturating_sub(ROWS_MAX) {
        0 => String::new(),
        left_out => format!("\n… and {left_out} rows more; --out DIR writes them all"),
    };
    format!("\n{}\n{}{more}", table.caption, output::grid(&table.columns, rows))
}
