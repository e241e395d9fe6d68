//! Real exports, where they are there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A real HMIS export; none, with a loud word, where it is not there.
pub fn export(name: &str) -> Option<PathBuf> {
    data(&format!("hmis/{name}"))
}

/// A set of real data; none, with a loud word, where it is not there.
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.is_dir() {
        return Some(path);
    }
    say(&format!("SKIPPED: {} is not there; set THROUGHLINE_TEST_DATA to the real data", path.display()));
    None
}

/// The rows of an export about some clients, and every row of tables that are not about clients.
pub fn cut(from: &Path, to: &Path, clients: &BTreeSet<String>) {
    rows_of(from, to, "PersonalID", clients);
}

/// The rows about some persons, by the column that names them, and every row of tables without it.
pub fn rows_of(from: &Path, to: &Path, person: &str, persons: &BTreeSet<String>) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a set") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut rows = csv::ReaderBuilder::new().flexible(true).from_path(&path).expect("a table");
        let head = rows.headers().expect("a header").clone();
        let person = head.iter().position(|column| column == person);
        let target = to.join(path.file_name().expect("a name"));
        let mut kept = csv::WriterBuilder::new().flexible(true).from_path(target).expect("a table");
        kept.write_record(&head).expect("a header");
        for row in rows.records().map(|row| row.expect("a row")) {
            if person.is_none_or(|column| row.get(column).is_some_and(|id| persons.contains(id))) {
                kept.write_record(&row).expect("a row");
            }
        }
        kept.flush().expect("a table");
    }
}

/// The clients of an export, in the order of its rows.
pub fn clients(of: &Path) -> Vec<String> {
    let mut rows = csv::Reader::from_path(of.join("Client.csv")).expect("the clients");
    rows.records().map(|row| row.expect("a row")[0].to_owned()).collect()
}

/// Records in all tables, headers not counted, by a reader that is not ours.
pub fn rows(of: &Path) -> u64 {
    let tables = fs::read_dir(of).expect("an export").map(|entry| entry.expect("an entry").path());
    tables
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .map(|path| csv::ReaderBuilder::new().flexible(true).from_path(path).expect("a table"))
        .map(|table| table.into_byte_records().count() as u64)
        .sum()
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn say(text: &str) {
    eprintln!("{text}");
}
