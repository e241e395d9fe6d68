//! Whoever works on the directory itself. They have the keys and need no leave; what they look at is written down all the
//! same.

use std::env;

use anyhow::{Context as _, Result};
use throughline_access::{Access, Caller, Deed};
use throughline_domain::{Actor, Code, JourneyId};

use crate::{clock::Clock, data::Data};

/// How long a user's name is at most in an account's.
const USER_CHARS_MAX: usize = 40;

/// The account that work on this directory is written down as: `local:<user>`, by what the system calls the user.
pub fn name() -> Actor {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env::var(name).ok());
    named(user.as_deref().unwrap_or_default())
}

/// Writes down that this client's record is looked at. Where that cannot be, it is not shown.
pub fn reads(data: &Data, clock: &Clock, client: JourneyId, what: &'static str) -> Result<()> {
    let read = Deed::Read { client, what: Code::new(what)? };
    did(&*data.open_access(clock.clone())?, read)
}

/// Writes down that this client's record is taken out, and for what. Where that cannot be, it is not.
pub fn exports(
    data: &Data,
    clock: &Clock,
    client: JourneyId,
    what: &'static str,
    purpose: Code,
) -> Result<()> {
    let exported = Deed::Exported { client: Some(client), what: Code::new(what)?, purpose: Some(purpose) };
    did(&*data.open_access(clock.clone())?, exported)
}

/// Writes down that something of this client was asked for and refused.
pub fn refused(
    data: &Data,
    clock: &Clock,
    client: JourneyId,
    what: &'static str,
    why: &'static str,
) -> Result<()> {
    let refused = Deed::Refused { client: Some(client), what: Code::new(what)?, why: Code::new(why)? };
    did(&*data.open_access(clock.clone())?, refused)
}

/// Writes down what is done.
pub fn did(access: &Access, deed: Deed) -> Result<()> {
    access
        .record(Some(&Caller::operator(name())), deed)
        .context("a record is shown only where it can be written down who looked")
}

fn named(user: &str) -> Actor {
    let plain =
        |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c.to_ascii_lowercase() } else { '-' };
    let user: String = user.chars().take(USER_CHARS_MAX).map(plain).collect();
    let user = if user.is_empty() { "unknown" } else { &user };
    Actor::new(format!("local:{user}")).expect("letters, digits and marks that a pseudonym may have")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_system_calls_its_user_becomes_a_pseudonym() {
        for (user, name) in [
            ("anna", "local:anna"),
            ("DOMAIN\\Änna B", "local:domain--nna-b"),
            ("", "local:unknown"),
            (&"x".repeat(300), &format!("local:{}", "x".repeat(40))),
        ] {
            assert_eq!(named(user).as_str(), name);
        }
    }
}
