//! Which account brought an event in: said by the access log, whatever the event itself says.

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value as Json, json};
use throughline_access::Role;
use throughline_domain::{Access, Draft, Event};
use throughline_http::Visitors;
use throughline_log::{Error, EventLog, Expected, Log, Receipt};

use crate::{
    unwritable::Unwritable,
    world::{ANNA, Answer, World, contact, opened},
};

const WRITER: &str = "machine:intake";

/// What the access log has of whoever brought the event at this position in.
async fn brought(world: &World, auditor: &str, position: u64) -> Vec<Json> {
    let log = world.ask(auditor, "GET", &format!("/v1/access-log?brought={position}"), None).await.is(200);
    log.json()["entries"].as_array().expect("entries").clone()
}

async fn send(world: &World, token: &str, events: &Json) -> Answer {
    world.ask(token, "POST", &format!("/v1/journeys/{ANNA}/events"), Some(events)).await
}

#[tokio::test]
async fn an_auditor_finds_which_machine_brought_an_event_in_that_names_somebody_else() {
    let world = World::by_token().await;
    let (one, two) =
        (world.account(WRITER, &[Role::Writer], None), world.account("machine:other", &[Role::Writer], None));
    let auditor = world.account("auditor:a1", &[Role::Auditor], None);
    send(&world, &one, &json!([opened(1), contact(2, "2026-03-02")])).await.is(201);
    send(&world, &two, &json!(contact(3, "2026-03-03"))).await.is(201);
    for (position, by) in [(0, WRITER), (1, WRITER), (2, "machine:other")] {
        let entries = brought(&world, &auditor, position).await;
        let [entry] = entries.as_slice() else { panic!("one brought {position}: {entries:?}") };
        assert_eq!(
            (&entry["by"], &entry["fact"], &entry["what"]),
            (&json!(by), &json!("events-brought"), &json!("append"))
        );
        assert_eq!(entry["client"], ANNA);
    }
    let first = &brought(&world, &auditor, 0).await[0];
    assert_eq!((&first["positions"], &first["events"]), (&json!([{ "first": 0, "last": 1 }]), &json!(2)));
    assert_eq!(brought(&world, &auditor, 3).await, [] as [Json; 0]);
    // What is refused brought nothing in.
    let before = world.access.log(&throughline_access::Wanted::default(), 1000).expect("read").entries.len();
    send(&world, &one, &json!([opened(9)])).await.refuses(422, "rejected");
    let after = world.access.log(&throughline_access::Wanted::default(), 1000).expect("read").entries.len();
    assert_eq!(before, after);
}

