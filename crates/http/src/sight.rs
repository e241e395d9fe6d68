//! What of one client's record a caller may see: whether they may see it at all, which events of journeys linked with
//! it, and whether names, contacts and words are shown.

use std::collections::{BTreeSet, HashSet};

use throughline_access::Names;
use throughline_domain::{Amendment, Event, EventId, JourneyId};
use throughline_log::AsOf;
use throughline_projection::Placement;
use throughline_runtime::{Caseload, Error, Life, Runtime};

use crate::{
    State,
    gate::Visit,
    problem::{Fault, Kind, Problem},
    wire::Written,
};

impl State {
    /// Refuses a caller who may not see this client. Somebody who sees a caseload is told the same of a client outside
    /// it and of one that does not exist: who may not see a record is not told that there is one.
    pub(crate) async fn must_see(&self, visit: &Visit, journey: JourneyId) -> Result<(), Problem> {
        let Some(caseload) = visit.caseload(self) else { return Ok(()) };
        let runtime = self.runtime.clone();
        let sees = self.blocking.read(move || Ok(is_in(&runtime, &caseload, journey)?)).await?;
        if sees { Ok(()) } else { Err(not_yours()) }
    }

    /// The journey of this text: a UUID, or `source:key`.
    pub(crate) fn journey_of(&self, text: &str, at: Fault) -> Result<JourneyId, Problem> {
        throughline_exchange::journey_id(self.runtime.log().namespace(), text).map_err(|error| {
            Kind::InvalidPath.because(error.to_string()).at(at.hint(
                "write a UUID (8-4-4-4-12 hexadecimal digits), or `source:key` for an imported journey",
            ))
        })
    }
}

/// The client is none of the caller's, or none at all.
pub(crate) fn not_yours() -> Problem {
    Kind::NotYours.because(
        "the client is not in your caseload, or there is none of this id; ask for a grant, or in an emergency break the \
         glass with `POST /v1/journeys/{id}/break-glass` and a reason",
    )
}

/// Whether the client is in this caseload as the log stands now. One that was merged into another is that client.
pub(crate) fn is_in(runtime: &Runtime, caseload: &Caseload, journey: JourneyId) -> Result<bool, Error> {
    let life = match runtime.life(journey, AsOf::Now) {
        Ok(life) => life,
        Err(Error::UnknownJourney(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    if caseload.admits(journey, &placement(&life)) {
        return Ok(true);
    }
    let Some(kept) = life.merged_into else { return Ok(false) };
    Ok(caseload.admits(kept, &placement(&runtime.life(kept, AsOf::Now)?)))
}

fn placement(life: &Life) -> Placement {
    let mut placement = Placement::default();
    life.facts.iter().for_each(|fact| placement.fold(fact));
    placement
}

/// What of a journey's record is seen.
pub(crate) struct Sight {
    state: State,
    visit: Visit,
    journey: JourneyId,
    /// Facts of the life asked about: they are shown wherever they were written down.
    own: HashSet<EventId>,
    /// Journeys linked with it that the caller may not see, and what is written of those elsewhere.
    strange: BTreeSet<JourneyId>,
    of_strangers: HashSet<EventId>,
}

impl Sight {
    /// What the caller sees of this life. Blocks.
    pub fn of(state: &State, visit: &Visit, life: &Life) -> Result<Self, Problem> {
        let mut sight = Self {
            state: state.clone(),
            visit: visit.clone(),
            journey: life.journey,
            own: life.facts.iter().map(|fact| fact.id).collect(),
            strange: BTreeSet::new(),
            of_strangers: HashSet::new(),
        };
        let Some(caseload) = visit.caseload(state) else { return Ok(sight) };
        // Who is another person is asked as the record stands now: what was known before a split is theirs all the same.
        let now = state.runtime.life(life.journey, AsOf::Now)?;
        for other in throughline_domain::linked(now.recorded.iter().chain(&life.recorded)) {
            if other != life.journey && !is_in(&state.runtime, &caseload, other)? {
                sight.strange.insert(other);
                let theirs = state.runtime.life(other, AsOf::Now)?;
                sight.of_strangers.extend(theirs.facts.iter().map(|fact| fact.id));
            }
        }
        sight.own.retain(|id| !sight.of_strangers.contains(id));
        // What corrects or takes back something of theirs tells of it too.
        for recorded in &life.recorded {
            let about = match &recorded.draft.event {
                Event::Amendment(Amendment::Corrected(corrected)) => corrected.event,
                Event::Amendment(Amendment::Retracted(retracted)) => retracted.event,
                _ => continue,
            };
            if sight.of_strangers.contains(&about) {
                sight.of_strangers.insert(recorded.draft.event_id);
            }
        }
        Ok(sight)
    }

    /// Whether everything is seen as it was written down, so that an answer is the same for all who see everything.
    pub fn is_whole(&self) -> bool {
        self.strange.is_empty() && self.names(self.journey) == Names::Shown
    }

    /// Leaves out of a life what is another person's whom the caller may not see.
    pub fn keep_to(&self, life: &mut Life) {
        life.facts.retain(|fact| !self.of_strangers.contains(&fact.id));
    }

    /// Whether this event is seen.
    pub fn shows(&self, written: &Written) -> bool {
        let (journey, id) = (written.journey(), written.event_id());
        self.own.contains(&id) || (!self.strange.contains(&journey) && !self.of_strangers.contains(&id))
    }

    /// Whether names, contacts and words of this event are shown: a fact of the life asked about goes by the leave for
    /// that, wherever it was written down.
    pub fn names_of(&self, written: &Written) -> Names {
        let journey = if self.own.contains(&written.event_id()) { self.journey } else { written.journey() };
        self.names(journey)
    }

    /// Whether names, contacts and words of this client are shown.
    pub fn names(&self, stream: JourneyId) -> Names {
        self.visit.names(&self.state, stream)
    }
}
