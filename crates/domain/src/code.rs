//! Coded and free text: every string in a fact is bounded and says what it may hold.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

/// A text that breaks the rule of the type it was meant for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {rule}")]
pub struct InvalidCode {
    what: &'static str,
    rule: &'static str,
    text: String,
}

macro_rules! short_text {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String)]
        pub struct $name(SmolStr);

        impl $name {
            /// Checks the text and takes it.
            pub fn new(text: impl AsRef<str>) -> Result<Self, InvalidCode> {
                let text = text.as_ref();
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(SmolStr::new(text))) } else { Err(Self::invalid(text)) }
            }

            fn invalid(text: &str) -> InvalidCode {
                InvalidCode { what: $what, rule: $rule, text: text.chars().take(80).collect() }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = InvalidCode;

            /// The same as `new`, without a copy of the text.
            fn try_from(text: SmolStr) -> Result<Self, InvalidCode> {
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err(Self::invalid(&text)) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidCode;

            fn from_str(text: &str) -> Result<Self, InvalidCode> {
                Self::new(text)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = SmolStr::deserialize(deserializer)?;
                Self::new(text.as_str()).map_err(serde::de::Error::custom)
            }
        }
    };
}

short_text! {
    /// A code from a vocabulary: `in-person`, `stable-housing`, `csat`. Never about one person.
    Code, "a code", "write 1 to 64 of a-z, 0-9, `-`, `.`, `_`, beginning with a letter or digit",
    |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b))
    }
}
short_text! {
    /// A name within one journey by which later facts refer to an earlier one: an enrolment, a request, a concern.
    Key, "a key", "write 1 to 64 printable ASCII characters without spaces",
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
short_text! {
    /// Who recorded a fact, as a pseudonym (`worker:w17`, `system:import`). It is public in proofs: never a name.
    Actor, "an actor", "write 1 to 64 of a-z, 0-9, `-`, `.`, `_`, `:`, and never a person's name",
    |text| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:".contains(&b))
    }
}
short_text! {
    /// An expression over named values (CEL): `missed_run >= 2`. About no person.
    Formula, "a formula", "write 1 to 4,096 printable ASCII characters",
    |text| (1..=4096).contains(&text.len()) && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
short_text! {
    /// A language as a BCP 47 tag: `en`, `af`, `zu`, `pt-BR`.
    Language, "a language tag", "write a BCP 47 tag such as `en`, `af` or `pt-BR`",
    |text| {
        text.len() <= 35
            && text.split('-').enumerate().all(|(nth, part)| {
                let length = if nth == 0 { 2..=3 } else { 1..=8 };
                length.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            })
            && text.bytes().take(2).all(|b| b.is_ascii_alphabetic())
    }
}

/// Free text in any language, at most 16 KiB. Always personal: it is sealed and can be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Text(String);

impl Text {
    /// The longest text, in bytes of UTF-8.
    pub const BYTES_MAX: usize = 16 * 1024;

    /// Checks the length and takes the text.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidCode> {
        let text = text.into();
        if text.len() <= Self::BYTES_MAX {
            Ok(Self(text))
        } else {
            let shown = text.chars().take(40).collect();
            Err(InvalidCode { what: "a text", rule: "write at most 16,384 bytes of UTF-8", text: shown })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
