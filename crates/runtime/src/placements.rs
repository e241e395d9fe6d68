//! Where every client stands, kept as a view of its own: lists, filters and groups use it.

use std::sync::Arc;

use jiff::civil::Date;
use throughline_domain::Fact;
use throughline_projection::{Answers, Figure, Placement, Programmes, Projection, Sums, WorkItem, WorkList};

/// The projector behind filters and groups; it fills no work list and no figure.
pub(crate) struct Placements;

impl Projection for Placements {
    const NAME: &'static str = "placements";
    const VERSION: u32 = 1;
    type View = Placement;

    fn fold(view: &mut Placement, fact: &Fact) {
        view.fold(fact);
    }
}

impl Answers for Placements {
    type Answer = Placement;
    type Card = Arc<Placement>;
    type Tally = ();
    const WORK_LISTS: &'static [WorkList] = &[];
    const SUMS: Sums = Sums::NONE;

    fn answer(view: &Placement, _: Date, _: &Programmes) -> Placement {
        view.clone()
    }

    fn card(view: &Placement) -> Option<Arc<Placement>> {
        Some(Arc::new(view.clone()))
    }

    fn work(_: &Arc<Placement>, _: &str, _: Date, _: &Programmes) -> Vec<WorkItem> {
        Vec::new()
    }

    fn tally((): &mut (), _: &Placement, _: Date, _: &Programmes) {}

    fn merge((): &mut (), (): ()) {}

    fn figures((): ()) -> Vec<Figure> {
        Vec::new()
    }
}
