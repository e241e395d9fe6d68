//! Golden bytes: one file per (fact, version) ever released, in `tests/golden`, with the fact as JSON and as bytes.
//!
//! `THROUGHLINE_RENEW_GOLDEN=1 cargo test -p throughline-log golden` writes the bytes of files that have none yet. It
//! never changes bytes that are there: those are on somebody's disk. When a version is retired, its file keeps its name
//! and bytes, gets a line `today: <name of the current version>`, and its JSON becomes what it reads as today.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_domain::{
    Actor, Code, Corrected, Draft, Event, EventId, Eyes, JourneyId, Note, Source, TYPE_NAMES, Text,
};

use super::{Frozen, Stored, TAGS, parts::NoteV1, type_name};
use crate::{
    codec::{self, Malformed},
    verify::hexadecimal as hex,
};

/// One golden file.
struct Golden {
    path: PathBuf,
    /// Of the version whose bytes these are.
    name: String,
    /// Of the version that the JSON is in: another one once this one is retired.
    today: String,
    facts_json: Json,
    personal_json: Json,
    bytes: Option<(u16, Vec<u8>, Vec<u8>)>,
}

impl Golden {
    fn all() -> Vec<Self> {
        let directory = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/facts"));
        let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths.into_iter().map(Self::read).collect()
    }

    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let field = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
        };
        let json = |name| serde_json::from_str(&field(name).unwrap()).unwrap();
        let bytes = field("tag").map(|tag| {
            (
                tag.parse().unwrap(),
                from_hex(&field("facts-hex").unwrap()),
                from_hex(&field("personal-hex").unwrap()),
            )
        });
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let today = field("today").unwrap_or_else(|| name.clone());
        Self { name, today, facts_json: json("facts"), personal_json: json("personal"), bytes, path }
    }

    fn event(&self) -> Event {
        Event::from_json(&self.today, self.facts_json.clone(), self.personal_json.clone()).unwrap()
    }

    fn write(&self, frozen: &Frozen) {
        let personal = frozen.personal.clone().unwrap_or_default();
        let text = format!(
            "facts: {}\npersonal: {}\ntag: {}\nfacts-hex: {}\npersonal-hex: {}\n",
            self.facts_json,
            self.personal_json,
            frozen.tag,
            hex(&frozen.facts),
            hex(&personal)
        );
        fs::write(&self.path, text).unwrap();
    }
}

fn renewing() -> bool {
    std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some()
}

#[test]
fn golden_bytes_of_every_fact_decode_to_what_they_were_and_encode_to_the_same() {
    for golden in Golden::all() {
        let event = golden.event();
        let frozen = super::freeze(&event);
        let Some((tag, facts, personal)) = &golden.bytes else {
            assert!(renewing(), "{} has no bytes yet; renew with THROUGHLINE_RENEW_GOLDEN=1", golden.name);
            golden.write(&frozen);
            continue;
        };
        assert_eq!(type_name(*tag), Some(golden.name.as_str()));
        assert_eq!(super::thaw(*tag, facts, personal).unwrap(), event, "{}", golden.name);
        if golden.today != golden.name {
            continue;
        }
        assert_eq!(
            (frozen.tag, &frozen.facts, &frozen.personal.unwrap_or_default()),
            (*tag, facts, personal),
            "{}",
            golden.name
        );
    }
}

#[test]
fn every_fact_and_version_has_its_golden_bytes() {
    let golden: BTreeSet<String> = Golden::all().into_iter().map(|golden| golden.name).collect();
    let known: BTreeSet<String> = TAGS.iter().map(|tag| type_name(*tag).unwrap().to_owned()).collect();
    assert_eq!(golden, known);
    assert_eq!(known.len(), TAGS.len(), "each tag has a name of its own");
    assert!(TYPE_NAMES.iter().all(|name| known.contains(*name)));
}

#[test]
fn golden_facts_leave_no_field_unset() {
    let schemas = Event::schemas(&mut Vec::new());
    for golden in Golden::all() {
        let event = golden.event();
        assert_eq!(event.facts_json(), golden.facts_json, "{}", golden.name);
        assert_eq!(event.personal_json(), golden.personal_json, "{}", golden.name);
        // What a retired version did not know yet is unset for ever.
        if golden.today != golden.name {
            continue;
        }
        let schema = schemas.iter().find(|schema| schema.type_name == golden.today).unwrap();
        for (schema, json) in [(&schema.facts, &golden.facts_json), (&schema.personal, &golden.personal_json)]
        {
            let schema = serde_json::to_value(schema).unwrap();
            let fields = |json: &Json| -> BTreeSet<String> {
                json.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
            };
            assert_eq!(fields(json), fields(&schema["properties"]), "{}", golden.name);
        }
    }
}

