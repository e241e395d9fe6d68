//! Twenty-odd wrong specs, each with the line it is wrong on and what to write.

use super::Spec;

const RIGHT: &str = r#"version = 1
kind = "alert"
question = "Would two missed check-ins have warned us?"
[history]
as_of = "2025-06-30T00:00:00Z"
clock = "recorded"
[cohort]
enter = "enrolled"
between = ["2023-01-01", "2024-06-30"]
mature = "180d"
[outcome]
name = "dropped out"
when = "no service for 14d"
[alert]
candidate = "missed_run >= 2"
horizon = "28d"
[report]
subgroups = ["site"]
min_cell = 11
"#;

/// One line of the spec written wrong: the line in question, what stands there instead, the line told, and a piece of
/// what is told and of the remedy.
const WRONG: [(&str, &str, usize, &str, &str); 32] = [
    ("kind = \"alert\"", "kind = alert", 2, "must be quoted", "double quotes"),
    ("kind = \"alert\"", "kind = \"alerts\"", 2, "`alerts` is none", "did you mean `alert`?"),
    ("kind = \"alert\"", "kind = \"causal\"", 2, "no section [causal]", "write one"),
    ("kind = \"alert\"\n", "", 1, "`kind` is missing", "write `kind = \"alert\"`"),
    ("version = 1", "version = 2", 1, "version 2", "write `version = 1`"),
    ("version = 1", "version = \"1\"", 1, "expected u32", "without quotes"),
    (
        "question = \"Would two missed check-ins have warned us?\"",
        "question = \" \"",
        3,
        "question is empty",
        "in words",
    ),
    (
        "question = \"Would two missed check-ins have warned us?\"",
        "question = \"Would two",
        3,
        "basic string",
        "double quotes",
    ),
    ("[history]", "[histroy]", 4, "no field `histroy`", "did you mean `history`?"),
    ("[history]", "[history", 4, "unclosed table", "`[history]`"),
    (
        "as_of = \"2025-06-30T00:00:00Z\"",
        "as_of = \"2025-06-30\"",
        5,
        "time component",
        "2025-06-30T00:00:00Z",
    ),
    ("as_of = \"2025-06-30T00:00:00Z\"", "as_of = 2025-06-30T00:00:00Z", 5, "timestamp", "in quotes"),
    ("clock = \"recorded\"", "clock = \"recordet\"", 6, "`recordet` is none", "did you mean `recorded`?"),
    ("clock = \"recorded\"", "clock = \"recorded\"\nlag = \"3d\"", 7, "a lag is only for", "leave it out"),
    ("enter = \"enrolled\"", "entre = \"enrolled\"", 8, "no field `entre`", "did you mean `enter`?"),
    ("enter = \"enrolled\"\n", "", 7, "`enter` is missing", "enter = \"enrolled\""),
    ("enter = \"enrolled\"", "enter = \"enroled\"", 8, "`enroled` is no event", "did you mean `enrolled`?"),
    ("enter = \"enrolled\"", "enter = [\"enrolled\"]", 8, "expected a string", "double quotes"),
    (
        "between = [\"2023-01-01\", \"2024-06-30\"]",
        "between = [\"2024-06-30\", \"2023-01-01\"]",
        9,
        "2024-06-30 is after 2023-01-01",
        "earlier day first",
    ),
    (
        "between = [\"2023-01-01\", \"2024-06-30\"]",
        "between = [\"2023-02-31\", \"2024-06-30\"]",
        9,
        "1..=28",
        "a day in quotes",
    ),
    (
        "between = [\"2023-01-01\", \"2024-06-30\"]",
        "between = [\"2023-01-01\"]",
        9,
        "expected a tuple of size 2",
        "the first and the last",
    ),
    ("mature = \"180d\"", "mature = \"6m\"", 10, "`6m` is no length of time", "`14d` or `4w`"),
    ("mature = \"180d\"", "mature = 180", 10, "integer `180`", "double quotes"),
    ("mature = \"180d\"", "mature = \"180d\"\nmature = \"90d\"", 11, "duplicate key", "once"),
    (
        "when = \"no service for 14d\"",
        "when = \"no service in 14d\"",
        13,
        "is no condition",
        "`no EVENT for SPAN`",
    ),
    (
        "when = \"no service for 14d\"",
        "when = \"no servise for 14d\"",
        13,
        "`servise` is no event",
        "did you mean `service`?",
    ),
    ("name = \"dropped out\"\n", "", 11, "`name` is missing", "write `name ="),
    (
        "candidate = \"missed_run >= 2\"",
        "candidates = \"missed_run >= 2\"",
        15,
        "no field `candidates`",
        "did you mean `candidate`?",
    ),
    (
        "horizon = \"28d\"",
        "horizon = \"twenty-eight days\"",
        16,
        "`twenty-eight days` is no length",
        "`14d` or `4w`",
    ),
    ("min_cell = 11", "min_cell = 5", 19, "5 is below 11", "raise it"),
    ("min_cell = 11", "min_cell = -11", 19, "integer `-11`", "0 or more"),
    (
        "subgroups = [\"site\"]",
        "subgroups = [\"Site \"]",
        18,
        "`Site ` is not a code",
        "write 1 to 64 of a-z",
    ),
];

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_to_write() {
    Spec::parse(RIGHT).expect("a right spec");
    for (right, wrong, line, problem, hint) in WRONG {
        assert_eq!(RIGHT.matches(right).count(), 1, "{right}");
        let told = Spec::parse(&RIGHT.replace(right, wrong)).expect_err(wrong);
        assert_eq!(told.line, line, "{wrong}: {told}");
        assert!(told.problem.contains(problem), "{wrong}: {told}");
        assert!(told.hint.contains(hint), "{wrong}: {told}");
    }
}
