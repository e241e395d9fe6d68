//! `verify`: checks that nothing written was changed.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use throughline_log::{Error, MasterKey, Problem, Signed, Verified as Report};

use super::{Context, Outcome, verify_pack};
use crate::{
    args::Verify,
    clock::Stopwatch,
    data::Data,
    output::{self, table},
};

#[derive(Serialize)]
struct Verified {
    events: u64,
    frames: u64,
    root: Option<String>,
    /// What the log signed.
    checkpoint: Option<Signed>,
    ok: bool,
    deep: bool,
    /// Whether it is a backup: its frames were checked, and nothing in it was opened or changed.
    backup: bool,
    problems: Vec<Problem>,
    /// The access log, where there is one.
    access: Option<Looked>,
    seconds: f64,
}

/// Of a tree by itself.
#[derive(Serialize)]
struct VerifiedTree {
    events: u64,
    /// Whether the entries were there too, and not their hashes alone.
    entries: bool,
    root: Option<String>,
    checkpoint: Option<Signed>,
    /// Whether the key came from elsewhere than the tree.
    key_given: bool,
    ok: bool,
    problems: Vec<Problem>,
    seconds: f64,
}

/// What looking at one log told.
#[derive(Serialize)]
struct Looked {
    events: u64,
    frames: u64,
    root: Option<String>,
    checkpoint: Option<Signed>,
    problems: Vec<Problem>,
}

pub fn run(context: &Context, args: &Verify) -> Result<Outcome> {
    if let Some(path) = args.path.as_deref().filter(|path| throughline_replay::pack::is_pack(path)) {
        return verify_pack::run(context, path, args.key.as_deref());
    }
    if let Some(path) = args.path.as_deref().filter(|path| throughline_log::is_export(path)) {
        return tree(context, path, args.key.as_deref());
    }
    if args.key.is_some() {
        bail!(
            "a data directory is verified with its own key; leave --key out, or name an exported tree or an audit pack"
        );
    }
    let data = args.path.as_ref().map_or_else(|| context.data.clone(), |path| context.data.beside(path));
    let backup = throughline_log::is_backup(data.root());
    if !backup {
        data.require()?;
    }
    let watch = Stopwatch::start();
    let bar = output::progress("verifying", 0);
    let record = look(&data, data.root(), data.master(), args.deep, &output::follow(&bar))?;
    let access = data.access();
    let access = if access.exists() {
        Some(look(&data, &access, Some(&data.one_master()?), args.deep, &|_, _| {})?)
    } else {
        None
    };
    bar.finish_and_clear();
    let Looked { events, frames, root, checkpoint, problems } = record;
    let ok = problems.is_empty() && access.as_ref().is_none_or(|access| access.problems.is_empty());
    let (deep, seconds) = (args.deep, watch.seconds());
    let verified = Verified { events, frames, root, checkpoint, ok, deep, backup, problems, access, seconds };
    context.output.result(&verified, || text(&verified, data.root()))?;
    Ok(if verified.ok { Outcome::Done } else { Outcome::No })
}

/// A tree by itself: nothing is needed but what lies there, and the key.
fn tree(context: &Context, dir: &Path, key: Option<&str>) -> Result<Outcome> {
    let key = key.map(key_of).transpose()?;
    let watch = Stopwatch::start();
    let bar = output::progress("verifying", 0);
    let report = throughline_log::verify_export(dir, key.as_deref(), &output::follow(&bar));
    bar.finish_and_clear();
    let report = report?;
    let verified = VerifiedTree {
        events: report.events,
        entries: report.entries,
        root: report.root,
        checkpoint: report.checkpoint,
        key_given: key.is_some(),
        ok: report.problems.is_empty(),
        problems: report.problems,
        seconds: watch.seconds(),
    };
    context.output.result(&verified, || tree_text(&verified))?;
    Ok(if verified.ok { Outcome::Done } else { Outcome::No })
}

/// The key itself, or what the file of this name holds.
pub(super) fn key_of(named: &str) -> Result<String> {
    if named.contains('+') {
        return Ok(named.trim().to_owned());
    }
    let key = fs::read_to_string(named).with_context(|| format!("the key cannot be read from {named}"))?;
    Ok(key.trim().to_owned())
}

