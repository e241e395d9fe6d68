/// What a statistic cannot be computed from, or did not come to an end on. Each says which value and what to do.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// Too few observations for this statistic.
    #[error("{got} {what} where at least {needed} are needed; widen the cohort")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many would do.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// Nobody had the event: nothing can be estimated from its timing.
    #[error("no events among {spells} spells; lengthen the follow-up or widen the cohort")]
    NoEvents {
        /// How many spells were looked at.
        spells: usize,
    },
    /// Two inputs that belong together differ in length.
    #[error("{got} {what} where {expected} belong; give one for each row")]
    Lengths {
        /// What is too short or too long.
        what: &'static str,
        /// The length that fits.
        expected: usize,
        /// The length given.
        got: usize,
    },
    /// An input is infinite or not a number.
    #[error("{what} number {index} is {value}; leave the row out or give a finite number")]
    NotFinite {
        /// What is not finite.
        what: &'static str,
        /// Which one, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// An input lies where it has no meaning.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// What lies outside.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Where it must lie.
        range: &'static str,
    },
    /// A spell that ends before, or when, it begins.
    #[error("spell {spell} enters at {entry} and leaves at {exit}; it must enter before it leaves")]
    EntryNotBeforeExit {
        /// Which spell, from 0.
        spell: usize,
        /// When it enters.
        entry: f64,
        /// When it leaves.
        exit: f64,
    },
    /// A horizon later than anyone was followed.
    #[error(
        "the horizon {horizon} lies past the last time anyone was followed, {last}; choose one up to then"
    )]
    BeyondFollowUp {
        /// The horizon asked for.
        horizon: f64,
        /// The last time at which someone was at risk.
        last: f64,
    },
    /// Nothing varies, so no standard error can be given.
    #[error("{what} does not vary; no standard error can be given")]
    NoVariation {
        /// What is constant.
        what: &'static str,
    },
    /// A covariate with the same value in every row.
    #[error("covariate {covariate} has the same value in every row; leave it out")]
    Constant {
        /// Which covariate, from 0.
        covariate: usize,
    },
    /// Covariates of which one follows from the others, or that vary only where nothing happened.
    #[error("covariate {covariate} adds nothing to those before it; leave one of them out")]
    Singular {
        /// The first covariate that adds nothing, from 0; the intercept is not counted.
        covariate: usize,
    },
    /// A covariate that tells outcomes apart perfectly: its coefficient has no finite estimate.
    #[error(
        "covariate {covariate} separates the outcomes, its coefficient grows without end; leave it out or join levels"
    )]
    Separation {
        /// Which covariate, from 0; the intercept is not counted.
        covariate: usize,
    },
    /// An iteration that found no maximum.
    #[error("no maximum after {iterations} iterations; look for extreme values or rescale the covariates")]
    NotConverged {
        /// How many were tried.
        iterations: usize,
    },
    /// The result leaves the range of numbers.
    #[error("{what} cannot be held by a number; rescale the values")]
    Overflow {
        /// What became infinite.
        what: &'static str,
    },
}
