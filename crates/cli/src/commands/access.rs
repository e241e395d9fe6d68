//! `access`: who read what, and leave to see more.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use throughline_access::{Access, Deed, Entry, NewGrant, Wanted};
use throughline_domain::{Code, JourneyId, Position};

use super::{Context, Outcome};
use crate::{
    args::{AccessGrant, AccessLog, AccessWhat},
    operator,
    output::{self, table},
};

/// From when on a person is told that something was done before it was written down.
const LATER_SHOWN: Duration = Duration::from_mins(1);

pub fn run(context: &Context, what: &AccessWhat) -> Result<Outcome> {
    context.data.require()?;
    let named = match what {
        AccessWhat::Log(AccessLog { client, .. }) | AccessWhat::Grant(AccessGrant { client, .. }) => client,
        AccessWhat::End { .. } => &None,
    };
    let client = named.as_deref().map(|named| journey(context, named)).transpose()?;
    let access = context.data.open_access(context.clock.clone())?;
    match what {
        AccessWhat::Log(args) => log(context, &access, args, client)?,
        AccessWhat::Grant(args) => {
            let grant = NewGrant {
                to: args.account.clone(),
                client,
                names: args.names,
                until: args.until,
                why: args.why.clone(),
            };
            let id = access.grant(&operator::name(), grant)?;
            let json = json!({ "account": args.account, "grant": id, "client": client });
            context.output.result(&json, || {
                format!("{} may from now on; `throughline access end {id}` ends it", args.account)
            })?;
        }
        AccessWhat::End { id } => {
            access.end_grant(&operator::name(), id)?;
            context
                .output
                .result(&json!({ "grant": id, "ended": true }), || format!("grant {id} is ended"))?;
        }
    }
    Ok(Outcome::Done)
}

/// The client that is named. Only the log knows a key of another system.
fn journey(context: &Context, named: &str) -> Result<JourneyId> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    super::journey(&context.data.open_log(context.clock.clone())?, named)
}

/// Looking at who looked is a look too, and the last line says so.
fn log(context: &Context, access: &Access, args: &AccessLog, client: Option<JourneyId>) -> Result<()> {
    operator::did(access, Deed::Listed { what: Code::new("access-log")?, clients: None })?;
    let wanted = Wanted {
        client,
        account: args.account.clone(),
        brought: args.brought.map(Position),
        since: args.since,
        from: args.from.map(Position),
    };
    let page = access.log(&wanted, usize::try_from(args.limit)?)?;
    context.output.result(&json!({ "entries": page.entries, "next": page.next }), || {
        let rows = page.entries.iter().map(line);
        let text = table(["position", "at (UTC)", "by", "fact", "client", "what"], rows);
        match page.next {
            Some(next) => format!("{text}\nthere may be more; go on with --from {next}"),
            None => text,
        }
    })
}

fn line(entry: &Entry) -> [String; 6] {
    let mut what: Vec<String> = Vec::new();
    what.extend(entry.what.as_ref().map(ToString::to_string));
    what.extend(entry.purpose.as_ref().map(|purpose| format!("for {purpose}")));
    what.extend(entry.clients.map(|clients| format!("{clients} clients")));
    what.extend(entry.positions.iter().map(output::place));
    what.extend(entry.events.map(|events| format!("{events} new")));
    what.extend(entry.account.as_ref().filter(|account| **account != entry.by).map(ToString::to_string));
    what.extend(entry.id.as_ref().map(ToString::to_string));
    what.extend(entry.why.as_ref().map(|why| format!("({why})")));
    what.extend(entry.note.as_ref().map(|note| format!("“{note}”")));
    if entry.at.duration_since(entry.done_at).unsigned_abs() >= LATER_SHOWN {
        what.push(format!("done {}", entry.done_at.strftime("%Y-%m-%d %H:%M:%S")));
    }
    [
        entry.position.to_string(),
        entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        entry.by.to_string(),
        entry.fact.to_owned(),
        entry.client.map(|client| client.to_string()).unwrap_or_default(),
        what.join(" "),
    ]
}
