//! What a caller may write: in whose name, and about which clients.

use throughline_access::{Need, Role};
use throughline_domain::{Actor, Amendment, Draft, Event, Fact, JourneyId, Position, Recorded, Version};
use throughline_projection::Placement;
use throughline_runtime::Caseload;

use crate::{
    State,
    gate::Visit,
    problem::{Fault, Kind, Problem},
    sight::{is_in, not_yours},
};

impl Visit {
    /// Whether the account is a machine that brings what others recorded, and so says who did.
    pub fn is_writer(&self) -> bool {
        self.visitor.caller.roles.contains(&Role::Writer)
    }

    /// Whether the account may see every import's report, and not only those it sent itself.
    pub fn reads_imports(&self) -> bool {
        let reads = |role: &Role| *role != Role::Writer && role.leave(Need::Import).is_some();
        self.visitor.caller.roles.iter().any(reads)
    }

    /// Refuses an event in another's name. Only a machine that brings events says who recorded them; everybody else is the
    /// actor of what they write, and names another in `on_behalf_of`.
    pub fn signs(&self, actor: &Actor, pointer: &str) -> Result<(), Problem> {
        if self.is_writer() || actor == self.account() {
            return Ok(());
        }
        Err(Kind::AnotherName
            .because(format!("`{actor}` is not {}; nobody records in another's name", self.account()))
            .at(Fault::pointer(pointer).hint("leave `actor` out, and name the other in `on_behalf_of`")))
    }
}

/// Refuses events about a client who is not the caller's. A journey that is not open yet may be opened by somebody whom
/// these events make its worker. What a foreign client's journey and none at all are answered is the same. Blocks.
pub(crate) fn may_write(
    state: &State,
    caseload: Option<&Caseload>,
    journey: JourneyId,
    drafts: &[Draft],
) -> Result<(), Problem> {
    let Some(caseload) = caseload else { return Ok(()) };
    if !is_in(&state.runtime, caseload, journey)? {
        let is_new = state.runtime.log().version(journey)? == Version(0);
        if !is_new || !caseload.admits(journey, &placement(drafts)) {
            return Err(not_yours());
        }
    }
    for other in drafts.iter().filter_map(linked).flatten().filter(|other| *other != journey) {
        // What was merged here could be read here.
        if !is_in(&state.runtime, caseload, other)? {
            return Err(not_yours());
        }
    }
    Ok(())
}

/// Where the client would stand after these events and nothing else.
fn placement(drafts: &[Draft]) -> Placement {
    let mut placement = Placement::default();
    let mut facts: Vec<Fact> = drafts.iter().map(fact).collect();
    facts.sort_by_cached_key(Fact::order);
    for fact in &facts {
        placement.fold(fact);
    }
    placement
}

fn fact(draft: &Draft) -> Fact {
    let (position, version) = (Position::default(), Version::default());
    let recorded_at = jiff::Timestamp::UNIX_EPOCH;
    Fact::unamended(Recorded { position, version, recorded_at, draft: draft.clone() })
}

/// The journeys an event joins or parts.
fn linked(draft: &Draft) -> Option<[JourneyId; 2]> {
    match &draft.event {
        Event::Amendment(Amendment::JourneysMerged(merged)) => Some([merged.kept, merged.absorbed]),
        Event::Amendment(Amendment::JourneysSplit(split)) => Some([split.from, split.into]),
        _ => None,
    }
}
