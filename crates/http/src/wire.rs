//! Events as they leave, under the names by which the resources know them.

pub(crate) use throughline_replay::{Amended, Written, in_order, mark};
