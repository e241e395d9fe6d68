//! What a pack tells.

use serde_json::Value as Json;
use throughline_access::Names;
use throughline_domain::{ErasureLevel, Position, testing::examples};
use throughline_log::AsOf;
use throughline_replay::pack::{self, Filter, NamesAre};
use throughline_vault::Vault;

use crate::world::{ANNA, World, agreed, anna, found, text};

fn told(files: &pack::Files) -> Vec<Json> {
    text(files, "events.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn positions(files: &pack::Files) -> Vec<u64> {
    told(files).iter().map(|event| event["position"].as_u64().unwrap()).collect()
}

#[test]
fn a_pack_has_the_journey_and_those_linked_to_it_oldest_first_and_proves_itself() {
    let world = World::with_anna();
    let pack = world.pack(|_| ());
    let verdict = pack::verify(&pack.files, Some(&world.key()));
    assert_eq!(verdict.problems, []);
    assert!(verdict.ok && verdict.page_compared && verdict.key_given);
    assert_eq!(positions(&pack.files), [3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 15]);
    assert_eq!(verdict.tally.as_ref(), Some(&pack.tally));
    assert_eq!((pack.tally.shown, pack.tally.journeys.len()), (11, 2));
    let checkpoint = verdict.checkpoint.unwrap();
    assert_eq!((checkpoint.events, verdict.journey), (17, Some(anna())));
}

#[test]
fn a_correction_shows_what_it_replaced_by_whom_and_why() {
    let pack = World::with_anna().pack(|_| ());
    let page = text(&pack.files, "index.html");
    let events = told(&pack.files);
    let recorded = |nth: usize| events[nth]["recordedat"].as_str().unwrap();
    // At the event: by what it was put right, by whom, when and why.
    let by = format!("corrected at <a href=\"#p7\">position 7</a> by worker:w9, {}: wrong date", recorded(3));
    assert!(page.contains(&by));
    // At the correction: what it replaced and why.
    assert!(
        page.contains(
            "Corrects <a href=\"#p4\">position 4</a> (contact made). Why: wrong date. By worker:w9."
        )
    );
    assert!(page.contains("<td>2026-03-05</td><td>2026-03-06</td>"));
    assert!(page.contains("<td>She called back.</td><td>She called back &lt;twice&gt;.</td>"));
    // A correction of a correction replaces what that one said, not the first.
    assert!(page.contains("<td>She called back &lt;twice&gt;.</td><td>She called back, twice.</td>"));
    // What was taken back stays, with why.
    let by =
        format!("taken back at <a href=\"#p8\">position 8</a> by worker:w17, {}: wrong person", recorded(4));
    assert!(page.contains(&by));
    assert!(page.contains("Takes back <a href=\"#p6\">position 6</a> (contact made). Why: wrong person."));
    assert!(page.contains("Somebody else's words."));
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("src="));
    let first = &events[1];
    assert_eq!(first["data"]["occurred"], "2026-03-05", "nothing is overwritten");
    assert!(first["correctedby"].is_string());
}

#[test]
fn the_first_page_says_what_was_asked_and_how_to_check_it() {
    let world = World::with_anna();
    let filter = Filter::of(Some("transaction"), None, None, Some("2026-03-31".parse().unwrap())).unwrap();
    let pack = world.pack(|wanted| {
        wanted.as_of = AsOf::Position(Position(11));
        wanted.filter = filter;
    });
    assert!(found(&pack.files).ok);
    let page = text(&pack.files, "index.html");
    let (first, _) = page.split_once("</header>").unwrap();
    for said in [
        anna().to_string().as_str(),
        "position 11",
        "2026-03-31",
        "family transaction",
        "the log's first 12 events",
        &world.key(),
        "throughline verify FOLDER --key",
    ] {
        assert!(first.contains(said), "{said}");
    }
    // Contacts until the end of March, and every amendment; Ben's contact in April was left out.
    assert_eq!(positions(&pack.files), [4, 6, 7, 8, 11]);
    assert_eq!(pack.tally.left_out, 3);
}

