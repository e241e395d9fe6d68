//! What of all views' figures must not be shown to those who may not see small counts. Every way the clients are split is
//! laid out, for both days and all views, in one ledger: each figure of each group is a piece of it, what adds up over
//! groups and among figures ties them. So no two answers say more together than the whole.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use throughline_backtest::{Count, Ledger, MIN_CELL, Piece};
use throughline_projection::Placement;

use super::{
    told::Before,
    withheld::{Hidden, Sheet, SumsByView, Withheld, counts, of_view, parted, rests},
};

/// What small counts, all they follow from, and counts that have moved by few since they were told, hide.
pub(super) fn withheld(
    sheets: &[Sheet],
    cards: &[Placement],
    sums: &SumsByView,
    before: Before<'_>,
) -> Withheld {
    let mut books = Books::of(sheets, sums);
    books.tie_groups(cards);
    for (at, sheet) in sheets.iter().enumerate() {
        for nth in 0..sheet.groups.len() {
            books.tie_figures(at, nth);
            books.note_rests(at, nth, before);
        }
    }
    books.tie_days();
    books.settle()
}

/// The values of a column, by sheet and group.
type Values = Vec<((usize, usize), u64)>;

/// A count by its sheet, its group, and the column it stands in.
type Place = (usize, usize, usize);

struct Books<'a> {
    sheets: &'a [Sheet],
    sums: &'a SumsByView,
    ledger: Ledger,
    /// Columns by figure and part; those that are the same in every group are one.
    columns: HashMap<(&'a str, &'static str), usize>,
    columns_count: usize,
    counts: HashMap<Place, (Count, u64)>,
    groups: Vec<Vec<Piece>>,
    figures: Vec<Vec<HashMap<&'a str, Pieces>>>,
}

