//! A mapping is checked as a whole before anything is read: every fault at once, with its line and the remedy.

mod mapping;
mod recorder;

use mapping::{faults, files, mapping, try_import};
use proptest::prelude::*;
use recorder::Recorder;
use throughline_exchange::mapped::{self, Mapping};

const GOOD: &str = r#"version = 1
source = "desk"

[[tables]]
file = "visits.csv"
journey = "client"
key = "visit"

[[tables.facts]]
fact = "throughline.check-in.check-in-held.v1"
on = { date = "day" }
facts = { format = "in-person", begun_by = "staff", exchange = "two-way" }
"#;

/// The facts of the good mapping, without its table.
fn facts() -> &'static str {
    &GOOD[GOOD.find("[[tables.facts]]").expect("facts")..]
}

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    let text = r#"version = 2
source = "The Desk"
delimeter = ";"

[lookups.arm]
file = "../arms.csv"
key = "client"

[[tables]]
file = "visits.csv"
jorney = "client"
key = "visit"

[[tables.facts]]
fact = "throughline.check-in.check-in-heldd.v1"
on = { date = "day" }

[[tables.facts]]
fact = "throughline.check-in.check-in-held.v1"
on = { days = "day" }
facts = { format = "in person", begun_by = "staff", exchange = { colum = "how" }, minuts = 3 }
"#;
    let told = faults(text);
    let says = |line: usize, words: &str| {
        let found =
            told.iter().any(|fault| fault.starts_with(&format!("line {line}: ")) && fault.contains(words));
        assert!(found, "line {line} should say `{words}`:\n{}", told.join("\n"));
    };
    says(1, "write `version = 1`");
    says(2, "`The Desk` is no code");
    says(3, "did you mean `delimiter`?");
    says(6, "`../arms.csv` is no name of a file in the directory");
    says(5, "write `file`, `key` and `value`");
    says(11, "did you mean `journey`?");
    says(15, "did you mean `throughline.check-in.check-in-held.v1`?");
    says(20, "`days` are counted from an anchor");
    says(21, "`format` cannot be `in person`; did you mean `in-person`?");
    says(21, "`facts` has no field `minuts`; did you mean `minutes`?");
    says(21, "says where it comes from 0 times");
}

#[test]
fn what_a_fact_cannot_do_without_must_be_mapped() {
    let told = faults(&GOOD.replace(", exchange = \"two-way\"", ""));
    assert_eq!(told, ["line 12: `facts` cannot do without `exchange`; add `exchange = …`"]);
    let told = faults(&GOOD.replace("on = { date = \"day\" }\n", ""));
    assert!(told[0].contains("`throughline.check-in.check-in-held.v1` has no day"), "{told:?}");
    let two = format!("{GOOD}\n{}", facts());
    assert!(faults(&two)[0].contains("told twice without being told apart"));
}

#[test]
fn grammar_is_told_with_its_line() {
    let told = faults("version = 1\nsource = \"desk\n");
    assert!(told[0].starts_with("line 2: "), "{told:?}");
}

#[test]
fn files_and_columns_are_looked_for_before_a_row_is_read() {
    let log = Recorder::default();
    let directory = files(&[("visits.csv", "client,visit,dat\n1,1,2025-01-02\n")]);
    let text =
        format!("{GOOD}[[tables]]\nfile = \"other.csv\"\njourney = \"client\"\nkey = \"x\"\n{}", facts());
    let error = try_import(&log, &mapping(&text), directory.path()).expect_err("no such column");
    let mapped::Error::Mapping(invalid) = error else { panic!("{error}") };
    let told: Vec<String> = invalid.faults.iter().map(ToString::to_string).collect();
    assert_eq!(told[0], "line 11: `visits.csv` has no column `day`; did you mean `dat`?");
    assert!(told[1].starts_with("line 13: ") && told[1].contains("has no file `other.csv`"), "{told:?}");
    assert!(log.all().is_empty(), "nothing was read");

    let optional = text.replace("file = \"other.csv\"", "file = \"other.csv\"\noptional = true");
    let fine = files(&[("visits.csv", "client,visit,DAY\n1,1,2025-01-02\n")]);
    assert!(try_import(&log, &mapping(&optional), fine.path()).is_ok(), "letter case does not matter");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_stops_the_reader(text in "[\\x20-\\x7e\\n]{0,300}") {
        let _ = Mapping::parse(&text);
    }

    /// A good mapping with a piece of it overwritten: faults or not, never a panic, and every fault has a line.
    #[test]
    fn a_damaged_mapping_says_where(at in 0..GOOD.len(), piece in "[\\[\\]{}=\".,a-z0-9\\n]{0,12}") {
        let mut text = GOOD.to_owned();
        let end = (at + piece.len()).min(text.len());
        text.replace_range(at..end, &piece);
        if let Err(invalid) = Mapping::parse(&text) {
            prop_assert!(!invalid.faults.is_empty());
            let lines = text.lines().count() + 1;
            prop_assert!(invalid.faults.iter().all(|fault| (1..=lines).contains(&fault.line)), "{invalid}");
        }
    }
}