#[test]
fn names_that_are_withheld_are_in_no_file() {
    let world = World::with_anna();
    let pack = world.pack(|wanted| wanted.names = Names::Withheld);
    let verdict = found(&pack.files);
    assert_eq!(verdict.problems, []);
    assert_eq!((verdict.names, verdict.tally.unwrap().withheld), (Some(NamesAre::Withheld), 7));
    for (name, bytes) in &pack.files {
        let text = String::from_utf8_lossy(bytes);
        for secret in ["Anna Example", "called back", "other site", "diary"] {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
    }
    let openings = |pack: &pack::Pack| text(&pack.files, "sealed.ndjson").matches("\"opening\"").count();
    assert_eq!((openings(&pack), openings(&world.pack(|_| ()))), (11, 18));
}

#[test]
fn what_nobody_can_read_any_more_is_told_as_such_and_still_proved() {
    let destroy = |level| move |vault: &Vault| vault.destroy(anna(), level).unwrap();
    let nameless = World::with_anna().with_keys(destroy(ErasureLevel::Identity)).pack(|_| ());
    assert_eq!(found(&nameless.files).problems, []);
    assert_eq!((nameless.tally.nameless, nameless.tally.closed), (5, 0));
    let page = text(&nameless.files, "index.html");
    assert!(page.contains("the key was destroyed") && !page.contains("Anna Example"));
    let erased = World::with_anna().with_keys(destroy(ErasureLevel::All)).pack(|_| ());
    assert_eq!(found(&erased.files).problems, []);
    assert_eq!((erased.tally.shown, erased.tally.closed), (8, 8), "what merged her with Ben is closed too");
    assert!(text(&erased.files, "index.html").contains("Closed: its key was destroyed"));
    assert!(told(&erased.files).iter().all(|event| event["closed"] == true && event.get("data").is_none()));
}

#[test]
fn a_pack_as_known_then_is_the_pack_that_would_have_been_made_then() {
    let world = World::with_anna();
    let then = world.pack(|wanted| wanted.as_of = AsOf::Time("2026-06-01T13:30:00Z".parse().unwrap()));
    assert_eq!(found(&then.files).problems, []);
    assert_eq!(positions(&then.files), [3, 4]);
    assert!(told(&then.files).iter().all(|event| event.get("correctedby").is_none()));
    let before = world.pack(|wanted| wanted.as_of = AsOf::Position(Position(2)));
    assert_eq!((found(&before.files).problems, before.tally.shown), (Vec::new(), 0));
}

#[test]
fn every_fact_of_the_catalogue_is_packed_and_proved() {
    let world = World::new();
    let facts = examples();
    for (n, fact) in (1..).zip(facts.clone()) {
        world.write(throughline_domain::testing::draft(anna(), n, "2026-03-01", fact));
    }
    // A withdrawal of consent is among them.
    world.write(agreed(1_000, ANNA, "2026-03-02"));
    let pack = world.pack(|_| ());
    assert_eq!(found(&pack.files).problems, []);
    assert_eq!(pack.tally.shown, facts.len() as u64 + 1);
}

#[test]
fn a_folder_and_the_one_file_are_the_same_pack() {
    let dir = tempfile::tempdir().unwrap();
    let pack = World::with_anna().pack(|_| ());
    let folder = dir.path().join("pack");
    pack::write(&pack.files, &folder).unwrap();
    assert_eq!(pack::read(&folder).unwrap(), pack.files);
    assert!(pack::write(&pack.files, &folder).is_err(), "a folder with something in it is left alone");
    let file = dir.path().join("pack.tar");
    std::fs::write(&file, pack::tar(&pack.files, &pack.manifest).unwrap()).unwrap();
    assert_eq!(pack::read(&file).unwrap(), pack.files);
    assert!(pack::is_pack(&folder) && pack::is_pack(&file) && !pack::is_pack(dir.path()));
}
