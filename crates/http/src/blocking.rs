//! The one seam where work that blocks (disk, folding, waiting for a commit) leaves the threads that serve
//! connections. It is bounded: past the bound a request waits a little, then is told to come back.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    problem::{Kind, Problem},
    refuse::broken,
};

/// Reads at once. Reading keeps a core busy, so more at once would only make each slower.
const READS_MAX: usize = 64;
/// Appends at once. An append mostly waits for its commit, and commits are shared, so many may wait together.
const APPENDS_MAX: usize = 256;
/// How long a request waits for its turn.
const TURN_MAX: Duration = Duration::from_secs(2);

/// Turns for work that blocks.
pub(crate) struct Blocking {
    reads: Arc<Semaphore>,
    appends: Arc<Semaphore>,
}

impl Blocking {
    pub fn new() -> Self {
        Self { reads: Arc::new(Semaphore::new(READS_MAX)), appends: Arc::new(Semaphore::new(APPENDS_MAX)) }
    }

    /// Reads away from the threads that serve connections.
    pub async fn read<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        take_turn(&self.reads, work).await
    }

    /// Works on after the request is answered. Whoever begins such work sees to it that there is little of it at once.
    pub fn in_background(work: impl FnOnce() + Send + 'static) {
        tokio::task::spawn_blocking(work);
    }

    /// Appends away from the threads that serve connections.
    pub async fn append<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        take_turn(&self.appends, work).await
    }
}

async fn take_turn<T, W>(turns: &Arc<Semaphore>, work: W) -> Result<T, Problem>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T, Problem> + Send + 'static,
{
    let turn = match tokio::time::timeout(TURN_MAX, turns.clone().acquire_owned()).await {
        Ok(turn) => turn.expect("turns are never closed"),
        Err(_) => return Err(Kind::Busy.because("too much is asked at once; try again in a second")),
    };
    // The turn goes with the work: a request that is given up still holds it until the work is done.
    let done = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    done.await.unwrap_or_else(|error| Err(broken(&format!("work on a request failed: {error}"))))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn past_the_bound_a_request_waits_a_little_and_is_told_to_come_back() {
        let blocking = Blocking::new();
        let turns = u32::try_from(READS_MAX).expect("a small number");
        let all = blocking.reads.clone().acquire_many_owned(turns).await.expect("free turns");
        let refused = blocking.read(|| Ok(())).await.expect_err("no turn is free").into_response();
        assert_eq!(refused.status().as_u16(), Kind::Busy.status());
        assert_eq!(refused.headers()["retry-after"], "1");
        assert!(blocking.append(|| Ok(())).await.is_ok(), "readers do not take the writers' turns");
        drop(all);
        assert!(blocking.read(|| Ok(())).await.is_ok());
    }

    #[tokio::test]
    async fn work_that_panics_is_answered_and_gives_its_turn_back() {
        let blocking = Blocking::new();
        for _ in 0..=READS_MAX {
            let failed = blocking.read(|| -> Result<(), Problem> { panic!("a broken invariant") }).await;
            assert_eq!(
                failed.expect_err("it panics").into_response().status().as_u16(),
                Kind::Internal.status()
            );
        }
    }
}
