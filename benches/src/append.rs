//! Durable appends in batches of 1, 100 and 1,000, beside a bare loop of write and fdatasync of the same bytes.

use std::{fs::OpenOptions, io::Write, sync::Arc, time::Duration};

use anyhow::Result;
use jiff::Timestamp;
use throughline_domain::{
    Actor, Attributes, Code, ContactMade, Draft, EventId, Exchange, Eyes, Format, Identity, JourneyId,
    JourneyOpened, Language, Role, Text, Words,
};
use throughline_log::{EventLog, Log};
use uuid::Uuid;

use crate::{
    memory,
    timing::{rate, timed},
};

/// Events of one journey.
const EVENTS_PER_JOURNEY: usize = 50;

pub fn measure(events: usize) -> Result<()> {
    println!("\nDurable append, events of about 256 bytes, one writer");
    println!("{:>8} {:>14} {:>18} {:>8}", "batch", "events/s", "bare events/s", "ratio");
    for batch in [1, 100, 1_000] {
        let count = if batch == 1 { events / 20 } else { events };
        let ours = append(count, batch)?;
        let bare = bare(count, batch)?;
        println!(
            "{batch:>8} {:>14.0} {:>18.0} {:>8.2}",
            rate(count, ours),
            rate(count, bare),
            bare.as_secs_f64() / ours.as_secs_f64()
        );
    }
    println!("peak memory {}", memory::peak());
    Ok(())
}

fn append(count: usize, batch: usize) -> Result<Duration> {
    let dir = tempfile::tempdir()?;
    let log = Log::open(dir.path(), Arc::new(Timestamp::now))?;
    let batches: Vec<Vec<Draft>> = drafts(count).chunks(batch).map(<[Draft]>::to_vec).collect();
    let (result, took) =
        timed(|| batches.into_iter().try_for_each(|drafts| log.append(drafts, &[]).map(drop)));
    result?;
    Ok(took)
}

/// The same number of bytes, written and synced as often.
fn bare(count: usize, batch: usize) -> Result<Duration> {
    const EVENT_BYTES: usize = 400;
    let dir = tempfile::tempdir()?;
    let mut file = OpenOptions::new().create(true).append(true).open(dir.path().join("bare"))?;
    let bytes = vec![7u8; EVENT_BYTES * batch];
    let (result, took) = timed(|| -> std::io::Result<()> {
        for _ in 0..count / batch {
            file.write_all(&bytes)?;
            file.sync_data()?;
        }
        Ok(())
    });
    result?;
    Ok(took)
}

fn drafts(count: usize) -> Vec<Draft> {
    let actor = Actor::new("worker:w17").expect("a valid actor");
    let words = Text::new("x".repeat(160)).expect("a short text");
    let draft = |number: usize| {
        let journey = (number / EVENTS_PER_JOURNEY) as u128 + 1;
        let event = if number.is_multiple_of(EVENTS_PER_JOURNEY) {
            JourneyOpened {
                role: Role::Participant,
                language: Language::new("en").expect("a valid tag"),
                attributes: Attributes::default(),
                personal: Identity::default(),
            }
            .into()
        } else {
            ContactMade {
                format: Format::Phone,
                begun_by: Eyes::Client,
                exchange: Exchange::TwoWay,
                with: Vec::new(),
                minutes: Some(20),
                worker: Some(Code::new("w17").expect("a valid code")),
                fit: None,
                personal: Words { words: Some(words.clone()), note: None },
            }
            .into()
        };
        Draft {
            event_id: EventId::new(Uuid::from_u128(number as u128 + 1)),
            journey: JourneyId::new(Uuid::from_u128(journey << 64)),
            actor: actor.clone(),
            on_behalf_of: None,
            eyes: Eyes::Staff,
            occurred: "2026-03-01".parse().expect("a date"),
            cause: None,
            source: None,
            event,
        }
    };
    (0..count).map(draft).collect()
}
