//! Accounts, tokens and the access log on the command line, and where they go with the record.

use std::{fs, process::Command};

use serde_json::Value as Json;

use crate::{
    events::{ANNA, opened},
    place::{Place, command, text},
    server::{Answer, Server, send},
};

const STAFF: &str = "worker:w901";

fn array(value: &Json) -> &[Json] {
    value.as_array().expect("an array")
}

/// Whom this machine says these tests are run by.
pub fn user() -> String {
    let id = |what: &str| {
        let told = Command::new("id").args(["-r", what]).output().expect("the system says who runs this");
        String::from_utf8(told.stdout).expect("UTF-8").trim().to_owned()
    };
    let name = match Command::new("id").arg("-un").output() {
        Ok(told) if told.status.success() => String::from_utf8(told.stdout).expect("UTF-8").trim().to_owned(),
        _ => format!("uid-{}", id("-u")),
    };
    format!("local:{name}")
}

/// The facts of the access log's lines, in order.
fn facts(log: &Json) -> Vec<&str> {
    array(&log["entries"]).iter().map(|entry| entry["fact"].as_str().expect("a fact")).collect()
}

fn words<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    parts.concat()
}

/// Whether any file below holds these bytes.
fn holds(dir: &std::path::Path, secret: &[u8]) -> bool {
    fs::read_dir(dir).expect("a directory").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holds(&path, secret);
        }
        fs::read(&path).expect("a file").windows(secret.len()).any(|window| window == secret)
    })
}

#[test]
fn an_account_is_opened_given_a_token_and_closed() {
    let place = Place::with_demo();
    let opened = place.json(["account", "open", STAFF, "--role", "staff", "--worker", "w901"]);
    assert_eq!(
        (&opened["name"], &opened["roles"][0], &opened["worker"]),
        (&STAFF.into(), &"staff".into(), &"w901".into())
    );
    place.run(["account", "open", STAFF, "--role", "staff"]).refuses(3, &[STAFF, "change its roles"]);

    let told = place.run(["token", "issue", STAFF, "--label", "the desk", "--days", "7"]).is(0);
    let token = told.out.trim();
    assert!(token.starts_with("tlt_") && token.len() == 47 && !token.contains('\n'), "{}", told.out);
    assert!(told.err.contains("shown this once") && !told.err.contains(token), "{}", told.err);
    assert!(!holds(&place.data(), token.as_bytes()), "the token is in no file");
    assert!(!holds(&place.data(), b"the desk"), "nor what was said about it");

    let second = place.json(["token", "issue", STAFF]);
    let list = place.json(["token", "list", STAFF]);
    let tokens = array(&list["tokens"]);
    assert_eq!((tokens.len(), &tokens[0]["label"]), (2, &"the desk".into()));
    assert!(!list.to_string().contains("tlt_"));
    place.run(["token", "revoke", second["id"].as_str().expect("an id")]).is(0);
    let list = place.json(["token", "list", STAFF]);
    assert!(list["tokens"][0]["revoked"].is_null() && list["tokens"][1]["revoked"].is_string(), "{list}");

    place.json(["account", "roles", STAFF, "--role", "auditor", "--role", "evaluator"]);
    let shown = place.json(["account", "show", STAFF]);
    assert_eq!((array(&shown["roles"]).len(), &shown["worker"]), (2, &"w901".into()), "{shown}");
    place.run(["account", "close", STAFF]).is(0);
    place.run(["token", "issue", STAFF]).refuses(3, &["closed", "open it again"]);
    assert!(place.run(["account", "list"]).is(0).out.contains(STAFF));
    let shown = place.run(["account", "show", STAFF]).is(0).out;
    assert!(shown.contains("closed") && shown.matches("revoked").count() == 2, "{shown}");
}

