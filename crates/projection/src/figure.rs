//! A figure over many clients: never bare, always with what it was counted from and who is missing.

use serde::Serialize;

/// One figure. A rate carries its numerator and denominator; `low` and `high` bound it where some did not answer.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// Its name: `response-rate`, `median-days-to-outcome`.
    pub name: String,
    /// What it is measured in: `share`, `days`, `clients`, `points`.
    pub unit: &'static str,
    /// The figure; unset where there was nothing to count.
    pub value: Option<f64>,
    /// What was counted.
    pub numerator: Option<f64>,
    /// Out of how many.
    pub denominator: Option<u64>,
    /// The figure if everyone missing had counted against it; unset too where a reason's count is withheld.
    pub low: Option<f64>,
    /// The figure if everyone missing had counted for it; unset too where a reason's count is withheld.
    pub high: Option<f64>,
    /// Who is missing, and why.
    pub missing: Vec<Missing>,
}

/// How many are missing from a figure, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Missing {
    /// Why: `silent`, `declined`, `not-yet-due`.
    pub reason: &'static str,
    /// How many clients, surveys or follow-ups; unset where that is withheld.
    pub count: Option<u64>,
}

impl Figure {
    /// A share of a whole, 0 to 1; unset where the whole is empty.
    pub fn share(name: impl Into<String>, numerator: u64, denominator: u64) -> Self {
        let value = (denominator > 0).then(|| numerator as f64 / denominator as f64);
        let numerator = Some(numerator as f64);
        Self { value, numerator, denominator: Some(denominator), ..Self::of(name, "share", None) }
    }

    /// A count.
    pub fn count(name: impl Into<String>, unit: &'static str, count: u64) -> Self {
        Self::of(name, unit, Some(count as f64))
    }

    /// A figure that is no rate.
    pub fn of(name: impl Into<String>, unit: &'static str, value: Option<f64>) -> Self {
        let name = name.into();
        Self {
            name,
            unit,
            value,
            numerator: None,
            denominator: None,
            low: None,
            high: None,
            missing: Vec::new(),
        }
    }

    /// Adds those missing for a reason, where there are any.
    #[must_use]
    pub fn missing(mut self, reason: &'static str, count: u64) -> Self {
        if count > 0 {
            self.missing.push(Missing { reason, count: Some(count) });
        }
        self
    }

    /// Sets the bounds.
    #[must_use]
    pub fn between(mut self, low: Option<f64>, high: Option<f64>) -> Self {
        (self.low, self.high) = (low, high);
        self
    }
}
