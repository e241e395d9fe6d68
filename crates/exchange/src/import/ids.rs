//! Ids derived from the keys of another system: the same row gives the same id for ever, and nobody who does not
//! hold the log's secret namespace can derive it.

use std::fmt::Write as _;

use throughline_domain::{Actor, Code, EventId, JourneyId, Key};
use uuid::Uuid;

/// Derives ids in one log's namespace for one source system.
#[derive(Debug, Clone)]
pub struct Ids {
    namespace: Uuid,
    system: Code,
}

impl Ids {
    /// For this system's rows in the log with this namespace.
    pub const fn new(namespace: Uuid, system: Code) -> Self {
        Self { namespace, system }
    }

    /// The source system.
    pub const fn system(&self) -> &Code {
        &self.system
    }

    /// The journey of the person with this key: `journey/hmis:62547`.
    pub fn person(&self, key: &str) -> JourneyId {
        JourneyId::new(self.derive(format_args!("journey/{}:{key}", self.system)))
    }

    /// The stream of something of this system that is no person: `journey/hmis-project:109`.
    pub fn thing(&self, what: &str, key: &str) -> JourneyId {
        JourneyId::new(self.derive(format_args!("journey/{}-{what}:{key}", self.system)))
    }

    /// The event that a fact of a row is: `hmis/exit/168742/exited`.
    pub fn event(&self, table: &str, row: &str, fact: &str) -> EventId {
        EventId::new(self.derive(format_args!("{}/{table}/{row}/{fact}", self.system)))
    }

    /// An event that follows from another one, such as its correction.
    pub fn following(&self, event: EventId, what: &str) -> EventId {
        EventId::new(self.derive(format_args!("{event}/{what}")))
    }

    /// A key within a journey: the prefix and twelve hexadecimal digits.
    pub fn key(&self, prefix: char, table: &str, row: &str) -> Key {
        Key::new(format!("{prefix}-{}", self.digits(table, row)))
            .expect("a letter, a hyphen and hexadecimal digits are a key")
    }

    /// A code for a row of something that is no person, where its own key cannot be shown.
    pub fn code(&self, prefix: &str, table: &str, row: &str) -> Code {
        Code::new(format!("{prefix}-{}", self.digits(table, row)))
            .expect("a short lower-case prefix, a hyphen and hexadecimal digits are a code")
    }

    /// The pseudonym of somebody who works in the source system.
    pub fn actor(&self, worker: &Code) -> Actor {
        Actor::new(format!("worker:{worker}")).expect("a short code is an actor's name")
    }

    /// A UUID that says nothing of the name it stands for.
    pub fn derive(&self, name: std::fmt::Arguments<'_>) -> Uuid {
        let mut bytes = String::with_capacity(96);
        bytes.write_fmt(name).expect("writing to a string does not fail");
        Uuid::new_v5(&self.namespace, bytes.as_bytes())
    }

    fn digits(&self, table: &str, row: &str) -> String {
        let id = self.derive(format_args!("{}/{table}/{row}", self.system));
        id.simple().to_string()[..12].to_owned()
    }
}
