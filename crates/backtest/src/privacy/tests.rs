use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::page::{Figure, Section};

fn table(name: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(ToString::to_string).collect();
    Table { name: name.into(), caption: name.into(), columns, rows }
}

fn page(tables: Vec<Table>) -> Page {
    let section = Section { tables, ..Section::default() };
    Page { title: "page".into(), sections: vec![section] }
}

fn text(words: &str) -> Cell {
    Cell::Text(words.into())
}

fn row(label: &str, counts: &[u64]) -> Vec<Cell> {
    [text(label)].into_iter().chain(counts.iter().map(|count| Cell::Count(*count))).collect()
}

fn shown(tables: Vec<Table>) -> Vec<Vec<Vec<Cell>>> {
    page(tables).withhold(11).page().tables().map(|table| table.rows.clone()).collect()
}

#[test]
fn a_small_count_is_withheld_and_none_and_eleven_are_shown() {
    let rows = &shown(vec![table(
        "sites",
        &["site", "clients"],
        vec![row("a", &[0]), row("b", &[1]), row("c", &[10]), row("d", &[11])],
    )])[0];
    assert_eq!(rows[0][1], Cell::Count(0));
    assert_eq!([&rows[1][1], &rows[2][1]], [&Cell::WITHHELD; 2]);
    assert_eq!(rows[3][1], Cell::Count(11));
}

#[test]
fn a_limit_below_eleven_is_eleven() {
    let page = page(vec![table("sites", &["site", "clients"], vec![row("a", &[10])])]).withhold(2);
    assert!(page.withholds());
}

#[test]
fn beside_one_small_part_of_a_total_the_next_smallest_goes_too() {
    let rows = &shown(vec![table(
        "sites",
        &["site", "clients"],
        vec![row("a", &[40]), row("b", &[3]), row("c", &[20]), row("all", &[63])],
    )])[0];
    let cells: Vec<&Cell> = rows.iter().map(|row| &row[1]).collect();
    assert_eq!(cells, [&Cell::Count(40), &Cell::WITHHELD, &Cell::WITHHELD, &Cell::Count(63)]);
}

#[test]
fn two_that_make_two_are_one_each_and_so_a_third_goes_too() {
    let rows = &shown(vec![table(
        "sites",
        &["site", "clients"],
        vec![row("a", &[1]), row("b", &[1]), row("c", &[40]), row("all", &[42])],
    )])[0];
    let withheld = rows.iter().filter(|row| row[1] == Cell::WITHHELD).count();
    assert!(withheld > 2, "{rows:?}");
}

#[test]
fn a_total_in_another_table_counts_as_much() {
    let tables = shown(vec![
        table("cohort", &["", "clients"], vec![row("judged", &[63]), row("erased", &[0])]),
        table("sites", &["site", "clients"], vec![row("a", &[40]), row("b", &[3]), row("c", &[20])]),
    ]);
    assert_eq!(tables[1][2][1], Cell::WITHHELD);
}

#[test]
fn what_is_withheld_in_one_table_is_not_read_in_another() {
    let tables = shown(vec![
        table(
            "sites",
            &["site", "clients"],
            vec![row("a", &[40]), row("b", &[3]), row("c", &[20]), row("all", &[63])],
        ),
        table("flags", &["site", "clients", "flagged"], vec![row("c", &[20, 0])]),
    ]);
    assert_eq!(tables[1][0][1], Cell::WITHHELD);
}

#[test]
fn a_table_with_totals_both_ways_keeps_no_way_open() {
    let rows = &shown(vec![table(
        "matrix",
        &["", "came", "did not", "all"],
        vec![row("flagged", &[5, 30, 35]), row("not flagged", &[25, 140, 165]), row("all", &[30, 170, 200])],
    )])[0];
    for (line, column) in [(0, 1), (0, 2), (1, 1), (1, 2)] {
        assert_eq!(rows[line][column], Cell::WITHHELD, "{line} {column}");
    }
    assert_eq!(rows[2][3], Cell::Count(200));
}

