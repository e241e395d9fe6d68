//! Work in the background that is asked after by its id: one at a time, remembered for a while once it has ended.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use throughline_domain::EventId;

/// Jobs remembered once they have ended.
const JOBS_MAX: usize = 32;

/// A piece of work.
pub(crate) trait Job {
    /// By what it is asked after.
    fn id(&self) -> EventId;

    /// Whether it is under way.
    fn is_running(&self) -> bool;

    /// Notes that whoever ran it broke off without a word.
    fn broke_off(&self);
}

/// The work of one kind that this service knows of.
pub(crate) struct Jobs<J>(Mutex<Known<J>>);

struct Known<J> {
    is_taken: bool,
    jobs: VecDeque<Arc<J>>,
}

/// The right to begin. Dropped, the next may.
pub(crate) struct Turn<J: Job> {
    jobs: Arc<Jobs<J>>,
    job: Option<Arc<J>>,
}

impl<J> Default for Jobs<J> {
    fn default() -> Self {
        Self(Mutex::new(Known { is_taken: false, jobs: VecDeque::new() }))
    }
}

impl<J: Job> Jobs<J> {
    /// The right to begin, or the job that has it.
    pub fn take_turn(self: &Arc<Self>) -> Result<Turn<J>, Option<Arc<J>>> {
        let mut known = self.known();
        if known.is_taken {
            return Err(known.jobs.back().filter(|job| job.is_running()).cloned());
        }
        known.is_taken = true;
        Ok(Turn { jobs: Arc::clone(self), job: None })
    }

    /// The job under way.
    pub fn running(&self) -> Option<Arc<J>> {
        self.known().jobs.iter().find(|job| job.is_running()).cloned()
    }

    /// The last job with this id.
    pub fn find(&self, id: EventId) -> Option<Arc<J>> {
        self.known().jobs.iter().rev().find(|job| job.id() == id).cloned()
    }

    fn known(&self) -> MutexGuard<'_, Known<J>> {
        held(&self.0)
    }
}

impl<J: Job> Turn<J> {
    /// Begins a job.
    pub fn begin(&mut self, job: J) -> Arc<J> {
        let job = Arc::new(job);
        let mut known = self.jobs.known();
        known.jobs.push_back(Arc::clone(&job));
        if known.jobs.len() > JOBS_MAX {
            known.jobs.pop_front();
        }
        self.job = Some(Arc::clone(&job));
        job
    }
}

impl<J: Job> Drop for Turn<J> {
    fn drop(&mut self) {
        if let Some(job) = self.job.take().filter(|job| job.is_running()) {
            job.broke_off();
        }
        self.jobs.known().is_taken = false;
    }
}

/// What a mutex holds, whatever became of who held it before.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
