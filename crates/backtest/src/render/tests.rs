use super::*;
use crate::page::{Figure, Form, Page, Section};

fn text(words: &str) -> Cell {
    Cell::Text(words.into())
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn table(name: &str, names: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table { name: name.into(), caption: format!("Table {name}"), columns: columns(names), rows }
}

fn figure(table: &str, form: Form) -> Figure {
    Figure { table: table.into(), caption: format!("Figure of {table}"), form }
}

fn survival() -> Table {
    let mut rows = Vec::new();
    for (arm, rate) in [("Peer mentor from day one", 0.0021), ("As before the change", 0.0034)] {
        for step in 0..=24 {
            let day = f64::from(step) * 15.0;
            let y = (-rate * day).exp();
            let (low, high) = (y - 0.02 - day / 5000.0, (y + 0.02 + day / 6000.0).min(1.0));
            let since = Cell::Count(if step == 0 { 0 } else { 12 });
            let numbers = [y, low, high].map(Cell::Number);
            rows.push([text(arm), Cell::Number(day)].into_iter().chain(numbers).chain([since]).collect());
        }
    }
    table(
        "survival-by-arm",
        &["arm", "days since enrolment", "still housed", "lower", "upper", crate::privacy::SINCE],
        rows,
    )
}

fn everything() -> Page {
    let confusion = table(
        "flags",
        &["", "dropped out", "stayed", "all"],
        vec![
            vec![text("flagged"), Cell::Count(86), Cell::Count(41), Cell::Count(127)],
            vec![text("not flagged"), Cell::Count(7), Cell::Count(1218), Cell::Count(1225)],
            vec![text("all"), Cell::Count(93), Cell::Count(1259), Cell::Count(1352)],
        ],
    );
    let sites = table(
        "sites",
        &["site", "clients", "share"],
        vec![
            vec![text("north"), Cell::Count(412), Cell::share(120, 412)],
            vec![
                text("a site with a name that is much longer than any drawing has room for"),
                Cell::Count(130),
                Cell::share(70, 130),
            ],
            vec![text("harbour"), Cell::Count(6), Cell::share(2, 6)],
        ],
    );
    let effects = table(
        "effects",
        &["estimate", "difference", "from", "to"],
        vec![
            vec![text("unweighted"), Cell::Number(0.083), Cell::Number(0.021), Cell::Number(0.145)],
            vec![text("weighted (ATT)"), Cell::Number(0.047), Cell::Number(-0.018), Cell::Number(0.112)],
            vec![
                text("placebo: the year before"),
                Cell::Number(-0.006),
                Cell::Number(-0.071),
                Cell::Number(0.059),
            ],
        ],
    );
    let months = (0..24).map(|month| {
        let y = 31.0 + 0.4 * f64::from(month) + if month >= 12 { 6.0 } else { 0.0 } + f64::from(month % 5);
        vec![Cell::Number(f64::from(month)), Cell::Number(y)]
    });
    let months = table("months", &["month", "contacts per worker"], months.collect());
    let steps = Form::Steps {
        x: "days since enrolment".into(),
        y: "still housed".into(),
        band: Some(("lower".into(), "upper".into())),
        series: Some("arm".into()),
    };
    let ends = ("from".into(), "to".into());
    let intervals = Form::Intervals { label: "estimate".into(), value: "difference".into(), ends, none: 0.0 };
    let section = |heading: &str, tables, figures| Section {
        heading: heading.into(),
        words: vec!["What the table shows, in words that say what may be claimed and what may not.".into()],
        tables,
        figures,
    };
    Page {
        title: "Would two missed check-ins have warned us of a dropout?".into(),
        sections: vec![
            section("Flags", vec![confusion], Vec::new()),
            section("Time to the outcome", vec![survival()], vec![figure("survival-by-arm", steps)]),
            section("Estimates", vec![effects], vec![figure("effects", intervals)]),
            section(
                "By site",
                vec![sites],
                vec![figure("sites", Form::Bars { label: "site".into(), value: "share".into() })],
            ),
            section(
                "By month",
                vec![months],
                vec![figure(
                    "months",
                    Form::Lines { x: "month".into(), y: "contacts per worker".into(), series: None },
                )],
            ),
        ],
    }
}

#[test]
fn what_comes_from_the_record_cannot_become_markup() {
    let hostile = "<script>alert('x')</script>\"&\u{0}";
    let rows = vec![vec![text(hostile), Cell::Number(1.0), Cell::Number(0.5), Cell::Number(2.0)]];
    let ends = ("from".into(), "to".into());
    let form = Form::Intervals { label: hostile.into(), value: "v".into(), ends, none: 0.0 };
    let bars = Form::Bars { label: hostile.into(), value: "v".into() };
    let lines = Form::Lines { x: "v".into(), y: "from".into(), series: Some(hostile.into()) };
    let mut table = table("t", &[hostile, "v", "from", "to"], rows);
    table.caption = hostile.into();
    let section = Section {
        heading: hostile.into(),
        words: vec![hostile.into()],
        tables: vec![table],
        figures: [form, bars, lines]
            .map(|form| Figure { table: "t".into(), caption: hostile.into(), form })
            .into(),
    };
    let page = html(&Page { title: hostile.into(), sections: vec![section] }.withhold(11));
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains('\u{0}'));
    assert_eq!(page.matches("<svg").count(), 3);
}