#[test]
fn a_share_goes_with_its_count_with_the_rest_and_with_the_numbers_beside_it() {
    let cells = |count, of| vec![text("arm"), Cell::Count(of), Cell::share(count, of), Cell::Number(0.5)];
    let rows = &shown(vec![table(
        "arms",
        &["arm", "clients", "share", "lower"],
        vec![cells(30, 60), cells(4, 70), cells(78, 80)],
    )])[0];
    assert_eq!(rows[0][2..], [Cell::share(30, 60), Cell::Number(0.5)]);
    assert_eq!(rows[1], [text("arm"), Cell::Count(70), Cell::WITHHELD, Cell::WITHHELD]);
    assert_eq!(rows[2], [text("arm"), Cell::Count(80), Cell::WITHHELD, Cell::WITHHELD]);
}

#[test]
fn a_count_that_leaves_few_of_a_share_goes_with_it() {
    let rows = vec![vec![text("arm"), Cell::Count(80), Cell::Count(78), Cell::share(78, 80)]];
    let rows = &shown(vec![table("arms", &["arm", "clients", "came", "share"], rows)])[0];
    assert_eq!(rows[0][2], Cell::WITHHELD);
}

fn curve(rows: &[(f64, u64, u64)]) -> Page {
    let row = |(day, risk, since): &(f64, u64, u64)| {
        vec![Cell::Number(*day), Cell::Count(*risk), Cell::Number(0.8), Cell::Count(*since)]
    };
    let columns = ["day", "at risk", "survival", SINCE];
    let table = table("curve", &columns, rows.iter().map(row).collect());
    let form = Form::Steps { x: "day".into(), y: "survival".into(), band: None, series: None };
    let figure = Figure { table: "curve".into(), caption: String::new(), form };
    let section = Section { tables: vec![table], figures: vec![figure], ..Section::default() };
    Page { title: String::new(), sections: vec![section] }
}

#[test]
fn a_curve_has_no_step_of_few_and_ends_with_its_last_whole_step() {
    let page =
        curve(&[(0.0, 100, 0), (3.0, 100, 4), (5.0, 96, 6), (9.0, 80, 3), (12.0, 60, 20), (30.0, 40, 2)]);
    let shown = page.withhold(11);
    let rows = &shown.page().sections[0].tables[0].rows;
    let days: Vec<&Cell> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(days, [&Cell::Number(0.0), &Cell::Number(9.0)], "2 are left over, so the step of 20 goes too");
    assert_eq!(rows[1][3], Cell::Count(13));
}

#[test]
fn the_day_of_a_curve_stays_where_its_estimate_goes() {
    let shown = curve(&[(0.0, 100, 0), (30.0, 4, 40)]).withhold(11);
    let row = &shown.page().sections[0].tables[0].rows[1];
    assert_eq!(row[..], [Cell::Number(30.0), Cell::WITHHELD, Cell::WITHHELD, Cell::Count(40)]);
}

#[test]
fn a_curve_that_does_not_say_how_many_each_step_is_is_left_out() {
    let mut page = curve(&[(0.0, 100, 0), (3.0, 90, 50)]);
    page.sections[0].tables[0].columns[3] = "events".into();
    assert!(page.withhold(11).page().sections[0].tables[0].rows.is_empty());
}

#[test]
fn what_is_left_between_a_count_and_a_part_of_it_is_not_told_either() {
    let rows = &shown(vec![table(
        "arms",
        &["arm", "clients", "came"],
        vec![row("a", &[80, 78]), row("b", &[90, 40])],
    )])[0];
    assert!(rows[0][1] == Cell::WITHHELD || rows[0][2] == Cell::WITHHELD);
    assert_eq!(rows[1][1..], [Cell::Count(90), Cell::Count(40)]);
    let at = |day: f64, count| vec![Cell::Number(day), text("a"), Cell::Count(count)];
    let rows =
        &shown(vec![table("at", &["day", "arm", "so far"], vec![at(30.0, 20), at(60.0, 24), at(90.0, 50)])])
            [0];
    assert!(rows[0][2] == Cell::WITHHELD || rows[1][2] == Cell::WITHHELD);
}

