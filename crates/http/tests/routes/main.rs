//! The service through its router, without a socket: a real log and real views in a directory of their own.
//!
//! Every answer in these tests is also held against the service's own OpenAPI description (`schema.rs`): a status, a
//! media type or a field that is not described fails the test that met it.

mod accounts;
mod append;
mod attacker;
mod backtests;
mod brought;
mod caseload;
mod compare;
mod consent;
mod description;
mod erasures;
mod extremes;
mod history;
mod hosts;
mod imports;
mod lists;
mod live;
mod matrix;
mod network;
mod proof;
mod pseudonymous;
mod refusals;
mod replay;
mod running;
mod schema;
mod sessions;
mod unwritable;
mod views;
mod witnesses;
mod world;
