//! What people and programs see: tables and progress for the first, one JSON document for the second.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is where printing belongs")]

use std::io::{self, Write};

use anyhow::Result;
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use throughline_domain::Stretch;

/// Columns where standard output is no terminal.
const WIDTH_UNKNOWN: u16 = 160;

/// Where results go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To people.
    Text,
    /// To programs.
    Json,
}

impl Output {
    /// The result: one JSON document, or what `text` prints.
    pub fn result(self, json: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let text = match self {
            Self::Json => serde_json::to_string_pretty(json)?,
            Self::Text => text(),
        };
        match writeln!(io::stdout().lock(), "{}", text.trim_end()) {
            // A reader such as `head` that has seen enough is no failure.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => Ok(written?),
        }
    }
}

/// A message beside the result, on standard error.
pub fn say(message: impl AsRef<str>) {
    eprintln!("{}", message.as_ref());
}

/// Where events stand.
pub fn place(Stretch { first, last }: &Stretch) -> String {
    if first == last { format!("at {first}") } else { format!("at {first} to {last}") }
}

/// A bar on standard error; nothing where that is no terminal.
pub fn progress(what: &'static str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar
}

/// Tells a bar how much is done, of how much.
pub fn follow(bar: &ProgressBar) -> impl Fn(u64, u64) + Sync {
    |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}

/// A table for people.
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = bare();
    table.set_header(head);
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

/// A table of any width for people.
pub fn grid(head: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = bare();
    table.set_header(head);
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

fn bare() -> Table {
    let mut table = Table::new();
    let width = Term::stdout().size_checked().map_or(WIDTH_UNKNOWN, |(_, columns)| columns);
    let rule = LineStyle::none().fill('─').junction('─');
    table
        .load_style(TableStyle::new().header_separator(rule))
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

/// An error and its causes, outermost first; a cause that was told already is not told again.
pub fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