#[test]
fn a_fact_without_its_personal_part_still_reads() {
    for golden in Golden::all() {
        let frozen = super::freeze(&golden.event());
        let event = super::thaw(frozen.tag, &frozen.facts, &[]).unwrap();
        assert_eq!(super::freeze(&event).facts, frozen.facts, "{}", golden.name);
    }
}

#[test]
fn cut_or_flipped_bytes_are_an_error_or_another_fact_but_never_a_panic() {
    for golden in Golden::all() {
        let frozen = super::freeze(&golden.event());
        let personal = frozen.personal.unwrap_or_default();
        for part in 0..2 {
            let bytes = [&frozen.facts, &personal][part];
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0xff;
                for damaged in [&flipped[..], &bytes[..at]] {
                    let parts =
                        if part == 0 { [damaged, &personal] } else { [frozen.facts.as_slice(), damaged] };
                    let _ = super::thaw(frozen.tag, parts[0], parts[1]);
                }
            }
        }
    }
}

#[test]
fn the_whole_of_a_draft_is_packed() {
    let draft = Draft {
        event_id: EventId::from_bytes([1; 16]),
        journey: JourneyId::from_bytes([2; 16]),
        actor: Actor::new("worker:w1").unwrap(),
        on_behalf_of: Some(Actor::new("worker:w2").unwrap()),
        eyes: Eyes::Caregiver,
        occurred: "2026-03-01T09:30:00.123456+02:00".parse().unwrap(),
        cause: Some(EventId::from_bytes([3; 16])),
        source: Some(Source {
            system: Code::new("hmis").unwrap(),
            table: Code::new("services").unwrap(),
            row: Some(Text::new("row 7").unwrap()),
            recorded_at: Some("2026-03-02T10:00:00Z".parse().unwrap()),
        }),
        event: Event::from_json("throughline.milestone.died.v1", Json::Null, Json::Null).unwrap(),
    };
    let plain = super::pack(&draft);
    assert_eq!(
        hex(&plain.facts),
        // Version, instant, its microseconds and offset, eyes, on behalf of, cause, source.
        "01 01fd802031e0e2970c00fb4038 01 0109776f726b65723a7732 01 0303030303030303 0303030303030303\
         0104686d6973087365727669636573 01fd0050be4c0f980c00"
            .replace(char::is_whitespace, ""),
    );
    assert_eq!(hex(&plain.personal), "010105726f772037");
    let unpacked = super::unpack(plain.tag, &plain.facts, &plain.personal).unwrap();
    assert_eq!(
        (
            unpacked.occurred,
            unpacked.eyes,
            unpacked.on_behalf_of,
            unpacked.cause,
            unpacked.source,
            unpacked.event
        ),
        (draft.occurred, draft.eyes, draft.on_behalf_of, draft.cause, draft.source, draft.event)
    );
}

#[test]
fn a_correction_keeps_the_words_of_the_fact_inside_in_its_personal_part() {
    let inner = Event::from_json(
        "throughline.transaction.contact-made.v1",
        serde_json::json!({"format": "phone", "begun_by": "client", "exchange": "two-way"}),
        serde_json::json!({"words": "she moved to Langa"}),
    );
    let corrected = Event::from(Corrected {
        event: EventId::from_bytes([7; 16]),
        occurred: None,
        fact: Box::new(inner.unwrap()),
        why: Code::new("misheard").unwrap(),
        personal: Note::default(),
    });
    let frozen = super::freeze(&corrected);
    let has = |bytes: &[u8]| bytes.windows(5).any(|window| window == b"Langa");
    assert!(!has(&frozen.facts));
    assert!(has(frozen.personal.as_ref().unwrap()));
    assert_eq!(super::thaw(frozen.tag, &frozen.facts, &frozen.personal.unwrap()).unwrap(), corrected);
}

/// A version of a fact from before `why` was asked for, as one that was really stored would stand in `retired`.
#[derive(Serialize, Deserialize)]
struct RetractedV0 {
    event: [u8; 16],
}

impl Stored for RetractedV0 {
    type Personal = NoteV1;

    fn thaw(self, personal: NoteV1) -> Result<Event, Malformed> {
        let next = codec::encode(&(self.event, "not-said"))?;
        codec::decode::<super::facts::RetractedV1>(&next)?.thaw(personal)
    }
}

#[test]
fn a_retired_version_reads_as_the_fact_of_today() {
    let bytes = codec::encode(&RetractedV0 { event: [9; 16] }).unwrap();
    let event = super::thaw_as::<RetractedV0>(&bytes, &[]).unwrap();
    let today = Event::from_json(
        "throughline.amendment.retracted.v1",
        serde_json::json!({"event": EventId::from_bytes([9; 16]), "why": "not-said"}),
        Json::Null,
    );
    assert_eq!(event, today.unwrap());
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
