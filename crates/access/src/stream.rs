//! Where things stand in the access log. Every stream's id follows from the log's secret namespace, so that nobody
//! outside can tell whose it is.
//!
//! What accounts are lies apart from what they did: opening reads the first and never the second. A stream of deeds that
//! is full, at a million, goes on in its next part.

use throughline_domain::{Actor, JourneyId};
use uuid::Uuid;

/// The list of accounts.
pub(crate) fn registry(namespace: Uuid) -> JourneyId {
    named(namespace, "accounts")
}

/// What one account is: its roles, tokens and grants.
pub(crate) fn account(namespace: Uuid, name: &Actor) -> JourneyId {
    named(namespace, &format!("account/{name}"))
}

/// Whose deeds a stream holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deeds {
    /// What was done with one client's record.
    Client(JourneyId),
    /// What an account did otherwise.
    Account(Actor),
    /// What was asked by nobody known.
    Strangers,
}

impl Deeds {
    /// The n-th part of the stream.
    pub(crate) fn part(&self, namespace: Uuid, part: u32) -> JourneyId {
        match self {
            Self::Client(client) => named(namespace, &format!("client/{client}/{part}")),
            Self::Account(name) => named(namespace, &format!("deeds/{name}/{part}")),
            Self::Strangers => named(namespace, &format!("strangers/{part}")),
        }
    }
}

fn named(namespace: Uuid, name: &str) -> JourneyId {
    JourneyId::new(Uuid::new_v5(&namespace, format!("access/{name}").as_bytes()))
}
