//! Who may do what, and who did: roles and what each may, accounts and their tokens, and the access log in which every
//! look at a client's record is an event.
//!
//! It does not know HTTP, nor how a record is read. Start at [`Role::leave`], the one table of who may do what.

mod leave;
mod role;

pub use leave::{Clients, Counts, Ids, Leave, Names, Need};
pub use role::{Role, UnknownRole};