#[tokio::test]
async fn where_it_cannot_be_said_who_sent_an_event_it_is_sent_again_and_is_there_once() {
    let is_full = Arc::new(AtomicBool::new(false));
    let disk = is_full.clone();
    let world = World::over(Visitors::ByToken, move |log| Arc::new(Unwritable { log, is_full: disk })).await;
    let writer = world.account(WRITER, &[Role::Writer], None);
    let auditor = world.account("auditor:a1", &[Role::Auditor], None);
    let events = || world.runtime.log().events();
    is_full.store(true, Ordering::SeqCst);
    let first = json!([opened(1)]);
    let told = send(&world, &writer, &first).await.refuses(503, "unrecorded");
    let said = told.json()["detail"].to_string();
    assert!(
        said.contains("are recorded") && said.contains("send the same again") && said.contains("same ids"),
        "{said}"
    );
    assert_eq!((events(), told.header("retry-after")), (1, "5"), "it is durable");
    // From then on nothing comes in whose sender cannot be said.
    let told = send(&world, &writer, &json!([contact(2, "2026-03-02")])).await.refuses(503, "unrecorded");
    assert!(!told.json()["detail"].to_string().contains("are recorded"), "{}", told.json());
    assert_eq!(events(), 1, "nothing more was taken");
    is_full.store(false, Ordering::SeqCst);
    let again = send(&world, &writer, &first).await.is(201).json();
    assert_eq!((&again["events"][0]["repeated"], &again["position"], events()), (&json!(true), &json!(0), 1));
    let entries = brought(&world, &auditor, 0).await;
    assert_eq!((entries.len(), &entries[0]["by"], &entries[0]["events"]), (1, &json!(WRITER), &json!(0)));
    send(&world, &writer, &json!([contact(2, "2026-03-02")])).await.is(201);
    assert_eq!(brought(&world, &auditor, 1).await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_not_given_is_not_given_again_by_its_key() {
    let world = World::unwritable().await;
    let key = [("Idempotency-Key", "k-1")];
    let event = json!([contact(7, "2026-03-09")]);
    for _ in 0..2 {
        world.append_with(ANNA, &event, &key).await.refuses(503, "unrecorded");
    }
}

#[tokio::test]
async fn an_import_says_who_began_it_and_where_its_events_stand_and_again_when_sent_again() {
    let world = World::with_anna().await;
    let line = |n, day: &str| {
        let mut event = contact(n, day);
        event["subject"] = json!(ANNA);
        event.to_string()
    };
    let of_imports = || {
        let log = world.access.log(&throughline_access::Wanted::default(), 1000).expect("read").entries;
        let told =
            log.into_iter().filter(|entry| entry.what.as_ref().is_some_and(|what| what.as_str() == "import"));
        told.map(|entry| {
            let ends = entry.positions.iter().map(|at| (at.first.0, at.last.0)).collect::<Vec<_>>();
            (entry.fact, ends, entry.events)
        })
        .collect::<Vec<_>>()
    };
    let body = format!("{}\n{}\n", line(11, "2026-03-04"), line(12, "2026-03-05"));
    world.import_lines("validate", body.clone()).await;
    assert_eq!(of_imports(), [], "a rehearsal brings nothing in");
    assert_eq!(world.import_lines("commit", body.clone()).await["state"], "done");
    let once = [("operated", vec![], None), ("events-brought", vec![(2, 3)], Some(2))];
    assert_eq!(of_imports(), once);
    world.import_lines("commit", body).await;
    assert_eq!(of_imports()[2..], [("operated", vec![], None), ("events-brought", vec![(2, 3)], Some(0))]);
}

#[tokio::test]
async fn who_ordered_an_erasure_is_in_the_access_log_too() {
    let world = World::with_anna().await;
    let order = json!({ "level": "identity", "reason": "asked", "requested_by": "client" });
    let told =
        world.ask("", "POST", &format!("/v1/journeys/{ANNA}/erasures"), Some(&order)).await.is(200).json();
    let wanted =
        throughline_access::Wanted { client: Some(ANNA.parse().expect("an id")), ..Default::default() };
    let log = world.access.log(&wanted, 100).expect("read").entries;
    let last = log.last().expect("an entry");
    assert_eq!(
        (last.fact, last.what.as_ref().map(ToString::to_string)),
        ("operated", Some("erase".to_owned()))
    );
    assert_eq!(told["certificates"][0]["actor"], json!(last.by), "{told}");
}

/// An access log at which those who say that they brought events in wait for each other.
struct Meeting {
    log: Log,
    here: Mutex<usize>,
    all: Condvar,
    met: Arc<AtomicBool>,
}

const GUESTS: usize = 4;

impl EventLog for Meeting {
    fn append(&self, batch: Vec<Draft>, expected: &[Expected]) -> Result<Receipt, Error> {
        if matches!(batch[0].event, Event::Access(Access::EventsBrought(_))) {
            let mut here = self.here.lock().expect("nobody panics");
            *here += 1;
            self.all.notify_all();
            let (mut here, waited) = self
                .all
                .wait_timeout_while(here, Duration::from_secs(3), |here| *here < GUESTS)
                .expect("nobody panics");
            if waited.timed_out() {
                *here -= 1;
            } else {
                self.met.store(true, Ordering::SeqCst);
            }
        }
        self.log.append(batch, expected)
    }

    throughline_log::pass_on!(log: events, wait_beyond, read, read_journey, version, position, tree, find);
    throughline_log::pass_on!(log: events_at, head, scan, seal, open_sealed, namespace, derive);
}

#[tokio::test]
async fn appends_do_not_wait_for_each_other_at_the_access_log() {
    let met = Arc::new(AtomicBool::new(false));
    let seen = met.clone();
    let world = World::over(Visitors::ByToken, move |log| {
        Arc::new(Meeting { log, here: Mutex::new(0), all: Condvar::new(), met: seen })
    })
    .await;
    let writer = world.account(WRITER, &[Role::Writer], None);
    let send = async |n: u128| {
        let path = format!("/v1/journeys/00000000-0000-4000-8000-0000000000{n:02}/events");
        world.ask(&writer, "POST", &path, Some(&json!([opened(n)]))).await.is(201);
    };
    tokio::join!(send(11), send(12), send(13), send(14));
    assert!(met.load(Ordering::SeqCst), "all of them are at the access log at once, and share its commits");
}
