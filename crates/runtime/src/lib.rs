//! Runs projectors over the log: follows it while serving, rebuilds from zero, keeps rows and position together, and
//! answers about one journey or many, now or as known then.
//!
//! It knows the log and what a projector is; it does not know any projector by name, nor HTTP. Start at [`Runtime`].

mod answer;
mod blocks;
mod erase;
mod error;
mod filter;
mod follow;
mod life;
mod links;
mod many;
mod placements;
mod projector;
mod rebuild;
mod record;
mod row;
mod said;
mod sealing;
mod store;

pub use answer::Answer;
pub use error::Error;
pub use filter::{Caseload, Filter, GroupBy};
pub use follow::Progress;
pub use life::Life;
pub use many::{Group, Work};
pub use projector::{Fresh, Projector, Projectors};
pub use rebuild::Rebuilt;
pub use row::Known;
pub use throughline_log::{Certificate, Erasure};

use std::{
    path::Path,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use throughline_log::{AsOf, EventLog};
use throughline_projection::Programmes;

use crate::{
    follow::Applied, many::FigureCache, placements::Placements, projector::Of, record::Decisions,
    store::Store,
};

/// Every view of one log, kept up to date.
pub struct Runtime {
    log: Arc<dyn EventLog>,
    projectors: Projectors,
    placements: Arc<Of<Placements>>,
    store: Store,
    programmes: RwLock<Programmes>,
    applied: Applied,
    decisions: Decisions,
    figures: FigureCache,
    cards_loaded: AtomicBool,
    /// The last step failed; it is tried again.
    failing: AtomicBool,
    stopping: AtomicBool,
    follower: Mutex<Option<JoinHandle<()>>>,
    /// Held for a whole rebuild: two would fill the same trees. Taken before `writing`.
    rebuilding: Mutex<()>,
    /// Held by whoever writes rows or cards: the follower for a step, a rebuild for its swap.
    writing: Mutex<()>,
    /// Held for reading while lives are folded and their rows sealed; for writing while keys are destroyed. Taken last.
    folding: RwLock<()>,
}

impl Runtime {
    /// Opens the views under `dir`, made there where missing. They are not followed until [`Runtime::start`].
    pub fn open(log: Arc<dyn EventLog>, dir: &Path, projectors: Projectors) -> Result<Arc<Self>, Error> {
        let placements = Arc::new(Of::<Placements>::new());
        let all = projectors.with_placements(&placements);
        let store = Store::open(dir, &all, log.events())?;
        let applied = Applied::new(store.applied());
        let programmes = RwLock::new(store.programmes(&*log, AsOf::Now)?);
        Ok(Arc::new(Self {
            log,
            projectors,
            placements,
            store,
            programmes,
            applied,
            decisions: Decisions::new(),
            figures: FigureCache::new(),
            cards_loaded: AtomicBool::new(false),
            failing: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            follower: Mutex::new(None),
            rebuilding: Mutex::new(()),
            writing: Mutex::new(()),
            folding: RwLock::new(()),
        }))
    }

    /// The log behind the views.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// The projectors registered.
    pub fn projectors(&self) -> &Projectors {
        &self.projectors
    }

    /// Stops following once the step under way is done, and flushes the views. Safe to call twice.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        let follower = self.follower.lock().expect("no thread panics while it holds the follower").take();
        // Whoever drops the runtime last stops it, and that can be the follower itself.
        if let Some(follower) = follower
            && follower.thread().id() != std::thread::current().id()
            && follower.join().is_err()
        {
            tracing::error!(
                "the thread that follows the log had failed; views are rebuilt from the log on the next start"
            );
        }
        self.store.flush();
    }

    fn programmes(&self) -> Programmes {
        self.programmes.read().expect("settings are replaced whole").clone()
    }

    fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Ends long work once the runtime is stopped.
    fn go_on(&self) -> Result<(), Error> {
        if self.stopping() { Err(Error::Stopped) } else { Ok(()) }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.stop();
    }
}
