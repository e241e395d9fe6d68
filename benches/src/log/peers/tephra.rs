//! tephra, embedded: <https://docs.rs/tephra/0.4.1>.
//!
//! It has no setting of durability: every append is answered after an `fdatasync` of its segment, shared by the appends
//! that wait together, as ours is. Its segments are as large as ours; all else is as its own defaults have it.

use std::{path::Path, time::Duration};

use anyhow::Result;
use tephra::{
    Event, EventType, Position, Query, SegmentConfig, SegmentSet, Tag, Tags, WriteCoordinator, WriteHandle,
    WriterConfig,
};

use crate::{
    log::event::{self, PAYLOAD_BYTES, TYPE},
    timing::timed,
};

const SEGMENT_BYTES: usize = 64 * 1024 * 1024;

pub struct Tephra {
    handle: WriteHandle,
    // After the handle: dropping it waits for the writer.
    _coordinator: WriteCoordinator,
    of_type: EventType,
    data: Vec<u8>,
}

impl Tephra {
    pub fn open(directory: &Path) -> Result<Option<Self>> {
        let segments = SegmentSet::open(directory, SegmentConfig::new(SEGMENT_BYTES))?;
        let (coordinator, handle) = WriteCoordinator::start(segments, WriterConfig::default())?;
        let of_type = EventType::new(TYPE)?;
        Ok(Some(Self { handle, _coordinator: coordinator, of_type, data: vec![b'x'; PAYLOAD_BYTES] }))
    }

    /// Appends events, each with its journey as a tag; how long that took. Encoding them is part of it, as packing is
    /// part of our append.
    pub fn append(&self, first: u64, batch: u64, journeys: u64) -> Result<Duration> {
        let tags: Vec<Tags> = (first..first + batch)
            .map(|number| {
                let journey = event::journey(number % journeys);
                Ok(Tags::new([Tag::new(format!("journey:{journey}"))?])?)
            })
            .collect::<Result<_>>()?;
        let (appended, took) = timed(|| -> Result<()> {
            let encode = |tags: &Tags| Event::new(&self.of_type, tags, &self.data);
            let events = tags.iter().map(encode).collect::<Result<_, _>>()?;
            self.handle.append(events, None)?;
            Ok(())
        });
        appended.map(|()| took)
    }

    /// Reads all events; how many there are.
    pub fn read(&self) -> Result<u64> {
        let mut reads = self.handle.read(&Query::all(), Position::ZERO, None);
        let mut events = 0;
        while let Some(event) = reads.next() {
            std::hint::black_box(event?.event.data());
            events += 1;
        }
        Ok(events)
    }
}
