//! A witness at work: what it is asked is bounded, and what it asks itself may be encrypted under an authority of one's own.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value as Json;

use crate::{
    place::{Place, text},
    server::{Answer, send},
};

/// A process that says in JSON where it listens, and is killed when dropped.
pub struct Listening {
    child: Child,
    pub told: Json,
}

impl Listening {
    pub fn start(command: &mut Command) -> Self {
        let command = command.arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary starts");
        let mut said = BufReader::new(child.stdout.take().expect("standard output"));
        let mut text = String::new();
        loop {
            assert!(said.read_line(&mut text).expect("text") > 0, "it ended: {text}");
            if let Ok(told) = serde_json::from_str(&text) {
                return Self { child, told };
            }
        }
    }

    fn address(&self) -> &str {
        self.told["url"].as_str().expect("a URL").split_once("://").expect("a URL").1
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        send(self.address(), method, path, &[], body).expect("an answer")
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_witness_bounds_how_often_and_with_how_much_it_is_asked() {
    let place = Place::with_demo();
    let (log, state) = (place.data().join("tree/log.vkey"), place.beside("witness"));
    let args = ["witness", "--log", text(&log), "--state", text(&state), "--bind", "127.0.0.1:0"];
    let witness = Listening::start(place.command(args).args(["--rate-limit", "3"]));
    witness.ask("GET", "/", "").is(200);
    witness.ask("POST", "/add-checkpoint", &"x".repeat(64 * 1024 + 1)).is(413);
    let answers: Vec<Answer> = (0..20).map(|_| witness.ask("POST", "/add-checkpoint", "nothing")).collect();
    let let_through = answers.iter().filter(|answer| answer.status == 400).count();
    assert!((1..15).contains(&let_through), "{let_through} of 20 were let through");
    let refused = answers.into_iter().find(|answer| answer.status != 400).expect("one that came too soon");
    refused.refuses(429, "too-often");
    drop(witness);
    let unbounded = Listening::start(place.command(args).args(["--rate-limit", "0"]));
    assert!((0..60).all(|_| unbounded.ask("GET", "/", "").status == 200));
}
