//! Whoever works on the directory itself. They have the keys and need no leave; what they look at is written down all the
//! same.

use std::fs;

use anyhow::{Context as _, Result};
use throughline_access::{Access, Caller, Deed};
use throughline_domain::{Actor, Code, JourneyId, Stretch};
use throughline_log::Error;

use crate::{
    clock::Clock,
    commands::Context,
    data::Data,
    left::{self, Kind},
};

/// What becomes of a deed that cannot be written down.
pub const UNDONE: &str = "nothing is shown or done where it cannot be written down by whom";
/// How long a user's name is at most in an account's.
const USER_CHARS_MAX: usize = 40;

/// The account that work on this directory is written down as: `local:<user>`, the user whose process this is. The system
/// says which: nothing that a user sets for a process changes it.
pub fn name() -> Actor {
    let user = user_id().map_or_else(|| "unknown".to_owned(), |id| named(id, &users()));
    Actor::new(format!("local:{user}")).expect("letters, digits and marks that a pseudonym may have")
}

/// Writes down that this client's record is looked at. Where that cannot be, it is not shown.
pub fn reads(data: &Data, clock: &Clock, client: JourneyId, what: &'static str) -> Result<()> {
    let read = Deed::Read { client, what: Code::new(what)? };
    did(&*data.open_access(clock.clone())?, read)
}

/// Writes down that everything, or something of everybody, is taken out. Where that cannot be, it is not. A server may have
/// the access log.
pub fn takes_out(context: &Context, what: &'static str) -> Result<()> {
    leaves(context, Kind::Exported(Code::new(what)?))
}

/// Writes down that something is done with the record as a whole, whatever has become of the access log.
pub fn operates(context: &Context, what: &'static str) -> Result<()> {
    leaves(context, Kind::Operated(Code::new(what)?))
}

fn leaves(context: &Context, kind: Kind) -> Result<()> {
    let root = context.data.root();
    // What is no log yet keeps no deeds, and the next copy into it finds nothing but what the last one left.
    if let Err(error @ (Error::RestoreUnfinished(_) | Error::BackupUnfinished(_))) =
        throughline_log::check_format(root)
    {
        return Err(error.into());
    }
    throughline_log::check_no_backup(root)?;
    left::leave(&context.data.deeds(), (context.clock)(), name(), kind)
}

/// Writes down what was left, where the access log is there and free; else whoever opens it next does.
pub fn settles(context: &Context) {
    if context.data.access().exists() {
        drop(context.data.open_access(context.clock.clone()));
    }
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

/// Writes down where events stand that were brought in just now.
pub fn brought(
    access: &Access,
    what: &'static str,
    client: Option<JourneyId>,
    positions: &[Stretch],
    events: u64,
) -> Result<()> {
    access
        .record_brought(&Caller::operator(name()), (&Code::new(what)?, client), positions, events)
        .context("the events are recorded, and it could not be written down by whom")
}

/// Writes down what is done.
pub fn did(access: &Access, deed: Deed) -> Result<()> {
    access.record(Some(&Caller::operator(name())), deed).context(UNDONE)
}

/// The name of a user in the list of users, where a pseudonym can be made of it that is nobody else's; else the id.
fn named(id: u32, users: &str) -> String {
    let of_line = |line: &str| {
        let mut fields = line.split(':');
        let (name, _, known) = (fields.next()?, fields.next()?, fields.next()?);
        (known.parse() == Ok(id)).then(|| name.to_owned())
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    let can_be = |name: &String| {
        (1..=USER_CHARS_MAX).contains(&name.len()) && name.chars().all(plain) && !name.starts_with("uid-")
    };
    users.lines().find_map(of_line).filter(can_be).unwrap_or_else(|| format!("uid-{id}"))
}

/// The users of this machine, one a line.
fn users() -> String {
    let bytes = fs::read("/etc/passwd").unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The real user of this process; where the system does not tell it in a file, the one that new files belong to.
fn user_id() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    real_id(&status).or_else(|| Some(tempfile::tempfile().ok()?.metadata().ok()?.uid()))
}

/// The first of the four ids of a process: real, effective, saved, of the file system.
fn real_id(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna,,,:/home/anna:/bin/bash\n\
                         Änna B:x:1001:1001::/:\nuid-7:x:1002:1002::/:\n:x:1003::\nno line\nnomsa.b:x:1004:1::/:\n";

    #[test]
    fn whatever_the_system_calls_its_user_becomes_a_pseudonym_that_is_nobody_elses() {
        let long = format!("{}:x:5:5::/:\n", "x".repeat(300));
        for (id, users, name) in [
            (0, USERS, "root"),
            (1000, USERS, "anna"),
            (1004, USERS, "nomsa.b"),
            (1001, USERS, "uid-1001"),
            (1002, USERS, "uid-1002"),
            (1003, USERS, "uid-1003"),
            (7, USERS, "uid-7"),
            (1000, "", "uid-1000"),
            (5, &long, "uid-5"),
            (100, USERS, "uid-100"),
        ] {
            assert_eq!(named(id, users), name, "{id}");
        }
        assert!(Actor::new(format!("local:{}", named(u32::MAX, USERS))).is_ok());
    }

    #[test]
    fn the_real_user_is_meant_and_not_whose_program_it_is() {
        let status = "Name:\tthroughline\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n";
        assert_eq!((real_id(status), real_id("Name:\tx\n"), real_id("")), (Some(1000), None, None));
    }
}
