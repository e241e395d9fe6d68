//! The event that a number stands for: whoever knows the number can make it again, and see whether it is what was read.

use throughline_domain::{
    Actor, Code, ContactMade, Draft, Event, EventId, Exchange, Eyes, Format, Identity, JourneyId,
    JourneyOpened, Key, Language, Note, Occurred, Role, ServiceDelivered, Text, Words,
};

use super::Dice;

/// Journeys of one writer alone, and those that all write to.
const OWN: u64 = 16;
const SHARED: u64 = 8;

/// What tells ids of this suite from others.
const EVENTS: u128 = 0xfa17_0000 << 96;
const JOURNEYS: u128 = 0xfa18_0000 << 96;

/// The event of this number. Bits 32 to 39 say which writer appends it.
pub fn draft(number: u64) -> Draft {
    let mut dice = Dice::of(&[number]);
    let journey = match dice.below(32) {
        // A journey of its own, so that keys are made while everything else goes on.
        0 => (1 << 63) | number,
        1..8 => (1 << 62) | dice.below(SHARED),
        _ => own(number >> 32 & 0xff, dice.below(OWN)),
    };
    Draft {
        event_id: EventId::from_bytes((EVENTS | u128::from(number)).to_be_bytes()),
        journey: journey_of(journey),
        actor: Actor::new(format!("worker:w{}", dice.below(50))).expect("a pseudonym"),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: "2026-03-01T09:30:00+02:00".parse::<Occurred>().expect("a time"),
        cause: None,
        source: None,
        event: fact(&mut dice),
    }
}

/// Another event under the same id.
pub fn twisted(number: u64) -> Draft {
    Draft { eyes: Eyes::Client, ..draft(number) }
}

/// The number that this id stands for; none where nobody of this suite made it.
pub fn event_number(id: EventId) -> Option<u64> {
    let id = u128::from_be_bytes(id.bytes());
    u64::try_from(id ^ EVENTS).ok()
}

pub(super) fn own(writer: u64, nth: u64) -> u64 {
    writer << 8 | nth
}

pub(super) fn journey_of(number: u64) -> JourneyId {
    JourneyId::from_bytes((JOURNEYS | u128::from(number)).to_be_bytes())
}

fn fact(dice: &mut Dice) -> Event {
    match dice.below(4) {
        0 => JourneyOpened {
            role: Role::Participant,
            language: Language::new("zu").expect("a language"),
            attributes: [].into(),
            personal: Identity { name: Some(words(dice, 30)), ..Identity::default() },
        }
        .into(),
        1 => {
            // Now and then long, so that frames of one event are large too.
            let bytes = if dice.once_in(40) { 12_000 } else { 400 };
            let words = Words { words: Some(words(dice, bytes)), note: None };
            ContactMade {
                format: Format::Phone,
                begun_by: Eyes::Client,
                exchange: Exchange::TwoWay,
                with: vec![Eyes::Caregiver],
                minutes: None,
                worker: None,
                fit: None,
                personal: words,
            }
            .into()
        }
        _ => ServiceDelivered {
            enrolment: Some(Key::new("e-1").expect("a key")),
            service: Code::new("job-readiness-service").expect("a code"),
            life_area: Code::new("work").expect("a code"),
            format: Format::InPerson,
            minutes: Some(5 + u32::try_from(dice.below(90)).expect("below 90")),
            worker: Some(Code::new("w1").expect("a code")),
            with: Vec::new(),
            fit: None,
            cost: None,
            personal: Note::default(),
        }
        .into(),
    }
}

fn words(dice: &mut Dice, bytes_max: u64) -> Text {
    let letters = (0..=dice.below(bytes_max)).map(|_| char::from(b'a' + dice.below(26).to_le_bytes()[0]));
    Text::new(letters.collect::<String>()).expect("a short text")
}
