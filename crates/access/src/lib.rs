//! Who may do what, and who did: roles and what each may, accounts and their tokens, and the access log in which every
//! look at a client's record is an event.
//!
//! It does not know HTTP, nor how a record is read. Start at [`Role::leave`], the one table of who may do what, and at
//! [`Access`], which keeps the accounts and writes down who did what.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::sync::Arc;
//! use throughline_access::{Access, Deed, Denied, Need, NewAccount, Role};
//! use throughline_domain::{Actor, Code, JourneyId};
//! use throughline_log::Log;
//!
//! let directory = tempfile::tempdir()?;
//! let clock: throughline_log::Clock = Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
//! let access = Access::open(Arc::new(Log::open(directory.path(), Arc::clone(&clock))?), clock)?;
//! let (keeper, worker) = (Actor::new("admin:first")?, Actor::new("worker:w17")?);
//! let account = NewAccount { roles: [Role::Staff].into(), ..NewAccount::named(worker.clone()) };
//! access.open_account(&keeper, account)?;
//! let token = access.issue_token(&keeper, &worker, None, None)?;
//!
//! let caller = access.caller(&token.text)?;
//! assert!(caller.leave(Need::ReadClient).is_some() && caller.leave(Need::Erase).is_none());
//! access.record(Some(&caller), Deed::Read { client: JourneyId::from_bytes([1; 16]), what: Code::new("history")? })?;
//! access.revoke_token(&keeper, &token.id)?;
//! assert_eq!(access.caller(&token.text).err(), Some(Denied::Revoked));
//! # Ok(())
//! # }
//! ```

mod access;
mod account;
mod bringing;
mod caller;
mod change;
mod dates;
mod deed;
mod error;
mod leave;
mod reading;
mod role;
mod stream;
mod token;

pub use access::Access;
pub use account::{Account, Grant, Token};
pub use bringing::{Bringing, stretches};
pub use caller::Caller;
pub use change::{GLASS_HOURS, NewAccount, NewGrant, TOKEN_DAYS, TOKEN_DAYS_MAX};
pub use dates::{Dates, UnknownDates};
pub use deed::Deed;
pub use error::{Denied, Error};
pub use leave::{Clients, Counts, Ids, Leave, Names, Need};
pub use reading::{Entry, Page, Wanted};
pub use role::{Role, UnknownRole};
pub use token::{Issued, event_id};
