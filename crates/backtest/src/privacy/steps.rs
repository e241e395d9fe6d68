//! A curve in steps tells of each step how many it was. So it is drawn in longer steps, none of fewer people than may be
//! shown.

use crate::page::{Cell, Form, Section, Table};

/// The column of a curve's table that says for how many people it came true since the row before. Without it a curve tells
/// every single step, and is left out.
pub const SINCE: &str = "since the row before";

/// Thins the tables that curves in steps are drawn from.
pub(super) fn thin(section: &mut Section, min_cell: u64) {
    for figure in &section.figures {
        let Form::Steps { series, .. } = &figure.form else { continue };
        let Some(table) = section.tables.iter_mut().find(|table| table.name == figure.table) else {
            continue;
        };
        let place = |name: &str| table.columns.iter().position(|column| column == name);
        let (since, series) = (place(SINCE), series.as_deref().and_then(place));
        match since {
            Some(since) => thin_rows(table, since, series, min_cell),
            None => table.rows.clear(),
        }
    }
}

/// Joins rows of one series until each stands for nobody, or for enough. What is left over at the end is not shown; where
/// it is few, the last step goes too, so that the whole beside the curve does not tell it.
fn thin_rows(table: &mut Table, since: usize, series: Option<usize>, min_cell: u64) {
    let name = |row: &[Cell]| series.map(|series| row[series].clone());
    let mut waiting: Vec<(Option<Cell>, u64)> = Vec::new();
    table.rows.retain_mut(|row| {
        let name = name(row);
        let at = waiting.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            waiting.push((name, 0));
            waiting.len() - 1
        });
        let Cell::Count(count) = &mut row[since] else { return true };
        waiting[at].1 += *count;
        let is_begin = *count == 0 && waiting[at].1 == 0;
        if is_begin || waiting[at].1 >= min_cell {
            *count = std::mem::take(&mut waiting[at].1);
            return true;
        }
        false
    });
    for (series, _) in waiting.into_iter().filter(|(_, left)| *left > 0) {
        if let Some(last) = table.rows.iter().rposition(|row| name(row) == series) {
            table.rows.remove(last);
        }
    }
}
