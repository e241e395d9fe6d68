//! What witnesses hand over, and where it is told.

use axum::{body::Body, http::Request};
use throughline_proof::{Checkpoint, Note, SigningKey, TlogProof, VerifierKey};

use crate::world::{ANNA, Answer, World, contact, id};

/// 1 June 2026, eight o'clock: the time of the world.
const NOW: u64 = 1_780_300_800;

fn witness(seed: u8) -> SigningKey {
    SigningKey::new("witness.example", &[seed; 32]).expect("a key")
}

impl World {
    async fn hand_over(&self, body: impl Into<Body>) -> Answer {
        self.send(Request::post("/cosignatures").body(body.into()).expect("a request")).await
    }

    /// The same, once a witness cosigned what Anna's journey begins with.
    pub async fn cosigned(self) -> Self {
        let key = witness(7);
        let world = self.witnessed_by(&[key.cosigner()]);
        let head = world.head(2).await;
        world.hand_over(cosigned(&head, &key, NOW)).await.is(200);
        world
    }

    /// The checkpoint over at least so many events.
    async fn head(&self, n: u128) -> Note {
        self.signed(n).await;
        Note::parse(&self.get("/checkpoint").await.is(200).text()).expect("a note")
    }
}

fn cosigned(note: &Note, key: &SigningKey, time: u64) -> String {
    let mut note = note.clone();
    note.add(key.cosign(note.text(), time)).expect("room");
    note.to_string()
}

#[tokio::test]
async fn a_cosignature_is_told_with_its_checkpoint_and_kept() {
    let key = witness(7);
    let world = World::with_anna().await.witnessed_by(&[key.cosigner()]);
    let head = world.head(2).await;
    assert!(!world.get("/metrics").await.text().contains("\nthroughline_witnessed_events{"));
    let taken = world.hand_over(cosigned(&head, &key, NOW - 180)).await.is(200).json();
    assert_eq!(taken["witnessed"][0]["witness"], "witness.example");
    assert_eq!(taken["witnessed"][0]["ago"], "last witnessed 3 minutes ago");
    // Also when the service is begun anew, from the disk.
    let world = world.witnessed_by(&[key.cosigner()]);
    let told = Note::parse(&world.get("/checkpoint").await.is(200).text()).expect("a note");
    assert_eq!(told.cosigned(&key.cosigner()).map(|cosigned| cosigned.time), Ok(NOW - 180));
    world.get("/v1/journeys?min_position=1").await.is(200);
    assert_eq!(world.get("/readyz").await.is(200).json()["witnessed"], taken["witnessed"]);
    assert!(world.get("/?lang=en").await.text().contains("witness.example: last witnessed 3 minutes ago"));
    assert!(world.get("/?lang=af").await.text().contains("witness.example: laas 3 minute gelede getuig"));
    let counted = world.get("/metrics").await.text();
    for line in [
        "throughline_witnessed_events{witness=\"witness.example\"} 2",
        "throughline_witnessed_age_seconds{witness=\"witness.example\"} 180",
    ] {
        assert!(counted.contains(line), "{line}\n{counted}");
    }
    // A later checkpoint is another text: the cosignature is not of it.
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
    let later = world.head(3).await;
    assert_eq!(later.signatures().len(), 1);
    // And an older one handed over again, or at an earlier time, changes nothing that is kept.
    world.hand_over(cosigned(&later, &key, NOW)).await.is(200);
    world.hand_over(cosigned(&head, &key, NOW)).await.is(200);
    world.hand_over(cosigned(&later, &key, NOW - 500)).await.is(200);
    let ready = world.get("/readyz").await.is(200).json();
    assert_eq!(
        (&ready["witnessed"][0]["events"], &ready["witnessed"][0]["ago"]),
        (&3.into(), &"last witnessed 0 minutes ago".into())
    );
}