#[test]
fn a_page_fetches_nothing_and_runs_nothing() {
    let page = html(&everything().withhold(11));
    for outside in ["<script", "http://", "https://", "url(", "@import", "<img", "onload"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<svg").count(), 4);
    assert_eq!(page.matches("<svg").count(), page.matches("role=\"img\"").count());
    assert_eq!(page.matches("<title").count(), 5, "every drawing has a name, and so has the page");
}

#[test]
fn what_is_withheld_is_in_no_rendering() {
    let shown = everything().withhold(11);
    let page = html(&shown);
    let json = serde_json::to_string(&shown).expect("json");
    let tables: Vec<String> =
        shown.page().tables().map(|table| String::from_utf8(csv(table)).expect("text")).collect();
    // Seven of 1225 were not flagged and dropped out: with the margins shown, the whole inner table goes.
    for told in ["1,218", "1218"] {
        assert!(!page.contains(told) && !json.contains(told) && !tables.concat().contains(told), "{told}");
    }
    assert!(tables[0].contains("flagged,withheld,withheld,127"), "{}", tables[0]);
    assert!(json.contains("\"withheld\""));
}

#[test]
fn the_same_page_is_the_same_bytes() {
    assert_eq!(html(&everything().withhold(11)), html(&everything().withhold(11)));
}

#[test]
fn csv_gives_numbers_in_full_and_no_formula() {
    let rows = vec![vec![text("=1+1"), Cell::Number(-0.123_456_789), Cell::Count(1204), Cell::EMPTY]];
    let shown = csv(&table("t", &["a,b", "v", "n", "e"], rows));
    assert_eq!(String::from_utf8(shown).expect("text"), "\"a,b\",v,n,e\n'=1+1,-0.123456789,1204,\n");
}

#[test]
fn numbers_are_read_with_four_digits_that_say_something() {
    let told = [0.0, 1.0, -0.047, 0.123_456, 12_345.6, 1e-5, 365.0, 99.95, f64::NAN].map(number);
    assert_eq!(told, ["0", "1", "−0.047", "0.1235", "12,346", "0.00001", "365", "99.95", "–"]);
}

#[test]
fn a_withheld_point_breaks_its_curve() {
    let mut table = survival();
    table.rows[5][2] = Cell::WITHHELD;
    let form = Form::Steps {
        x: "days since enrolment".into(),
        y: "still housed".into(),
        band: None,
        series: Some("arm".into()),
    };
    let drawn = chart::chart(&figure("survival-by-arm", form), &table, "f").expect("a drawing");
    let moves = drawn.matches("<path class=\"curve s0\" d=\"M").count();
    assert_eq!(moves, 3, "one in the legend, and two runs");
}
