//! What the fault suite and the process that it kills must agree on: which event a number stands for, and which
//! appends a writer makes. `docs/guides/faults.md` tells the whole story.

mod dice;
mod drafts;
mod plan;

pub use dice::Dice;
pub use drafts::{draft, event_number, twisted};
pub use plan::{Attempt, Kind, Plan, writers_journey};

use std::{fs::File, path::Path, thread, time::Duration};

/// How long a lock is waited for: 500 times 10 ms.
const LOCKED_TRIES: u32 = 500;
const LOCKED_WAIT: Duration = Duration::from_millis(10);

/// Waits until nobody holds this data directory. A process that a test starts has a copy of every open file of all the
/// tests beside it, and so of a lock just given free, until it becomes another program.
pub fn wait_until_free(dir: &Path) {
    let Ok(lock) = File::options().append(true).open(dir.join("lock")) else { return };
    for _ in 0..LOCKED_TRIES {
        if lock.try_lock().is_ok() {
            return;
        }
        thread::sleep(LOCKED_WAIT);
    }
}
