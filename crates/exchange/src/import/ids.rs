//! Ids derived from the keys of another system: the same row gives the same id for ever, and nobody who does not
//! hold the log's secret namespace can derive it.

use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};
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
        named(self.namespace, bytes.as_bytes())
    }

    fn digits(&self, table: &str, row: &str) -> String {
        let id = self.derive(format_args!("{}/{table}/{row}", self.system));
        id.simple().to_string()[..12].to_owned()
    }
}

/// The UUIDv5 of a name in a namespace (RFC 9562, section 5.5), by an SHA-1 that uses what the processor has for it.
pub(super) fn named(namespace: Uuid, name: &[u8]) -> Uuid {
    let digest = Sha1::new().chain_update(namespace.as_bytes()).chain_update(name).finalize();
    let first = digest.first_chunk().expect("SHA-1 gives 20 bytes");
    uuid::Builder::from_sha1_bytes(*first).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_id_is_the_version_5_uuid_of_its_name() {
        let example = named(Uuid::NAMESPACE_DNS, b"www.example.com");
        assert_eq!(example.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2", "RFC 9562, appendix A.4");
        for length in [0, 1, 39, 40, 47, 48, 200, 70_000] {
            let name = vec![b'n'; length];
            assert_eq!(named(example, &name), Uuid::new_v5(&example, &name), "{length} bytes");
        }
    }
}
