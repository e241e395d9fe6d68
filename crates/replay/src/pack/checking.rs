//! Checking a pack with nothing but what lies in it, and a key that is trusted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use throughline_domain::{Code, JourneyId, Position};
use throughline_log::{AsOf, Problem, Signed, hexadecimal};
use throughline_proof::{Checkpoint, Hash, Leaf, Note, TlogProof, VerifierKey, leaf_hash};

use super::{
    CHECKPOINT, Consents, EVENTS, EVENTS_MAX, Files, INDEX, KEY, MANIFEST, SEALED,
    consent::agreed,
    making::{event_lines, revealed},
    manifest::{File, Manifest, NamesAre},
    page::{self, Contents, Shown, Tally},
    proof_name, proved_position,
    sealed::Line,
    selecting::{differs, links, selection},
};

/// What checking a pack found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// What is wrong, the first first; empty where nothing is.
    pub problems: Vec<Problem>,
    /// The manifest, where it can be read.
    #[serde(skip)]
    pub manifest: Option<Manifest>,
    /// The journey.
    pub journey: Option<JourneyId>,
    /// Events of the journey and of those linked to it that are proved.
    pub events: u64,
    /// What they are; only where nothing is wrong.
    pub tally: Option<Tally>,
    /// For what it was taken out.
    pub purpose: Option<Code>,
    /// By whose consent.
    pub consents: Option<Consents>,
    /// Whether names are shown or withheld.
    pub names: Option<NamesAre>,
    /// The checkpoint, where the key signed it.
    pub checkpoint: Option<Signed>,
    /// Whether the key came from outside. Where not, the pack vouches for itself.
    pub key_given: bool,
    /// Whether the page was made again and compared; where not, it is of another version and its hash alone was.
    pub page_compared: bool,
}

/// The first thing that is wrong.
pub(super) struct Wrong {
    position: u64,
    file: String,
    what: String,
}

pub(super) fn wrong(position: u64, file: impl Into<String>, what: impl Into<String>) -> Wrong {
    Wrong { position, file: file.into(), what: what.into() }
}

/// An event of the journey, as its leaf tells of it.
pub(super) struct Proved {
    proof: TlogProof,
    pub journey: JourneyId,
    pub type_name: String,
    pub actor: String,
    recorded_at: i64,
}

/// Checks everything that a pack can prove: who signed, that each event is in the log, that each journey's events follow each
/// other, that what can be read was sealed so, that the filters left out what they say, that the page tells the same, and
/// that no file is another. Without `key`, the pack's own is believed.
pub fn verify(files: &Files, key: Option<&str>) -> Verdict {
    let mut verdict = Verdict {
        ok: false,
        problems: Vec::new(),
        manifest: None,
        journey: None,
        events: 0,
        tally: None,
        purpose: None,
        consents: None,
        names: None,
        checkpoint: None,
        key_given: key.is_some(),
        page_compared: false,
    };
    let no_file = Vec::new();
    let manifest = match Manifest::parse(files.get(MANIFEST).unwrap_or(&no_file)) {
        Ok(manifest) => manifest,
        Err(what) => {
            verdict.problems.push(problem(wrong(0, MANIFEST, what)));
            return verdict;
        }
    };
    (verdict.journey, verdict.names) = (Some(manifest.asked.journey), Some(manifest.asked.names));
    (verdict.purpose, verdict.consents) =
        (Some(manifest.asked.purpose.clone()), Some(manifest.consents.clone()));
    let changed = changed(files, &manifest);
    let checked = Checking { files, manifest: &manifest }.all(key, &mut verdict);
    // A problem within a file that was changed says more than that it was; one beside it says less.
    let (mut first, mut last) = (Vec::new(), Vec::new());
    if let Err(found) = checked {
        let within = changed.is_empty() || changed.iter().any(|changed| changed.file == found.file);
        if within { first.push(found) } else { last.push(found) }
    }
    verdict.problems = first.into_iter().chain(changed).chain(last).take(100).map(problem).collect();
    verdict.ok = verdict.problems.is_empty();
    if !verdict.ok {
        verdict.tally = None;
    }
    verdict.manifest = Some(manifest);
    verdict
}

fn problem(wrong: Wrong) -> Problem {
    Problem { position: Position(wrong.position), file: wrong.file, what: wrong.what }
}

/// Files that are not those that the manifest names.
fn changed(files: &Files, manifest: &Manifest) -> Vec<Wrong> {
    let mut changed = Vec::new();
    let at = |name: &str| proved_position(name).unwrap_or_default();
    for (name, file) in &manifest.files {
        match files.get(name) {
            None => changed.push(wrong(at(name), name, "it is missing")),
            Some(bytes) if File::of(bytes) != *file => {
                changed.push(wrong(
                    at(name),
                    name,
                    "it is not the file that the manifest names: it was changed",
                ));
            }
            Some(_) => {}
        }
    }
    let strange = files.keys().filter(|name| *name != MANIFEST && !manifest.files.contains_key(*name));
    changed.extend(strange.map(|name| wrong(at(name), name, "the manifest does not name it")));
    changed.sort_by_key(|wrong| wrong.position);
    changed
}

