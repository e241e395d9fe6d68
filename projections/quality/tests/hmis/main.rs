//! The checks that users of HMIS run: each rule with a client who breaks it and one who nearly does.

mod client;
mod days;
mod properties;
mod rules;
