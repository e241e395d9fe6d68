//! What was told in releases before: a count that has moved by a few since is not told again, or the two together would
//! tell the few.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use throughline_backtest::MIN_CELL;
use throughline_projection::Figure;
use throughline_runtime::Group;

use super::withheld::{Sheet, Withheld, counts, rests};

/// What was last told. What has been withheld since stays as it was told before.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Told(Vec<GroupTold>);

/// What was last told of one group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct GroupTold {
    way: String,
    is_last_year: bool,
    key: Option<String>,
    clients: Option<u64>,
    /// By view and figure, and by part.
    figures: BTreeMap<String, Parts>,
}

type Parts = BTreeMap<String, u64>;

/// What a new release is held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    pub last: &'a Told,
    /// What the release of the day a year before told of that day, where it is kept.
    pub year_ago: Option<&'a Told>,
}

impl<'a> Before<'a> {
    /// What was told of this group: when it was last told; and of last year's, when that was now.
    pub fn of(self, sheet: &Sheet, group: &Group) -> Vec<&'a GroupTold> {
        let year_ago = self.year_ago.filter(|_| sheet.is_last_year);
        let of_that_day = year_ago.and_then(|told| told.group(sheet, false, group));
        self.last.group(sheet, sheet.is_last_year, group).into_iter().chain(of_that_day).collect()
    }
}

impl Told {
    /// The same after these sheets were told, but for what was withheld of them.
    pub fn and(&self, sheets: &[Sheet], withheld: &Withheld) -> Self {
        let mut told = self.clone();
        for (at, sheet) in sheets.iter().enumerate() {
            for (nth, group) in sheet.groups.iter().enumerate() {
                let entry = told.entry(sheet, group);
                if !withheld.hides_clients(at, nth) {
                    entry.clients = Some(group.clients);
                }
                for figure in group.figures.iter().filter(|figure| !withheld.hides(at, nth, &figure.name)) {
                    entry.figures.insert(figure.name.clone(), parts(figure, group.clients));
                }
            }
        }
        told
    }

    fn place(&self, sheet: &Sheet, is_last_year: bool, group: &Group) -> Option<usize> {
        let way = sheet.way_name();
        self.0
            .iter()
            .position(|told| (&told.way, told.is_last_year, &told.key) == (&way, is_last_year, &group.key))
    }

    fn group(&self, sheet: &Sheet, is_last_year: bool, group: &Group) -> Option<&GroupTold> {
        self.place(sheet, is_last_year, group).map(|at| &self.0[at])
    }

    fn entry(&mut self, sheet: &Sheet, group: &Group) -> &mut GroupTold {
        let at = self.place(sheet, sheet.is_last_year, group).unwrap_or_else(|| {
            self.0.push(GroupTold {
                way: sheet.way_name(),
                is_last_year: sheet.is_last_year,
                key: group.key.clone(),
                clients: None,
                figures: BTreeMap::new(),
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

impl GroupTold {
    /// Whether the number of clients has moved by a few since it was told.
    pub fn clients_moved_by_few(&self, clients: u64) -> bool {
        self.clients.is_some_and(|told| is_few(told.abs_diff(clients)))
    }

    /// Whether this count of a figure has.
    pub fn moved_by_few(&self, figure: &str, part: &str, count: u64) -> bool {
        let told = self.figures.get(figure);
        told.is_some_and(|told| is_few(told.get(part).copied().unwrap_or_default().abs_diff(count)))
    }
}

/// The counts of a figure, and what follows from them.
fn parts(figure: &Figure, clients: u64) -> Parts {
    let mut parts: Parts = counts(figure).into_iter().map(|(part, count)| (part.to_owned(), count)).collect();
    for (rest, whole, part) in rests(figure) {
        let whole = whole.map_or(Some(clients), |whole| parts.get(whole).copied());
        if let Some(left) = whole.zip(parts.get(part)).and_then(|(whole, part)| whole.checked_sub(*part)) {
            parts.insert(rest.to_owned(), left);
        }
    }
    parts
}

fn is_few(count: u64) -> bool {
    (1..u64::from(MIN_CELL)).contains(&count)
}
