//! What a view's figures say of each other, for whoever must not tell small counts by way of large ones.

/// What a view's figures say of each other, in every group of clients. Counts are named by their figure and their part of
/// it: `counted` (the numerator, or the value of what is only counted), `of` (the denominator), or why some are missing;
/// `/clients` is how many clients there are.
/// Counts that are always the same need no word, nor do those of one share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// Counts that add up to the same, always or as a rule: a sum that does not hold in a group says nothing of it. A `*` in the name of a figure stands for all that are so named.
    pub adds_up: &'static [(&'static [&'static str], &'static [&'static str])],
    /// Figures that are worked out from each other, and so are shown together or not at all.
    pub together: &'static [&'static [&'static str]],
    /// Figures that say of the year before what others said a year before.
    pub year_before: &'static [(&'static str, &'static str)],
}

impl Sums {
    /// Figures that say nothing of each other.
    pub const NONE: Self = Self { adds_up: &[], together: &[], year_before: &[] };
}
