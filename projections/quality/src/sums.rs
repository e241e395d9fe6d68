//! What these figures say of each other.

use throughline_projection::Sums;

pub(crate) const SUMS: Sums =
    Sums { adds_up: &[(&["problems/counted"], &["problems.*/counted"])], together: &[], year_before: &[] };
