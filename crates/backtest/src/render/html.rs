//! A page as one HTML file: no script, nothing fetched, figures drawn beside the tables they are drawn from.

use std::fmt::Write as _;

use super::{chart::chart, escaped, words};
use crate::{
    page::{Cell, Section, Table},
    privacy::Shown,
};

/// Longer tables are folded away on the screen, and open in print.
const ROWS_OPEN_MAX: usize = 40;

/// A page as one HTML file. Its words are English.
pub fn html(shown: &Shown) -> String {
    let page = shown.page();
    let title = escaped(&page.title);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <link rel=\"icon\" href=\"data:,\"><style>{}</style></head><body>\
         <header><p class=\"quiet\">Throughline backtest</p><h1>{title}</h1>",
        include_str!("page.css")
    );
    put(&mut html, &contents(&page.sections));
    html += "</header><main>";
    for (at, section) in page.sections.iter().enumerate() {
        put(&mut html, &part(section, at));
    }
    html += "</main><footer>";
    if shown.withholds() {
        html += "<p class=\"quiet\">Small counts of people, and what they could be worked out from, are withheld.</p>";
    }
    html += "</footer></body></html>\n";
    html
}

fn contents(sections: &[Section]) -> String {
    let mut html = String::from("<nav aria-label=\"On this page\"><ul>");
    for (at, section) in sections.iter().enumerate() {
        put(&mut html, &format!("<li><a href=\"#part-{}\">{}</a></li>", at + 1, escaped(&section.heading)));
    }
    html + "</ul></nav>"
}

fn part(section: &Section, at: usize) -> String {
    let number = at + 1;
    let heading = escaped(&section.heading);
    let mut html = format!("<section id=\"part-{number}\"><h2>{heading}</h2>");
    for words in &section.words {
        put(&mut html, &format!("<p>{}</p>", escaped(words)));
    }
    for (place, figure) in section.figures.iter().enumerate() {
        let Some(table) = section.tables.iter().find(|table| table.name == figure.table) else { continue };
        let caption = escaped(&figure.caption);
        match chart(figure, table, &format!("figure-{number}-{}", place + 1)) {
            Some(drawn) => put(
                &mut html,
                &format!(
                    "<figure><figcaption>{caption}</figcaption><div class=\"drawn\">{drawn}</div></figure>"
                ),
            ),
            None => put(&mut html, &format!("<p class=\"quiet\">{caption}: nothing that may be drawn.</p>")),
        }
    }
    for table in &section.tables {
        put(&mut html, &data(table));
    }
    html + "</section>"
}

fn data(table: &Table) -> String {
    let rows = table.rows.len();
    let body = grid(table);
    if rows <= ROWS_OPEN_MAX {
        return body;
    }
    format!("<details><summary>{} ({rows} rows)</summary>{body}</details>", escaped(&table.caption))
}

fn grid(table: &Table) -> String {
    let name = escaped(&table.name);
    let mut html = format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"table-{name}\">\
         <table><caption id=\"table-{name}\">{}</caption><thead><tr>",
        escaped(&table.caption)
    );
    let is_number = |column: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(column));
        !cells.any(|cell| matches!(cell, Cell::Text(_) | Cell::Person(_)))
    };
    let numbers: Vec<bool> = (0..table.columns.len()).map(is_number).collect();
    for (column, name) in table.columns.iter().enumerate() {
        let class = if numbers[column] && !table.rows.is_empty() { " class=\"n\"" } else { "" };
        put(&mut html, &format!("<th scope=\"col\"{class}>{}</th>", escaped(name)));
    }
    html += "</tr></thead><tbody>";
    for row in &table.rows {
        html += "<tr>";
        for (column, cell) in row.iter().enumerate() {
            put(&mut html, &field(cell, column, numbers.get(column).copied().unwrap_or_default()));
        }
        html += "</tr>";
    }
    html + "</tbody></table></div>"
}

fn field(cell: &Cell, column: usize, is_number: bool) -> String {
    let class = match cell {
        Cell::Withheld(_) => " class=\"n withheld\"",
        _ if is_number => " class=\"n\"",
        _ => "",
    };
    let text = escaped(&words(cell));
    if column == 0 && matches!(cell, Cell::Text(_) | Cell::Person(_)) {
        return format!("<th scope=\"row\"{class}>{text}</th>");
    }
    format!("<td{class}>{text}</td>")
}

fn put(html: &mut String, piece: &str) {
    // Writing to a string does not fail.
    let _ = html.write_str(piece);
}
