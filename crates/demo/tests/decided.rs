//! Every draft is one that the domain's rules let through, in the order of recording.

use std::collections::HashMap;

use jiff::{Timestamp, civil::date};
use throughline_demo::Demo;
use throughline_domain::{Draft, Journey, JourneyId, Position, Recorded, Version, decide, linked};
use uuid::Uuid;

/// What was recorded so far, by journey.
#[derive(Default)]
struct Log {
    journeys: HashMap<JourneyId, Vec<Recorded>>,
    next: u64,
}

impl Log {
    fn state(&self, journey: JourneyId) -> Journey {
        let own = self.journeys.get(&journey).map_or(&[][..], Vec::as_slice);
        let mut recorded = own.to_vec();
        for other in linked(own).into_iter().filter(|other| *other != journey) {
            recorded.extend(self.journeys.get(&other).into_iter().flatten().cloned());
        }
        recorded.sort_by_key(|recorded| recorded.position);
        Journey::of_recorded(journey, &recorded)
    }

    /// Whether the draft is the twin of a merge that deciding on the first gave already.
    fn has(&self, draft: &Draft) -> bool {
        let events = self.journeys.get(&draft.journey).into_iter().flatten();
        let known = events.map(|recorded| &recorded.draft).find(|known| known.event_id == draft.event_id);
        known
            .inspect(|known| assert_eq!(*known, draft, "the same event told twice, and differently"))
            .is_some()
    }

    fn append(&mut self, recorded_at: Timestamp, draft: Draft) {
        let events = self.journeys.entry(draft.journey).or_default();
        let version = Version(events.len() as u64 + 1);
        events.push(Recorded { position: Position(self.next), version, recorded_at, draft });
        self.next += 1;
    }
}

#[test]
fn the_rules_refuse_nothing_of_it() {
    let mut log = Log::default();
    for portion in Demo::new(11, 300, date(2026, 3, 2), Uuid::nil()) {
        for draft in portion.drafts {
            if log.has(&draft) {
                continue;
            }
            let told = format!("{} on {}: {:?}", draft.journey, draft.occurred, draft.event);
            match decide(&log.state(draft.journey), draft, portion.recorded_at) {
                Ok(drafts) => {
                    for draft in drafts {
                        log.append(portion.recorded_at, draft);
                    }
                }
                Err(rejection) => panic!("{}: {rejection}\n{told}", rejection.rule),
            }
        }
    }
    assert!(log.next > 12_000, "{} events", log.next);
}