#[tokio::test]
async fn the_witnessed_checkpoint_is_told_whatever_was_appended_since_and_events_are_proved_under_it() {
    let keys = [7, 8].map(|seed| SigningKey::new(&format!("w{seed}.example"), &[seed; 32]).expect("a key"));
    let world = World::with_anna().await.witnessed_by(&keys.each_ref().map(SigningKey::cosigner));
    let head = world.head(2).await;
    let proof_of = |n, query| {
        let world = &world;
        async move { world.get(&format!("/v1/events/{}/proof{query}", id(n))).await }
    };
    world.get("/checkpoint/witnessed").await.refuses(404, "not-witnessed");
    proof_of(2, "?witnessed=true").await.refuses(404, "not-witnessed");
    for key in &keys {
        world.hand_over(cosigned(&head, key, NOW)).await.is(200);
    }
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
    assert_eq!(world.head(3).await.signatures().len(), 1, "the newest is not cosigned");

    let told = world.get("/checkpoint/witnessed").await.is(200);
    assert!(told.header("cache-control").contains("no-cache"));
    let told = Note::parse(&told.text()).expect("a note");
    assert_eq!(told.text(), head.text());
    for key in &keys {
        assert_eq!(told.cosigned(&key.cosigner()).map(|cosigned| cosigned.time), Ok(NOW));
    }
    let size = async |n, query| {
        let proof = TlogProof::parse(&proof_of(n, query).await.is(200).text()).expect("a proof");
        let log = VerifierKey::parse(&world.runtime.log().tree().verifier_key()).expect("a key");
        let (_, checkpoint) = proof.check_extra(&log).expect("it holds");
        assert_eq!(proof.checkpoint.signatures().len(), if checkpoint.size == 2 { 3 } else { 1 });
        checkpoint.size
    };
    assert_eq!(size(2, "").await, 2, "under what witnesses cosigned, where that covers it");
    assert_eq!(size(2, "?witnessed=true").await, 2);
    assert_eq!(size(2, "?witnessed=false").await, 3);
    assert_eq!(size(3, "").await, 3, "else under the newest");
    proof_of(3, "?witnessed=true").await.refuses(404, "not-witnessed");
}

#[tokio::test]
async fn what_a_former_witness_cosigned_is_kept_and_relied_on_by_nothing() {
    let keys = [7, 8].map(|seed| SigningKey::new(&format!("w{seed}.example"), &[seed; 32]).expect("a key"));
    let [stays, goes] = keys.each_ref().map(SigningKey::cosigner);
    let world = World::with_anna().await.witnessed_by(&[stays.clone(), goes.clone()]);
    let head = world.head(2).await;
    for key in &keys {
        world.hand_over(cosigned(&head, key, NOW)).await.is(200);
    }
    world.append(ANNA, &contact(3, "2026-03-03")).await.is(201);
    let newer = world.head(3).await;
    world.hand_over(cosigned(&newer, &keys[1], NOW)).await.is(200);
    let told = async |world: &World| {
        let told = world.get("/checkpoint/witnessed").await;
        (told.status == 200).then(|| Note::parse(&told.text()).expect("a note"))
    };
    assert_eq!(told(&world).await.expect("witnessed").text(), newer.text());

    // The one of them is a witness no more: what it alone saw is not told as witnessed, nor its name with what both saw.
    let world = world.witnessed_by(std::slice::from_ref(&stays));
    let now = told(&world).await.expect("witnessed");
    assert_eq!((now.text(), now.signatures().len()), (head.text(), 2));
    assert!(now.cosigned(&goes).is_err() && now.cosigned(&stays).is_ok());
    let under = async |n, query| world.get(&format!("/v1/events/{}/proof{query}", id(n))).await;
    under(3, "?witnessed=true").await.refuses(404, "not-witnessed");
    let proof = TlogProof::parse(&under(2, "").await.is(200).text()).expect("a proof");
    assert_eq!(proof.checkpoint.signatures().len(), 2);
    assert!(!world.get("/readyz").await.is(200).text().contains("w8.example"));

    // None is left; and one that is named again is where it was.
    let world = world.witnessed_by(&[]);
    world.get("/checkpoint/witnessed").await.refuses(404, "not-witnessed");
    let world = world.witnessed_by(&[goes, stays]);
    assert_eq!(told(&world).await.expect("witnessed").text(), newer.text());
}

#[tokio::test]
async fn what_no_known_witness_said_of_this_log_is_refused() {
    let key = witness(7);
    let world = World::with_anna().await.witnessed_by(&[key.cosigner()]);
    let head = world.head(2).await;
    world.hand_over(head.to_string()).await.refuses(403, "not-cosigned");
    world.hand_over(cosigned(&head, &witness(8), NOW)).await.refuses(403, "not-cosigned");
    world.hand_over(cosigned(&head, &key, NOW + 301)).await.refuses(403, "not-cosigned");
    let forged = cosigned(&head, &key, NOW).replacen("\n2\n", "\n3\n", 1);
    world.hand_over(forged).await.refuses(403, "not-cosigned");
    // A tree of the same log's name that the log never signed.
    let other = SigningKey::new(head.text().lines().next().expect("an origin"), &[9; 32]).expect("a key");
    let invented = Checkpoint::new(other.name(), 9, [1; 32]).and_then(|it| it.sign(&other)).expect("a note");
    world.hand_over(cosigned(&invented, &key, NOW)).await.refuses(403, "not-cosigned");
    world.hand_over("no note").await.refuses(400, "malformed-body");
    world.hand_over(vec![0xff; 9]).await.refuses(400, "malformed-body");
    world.hand_over("x".repeat(65 * 1024)).await.refuses(413, "too-large");
    assert_eq!(Note::parse(&world.get("/checkpoint").await.text()).expect("a note").signatures().len(), 1);
}
