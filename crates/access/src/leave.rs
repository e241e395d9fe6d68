//! What is needed to do something, and how much of it is allowed.

/// What something asks of whoever does it. Every route and every command that reads or writes a record names one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Open to everyone: health, descriptions, proofs.
    Nothing,
    /// Open to every account: vocabularies, who one is.
    SignedIn,
    /// The record of one client.
    ReadClient,
    /// Lists of clients and work lists.
    ReadClients,
    /// Figures over many clients.
    ReadFigures,
    /// Every event of every client as it comes.
    ReadFeed,
    /// New events of a client.
    Append,
    /// Bringing history in, and the reports of it.
    Import,
    /// Backtests and their reports.
    Backtest,
    /// Taking one client's history out with its proofs.
    AuditPack,
    /// Who read what.
    ReadAccess,
    /// Giving and ending leave to see a client.
    Grant,
    /// Accounts and tokens.
    Accounts,
    /// Destroying a client's keys.
    Erase,
    /// Metrics.
    Operate,
}

impl Need {
    /// Every need.
    pub const ALL: [Self; 15] = [
        Self::Nothing,
        Self::SignedIn,
        Self::ReadClient,
        Self::ReadClients,
        Self::ReadFigures,
        Self::ReadFeed,
        Self::Append,
        Self::Import,
        Self::Backtest,
        Self::AuditPack,
        Self::ReadAccess,
        Self::Grant,
        Self::Accounts,
        Self::Erase,
        Self::Operate,
    ];
}

/// How much is allowed. The greater of two allows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    /// Of which clients.
    pub clients: Clients,
    /// Whether names, contacts and words are shown.
    pub names: Names,
    /// Under which ids clients are shown.
    pub ids: Ids,
    /// How counts of people are shown.
    pub counts: Counts,
}

/// Of which clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clients {
    /// Those whose worker the account is, and those it was granted.
    Caseload,
    /// All.
    All,
}

/// Whether names, contacts and words are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Names {
    /// Left out, unless granted.
    Withheld,
    /// As recorded.
    Shown,
}

/// Under which ids clients are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ids {
    /// Under ids of the account's own, from which nothing can be looked up elsewhere.
    Pseudonyms,
    /// Under their own.
    Real,
}

/// How counts of people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counts {
    /// Those of 1 to 10, and what they could be derived from, left out.
    Withheld,
    /// As they are.
    Exact,
}
