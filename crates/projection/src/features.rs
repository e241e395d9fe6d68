//! What rules can ask of a view: named values of one client on a date.

use jiff::civil::Date;

use crate::{Programmes, Projection};

/// One thing a rule can ask of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its name in rules: `silence_days`.
    pub name: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// What it is measured in: `days`, `share`, `check-ins`, `yes or no`.
    pub unit: &'static str,
    /// The short names of every fact that can change it. A rule over an outcome's own facts is found by this.
    pub from: &'static [&'static str],
}

/// The value of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FeatureValue {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(i64),
    /// A number; always finite.
    Number(f64),
}

/// What a projector tells rules.
///
/// A value is what the projector's own answer on that date says: a rule that goes live sees what a person sees. Like
/// an answer it looks only at facts up to that date. Its cost does not grow with the length of the journey, except
/// where the feature says so, for rules are asked at every event.
pub trait Features: Projection {
    /// What can be asked, each name once.
    const FEATURES: &'static [Feature];

    /// The value of the feature at this place in [`Features::FEATURES`]; none where it is not known.
    fn feature(view: &Self::View, place: usize, on: Date, programmes: &Programmes) -> Option<FeatureValue>;
}

impl From<bool> for FeatureValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i32> for FeatureValue {
    fn from(whole: i32) -> Self {
        Self::Whole(i64::from(whole))
    }
}

impl From<u32> for FeatureValue {
    fn from(whole: u32) -> Self {
        Self::Whole(i64::from(whole))
    }
}

impl From<f64> for FeatureValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