/// What of a figure is shown or not: the figure, and how many are missing for each reason.
struct Pieces {
    whole: Piece,
    missing: Vec<(&'static str, Piece)>,
}

/// The column of the number of clients.
const CLIENTS: (&str, &str) = ("", "clients");

/// What it costs not to show something: why some are missing, a figure, how many clients there are. Many cost more than few,
/// and all together more than any group.
const MISSING_WEIGHT: u32 = 10;
const FIGURE_WEIGHT: u32 = 100;
const CLIENTS_WEIGHT: u32 = 1_000;

fn weight(of: u32, count: u64, sheet: &Sheet) -> u32 {
    let times = if sheet.way.is_none() { 10 } else { 1 };
    times * (of + of * count.checked_ilog2().unwrap_or_default() / 20)
}

impl<'a> Books<'a> {
    fn of(sheets: &'a [Sheet], sums: &'a SumsByView) -> Self {
        let written = sheets.iter().enumerate().flat_map(|(at, sheet)| {
            sheet.groups.iter().enumerate().flat_map(move |(nth, group)| {
                let figures = group.figures.iter().flat_map(|figure| {
                    counts(figure).into_iter().map(|(part, count)| ((figure.name.as_str(), part), count))
                });
                figures.chain([(CLIENTS, group.clients)]).map(move |(name, count)| (name, (at, nth), count))
            })
        });
        let mut values: BTreeMap<(&str, &'static str), Values> = BTreeMap::new();
        for (name, place, count) in written.filter(|(_, _, count)| *count > 0) {
            values.entry(name).or_default().push((place, count));
        }
        let mut alike: HashMap<Values, usize> = HashMap::new();
        let mut books = Self {
            sheets,
            sums,
            ledger: Ledger::default(),
            columns: HashMap::new(),
            columns_count: 0,
            counts: HashMap::new(),
            groups: Vec::new(),
            figures: Vec::new(),
        };
        for (name, values) in values {
            let next = alike.len();
            let column = *alike.entry(values).or_insert(next);
            books.columns.insert(name, column);
        }
        books.columns_count = alike.len();
        for (at, sheet) in sheets.iter().enumerate() {
            let pieces: Vec<_> = (0..sheet.groups.len()).map(|nth| books.write(at, nth)).collect();
            let (groups, figures) = pieces.into_iter().unzip();
            books.groups.push(groups);
            books.figures.push(figures);
        }
        books
    }

    /// Writes down a group: a piece for each figure, but one for all that tell each other; and one for each reason to be
    /// missing from it.
    fn write(&mut self, at: usize, nth: usize) -> (Piece, HashMap<&'a str, Pieces>) {
        let sheet = &self.sheets[at];
        let group = &sheet.groups[nth];
        // Nothing is written in it itself.
        let group_piece = self.ledger.piece(None, 0);
        // Of a few clients nothing is shown.
        if group.clients < u64::from(MIN_CELL) {
            self.ledger.hide(group_piece);
        }
        let number = self.ledger.piece(Some(group_piece), weight(CLIENTS_WEIGHT, group.clients, sheet));
        self.write_count((at, nth), CLIENTS, group.clients, number);
        let mut pieces: HashMap<&str, Pieces> = HashMap::new();
        for figure in &group.figures {
            let (view, name) = parted(&figure.name);
            let together =
                self.sums.get(view).and_then(|sums| sums.together.iter().find(|named| named.contains(&name)));
            let known = together
                .and_then(|named| named.iter().find_map(|other| pieces.get(of_view(view, other).as_str())));
            let counts = counts(figure);
            let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
            let whole = known.map_or_else(
                || self.ledger.piece(Some(group_piece), weight(FIGURE_WEIGHT, most, sheet)),
                |known| known.whole,
            );
            let mut missing = Vec::new();
            for (part, count) in counts {
                let mut piece = whole;
                if !matches!(part, "counted" | "of") {
                    piece = self.ledger.piece(Some(whole), weight(MISSING_WEIGHT, count, sheet));
                    missing.push((part, piece));
                }
                self.write_count((at, nth), (&figure.name, part), count, piece);
            }
            pieces.insert(&figure.name, Pieces { whole, missing });
        }
        (number, pieces)
    }

    fn write_count(
        &mut self,
        (at, nth): (usize, usize),
        name: (&'a str, &'static str),
        value: u64,
        piece: Piece,
    ) {
        let Some(column) = self.columns.get(&name) else { return };
        // Nobody is in it, which is no secret.
        if value == 0 {
            return;
        }
        let (count, _) =
            *self.counts.entry((at, nth, *column)).or_insert_with(|| (self.ledger.count(value), value));
        self.ledger.write(count, piece);
    }

    fn count(&self, at: usize, nth: usize, column: usize) -> Option<Count> {
        self.counts.get(&(at, nth, column)).map(|(count, _)| *count)
    }

    /// Groups of two ways that hold the same clients between them hold the same counts.
    fn tie_groups(&mut self, cards: &[Placement]) {
        let homes: Vec<Vec<Option<usize>>> = self.sheets.iter().map(|sheet| sheet.homes(cards)).collect();
        for (at, sheet) in self.sheets.iter().enumerate() {
            for other in at + 1..self.sheets.len() {
                if self.sheets[other].day != sheet.day {
                    continue;
                }
                for (ours, theirs) in same_people(&homes[at], &homes[other]) {
                    for column in 0..self.columns_count {
                        let of = |sheet: usize, groups: &BTreeSet<usize>| -> Vec<Count> {
                            groups.iter().filter_map(|nth| self.count(sheet, *nth, column)).collect()
                        };
                        let (ours, theirs) = (of(at, &ours), of(other, &theirs));
                        self.ledger.adds_up(&ours, &theirs);
                    }
                }
            }
        }
    }

    /// What the figures of one group say of each other.
    fn tie_figures(&mut self, at: usize, nth: usize) {
        let ties = self.sums.iter().flat_map(|(view, sums)| sums.adds_up.iter().map(move |sum| (view, sum)));
        for (view, (one, other)) in ties {
            let counts = |names: &[&'static str]| -> Vec<Count> {
                names.iter().flat_map(|name| self.named(at, nth, view, name)).collect()
            };
            let (one, other) = (counts(one), counts(other));
            self.ledger.adds_up(&one, &other);
        }
    }

    /// The counts of this name in a view: one, none where it is zero, or many where the name has a `*`.
    fn named(&self, at: usize, nth: usize, view: &str, name: &'static str) -> Vec<Count> {
        let (figure, part) = name.split_once('/').unwrap_or((name, "counted"));
        // Clients are those of every view.
        let figure = if figure.is_empty() { String::new() } else { of_view(view, figure) };
        let Some((begin, end)) = figure.split_once('*') else {
            return self.find(at, nth, (&figure, part)).map(|(count, _)| count).into_iter().collect();
        };
        let figures = self.sheets[at].groups[nth].figures.iter().map(|figure| figure.name.as_str());
        let meant = figures.filter(|name| {
            name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end)
        });
        meant.filter_map(|figure| self.find(at, nth, (figure, part))).map(|(count, _)| count).collect()
    }

