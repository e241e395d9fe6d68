//! Live flags and a replay of the same history are the same, byte for byte.

use jiff::{SignedDuration, Timestamp, civil::date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use throughline_domain::{
    Actor, Code, Draft, Event, EventId, Eyes, Formula, JourneyId, Note, Occurred, Position, Recorded,
    RuleAdopted, Version,
};
use throughline_engagement::Engagement;
use uuid::Uuid;

use super::{
    live::{alerts, due, recorded},
    rules::{adopted, going_quiet},
};
use crate::{Features, History, spec::Sources};

/// A log that fills as time goes on, with nobody remembering anything but the log.
struct World {
    log: Vec<Recorded>,
    now: Timestamp,
}

const STREAM: JourneyId = JourneyId::from_bytes([0xee; 16]);

impl World {
    fn new() -> Self {
        Self { log: Vec::new(), now: crate::history::midnight(date(2025, 1, 6)) }
    }

    fn append(&mut self, mut draft: Draft) {
        if self.log.iter().any(|known| known.draft.event_id == draft.event_id) {
            return;
        }
        let n = self.log.len() as u64;
        if draft.event_id == EventId::from_bytes([0; 16]) {
            draft.event_id = EventId::from_bytes(u128::from(n + 1).to_be_bytes());
        }
        self.log.push(Recorded { position: Position(n), version: Version(n), recorded_at: self.now, draft });
    }

    fn write(&mut self, journey: JourneyId, lived: i64, event: impl Into<Event>) -> EventId {
        self.append(Draft {
            event_id: EventId::from_bytes([0; 16]),
            journey,
            actor: Actor::new("worker:w1").unwrap(),
            on_behalf_of: None,
            eyes: Eyes::Staff,
            occurred: Occurred::On(crate::outcome::day_after(date(2025, 1, 6), lived)),
            cause: None,
            source: None,
            event: event.into(),
        });
        self.log.last().unwrap().draft.event_id
    }

    fn history(&self) -> History {
        let sources =
            Sources { as_of: None, clock: crate::spec::Clock::Recorded, lag: crate::spec::Span::default() };
        History::of(self.log.clone(), &sources, self.now)
    }

    /// What a server does now and then, whether or not it was stopped in between.
    fn catch_up(&mut self, features: &Features) {
        let until = self.now - SignedDuration::from_micros(1);
        for draft in due(&self.history(), features, until, Uuid::from_u128(7)).unwrap() {
            self.append(draft);
        }
    }

    fn day(&self) -> i64 {
        let since = self.now.duration_since(crate::history::midnight(date(2025, 1, 6)));
        since.as_hours() / 24
    }
}

fn event(name: &str, facts: Json) -> Event {
    Event::from_json(&format!("throughline.{name}.v1"), facts, Json::Null).unwrap()
}

fn two_missed(version: u32, expression: &str) -> RuleAdopted {
    RuleAdopted {
        rule: Code::new("two-missed").unwrap(),
        rule_version: version,
        expression: Formula::new(expression).unwrap(),
        enter: Code::new("enrolled").unwrap(),
        programme: None,
        every_days: 7,
        on_event: true,
        until_days: Some(200),
        personal: Note::default(),
    }
}

/// One thing that happens, and how long until the next.
#[derive(Debug, Clone)]
struct Step {
    minutes: i64,
    who: u8,
    what: u8,
    late_days: i64,
    catch_up: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (0_i64..4000, 1_u8..5, 0_u8..20, prop_oneof![3 => Just(0_i64), 1 => 0_i64..40], any::<bool>()).prop_map(
        |(minutes, who, what, late_days, catch_up)| Step { minutes, who, what, late_days, catch_up },
    )
}

fn take(world: &mut World, step: &Step, written: &mut Vec<(JourneyId, EventId)>) {
    let journey = JourneyId::from_bytes([step.who; 16]);
    let lived = (world.day() - step.late_days).max(0);
    let told = match step.what {
        0..=6 => event("check-in.check-in-missed", json!({"reason": "illness"})),
        7..=9 => event(
            "check-in.check-in-held",
            json!({"format": "phone", "begun_by": "staff", "exchange": "two-way"}),
        ),
        10..=12 => {
            let facts = json!({"service": "advice", "life_area": "work", "format": "in-person"});
            event("transaction.service-delivered", facts)
        }
        13..=15 => match written.iter().rev().find(|(whose, _)| *whose == journey) {
            Some((_, last)) => {
                event("amendment.retracted", json!({"event": last, "why": "entered-in-error"}))
            }
            None => return,
        },
        16 => {
            let other = JourneyId::from_bytes([step.who % 4 + 1; 16]);
            event("amendment.journeys-merged", json!({"kept": journey, "absorbed": other}))
        }
        17 => event("milestone.died", json!({})),
        18 => {
            let rule = two_missed(2, "missed_run >= 3 || silence_days > 20");
            world.write(STREAM, lived, rule);
            return;
        }
        _ => event("intake.enrolled", json!({"enrolment": format!("e{lived}"), "programme": "shelter"})),
    };
    if step.what == 16 && written.iter().filter(|(whose, _)| *whose == journey).count() > 3 {
        return;
    }
    let id = world.write(journey, lived, told);
    written.push((journey, id));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn live_alerts_are_those_of_a_replay_byte_for_byte(
        steps in prop::collection::vec(step(), 1..120), merges in any::<bool>()
    ) {
        let features = Features::new().with::<Engagement>();
        let mut world = World::new();
        let mut written = Vec::new();
        for who in 1..=4_u8 {
            let enrolled = json!({"enrolment": "e1", "programme": "shelter"});
            world.write(JourneyId::from_bytes([who; 16]), 0, event("intake.enrolled", enrolled));
        }
        world.now += SignedDuration::from_mins(1);
        world.write(STREAM, 0, two_missed(1, "missed_run >= 2"));
        world.write(STREAM, 0, going_quiet());
        for step in steps.iter().filter(|step| merges || step.what != 16) {
            world.now += SignedDuration::from_mins(step.minutes) + SignedDuration::from_micros(1);
            take(&mut world, step, &mut written);
            if step.catch_up {
                world.catch_up(&features);
            }
        }
        world.now += SignedDuration::from_hours(24 * 30);
        world.catch_up(&features);
        world.catch_up(&features);

        let until = world.now - SignedDuration::from_micros(1);
        let history = world.history();
        let mut without_alerts = world.log.clone();
        without_alerts.retain(|known| known.draft.actor.as_str() != "system:rules");
        let mut never_live = World { log: without_alerts, now: world.now };
        never_live.now = world.now;
        for rule in adopted(&history) {
            let live = serde_json::to_string(&recorded(&history, &rule)).unwrap();
            let replayed = serde_json::to_string(&alerts(&history, &features, &rule, until).unwrap()).unwrap();
            let never = never_live.history();
            let afresh = serde_json::to_string(&alerts(&never, &features, &rule, until).unwrap()).unwrap();
            prop_assert_eq!(&live, &replayed);
            prop_assert_eq!(&replayed, &afresh, "what rules write is no news");
        }
    }
}

#[test]
fn an_alert_is_raised_and_cleared_and_rests_on_what_was_known() {
    let features = Features::new().with::<Engagement>();
    let mut world = World::new();
    let who = JourneyId::from_bytes([1; 16]);
    world.write(who, 0, event("intake.enrolled", json!({"enrolment": "e1", "programme": "shelter"})));
    world.write(STREAM, 0, two_missed(1, "missed_run >= 2"));
    for day in 1..=2 {
        world.now += SignedDuration::from_hours(24);
        world.write(who, day, event("check-in.check-in-missed", json!({"reason": "illness"})));
    }
    world.now += SignedDuration::from_hours(24);
    let held = json!({"format": "phone", "begun_by": "staff", "exchange": "two-way"});
    world.write(who, 3, event("check-in.check-in-held", held));
    world.now += SignedDuration::from_hours(1);
    world.catch_up(&features);
    let history = world.history();
    let told = recorded(&history, &adopted(&history)[0]);
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!(
        told,
        json!([
            {"journey": who, "rule": "two-missed", "rule_version": 1, "decided_at": "2025-01-08T00:00:00Z",
             "raised": true, "values": {"missed_run": 2.0}},
            {"journey": who, "rule": "two-missed", "rule_version": 1, "decided_at": "2025-01-09T00:00:00Z",
             "raised": false, "values": {"missed_run": 0.0}},
        ])
    );
}