#[test]
fn what_is_no_account_role_token_or_grant_is_refused_with_what_is() {
    let place = Place::with_demo();
    for (args, status, says) in [
        (&["account", "open", "Anna Smith", "--role", "staff"][..], 2, &["never a person's name"][..]),
        (&["account", "open", STAFF], 2, &["--role"]),
        (&["account", "open", STAFF, "--role", "boss"], 2, &["boss", "supervisor"]),
        (&["account", "show", STAFF], 3, &[STAFF, "account list"]),
        (&["account", "close", STAFF], 3, &[STAFF, "account list"]),
        (&["token", "issue", STAFF], 3, &[STAFF, "account list"]),
        (&["token", "revoke", "0123456789abcdef"], 3, &["0123456789abcdef", "token list"]),
        (&["token", "issue", "worker:w001", "--days", "400"], 3, &["400", "366"]),
        (&["access", "grant", "worker:w001", "--why", "x"], 2, &["--client"]),
        (&["access", "grant", "worker:w001", "--all"], 2, &["--why"]),
        (&["access", "grant", "worker:w001", "--all", "--why", " "], 3, &["why"]),
        (&["access", "end", "none"], 3, &["none", "account show"]),
        (&["access", "log", "--since", "yesterday"], 2, &["yesterday"]),
    ] {
        place.run(args).refuses(status, says);
    }
    let empty = Place::empty();
    for args in [&["account", "list"][..], &["token", "list", STAFF], &["access", "log"]] {
        empty.run(args).refuses(3, &["holds no log", "--data"]);
    }
    assert!(!empty.data().exists(), "nothing is made by asking");
}

#[test]
fn a_look_on_the_command_line_is_written_down_under_the_users_name() {
    let place = Place::with_demo();
    let run = |args: &[&str]| {
        let mut command = place.command(args);
        // Whatever a user says of himself.
        for name in ["USER", "LOGNAME", "USERNAME", "SUDO_USER", "HOME", "TMPDIR"] {
            command.env(name, "Nomsa B");
        }
        let told = command.output().expect("the binary starts");
        assert!(told.status.success(), "{told:?}");
    };
    run(&["history", "demo:1"]);
    run(&["show", "demo:1"]);
    run(&["import", "explain", "demo:1"]);
    run(&["show", "demo:2"]);
    let log = place.json(["access", "log", "--client", "demo:1"]);
    assert_eq!(facts(&log), ["record-read"; 3]);
    let what: Vec<&Json> = array(&log["entries"]).iter().map(|entry| &entry["what"]).collect();
    assert_eq!(what, ["history", "views", "sources"]);
    assert!(array(&log["entries"]).iter().all(|entry| entry["by"] == *user()), "{log}");
    let reads = || {
        let by_her = place.json(["access", "log", "--account", &user()]);
        facts(&by_her).into_iter().filter(|fact| *fact == "record-read").count()
    };
    assert_eq!(reads(), 4);
    let told = place.run(["access", "log"]).is(0).out;
    assert!(told.contains("access-log"), "looking at who looked is written down: {told}");
    let first = place.json(["access", "log", "--limit", "2"]);
    assert_eq!((array(&first["entries"]).len(), first["next"].is_u64()), (2, true));
    place.run(["history", "demo:99"]).is(3);
    assert_eq!(reads(), 4);
}

#[test]
fn a_look_that_cannot_be_written_down_is_not_given() {
    let place = Place::with_demo();
    let access = place.data().join("access");
    fs::remove_dir_all(&access).expect("the access log goes");
    fs::write(&access, "in the way").expect("something is in its place");
    for args in [&["history", "demo:1"][..], &["show", "demo:1"], &["import", "explain", "demo:1"]] {
        place.run(args).refuses(3, &["access"]);
    }
    fs::remove_file(&access).expect("it is taken away");
    place.run(["history", "demo:1"]).is(0);
}

#[test]
fn a_grant_is_given_for_a_reason_and_ended() {
    let place = Place::with_demo();
    let why = ["--why", "stands in for w003"];
    let grant = [
        "access",
        "grant",
        "worker:w001",
        "--client",
        "demo:3",
        "--names",
        "--until",
        "2099-01-01T00:00:00Z",
    ];
    let granted = place.json(words(&[&grant, &why]));
    let id = granted["grant"].as_str().expect("an id").to_owned();
    let shown = place.json(["account", "show", "worker:w001"]);
    let kept = &shown["grants"][0];
    assert_eq!(
        (&kept["names"], &kept["why"], &kept["client"]),
        (&true.into(), &"stands in for w003".into(), &granted["client"])
    );
    let past = ["access", "grant", "worker:w001", "--all", "--until", "2020-01-01T00:00:00Z"];
    place.run(words(&[&past, &why])).refuses(3, &["has passed"]);
    place.run(["access", "end", &id]).is(0);
    assert!(place.json(["account", "show", "worker:w001"])["grants"][0]["ended"].is_string());
    let log = place.json(["access", "log", "--client", "demo:3"]);
    assert_eq!(facts(&log), ["leave-granted"]);
}

