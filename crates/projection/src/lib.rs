//! What a projector is: a pure fold over one journey, in the order life happened, and the answers it gives.
//!
//! A projector knows no log, no disk, no clock and no other journey; it cannot, for this crate gives it none.
//! Start at [`Projection`] (what is kept) and [`Answers`] (what is said from it on a date). [`Placement`] says where
//! a client stands for filters and groups; [`Programmes`] holds what programmes set for their views.

mod day;
mod features;
mod figure;
mod placement;
mod programmes;
mod sums;
#[cfg(feature = "testing")]
pub mod testing;
mod work;

pub use day::Day;
pub use features::{Feature, FeatureValue, Features};
pub use figure::{Figure, Missing};
pub use placement::{Place, Placement};
pub use programmes::{Programmes, Settings};
pub use sums::Sums;
pub use work::{Entered, WorkItem, WorkList};

use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use throughline_domain::Fact;

/// A pure fold over one journey.
pub trait Projection: Send + Sync + 'static {
    /// Its name in paths and commands: `engagement`.
    const NAME: &'static str;
    /// Raised whenever the fold or the view changes; a new version is rebuilt beside the old one.
    const VERSION: u32;
    /// What is kept of one journey: dated facts, no conclusions that change because time passes, and nothing
    /// personal. It is stored by a format that is not self-describing: no untagged enums, no skipped fields.
    type View: Default + Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync;

    /// Takes the next fact. Total: it reads no clock and cannot fail. Facts come in [`throughline_domain::LifeOrder`].
    fn fold(view: &mut Self::View, fact: &Fact);
}

/// What a projector says from its view on a date.
///
/// Everything here looks only at facts up to and including that date: the answer on an earlier date is the same
/// whether or not later facts are in the view.
pub trait Answers: Projection {
    /// What is said about one client.
    type Answer: Serialize + utoipa::ToSchema;
    /// The little that work lists need, kept in memory for every client.
    type Card: Send + Sync + 'static;
    /// What is summed over clients for a programme's figures.
    type Tally: Default + Send;
    /// The work lists this projector fills.
    const WORK_LISTS: &'static [WorkList];
    /// What its figures say of each other.
    const SUMS: Sums;

    /// What is said about one client on this date.
    fn answer(view: &Self::View, on: Date, programmes: &Programmes) -> Self::Answer;
    /// What work lists need of this client; none where no list can ever name them.
    fn card(view: &Self::View) -> Option<Self::Card>;
    /// What this client adds to a work list on this date.
    fn work(card: &Self::Card, list: &str, on: Date, programmes: &Programmes) -> Vec<WorkItem>;
    /// Adds one client to the figures as they stand on this date.
    fn tally(tally: &mut Self::Tally, view: &Self::View, on: Date, programmes: &Programmes);
    /// Joins two tallies of different clients; in any order, the figures are the same.
    fn merge(into: &mut Self::Tally, other: Self::Tally);
    /// The figures of all clients tallied.
    fn figures(tally: Self::Tally) -> Vec<Figure>;
}
