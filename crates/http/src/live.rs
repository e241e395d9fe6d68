//! The log as it grows, for readers who stay. Each reads on from its own place at its own pace, so a slow reader
//! holds up nobody: the writer knows of none of them.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::response::sse::{Event, KeepAlive, KeepAliveStream, Sse};
use futures_util::{Stream, stream};
use throughline_domain::Position;
use throughline_runtime::Runtime;
use tokio::sync::watch;

use crate::{
    State,
    gate::Visit,
    wire::{self, Written},
};

/// Events read from the log at a time for one reader.
const PORTION: usize = 256;
/// How often a silent reader is asked after: whether the token is still good.
const LET_IN_CHECKED: Duration = Duration::from_secs(1);
/// How often a silent stream says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long one wait for the log to grow may take.
const WAIT: Duration = Duration::from_secs(1);

/// How many events the log has, told to everyone who waits for more by one thread that waits for all.
pub(crate) struct Head {
    runtime: Arc<Runtime>,
    events: watch::Sender<u64>,
    followed: Mutex<bool>,
}

impl Head {
    pub fn new(runtime: &Arc<Runtime>) -> Self {
        Self { runtime: runtime.clone(), events: watch::Sender::new(0), followed: Mutex::new(false) }
    }

    /// The number of events, as it grows. The log is followed only while somebody wants to know.
    fn follow(self: &Arc<Self>) -> watch::Receiver<u64> {
        let mut followed = self.followed.lock().expect("nothing panics while it holds the flag");
        self.events.send_replace(self.runtime.log().events());
        let receiver = self.events.subscribe();
        if !*followed {
            *followed = true;
            tokio::spawn(self.clone().run());
        }
        receiver
    }

    async fn run(self: Arc<Self>) {
        while !self.left_alone() {
            let head = self.clone();
            let waited = tokio::task::spawn_blocking(move || {
                let known = *head.events.borrow();
                head.runtime.log().wait_beyond(known, WAIT)
            });
            let Ok(events) = waited.await else {
                tracing::error!("waiting for the log failed; live readers will reconnect");
                *self.followed.lock().expect("nothing panics while it holds the flag") = false;
                return;
            };
            self.events.send_if_modified(|known| std::mem::replace(known, events.max(*known)) < events);
        }
    }

    /// Whether nobody listens any more; then the next who does starts the following again.
    fn left_alone(&self) -> bool {
        let mut followed = self.followed.lock().expect("nothing panics while it holds the flag");
        *followed = self.events.receiver_count() > 0;
        !*followed
    }
}

/// One reader's place.
struct Reader {
    state: State,
    visit: Visit,
    next: u64,
    ready: VecDeque<Written>,
    head: watch::Receiver<u64>,
    closing: watch::Receiver<bool>,
}

/// Every event from `next` on, and each new one as it comes, until the reader goes or the service closes.
pub(crate) fn events(
    state: State,
    visit: Visit,
    next: u64,
) -> Sse<KeepAliveStream<impl Stream<Item = Result<Event, Infallible>> + Send>> {
    let (head, closing) = (state.head.follow(), state.closing());
    let reader = Reader { state, visit, next, ready: VecDeque::new(), head, closing };
    let stream = stream::unfold(reader, |mut reader| async move {
        let event = reader.event().await?;
        Some((Ok(event), reader))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("still here"))
}

impl Reader {
    async fn event(&mut self) -> Option<Event> {
        loop {
            if *self.closing.borrow() {
                return None;
            }
            self.visit = self.visit.by_now(&self.state)?;
            if let Some(written) = self.ready.pop_front() {
                let names = self.visit.names(&self.state, written.journey());
                let event = Event::default().id(written.position().to_string());
                return Some(event.data(written.json(names).to_string()));
            }
            if self.next < *self.head.borrow_and_update() {
                self.read().await?;
            } else {
                tokio::select! {
                    grown = self.head.changed() => grown.ok()?,
                    _ = self.closing.wait_for(|closing| *closing) => return None,
                    // A token may be revoked while nothing happens.
                    () = tokio::time::sleep(LET_IN_CHECKED) => {}
                }
            }
        }
    }

    /// Reads the next portion. A stream that cannot go on ends: the reader reconnects from where it was.
    async fn read(&mut self) -> Option<()> {
        let (runtime, next) = (self.state.runtime.clone(), self.next);
        let read = move || Ok(wire::in_order(runtime.log().read(Position(next), PORTION)?));
        let portion = self.state.blocking.read(read).await.ok()?;
        self.next = portion.last()?.position().0 + 1;
        self.ready = portion.into();
        Some(())
    }
}
