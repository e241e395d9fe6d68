//! Bars: one a row, its number at its end.

use std::fmt::Write as _;

use super::{
    axis::Axis,
    column,
    svg::{Svg, WIDTH, fitting, width},
    value, words,
};
use crate::page::Table;

const ROW: f64 = 28.0;
const LABELS_MAX: f64 = 250.0;

/// One bar a row.
pub(super) fn bars(table: &Table, label: &str, length: &str, id: &str, title: &str) -> Option<String> {
    let (label, at) = (column(table, label)?, column(table, length)?);
    let rows: Vec<(String, Option<f64>, String)> =
        table.rows.iter().map(|row| (words(&row[label]), value(&row[at]), words(&row[at]))).collect();
    if rows.iter().all(|(_, value, _)| value.is_none()) {
        return None;
    }
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| width(text)).fold(0.0, f64::max);
    let left = 12.0 + widest(&mut rows.iter().map(|(label, ..)| label)).min(LABELS_MAX);
    let right = WIDTH - 16.0 - widest(&mut rows.iter().map(|(.., text)| text)).max(width("withheld"));
    let axis = Axis::over(rows.iter().filter_map(|(_, value, _)| *value).chain([0.0]), left, right);
    let zero = axis.at(0.0);
    let mut svg = Svg::default();
    let mut about = format!("{length}.");
    svg.text(left, 14.0, "start", length);
    for (place, (label, value, text)) in rows.iter().enumerate() {
        let y = 24.0 + place as f64 * ROW;
        svg.text(left - 8.0, y + 16.0, "end", &fitting(label, LABELS_MAX));
        let end = value.map_or(zero, |value| axis.at(value));
        let (x, wide) = (end.min(zero), (end - zero).abs());
        svg.put(format_args!(
            "<rect class=\"bar\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"20\"/>"
        ));
        svg.text(end.max(zero) + 6.0, y + 15.0, "start", text);
        let _ = write!(about, " {label}: {}.", if text.is_empty() { "nothing" } else { text });
    }
    let bottom = 24.0 + rows.len() as f64 * ROW;
    svg.line("axis", (zero, 20.0), (zero, bottom));
    Some(svg.done(id, bottom + 8.0, title, &about))
}
