//! A frame of the log, as the journal or sled might give it back: its header, its records, and what was sealed in them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| throughline_log::fuzzing::read(bytes));
