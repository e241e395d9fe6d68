//! The columns of a table: found by their names, with what has been seen in them.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Row,
    dates::{self, Order},
};

/// A column of a table, found by its names; absent where the file does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Col {
    at: Option<u16>,
    /// The column's name in the format, for findings.
    pub name: &'static str,
}

impl Col {
    /// A column that no file has.
    pub const ABSENT: Self = Self { at: None, name: "" };

    /// Where it stands in a row.
    pub fn place(self) -> Option<usize> {
        self.at.map(usize::from)
    }

    pub const fn is_absent(self) -> bool {
        self.at.is_none()
    }
}

/// The header, and what has been seen of each column.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub names: Vec<String>,
    places: HashMap<String, u16>,
    asked: Vec<bool>,
    filled: Vec<u64>,
    orders: Vec<Option<Order>>,
}

impl Columns {
    pub fn of(header: &Row) -> Self {
        let names: Vec<String> = header.cells().map(|cell| cell.trim().to_owned()).collect();
        let mut places = HashMap::new();
        for (at, name) in names.iter().enumerate() {
            if let Ok(at) = u16::try_from(at) {
                places.entry(name.to_ascii_lowercase()).or_insert(at);
            }
        }
        let width = names.len();
        Self { names, places, asked: vec![false; width], filled: vec![0; width], orders: vec![None; width] }
    }

    /// The column with the first of these names that the file has; letter case does not matter.
    pub fn col(&mut self, names: &[&'static str]) -> Col {
        let at = names.iter().find_map(|name| self.places.get(&name.to_ascii_lowercase()).copied());
        if let Some(at) = at {
            self.asked[usize::from(at)] = true;
        }
        Col { at, name: names.first().copied().unwrap_or_default() }
    }

    /// Where the column with this name stands; letter case does not matter.
    pub fn find(&mut self, name: &str) -> Option<usize> {
        let at = self.places.get(&name.trim().to_ascii_lowercase()).copied().map(usize::from)?;
        self.asked[at] = true;
        Some(at)
    }

    /// The order of dates that fits the whole column at this place, where exactly one does.
    pub fn order_at(&self, at: usize) -> Option<Order> {
        self.orders.get(at).copied().flatten()
    }

    /// Notes which columns nobody asked for have something in them.
    pub fn see(&mut self, row: &Row) {
        for (at, (asked, filled)) in self.asked.iter().zip(&mut self.filled).enumerate() {
            *filled += u64::from(!asked && !row.is_blank(at));
        }
    }

    /// The order of dates that fits this whole column, where exactly one does.
    pub fn order(&self, col: Col) -> Option<Order> {
        self.orders[usize::from(col.at?)]
    }

    /// Columns with something in them that nobody asked for, and how many cells.
    pub fn unread(&self) -> impl Iterator<Item = (&str, u64)> {
        self.names
            .iter()
            .zip(&self.asked)
            .zip(&self.filled)
            .filter(|((_, asked), filled)| !**asked && **filled > 0)
            .map(|((name, _), filled)| (name.as_str(), *filled))
    }

    /// Settles the order of dates of each column whose name begins with `Date` or ends with it.
    pub fn settle(&mut self, sample: &[Row], latest: Date) {
        for at in 0..self.names.len() {
            let name = self.names[at].to_ascii_lowercase();
            if name.starts_with("date") || name.ends_with("date") {
                self.settle_one(at, sample, latest);
            }
        }
    }

    /// Settles the order of dates of one column, whatever its name.
    pub fn settle_one(&mut self, at: usize, sample: &[Row], latest: Date) {
        let mut fits: Option<[bool; 3]> = None;
        for row in sample {
            if let Some(allowed) = dates::orders(row.at(at), latest) {
                let before = fits.unwrap_or([true; 3]);
                fits = Some([0, 1, 2].map(|nth| before[nth] && allowed[nth]));
            }
        }
        let Some(fits) = fits else { return };
        let mut left = Order::ALL.into_iter().zip(fits).filter(|(_, fits)| *fits);
        if let (Some((order, _)), None) = (left.next(), left.next()) {
            self.orders[at] = Some(order);
        }
    }
}