#[test]
fn the_first_run_opens_one_account_and_shows_its_token_once() {
    let place = Place::empty();
    let server = Server::on(&place);
    let url = server.url();
    for args in [&["account", "list"][..], &["token", "issue", "admin:first"], &["access", "log"]] {
        place.run(args).refuses(3, &["held by a running server", &url]);
    }
    let said = server.stop();
    let token = said.lines().map(str::trim).find(|line| line.starts_with("tlt_")).expect("a token");
    assert!(said.contains("admin:first") && token.len() == 47, "{said}");
    assert!(!holds(&place.data(), token.as_bytes()), "it is in no file");
    let first = place.json(["account", "show", "admin:first"]);
    assert_eq!(
        (&first["roles"], array(&first["tokens"]).len()),
        (&serde_json::json!(["supervisor", "admin"]), 1)
    );
    let said = Server::on(&place).stop();
    assert!(!said.contains("tlt_") && !said.contains("admin:first"), "{said}");
}

/// What the server answers to whoever comes with this token, or none.
fn asks(server: &Server, token: Option<&str>, path: &str) -> Answer {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
    send(server.address(), "GET", path, &headers, "").expect("an answer")
}

#[test]
fn a_served_directory_asks_for_a_token_shows_staff_their_own_clients_and_writes_down_who_looked() {
    let place = Place::with_demo();
    let issue = |name: &str| {
        let issued = place.json(["token", "issue", name]);
        (
            issued["token"].as_str().expect("a token").to_owned(),
            issued["id"].as_str().expect("an id").to_owned(),
        )
    };
    let ((staff, staff_id), (supervisor, _)) = (issue("worker:w001"), issue("supervisor:s1"));
    let server = Server::on(&place);
    assert_eq!(asks(&server, None, "/v1/journeys").status, 401);
    assert_eq!(asks(&server, Some(&staff[..46]), "/v1/journeys").status, 401);
    let clients = |token: &str| -> Vec<String> {
        let list = asks(&server, Some(token), "/v1/journeys?limit=1000").is(200).json();
        array(&list["journeys"])
            .iter()
            .map(|one| one["journey"].as_str().expect("an id").to_owned())
            .collect()
    };
    let (own, all) = (clients(&staff), clients(&supervisor));
    assert!(!own.is_empty() && own.len() < all.len(), "{} of {}", own.len(), all.len());
    let foreign = all.iter().find(|id| !own.contains(id)).expect("a client of somebody else").clone();
    asks(&server, Some(&staff), &format!("/v1/journeys/{}/engagement", own[0])).is(200);
    let refused = asks(&server, Some(&staff), &format!("/v1/journeys/{foreign}/engagement"));
    assert!([403, 404].contains(&refused.status), "{refused:#?}");
    server.stop();

    let of = |client: &str| place.json(["access", "log", "--client", client]);
    assert_eq!(
        (facts(&of(&own[0])), of(&own[0])["entries"][0]["by"].as_str()),
        (vec!["record-read"], Some("worker:w001"))
    );
    assert_eq!(facts(&of(&foreign)), ["refused"], "who was turned away from a client is known too");
    place.run(["token", "revoke", &staff_id]).is(0);
    let server = Server::on(&place);
    assert_eq!(asks(&server, Some(&staff), "/v1/journeys").status, 401, "revoked is revoked");
    assert_eq!(asks(&server, Some(&supervisor), "/v1/journeys").status, 200);
}

