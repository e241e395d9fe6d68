//! `token`: what lets an account in.

use anyhow::Result;
use serde_json::json;

use super::{Context, Outcome, account};
use crate::{
    args::TokenWhat,
    operator,
    output::{self, Output},
};

pub fn run(context: &Context, what: &TokenWhat) -> Result<Outcome> {
    context.data.require()?;
    let access = context.data.open_access(context.clock.clone())?;
    let by = operator::name();
    match what {
        TokenWhat::Issue { account, label, days } => {
            let issued = access.issue_token(&by, account, label.clone(), *days)?;
            if context.output == Output::Text {
                output::say(format!(
                    "token {} of {account}, until {}; it is shown this once and kept nowhere:",
                    issued.id,
                    issued.expires.strftime("%Y-%m-%d")
                ));
            }
            let json = json!({
                "account": account, "id": issued.id, "token": *issued.text, "expires": issued.expires.to_string(),
            });
            context.output.result(&json, || issued.text.to_string())?;
        }
        TokenWhat::Revoke { id } => {
            access.revoke_token(&by, id)?;
            let json = json!({ "id": id, "revoked": true });
            context.output.result(&json, || format!("token {id} opens nothing from now on"))?;
        }
        TokenWhat::List { account: name } => {
            let accounts = access.accounts();
            let of = accounts.iter().find(|account| account.name == *name);
            let of = of.ok_or_else(|| account::unknown(name))?;
            context.output.result(&json!({ "account": name, "tokens": of.tokens }), || {
                match of.tokens.len() {
                    0 => format!("{name} has no token; `throughline token issue {name}` gives it one"),
                    _ => account::tokens(of, access.now()),
                }
            })?;
        }
    }
    Ok(Outcome::Done)
}
