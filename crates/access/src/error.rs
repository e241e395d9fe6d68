//! Why somebody is not let in, and why a change of accounts cannot be.

use jiff::Timestamp;
use throughline_domain::{Actor, Code};

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such token was ever given out.
    #[error("the token is not known here; ask for one with `throughline token issue`")]
    Unknown,
    /// It was taken back.
    #[error("the token was revoked; ask for another")]
    Revoked,
    /// Its time is up.
    #[error("the token has expired; ask for another")]
    Expired,
    /// The account it belongs to was closed.
    #[error("the token's account is closed; ask whoever keeps the accounts to open it again")]
    Closed,
}

impl Denied {
    /// A code for it, as a refusal is written down.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "token-unknown",
            Self::Revoked => "token-revoked",
            Self::Expired => "token-expired",
            Self::Closed => "account-closed",
        }
    }
}

/// Why something about accounts cannot be, or could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no account of this name.
    #[error("`{0}` is no account; `throughline account list` names all")]
    AccountUnknown(Actor),
    /// There is one already.
    #[error("`{0}` is an account already; change its roles instead")]
    AccountExists(Actor),
    /// The account was closed.
    #[error("account `{0}` is closed; open it again first")]
    AccountClosed(Actor),
    /// An account for nothing.
    #[error(
        "`{0}` was given no role; name at least one of staff, supervisor, auditor, evaluator, admin, writer"
    )]
    NoRole(Actor),
    /// There is no token of this id.
    #[error("`{0}` is the id of no token; `throughline token list ACCOUNT` names them")]
    TokenUnknown(Code),
    /// A token for no time, or for too long.
    #[error("a token cannot hold for {days} days; give it 1 to {max}")]
    TokenDays {
        /// What was asked.
        days: u16,
        /// What may be.
        max: u16,
    },
    /// There is no grant of this id.
    #[error("`{0}` is the id of no grant; `throughline account show NAME` names those of an account")]
    GrantUnknown(Code),
    /// A grant that is over before it begins.
    #[error("{0} has passed; name a later time")]
    UntilPassed(Timestamp),
    /// Something that needs a reason has none.
    #[error("no reason is given; say in a few words why")]
    NoReason,
    /// The glass is there for those who read clients' records.
    #[error("account `{0}` reads no client's record; ask somebody who may")]
    NoGlass(Actor),
    /// Others changed the same account again and again meanwhile.
    #[error("account `{0}` is being changed by others; try again")]
    Busy(Actor),
    /// The machine gave no randomness.
    #[error("no random bytes can be had: {0}")]
    Random(getrandom::Error),
    /// The access log could not be written or read. What would have been written down must not happen.
    #[error("access log: {0}")]
    Log(#[from] throughline_log::Error),
}