#[test]
fn the_demo_opens_accounts_of_every_role() {
    let place = Place::with_demo();
    let accounts = place.json(["account", "list"]);
    for role in ["staff", "supervisor", "auditor", "evaluator", "admin", "writer"] {
        let one = array(&accounts["accounts"])
            .iter()
            .find(|account| array(&account["roles"]).len() == 1 && account["roles"][0] == role);
        assert!(one.is_some(), "{role}");
    }
    let visitor = place.json(["account", "show", "demo:visitor"]);
    assert_eq!(array(&visitor["roles"]).len(), 6);
    let staff = place.json(["account", "show", "worker:w001"]);
    assert_eq!(staff["worker"], "w001");
    let history = place.json(["history", "demo:1"]).to_string();
    assert!(history.contains("worker:w0"), "the workers are those who signed the record");
}

#[test]
fn the_access_log_goes_where_the_record_goes() {
    let place = Place::with_demo();
    place.run(["history", "demo:1"]).is(0);
    let token = place.json(["token", "issue", "worker:w001"]);
    let accounts = place.json(["account", "list"]);
    let backup = place.beside("backup");
    let copied = place.json(["backup", text(&backup)]);
    let events = copied["access"]["events"].as_u64().expect("a count");
    assert!(events > 20, "{copied}");
    place.run(["history", "demo:2"]).is(0);

    let restored = place.beside("restored");
    let run = |args: &[&str]| -> Json {
        let told = command(&restored, args).arg("--json").output().expect("the binary starts");
        assert!(told.status.success(), "{told:?}");
        serde_json::from_slice(&told.stdout).expect("one JSON document")
    };
    // The record is cut; who read what is not.
    assert_eq!(run(&["restore", text(&backup), "--to", "10"])["access"]["events"], events);
    assert_eq!(run(&["account", "list"]), accounts);
    assert_eq!(run(&["token", "list", "worker:w001"])["tokens"][0]["id"], token["id"]);
    let verified = run(&["verify", "--deep"]);
    assert_eq!(
        (&verified["ok"], &verified["access"]["events"]),
        (&true.into(), &(events + 1).into()),
        "that it was restored is written down: {verified}"
    );
    assert_eq!(run(&["repair"])["access"]["gaps"], Json::Array(Vec::new()));
    assert!(run(&["doctor"])["findings"].to_string().contains("accounts are open"));
}

#[test]
fn an_access_log_that_was_changed_is_found_and_mended() {
    let place = Place::with_demo();
    place.run(["history", "demo:1"]).is(0);
    let journal = place.data().join("access").join("journal").join("0000000000000000.seg");
    let mut bytes = fs::read(&journal).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&journal, &bytes).expect("it is changed");
    let verified = place.run(["verify", "--deep", "--json"]).is(1).json();
    assert_eq!((&verified["ok"], array(&verified["problems"]).len()), (&false.into(), 0), "{verified}");
    let problem = &verified["access"]["problems"][0];
    assert!(problem["file"].as_str().is_some_and(|file| file.contains("access")), "{problem}");
    let told = place.run(["verify", "--deep"]).is(1).out;
    assert!(told.contains("access") && told.contains("throughline repair"), "{told}");
    let repaired = place.json(["repair"]);
    assert_eq!(
        (&repaired["ok"], array(&repaired["access"]["mended"]).is_empty()),
        (&true.into(), false),
        "{repaired}"
    );
    assert_eq!(place.json(["verify", "--deep"])["ok"], true);
}

#[test]
fn facts_of_access_are_not_taken_in_by_any_way() {
    let place = Place::empty();
    let event = |subject: Option<&str>| {
        let mut event = opened(1);
        event["type"] = "throughline.access.record-read.v1".into();
        event["data"]["facts"] = serde_json::json!({ "client": ANNA, "what": "history" });
        event["data"]["personal"] = Json::Null;
        event["subject"] = subject.map_or(Json::Null, Json::from);
        event.to_string()
    };
    let server = Server::on(&place);
    server
        .append(ANNA, &serde_json::from_str(&event(None)).expect("JSON"))
        .refuses(422, "invalid-event")
        .at("/type");
    server.stop();
    let file = place.file("read.json", &event(None));
    place.run(["append", ANNA, &file]).refuses(3, &["access log"]);
    let file = place.file("reads.json", &event(Some(ANNA)));
    let told = place.run(["import", "events", &file, "--strict", "--json"]).is(1).json();
    assert_eq!((&told["events"], &told["rejected"]), (&0.into(), &1.into()), "{told}");
}
