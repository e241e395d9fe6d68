//! The page "Who may do what" says what the code says.

use std::{fmt::Write as _, fs, path::PathBuf};

use throughline_access::{Clients, Counts, Ids, Leave, Names, Need, Role};

const BEGIN: &str = "<!-- roles: begin -->\n";
const END: &str = "<!-- roles: end -->";

/// The page's table, written anew with `THROUGHLINE_RENEW_GOLDEN=1`.
#[test]
fn the_page_on_roles_says_what_the_code_says() {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guides/who-may-do-what.md"));
    let page = fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for the table");
    let (_, after) = rest.split_once(END).expect("the place ends");
    let renewed = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() {
        fs::write(&path, &renewed).expect("the page is written");
    } else {
        assert!(
            page == renewed,
            "docs/guides/who-may-do-what.md is behind; renew it with THROUGHLINE_RENEW_GOLDEN=1"
        );
    }
}

fn table() -> String {
    let mut table = String::from("| to |");
    for role in Role::ALL {
        write!(table, " {role} |").expect("a text takes text");
    }
    table += "\n|---|";
    table += &"---|".repeat(Role::ALL.len());
    table.push('\n');
    for need in Need::ALL {
        write!(table, "| {} |", told(need)).expect("a text takes text");
        for role in Role::ALL {
            write!(
                table,
                " {} |",
                role.leave(need).map_or_else(|| "–".to_owned(), |leave| shown(need, leave))
            )
            .expect("a text takes text");
        }
        table.push('\n');
    }
    table
}

/// A need in the words of the page.
fn told(need: Need) -> &'static str {
    match need {
        Need::Nothing => "see health, descriptions, proofs (everybody)",
        Need::SignedIn => "see vocabularies, and who one is",
        Need::ReadClient => "read one client's record",
        Need::ReadClients => "read lists of clients and work lists",
        Need::ReadFigures => "read figures over many clients",
        Need::ReadFeed => "follow every event as it comes",
        Need::Append => "add events",
        Need::Import => "import",
        Need::Backtest => "run backtests",
        Need::AuditPack => "take an audit pack out",
        Need::ReadAccess => "read who read what",
        Need::Grant => "give and end leave",
        Need::Accounts => "keep accounts and tokens",
        Need::Erase => "erase",
        Need::Operate => "see metrics",
    }
}

fn shown(need: Need, leave: Leave) -> String {
    let shows_nobody =
        [Need::Nothing, Need::SignedIn, Need::Grant, Need::Accounts, Need::Erase, Need::Operate];
    if shows_nobody.contains(&need) {
        return "yes".to_owned();
    }
    let mut words = Vec::new();
    match leave.clients {
        Clients::All => words.push("all"),
        Clients::Caseload => words.push("own clients"),
    }
    if leave.names == Names::Withheld {
        words.push("no names");
    }
    if leave.ids == Ids::Pseudonyms {
        words.push("pseudonyms");
    }
    if leave.counts == Counts::Withheld {
        words.push("small counts withheld");
    }
    words.join(", ")
}

#[test]
fn nobody_who_keeps_accounts_reads_a_record_by_that_alone() {
    for role in Role::ALL.into_iter().filter(|role| role.leave(Need::Accounts).is_some()) {
        assert!(role.leave(Need::ReadClient).is_none(), "{role}");
    }
}

#[test]
fn whoever_writes_nothing_writes_nothing() {
    let writing = [Need::Append, Need::Import, Need::Grant, Need::Accounts, Need::Erase];
    assert!(writing.iter().all(|need| Role::Auditor.leave(*need).is_none()));
    let reading = [Need::ReadClient, Need::ReadClients, Need::ReadFigures, Need::ReadFeed, Need::AuditPack];
    assert!(reading.iter().all(|need| Role::Writer.leave(*need).is_none()));
}
