//! Vocabularies: what the codes in facts and answers are called, in English and Afrikaans.
//!
//! The words are data (`vocabulary.json`). A closed vocabulary takes no other code; an open one takes any, and a
//! programme's own code is then shown as it is written.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::{Code, Language};

static VOCABULARIES: LazyLock<Vec<Vocabulary>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("vocabulary.json")).expect("vocabulary.json is a list of vocabularies")
});

/// A list of codes with their words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    /// Its name in paths: `life-area`.
    pub name: String,
    /// Whether other codes are refused.
    pub closed: bool,
    /// Its codes, in the order they are shown.
    pub terms: Vec<Term>,
}

/// A code and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The code on the wire.
    pub code: String,
    /// English.
    pub en: String,
    /// Afrikaans.
    pub af: String,
}

impl Vocabulary {
    /// Whether it takes this code; if not, the code that is nearest.
    pub fn accepts(&self, code: &Code) -> Result<(), &str> {
        if !self.closed || self.term(code.as_str()).is_some() {
            return Ok(());
        }
        let nearest = self.terms.iter().min_by_key(|term| distance(&term.code, code.as_str()));
        Err(nearest.map_or("", |term| term.code.as_str()))
    }

    /// The term with this code.
    pub fn term(&self, code: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.code == code)
    }
}

/// Every vocabulary, by name.
pub fn all() -> &'static [Vocabulary] {
    &VOCABULARIES
}

/// The vocabulary of this name.
pub fn get(name: &str) -> Option<&'static Vocabulary> {
    all().iter().find(|vocabulary| vocabulary.name == name)
}

/// What a code is called: in Afrikaans where that is the language, in English for any other, and the code itself
/// where the vocabulary does not have it.
pub fn label<'a>(vocabulary: &str, code: &'a str, language: &Language) -> &'a str {
    let Some(term) = get(vocabulary).and_then(|vocabulary| vocabulary.term(code)) else { return code };
    let afrikaans = language.as_str().split('-').next() == Some("af");
    if afrikaans { &term.af } else { &term.en }
}

/// How many letters must be put in, left out or changed to make one text of the other (Levenshtein 1966).
pub fn distance(one: &str, other: &str) -> usize {
    let other = other.as_bytes();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[other.len()]
}
