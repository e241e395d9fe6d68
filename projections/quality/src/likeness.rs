//! When two facts of one day are the same fact written down twice.

use std::hash::{Hash, Hasher};

use throughline_domain::{CheckIn, Event, Milestone, Transaction, Value};

/// A number that two facts share when they say the same thing of the same day; none for facts that may well happen
/// twice in a day, or whose keys already tell them apart.
pub(crate) fn likeness(event: &Event) -> Option<u64> {
    let mut hash = Fnv::default();
    event.fact_name().hash(&mut hash);
    match event {
        Event::Transaction(Transaction::ServiceDelivered(service)) => {
            (&service.enrolment, &service.service, service.minutes).hash(&mut hash);
        }
        Event::Transaction(Transaction::SupportPaid(support)) => {
            let amount = (&support.amount.currency, support.amount.minor);
            (&support.enrolment, &support.purpose, amount).hash(&mut hash);
        }
        Event::CheckIn(CheckIn::ReadingTaken(reading)) => {
            let value = reading.value.get().to_bits();
            (&reading.enrolment, &reading.instrument, &reading.measure, value).hash(&mut hash);
        }
        Event::CheckIn(CheckIn::CheckInHeld(held)) => {
            (&held.enrolment, held.format, &held.worker, held.minutes).hash(&mut hash);
        }
        Event::CheckIn(CheckIn::LifeEventNoted(noted)) => (&noted.kind, &noted.life_area).hash(&mut hash),
        Event::Milestone(Milestone::IndicatorMeasured(measured)) => {
            (&measured.enrolment, &measured.indicator, &measured.stage).hash(&mut hash);
            value(&measured.value).hash(&mut hash);
        }
        Event::Milestone(Milestone::MilestoneReached(reached)) => {
            (&reached.enrolment, &reached.milestone).hash(&mut hash);
        }
        Event::Milestone(Milestone::FollowUpHeld(held)) => {
            (&held.outcome, &held.enrolment, &held.window, held.result).hash(&mut hash);
        }
        // Keys or rules of their own tell these apart, or they may well happen twice in a day: contacts, attempts, ratings, remarks.
        Event::Intake(_)
        | Event::Transaction(_)
        | Event::CheckIn(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => return None,
    }
    Some(hash.finish())
}

fn value(value: &Value) -> (u8, u64, &str) {
    match value {
        Value::Flag(flag) => (0, u64::from(*flag), ""),
        Value::Number(number) => (1, number.get().to_bits(), ""),
        Value::Code(code) => (2, 0, code.as_str()),
    }
}

/// A number that stands for a text.
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hash = Fnv::default();
    text.hash(&mut hash);
    hash.finish()
}

/// FNV-1a over 64 bits: the same on every machine and in every version, for it is stored.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
