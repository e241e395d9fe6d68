//! The real binary, as people and programs run it: what it prints, how it ends, what it leaves on the disk.
//!
//! Every test has data directories of its own and ends only the processes it began. Tests on real exports say so and
//! pass where the exports are not there; `THROUGHLINE_TEST_DATA` names them.

mod access;
mod append;
mod commands;
mod copies;
mod copies_verified;
mod cut_short;
mod events;
mod exports;
mod imports;
mod keys;
mod killed;
mod mapped;
mod operators;
mod packs;
mod place;
mod refusals;
mod server;
mod serving;
mod statuses;
mod stopping;
mod witness;