    /// Secrets that are nobody's figure; and counts that have moved by few since they were last told.
    fn note_rests(&mut self, at: usize, nth: usize, before: Before<'_>) {
        let sheet = &self.sheets[at];
        let group = &sheet.groups[nth];
        let before = before.of(sheet, group);
        let clients = self.find(at, nth, CLIENTS);
        if let Some((count, value)) = clients
            && before.iter().any(|before| before.clients_moved_by_few(value))
        {
            self.ledger.keep_secret(count);
        }
        for figure in &group.figures {
            let has_moved =
                |part, value| before.iter().any(|before| before.moved_by_few(&figure.name, part, value));
            for (part, value) in counts(figure).into_iter().filter(|(part, value)| has_moved(part, *value)) {
                let moved = self.find(at, nth, (&figure.name, part)).filter(|(_, known)| *known == value);
                if let Some((count, _)) = moved {
                    self.ledger.keep_secret(count);
                }
            }
            for (rest, whole, part) in rests(figure) {
                let find = |part| self.find(at, nth, (&figure.name, part));
                let (Some(whole), Some(part)) = (whole.map_or(clients, find), find(part)) else { continue };
                let Some(value) = whole.1.checked_sub(part.1) else { continue };
                if value == 0 {
                    self.ledger.adds_up(&[part.0], &[whole.0]);
                    continue;
                }
                let count = self.ledger.count(value);
                if has_moved(rest, value) {
                    self.ledger.keep_secret(count);
                }
                self.ledger.adds_up(&[part.0, count], &[whole.0]);
            }
        }
    }

    /// A count, and its value.
    fn find(&self, at: usize, nth: usize, name: (&str, &'static str)) -> Option<(Count, u64)> {
        self.columns.get(&name).and_then(|column| self.counts.get(&(at, nth, *column))).copied()
    }

    /// Figures of the year before, said again on the other day.
    fn tie_days(&mut self) {
        let again: Vec<(String, String)> = self
            .sums
            .iter()
            .flat_map(|(view, sums)| sums.year_before.iter().map(move |pair| (view, pair)))
            .map(|(view, (before, now))| (of_view(view, before), of_view(view, now)))
            .collect();
        let parts: BTreeSet<&'static str> = self.columns.keys().map(|(_, part)| *part).collect();
        for (at, sheet) in self.sheets.iter().enumerate().filter(|(_, sheet)| !sheet.is_last_year) {
            let then = self.sheets.iter().position(|then| then.is_last_year && then.way == sheet.way);
            let Some(then) = then else { continue };
            for (nth, group) in sheet.groups.iter().enumerate() {
                let same = self.sheets[then].groups.iter().position(|other| other.key == group.key);
                let Some(same) = same else { continue };
                for (part, (before, now)) in
                    parts.iter().flat_map(|part| again.iter().map(move |pair| (part, pair)))
                {
                    let one = self.find(at, nth, (before, part));
                    if let Some((one, other)) = one.zip(self.find(then, same, (now, part))) {
                        self.ledger.adds_up(&[one.0], &[other.0]);
                    }
                }
            }
        }
    }

    fn settle(self) -> Withheld {
        let settled = self.ledger.settle();
        if settled.not_found() > 0 {
            tracing::warn!(
                secrets = settled.not_found(),
                "no other numbers were found for some small counts: all they are tied to is withheld"
            );
        }
        let clients =
            self.groups.iter().map(|groups| groups.iter().map(|piece| settled.hides(*piece)).collect());
        let figures = self.figures.iter().map(|groups| {
            let hidden = |pieces: &Pieces| {
                let missing = pieces.missing.iter().filter(|(_, piece)| settled.hides(*piece));
                let missing = missing.map(|(reason, _)| *reason).collect();
                Hidden { whole: settled.hides(pieces.whole), missing }
            };
            let of_group = |pieces: &HashMap<&str, Pieces>| {
                pieces.iter().map(|(name, pieces)| ((*name).to_owned(), hidden(pieces))).collect()
            };
            groups.iter().map(of_group).collect()
        });
        Withheld { clients: clients.collect(), figures: figures.collect() }
    }
}

/// Groups of one sheet and groups of another that hold the same clients between them, as few together as can be. Clients
/// come with their group in each.
fn same_people(ours: &[Option<usize>], theirs: &[Option<usize>]) -> Vec<(BTreeSet<usize>, BTreeSet<usize>)> {
    let mut joined: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
    let met: BTreeSet<(usize, usize)> =
        ours.iter().zip(theirs).filter_map(|(one, other)| one.zip(*other)).collect();
    for (one, other) in met {
        let (touched, apart): (Vec<_>, Vec<_>) =
            joined.into_iter().partition(|(ours, theirs)| ours.contains(&one) || theirs.contains(&other));
        joined = apart;
        let mut whole = (BTreeSet::from([one]), BTreeSet::from([other]));
        for (ours, theirs) in touched {
            whole.0.extend(ours);
            whole.1.extend(theirs);
        }
        joined.push(whole);
    }
    joined
}
