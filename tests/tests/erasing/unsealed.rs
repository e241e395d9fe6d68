//! Bugs planted on purpose: what must be found where rows are not sealed, and what must not even then.

use std::sync::Arc;

use throughline_domain::JourneyId;
use throughline_log::{Error, EventLog, Log};
use throughline_runtime::Runtime;

use crate::{
    files::all_with,
    lives::{CODED, PERSONAL, world},
};

/// A log that leaves rows as they are.
struct Unsealed(Arc<Log>);

impl EventLog for Unsealed {
    fn seal(&self, _: JourneyId, _: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(bytes.to_vec()))
    }

    fn open_sealed(&self, _: JourneyId, _: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(Some(sealed.to_vec()))
    }

    throughline_log::pass_on!(0: append, events, wait_beyond, read, read_journey, version, find, events_at);
    throughline_log::pass_on!(0: position, tree, derive, head, scan, scan_journeys, namespace);
}

#[test]
fn rows_left_unsealed_are_found_by_the_search_and_hold_nothing_personal_even_so() {
    let world = world();
    let views = world.dir.path().join("unsealed");
    let runtime =
        Runtime::open(Arc::new(Unsealed(world.log.clone())), &views, throughline_cli::projectors()).unwrap();
    runtime.catch_up().unwrap();
    runtime.stop();
    let found = |texts: &[&str]| {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        all_with(&views, &texts)
    };
    let coded = found(&CODED);
    // Views keep where a client is placed; the name of a milestone is in none of them.
    for (nth, code) in CODED.iter().take(3).enumerate() {
        assert!(
            coded.iter().any(|(_, which)| *which == nth),
            "{code} is in an unsealed row, and is not found"
        );
    }
    assert_eq!(
        found(&PERSONAL),
        [],
        "what only the personal key seals is in no row, so destroying it is enough"
    );
}
