//! `account`: who may come, and as what.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::json;
use throughline_access::{Account, Grant, NewAccount, Role, Token};
use throughline_domain::Actor;

use super::{Context, Outcome};
use crate::{
    args::AccountWhat,
    operator,
    output::{Output, table},
};

pub fn run(context: &Context, what: &AccountWhat) -> Result<Outcome> {
    context.data.require()?;
    let access = context.data.open_access(context.clock.clone())?;
    let by = operator::name();
    let now = access.now();
    match what {
        AccountWhat::Open { name, roles, worker, dates } => {
            let (roles, worker) = (set(roles), worker.clone());
            let account =
                access.open_account(&by, NewAccount { name: name.clone(), roles, worker, dates: *dates })?;
            context.output.result(&*account, || {
                format!(
                    "account {name} is open as {}; `throughline token issue {name}` lets it in",
                    roles_of(&account)
                )
            })?;
        }
        AccountWhat::Close { name } => {
            let account = access.close_account(&by, name)?;
            context
                .output
                .result(&*account, || format!("account {name} is closed, and its tokens are dead"))?;
        }
        AccountWhat::Roles { name, roles, worker, dates } => {
            let kept = || access.account(name).and_then(|caller| caller.worker);
            let worker = worker.clone().or_else(kept);
            let account = access.change_roles(&by, name, &set(roles), worker, *dates)?;
            context
                .output
                .result(&*account, || format!("account {name} is {} from now on", roles_of(&account)))?;
        }
        AccountWhat::List => {
            let accounts = access.accounts();
            let all: Vec<&Account> = accounts.iter().map(|account| &**account).collect();
            context.output.result(&json!({ "accounts": all }), || list(&all, now))?;
        }
        AccountWhat::Show { name } => {
            let accounts = access.accounts();
            let account = accounts.iter().find(|account| account.name == *name);
            let account = account.ok_or_else(|| unknown(name))?;
            show(context.output, account, now)?;
        }
    }
    Ok(Outcome::Done)
}

pub fn unknown(name: &Actor) -> anyhow::Error {
    throughline_access::Error::AccountUnknown(name.clone()).into()
}

fn set(roles: &[Role]) -> BTreeSet<Role> {
    roles.iter().copied().collect()
}

fn roles_of(account: &Account) -> String {
    let roles: Vec<&str> = account.roles.iter().map(|role| role.name()).collect();
    roles.join(", ")
}

fn list(accounts: &[&Account], now: Timestamp) -> String {
    if accounts.is_empty() {
        return "there is no account yet; `throughline serve` opens the first, or `throughline account open`"
            .to_owned();
    }
    let rows = accounts.iter().map(|account| {
        let live = account.tokens.iter().filter(|token| standing(token, now) == "live").count();
        let worker = account.worker.as_ref().map(ToString::to_string).unwrap_or_default();
        let state =
            account.closed.map_or_else(|| "open".to_owned(), |closed| format!("closed {}", time(closed)));
        let dates = account.dates.to_string();
        [account.name.to_string(), roles_of(account), worker, dates, live.to_string(), state]
    });
    table(["account", "roles", "worker", "dates", "tokens", ""], rows)
}

fn show(output: Output, account: &Account, now: Timestamp) -> Result<()> {
    output.result(account, || {
        let mut parts = vec![list(&[account], now)];
        if !account.tokens.is_empty() {
            parts.push(tokens(account, now));
        }
        if !account.grants.is_empty() {
            let rows = account.grants.iter().map(|grant| granted(grant, now));
            parts.push(table(["grant", "client", "names", "by", "until", "why"], rows));
        }
        parts.join("\n\n")
    })
}

/// The tokens of an account as a table.
pub fn tokens(account: &Account, now: Timestamp) -> String {
    let rows = account.tokens.iter().map(|token| {
        let label = token.label.as_ref().map(ToString::to_string).unwrap_or_default();
        [
            token.id.to_string(),
            label,
            time(token.issued),
            time(token.expires),
            standing(token, now).to_owned(),
        ]
    });
    table(["token", "label", "issued", "expires", ""], rows)
}

fn standing(token: &Token, now: Timestamp) -> &'static str {
    match token.revoked {
        Some(_) => "revoked",
        None if token.expires <= now => "expired",
        None => "live",
    }
}

fn granted(grant: &Grant, now: Timestamp) -> [String; 6] {
    let until = match (grant.ended, grant.until) {
        (Some(ended), _) => format!("ended {}", time(ended)),
        (None, Some(until)) if !grant.in_force(now) => format!("over {}", time(until)),
        (None, Some(until)) => time(until),
        (None, None) => "it is ended".to_owned(),
    };
    [
        if grant.glass { "glass broken".to_owned() } else { grant.id.to_string() },
        grant.client.map_or_else(|| "all".to_owned(), |client| client.to_string()),
        if grant.names { "yes" } else { "no" }.to_owned(),
        grant.by.to_string(),
        until,
        grant.why.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}
