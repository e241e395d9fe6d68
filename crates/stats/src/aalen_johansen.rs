use crate::{
    Error, Interval, Level, Spell,
    input::at_least,
    risk_table::{Moment, moments},
};

/// The Aalen-Johansen estimate: the share that has had the event by each of several competing causes.
///
/// Source: Aalen and Johansen (1978). Ties, also between causes, are taken as they are, never broken; delayed entry
/// is taken care of. The variance is the delta method's on the multinomial at each time (Dinse and Larson 1986, eq. 6);
/// with one cause it is Greenwood's, and the curve is one minus Kaplan-Meier's.
#[derive(Debug, Clone, PartialEq)]
pub struct AalenJohansen {
    moments: Vec<Moment>,
    /// The share without any event just before each moment.
    before: Vec<f64>,
}

impl AalenJohansen {
    /// Fits the curves of all causes.
    ///
    /// # Errors
    /// [`Error::TooFew`] for no spells, and what is wrong with a spell.
    pub fn fit(spells: &[Spell]) -> Result<Self, Error> {
        at_least("spells", 1, spells.len())?;
        let moments = moments(spells)?;
        let mut survival = 1.0;
        let before = moments
            .iter()
            .map(|moment| {
                let before = survival;
                survival *= (moment.at_risk - moment.events) as f64 / moment.at_risk as f64;
                before
            })
            .collect();
        Ok(Self { moments, before })
    }

    /// The times at which somebody had an event of any cause, earliest first.
    pub fn times(&self) -> Vec<f64> {
        self.moments.iter().map(|moment| moment.time).collect()
    }

    /// The share that has had the event by this cause at or before this time.
    pub fn incidence_at(&self, cause: u32, time: f64) -> f64 {
        self.incidences(cause, time).last().copied().unwrap_or(0.0)
    }

    /// The standard error of that share.
    pub fn standard_error_at(&self, cause: u32, time: f64) -> f64 {
        let incidences = self.incidences(cause, time);
        let end = incidences.last().copied().unwrap_or(0.0);
        let mut variance = 0.0;
        for ((moment, before), incidence) in self.moments.iter().zip(&self.before).zip(&incidences) {
            let (n, d) = (moment.at_risk as f64, moment.events as f64);
            let own = hazard(moment, cause);
            let to_come = end - incidence;
            variance += before * before * own * (1.0 - own) / n - 2.0 * to_come * before * own / n;
            if d < n {
                variance += to_come * to_come * d / (n * (n - d));
            }
        }
        variance.max(0.0).sqrt()
    }

    /// The interval of that share, on the scale of log(-log F) (Kalbfleisch and Prentice 1980). `None` where the
    /// share is 0 or 1.
    pub fn interval_at(&self, cause: u32, time: f64, level: Level) -> Option<Interval> {
        let share = self.incidence_at(cause, time);
        if share <= 0.0 || share >= 1.0 {
            return None;
        }
        let error = self.standard_error_at(cause, time) / share;
        let spread = (level.normal() * error / share.ln()).abs().exp();
        Some(Interval { low: share.powf(spread), high: share.powf(spread.recip()) })
    }

    /// The share after each moment up to this time.
    fn incidences(&self, cause: u32, time: f64) -> Vec<f64> {
        let mut incidence = 0.0;
        self.moments
            .iter()
            .zip(&self.before)
            .take_while(|(moment, _)| moment.time <= time)
            .map(|(moment, before)| {
                incidence += before * hazard(moment, cause);
                incidence
            })
            .collect()
    }
}

fn hazard(moment: &Moment, cause: u32) -> f64 {
    moment.by_cause.get(&cause).map_or(0.0, |events| *events as f64 / moment.at_risk as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KaplanMeier;

    #[test]
    fn causes_tied_at_a_time_share_it() {
        // At 1, of 4 at risk, one by each of two causes: a quarter each. At 2, of 2, one by the second.
        let spells =
            [Spell::ended_by(1.0, 1), Spell::ended_by(1.0, 2), Spell::ended_by(2.0, 2), Spell::censored(2.0)];
        let curves = AalenJohansen::fit(&spells).unwrap();
        assert_eq!(curves.incidence_at(1, 1.0), 0.25);
        assert_eq!(curves.incidence_at(2, 1.0), 0.25);
        assert_eq!(curves.incidence_at(2, 2.0), 0.5);
        assert_eq!(curves.incidence_at(3, 2.0), 0.0);
        assert_eq!(curves.incidence_at(1, 0.5), 0.0);
    }

    #[test]
    fn shares_add_up_to_all_who_had_an_event() {
        let spells = [
            Spell::ended_by(1.0, 1),
            Spell::ended_by(1.0, 2),
            Spell::ended_by(2.0, 2).entered(0.5),
            Spell::censored(2.0),
            Spell::ended_by(3.0, 1),
        ];
        let (curves, any) = (AalenJohansen::fit(&spells).unwrap(), KaplanMeier::fit(&spells).unwrap());
        for time in curves.times() {
            let sum = curves.incidence_at(1, time) + curves.incidence_at(2, time);
            assert!((sum + any.survival_at(time) - 1.0).abs() < 1e-15);
        }
    }
}
