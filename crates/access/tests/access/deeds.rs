//! What is written down of who did what, and that it is.

use std::{sync::atomic::Ordering, thread};

use throughline_access::{Deed, Entry, Error, Role, Wanted};
use throughline_domain::{Event, JourneyId};
use throughline_log::EventLog as _;

use crate::house::{House, actor, client, code, keeper};

fn read(n: u128) -> Deed {
    Deed::Read { client: client(n), what: code("history") }
}

fn told(entries: &[Entry]) -> Vec<(String, &'static str, Option<JourneyId>)> {
    entries.iter().map(|entry| (entry.by.to_string(), entry.fact, entry.client)).collect()
}

#[test]
fn who_read_a_client_stands_with_the_client_and_nobody_elses_reads_do() {
    let house = House::new();
    let (one, two) =
        (house.caller("worker:w1", &[Role::Staff]), house.caller("auditor:a1", &[Role::Auditor]));
    house.access.record(Some(&one), read(1)).expect("written down");
    house.access.record(Some(&two), read(2)).expect("written down");
    let taken = Deed::Exported {
        client: Some(client(1)),
        what: code("audit-pack"),
        purpose: Some(code("data-sharing")),
    };
    house.access.record(Some(&two), taken).expect("written down");
    let house = house.again();
    let of = house.access.log_of(client(1)).expect("read");
    assert_eq!((&of[0].purpose, &of[1].purpose), (&None, &Some(code("data-sharing"))));
    assert_eq!(
        told(&of),
        [
            ("worker:w1".to_owned(), "record-read", Some(client(1))),
            ("auditor:a1".to_owned(), "exported", Some(client(1))),
        ]
    );
    assert_eq!(house.access.log_of(client(3)).expect("read"), []);
}

#[test]
fn a_look_is_durable_before_it_is_answered() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    for n in 0..20 {
        let before = house.log.events();
        house.access.record(Some(&caller), read(n)).expect("written down");
        assert_eq!(house.log.events(), before + 1, "it is in the log when record comes back");
    }
}

#[test]
fn what_cannot_be_written_down_is_an_error_whatever_it_is() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    let deeds = || {
        [
            read(1),
            Deed::Listed { what: code("journeys"), clients: Some(4) },
            Deed::Exported { client: None, what: code("parquet"), purpose: None },
            Deed::Refused { client: Some(client(9)), what: code("history"), why: code("not-in-caseload") },
            Deed::SignedIn,
            Deed::SignedOut,
        ]
    };
    let before = house.log.events();
    house.log.full.store(true, Ordering::SeqCst);
    for deed in deeds() {
        for who in [Some(&caller), None] {
            assert!(matches!(house.access.record(who, deed.clone()), Err(Error::Log(_))), "{deed:?}");
        }
    }
    assert_eq!(house.log.events(), before);
    house.log.full.store(false, Ordering::SeqCst);
    for deed in deeds() {
        house.access.record(Some(&caller), deed).expect("there is room again");
    }
    assert_eq!(house.log.events(), before + 6);
}

#[test]
fn the_whole_log_is_read_in_pages_and_by_account_client_and_time() {
    let house = House::new();
    let (one, two) =
        (house.caller("worker:w1", &[Role::Staff]), house.caller("auditor:a1", &[Role::Auditor]));
    house.access.record(Some(&one), read(1)).expect("written down");
    house.pass(1);
    let later = house.now();
    house
        .access
        .record(Some(&two), Deed::Listed { what: code("journeys"), clients: Some(2) })
        .expect("written");
    let refused =
        Deed::Refused { client: Some(client(1)), what: code("history"), why: code("not-in-caseload") };
    house.access.record(Some(&one), refused).expect("written down");
    house
        .access
        .record(None, Deed::Refused { client: None, what: code("journeys"), why: code("token-unknown") })
        .expect("written down");
    let ask = |wanted: &Wanted| house.access.log(wanted, 100).expect("read").entries;
    let facts = |entries: Vec<Entry>| entries.iter().map(|entry| entry.fact).collect::<Vec<_>>();
    let all = ask(&Wanted::default());
    assert_eq!(
        facts(all.clone()),
        [
            "account-opened",
            "token-issued",
            "account-opened",
            "token-issued",
            "record-read",
            "list-read",
            "refused",
            "refused"
        ]
    );
    let since = Wanted { since: Some(later), ..Wanted::default() };
    assert_eq!(facts(ask(&since)), ["list-read", "refused", "refused"]);
    let of_client = Wanted { client: Some(client(1)), ..Wanted::default() };
    assert_eq!(facts(ask(&of_client)), ["record-read", "refused"]);
    let of_account = Wanted { account: Some(actor("worker:w1")), ..Wanted::default() };
    assert_eq!(facts(ask(&of_account)), ["account-opened", "token-issued", "record-read", "refused"]);
    assert_eq!(all.last().expect("a line").by, actor("system:stranger"));
    let (mut paged, mut next) = (Vec::new(), Some(throughline_domain::Position(0)));
    while let Some(from) = next {
        let page = house.access.log(&Wanted { from: Some(from), ..Wanted::default() }, 3).expect("read");
        assert!(page.entries.len() <= 3);
        paged.extend(page.entries);
        next = page.next;
    }
    assert_eq!(paged, all);
}

#[test]
fn a_stream_that_is_full_goes_on_in_its_next_part() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    house.log.stream_max.store(3, Ordering::SeqCst);
    for _ in 0..8 {
        house.access.record(Some(&caller), read(1)).expect("written down");
        house
            .access
            .record(Some(&caller), Deed::Listed { what: code("journeys"), clients: None })
            .expect("written");
    }
    assert_eq!(house.access.log_of(client(1)).expect("read").len(), 8);
    let lists = house.access.log(&Wanted::default(), 100).expect("read").entries;
    assert_eq!(lists.iter().filter(|entry| entry.fact == "list-read").count(), 8);
}

#[test]
fn many_reads_at_once_are_all_written_down() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    house.access.record(Some(&caller), read(1)).expect("written down");
                }
            });
        }
    });
    assert_eq!(house.access.log_of(client(1)).expect("read").len(), 200);
}

#[test]
fn nothing_but_facts_of_access_is_in_the_access_log() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    house.access.record(Some(&caller), read(1)).expect("written down");
    house.access.record(Some(&caller), Deed::SignedIn).expect("written down");
    house.access.close_account(&keeper(), &caller.account).expect("closed");
    let history = house.log.read(throughline_domain::Position(0), 100).expect("read");
    assert_eq!((history.events.len(), history.closed.len()), (6, 0));
    assert!(history.events.iter().all(|recorded| matches!(recorded.draft.event, Event::Access(_))));
}
