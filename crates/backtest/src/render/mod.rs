//! A page as people and programs take it: HTML with its figures drawn, and a CSV file for each table.
//!
//! What is rendered is a [`Shown`](crate::Shown) page, of which everything small is gone already; nothing here could bring it back.

mod axis;
mod bars;
mod chart;
mod csv;
mod curves;
mod html;
mod intervals;
mod svg;

pub use csv::csv;
pub use html::html;

use crate::{
    Finished,
    page::{Cell, Share, Table},
};

/// The files of a report, by their paths within its directory: `report.json`, `report.html`, and a CSV file for each
/// table.
pub fn files(finished: &Finished) -> Vec<(String, Vec<u8>)> {
    let shown = &finished.report.page;
    let mut files = vec![
        ("report.json".to_owned(), finished.json.clone()),
        ("report.html".to_owned(), html(shown).into_bytes()),
    ];
    for table in shown.page().tables() {
        let safe = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' };
        let name: String = table.name.chars().map(safe).collect();
        let known = |path: &str| files.iter().any(|(known, _)| known == path);
        let numbered = (1..).map(|number| match number {
            1 => format!("tables/{name}.csv"),
            number => format!("tables/{name}-{number}.csv"),
        });
        let free =
            numbered.into_iter().find(|path| !known(path)).expect("there are more numbers than tables");
        files.push((free, csv(table)));
    }
    files
}

/// A table as people read it, cell by cell.
pub fn cells(table: &Table) -> Vec<Vec<String>> {
    table.rows.iter().map(|row| row.iter().map(words).collect()).collect()
}

/// A number as people read it: whole where it is whole, else with four digits that say something.
fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "–".into()
        } else if value > 0.0 {
            "∞".into()
        } else {
            "−∞".into()
        };
    }
    let shown = if value.fract().abs() < 1e-9 || value.abs() >= 10_000.0 {
        grouped(&format!("{:.0}", value.abs()))
    } else {
        let before = value.abs().log10().floor().clamp(-6.0, 3.0);
        // At most nine decimals, so that the cast holds.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 9")]
        let decimals = (3.0 - before) as usize;
        let text = format!("{:.decimals$}", value.abs());
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if value < 0.0 && shown != "0" { format!("−{shown}") } else { shown }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A cell as people read it.
fn words(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Person(text) => text.clone(),
        Cell::Count(count) => grouped(&count.to_string()),
        Cell::Number(value) => number(*value),
        Cell::Share(share) => percent(*share),
        Cell::Withheld(_) => "withheld".to_owned(),
        Cell::Empty(()) => String::new(),
    }
}

fn percent(share: Share) -> String {
    share.value().map_or_else(|| "–".to_owned(), |value| format!("{:.1}%", 100.0 * value))
}

/// The number a cell holds, where it holds one.
fn value(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(count) => Some(*count as f64),
        Cell::Number(value) => Some(*value).filter(|value| value.is_finite()),
        Cell::Share(share) => share.value(),
        Cell::Text(_) | Cell::Person(_) | Cell::Withheld(_) | Cell::Empty(()) => None,
    }
}

/// Text, safe inside HTML and SVG.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Not allowed in a document at all.
            control if control.is_control() && !matches!(control, '\n' | '\t') => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// The place of a column by its name.
fn column(table: &Table, name: &str) -> Option<usize> {
    table.columns.iter().position(|column| column == name)
}

#[cfg(test)]
mod tests;