/// Nothing is opened here, so that nothing is put right before it is told.
fn look(
    data: &Data,
    log: &Path,
    master: Option<&MasterKey>,
    deep: bool,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Looked> {
    let report = match throughline_log::verify_with_key(log, master, deep, progress) {
        Ok(report) => report,
        Err(error) => Report {
            events: 0,
            frames: 0,
            root: None,
            checkpoint: None,
            problems: vec![damage(data, error)?],
        },
    };
    let Report { events, frames, root, checkpoint, problems } = report;
    Ok(Looked { events, frames, root, checkpoint, problems })
}

/// The damage that an error tells of; any other error says that looking itself failed.
fn damage(data: &Data, error: Error) -> Result<Problem> {
    match error {
        Error::Damaged { file, position, what } => Ok(Problem { position, file, what }),
        error => Err(data.told(error)),
    }
}

fn tree_text(verified: &VerifiedTree) -> String {
    let what = if verified.entries { "entries" } else { "leaf hashes, without their entries" };
    let head = format!("{} {what} checked in {:.1} s", verified.events, verified.seconds);
    let signed = signed(verified.checkpoint.as_ref());
    if !verified.ok {
        return format!("{head}{signed}\n{}", problems(&verified.problems));
    }
    let key = if verified.key_given {
        "the key given".to_owned()
    } else {
        "the key that lies in the tree itself; --key VKEY checks against one had from elsewhere".to_owned()
    };
    format!("{head}{signed}\nnothing is wrong, by {key}")
}

pub(super) fn signed(checkpoint: Option<&Signed>) -> String {
    checkpoint.map_or_else(String::new, |signed| {
        format!("\nsigned by {}: {} events, root {}", signed.origin, signed.events, signed.root)
    })
}

pub(super) fn problems<'a>(problems: impl IntoIterator<Item = &'a Problem>) -> String {
    let rows = problems
        .into_iter()
        .map(|problem| [problem.position.to_string(), problem.file.clone(), problem.what.clone()]);
    table(["position", "file", "what"], rows)
}

fn text(verified: &Verified, root: &Path) -> String {
    let what = match (verified.backup, verified.deep) {
        (true, _) => "every frame of this backup; what is sealed is looked at in a log restored from it",
        (false, true) => "every frame",
        (false, false) => "the tail; --deep reads everything",
    };
    let head = format!(
        "{} events in {} frames, checked {what}, in {:.1} s",
        verified.events, verified.frames, verified.seconds
    );
    let hash = verified.root.as_ref().map(|root| format!("\nroot {root}")).unwrap_or_default();
    let signed = signed(verified.checkpoint.as_ref());
    let access = match &verified.access {
        Some(access) => format!("\nand {} events of the access log", access.events),
        None => String::new(),
    };
    let head = format!("{head}{hash}{signed}{access}");
    if verified.ok {
        return format!("{head}\nnothing is wrong");
    }
    let advice = if verified.backup {
        of_backup(verified, root)
    } else {
        "`throughline repair` puts right what one of the log's two copies still has, as opening the log does where it \
         meets it; it names what neither has: restore from a backup, or `throughline repair --from BACKUP`"
            .to_owned()
    };
    let told = verified.problems.iter().chain(verified.access.iter().flat_map(|access| &access.problems));
    format!("{head}\n{}\n{advice}", problems(told))
}

/// What can be done about a backup that is damaged.
fn of_backup(verified: &Verified, backup: &Path) -> String {
    let another = "a backup is not mended: take another from the log with `throughline backup DIR`, or rely on one that \
                   is whole";
    // Of anything but frames that are lost from some position on, a restore refuses the whole.
    let journal = backup.join("journal");
    let frames_alone = verified.problems.iter().all(|problem| Path::new(&problem.file).starts_with(&journal))
        && verified.access.as_ref().is_none_or(|access| access.problems.is_empty());
    let before = verified.problems.first().and_then(|problem| problem.position.0.checked_sub(1));
    match before.filter(|_| frames_alone) {
        Some(last) => format!(
            "{another}; `throughline --data NEW restore {} --to {last}` makes a log of what lies before the damage",
            backup.display()
        ),
        None => another.to_owned(),
    }
}
