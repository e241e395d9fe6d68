//! A life up to a date: the only way to the facts of a view, so that nothing later can be looked at.

use jiff::civil::Date;
use throughline_domain::Code;
use throughline_projection::{Day, Programmes};

use crate::view::{CodeAt, Dated, KeyAt, Plan, View, What, plans};

/// A life up to and including a day.
pub(crate) struct Life<'a> {
    pub(crate) view: &'a View,
    /// In the order of life; none is later than `on`.
    pub(crate) facts: &'a [Dated],
    pub(crate) on: Day,
    pub(crate) programmes: &'a Programmes,
    pub(crate) opened: Option<&'a Dated>,
    pub(crate) died: Option<&'a Dated>,
    pub(crate) erased: Option<&'a Dated>,
}

impl<'a> Life<'a> {
    /// The life as far as this date.
    pub(crate) fn until(view: &'a View, on: Date, programmes: &'a Programmes) -> Self {
        let on = Day::of(on);
        let known = view.facts.partition_point(|fact| fact.day <= on);
        let facts = &view.facts[..known];
        let first = |is: fn(&What) -> bool| facts.iter().find(|fact| is(&fact.what));
        Self {
            view,
            facts,
            on,
            programmes,
            opened: first(|what| matches!(what, What::Opened)),
            died: first(|what| matches!(what, What::Died)),
            erased: first(|what| matches!(what, What::Erased)),
        }
    }

    /// Every plan as it was agreed and revised.
    pub(crate) fn plans(&self) -> impl DoubleEndedIterator<Item = (&'a Dated, &'a Plan)> {
        plans(self.facts)
    }

    /// The first day of an enrolment.
    pub(crate) fn enrolled(&self, enrolment: KeyAt) -> Option<&'a Dated> {
        self.facts
            .iter()
            .find(|fact| matches!(fact.what, What::Enrolled { enrolment: known, .. } if known == enrolment))
    }

    /// The programme of an enrolment.
    pub(crate) fn programme(&self, enrolment: KeyAt) -> Option<&'a Code> {
        match self.enrolled(enrolment)?.what {
            What::Enrolled { programme, .. } => Some(self.view.code(programme)),
            _ => None,
        }
    }

    /// The programme of the enrolment that last began on or before this day.
    pub(crate) fn programme_on(&self, day: Day) -> Option<&'a Code> {
        self.facts.iter().rev().find_map(|fact| match fact.what {
            What::Enrolled { programme, .. } if fact.day <= day => Some(self.view.code(programme)),
            _ => None,
        })
    }

    /// When the journey began, and whether an opening says so: the earliest opening, else the first enrolment.
    pub(crate) fn intake(&self) -> Option<(&'a Dated, IntakeFrom)> {
        let enrolled = || self.facts.iter().find(|fact| matches!(fact.what, What::Enrolled { .. }));
        self.opened
            .map(|fact| (fact, IntakeFrom::JourneyOpened))
            .or_else(|| enrolled().map(|fact| (fact, IntakeFrom::Enrolled)))
    }

    pub(crate) fn code(&self, at: CodeAt) -> Code {
        self.view.code(at).clone()
    }
}

/// What the day of intake is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = outcomes::IntakeFrom)]
pub enum IntakeFrom {
    /// The opening of the journey.
    JourneyOpened,
    /// The first enrolment; the journey's opening is not on record.
    Enrolled,
}
