//! Estimates with their intervals, one a row, around a line of no difference.

use std::fmt::Write as _;

use super::{
    axis::Axis,
    column, number,
    svg::{Svg, WIDTH, fitting, width},
    value, words,
};
use crate::page::Table;

const ROW: f64 = 30.0;
const LABELS_MAX: f64 = 230.0;

struct Estimate {
    label: String,
    /// The estimate, its lower and its upper end.
    at: Option<[f64; 3]>,
}

impl Estimate {
    fn text(&self) -> String {
        match self.at {
            Some([value, low, high]) => format!("{} ({} to {})", number(value), number(low), number(high)),
            None => "withheld".to_owned(),
        }
    }
}

/// One estimate a row. `columns` are its label, the estimate, the lower and the upper end.
pub(super) fn intervals(
    table: &Table,
    columns: [&str; 4],
    none: f64,
    id: &str,
    title: &str,
) -> Option<String> {
    let [label, middle, low, high] = columns.map(|name| column(table, name));
    let (label, middle, low, high) = (label?, middle?, low?, high?);
    let mut rows = Vec::new();
    for row in &table.rows {
        let at = value(&row[middle]).zip(value(&row[low]).zip(value(&row[high])));
        rows.push(Estimate {
            label: words(&row[label]),
            at: at.map(|(value, (low, high))| [value, low, high]),
        });
    }
    if rows.iter().all(|row| row.at.is_none()) {
        return None;
    }
    let widest = |texts: Vec<String>| texts.iter().map(|text| width(text)).fold(0.0, f64::max);
    let left = 16.0 + widest(rows.iter().map(|row| row.label.clone()).collect()).min(LABELS_MAX);
    let right = WIDTH - 24.0 - widest(rows.iter().map(Estimate::text).collect());
    let axis = Axis::over(rows.iter().filter_map(|row| row.at).flatten().chain([none]), left, right);
    let bottom = 30.0 + rows.len() as f64 * ROW;
    let mut svg = Svg::default();
    svg.line("none", (axis.at(none), 22.0), (axis.at(none), bottom));
    svg.text(axis.at(none), 15.0, "middle", &format!("no difference: {}", number(none)));
    let mut about = format!("{}, with its interval, around {} for no difference.", columns[1], number(none));
    for (place, row) in rows.iter().enumerate() {
        let y = 30.0 + place as f64 * ROW + ROW / 2.0;
        svg.text(left - 10.0, y + 4.0, "end", &fitting(&row.label, LABELS_MAX));
        if let Some([value, low, high]) = row.at.map(|ends| ends.map(|end| axis.at(end))) {
            svg.line("whisker", (low, y), (high, y));
            svg.line("whisker", (low, y - 5.0), (low, y + 5.0));
            svg.line("whisker", (high, y - 5.0), (high, y + 5.0));
            svg.put(format_args!(
                "<rect class=\"point\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"/>",
                value - 4.0,
                y - 4.0
            ));
        }
        svg.text(WIDTH - 8.0, y + 4.0, "end", &row.text());
        let _ = write!(about, " {}: {}.", row.label, row.text());
    }
    for (x, text) in axis.ticks() {
        svg.line("axis", (x, bottom), (x, bottom + 5.0));
        svg.text(x, bottom + 19.0, "middle", &text);
    }
    svg.line("axis", (left, bottom), (right, bottom));
    svg.text(f64::midpoint(left, right), bottom + 36.0, "middle", columns[1]);
    Some(svg.done(id, bottom + 44.0, title, &about))
}
