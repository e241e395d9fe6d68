//! The features that rules can name: what registered projectors tell, each folded as a life becomes known.

use std::{marker::PhantomData, sync::Arc};

use jiff::civil::Date;
use throughline_domain::Fact;
use throughline_projection::{Feature, FeatureValue, Features as Tells, Programmes};

/// Whole days since time zero, as it was known at the decision.
pub const DAYS_SINCE_ENTRY: &str = "days_since_entry";
/// Whole days since the first intake that was held.
pub const DAYS_SINCE_INTAKE: &str = "days_since_intake";

/// The projectors whose features rules can name.
#[derive(Clone, Default)]
pub struct Features {
    sources: Vec<Arc<dyn Source>>,
}

impl Features {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the features of a projector.
    #[must_use]
    pub fn with<P: Tells>(self) -> Self {
        self.with_source(Arc::new(Of::<P>(PhantomData)))
    }

    pub(crate) fn with_source(mut self, source: Arc<dyn Source>) -> Self {
        self.sources.push(source);
        self
    }

    /// Every feature there is, with the projectors' own first.
    pub fn iter(&self) -> impl Iterator<Item = &'static Feature> + '_ {
        self.sources.iter().flat_map(|source| source.features()).chain(&BUILT_IN)
    }

    pub(crate) fn sources(&self) -> &[Arc<dyn Source>] {
        &self.sources
    }
}

/// What stands without a projector.
static BUILT_IN: [Feature; 3] = [
    Feature { name: DAYS_SINCE_ENTRY, what: "days since time zero", unit: "days", from: &[] },
    Feature {
        name: DAYS_SINCE_INTAKE,
        what: "days since the first intake that was held",
        unit: "days",
        from: &["intake-held"],
    },
    Feature {
        name: crate::expression::ATTRIBUTES,
        what: "coded attributes of opening, intake and enrolment, as known by then: `attributes.arm == \"a\"`",
        unit: "by name",
        from: &["journey-opened", "intake-held", "enrolled"],
    },
];

/// A projector, whatever its view.
pub(crate) trait Source: Send + Sync {
    fn features(&self) -> &'static [Feature];
    fn begin(&self) -> Box<dyn Folded>;
    /// A way past the cursor, for the test that shows a rule that looks ahead being caught.
    #[cfg(test)]
    fn begin_peeking(&self, _whole: &crate::Timeline) -> Box<dyn Folded> {
        self.begin()
    }
}

/// A view, as far as it is folded.
pub(crate) trait Folded {
    fn clear(&mut self);
    fn fold(&mut self, fact: &Fact);
    fn value(&self, place: usize, on: Date, programmes: &Programmes) -> Option<FeatureValue>;
}

struct Of<P>(PhantomData<fn() -> P>);

impl<P: Tells> Source for Of<P> {
    fn features(&self) -> &'static [Feature] {
        P::FEATURES
    }

    fn begin(&self) -> Box<dyn Folded> {
        Box::new(View::<P>(P::View::default()))
    }
}

struct View<P: Tells>(P::View);

impl<P: Tells> Folded for View<P> {
    fn clear(&mut self) {
        self.0 = P::View::default();
    }

    fn fold(&mut self, fact: &Fact) {
        P::fold(&mut self.0, fact);
    }

    fn value(&self, place: usize, on: Date, programmes: &Programmes) -> Option<FeatureValue> {
        P::feature(&self.0, place, on, programmes)
    }
}
