use crate::{
    Error, Level,
    distribution::normal_quantile,
    input::{held, open_share},
};

/// How many events a comparison of two arms needs to find this hazard ratio.
///
/// `treated_share` is the share of clients in the first arm, `power` the chance wanted of finding the ratio at the
/// two-sided `level`. Source: Schoenfeld (1981).
///
/// # Errors
/// [`Error::OutOfRange`] for a ratio not above 0 or of 1, which no number of events can find, and for shares.
pub fn schoenfeld_events(
    hazard_ratio: f64,
    treated_share: f64,
    level: Level,
    power: f64,
) -> Result<f64, Error> {
    let log = hazard_ratio.ln();
    if !log.is_finite() || log.abs() <= 0.0 {
        return Err(Error::OutOfRange {
            what: "the hazard ratio",
            value: hazard_ratio,
            range: "finite, more than 0, and not 1",
        });
    }
    let distance = distance(level, power)?;
    held("the number of events", (distance / log).powi(2) / allocation(treated_share)?)
}

/// The hazard ratio closest to 1, and below it, that so many events can find; its reciprocal is the one above.
///
/// Source: Schoenfeld (1981), turned round; arguments as in [`schoenfeld_events`].
///
/// # Errors
/// [`Error::OutOfRange`] for a number of events not above 0, and for shares.
pub fn smallest_detectable_hazard_ratio(
    events: f64,
    treated_share: f64,
    level: Level,
    power: f64,
) -> Result<f64, Error> {
    if !(events.is_finite() && events > 0.0) {
        return Err(Error::OutOfRange { what: "the number of events", value: events, range: "more than 0" });
    }
    Ok((-distance(level, power)? / (events * allocation(treated_share)?).sqrt()).exp())
}

/// The smallest effect, in the unit of the outcome, that an estimate with this standard error can find: 2.8 standard
/// errors for 80 % power at 95 % (Bloom 1995).
///
/// # Errors
/// [`Error::OutOfRange`] for a standard error not above 0, or a power not within 0 and 1.
pub fn smallest_detectable_effect(standard_error: f64, level: Level, power: f64) -> Result<f64, Error> {
    if !(standard_error.is_finite() && standard_error > 0.0) {
        return Err(Error::OutOfRange {
            what: "the standard error",
            value: standard_error,
            range: "more than 0",
        });
    }
    held("the smallest effect", distance(level, power)? * standard_error)
}

/// How many standard errors the truth must be from 0.
fn distance(level: Level, power: f64) -> Result<f64, Error> {
    open_share("the power", power)?;
    let distance = level.normal() + normal_quantile(power);
    if distance <= 0.0 {
        return Err(Error::OutOfRange {
            what: "the power",
            value: power,
            range: "more than chance alone gives",
        });
    }
    Ok(distance)
}

fn allocation(treated_share: f64) -> Result<f64, Error> {
    open_share("the share treated", treated_share)?;
    Ok(treated_share * (1.0 - treated_share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_and_ratio_are_each_others_inverse() {
        let events = schoenfeld_events(0.7, 0.4, Level::P95, 0.8).unwrap();
        let ratio = smallest_detectable_hazard_ratio(events, 0.4, Level::P95, 0.8).unwrap();
        assert!((ratio - 0.7).abs() < 1e-14);
        assert!((smallest_detectable_effect(1.0, Level::P95, 0.8).unwrap() - 2.801_585_218).abs() < 1e-9);
        assert!(schoenfeld_events(1.0, 0.5, Level::P95, 0.8).is_err());
        assert!(schoenfeld_events(-1.0, 0.5, Level::P95, 0.8).is_err());
    }
}
