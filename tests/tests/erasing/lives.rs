//! Lives with words that nobody else would use.

use serde_json::{Value as Json, json};
use throughline_domain::{Actor, Code, Draft, Event, EventId, Eyes, JourneyId, Source, Text};
use throughline_log::{Erasure, EventLog as _, Log};
use throughline_tests::World;
use uuid::Uuid;

pub const NAME: &str = "Nomvula Featherstonehaugh";
pub const WORDS: &str = "the lighthouse at Cape Agulhas was mine";
pub const NOTE: &str = "her sister in Ouagadougou pays";
pub const SOURCE_ROW: &str = "intake-row-88412-zq";
/// What is personal of [`life`].
pub const PERSONAL: [&str; 4] = [NAME, WORDS, NOTE, SOURCE_ROW];
/// Codes that only [`life`] has.
pub const CODED: [&str; 4] =
    ["lighthouse-keepers-7731", "site-ultima-thule", "w-quetzalcoatl", "moved-to-a-lighthouse"];

pub fn journey(n: u128) -> JourneyId {
    JourneyId::new(Uuid::from_u128(0x6a6f_7572_6e65_7900_0000_0000_0000_0000 + n))
}

pub fn asked() -> Erasure {
    Erasure {
        requested_by: Code::new("client").unwrap(),
        reason: Code::new("asked").unwrap(),
        actor: Actor::new("worker:w1").unwrap(),
    }
}

/// One event of a journey.
pub fn draft(of: JourneyId, n: u128, day: &str, name: &str, facts: Json, personal: Json) -> Draft {
    Draft {
        event_id: EventId::new(Uuid::from_u128(of.uuid().as_u128() ^ (n << 64))),
        journey: of,
        actor: Actor::new("worker:w1").unwrap(),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: day.parse().unwrap(),
        cause: None,
        source: Some(Source {
            system: Code::new("paper").unwrap(),
            table: Code::new("intakes").unwrap(),
            row: Some(Text::new(format!("{SOURCE_ROW}-{n}")).unwrap()),
            recorded_at: None,
        }),
        event: Event::from_json(&format!("throughline.{name}.v1"), facts, personal).unwrap(),
    }
}

/// A life that every view and list has something of.
pub fn life(of: JourneyId) -> Vec<Draft> {
    let [programme, site, worker, milestone] = CODED;
    vec![
        draft(
            of,
            1,
            "2026-01-05",
            "intake.journey-opened",
            json!({"role": "participant", "language": "en"}),
            json!({"name": NAME}),
        ),
        draft(
            of,
            2,
            "2026-01-06",
            "intake.enrolled",
            json!({"enrolment": "e-1", "programme": programme, "template_version": "2026-1", "site": site,
                "worker": worker, "attributes": {}}),
            json!({"note": NOTE}),
        ),
        draft(
            of,
            3,
            "2026-01-09",
            "transaction.contact-made",
            json!({"format": "phone", "begun_by": "client", "exchange": "two-way", "with": []}),
            json!({"words": WORDS, "note": NOTE}),
        ),
        draft(
            of,
            4,
            "2026-02-01",
            "milestone.milestone-reached",
            json!({"enrolment": "e-1", "milestone": milestone, "life_area": "housing"}),
            json!({"note": NOTE}),
        ),
    ]
}

/// A world with a life of ours among others.
pub fn world() -> World {
    let world = World::new();
    for n in 0..20 {
        let of = journey(n);
        let drafts = if n == 7 { life(of) } else { plain(of) };
        world.append(&drafts);
    }
    world.caught_up();
    world.runtime.stop();
    world
}

/// A life with nothing special in it.
pub fn plain(of: JourneyId) -> Vec<Draft> {
    vec![
        draft(
            of,
            1,
            "2026-01-05",
            "intake.journey-opened",
            json!({"role": "participant", "language": "en"}),
            json!({}),
        ),
        draft(
            of,
            2,
            "2026-01-06",
            "intake.enrolled",
            json!({"enrolment": "e-1", "programme": "homes-first", "template_version": "2026-1", "attributes": {}}),
            json!({}),
        ),
    ]
}

/// What would tell of the keys of a journey: each as it is, and as it is wrapped in the file of keys.
pub fn keys_of(log: &Log, world: &std::path::Path, of: JourneyId) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let raw = log.key_bytes(of).unwrap();
    assert_eq!(raw.len(), 2);
    let file = std::fs::read(world.join("keys/journeys.keys")).unwrap();
    let slot = file[128..].chunks_exact(172).rfind(|slot| slot[..16] == of.bytes()).unwrap();
    assert!(log.version(of).unwrap().0 > 0);
    (raw, vec![slot[20..92].to_vec(), slot[96..168].to_vec()])
}
