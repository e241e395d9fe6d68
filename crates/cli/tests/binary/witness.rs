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
        let (mut listening, mut text) = (Self { child, told: Json::Null }, String::new());
        while listening.told.is_null() {
            assert!(said.read_line(&mut text).expect("text") > 0, "it ended: {text}");
            listening.told = serde_json::from_str(&text).unwrap_or_default();
        }
        listening
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
    let witness = Listening::start(place.command(args).args(["--rate-limit", "1"]));
    witness.ask("GET", "/", "").is(200);
    witness.ask("POST", "/add-checkpoint", &"x".repeat(64 * 1024 + 1)).is(413);
    let mut answers = (0..200).map(|_| witness.ask("POST", "/add-checkpoint", "nothing"));
    let refused = answers.find(|answer| answer.status != 400).expect("one that came too soon");
    refused.refuses(429, "too-often");
    drop(witness);
    let unbounded = Listening::start(place.command(args).args(["--rate-limit", "0"]));
    assert!((0..60).all(|_| unbounded.ask("GET", "/", "").status == 200));
}

/// An authority of one's own, and a certificate from it for this name, as files: the authority's certificate, the other and
/// its key.
fn authority(place: &Place, name: &str) -> [String; 3] {
    let mut about = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    let root = about.self_signed(&key).expect("a certificate");
    let issuer = rcgen::Issuer::new(about, key);
    let own_key = rcgen::KeyPair::generate().expect("a key");
    let own = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let own = own.signed_by(&own_key, &issuer).expect("a certificate");
    let files = [("ca.pem", root.pem()), ("cert.pem", own.pem()), ("key.pem", own_key.serialize_pem())];
    files.map(|(name, pem)| place.file(name, &pem))
}

#[test]
fn an_authority_of_ones_own_is_trusted_where_it_is_named() {
    let place = Place::with_demo();
    let [ca, cert, key] = authority(&place, "127.0.0.1");
    let (log, state) = (place.data().join("tree/log.vkey"), place.beside("witness"));
    let witness = ["witness", "--log", text(&log), "--state", text(&state)];
    let encrypted = ["--bind", "127.0.0.1:0", "--tls-cert", &cert, "--tls-key", &key];

    // A witness that goes and looks.
    let serving = Listening::start(place.command(["serve"]).args(encrypted));
    let url = serving.told["url"].as_str().expect("a URL");
    let look = [&witness[..], &["--follow", url, "--once"]].concat();
    place.run(&look).refuses(3, &["UnknownIssuer", "--ca-cert"]);
    // It is none that the log knows: it was asked, which is what counts here.
    place.run([&look[..], &["--ca-cert", &ca]].concat()).refuses(3, &["answered 403"]);
    drop(serving);

    // A witness that is asked.
    let asked = Listening::start(place.command(witness).args(encrypted));
    let named =
        format!("{}={}", asked.told["witness"].as_str().unwrap(), asked.told["url"].as_str().unwrap());
    let serve = ["serve", "--bind", "127.0.0.1:0", "--witness", &named];
    let witnessed = |log: &Listening, looks: u32| {
        (0..looks).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            log.ask("GET", "/checkpoint/witnessed", "").status == 200
        })
    };
    assert!(!witnessed(&Listening::start(&mut place.command(serve)), 40), "an authority that nobody named");
    assert!(witnessed(&Listening::start(place.command(serve).args(["--ca-cert", &ca])), 300));

    for (file, why) in
        [(place.file("empty.pem", ""), "no certificate"), ("nowhere.pem".to_owned(), "No such file")]
    {
        let args = [&serve[..], &["--ca-cert", &file]].concat();
        place.run(args).refuses(3, &[&file, why, "name a PEM file"]);
    }
}

#[test]
fn what_is_wrong_with_a_certificate_of_an_authority_that_is_named_is_told() {
    let place = Place::with_demo();
    let [ca, cert, key] = authority(&place, "elsewhere.example");
    let (log, state) = (place.data().join("tree/log.vkey"), place.beside("witness"));
    let encrypted = ["--bind", "127.0.0.1:0", "--tls-cert", &cert, "--tls-key", &key];
    let serving = Listening::start(place.command(["serve"]).args(encrypted));
    let url = serving.told["url"].as_str().expect("a URL").replace("elsewhere.example", "127.0.0.1");
    let look = ["witness", "--log", text(&log), "--state", text(&state), "--follow", &url, "--once"];
    let told = place.run([&look[..], &["--ca-cert", &ca]].concat());
    told.clone().refuses(3, &["not valid for name"]);
    assert!(!told.err.contains("--ca-cert") && !told.err.contains("UnknownIssuer"), "{}", told.err);
}
