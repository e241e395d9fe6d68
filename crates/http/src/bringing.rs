//! Which account brings the events of an import in, written down a portion at a time.

use std::sync::{Arc, Mutex};

use throughline_access::{Access, Caller, Deed, stretches};
use throughline_domain::{Code, Position};

use crate::{
    jobs::held,
    problem::Problem,
    refuse::{unrecorded, unsigned},
};

/// Events after which it is written down where they stand. A process that is killed leaves at most so many unsaid; sent
/// again, they are known and said then.
const PORTION_EVENTS: usize = 10_000;

/// What one import brought in and the access log does not say yet.
pub(crate) struct Bringing {
    access: Arc<Access>,
    caller: Arc<Caller>,
    what: Code,
    unsaid: Mutex<Unsaid>,
}

#[derive(Default)]
struct Unsaid {
    positions: Vec<Position>,
    /// How many of them are new.
    events: u64,
}

impl Bringing {
    /// Writes down that the account begins.
    pub fn begun(access: Arc<Access>, caller: Arc<Caller>, what: Code) -> Result<Self, Problem> {
        let begun = Deed::Operated { what: what.clone(), client: None };
        access.record(Some(&caller), begun).map_err(|error| unrecorded(&error))?;
        Ok(Self { access, caller, what, unsaid: Mutex::default() })
    }

    /// Takes events that are recorded.
    pub fn add(&self, positions: &[Position], events: u64) -> Result<(), Problem> {
        let portion = {
            let mut unsaid = held(&self.unsaid);
            unsaid.positions.extend(positions);
            unsaid.events += events;
            if unsaid.positions.len() < PORTION_EVENTS {
                return Ok(());
            }
            std::mem::take(&mut *unsaid)
        };
        self.say(portion)
    }

    /// Writes the rest down.
    pub fn end(&self) -> Result<(), Problem> {
        let rest = std::mem::take(&mut *held(&self.unsaid));
        self.say(rest)
    }

    fn say(&self, Unsaid { positions, events }: Unsaid) -> Result<(), Problem> {
        let noted =
            self.access.record_brought(&self.caller, (&self.what, None), &stretches(positions), events);
        noted.map_err(|error| unsigned(&error))
    }
}
