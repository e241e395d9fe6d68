//! The proof, on every run, that no decision looked ahead.
//!
//! Of people drawn by a fixed seed a decision is drawn each. What became known after it is cut off, and then
//! scrambled in its place: facts dropped, moved, taken from others, dated back, made up, and the past amended. The
//! decisions up to then are made anew each time. If one differs the run fails.

use jiff::{SignedDuration, Timestamp};
use throughline_domain::{
    Amendment, Code, Event, EventId, Note, Occurred, Position, Recorded, Retracted, Version,
};
use throughline_projection::FeatureValue;

use super::{
    panel::{Asker, Panel},
    past::Past,
    replay::{Watch, replay},
};
use crate::{Entrant, Error, Guard, Known, Refusal, Timeline};

/// How many people are drawn; everyone where there are fewer.
const DRAWN: usize = 200;
/// How often the future is scrambled for each of them.
const SCRAMBLES: u64 = 3;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proof {
    pub people: u64,
    pub decisions: u64,
    pub futures: u64,
}

/// A decision as it is compared: when, whether each rule held, on what.
type Made = (Timestamp, Vec<bool>, Vec<Option<FeatureValue>>);

pub(crate) fn prove(
    watch: &Watch,
    panel: &Panel,
    entrants: &[Entrant<'_>],
    until: Timestamp,
    seed: u64,
) -> Result<Proof, Error> {
    let mut proof = Proof { people: 0, decisions: 0, futures: 0 };
    let mut draw = Draw(seed);
    let step = entrants.len().div_ceil(DRAWN).max(1);
    let mut asker = Asker::of(panel);
    let mut place = if step > 1 { draw.below(step) } else { 0 };
    while let Some(entrant) = entrants.get(place) {
        place += step;
        let whole = entrant.timeline;
        let made = decisions(watch, panel, &mut asker, whole, until)?;
        if made.is_empty() {
            continue;
        }
        let at = made[draw.below(made.len())].0;
        let before: Vec<&Made> = made.iter().filter(|made| made.0 <= at).collect();
        proof.people += 1;
        proof.decisions += before.len() as u64;
        let stranger = entrants[draw.below(entrants.len())].timeline;
        for future in 0..=SCRAMBLES {
            let other = if future == 0 { cut(whole, at) } else { scrambled(whole, stranger, at, &mut draw) };
            let again = decisions(watch, panel, &mut asker, &other, at)?;
            if !before.iter().copied().eq(&again) {
                let how = if future == 0 { "cut off" } else { "scrambled" };
                return Err(Refusal::new(
                    Guard::Proved,
                    format!(
                        "a decision made by {at} about journey {} moved when what became known after it was {how}",
                        whole.journey
                    ),
                    "a feature looks ahead: no figure of this rule can be trusted; report it to who wrote the feature",
                )
                .into());
            }
            proof.futures += 1;
        }
    }
    Ok(proof)
}

fn decisions(
    watch: &Watch,
    panel: &Panel,
    asker: &mut Asker<'_>,
    timeline: &Timeline,
    until: Timestamp,
) -> Result<Vec<Made>, Error> {
    let mut made = Vec::new();
    replay(watch, asker, Past::of(watch, panel, timeline), timeline, until, &mut |decision| {
        made.push((decision.at, decision.holds.to_vec(), decision.values.to_vec()));
    })?;
    Ok(made)
}

/// The same timeline as it stood at a time.
fn cut(whole: &Timeline, at: Timestamp) -> Timeline {
    let known = whole.known().iter().filter(|known| known.at <= at).cloned().collect();
    Timeline::new(whole.journey, known)
}

/// The same past with another future: own facts and a stranger's, some dropped, at other times, on other days, and
/// the past taken back in it.
fn scrambled(whole: &Timeline, stranger: &Timeline, at: Timestamp, draw: &mut Draw) -> Timeline {
    let (mut known, later): (Vec<Known>, Vec<Known>) =
        whole.known().iter().cloned().partition(|known| known.at <= at);
    let first = known.iter().chain(&later).map(|known| known.recorded.draft.occurred.day()).min();
    let mut position = known.iter().map(|known| known.recorded.position.0).max().unwrap_or(0);
    let past: Vec<EventId> = known.iter().map(|known| known.recorded.draft.event_id).collect();
    let mut write = |mut recorded: Recorded, draw: &mut Draw, known: &mut Vec<Known>| {
        position += 1;
        let after = SignedDuration::from_secs(1 + i64::try_from(draw.below(3600 * 24 * 400)).unwrap_or(1));
        let when = at.checked_add(after).unwrap_or(Timestamp::MAX);
        recorded.position = Position(position);
        recorded.version = Version(position);
        recorded.recorded_at = when;
        recorded.draft.journey = whole.journey;
        if let Some(first) = first.filter(|_| draw.below(2) == 0) {
            // Told late: it happened long before it was known.
            let days = i64::try_from(draw.below(400)).unwrap_or(0);
            recorded.draft.occurred = Occurred::On(crate::outcome::day_after(first, days));
        }
        known.push(Known { at: when, recorded });
    };
    for fact in later.iter().chain(stranger.known()) {
        match draw.below(4) {
            0 => {}
            1 => {
                let mut invented = fact.recorded.clone();
                let mut id = invented.draft.event_id.bytes();
                id[0] ^= 0x55;
                invented.draft.event_id = EventId::from_bytes(id);
                write(fact.recorded.clone(), draw, &mut known);
                write(invented, draw, &mut known);
            }
            _ => write(fact.recorded.clone(), draw, &mut known),
        }
    }
    if let Some(example) = whole.known().first().filter(|_| !past.is_empty()) {
        let taken_back = past[draw.below(past.len())];
        let mut retraction = example.recorded.clone();
        retraction.draft.event_id = EventId::from_bytes([draw.below(256) as u8; 16]);
        retraction.draft.event = Event::Amendment(Amendment::Retracted(Retracted {
            event: taken_back,
            why: Code::new("entered-in-error").expect("a code"),
            personal: Note::default(),
        }));
        write(retraction, draw, &mut known);
    }
    Timeline::new(whole.journey, known)
}

/// A small generator of numbers that are the same on every run (SplitMix64, Steele and others 2014).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    #[allow(clippy::cast_possible_truncation, reason = "below a length")]
    fn below(&mut self, length: usize) -> usize {
        (self.next() % length.max(1) as u64) as usize
    }
}
