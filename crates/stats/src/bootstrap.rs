use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use crate::{
    Error, Interval, Level,
    distribution::{normal_cdf, normal_quantile},
    input::at_least,
};

/// A seeded bootstrap (Efron 1979): the same seed and samples give the same bytes, whatever runs beside it, for each
/// resample draws from a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Where the draws start.
    pub seed: u64,
    /// How many resamples; a thousand or more for an interval.
    pub resamples: u32,
}

/// A statistic of the samples and of their resamples.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// The statistic of the samples themselves.
    pub value: f64,
    replicates: Vec<f64>,
    /// How many resamples had none.
    pub failed: usize,
}

/// The most resamples without a value, beside all.
const FAILED_SHARE_MAX: f64 = 0.05;

impl Bootstrap {
    /// Draws from each sample as many rows as it has, with replacement, again and again. `sizes` are the samples'
    /// sizes (the arms, say; or one); `statistic` gets the numbers of the rows drawn from each.
    ///
    /// # Errors
    /// What the statistic says of the samples themselves, or of a resample where more than one in twenty fail;
    /// [`Error::TooFew`] for an empty sample or fewer than 10 resamples.
    pub fn resample(
        &self,
        sizes: &[usize],
        statistic: impl Fn(&[Vec<usize>]) -> Result<f64, Error>,
    ) -> Result<Resampled, Error> {
        at_least("samples", 1, sizes.len())?;
        sizes.iter().try_for_each(|size| at_least("rows in a sample", 1, *size))?;
        at_least("resamples", 10, self.resamples as usize)?;
        let checked = |rows: &[Vec<usize>]| {
            statistic(rows).and_then(|value| crate::input::held("the statistic", value))
        };
        let value = checked(&whole(sizes))?;
        let (mut replicates, mut failed, mut first_error) = (Vec::new(), 0, None);
        for resample in 0..self.resamples {
            match checked(&self.draw(sizes, resample)) {
                Ok(value) => replicates.push(value),
                Err(error) => {
                    failed += 1;
                    first_error = first_error.or(Some(error));
                }
            }
        }
        match first_error {
            Some(error) if failed as f64 > FAILED_SHARE_MAX * f64::from(self.resamples) => return Err(error),
            _ => replicates.sort_by(f64::total_cmp),
        }
        Ok(Resampled { value, replicates, failed })
    }

    fn draw(&self, sizes: &[usize], resample: u32) -> Vec<Vec<usize>> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(u64::from(resample));
        sizes.iter().map(|size| (0..*size).map(|_| below(&mut random, *size)).collect()).collect()
    }
}

impl Resampled {
    /// The statistic of each resample that had one, smallest first.
    pub fn replicates(&self) -> &[f64] {
        &self.replicates
    }

    /// The standard deviation of the replicates.
    pub fn standard_error(&self) -> f64 {
        crate::sample::Sample::of(&self.replicates).variance.sqrt()
    }

    /// The interval between two quantiles of the replicates (Efron 1979).
    pub fn percentile(&self, level: Level) -> Interval {
        Interval { low: self.quantile(level.tail()), high: self.quantile(1.0 - level.tail()) }
    }

    /// The interval corrected for bias and for an error that grows with the value (BCa, Efron 1987). The statistic
    /// is computed once more without each row, to see how much each weighs.
    ///
    /// # Errors
    /// What the statistic says without one of the rows; [`Error::NoVariation`] where all replicates lie on one side.
    pub fn bca(
        &self,
        level: Level,
        sizes: &[usize],
        statistic: impl Fn(&[Vec<usize>]) -> Result<f64, Error>,
    ) -> Result<Interval, Error> {
        let below = self.replicates.partition_point(|value| *value < self.value);
        let upto = self.replicates.partition_point(|value| *value <= self.value);
        let share = f64::midpoint(below as f64, upto as f64) / self.replicates.len() as f64;
        let bias = normal_quantile(share);
        if !bias.is_finite() {
            return Err(Error::NoVariation { what: "on which side of the estimate its resamples lie" });
        }
        let acceleration = acceleration(sizes, statistic)?;
        let end = |quantile: f64| {
            let moved = bias + quantile;
            self.quantile(normal_cdf(bias + moved / (1.0 - acceleration * moved)))
        };
        Ok(Interval { low: end(-level.normal()), high: end(level.normal()) })
    }

