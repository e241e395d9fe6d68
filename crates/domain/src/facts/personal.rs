//! Personal parts: names, contacts and free text.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Key, Text};

personal! {
    /// Nothing personal.
    Nothing {}
}
personal! {
    /// A remark by whoever recorded the fact.
    Note {
        /// The remark.
        note: Option<Text>,
    }
}
personal! {
    /// What was said, in the speaker's own words, and a remark by whoever recorded it.
    Words {
        /// The speaker's own words.
        words: Option<Text>,
        /// The remark.
        note: Option<Text>,
    }
}
personal! {
    /// Who the person is.
    Identity {
        /// Full name.
        name: Option<Text>,
        /// What they wish to be called.
        called: Option<Text>,
        /// Day of birth.
        #[schema(value_type = Option<String>, format = Date)]
        born: Option<Date>,
        /// Ways to reach them.
        contacts: Vec<Contact>,
        /// Numbers and keys by which other systems know them (`hmis:62547`).
        known_as: Vec<Text>,
        /// A remark.
        note: Option<Text>,
    }
}
personal! {
    /// The client's whole environment, in words.
    Environment {
        /// What surrounds the client.
        surroundings: Option<Text>,
        /// What stands in the way.
        challenges: Option<Text>,
        /// What could help.
        opportunities: Option<Text>,
        /// What comes first for the client, each with why.
        priorities: Vec<Reasoned>,
        /// What the client holds dear, each with why.
        values: Vec<Reasoned>,
        /// Who supports the client, and what they need themselves.
        support: Option<Text>,
        /// How decisions are made.
        decisions: Option<Text>,
        /// What the client can do.
        capabilities: Option<Text>,
        /// What drives the client.
        motivation: Option<Text>,
        /// What came before.
        history: Option<Text>,
        /// A remark.
        note: Option<Text>,
    }
}
personal! {
    /// What an analysis found, in words.
    Findings {
        /// The findings, one by one.
        findings: Vec<Text>,
    }
}
personal! {
    /// A plan in words.
    PlanWords {
        /// The desired outcome as the client would say it.
        vision: Option<Text>,
        /// Why the plan departs from the template, step by step.
        reasons: Vec<Reasoned>,
        /// A remark.
        note: Option<Text>,
    }
}

/// One way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// `phone`, `email`, `address`: a short word.
    pub kind: Key,
    /// The number or address.
    pub value: Text,
}

/// Something, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reasoned {
    /// What.
    pub what: Text,
    /// Why.
    pub why: Option<Text>,
}
