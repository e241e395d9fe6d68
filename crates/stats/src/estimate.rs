use crate::{
    Error,
    distribution::{normal_quantile, normal_two_sided, student_quantile, student_two_sided},
    input::{held, open_share},
};

/// How sure an interval is to be: the share of intervals of its kind that hold the truth, such as 0.95.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// The usual 95 %.
    pub const P95: Self = Self(0.95);

    /// A level strictly between 0 and 1.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for any other number.
    pub fn new(share: f64) -> Result<Self, Error> {
        open_share("confidence level", share)?;
        Ok(Self(share))
    }

    /// The share itself.
    pub fn share(self) -> f64 {
        self.0
    }

    /// What is left on each side.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// The normal quantile that leaves the tail above it.
    pub(crate) fn normal(self) -> f64 {
        -normal_quantile(self.tail())
    }
}

/// From the lower to the upper limit, in the unit of what it is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

/// An estimate with its standard error, normal or with Student's t.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate, in the unit of the outcome.
    pub value: f64,
    /// Its standard error, in the same unit; more than 0.
    pub standard_error: f64,
    /// The degrees of freedom of Student's t; `None` means the normal distribution.
    pub degrees_of_freedom: Option<f64>,
}

impl Estimate {
    /// An estimate that is normal in large samples.
    pub(crate) fn normal(what: &'static str, value: f64, variance: f64) -> Result<Self, Error> {
        Self::checked(what, value, variance, None)
    }

    /// An estimate judged by Student's t.
    pub(crate) fn student(what: &'static str, value: f64, variance: f64, df: f64) -> Result<Self, Error> {
        Self::checked(what, value, variance, Some(df))
    }

    fn checked(what: &'static str, value: f64, variance: f64, df: Option<f64>) -> Result<Self, Error> {
        let (value, variance) = (held(what, value)?, held(what, variance)?);
        let standard_error = variance.sqrt();
        let statistic = value / standard_error;
        if variance <= 0.0 || df.is_some_and(|df| df.is_nan() || df <= 0.0) {
            return Err(Error::NoVariation { what });
        }
        held(what, statistic)?;
        Ok(Self { value, standard_error, degrees_of_freedom: df })
    }

    /// The estimate over its standard error: z, or t where there are degrees of freedom.
    pub fn statistic(&self) -> f64 {
        self.value / self.standard_error
    }

    /// The two-sided p-value of the hypothesis that the true value is 0.
    pub fn p_value(&self) -> f64 {
        match self.degrees_of_freedom {
            Some(df) => student_two_sided(self.statistic(), df),
            None => normal_two_sided(self.statistic()),
        }
    }

    /// The two-sided interval at this level.
    pub fn interval(&self, level: Level) -> Interval {
        let quantile = match self.degrees_of_freedom {
            Some(df) => -student_quantile(level.tail(), df),
            None => level.normal(),
        };
        let half = quantile * self.standard_error;
        Interval { low: self.value - half, high: self.value + half }
    }
}

/// A chi-squared test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquared {
    /// The statistic, 0 or more.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: usize,
}

impl ChiSquared {
    pub(crate) fn new(statistic: f64, degrees_of_freedom: usize) -> Result<Self, Error> {
        Ok(Self { statistic: held("the test statistic", statistic)?.max(0.0), degrees_of_freedom })
    }

    /// The probability of a statistic at least as large where the hypothesis holds.
    pub fn p_value(&self) -> f64 {
        crate::distribution::chi_squared_upper(self.statistic, self.degrees_of_freedom)
    }
}
