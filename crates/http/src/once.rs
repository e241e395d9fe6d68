//! `Idempotency-Key`: a batch sent twice is answered once. The store is bounded and lives in memory, for it only
//! saves work and repeats the very same answer: what makes a repeat safe for ever is that each event has its own id.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::body::Bytes;
use throughline_domain::{Actor, JourneyId, Version};

/// Answers remembered.
const ANSWERS_MAX: usize = 10_000;
/// Bytes of answers remembered.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// A key belongs to the account that used it and the journey it was used for: an answer is never given to another account.
type Name = (Actor, JourneyId, String);

/// The answers already given.
#[derive(Default)]
pub(crate) struct Once {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    requests: HashMap<Name, Request>,
    /// Answered requests, oldest first.
    answered: VecDeque<Name>,
    bytes: usize,
}

struct Request {
    digest: [u8; 32],
    answer: Option<Given>,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// The journey's version then.
    pub version: Version,
    /// The body.
    pub body: Bytes,
}

/// What is known of a request by its key.
pub(crate) enum Seen {
    /// Nothing: it is ours to answer.
    New(Turn),
    /// It was answered.
    Answered(Given),
    /// It is being answered.
    InFlight,
    /// The key was used with another body.
    OtherBody,
}

/// The right to answer a request. Dropped without an answer, the key is free again.
pub(crate) struct Turn {
    once: Arc<Once>,
    name: Name,
    answer: Option<Given>,
}

impl Once {
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of the account's request with this key and body.
    pub fn seen(self: &Arc<Self>, account: &Actor, journey: JourneyId, key: &str, digest: [u8; 32]) -> Seen {
        let name = (account.clone(), journey, key.to_owned());
        let mut known = self.known();
        match known.requests.get(&name) {
            Some(request) if request.digest != digest => Seen::OtherBody,
            Some(Request { answer: Some(answer), .. }) => Seen::Answered(answer.clone()),
            Some(_) => Seen::InFlight,
            None => {
                known.requests.insert(name.clone(), Request { digest, answer: None });
                Seen::New(Turn { once: self.clone(), name, answer: None })
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics while it holds the answers")
    }
}

impl Turn {
    /// Remembers the answer.
    pub fn answered(mut self, answer: Given) {
        self.answer = Some(answer);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut known = self.once.known();
        let Some(answer) = self.answer.take().filter(|answer| answer.body.len() <= BYTES_MAX / 4) else {
            known.requests.remove(&self.name);
            return;
        };
        known.bytes += answer.body.len();
        if let Some(request) = known.requests.get_mut(&self.name) {
            request.answer = Some(answer);
        }
        known.answered.push_back(self.name.clone());
        known.forget_oldest();
    }
}

impl Known {
    fn forget_oldest(&mut self) {
        while self.answered.len() > ANSWERS_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.answered.pop_front() else { return };
            if let Some(Request { answer: Some(answer), .. }) = self.requests.remove(&oldest) {
                self.bytes -= answer.body.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNEY: JourneyId = JourneyId::from_bytes([7; 16]);

    fn account(name: &str) -> Actor {
        Actor::new(name).expect("a pseudonym")
    }

    fn turn(once: &Arc<Once>, key: &str) -> Turn {
        match once.seen(&account("one"), JOURNEY, key, [1; 32]) {
            Seen::New(turn) => turn,
            _ => panic!("{key} was seen before"),
        }
    }

    fn given(bytes: usize) -> Given {
        Given { version: Version(1), body: Bytes::from(vec![b'x'; bytes]) }
    }

    #[test]
    fn the_same_request_is_in_flight_then_answered_and_another_body_is_refused() {
        let once = Arc::new(Once::new());
        let first = turn(&once, "k");
        assert!(matches!(once.seen(&account("one"), JOURNEY, "k", [1; 32]), Seen::InFlight));
        first.answered(given(3));
        assert!(
            matches!(once.seen(&account("one"), JOURNEY, "k", [1; 32]), Seen::Answered(answer) if answer == given(3))
        );
        assert!(matches!(once.seen(&account("one"), JOURNEY, "k", [2; 32]), Seen::OtherBody));
    }

    #[test]
    fn the_answer_of_one_account_is_nothing_to_another() {
        let once = Arc::new(Once::new());
        turn(&once, "k").answered(given(3));
        assert!(matches!(once.seen(&account("two"), JOURNEY, "k", [1; 32]), Seen::New(_)));
    }

    #[test]
    fn a_request_that_failed_frees_its_key() {
        let once = Arc::new(Once::new());
        drop(turn(&once, "k"));
        turn(&once, "k").answered(given(1));
    }

    #[test]
    fn the_oldest_answers_are_forgotten_once_they_take_too_much_room() {
        let once = Arc::new(Once::new());
        for key in ["a", "b", "c", "d", "e"] {
            turn(&once, key).answered(given(BYTES_MAX / 4));
        }
        assert!(matches!(once.seen(&account("one"), JOURNEY, "a", [1; 32]), Seen::New(_)));
        assert!(matches!(once.seen(&account("one"), JOURNEY, "e", [1; 32]), Seen::Answered(_)));
        assert!(once.known().bytes <= BYTES_MAX);
    }
}
