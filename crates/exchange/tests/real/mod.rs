//! Real data, where it is there.

use std::path::{Path, PathBuf};

/// A set or file of the published test data; none where it is not there.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
pub fn data(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: no test data at {}; set THROUGHLINE_TEST_DATA", path.display());
    None
}
