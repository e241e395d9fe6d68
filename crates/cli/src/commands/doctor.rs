//! `doctor`: looks at the machine and the data directory, and says what is wrong and what to do.

use std::{fs, path::Path};

use anyhow::Result;
use serde::Serialize;
use throughline_log::EventLog as _;

use super::{Context, Outcome};
use crate::{
    data::Held,
    output::{table, told},
};

#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Finding {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, ok: true, found: found.into(), remedy: None }
    }

    fn bad(what: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, ok: false, found: found.into(), remedy: Some(remedy.into()) }
    }
}

pub fn run(context: &Context) -> Result<Outcome> {
    let root = context.data.root();
    let mut findings = vec![Finding::good("version", env!("CARGO_PKG_VERSION"))];
    if context.data.exists() {
        findings.push(room(root));
        findings.push(master_key(context));
        findings.extend(log_and_views(context));
    } else {
        findings.push(Finding::bad(
            "data directory",
            format!("{} holds no log", root.display()),
            "run `throughline demo`, or name another directory with --data",
        ));
    }
    let ok = findings.iter().all(|finding| finding.ok);
    context.output.result(&serde_json::json!({ "ok": ok, "findings": findings }), || {
        let rows = findings.iter().map(|finding| {
            let mark = if finding.ok { "good" } else { "WRONG" };
            let remedy = finding.remedy.as_ref().map(|remedy| format!(" — {remedy}")).unwrap_or_default();
            [finding.what.into(), mark.into(), format!("{}{remedy}", finding.found)]
        });
        table(["what", "", "found"], rows)
    })?;
    Ok(if ok { Outcome::Done } else { Outcome::No })
}

fn log_and_views(context: &Context) -> Vec<Finding> {
    let opened = match context.data.open(context.clock.clone()) {
        Ok(opened) => opened,
        Err(error) => {
            return vec![match error.downcast_ref() {
                Some(Held { url, .. }) => {
                    Finding::good("log", format!("held by the server at {url}; ask {url}/readyz"))
                }
                None => Finding::bad("log", told(&error), "do as it says, then ask the doctor again"),
            }];
        }
    };
    let mut findings = vec![Finding::good("log", format!("{} events", opened.log.events()))];
    findings.push(match opened.log.verify(false, &|_, _| {}) {
        Ok(report) if report.problems.is_empty() => Finding::good("tail", "as written"),
        Ok(report) => Finding::bad(
            "tail",
            report.problems[0].what.clone(),
            "run `throughline verify --deep` to see all that is wrong, then `throughline repair`",
        ),
        Err(error) => Finding::bad("tail", error.to_string(), "run `throughline repair`"),
    });
    findings.push(access(context));
    for view in opened.runtime.progress() {
        let behind = view.head - view.applied.min(view.head);
        let found = format!("version {}, {} of {} events applied", view.version, view.applied, view.head);
        findings.push(match behind {
            0 => Finding::good(view.name, found),
            _ => Finding::good(
                view.name,
                format!("{found}; the rest is applied when served, or by `throughline rebuild`"),
            ),
        });
    }
    findings
}

fn access(context: &Context) -> Finding {
    let what = "access log";
    if !context.data.access().exists() {
        return Finding::good(what, "not there yet; it is made when the directory is served");
    }
    let access = match context.data.open_access(context.clock.clone()) {
        Ok(access) => access,
        Err(error) => return Finding::bad(what, told(&error), "do as it says, then ask the doctor again"),
    };
    let accounts = access.accounts();
    let live = accounts.iter().filter(|account| account.is_open()).count();
    let found = format!("{live} accounts are open");
    drop((access, accounts));
    match throughline_log::verify(&context.data.access(), false, &|_, _| {}) {
        Ok(report) if report.problems.is_empty() => Finding::good(what, found),
        Ok(report) => Finding::bad(
            what,
            report.problems[0].what.clone(),
            "run `throughline verify --deep` to see all that is wrong, then `throughline repair`",
        ),
        Err(error) => Finding::bad(what, error.to_string(), "run `throughline repair`"),
    }
}

fn room(root: &Path) -> Finding {
    const ROOM_BYTES_MIN: u64 = 1 << 30;
    match fs4::available_space(root) {
        Ok(bytes) if bytes >= ROOM_BYTES_MIN => Finding::good("disk", format!("{} MiB free", bytes >> 20)),
        Ok(bytes) => Finding::bad(
            "disk",
            format!("{} MiB free", bytes >> 20),
            "make room: a full disk refuses appends",
        ),
        Err(error) => Finding::bad("disk", error.to_string(), "check that the directory can be read"),
    }
}

fn master_key(context: &Context) -> Finding {
    let beside = context.data.master_file();
    if context.data.master().is_none() {
        return beside_the_keys(&beside);
    }
    match throughline_log::key_status(context.data.root(), context.data.master()) {
        Err(error) => {
            Finding::bad("master key", error.to_string(), "name the one that belongs to these keys")
        }
        Ok(status) if status.master_key_file.is_some() => Finding::bad(
            "master key",
            format!("from {}, and {} is there too", context.data.master_from(), beside.display()),
            "take the one beside the keys away, once you are sure that the other is kept",
        ),
        Ok(status) => {
            Finding::good("master key", format!("{} from {}", status.master_key, context.data.master_from()))
        }
    }
}

#[cfg(unix)]
fn beside_the_keys(path: &Path) -> Finding {
    use std::os::unix::fs::PermissionsExt as _;
    match fs::metadata(path) {
        Ok(metadata) if [0o600, 0o400].contains(&(metadata.permissions().mode() & 0o777)) => {
            Finding::good("master key", format!("{}; keep a copy away from this machine", path.display()))
        }
        Ok(_) => Finding::bad(
            "master key",
            format!("{} can be read by others", path.display()),
            format!("chmod 600 {}", path.display()),
        ),
        Err(error) => Finding::bad(
            "master key",
            format!("{}: {error}", path.display()),
            "put the key back from your copy, or name it with --master-key-file: without it nothing can be read",
        ),
    }
}

#[cfg(not(unix))]
fn beside_the_keys(path: &Path) -> Finding {
    match fs::metadata(path) {
        Ok(_) => Finding::good("master key", format!("{}; let nobody else read it", path.display())),
        Err(error) => Finding::bad("master key", error.to_string(), "put the key back from your copy"),
    }
}
