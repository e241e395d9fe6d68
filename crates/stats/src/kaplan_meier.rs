use crate::{
    Error, Interval, Level, Spell,
    input::at_least,
    risk_table::{Moment, last_seen, moments},
};

/// The Kaplan-Meier estimate: the share still without the event, as time passes.
///
/// Source: Kaplan and Meier (1958); variance Greenwood (1926). Ties, right censoring and delayed entry are taken
/// care of; an event of any cause is an event.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<Step>,
    last_seen: f64,
}

/// A time at which somebody had the event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The time, in the unit of the spells.
    pub time: f64,
    /// How many were at risk just before.
    pub at_risk: u64,
    /// How many had the event.
    pub events: u64,
    /// The share without the event after this time.
    pub survival: f64,
    /// Greenwood's sum, of d / (n (n - d)); infinite once everyone at risk has had the event.
    pub greenwood: f64,
}

/// On which scale an interval is symmetrical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// On that of log(-log S): stays within 0 and 1, the better choice (Kalbfleisch and Prentice 1980).
    LogLog,
    /// On that of S itself, cut at 0 and 1.
    Plain,
}

impl KaplanMeier {
    /// Fits the curve. Without any event it stays at 1.
    ///
    /// # Errors
    /// [`Error::TooFew`] for no spells, and what is wrong with a spell.
    pub fn fit(spells: &[Spell]) -> Result<Self, Error> {
        at_least("spells", 1, spells.len())?;
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let steps = moments(spells)?
            .into_iter()
            .map(|Moment { time, at_risk, events, .. }| {
                let (n, d) = (at_risk as f64, events as f64);
                survival *= (n - d) / n;
                greenwood += d / (n * (n - d));
                Step { time, at_risk, events, survival, greenwood }
            })
            .collect();
        Ok(Self { steps, last_seen: last_seen(spells) })
    }

    /// The times at which the curve falls, earliest first.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The last time at which anyone was seen; the curve says nothing after it, unless it has reached 0.
    pub fn last_seen(&self) -> f64 {
        self.last_seen
    }

    /// The share without the event just after this time.
    pub fn survival_at(&self, time: f64) -> f64 {
        self.step_at(time).map_or(1.0, |step| step.survival)
    }

    /// Greenwood's standard error of that share; 0 before the first event and once the curve is at 0.
    pub fn standard_error_at(&self, time: f64) -> f64 {
        self.step_at(time)
            .map_or(0.0, |step| if step.survival > 0.0 { step.survival * step.greenwood.sqrt() } else { 0.0 })
    }

    /// The interval of that share. `None` before the first event and once the curve is at 0: there the method
    /// has nothing to say.
    pub fn interval_at(&self, time: f64, level: Level, scale: Scale) -> Option<Interval> {
        self.step_at(time).and_then(|step| step.interval(level, scale))
    }

    /// The earliest time by which at least half had the event; `None` where the curve stays above a half.
    pub fn median(&self) -> Option<f64> {
        self.steps.iter().find(|step| at_most(step.survival, 0.5)).map(|step| step.time)
    }

    /// The interval of the median: the times whose interval of survival holds a half (Brookmeyer and Crowley 1982).
    /// An end that the record does not reach is `None`.
    pub fn median_interval(&self, level: Level, scale: Scale) -> (Option<f64>, Option<f64>) {
        let first = |limit: fn(Interval) -> f64| {
            self.steps.iter().find_map(|step| {
                let reached = match step.interval(level, scale) {
                    Some(interval) => at_most(limit(interval), 0.5),
                    None => step.survival <= 0.0 && limit(Interval { low: 0.0, high: 1.0 }) < 0.5,
                };
                reached.then_some(step.time)
            })
        };
        (first(|interval| interval.low), first(|interval| interval.high))
    }

    fn step_at(&self, time: f64) -> Option<&Step> {
        let after = self.steps.partition_point(|step| step.time <= time);
        after.checked_sub(1).map(|index| &self.steps[index])
    }
}

impl Step {
    fn interval(&self, level: Level, scale: Scale) -> Option<Interval> {
        let (survival, z) = (self.survival, level.normal());
        if survival <= 0.0 || survival >= 1.0 {
            return None;
        }
        Some(match scale {
            Scale::LogLog => {
                let spread = (z * self.greenwood.sqrt() / survival.ln()).abs().exp();
                Interval { low: survival.powf(spread), high: survival.powf(spread.recip()) }
            }
            Scale::Plain => {
                let half = z * survival * self.greenwood.sqrt();
                Interval { low: (survival - half).max(0.0), high: (survival + half).min(1.0) }
            }
        })
    }
}

/// Products of shares miss a half by a rounding; one part in 10⁹ still counts as it.
fn at_most(value: f64, limit: f64) -> bool {
    value <= limit + 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_example_falls_where_it_should() {
        // Six clients: events at 1, 3 and 3, censored at 2, 3 and 5.
        let spells = [
            Spell::event(1.0),
            Spell::censored(2.0),
            Spell::event(3.0),
            Spell::event(3.0),
            Spell::censored(3.0),
            Spell::censored(5.0),
        ];
        let curve = KaplanMeier::fit(&spells).unwrap();
        assert_eq!(curve.survival_at(0.9), 1.0);
        assert!((curve.survival_at(1.0) - 5.0 / 6.0).abs() < 1e-15);
        assert!((curve.survival_at(4.0) - 5.0 / 12.0).abs() < 1e-15);
        assert_eq!(curve.median(), Some(3.0));
        let greenwood: f64 = 1.0 / 30.0 + 2.0 / (4.0 * 2.0);
        assert!((curve.standard_error_at(3.0) - 5.0 / 12.0 * greenwood.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn the_end_of_a_curve_at_zero_has_no_interval() {
        let curve = KaplanMeier::fit(&[Spell::event(1.0), Spell::event(2.0)]).unwrap();
        assert_eq!(curve.survival_at(2.0), 0.0);
        assert_eq!(curve.standard_error_at(2.0), 0.0);
        assert_eq!(curve.interval_at(2.0, Level::P95, Scale::LogLog), None);
        assert_eq!(curve.interval_at(0.5, Level::P95, Scale::LogLog), None);
        assert_eq!(curve.median(), Some(1.0));
    }

    #[test]
    fn a_client_who_enters_late_is_not_at_risk_before() {
        let late = Spell::event(4.0).entered(3.0);
        let curve = KaplanMeier::fit(&[Spell::event(3.0), Spell::event(5.0), late]).unwrap();
        assert_eq!(curve.steps().iter().map(|step| step.at_risk).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(KaplanMeier::fit(&[]), Err(Error::TooFew { what: "spells", needed: 1, got: 0 }));
        let backwards = Spell::event(2.0).entered(2.0);
        let error = KaplanMeier::fit(&[backwards]).unwrap_err();
        assert_eq!(error.to_string(), "spell 0 enters at 2 and leaves at 2; it must enter before it leaves");
    }
}
