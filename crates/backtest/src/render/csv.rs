//! A table as CSV.

use super::value;
use crate::page::{Cell, Table};

/// A table as CSV with a header, numbers in full. What is withheld is the word `withheld`.
pub fn csv(table: &Table) -> Vec<u8> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row is as long as the header.
    let mut write = |row: Vec<String>| writer.write_record(row).expect("rows are as long as their header");
    write(table.columns.iter().map(|name| plain(name)).collect());
    for row in &table.rows {
        write(row.iter().map(field).collect());
    }
    writer.into_inner().expect("memory takes what is written")
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Person(text) => plain(text),
        Cell::Count(count) => count.to_string(),
        Cell::Withheld(_) => "withheld".to_owned(),
        Cell::Number(_) | Cell::Share(_) => value(cell).map_or_else(String::new, |value| value.to_string()),
        Cell::Empty(()) => String::new(),
    }
}

/// Text that a spreadsheet takes for text: one that begins like a formula gets an apostrophe before it.
fn plain(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}
