//! A log that takes no more from a moment on.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering},
};

use throughline_domain::Draft;
use throughline_log::{Error, EventLog, Expected, Log, Receipt};

pub struct Unwritable {
    pub log: Log,
    pub is_full: Arc<AtomicBool>,
}

impl EventLog for Unwritable {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(Error::Full { path: "/somewhere".into(), room_bytes: 0 });
        }
        self.log.append(batch, expected)
    }

    throughline_log::pass_on!(log: events, wait_beyond, read, read_journey, version, position, tree, find);
    throughline_log::pass_on!(log: events_at, head, scan, scan_journeys, seal, open_sealed, namespace, derive);
}
