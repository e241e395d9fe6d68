//! Every way clients are split, what is counted of each, and what of it is not shown to those who may not see small counts.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use throughline_projection::{Figure, Placement, Sums};
use throughline_runtime::{Group, GroupBy};

/// Every way clients are split, in the order of the page; all together first.
pub(super) const WAYS: [Option<GroupBy>; 6] = [
    None,
    Some(GroupBy::Programme),
    Some(GroupBy::Site),
    Some(GroupBy::Worker),
    Some(GroupBy::Language),
    Some(GroupBy::Role),
];

/// One way to split, on one day. The figures of all views are in it, under the names of [`of_view`].
pub(super) struct Sheet {
    pub way: Option<GroupBy>,
    pub day: Date,
    pub is_last_year: bool,
    pub groups: Vec<Group>,
}

impl Sheet {
    /// The way to split, as questions name it; nothing where all are together.
    pub fn way_name(&self) -> String {
        self.way.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// The group of each client; none of those who had not come by then.
    pub fn homes(&self, cards: &[Placement]) -> Vec<Option<usize>> {
        let nth: HashMap<&Option<String>, usize> =
            self.groups.iter().enumerate().map(|(nth, group)| (&group.key, nth)).collect();
        let home = |card: &Placement| {
            let is_there = card.opened.is_none_or(|opened| opened <= self.day);
            is_there.then(|| self.way.as_ref().and_then(|way| way.key(card, self.day)))
        };
        cards.iter().map(|card| home(card).and_then(|key| nth.get(&key).copied())).collect()
    }
}

/// The name of a figure among those of all views.
pub(super) fn of_view(view: &str, figure: &str) -> String {
    format!("{view}:{figure}")
}

/// The view of a figure so named, and its name there.
pub(super) fn parted(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// What the figures of each view say of each other.
pub(super) type SumsByView = BTreeMap<&'static str, Sums>;

/// The whole numbers a figure is counted from, by the names of its parts.
pub(super) fn counts(figure: &Figure) -> Vec<(&'static str, u64)> {
    // A sum that is no whole number counts nobody.
    let whole =
        |value: f64| (value >= 0.0 && value.fract() == 0.0).then(|| format!("{value:.0}").parse().ok());
    let is_count = figure.denominator.is_none() && figure.unit != "share";
    let counted = figure.numerator.or(figure.value.filter(|_| is_count));
    let counted = counted.and_then(whole).flatten().map(|count| ("counted", count));
    let of = figure.denominator.map(|count| ("of", count));
    let missing = figure.missing.iter().filter_map(|missing| Some((missing.reason, missing.count?)));
    counted.into_iter().chain(of).chain(missing).collect()
}

/// What could be worked out from a figure and is nobody's figure: how many of a share were not counted, and how many
/// clients of the group are not in it. With the parts it follows from: the whole, and what is taken off.
pub(super) fn rests(figure: &Figure) -> Vec<(&'static str, Option<&'static str>, &'static str)> {
    let is_share = matches!(figure.unit, "share" | "points") && figure.denominator.is_some();
    let rest = is_share.then_some(("rest", Some("of"), "counted"));
    let others = if figure.denominator.is_some() {
        Some("of")
    } else {
        (figure.unit == "clients").then_some("counted")
    };
    rest.into_iter().chain(others.map(|part| ("others", None, part))).collect()
}

/// What is not shown: figures of groups, how many are missing from them, and groups whole.
pub(super) struct Withheld {
    pub clients: Vec<Vec<bool>>,
    pub figures: Vec<Vec<HashMap<String, Hidden>>>,
}

/// What of a figure is not shown.
pub(super) struct Hidden {
    pub whole: bool,
    /// The reasons for which it is not told how many are missing.
    pub missing: Vec<&'static str>,
}

impl Withheld {
    /// Whether the number of clients of this group is not shown.
    pub fn hides_clients(&self, sheet: usize, group: usize) -> bool {
        self.clients[sheet][group]
    }

    /// A figure of this group, under its name among all, without what is not shown of it; none where nothing is.
    pub fn seen(&self, sheet: usize, group: usize, figure: &Figure) -> Option<Figure> {
        let mut seen = figure.clone();
        let Some(hidden) = self.figures[sheet][group].get(&figure.name) else { return Some(seen) };
        for missing in seen.missing.iter_mut().filter(|missing| hidden.missing.contains(&missing.reason)) {
            missing.count = None;
            // The bounds tell how many are missing.
            (seen.low, seen.high) = (None, None);
        }
        (!hidden.whole).then_some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_without_who_is_missing_has_no_bounds_either() {
        let whole = Figure::share("outcomes:durable-share", 30, 50)
            .missing("died", 3)
            .missing("missed", 20)
            .between(Some(0.4), Some(0.8));
        let hidden = Hidden { whole: false, missing: vec!["died"] };
        let figures = HashMap::from([(whole.name.clone(), hidden)]);
        let seen = Withheld { clients: vec![vec![false]], figures: vec![vec![figures]] }.seen(0, 0, &whole);
        let seen = seen.expect("the figure is shown");
        assert_eq!((seen.value, seen.low, seen.high), (Some(0.6), None, None));
        let missing: Vec<_> = seen.missing.iter().map(|missing| (missing.reason, missing.count)).collect();
        assert_eq!(missing, [("died", None), ("missed", Some(20))]);
    }
}
