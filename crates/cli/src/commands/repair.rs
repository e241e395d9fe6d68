//! `repair`: heals the log from its other copy, and from a backup, and says what nobody has.

use anyhow::Result;
use serde::Serialize;
use throughline_log::{Gap, Problem, Repaired as Report};

use super::{Context, Outcome};
use crate::{args::Repair, clock::Stopwatch, data::Data, operator, output::table};

#[derive(Serialize)]
struct Repaired {
    ok: bool,
    #[serde(flatten)]
    report: Report,
    /// The access log, where there is one.
    access: Option<Report>,
    seconds: f64,
}

pub fn run(context: &Context, args: &Repair) -> Result<Outcome> {
    context.data.require()?;
    operator::operates(context, "repair")?;
    let watch = Stopwatch::start();
    let report =
        throughline_log::repair_with_key(context.data.root(), context.data.master(), args.from.as_deref())
            .map_err(|error| context.data.told(error))?;
    let access = access(&context.data, args)?;
    operator::settles(context);
    let ok = report.gaps.is_empty() && access.as_ref().is_none_or(|access| access.gaps.is_empty());
    let repaired = Repaired { ok, report, access, seconds: watch.seconds() };
    context.output.result(&repaired, || text(&repaired, args))?;
    Ok(if repaired.ok { Outcome::Done } else { Outcome::No })
}

/// The access log beside the record, from the one in the backup.
fn access(data: &Data, args: &Repair) -> Result<Option<Report>> {
    let access = data.access();
    if !access.exists() {
        return Ok(None);
    }
    let from = args.from.as_ref().map(|from| Data::new(from).access()).filter(|from| from.exists());
    let report = throughline_log::repair_with_key(&access, Some(&data.one_master()?), from.as_deref())
        .map_err(|error| data.told(error))?;
    Ok(Some(report))
}

fn text(repaired: &Repaired, args: &Repair) -> String {
    let record = told(&repaired.report, repaired.seconds, args);
    match &repaired.access {
        Some(access) => format!("{record}\n\nthe access log: {}", told(access, repaired.seconds, args)),
        None => record,
    }
}

fn told(report: &Report, seconds: f64, args: &Repair) -> String {
    let Report { events, mended, gaps, events_beyond } = report;
    let head = format!("{events} events, every frame compared, in {seconds:.1} s");
    let done = match mended.len() {
        0 => "nothing was amiss that could be mended".to_owned(),
        _ => format!("mended:\n{}", mends(mended)),
    };
    if gaps.is_empty() {
        return format!("{head}\n{done}\nthe log is whole");
    }
    let then = match events_beyond {
        0 => String::new(),
        events_beyond => format!(
            "; {events_beyond} events after the first of these are there still, but cannot be relied on without it"
        ),
    };
    let remedy = if args.from.is_some() {
        "the backup does not have them either, or is of another log or of too early a time: try another one"
    } else {
        "where there is a backup, `throughline repair --from BACKUP` takes from it what is lost, and \
         `throughline restore BACKUP` makes a log of all it has in a new directory"
    };
    format!(
        "{head}\n{done}\nlost to every copy:\n{}\nthe first {events} events are whole{then}\n{remedy}",
        lost(gaps)
    )
}

fn mends(mended: &[Problem]) -> String {
    let rows = mended.iter().map(|mend| [mend.position.to_string(), mend.file.clone(), mend.what.clone()]);
    table(["position", "file", "what"], rows)
}

fn lost(gaps: &[Gap]) -> String {
    let rows = gaps.iter().map(|gap| {
        let to = gap.to.map_or_else(|| "unknown".to_owned(), |to| to.to_string());
        [gap.from.to_string(), to, gap.file.clone(), gap.what.clone()]
    });
    table(["from position", "to", "file", "what"], rows)
}
