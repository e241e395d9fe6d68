//! The process that reads a damaged directory for the fault suite: opens the log and its views as the service does, and
//! says every answer as a line with a short hash, so that answers can be compared with those before the damage. An
//! answer that could not be had is a line that begins with `error`.
//!
//! Words: the directory, and a file that lists what to ask (`journey <id>`, `event <id>`). With a third word, `repair`,
//! the directory is repaired first.

#![allow(clippy::print_stdout, reason = "it speaks to the suite through standard output")]

use std::{
    fmt::{Debug, Display},
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::civil::{Date, date};
use throughline_cli::{clock, data::Data};
use throughline_domain::{EventId, JourneyId, Position};
use throughline_log::{AsOf, EventLog, Log, repair, verify};
use throughline_runtime::{Filter, Runtime};
use throughline_tests::faults::wait_until_free;

/// The day on which views are asked.
const ON: Date = date(2026, 5, 31);

/// How long views may take to catch up.
const CAUGHT_UP: Duration = Duration::from_secs(20);

fn main() {
    let mut words = std::env::args().skip(1);
    let dir = PathBuf::from(words.next().expect("a directory"));
    let asked = fs::read_to_string(words.next().expect("a list")).expect("the list of what to ask");
    wait_until_free(&dir);
    if words.next().is_some() {
        answer("repair", repair(&dir, None).map(|_| "done"));
    }
    read(&dir, &asked);
    match verify(&dir, true, &|_, _| {}) {
        Ok(found) if found.problems.is_empty() => println!("verified {} {:?}", found.events, found.root),
        Ok(found) => {
            for problem in found.problems {
                println!("error verify {}, position {}: {}", problem.file, problem.position, problem.what);
            }
        }
        Err(error) => println!("error verify {error}"),
    }
}

fn read(dir: &Path, asked: &str) {
    let opened = match Data::new(dir).open_existing(clock::system()) {
        Ok(opened) => opened,
        Err(error) => return println!("error open {error:#}"),
    };
    println!("opened {}", opened.log.events());
    read_log(&opened.log, asked);
    read_views(&opened.runtime, asked);
    opened.runtime.stop();
}

fn read_log(log: &Log, asked: &str) {
    let mut visit = |history: throughline_log::History, _| {
        for recorded in history.events {
            println!("at {} {}", recorded.position, short(&recorded));
        }
        Ok(())
    };
    if let Err(error) = log.scan(log.events(), &|_| true, &mut visit) {
        println!("error scan {error}");
    }
    for journey in named::<JourneyId>(asked, "journey ") {
        answer(&format!("journey {journey}"), log.read_journey(journey, AsOf::Now).map(|read| short(&read)));
        answer(&format!("version {journey}"), log.version(journey));
    }
    for event in named::<EventId>(asked, "event ") {
        answer(&format!("event {event}"), log.find(event).map(|found| short(&found)));
    }
}

fn read_views(runtime: &std::sync::Arc<Runtime>, asked: &str) {
    runtime.start();
    let head = runtime.log().events();
    if !runtime.wait_applied(head, CAUGHT_UP) {
        println!("error views they are at {} of {head} events", runtime.applied());
    }
    let then = AsOf::Position(Position(head / 2));
    for projector in runtime.projectors().iter() {
        let name = projector.name();
        for journey in named::<JourneyId>(asked, "journey ") {
            for as_of in [AsOf::Now, then] {
                let said = runtime.answer(name, journey, as_of, None, ON);
                answer(&format!("view {name} {journey} {as_of:?}"), said.map(|said| short(&said.body)));
            }
        }
        for list in projector.work_lists() {
            let work = runtime.work(list.name, &Filter::default(), ON);
            answer(&format!("work {}", list.name), work.map(|work| short(&work)));
        }
        for by in [None, Some("programme".parse().expect("a grouping"))] {
            let figures = runtime.figures(name, &Filter::default(), by.as_ref(), ON);
            answer(&format!("figures {name} {by:?}"), figures.map(|figures| short(&figures)));
        }
    }
    let clients = runtime.journeys(&Filter::default(), None, usize::MAX);
    answer("clients", clients.map(|clients| short(&clients)));
}

fn answer(what: &str, answer: Result<impl Display, impl Display>) {
    match answer {
        Ok(answer) => println!("{what} {answer}"),
        Err(error) => println!("error {what} {error}"),
    }
}

/// The ids that follow this word in the list.
fn named<T: std::str::FromStr>(asked: &str, word: &str) -> Vec<T>
where
    T::Err: Debug,
{
    let ids = asked.lines().filter_map(|line| line.strip_prefix(word));
    ids.map(|id| id.parse().expect("an id")).collect()
}

/// Enough to tell answers apart.
fn short(of: &impl Debug) -> String {
    let mut hasher = DefaultHasher::new();
    format!("{of:?}").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
