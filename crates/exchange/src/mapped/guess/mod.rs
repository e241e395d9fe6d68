//! A proposed mapping for files nobody described: what looks like the person, the day, codes and numbers, and which
//! facts the rows could be. It proposes; a person chooses.

mod column;
mod facts;
mod file;

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use jiff::civil::Date;

use self::{
    column::{Column, Kind},
    file::Looked,
};
use super::{Error, cell::slug};
use crate::import::Error as ImportError;

/// Looks at a CSV file, or at all in a directory, and proposes a mapping: TOML with comments. It is complete but for
/// the fact of each file, of which the likely ones stand there to choose from.
pub fn guess(path: &Path, today: Date) -> Result<String, Error> {
    let mut files = look(path, today)?;
    if files.is_empty() {
        return Err(Error::NothingToGuess(path.to_path_buf()));
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for column in files.iter().flat_map(|file| &file.columns) {
        *names.entry(column.name.to_lowercase()).or_default() += 1;
    }
    let shared: Vec<String> =
        names.into_iter().filter(|(_, files)| *files > 1).map(|(name, _)| name).collect();
    for file in &mut files {
        file.settle(&shared);
    }
    // One file's marks stand for all: a mapping has one delimiter.
    let delimiter = files[0].delimiter;
    let (same, others): (Vec<&Looked>, Vec<&Looked>) =
        files.iter().partition(|file| file.delimiter == delimiter);
    let mut text = head(path, &same);
    for file in others {
        let _ = writeln!(
            text,
            "# {} has another delimiter than the first file; it needs a mapping of its own.",
            file.name
        );
    }
    for file in same {
        table(&mut text, file);
    }
    Ok(text)
}

fn look(path: &Path, today: Date) -> Result<Vec<Looked>, Error> {
    let failed = |source| ImportError::Io { path: path.to_path_buf(), source };
    let mut paths = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
                paths.push(file);
            }
        }
        paths.sort();
    } else {
        paths.push(path.to_path_buf());
    }
    let mut files = Vec::new();
    for path in paths {
        files.extend(Looked::at(&path, today)?);
    }
    Ok(files)
}

fn head(path: &Path, files: &[&Looked]) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let source = stem.and_then(|stem| slug(&stem)).unwrap_or_else(|| "source".to_owned());
    let mut text = format!(
        "# A proposal. Look at what is marked CHOOSE: for each file choose a fact, and take `#: ` away in front of its\n\
         # lines. Then `throughline import csv --mapping FILE DIR --dry-run`. The language is in docs/import-csv.md.\n\n\
         version = 1\n# A short name for the system the files come from; journeys are named by it: `{source}:KEY`.\n\
         source = {}\n",
        quoted(&source)
    );
    let delimiter = files.first().map_or(b',', |file| file.delimiter);
    if delimiter != b',' {
        let _ = writeln!(text, "delimiter = {}", quoted(&char::from(delimiter).to_string()));
    }
    if files.first().is_some_and(|file| file.decimal_comma) {
        text.push_str("decimal = \",\"\n");
    }
    text.push_str("\n# What the persons are, and the language they wish to be spoken to in; `und` where that is not known.\n[journey]\nrole = \"participant\"\nlanguage = \"und\"\n");
    if files.iter().flat_map(|file| &file.columns).any(|column| column.kind() == Kind::Days) {
        text.push_str(
            "\n# Days seem to be counted. CHOOSE the day they are counted from, or leave this one where it is not known.\n\
             [anchor]\ndate = 2000-01-01\n",
        );
    }
    text
}

fn table(text: &mut String, file: &Looked) {
    let _ = writeln!(
        text,
        "\n# {}: the first {} rows were looked at.",
        file.name.replace(['\n', '\r'], " "),
        file.rows
    );
    for column in file.columns.iter().filter(|column| !column.name.is_empty()) {
        let _ = writeln!(text, "#   {}: {}", quoted(&column.name), described(column, file.rows));
    }
    let _ = writeln!(text, "[[tables]]\nfile = {}", quoted(&file.name));
    match file.person {
        Some(person) => {
            let column = &file.columns[person];
            let _ = writeln!(text, "# Looks like the person: {} in {} rows.", column.different(), file.rows);
            let _ = writeln!(text, "journey = {}", quoted(&column.name));
        }
        None => text.push_str("# No column looks like the person: each row is taken for one. CHOOSE.\njourney = { row = \"number\" }\n"),
    }
    if file.key.is_empty() {
        text.push_str("# Nothing tells rows apart but their place: a row put in between makes all below look changed.\nkey = { row = \"number\" }\n");
    } else {
        let names: Vec<String> = file.key.iter().map(|at| quoted(&file.columns[*at].name)).collect();
        let _ = writeln!(text, "key = [{}]", names.join(", "));
    }
    text.push_str("\n# CHOOSE one of these facts, or several.\n");
    facts::propose(text, file);
}

fn described(column: &Column, rows: u64) -> String {
    let empty = rows - column.filled.min(rows);
    let kind = match column.kind() {
        Kind::Empty => return "empty".to_owned(),
        Kind::Date => "dates".to_owned(),
        Kind::Days => "days or weeks, counted".to_owned(),
        Kind::Flag => "yes or no".to_owned(),
        Kind::Number => "numbers".to_owned(),
        Kind::Code => {
            let codes: Vec<String> = column.codes.iter().map(|code| quoted(code)).collect();
            format!("codes: {}", codes.join(", "))
        }
        Kind::Text => "words".to_owned(),
    };
    if empty == 0 { kind } else { format!("{kind}; empty in {empty} rows") }
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
