//! Events from a file, one CloudEvent a line.

use std::io::{self, BufRead, Read};

use throughline_domain::{Actor, Draft, JourneyId};

use crate::{
    cloud_event::{self, Invalid},
    json::Sent,
};

/// The longest line taken in, in bytes: the largest event, with room for how JSON writes it.
pub const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// A line that is no event.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLine {
    /// It is too long.
    #[error("the line is longer than {max} bytes; keep documents elsewhere and refer to them")]
    TooLong {
        /// The limit.
        max: u64,
    },
    /// It is not JSON.
    #[error("not JSON: {0}; write one event a line")]
    NotJson(#[from] serde_json::Error),
    /// It is JSON, but no event.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The file could not be read on.
    #[error("the file could not be read on: {0}")]
    Io(#[from] io::Error),
}

/// The events of a file, each with the number of its line, counted from 1. Empty lines are passed over.
///
/// Memory does not grow with the file: a line past [`LINE_BYTES_MAX`] is passed over as it is read. After an error of
/// the file itself the iterator ends; any other bad line stands for itself alone.
#[derive(Debug)]
pub struct Events<R> {
    lines: Lines<R>,
    journey: Option<JourneyId>,
    default_actor: Option<Actor>,
    ended: bool,
}

impl<R: BufRead> Events<R> {
    /// Reads from here; `journey` and `default_actor` as in [`cloud_event::from_json`].
    pub const fn new(reader: R, journey: Option<JourneyId>, default_actor: Option<Actor>) -> Self {
        Self { lines: Lines::new(reader), journey, default_actor, ended: false }
    }

    fn event(&self, line: &[u8]) -> Result<Draft, InvalidLine> {
        let sent: Sent = serde_json::from_slice(line)?;
        Ok(cloud_event::from_json(sent.once()?, self.journey, self.default_actor.clone())?)
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = (u64, Result<Draft, InvalidLine>);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let event = match self.lines.next() {
                Ok(None) => break,
                Ok(Some(Line::Whole(bytes))) if bytes.trim_ascii().is_empty() => continue,
                Ok(Some(Line::Whole(bytes))) => self.event(&bytes),
                Ok(Some(Line::TooLong(_))) => Err(InvalidLine::TooLong { max: LINE_BYTES_MAX }),
                Err(error) => {
                    self.ended = true;
                    Err(error.into())
                }
            };
            return Some((self.lines.number, event));
        }
        self.ended = true;
        None
    }
}

/// A line as it stands in a file, with its end.
pub(crate) enum Line {
    Whole(Vec<u8>),
    /// Past [`LINE_BYTES_MAX`]: its beginning; the rest was passed over.
    TooLong(Vec<u8>),
}

/// The lines of a file, empty ones too, without the mark that some systems put before the first.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    pub reader: R,
    /// The number of the line read last, counted from 1.
    pub number: u64,
    begun: bool,
}

impl<R: BufRead> Lines<R> {
    pub const fn new(reader: R) -> Self {
        Self { reader, number: 0, begun: false }
    }

    /// Passes over the mark, where the file begins with one.
    pub fn begin(&mut self) -> io::Result<()> {
        if !self.begun && self.reader.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
            self.reader.consume("\u{feff}".len());
        }
        self.begun = true;
        Ok(())
    }

    /// The next line; none at the end of the file.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        self.begin()?;
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read as u64 > LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
            self.reader.skip_until(b'\n')?;
            return Ok(Some(Line::TooLong(bytes)));
        }
        Ok(Some(Line::Whole(bytes)))
    }
}