struct Checking<'a> {
    files: &'a Files,
    manifest: &'a Manifest,
}

impl Checking<'_> {
    fn all(&self, key: Option<&str>, verdict: &mut Verdict) -> Result<(), Wrong> {
        let (key, note, checkpoint) = self.signed(key)?;
        verdict.checkpoint = Some(Signed {
            origin: checkpoint.origin.clone(),
            events: checkpoint.size,
            root: hexadecimal(&checkpoint.root),
            key: key.to_string(),
        });
        let proved = self.proofs(&note, &checkpoint)?;
        verdict.events = proved.len() as u64;
        self.chains(&proved, &checkpoint)?;
        let filter = self.manifest.asked.filter().map_err(|what| wrong(0, MANIFEST, what))?;
        let shown = self.events(&proved)?;
        let mut tally = selection(&proved, &shown, &filter)?;
        tally.count(&shown);
        links(self.manifest.asked.journey, &proved, &shown)?;
        agreed(self.manifest, &shown, tally.left_out)?;
        let contents = Contents {
            made_at: self.manifest.made_at,
            asked: &self.manifest.asked,
            consents: &self.manifest.consents,
            filter: &filter,
            events: self.manifest.events,
            checkpoint: &checkpoint,
            key: &key,
            shown: &shown,
            tally: &tally,
        };
        verdict.page_compared = self.manifest.page == page::VERSION;
        if verdict.page_compared && self.text(INDEX)? != page::page(&contents) {
            return Err(wrong(0, INDEX, "the page does not say what the events say"));
        }
        verdict.tally = Some(tally);
        Ok(())
    }

    fn text(&self, name: &str) -> Result<&str, Wrong> {
        let bytes = self.files.get(name).ok_or_else(|| wrong(0, name, "it is missing"))?;
        str::from_utf8(bytes).map_err(|_| wrong(0, name, "it is no text"))
    }

    /// The lines of a file, each ended.
    fn lines(&self, name: &str) -> Result<Vec<&str>, Wrong> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let lines = text.strip_suffix('\n').ok_or_else(|| wrong(0, name, "its last line has no end"))?;
        let lines: Vec<&str> = lines.split('\n').collect();
        if lines.len() > EVENTS_MAX {
            return Err(wrong(0, name, format!("it has more than {EVENTS_MAX} lines")));
        }
        Ok(lines)
    }

    /// The key that is believed, and the checkpoint that it signed.
    fn signed(&self, given: Option<&str>) -> Result<(VerifierKey, Note, Checkpoint), Wrong> {
        let own = self.text(KEY)?;
        let vkey = own.strip_suffix('\n').ok_or_else(|| wrong(0, KEY, "it does not end with its line"))?;
        if let Some(given) = given.filter(|given| *given != vkey) {
            return Err(wrong(
                0,
                KEY,
                format!("the pack is of the log with the key {vkey}, not of that with {given}"),
            ));
        }
        let key = VerifierKey::parse(vkey).map_err(|error| wrong(0, KEY, error.to_string()))?;
        if key.to_string() != vkey {
            return Err(wrong(0, KEY, "the key is written otherwise than keys are"));
        }
        let bad = |error: throughline_proof::Error| wrong(0, CHECKPOINT, error.to_string());
        let text = self.text(CHECKPOINT)?;
        let note = Note::parse(text).map_err(bad)?;
        let checkpoint = Checkpoint::open(&note, &key).map_err(bad)?;
        if note.to_string() != text {
            return Err(wrong(0, CHECKPOINT, "it is written otherwise than checkpoints are"));
        }
        Ok((key, note, checkpoint))
    }

    /// That each event is in the log at its position, by position.
    fn proofs(&self, note: &Note, checkpoint: &Checkpoint) -> Result<BTreeMap<u64, Proved>, Wrong> {
        let mut proved = BTreeMap::new();
        let named: BTreeSet<u64> = self.files.keys().filter_map(|name| proved_position(name)).collect();
        for position in named {
            let name = proof_name(position);
            let bad = |what: String| wrong(position, &name, what);
            let text = self.text(&name)?;
            let proof = TlogProof::parse(text).map_err(|error| bad(error.to_string()))?;
            if proof.to_string() != text {
                return Err(bad("it is written otherwise than proofs are".to_owned()));
            }
            if proof.index != position {
                return Err(bad(format!("it is the proof of position {}", proof.index)));
            }
            if proof.checkpoint != *note {
                return Err(bad("it leads to another checkpoint than the pack's".to_owned()));
            }
            let data = proof.extra.as_deref().ok_or_else(|| bad("it brings no leaf along".to_owned()))?;
            proof
                .inclusion
                .check(position, &leaf_hash(data), checkpoint.size, &checkpoint.root)
                .map_err(|error| bad(error.to_string()))?;
            let leaf = Leaf::parse(data).map_err(|error| bad(error.to_string()))?;
            if leaf.header.position != position {
                return Err(bad(format!("its leaf is of position {}", leaf.header.position)));
            }
            let known = Proved {
                journey: JourneyId::from_bytes(leaf.header.journey),
                type_name: leaf.header.type_name.to_owned(),
                actor: leaf.header.actor.to_owned(),
                recorded_at: leaf.header.recorded_at,
                proof,
            };
            proved.insert(position, known);
        }
        Ok(proved)
    }

    /// That each journey's events follow each other from its first, and that all were known then.
    fn chains(&self, proved: &BTreeMap<u64, Proved>, checkpoint: &Checkpoint) -> Result<(), Wrong> {
        let as_of = self.manifest.asked.as_of().map_err(|what| wrong(0, MANIFEST, what))?;
        let events = self.manifest.events;
        let looked_at = match as_of {
            AsOf::Position(Position(last)) => events <= last.saturating_add(1),
            _ => true,
        };
        if events > checkpoint.size || !looked_at {
            return Err(wrong(
                0,
                MANIFEST,
                "more events were looked at than the checkpoint, or the moment, has",
            ));
        }
        let mut last: BTreeMap<JourneyId, (u64, Hash)> = BTreeMap::new();
        let mut recorded_at = i64::MIN;
        for (position, event) in proved {
            let bad = |what: &str| wrong(*position, proof_name(*position), what);
            let data = event.proof.extra.as_deref().unwrap_or_default();
            let leaf = Leaf::parse(data).map_err(|error| bad(&error.to_string()))?;
            let (version, previous) = last.get(&event.journey).copied().unwrap_or_default();
            if leaf.header.journey_version != version + 1 {
                return Err(bad(&format!(
                    "it is version {} of its journey, and the one before it here is {version}: an event is missing",
                    leaf.header.journey_version
                )));
            }
            if leaf.header.previous_leaf != previous {
                return Err(bad("it follows another event than the one before it here"));
            }
            if event.recorded_at < recorded_at {
                return Err(bad("it was written down before the event before it"));
            }
            let late = match as_of {
                AsOf::Time(time) => i128::from(event.recorded_at) * 1000 > time.as_nanosecond(),
                _ => false,
            };
            if *position >= events || late {
                return Err(bad("it was not known at the moment asked for"));
            }
            recorded_at = event.recorded_at;
            last.insert(event.journey, (version + 1, leaf_hash(data)));
        }
        Ok(())
    }

    /// That the events shown were sealed as they are told.
    fn events(&self, proved: &BTreeMap<u64, Proved>) -> Result<Vec<Shown>, Wrong> {
        let (told, sealed) = (self.lines(EVENTS)?, self.lines(SEALED)?);
        let names = self.manifest.asked.names;
        let (mut shown, mut before): (Vec<Shown>, Option<u64>) = (Vec::new(), None);
        for (nth, line) in sealed.iter().enumerate() {
            let after = before.map_or(0, |position| position + 1);
            let bad = |position, what: String| wrong(position, SEALED, format!("line {}: {what}", nth + 1));
            let line = Line::parse(line).map_err(|what| bad(after, what))?;
            let position = line.position;
            if before.is_some_and(|before| position <= before) {
                return Err(bad(position, "it does not follow the line before it".to_owned()));
            }
            before = Some(position);
            let event = proved
                .get(&position)
                .ok_or_else(|| bad(position, "no proof is of its position".to_owned()))?;
            let event = line.event(event.proof.clone()).map_err(|what| bad(position, what))?;
            let written = revealed(&event).map_err(|what| bad(position, what))?;
            if names == NamesAre::Withheld && line.names_are_opened() {
                return Err(bad(position, "names are withheld, and yet there is what opens them".to_owned()));
            }
            shown.push(Shown::of(written, &line, names));
        }
        let expected = event_lines(&shown);
        for (nth, expected) in expected.iter().enumerate() {
            let position = shown[nth].written.position().0;
            let bad = |what: &str| wrong(position, EVENTS, format!("line {}: {what}", nth + 1));
            match told.get(nth) {
                None => return Err(bad("it is missing")),
                Some(told) if told != expected => return Err(bad(&differs(told, expected))),
                Some(_) => {}
            }
        }
        if told.len() > expected.len() {
            let position = before.map_or(0, |position| position + 1);
            return Err(wrong(
                position,
                EVENTS,
                format!("line {}: nothing was sealed that says so", expected.len() + 1),
            ));
        }
        Ok(shown)
    }
}
