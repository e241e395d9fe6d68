//! Whoever asks: an account as it stood when it was let in.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use throughline_domain::{Actor, Code, JourneyId};

use crate::{Account, Dates, Grant, Leave, Need, Role};

/// Whoever asks. Good for one request: what is revoked after it was made is not known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub account: Actor,
    /// What it is for.
    pub roles: BTreeSet<Role>,
    /// The worker it belongs to, as facts name them.
    pub worker: Option<Code>,
    /// The token it came with, where it came with one.
    pub token: Option<Code>,
    known: Option<Arc<Account>>,
}

impl Caller {
    /// Whoever has the directory in hand, and so the keys: needs no leave, and is written down all the same.
    pub fn operator(name: Actor) -> Self {
        Self { account: name, roles: BTreeSet::new(), worker: None, token: None, known: None }
    }

    pub(crate) fn of(account: Arc<Account>, token: Option<Code>) -> Self {
        Self {
            account: account.name.clone(),
            roles: account.roles.clone(),
            worker: account.worker.clone(),
            token,
            known: Some(account),
        }
    }

    /// What it may where this is needed; none where it may not. Of several roles the one that allows most says it, and not
    /// each a part: staff who also evaluate would else see everybody's list under real ids, which neither role gives.
    pub fn leave(&self, need: Need) -> Option<Leave> {
        let leaves = self.roles.iter().filter_map(|role| role.leave(need));
        leaves.max_by_key(|leave| (leave.ids, leave.clients, leave.names, leave.counts))
    }

    /// Whether it was granted this client beyond its roles, or broke the glass for them.
    pub fn granted(&self, client: JourneyId, now: Timestamp) -> bool {
        self.grants().iter().any(|grant| grant.holds(client, now))
    }

    /// Whether it was granted names, contacts and words of this client.
    pub fn names_granted(&self, client: JourneyId, now: Timestamp) -> bool {
        self.grants().iter().any(|grant| grant.names && grant.holds(client, now))
    }

    /// How exactly it sees dates of one client, where it sees clients under ids of its own.
    pub fn dates(&self) -> Dates {
        self.known.as_deref().map(|account| account.dates).unwrap_or_default()
    }

    /// All it was ever granted.
    pub fn grants(&self) -> &[Grant] {
        self.known.as_deref().map_or(&[], |account| &account.grants)
    }
}
