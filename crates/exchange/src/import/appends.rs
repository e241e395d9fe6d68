//! Appends made beside the import: while one batch becomes durable, the rows of the next are read. One batch is under
//! way at a time, and what came of it is known before the next one is begun; so what is written, in which order, and
//! what is counted is as if each append were waited for.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use throughline_domain::{Draft, Position};
use throughline_log::{Error as LogError, EventLog, Receipt};

use super::report::RowRef;

/// Told where events stand as soon as they are durable, those that were there already too, and how many are new.
pub type Brought<'a> = &'a (dyn Fn(&[Position], u64) + Sync);

/// The thread that appends, as the import sees it.
pub(crate) struct Appends<'a> {
    log: &'a dyn EventLog,
    brought: Brought<'a>,
    to: SyncSender<Batch>,
    from: Receiver<(Batch, Result<Receipt, LogError>)>,
    is_under_way: bool,
}

/// Drafts, and the row of each.
pub(super) type Batch = (Vec<Draft>, Vec<RowRef>);

/// Runs an import beside a thread that appends to the log. A batch that is under way when the import ends is finished.
pub(crate) fn beside<'a, T>(
    log: &'a dyn EventLog,
    brought: Brought<'a>,
    import: impl FnOnce(Appends<'a>) -> T,
) -> T {
    thread::scope(|scope| {
        let (to, batches) = sync_channel::<Batch>(1);
        let (done, from) = sync_channel(1);
        scope.spawn(move || {
            for batch in batches {
                let result = append(log, brought, &batch.0);
                if done.send((batch, result)).is_err() {
                    return;
                }
            }
        });
        import(Appends { log, brought, to, from, is_under_way: false })
    })
}

impl Appends<'_> {
    /// Begins to append a batch. None may be under way.
    pub(super) fn begin(&mut self, batch: Batch) {
        assert!(!self.is_under_way, "what came of a batch is known before the next is begun");
        self.to.send(batch).expect("the thread that appends ends after the import, or panicked");
        self.is_under_way = true;
    }

    /// Waits for the batch under way, if there is one, and says what came of it.
    pub(super) fn end(&mut self) -> Option<(Batch, Result<Receipt, LogError>)> {
        std::mem::take(&mut self.is_under_way)
            .then(|| self.from.recv().expect("the thread that appends ends after the import, or panicked"))
    }

    /// Appends here and now.
    pub(super) fn now(&self, drafts: &[Draft]) -> Result<Receipt, LogError> {
        append(self.log, self.brought, drafts)
    }

    /// Tells where events stand that need not be written again.
    pub(super) fn known(&self, positions: &[Position]) {
        (self.brought)(positions, 0);
    }
}

fn append(log: &dyn EventLog, brought: Brought<'_>, drafts: &[Draft]) -> Result<Receipt, LogError> {
    let receipt = log.append_kept(drafts, &[])?;
    let positions: Vec<Position> = receipt.events.iter().map(|stored| stored.position).collect();
    let new = receipt.events.iter().filter(|stored| !stored.repeated).count();
    brought(&positions, new as u64);
    Ok(receipt)
}
