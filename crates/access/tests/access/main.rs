//! Accounts, tokens and the access log over a real log on disk: who is let in, what is written down, what is left of it
//! when it is opened anew.

mod accounts;
mod deeds;
mod grants;
mod house;
mod matrix;
mod rebuilt;
mod tokens;
