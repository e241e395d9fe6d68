//! All runs of an index, and when some of them are made one.

use std::{
    fs, io,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use crate::run::Run;

/// So many neighbouring runs of about one size become one; each level of sizes holds eight times the one below. An
/// entry is so written again once per level, and a lookup asks at most seven runs of each.
const MERGED_AT_ONCE: usize = 8;

/// The runs that follow each other from position 0 on.
pub(crate) struct Runs(RwLock<Vec<Arc<Run>>>);

impl Runs {
    /// Opens the runs in `dir`. Whatever is not needed is deleted: runs that were made part of another, files half
    /// written, and everything from the first gap or damage on.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            match Run::open(&path) {
                Ok(run) => found.push(Arc::new(run)),
                Err(error) if !is_no_run(&error) => return Err(error),
                Err(error) => {
                    tracing::debug!(path = %path.display(), %error, "this is no run of the index and is deleted");
                    delete(&path);
                }
            }
        }
        // Of runs that begin together the longest holds the others.
        found.sort_by_key(|run| (run.first, std::cmp::Reverse(run.end)));
        let (mut runs, mut next) = (Vec::new(), 0);
        for run in found {
            if run.first == next {
                next = run.end;
                runs.push(run);
            } else {
                delete(&run.path);
            }
        }
        Ok(Self(RwLock::new(runs)))
    }

    /// The runs there are now, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Run>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds the newest run.
    pub(crate) fn add(&self, run: Run) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(Arc::new(run));
    }

    /// Makes one of neighbouring runs for as long as there are enough of about one size. Lookups go on meanwhile.
    pub(crate) fn merge(&self, dir: &Path) -> io::Result<()> {
        loop {
            let runs = self.all();
            let Some(from) = to_merge(&runs.iter().map(|run| run.end - run.first).collect::<Vec<_>>()) else {
                return Ok(());
            };
            let merged = Run::merged(dir, &runs[from..])?;
            // Only this thread changes the list, so its end is still what was merged.
            let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
            held.truncate(from);
            held.push(Arc::new(merged));
            drop(held);
            point!(RunsMerged);
            runs[from..].iter().for_each(|run| delete(&run.path));
        }
    }
}

/// From which run on the newest ones should be made one, by their numbers of events.
fn to_merge(events: &[u64]) -> Option<usize> {
    let level = |events: &u64| events.checked_ilog(8).unwrap_or(0);
    let newest = level(events.last()?);
    let of_one_size = events.iter().rev().take_while(|events| level(events) <= newest).count();
    (of_one_size >= MERGED_AT_ONCE).then(|| events.len() - of_one_size)
}

/// Whether this says what the file is, and not that the disk could not read it.
fn is_no_run(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, IsADirectory, UnexpectedEof};
    matches!(error.kind(), InvalidData | IsADirectory | UnexpectedEof)
}

/// What cannot be deleted now is deleted when the index is next opened.
fn delete(path: &Path) {
    let deleted = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = deleted {
        tracing::debug!(path = %path.display(), %error, "a file of the index could not be deleted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stay_few_and_each_event_is_written_again_seldom() {
        let (mut runs, mut rewritten, mut most) = (Vec::new(), 0, 0);
        let (step, whole) = (1_000, 4_000_000);
        for _ in 0..whole / step {
            runs.push(step);
            while let Some(from) = to_merge(&runs) {
                let merged: u64 = runs.drain(from..).sum();
                rewritten += merged;
                runs.push(merged);
            }
            most = most.max(runs.len());
        }
        assert_eq!(runs.iter().sum::<u64>(), whole);
        assert!(most <= 36, "{most} runs");
        assert!(rewritten <= 5 * whole, "{rewritten} entries were written again");
    }

    #[test]
    fn a_small_run_does_not_make_large_ones_be_written_again() {
        assert_eq!(to_merge(&[500_000, 500_000, 3, 1, 1, 1, 1, 1, 1]), None);
        assert_eq!(to_merge(&[500_000, 500_000, 3, 1, 1, 1, 1, 1, 1, 1]), Some(2));
        assert_eq!(to_merge(&[]), None);
    }
}
