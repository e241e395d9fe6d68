//! What the people of the invented world say and write: every saying in English, Afrikaans and isiZulu.

pub(crate) mod environment;
pub(crate) mod goals;
pub(crate) mod names;
pub(crate) mod remarks;
pub(crate) mod talk;

use throughline_domain::Language;

/// A saying in each language, in the order of [`Tongue`].
pub(crate) type Said = [&'static str; 3];

/// A code and how people say it.
pub(crate) struct Coded {
    pub(crate) code: &'static str,
    pub(crate) said: Said,
}

/// A code, how people say it, and why it matters to them.
pub(crate) struct CodedWithWhy {
    pub(crate) code: &'static str,
    pub(crate) what: Said,
    pub(crate) why: Said,
}

/// The language somebody wishes to be spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    English = 0,
    Afrikaans = 1,
    Zulu = 2,
}

impl Tongue {
    pub(crate) fn language(self) -> Language {
        let tag = match self {
            Self::English => "en",
            Self::Afrikaans => "af",
            Self::Zulu => "zu",
        };
        Language::new(tag).expect("these are BCP 47 tags")
    }
}

pub(crate) const fn coded(code: &'static str, said: Said) -> Coded {
    Coded { code, said }
}
