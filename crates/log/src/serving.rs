//! The threads of an open log.

use std::{
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use crate::{Error, directory::Directory, queue::Queue, writer::Writer};

/// Answers appends until the queue is closed and empty. Runs on a thread of its own.
pub(crate) fn serve(queue: &Queue, writer: &Mutex<Writer>) {
    let _closes = CloseAtEnd { queue, only_in_panic: false };
    while queue.wait() {
        // A writer that panicked has closed the queue, and then only refuses. What comes while another append is being
        // committed is taken with the rest.
        let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.answer(queue.take(), queue);
    }
}

/// Closes the queue when the writer ends, or panics, so that nobody waits for it.
pub(crate) struct CloseAtEnd<'a> {
    pub queue: &'a Queue,
    pub only_in_panic: bool,
}

impl Drop for CloseAtEnd<'_> {
    fn drop(&mut self) {
        if self.only_in_panic && !thread::panicking() {
            return;
        }
        self.queue.close("its writer has stopped");
        if !self.only_in_panic {
            while self.queue.wait() {
                drop(self.queue.take());
            }
        }
    }
}

pub(crate) fn spawn(
    name: &str,
    directory: &Directory,
    run: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| Error::Io { path: directory.path().to_owned(), source })
}
