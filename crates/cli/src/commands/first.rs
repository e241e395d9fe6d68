//! The first account: opened by the first run of a server that finds none, so that somebody can begin.

use anyhow::Result;
use throughline_access::{Access, Issued, NewAccount, Role};
use throughline_domain::{Actor, Text};

use crate::{operator, output};

/// The first account's name.
const FIRST: &str = "admin:first";

/// Opens the first account where there never was one, and gives out its token.
///
/// Should this be cut short between the two, `throughline token issue admin:first` gives out another.
pub fn account(access: &Access) -> Result<Option<Issued>> {
    if !access.is_new() {
        return Ok(None);
    }
    let (by, name) = (operator::name(), Actor::new(FIRST)?);
    // Keeping accounts alone shows no record; a person who is alone with this begins as both.
    let roles = [Role::Admin, Role::Supervisor].into();
    access.open_account(&by, NewAccount { roles, ..NewAccount::named(name.clone()) })?;
    let label = Text::new("the first token, given out by `throughline serve`")?;
    Ok(Some(access.issue_token(&by, &name, Some(label), None)?))
}

/// Shows the first token, which is shown nowhere else, and what to do with it.
pub fn say(first: &Issued, url: &str) {
    output::say(format!(
        "\nthere was no account yet. `{FIRST}` was opened, with the roles admin and supervisor. Its token is shown this \
         once,\nand holds until {}:\n\n  {}\n\n\
         ask with it    curl -H 'Authorization: Bearer tlt_…' {url}/v1/journeys\n\
         open others    POST {url}/v1/accounts, then POST {url}/v1/accounts/NAME/tokens; or, the server stopped,\n\
         \x20              throughline account open worker:w17 --role staff --worker w17\n\
         \x20              throughline token issue worker:w17\n\
         lost it        the server stopped, throughline token issue {FIRST}\n",
        first.expires.strftime("%Y-%m-%d"),
        *first.text,
    ));
}
