//! Callers whose tokens are not good, as far as the access log has room for them.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};

use crate::jobs::held;

/// Refusals of strangers noted within a while; the rest is counted in the metrics alone, or anybody could fill the disk.
const NOTED_MAX: u32 = 60;
/// The while.
const WHILE: SignedDuration = SignedDuration::from_mins(1);

/// How many were noted lately.
#[derive(Default)]
pub(crate) struct Strangers(Mutex<Option<(Timestamp, u32)>>);

impl Strangers {
    /// Whether there is room to note one more.
    pub fn may_note(&self, now: Timestamp) -> bool {
        let mut lately = held(&self.0);
        match &mut *lately {
            Some((since, noted)) if now.duration_since(*since).abs() < WHILE => {
                *noted += 1;
                *noted <= NOTED_MAX
            }
            other => {
                *other = Some((now, 1));
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_noted_in_a_while_and_again_in_the_next() {
        let strangers = Strangers::default();
        let noted =
            |second: i64| strangers.may_note(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second));
        assert_eq!((0..100).filter(|_| noted(0)).count(), 60);
        assert!(!noted(59) && noted(60));
    }
}
