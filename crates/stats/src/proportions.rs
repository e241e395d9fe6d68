use crate::{Error, Interval, Level};

/// So many out of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    of: u64,
    out_of: u64,
}

impl Proportion {
    /// `of` out of `out_of`.
    ///
    /// # Errors
    /// [`Error::TooFew`] out of none, [`Error::OutOfRange`] for more than all.
    pub fn new(of: u64, out_of: u64) -> Result<Self, Error> {
        if out_of == 0 {
            return Err(Error::TooFew { what: "clients", needed: 1, got: 0 });
        }
        if of > out_of {
            return Err(Error::OutOfRange { what: "the count", value: of as f64, range: "no more than all" });
        }
        Ok(Self { of, out_of })
    }

    /// The share, from 0 to 1.
    pub fn share(self) -> f64 {
        self.of as f64 / self.out_of as f64
    }

    /// Wilson's score interval (1927): stays within 0 and 1, also for none and all.
    pub fn interval(self, level: Level) -> Interval {
        let (n, share, z) = (self.out_of as f64, self.share(), level.normal());
        let shrink = 1.0 + z * z / n;
        let middle = (share + z * z / (2.0 * n)) / shrink;
        let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt() / shrink;
        let low = if self.of == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if self.of == self.out_of { 1.0 } else { (middle + half).min(1.0) };
        Interval { low, high }
    }

    /// This share less the other, with Newcombe's interval (1998, method 10) from the two of Wilson.
    pub fn difference(self, other: Self, level: Level) -> (f64, Interval) {
        let (own, others) = (self.interval(level), other.interval(level));
        let (share, other_share) = (self.share(), other.share());
        let difference = share - other_share;
        let low = difference - (share - own.low).hypot(others.high - other_share);
        let high = difference + (own.high - share).hypot(other_share - others.low);
        (difference, Interval { low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newcombes_own_example() {
        // Newcombe (1998), table II, method 10: 56/70 against 48/80.
        let (difference, interval) =
            Proportion::new(56, 70).unwrap().difference(Proportion::new(48, 80).unwrap(), Level::P95);
        assert!((difference - 0.2).abs() < 1e-15);
        assert!((interval.low - 0.0524).abs() < 5e-5 && (interval.high - 0.3339).abs() < 5e-5);
        assert_eq!(Proportion::new(0, 10).unwrap().interval(Level::P95).low, 0.0);
        assert!(Proportion::new(2, 1).is_err() && Proportion::new(0, 0).is_err());
    }
}
