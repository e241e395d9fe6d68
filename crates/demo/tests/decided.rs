//! Every draft is one that the domain's rules let through, in the order of recording.

use std::collections::HashMap;

use jiff::civil::date;
use throughline_demo::Demo;
use throughline_domain::{Journey, JourneyId, Position, Recorded, Version, decide, linked};
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

    fn append(&mut self, recorded_at: jiff::Timestamp, draft: throughline_domain::Draft) {
        let events = self.journeys.entry(draft.journey).or_default();
        let known = events.iter().find(|recorded| recorded.draft.event_id == draft.event_id);
        if let Some(known) = known {
            assert_eq!(known.draft, draft, "the same event told twice, and differently");
            return;
        }
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
