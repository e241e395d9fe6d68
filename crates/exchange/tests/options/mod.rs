//! How tests import, where they say nothing else.

use std::sync::atomic::AtomicBool;

use jiff::civil::date;
use throughline_exchange::import::{Completeness, Options, Progress, Rejected};

pub fn options<'a>(
    cancel: &'a AtomicBool,
    progress: &'a mut dyn FnMut(Progress),
    rejected: &'a mut dyn FnMut(&Rejected) -> std::io::Result<()>,
) -> Options<'a> {
    Options {
        dry_run: false,
        completeness: Completeness::default(),
        batch_events: 2_000,
        today: date(2026, 11, 21),
        cancel,
        brought: &|_, _| {},
        progress,
        rejected,
    }
}
