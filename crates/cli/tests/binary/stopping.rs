//! Stopping, killed or asked: whatever was acknowledged is there afterwards.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::{
    events::{ANNA, contact, enrolled, event, id, opened},
    place::Place,
    server::{Server, send},
};

#[test]
fn told_to_stop_a_server_leaves_a_clean_directory() {
    let place = Place::empty();
    let server = Server::on(&place);
    let note = server.data().join("served-at");
    assert_eq!(std::fs::read_to_string(&note).expect("a note").trim(), server.url());
    server.append(ANNA, &json!([opened(1), enrolled(2), contact(3, "2026-03-03")])).is(201);
    let said = server.stop();
    assert!(said.contains("stopping"), "{said}");
    assert!(!note.exists(), "the note goes with the server");
    assert_eq!(place.ids(ANNA), [id(1), id(2), id(3)]);
    assert_eq!(place.events(), 3);
    let server = Server::on(&place);
    let view = server.get(&format!("/v1/journeys/{ANNA}/engagement?min_position=2")).is(200).json();
    assert_eq!(view["version"], 3);
}

/// Journeys and the ids of events in them that a server said it had written.
type Acknowledged = Mutex<Vec<(String, String)>>;

/// Writers that append one event after another, each to a journey of its own, until the server is gone; what was
/// acknowledged to them.
fn write_until_gone(server: &Server, writers: u64) -> (Arc<Acknowledged>, Vec<thread::JoinHandle<()>>) {
    let acknowledged = Arc::new(Acknowledged::default());
    let threads = (0..writers)
        .map(|writer| {
            let (address, authorization) = (server.address().to_owned(), server.authorization());
            let acknowledged = Arc::clone(&acknowledged);
            thread::spawn(move || {
                let journey = format!("writer:{writer}");
                let path = format!("/v1/journeys/{journey}/events");
                for n in (writer + 1) * 100_000.. {
                    let event = if n % 100_000 == 0 { opened(n) } else { contact(n, "2026-03-03") };
                    let headers = [("Content-Type", "application/json"), ("Authorization", &authorization)];
                    match send(&address, "POST", &path, &headers, &event.to_string()) {
                        Ok(answer) if answer.status == 201 => {
                            acknowledged.lock().expect("no writer failed").push((journey.clone(), id(n)));
                        }
                        Ok(answer) => assert_eq!(answer.status, 503, "{answer:#?}"),
                        Err(_) => break,
                    }
                }
            })
        })
        .collect();
    (acknowledged, threads)
}

fn wait_for(acknowledged: &Acknowledged, many: usize) {
    for _ in 0..3_000 {
        if acknowledged.lock().expect("no writer failed").len() >= many {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("the server takes no events");
}

fn assert_all_there(place: &Place, acknowledged: &[(String, String)], writers: u64) {
    let mut there = 0;
    for writer in 0..writers {
        let journey = format!("writer:{writer}");
        let ids = place.ids(&journey);
        for (_, id) in acknowledged.iter().filter(|(of, _)| *of == journey) {
            assert!(ids.contains(id), "{id} was acknowledged and is gone");
        }
        there += ids.len();
    }
    assert!(there >= acknowledged.len());
    assert!(there <= acknowledged.len() + usize::try_from(writers).expect("few"), "one each was under way");
    assert_eq!(place.events(), there as u64);
}

#[test]
fn killed_in_the_middle_of_appends_nothing_acknowledged_is_lost() {
    const WRITERS: u64 = 4;
    let place = Place::empty();
    let server = Server::on(&place);
    let note = server.data().join("served-at");
    let (acknowledged, threads) = write_until_gone(&server, WRITERS);
    wait_for(&acknowledged, 200);
    server.kill();
    for thread in threads {
        thread.join().expect("a writer");
    }
    let acknowledged = acknowledged.lock().expect("no writer failed").clone();
    assert!(note.exists(), "a killed server leaves its note");
    assert_all_there(&place, &acknowledged, WRITERS);
    assert!(!note.exists(), "who opens the directory next clears it away");
    let doctor = place.json(["doctor"]);
    assert!(doctor["findings"].to_string().contains(&format!("{} events", place.events())), "{doctor}");

    let server = Server::on(&place);
    let last = place_of_last(&server);
    for writer in 0..WRITERS {
        let path = format!("/v1/journeys/writer:{writer}/engagement?min_position={last}&on=2026-04-01");
        let view = server.get(&path).is(200).json();
        assert!(view["applied_position"].as_u64() >= Some(last), "a restart catches the views up");
    }
    server.stop();
    let show =
        || (0..WRITERS).map(|writer| place.json(["show", &format!("writer:{writer}"), "--on", "2026-04-01"]));
    let live: Vec<_> = show().collect();
    place.json(["rebuild"]);
    assert_eq!(live, show().collect::<Vec<_>>());
}

fn place_of_last(server: &Server) -> u64 {
    let receipt = server.append(ANNA, &opened(1)).is(201).json();
    receipt["position"].as_u64().expect("a position")
}

#[test]
fn asked_to_stop_in_the_middle_of_appends_nothing_acknowledged_is_lost() {
    const WRITERS: u64 = 4;
    let place = Place::empty();
    let server = Server::on(&place);
    let (acknowledged, threads) = write_until_gone(&server, WRITERS);
    wait_for(&acknowledged, 100);
    server.stop();
    for thread in threads {
        thread.join().expect("a writer");
    }
    let acknowledged = acknowledged.lock().expect("no writer failed").clone();
    assert_all_there(&place, &acknowledged, WRITERS);
}

#[test]
fn what_the_command_line_appended_is_in_the_views_of_the_next_server() {
    let place = Place::empty();
    Server::on(&place).stop();
    let died = event(3, "milestone.died", "2026-03-09", &json!({}));
    let events = place.file("events.json", &json!([opened(1), enrolled(2), died]).to_string());
    place.run(["append", ANNA, &events]).is(0);
    let server = Server::on(&place);
    let path = format!("/v1/journeys/{ANNA}/outcomes?min_position=2&on=2026-04-01");
    let view = server.get(&path).is(200).json();
    assert!(view.to_string().contains("2026-03-09"), "{view}");
}

#[test]
fn a_demo_that_was_killed_is_not_served_as_if_it_were_whole() {
    let place = Place::empty();
    let mut making =
        place.command(["demo", "--no-serve", "--clients", "50000"]).spawn().expect("the binary starts");
    let unfinished = place.data().join("demo-unfinished");
    for _ in 0..600 {
        if unfinished.exists() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    making.kill().expect("the demo is killed");
    making.wait().expect("the demo is gone");
    assert!(unfinished.exists(), "it was killed while it made the data");
    place.run(["demo", "--no-serve"]).refuses(3, &["cut short", "delete the directory"]);
}
