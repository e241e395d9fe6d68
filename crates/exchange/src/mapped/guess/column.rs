//! What a column looks like, by its name and its first rows.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::Date;

use super::super::cell::{flag, number, slug, whole};
use crate::import::{Century, Expected, Order, read_date};

/// Different values shown of a column of codes.
const CODES_MAX: usize = 20;
/// The longest value that can be a code.
const CODE_CHARS_MAX: usize = 40;

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Date,
    /// Days or weeks counted from somewhere.
    Days,
    Flag,
    Number,
    Code,
    Text,
}

/// A column and what was seen in it.
pub(super) struct Column {
    pub name: String,
    pub filled: u64,
    /// Different values, up to a limit.
    pub codes: BTreeSet<String>,
    different: HashSet<u64>,
    dates: u64,
    flags: u64,
    numbers: u64,
    wholes: u64,
    long: u64,
    spaced: u64,
}

impl Column {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            filled: 0,
            codes: BTreeSet::new(),
            different: HashSet::new(),
            dates: 0,
            flags: 0,
            numbers: 0,
            wholes: 0,
            long: 0,
            spaced: 0,
        }
    }

    /// Looks at one cell.
    pub fn see(&mut self, cell: &str, order: Option<Order>, today: Date, decimal_comma: bool) {
        if cell.is_empty() {
            return;
        }
        self.filled += 1;
        self.different.insert(super::super::table::hash(cell));
        if self.codes.len() <= CODES_MAX && cell.chars().count() <= CODE_CHARS_MAX {
            self.codes.insert(cell.to_owned());
        }
        self.long += u64::from(cell.chars().count() > CODE_CHARS_MAX);
        self.spaced += u64::from(cell.contains(' '));
        self.flags += u64::from(flag(cell).is_some());
        let told = number(cell, decimal_comma);
        self.numbers += u64::from(told.is_some());
        self.wholes += u64::from(told.and_then(whole).is_some());
        let expected = Expected { order, latest: today, century: Century::Recent };
        self.dates += u64::from(told.is_none() && read_date(cell, expected).is_ok());
    }

    /// Whether no two of the rows share a value, and none is without one.
    pub fn is_unique(&self, rows: u64) -> bool {
        self.filled == rows && self.different.len() as u64 == rows && rows > 0
    }

    /// How many different values there are.
    pub fn different(&self) -> usize {
        self.different.len()
    }

    /// What is in it. One cell in twenty may be dirt.
    pub fn kind(&self) -> Kind {
        let mostly = |some: u64| some * 20 >= self.filled * 19;
        if self.filled == 0 {
            Kind::Empty
        } else if mostly(self.dates) {
            Kind::Date
        } else if mostly(self.flags) && self.different.len() <= 3 {
            Kind::Flag
        } else if mostly(self.wholes) && self.is_named(&["day", "days", "when", "week", "weeks"]) {
            Kind::Days
        } else if mostly(self.numbers) {
            Kind::Number
        } else if self.long == 0
            && self.codes.len() <= CODES_MAX
            && self.codes.iter().all(|code| slug(code).is_some())
        {
            Kind::Code
        } else {
            Kind::Text
        }
    }

    /// Whether its name is one of these words, or has one of them as a part.
    pub fn is_named(&self, words: &[&str]) -> bool {
        self.parts().any(|part| words.contains(&part.as_str()))
    }

    /// Whether it looks like the key of a person, the more the higher.
    pub fn is_person(&self) -> u8 {
        const PERSON: [&str; 16] = [
            "who",
            "client",
            "clientid",
            "person",
            "personid",
            "personalid",
            "participant",
            "participantid",
            "patient",
            "patientid",
            "subject",
            "subjectid",
            "member",
            "memberid",
            "beneficiary",
            "kliënt",
        ];
        let named = self.is_named(&PERSON);
        let id = self.is_named(&["id", "nr", "no", "number", "key", "code"])
            || self.name.to_lowercase().ends_with("id");
        let words =
            self.spaced * 2 > self.filled || matches!(self.kind(), Kind::Date | Kind::Flag | Kind::Empty);
        match (named, id, words) {
            (_, _, true) | (false, false, false) => 0,
            (true, true, _) => 3,
            (true, false, _) => 2,
            (false, true, _) => 1,
        }
    }

    /// The words of its name: `DateOfBirth` and `date_of_birth` are three.
    fn parts(&self) -> impl Iterator<Item = String> {
        let mut parts = vec![String::new()];
        let mut before = ' ';
        for c in self.name.chars() {
            let begins = !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase());
            if begins {
                parts.push(String::new());
            }
            if c.is_alphanumeric() {
                parts.last_mut().expect("one at least").extend(c.to_lowercase());
            }
            before = c;
        }
        parts.push(self.name.to_lowercase());
        parts.into_iter().filter(|part| !part.is_empty())
    }
}
