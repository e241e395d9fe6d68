//! The transparency tree over HTTP: a stranger with the log's key alone can check what is answered.

use serde_json::json;
use throughline_proof::{Checkpoint, EntryBundle, Leaf, Note, TlogProof, VerifierKey, leaf_hash, root_of};

use crate::world::{ANNA, World, contact, id};

impl World {
    fn key(&self) -> VerifierKey {
        VerifierKey::parse(&self.runtime.log().tree().verifier_key()).expect("a key")
    }

    /// Returns once a checkpoint covers the event of this number.
    pub async fn signed(&self, n: u128) -> TlogProof {
        let proof = self.get(&format!("/v1/events/{}/proof", id(n))).await.is(200);
        assert_eq!(proof.header("content-type"), "text/plain; charset=utf-8");
        TlogProof::parse(&proof.text()).expect("a proof")
    }
}

#[tokio::test]
async fn an_event_is_proved_by_one_text_and_the_logs_key() {
    let world = World::with_anna().await;
    let proof = world.signed(2).await;
    let (data, checkpoint) = proof.check_extra(&world.key()).expect("it holds");
    let leaf = Leaf::parse(data).expect("a leaf");
    assert_eq!((leaf.header.position, leaf.header.type_name), (1, "throughline.intake.enrolled.v1"));
    assert!(checkpoint.size >= 2);
    for secret in ["housing-first", "north", "e-1"] {
        assert!(!String::from_utf8_lossy(data).contains(secret), "a leaf says nothing that is sealed");
    }
    world.get(&format!("/v1/events/{}/proof", id(99))).await.refuses(404, "unknown-event");
    world.get("/v1/events/anna/proof").await.refuses(422, "invalid-path");
}

#[tokio::test]
async fn checkpoint_tiles_and_entries_lead_to_one_root() {
    let world = World::with_anna().await;
    let batch: Vec<_> = (10..310).map(|n| contact(n, "2026-05-20")).collect();
    world.append(ANNA, &json!(batch)).await.is(201);
    world.signed(309).await;
    let text = world.get("/checkpoint").await.is(200);
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    assert!(text.header("cache-control").contains("no-cache"));
    let note = Note::parse(&text.text()).expect("a note");
    let checkpoint = Checkpoint::open(&note, &world.key()).expect("the log signed it");
    assert_eq!(checkpoint.size, 302);
    let mut leaves = Vec::new();
    for tile in ["000", "001.p/46"] {
        let hashes = world.get(&format!("/tile/0/{tile}")).await.is(200);
        assert!(hashes.header("cache-control").contains("immutable"));
        assert_eq!(hashes.header("content-type"), "application/octet-stream");
        let entries = world.get(&format!("/tile/entries/{tile}")).await.is(200).body;
        let entries: Vec<_> =
            EntryBundle::parse(&entries).expect("a bundle").entries().iter().map(|e| leaf_hash(e)).collect();
        assert_eq!(hashes.body, entries.as_flattened());
        leaves.extend(entries);
    }
    assert_eq!(root_of(&leaves), checkpoint.root);
    // What was partial at an earlier checkpoint is still answered so.
    let earlier = world.get("/tile/0/000.p/2").await.is(200).body;
    assert_eq!(earlier, leaves[..2].as_flattened());
    assert_eq!(world.get("/tile/1/000.p/1").await.is(200).body.len(), 32);
    for none in [
        "0/001",
        "0/001.p/47",
        "0/002",
        "1/000",
        "2/000.p/1",
        "entries/001.p/47",
        "0/../0/000",
        "x",
        "0/0",
        "0/x000/000",
        "99/000",
        "entries/x999/x999/999",
    ] {
        world.get(&format!("/tile/{none}")).await.refuses(404, "unknown-tile");
    }
}

#[tokio::test]
async fn metrics_say_what_the_checkpoint_covers() {
    let world = World::with_anna().await;
    world.signed(2).await;
    world.at("2026-06-01T08:00:30Z");
    let text = world.get("/metrics").await.is(200).text();
    for line in [
        "throughline_checkpoint_events 2",
        "throughline_checkpoint_age_seconds 30",
        "throughline_checkpoint_failing 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
}
