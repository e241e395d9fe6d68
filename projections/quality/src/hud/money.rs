//! Income, benefits and insurance at entry and exit: whether there is any, and whether its sources say the same.

use serde::{Deserialize, Serialize};
use throughline_domain::{Code, IndicatorMeasured, Value};
use throughline_projection::Day;

use super::{Check, flag, none, stay::Stay};
use crate::{
    rules::{Level, rule},
    view::Dated,
};

/// Projects that ask: all that house, prevent or reach out, but for shelter by the night.
const ASKING: &[u8] = &[0, 2, 3, 4, 6, 8, 9, 10, 12, 13];

#[derive(Debug, Clone, Copy)]
enum Of {
    Income,
    Benefits,
    Insurance,
}

#[derive(Debug, Clone, Copy)]
enum When {
    Entry,
    Exit,
}

/// Whether there is any, and the last day on which a source was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Answer {
    any: Option<(bool, Dated)>,
    source: Option<Day>,
}

/// The answers at entry and at exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Money([[Answer; 2]; 3]);

impl Money {
    pub(super) fn take(&mut self, measured: &IndicatorMeasured, at: Dated) {
        let when = match measured.stage.as_ref().map(Code::as_str) {
            Some("entry") => When::Entry,
            Some("exit") => When::Exit,
            _ => return,
        };
        let Some((of, any)) = asks(measured.indicator.as_str()) else { return };
        let answer = &mut self.0[of as usize][when as usize];
        if any {
            answer.any = flag(&measured.value).map(|any| (any, at)).or(answer.any);
        } else if there(&measured.value) {
            answer.source = Some(at.day);
        }
    }

    fn answer(&self, of: Of, when: When) -> &Answer {
        &self.0[of as usize][when as usize]
    }
}

impl Answer {
    /// Yes without a source, or no with one. Sources named before the question was asked again count no more.
    fn conflicts(&self) -> bool {
        self.any.is_some_and(|(any, at)| any != self.source.is_some_and(|source| source >= at.day))
    }
}

/// Which question an indicator belongs to, and whether it is the question itself or a source.
fn asks(indicator: &str) -> Option<(Of, bool)> {
    match indicator {
        "income-any" => Some((Of::Income, true)),
        "benefits" => Some((Of::Benefits, true)),
        "insurance" => Some((Of::Insurance, true)),
        source if source.starts_with("income-") => Some((Of::Income, false)),
        source if source.starts_with("benefit-") => Some((Of::Benefits, false)),
        source if source.starts_with("insurance-") => Some((Of::Insurance, false)),
        _ => None,
    }
}

fn there(value: &Value) -> bool {
    match value {
        Value::Flag(flag) => *flag,
        Value::Number(amount) => amount.get() != 0.0,
        Value::Code(_) => false,
    }
}

fn missing(stay: &Stay, of: Of, when: When) -> bool {
    let due = matches!(when, When::Entry) || stay.left().is_some();
    due && asked_of(stay, of) && stay.money.answer(of, when).any.is_none()
}

fn conflicting(stay: &Stay, of: Of, when: When) -> bool {
    asked_of(stay, of) && stay.money.answer(of, when).conflicts()
}

/// Everybody is asked for insurance, heads of households and adults for the rest.
fn asked_of(stay: &Stay, of: Of) -> bool {
    stay.is_of(ASKING) && (matches!(of, Of::Insurance) || stay.answers_for_itself())
}

fn asked_at(stay: &Stay, of: Of, when: When) -> Option<Dated> {
    stay.money.answer(of, when).any.map(|(_, at)| at).or(stay.entry())
}

macro_rules! missing {
    ($code:literal, $published:literal, $of:expr, $when:expr, $explanation:literal) => {
        Check {
            rule: rule(
                $code,
                &[$published],
                Level::Error,
                $explanation,
                "record the answer at that point of the stay",
            ),
            broken: |stay| missing(stay, $of, $when),
            at: |stay| match $when {
                When::Entry => stay.entry(),
                When::Exit => stay.left(),
            },
            other: none,
        }
    };
}

macro_rules! conflicting {
    ($code:literal, $published:literal, $of:expr, $when:expr, $explanation:literal) => {
        Check {
            rule: rule($code, &[$published], Level::Error, $explanation, "correct the answer or its sources"),
            broken: |stay| conflicting(stay, $of, $when),
            at: |stay| asked_at(stay, $of, $when),
            other: none,
        }
    };
}

pub(super) const CHECKS: &[Check<Stay>] = &[
    missing!(
        "income-missing-at-entry",
        87,
        Of::Income,
        When::Entry,
        "nobody knows whether there was any income at entry"
    ),
    conflicting!(
        "income-conflicting-at-entry",
        88,
        Of::Income,
        When::Entry,
        "whether there was any income at entry, and its sources, contradict each other"
    ),
    missing!(
        "income-missing-at-exit",
        89,
        Of::Income,
        When::Exit,
        "nobody knows whether there was any income at exit"
    ),
    conflicting!(
        "income-conflicting-at-exit",
        90,
        Of::Income,
        When::Exit,
        "whether there was any income at exit, and its sources, contradict each other"
    ),
    missing!(
        "insurance-missing-at-entry",
        92,
        Of::Insurance,
        When::Entry,
        "nobody knows whether the client had health insurance at entry"
    ),
    missing!(
        "insurance-missing-at-exit",
        93,
        Of::Insurance,
        When::Exit,
        "nobody knows whether the client had health insurance at exit"
    ),
    conflicting!(
        "insurance-conflicting-at-entry",
        94,
        Of::Insurance,
        When::Entry,
        "whether the client had health insurance at entry, and its sources, contradict each other"
    ),
    conflicting!(
        "insurance-conflicting-at-exit",
        95,
        Of::Insurance,
        When::Exit,
        "whether the client had health insurance at exit, and its sources, contradict each other"
    ),
    missing!(
        "benefits-missing-at-entry",
        96,
        Of::Benefits,
        When::Entry,
        "nobody knows whether there were any benefits at entry"
    ),
    conflicting!(
        "benefits-conflicting-at-entry",
        97,
        Of::Benefits,
        When::Entry,
        "whether there were any benefits at entry, and their sources, contradict each other"
    ),
];
