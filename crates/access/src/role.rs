//! The roles an account can have, and what each may.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::leave::{Clients, Counts, Ids, Leave, Names, Need};

/// What an account is for. An account can have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Works with clients: reads and writes of those in the own caseload, and of those granted.
    Staff,
    /// Answers for a team: reads and writes of all clients, imports, grants.
    Supervisor,
    /// Checks the record: reads all histories and what others read, names withheld unless granted; writes nothing.
    Auditor,
    /// Asks what the record shows: figures with small cells withheld, lists under pseudonyms, backtests.
    Evaluator,
    /// Keeps accounts, tokens and keys, and erases on order; reads no client.
    Admin,
    /// A machine that brings events: appends and imports, reads nothing.
    Writer,
}

/// A name that is no role's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role; use one of staff, supervisor, auditor, evaluator, admin, writer")]
pub struct UnknownRole(String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Staff, Self::Supervisor, Self::Auditor, Self::Evaluator, Self::Admin, Self::Writer];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::Evaluator => "evaluator",
            Self::Admin => "admin",
            Self::Writer => "writer",
        }
    }

    /// What the role may where this is needed; none where it may not.
    pub const fn leave(self, need: Need) -> Option<Leave> {
        const ALL: Leave =
            Leave { clients: Clients::All, names: Names::Shown, ids: Ids::Real, counts: Counts::Exact };
        const OWN: Leave = Leave { clients: Clients::Caseload, ..ALL };
        const NAMELESS: Leave = Leave { names: Names::Withheld, ..ALL };
        const FIGURES: Leave = Leave {
            clients: Clients::All,
            names: Names::Withheld,
            ids: Ids::Pseudonyms,
            counts: Counts::Withheld,
        };
        if matches!(need, Need::Nothing | Need::SignedIn) {
            return Some(ALL);
        }
        match self {
            Self::Staff => match need {
                Need::ReadClient | Need::ReadClients | Need::ReadFigures | Need::Append => Some(OWN),
                _ => None,
            },
            Self::Supervisor => match need {
                Need::AuditPack | Need::ReadAccess | Need::Accounts | Need::Erase => None,
                _ => Some(ALL),
            },
            Self::Auditor => match need {
                Need::Append | Need::Import | Need::Backtest | Need::Grant | Need::Accounts | Need::Erase => {
                    None
                }
                _ => Some(NAMELESS),
            },
            Self::Evaluator => match need {
                Need::ReadClients | Need::ReadFigures | Need::Backtest => Some(FIGURES),
                _ => None,
            },
            Self::Admin => match need {
                Need::Accounts | Need::Grant | Need::Erase | Need::ReadAccess | Need::Operate => {
                    Some(NAMELESS)
                }
                _ => None,
            },
            Self::Writer => match need {
                Need::Append | Need::Import => Some(ALL),
                _ => None,
            },
        }
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Self, UnknownRole> {
        let known = Self::ALL.into_iter().find(|role| role.name() == name);
        known.ok_or_else(|| UnknownRole(name.chars().take(40).collect()))
    }
}
