//! What the log promises, through its public seam.

mod appending;
mod damage;
mod data;