#[test]
fn people_listed_one_by_one_are_shown_only_in_company() {
    let person = |name: String, to: &str| vec![Cell::Person(name), text("held"), text(to)];
    let rows = (0..12)
        .map(|one| person(format!("a{one}"), "lost"))
        .chain((0..3).map(|one| person(format!("b{one}"), "unknown")));
    let rows = &shown(vec![table("changed", &["client", "now", "instead"], rows.collect())])[0];
    assert_eq!(rows.len(), 13);
    assert_eq!(rows[12][..], [Cell::WITHHELD, text("held"), text("unknown")]);
}

/// A table of these inner counts with totals in its last row and column.
fn with_totals(inner: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let mut rows: Vec<Vec<u64>> =
        inner.iter().map(|row| row.iter().copied().chain([row.iter().sum()]).collect()).collect();
    let columns = rows[0].len();
    rows.push((0..columns).map(|column| rows.iter().map(|row| row[column]).sum()).collect());
    rows
}

/// For every inner cell, whether two fillings that agree with everything shown give it different values. Tries them
/// all: each inner count from one to `most`, for nobody is shown.
fn open_cells(shown: &[Vec<Option<u64>>], truth: &[Vec<u64>], most: u64) -> Vec<Vec<bool>> {
    let (rows, columns) = (truth.len() - 1, truth[0].len() - 1);
    let hidden: Vec<(usize, usize)> = (0..rows)
        .flat_map(|row| (0..columns).map(move |column| (row, column)))
        .filter(|(row, column)| shown[*row][*column].is_none())
        .collect();
    let mut seen: BTreeMap<(usize, usize), std::collections::BTreeSet<u64>> = BTreeMap::new();
    let mut inner: Vec<Vec<u64>> = truth[..rows].iter().map(|row| row[..columns].to_vec()).collect();
    try_all(&hidden, &mut inner, shown, most, &mut seen);
    let differs = |row, column| seen.get(&(row, column)).is_some_and(|values| values.len() > 1);
    (0..rows).map(|row| (0..columns).map(|column| differs(row, column)).collect()).collect()
}

fn try_all(
    hidden: &[(usize, usize)],
    inner: &mut Vec<Vec<u64>>,
    shown: &[Vec<Option<u64>>],
    most: u64,
    seen: &mut BTreeMap<(usize, usize), std::collections::BTreeSet<u64>>,
) {
    let Some(((row, column), rest)) = hidden.split_first() else {
        let all = with_totals(inner);
        let agrees = all
            .iter()
            .flatten()
            .zip(shown.iter().flatten())
            .all(|(value, shown)| shown.is_none_or(|shown| shown == *value));
        if agrees {
            for (row, cells) in inner.iter().enumerate() {
                for (column, value) in cells.iter().enumerate() {
                    seen.entry((row, column)).or_default().insert(*value);
                }
            }
        }
        return;
    };
    for value in 1..=most {
        inner[*row][*column] = value;
        try_all(rest, inner, shown, most, seen);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Every filling there is, tried one by one: no small count has only one that fits.
    #[test]
    fn no_small_count_can_be_worked_out_by_sums(
        inner in prop::collection::vec(prop::collection::vec(prop_oneof![0..11_u64, 11..16_u64], 2), 2..4)
    ) {
        let truth = with_totals(&inner);
        let columns: Vec<String> = (0..=truth[0].len()).map(|column| format!("c{column}")).collect();
        let rows = truth.iter().enumerate().map(|(at, counts)| row(&format!("r{at}"), counts)).collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let cells = &shown(vec![table("two-way", &names, rows)])[0];
        let seen: Vec<Vec<Option<u64>>> = cells
            .iter()
            .map(|row| row[1..].iter().map(|cell| match cell { Cell::Count(count) => Some(*count), _ => None }).collect())
            .collect();
        let hidden = seen[..inner.len()].iter().flat_map(|row| &row[..2]).filter(|cell| cell.is_none()).count();
        // Four hidden cells of up to 17 each are a hundred thousand fillings, all of them tried.
        prop_assume!(hidden <= 4);
        let open = open_cells(&seen, &truth, 17);
        for (line, cells) in inner.iter().enumerate() {
            for (column, value) in cells.iter().enumerate() {
                if (1..11).contains(value) {
                    prop_assert!(seen[line][column].is_none(), "{truth:?} shows {value}");
                    prop_assert!(open[line][column], "{truth:?} shown as {seen:?} tells {value}");
                }
            }
        }
    }
}
