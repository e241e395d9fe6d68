//! Which drawing a figure gets.

use super::{bars, curves, intervals};
use crate::page::{Figure, Form, Table};

/// The drawing of a figure; none where its table has no such columns or nothing to draw.
pub(super) fn chart(figure: &Figure, table: &Table, id: &str) -> Option<String> {
    match &figure.form {
        Form::Steps { x, y, band, series } => {
            let band = band.as_ref().map(|(low, high)| (low.as_str(), high.as_str()));
            curves::steps(table, (x, y), band, series.as_deref(), id, &figure.caption)
        }
        Form::Lines { x, y, series } => curves::lines(table, (x, y), series.as_deref(), id, &figure.caption),
        Form::Bars { label, value } => bars::bars(table, label, value, id, &figure.caption),
        Form::Intervals { label, value, ends, none } => {
            let columns = [label.as_str(), value, &ends.0, &ends.1];
            intervals::intervals(table, columns, *none, id, &figure.caption)
        }
    }
}
