//! What somebody did, or was refused.

use throughline_domain::{
    Actor, Code, Event, EventsBrought, Exported, JourneyId, ListRead, Note, Operated, RecordRead, Refused,
    SignedIn, SignedOut, Stretch,
};

use crate::stream::Deeds;

/// What somebody did. It is written down before they get what they asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Looked at one client's record.
    Read {
        /// Whose.
        client: JourneyId,
        /// What of it: `history`.
        what: Code,
    },
    /// Looked at a list, or at figures over many.
    Listed {
        /// Which.
        what: Code,
        /// How many clients it named, where it named any.
        clients: Option<u64>,
    },
    /// Took something out.
    Exported {
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// What: `audit-pack`.
        what: Code,
    },
    /// Asked for something and was refused.
    Refused {
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// What was asked for.
        what: Code,
        /// Why it was refused: `not-in-caseload`.
        why: Code,
    },
    /// Signed in with a browser.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Brought events in.
    Brought {
        /// Which way: `append`.
        what: Code,
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// Where they stand in the record.
        positions: Vec<Stretch>,
        /// How many of them are new.
        events: u64,
    },
    /// Did something with the record as a whole, or ordered it for one client's.
    Operated {
        /// What: `rotate-keys`.
        what: Code,
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
    },
}

impl Deed {
    /// Where it is written down. A refusal stands with whoever was refused: the client it names may be none at all, and
    /// a stream is not made of whatever somebody asks for.
    pub(crate) fn stream(&self, account: Option<&Actor>) -> Deeds {
        match (self, account) {
            (Self::Read { client, .. } | Self::Exported { client: Some(client), .. }, _) => {
                Deeds::Client(*client)
            }
            (_, Some(account)) => Deeds::Account(account.clone()),
            (_, None) => Deeds::Strangers,
        }
    }

    /// The fact it is written down as.
    pub(crate) fn event(self, account: &Actor) -> Event {
        let personal = Note::default();
        match self {
            Self::Read { client, what } => RecordRead { client, what, personal }.into(),
            Self::Listed { what, clients } => ListRead { what, clients, personal }.into(),
            Self::Exported { client, what } => Exported { client, what, personal }.into(),
            Self::Refused { client, what, why } => Refused { client, what, why, personal }.into(),
            Self::SignedIn => SignedIn { account: account.clone(), personal }.into(),
            Self::SignedOut => SignedOut { account: account.clone(), personal }.into(),
            Self::Brought { what, client, positions, events } => {
                EventsBrought { what, client, positions, events, personal }.into()
            }
            Self::Operated { what, client } => Operated { what, client, personal }.into(),
        }
    }
}
