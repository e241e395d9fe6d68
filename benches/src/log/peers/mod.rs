//! The event stores beside which ours is measured. They are built with `--features peers` alone.

#[cfg(feature = "peers")]
mod tephra;
#[cfg(feature = "peers")]
mod umadb;
#[cfg(not(feature = "peers"))]
mod without;

#[cfg(feature = "peers")]
pub use self::{tephra::Tephra, umadb::UmaDb};
#[cfg(not(feature = "peers"))]
pub use without::{Tephra, UmaDb};

/// The embedded peer.
pub const TEPHRA: &str = "tephra 0.4.1";
/// What is said in place of a peer's figure.
pub const NOT_BUILT: &str = "no peer: built without `--features peers`";
/// What is said where the server is missing.
const NOT_THERE: &str = "no UmaDB: `umadb` is not on the path";

/// Why UmaDB is not there.
pub fn umadb_missing() -> &'static str {
    if cfg!(feature = "peers") { NOT_THERE } else { NOT_BUILT }
}
