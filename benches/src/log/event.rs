//! The event that is appended everywhere here: a contact, of whose two parts 256 bytes are sealed.

use throughline_domain::{
    Actor, Attributes, Code, ContactMade, Draft, Event, EventId, Exchange, Eyes, Format, Identity, JourneyId,
    JourneyOpened, Language, Occurred, Role, Text, Words,
};
use uuid::Uuid;

/// Bytes of the event before it is sealed, both parts; as many bytes of data are given to a peer.
pub const PAYLOAD_BYTES: usize = 256;

/// Bytes of words that make the event as large as that.
const WORDS_BYTES: usize = 230;

/// How long its facts and its personal part are once sealed.
pub const SEALED_BYTES: [usize; 2] = [37, 251];

/// Its frame, when it is alone in one.
pub const FRAME_BYTES: usize = 468;

const _: () =
    assert!(SEALED_BYTES[0] + SEALED_BYTES[1] == PAYLOAD_BYTES + 2 * 16, "two parts, each with its tag");

/// What it is called; to a peer too.
#[cfg(any(test, feature = "peers"))]
pub const TYPE: &str = "throughline.transaction.contact-made.v1";

/// Makes events, no two alike.
pub struct Events {
    actor: Actor,
    contact: Event,
    opened: Event,
    occurred: Occurred,
}

impl Events {
    pub fn new() -> Self {
        let contact = ContactMade {
            format: Format::Phone,
            begun_by: Eyes::Client,
            exchange: Exchange::TwoWay,
            with: Vec::new(),
            minutes: Some(20),
            worker: Some(Code::new("w17").expect("a valid code")),
            fit: None,
            personal: Words {
                words: Some(Text::new("x".repeat(WORDS_BYTES)).expect("a short text")),
                note: None,
            },
        };
        let opened = JourneyOpened {
            role: Role::Participant,
            language: Language::new("en").expect("a valid tag"),
            attributes: Attributes::default(),
            personal: Identity::default(),
        };
        Self {
            actor: Actor::new("worker:w17").expect("a valid actor"),
            contact: contact.into(),
            opened: opened.into(),
            occurred: "2026-03-01".parse().expect("a date"),
        }
    }

    /// A contact. `number` makes its id: no two appends may share one.
    pub fn contact(&self, number: u64, journey: JourneyId) -> Draft {
        self.draft(contact_id(number), journey, self.contact.clone())
    }

    /// The beginning of a journey.
    pub fn opened(&self, number: u64) -> Draft {
        self.draft(event_id(0, number), journey(number), self.opened.clone())
    }

    fn draft(&self, event_id: EventId, journey: JourneyId, event: Event) -> Draft {
        Draft {
            event_id,
            journey,
            actor: self.actor.clone(),
            on_behalf_of: None,
            eyes: Eyes::Staff,
            occurred: self.occurred,
            cause: None,
            source: None,
            event,
        }
    }
}

/// The journey of this number.
pub fn journey(number: u64) -> JourneyId {
    JourneyId::new(Uuid::from_u128(u128::from(scattered(number)) << 64 | u128::from(number)))
}

/// The id of a contact of this number.
pub fn contact_id(number: u64) -> EventId {
    event_id(1, number)
}

/// Ids as they come in life, in no order: sorted ones would be easier on an index.
fn event_id(kind: u64, number: u64) -> EventId {
    let low = number << 1 | kind;
    EventId::new(Uuid::from_u128(u128::from(scattered(low)) << 64 | u128::from(low)))
}

/// SplitMix64: every number goes to another.
fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
