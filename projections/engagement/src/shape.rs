//! The shape of a relationship: deepening, steady, thinning, quiet, returned.

use serde::Serialize;

use crate::silence::Standing;

/// Where a relationship is heading. The first rule that fits decides:
///
/// 1. **quiet** where the client stands at quiet or lost;
/// 2. **returned** where, within the window, a two-way contact ended a silence that had been quiet or lost;
/// 3. otherwise the later half of the window is held against the earlier half, by three signs that each say up,
///    down or neither: see [`Signs`]. More up than down is **deepening**, more down than up **thinning**, else
///    **steady**.
///
/// There is none before the first two-way contact, after death, or while the journey is younger than the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = engagement::Shape)]
pub enum Shape {
    /// More, broader or deeper than before.
    Deepening,
    /// Much as before.
    Steady,
    /// Less, narrower or shallower than before.
    Thinning,
    /// The client has gone quiet or is lost.
    Quiet,
    /// Back after having been quiet or lost.
    Returned,
}

/// What the halves of a window are held against each other by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signs {
    pub standing: Standing,
    /// Days with two-way contact in the earlier and in the later half.
    pub contact_days: (usize, usize),
    /// Life areas, people and formats together, in each half.
    pub breadth: (u32, u32),
    /// The mean of the elements at the end of each half, where both are known.
    pub elements: Option<(f64, f64)>,
}

impl Signs {
    pub(crate) fn shape(self) -> Shape {
        match self.rhythm() + self.breadth() + self.depth() {
            1.. => Shape::Deepening,
            0 => Shape::Steady,
            _ => Shape::Thinning,
        }
    }

    /// Up or down by two days or more and by a quarter or more; down as well while the client stands at watch.
    fn rhythm(self) -> i32 {
        let (before, after) = self.contact_days;
        if self.standing == Standing::Watch || (after + 2 <= before && 4 * after <= 3 * before) {
            -1
        } else {
            i32::from(after >= before + 2 && 4 * after >= 5 * before)
        }
    }

    /// Up or down by two or more.
    fn breadth(self) -> i32 {
        let (before, after) = self.breadth;
        i32::from(after >= before + 2) - i32::from(before >= after + 2)
    }

    /// Up or down by a tenth of the scale or more.
    fn depth(self) -> i32 {
        self.elements
            .map_or(0, |(before, after)| i32::from(after - before >= 0.1) - i32::from(before - after >= 0.1))
    }
}
