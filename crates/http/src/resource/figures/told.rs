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

/// Unset where a part was withheld, and was not told before either.
type Parts = BTreeMap<String, Option<u64>>;

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
                let clients = (!withheld.hides_clients(at, nth)).then_some(group.clients);
                entry.clients = clients.or(entry.clients);
                for figure in group.figures.iter().filter_map(|figure| withheld.seen(at, nth, figure)) {
                    let before = entry.figures.get(&figure.name);
                    let parts = parts(&figure, clients, before);
                    entry.figures.insert(figure.name, parts);
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
        let told = self.figures.get(figure).and_then(|told| told.get(part).copied().unwrap_or(Some(0)));
        told.is_some_and(|told| is_few(told.abs_diff(count)))
    }
}

/// The counts of a figure as it is seen, and what follows from them. What is withheld of it stays as it was told before.
fn parts(figure: &Figure, clients: Option<u64>, before: Option<&Parts>) -> Parts {
    let counts: BTreeMap<&str, u64> = counts(figure).into_iter().collect();
    // A part that was not named was nobody's.
    let told_before = |part| before.and_then(|told| told.get(part).copied().unwrap_or(Some(0)));
    let rests = rests(figure).into_iter().map(|(rest, whole, part)| {
        let whole = whole.map_or(clients, |whole| counts.get(whole).copied());
        let left = whole.zip(counts.get(part)).and_then(|(whole, part)| whole.checked_sub(*part));
        (rest, left.or_else(|| told_before(rest)))
    });
    let withheld = figure.missing.iter().filter(|missing| missing.count.is_none());
    let withheld = withheld.map(|missing| (missing.reason, told_before(missing.reason)));
    let all = counts.iter().map(|(part, count)| (*part, Some(*count))).chain(rests).chain(withheld);
    all.map(|(part, count)| (part.to_owned(), count)).collect()
}

fn is_few(count: u64) -> bool {
    (1..u64::from(MIN_CELL)).contains(&count)
}