    /// Between the order statistics around (n - 1) times the share (Hyndman and Fan 1996, type 7).
    fn quantile(&self, share: f64) -> f64 {
        let place = share.clamp(0.0, 1.0) * (self.replicates.len() - 1) as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the replicates")]
        let before = place as usize;
        let (low, high) =
            (self.replicates[before], self.replicates[(before + 1).min(self.replicates.len() - 1)]);
        low + (high - low) * (place - before as f64)
    }
}

/// How the error grows with the value, from the statistic without each row in turn.
fn acceleration(
    sizes: &[usize],
    statistic: impl Fn(&[Vec<usize>]) -> Result<f64, Error>,
) -> Result<f64, Error> {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for (sample, size) in sizes.iter().enumerate() {
        at_least("rows in a sample", 2, *size)?;
        let mut without = Vec::with_capacity(*size);
        for left_out in 0..*size {
            let mut rows = whole(sizes);
            rows[sample].remove(left_out);
            without.push(statistic(&rows)?);
        }
        let count = *size as f64;
        let mean = without.iter().sum::<f64>() / count;
        for value in &without {
            let weight = (count - 1.0) * (mean - value) / count;
            cubes += weight.powi(3);
            squares += weight.powi(2);
        }
    }
    if squares > 0.0 {
        crate::input::held("the acceleration", cubes / squares.powf(1.5) / 6.0)
    } else {
        Ok(0.0)
    }
}

fn whole(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().map(|size| (0..*size).collect()).collect()
}

/// A number below `limit`, each as likely (Lemire 2019).
fn below(random: &mut ChaCha8Rng, limit: usize) -> usize {
    let limit = limit as u64;
    let threshold = limit.wrapping_neg() % limit;
    loop {
        let product = u128::from(random.next_u64()) * u128::from(limit);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the product")]
        let (low, high) = (product as u64, (product >> 64) as usize);
        if low >= threshold {
            return high;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 8] = [1.0, 2.0, 2.5, 3.0, 4.0, 7.0, 8.0, 20.0];

    #[expect(clippy::unnecessary_wraps, reason = "what a statistic is")]
    fn mean(rows: &[Vec<usize>]) -> Result<f64, Error> {
        Ok(rows[0].iter().map(|row| VALUES[*row]).sum::<f64>() / rows[0].len() as f64)
    }

    #[test]
    fn the_same_seed_draws_the_same_for_ever() {
        let drawn = Bootstrap { seed: 7, resamples: 100 }.draw(&[8, 3], 5);
        assert_eq!(drawn, Bootstrap { seed: 7, resamples: 9 }.draw(&[8, 3], 5));
        assert_ne!(drawn, Bootstrap { seed: 8, resamples: 9 }.draw(&[8, 3], 5));
        // Golden: a change of these draws changes every report.
        assert_eq!(drawn, [vec![5, 6, 5, 7, 6, 4, 6, 4], vec![0, 2, 2]]);
    }

    #[test]
    fn intervals_hold_the_mean_and_lean_with_the_skew() {
        let bootstrap = Bootstrap { seed: 1, resamples: 4000 };
        let found = bootstrap.resample(&[8], mean).unwrap();
        let exact = (VALUES.iter().map(|value| (value - found.value).powi(2)).sum::<f64>() / 64.0).sqrt();
        assert!((found.standard_error() / exact - 1.0).abs() < 0.05);
        let (plain, leaning) = (found.percentile(Level::P95), found.bca(Level::P95, &[8], mean).unwrap());
        assert!(plain.low < found.value && found.value < plain.high);
        assert!(leaning.high > plain.high && leaning.low > plain.low);
    }

    #[test]
    fn a_statistic_that_fails_too_often_fails() {
        let bootstrap = Bootstrap { seed: 1, resamples: 100 };
        let fussy = |rows: &[Vec<usize>]| {
            if rows[0].windows(2).all(|pair| pair[0] < pair[1]) {
                Ok(1.0)
            } else {
                Err(Error::NoEvents { spells: 8 })
            }
        };
        assert_eq!(bootstrap.resample(&[8], fussy), Err(Error::NoEvents { spells: 8 }));
        assert!(bootstrap.resample(&[0], mean).is_err());
    }
}
