//! A log of its own with Anna in it, who was also entered as Ben, and packs of her.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use throughline_access::Names;
use throughline_domain::{
    Actor, Draft, Event, JourneyId,
    testing::{draft, event_id, journey_id},
};
use throughline_log::{AsOf, EventLog, Log, hexadecimal};
use throughline_replay::{
    Error,
    pack::{self, File, Files, Filter, Manifest, Pack, Verdict, Wanted},
};
use throughline_runtime::{Projectors, Runtime};

pub const ANNA: u128 = 1;
pub const BEN: u128 = 2;

pub struct World {
    pub log: Arc<Log>,
    pub runtime: Arc<Runtime>,
    dir: TempDir,
}

impl World {
    /// A log without events, whose clock goes on by an hour with every look at it.
    pub fn new() -> Self {
        Self::open(TempDir::new().unwrap())
    }

    fn open(dir: TempDir) -> Self {
        let hours = AtomicI64::new(0);
        let start: Timestamp = "2026-06-01T08:00:00Z".parse().unwrap();
        let clock = move || start + jiff::SignedDuration::from_hours(hours.fetch_add(1, Ordering::SeqCst));
        let log = Arc::new(Log::open(dir.path(), Arc::new(clock)).unwrap());
        let seam: Arc<dyn EventLog> = log.clone();
        let projectors = Projectors::new().with::<throughline_engagement::Engagement>();
        let runtime = Runtime::open(seam, &dir.path().join("views"), projectors).unwrap();
        Self { log, runtime, dir }
    }

    /// The same directory with what `work` did to its keys.
    pub fn with_keys(self, work: impl FnOnce(&throughline_vault::Vault)) -> Self {
        let Self { log, runtime, dir } = self;
        drop((log, runtime));
        work(&throughline_vault::Vault::open(&dir.path().join("keys"), None).unwrap());
        Self::open(dir)
    }

    /// Anna's record: a contact put right twice, one taken back, and that she was entered as Ben too. Strangers between. She
    /// and one of the strangers agree to share it.
    pub fn with_anna() -> Self {
        let world = Self::new();
        for n in 0..3 {
            world.write(opened(100 + n, 50 + n, "A stranger"));
        }
        world.write(opened(1, ANNA, "Anna Example"));
        world.write(contact(2, ANNA, "2026-03-05", "She called back."));
        world.write(opened(110, 60, "A stranger"));
        world.write(contact(3, ANNA, "2026-03-09", "Somebody else's words."));
        world.write(corrected(4, ANNA, 2, "2026-03-06", "She called back <twice>."));
        world.write(said(
            5,
            ANNA,
            "2026-06-01",
            "amendment.retracted",
            &json!({ "event": event_id(3), "why": "wrong-person" }),
            &json!({}),
        ));
        world.write(opened(6, BEN, "A. Example"));
        world.write(contact(7, BEN, "2026-04-01", "At the other site."));
        let merged = json!({ "kept": journey_id(ANNA), "absorbed": journey_id(BEN) });
        world.write(said(8, ANNA, "2026-06-01", "amendment.journeys-merged", &merged, &json!({})));
        world.write(said(9, BEN, "2026-06-01", "amendment.journeys-merged", &merged, &json!({})));
        world.write(corrected(10, ANNA, 4, "2026-03-06", "She called back, twice."));
        world.write(opened(111, 61, "A stranger"));
        world.write(agreed(12, ANNA, "2026-06-01"));
        world.write(agreed(112, 50, "2026-06-01"));
        world
    }

    /// Writes one event down, whatever the rules say.
    pub fn write(&self, draft: Draft) -> &Self {
        self.log.append(vec![draft], &[]).unwrap();
        self
    }

    /// A pack of Anna.
    pub fn pack(&self, ask: impl FnOnce(&mut Wanted)) -> Pack {
        self.ask(ask).unwrap()
    }

    /// A pack of Anna, or why there is none.
    pub fn ask(&self, ask: impl FnOnce(&mut Wanted)) -> Result<Pack, Error> {
        let mut wanted = Wanted {
            journey: anna(),
            as_of: AsOf::Now,
            filter: Filter::default(),
            names: Names::Shown,
            purpose: pack::usual_purpose(),
            made_at: "2026-07-01T00:00:00Z".parse().unwrap(),
        };
        ask(&mut wanted);
        pack::make(&self.runtime, &wanted)
    }

    /// The log's key.
    pub fn key(&self) -> String {
        self.log.tree().verifier_key()
    }
}

pub fn anna() -> JourneyId {
    journey_id(ANNA)
}

/// Anything written down by `worker:w17`.
pub fn said(id: u128, journey: u128, occurred: &str, name: &str, facts: &Json, personal: &Json) -> Draft {
    let event = Event::from_json(&format!("throughline.{name}.v1"), facts.clone(), personal.clone()).unwrap();
    Draft { actor: Actor::new("worker:w17").unwrap(), ..draft(journey_id(journey), id, occurred, event) }
}

pub fn opened(id: u128, journey: u128, name: &str) -> Draft {
    let facts = json!({ "role": "participant", "language": "af" });
    said(id, journey, "2026-03-01", "intake.journey-opened", &facts, &json!({ "name": name }))
}

/// That whoever it is agrees to the sharing of their data.
pub fn agreed(id: u128, journey: u128, day: &str) -> Draft {
    said(id, journey, day, "intake.consent-given", &json!({ "scope": "data-sharing" }), &json!({}))
}

pub fn contact(id: u128, journey: u128, day: &str, words: &str) -> Draft {
    said(id, journey, day, "transaction.contact-made", &call(), &json!({ "words": words }))
}

fn call() -> Json {
    json!({ "format": "phone", "begun_by": "client", "exchange": "two-way" })
}

fn corrected(id: u128, journey: u128, event: u128, day: &str, words: &str) -> Draft {
    let facts = json!({
        "event": event_id(event), "occurred": day, "why": "wrong-date",
        "type": "throughline.transaction.contact-made.v1", "facts": call(),
    });
    let personal = json!({ "note": "Read from the diary.", "personal": { "words": words } });
    let draft = said(id, journey, "2026-06-01", "amendment.corrected", &facts, &personal);
    Draft { actor: Actor::new("worker:w9").unwrap(), ..draft }
}

/// What checking finds.
pub fn found(files: &Files) -> Verdict {
    pack::verify(files, None)
}

/// The first problem: position, file, what.
#[track_caller]
pub fn first(files: &Files) -> (u64, String, String) {
    let verdict = found(files);
    assert!(!verdict.ok, "nothing was found");
    let problem = verdict.problems.first().unwrap();
    (problem.position.0, problem.file.clone(), problem.what.clone())
}

/// The same files under a manifest that names them as they are: what somebody inside would do.
pub fn renewed(mut files: Files) -> Files {
    let mut manifest: Manifest = serde_json::from_slice(&files.remove("manifest.json").unwrap()).unwrap();
    manifest.files = files
        .iter()
        .map(|(name, bytes)| {
            let sha256 = hexadecimal(&Sha256::digest(bytes));
            (name.clone(), File { bytes: bytes.len() as u64, sha256 })
        })
        .collect();
    let mut bytes = serde_json::to_vec_pretty(&manifest).unwrap();
    bytes.push(b'\n');
    files.insert("manifest.json".to_owned(), bytes);
    files
}

pub fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

/// The lines of a file, changed.
pub fn lines(files: &mut Files, name: &str, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> = text(files, name).lines().map(str::to_owned).collect();
    change(&mut lines);
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    files.insert(name.to_owned(), text.into_bytes());
}
