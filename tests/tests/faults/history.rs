//! What a process said it tried and was told, as a history of every event.

use std::collections::BTreeMap;

/// Where an event was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub position: u64,
    pub version: u64,
    pub recorded_at: i64,
}

/// What is known of an event that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may be there or not.
    Unsure,
    /// It was refused and never sent again: it must not be there.
    Refused,
    /// It was acknowledged: it must be there.
    There(Place),
}

/// Every event sent to one directory, over all lives of the process.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub events: BTreeMap<u64, Standing>,
    /// Events that were new in one append, and of which nobody knows whether it was made: all are there or none.
    pub together: Vec<Vec<u64>>,
    /// What was told contradicts itself.
    pub broken: Vec<String>,
    /// How many appends were refused, by why.
    pub refused: BTreeMap<String, u64>,
    /// The process's own words of an opening that it refused.
    pub refused_open: Vec<String>,
    /// How many events were acknowledged, repeats left out.
    pub acknowledged: u64,
}

/// An append whose answer is not known yet.
struct Open {
    kind: String,
    numbers: Vec<u64>,
    /// Those that were not sent before.
    new: Vec<u64>,
}

impl History {
    /// Takes what one life of the process said.
    pub fn hear(&mut self, lines: &[String]) {
        let mut open: BTreeMap<(u64, u64), Open> = BTreeMap::new();
        for line in lines {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "try" => self.tried(&mut open, rest),
                "ack" => self.acknowledged(&mut open, rest),
                "no" => self.was_refused(&mut open, rest),
                "refused" => self.refused_open.push(rest.to_owned()),
                _ => {}
            }
        }
        for attempt in open.into_values() {
            self.unsure(&attempt);
        }
    }

    fn tried(&mut self, open: &mut BTreeMap<(u64, u64), Open>, rest: &str) {
        let words: Vec<&str> = rest.split(' ').collect();
        let [writer, nth, kind, numbers] = words[..] else { panic!("a try has four words: {rest}") };
        let numbers: Vec<u64> = numbers.split(',').map(number).collect();
        let new: Vec<u64> = numbers.iter().copied().filter(|of| !self.events.contains_key(of)).collect();
        for of in &new {
            self.events.insert(*of, Standing::Unsure);
        }
        open.insert((number(writer), number(nth)), Open { kind: kind.to_owned(), numbers, new });
    }

    fn acknowledged(&mut self, open: &mut BTreeMap<(u64, u64), Open>, rest: &str) {
        let words: Vec<&str> = rest.split(' ').collect();
        let [writer, nth, places] = words[..] else { panic!("an acknowledgement has three words: {rest}") };
        let attempt = open.remove(&(number(writer), number(nth))).expect("what is acknowledged was tried");
        if attempt.kind != "Plain" {
            self.broken.push(format!("an append that is {} was acknowledged", attempt.kind));
        }
        let places: Vec<(Place, bool)> = places.split(',').map(place).collect();
        if places.len() != attempt.numbers.len() {
            self.broken.push(format!(
                "{} events were sent and {} answered",
                attempt.numbers.len(),
                places.len()
            ));
        }
        for (of, (place, repeated)) in attempt.numbers.iter().zip(places) {
            self.settle(*of, place, repeated, attempt.new.contains(of));
        }
    }

    /// An event was acknowledged; `new` says that it was not sent before.
    pub fn settle(&mut self, of: u64, place: Place, repeated: bool, new: bool) {
        match self.events.insert(of, Standing::There(place)) {
            Some(Standing::There(before)) if before != place || !repeated => self.broken.push(format!(
                "event {of} was acknowledged at {before:?} and again at {place:?}, repeated: {repeated}"
            )),
            Some(Standing::There(_)) => {}
            Some(Standing::Refused) if repeated => {
                self.broken.push(format!("event {of} was refused, and was there when it was sent again"));
            }
            _ if new && repeated => {
                self.broken.push(format!("event {of} was never sent before and is told to be a repeat"));
            }
            _ => self.acknowledged += 1,
        }
    }

    fn was_refused(&mut self, open: &mut BTreeMap<(u64, u64), Open>, rest: &str) {
        let words: Vec<&str> = rest.splitn(4, ' ').collect();
        let [writer, nth, code, message] = words[..] else { panic!("a refusal has four words: {rest}") };
        *self.refused.entry(code.to_owned()).or_default() += 1;
        let attempt = open.remove(&(number(writer), number(nth))).expect("what is refused was tried");
        match (attempt.kind.as_str(), code) {
            ("Stale", "conflict") | ("Taken", "taken") | ("Plain", "full" | "busy") => {
                for of in attempt.new {
                    self.events.insert(of, Standing::Refused);
                }
            }
            ("Plain", "conflict" | "taken") => {
                self.broken.push(format!("a plain append was refused: {message}"));
            }
            _ => self.unsure(&attempt),
        }
    }

    fn unsure(&mut self, attempt: &Open) {
        if attempt.kind == "Plain" && !attempt.new.is_empty() {
            self.together.push(attempt.new.clone());
        } else {
            // Whatever became of the process, such an append is refused.
            for of in &attempt.new {
                self.events.insert(*of, Standing::Refused);
            }
        }
    }
}

fn place(text: &str) -> (Place, bool) {
    let parts: Vec<&str> = text.split(':').collect();
    let [position, version, recorded_at, repeated] = parts[..] else {
        panic!("a place has four parts: {text}")
    };
    let recorded_at = recorded_at.parse().expect("a time");
    (Place { position: number(position), version: number(version), recorded_at }, repeated == "1")
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}
