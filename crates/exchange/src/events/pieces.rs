//! A file of JSON values cut into its values, one line or one member of a list at a time. Memory does not grow with the
//! file.

use std::io::{self, BufRead, Read};

use crate::{import::Finding, ndjson::LINE_BYTES_MAX};

/// One value of the file, as it stood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Event(Vec<u8>),
    /// Something that cannot be cut out, with its beginning.
    Broken(Finding, String),
}

/// The values of a file, each with its line, or with its place in the list.
pub(super) struct Pieces<R> {
    input: R,
    number: u64,
    list: List,
}

/// Whether the file is one list, and how far it was read.
#[derive(Debug, PartialEq, Eq)]
enum List {
    No,
    Open,
    Closed,
}

impl<R: BufRead> Pieces<R> {
    /// Looks at the first mark: a bracket begins a list, anything else a line.
    pub fn of(mut input: R) -> io::Result<Self> {
        skip_mark(&mut input)?;
        let list = if skip_blanks(&mut input)? == Some(b'[') {
            input.consume(1);
            List::Open
        } else {
            List::No
        };
        Ok(Self { input, number: 0, list })
    }

    pub fn is_list(&self) -> bool {
        self.list != List::No
    }

    /// The next value; none at the end.
    pub fn next(&mut self) -> io::Result<Option<(u64, Piece)>> {
        let piece = match self.list {
            List::No => self.line()?,
            List::Open => self.member()?,
            List::Closed => self.rest()?,
        };
        Ok(piece.map(|piece| (self.number, piece)))
    }

    fn line(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let mut bytes = Vec::new();
            let read = self.input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 > LINE_BYTES_MAX && bytes.last() != Some(&b'\n') {
                self.input.skip_until(b'\n')?;
                return Ok(Some(Piece::Broken(Finding::RowTooLarge, beginning(&bytes))));
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(Piece::Event(bytes)));
            }
        }
    }

    /// The next member of the list. One that does not end within the limit takes the rest of the list with it, for
    /// where the next begins cannot be known.
    fn member(&mut self) -> io::Result<Option<Piece>> {
        if self.number == 0 && skip_blanks(&mut self.input)? == Some(b']') {
            self.input.consume(1);
            self.list = List::Closed;
            return self.rest();
        }
        self.number += 1;
        let mut bytes = Vec::new();
        let mut within = Within::default();
        loop {
            let Some(&byte) = self.input.fill_buf()?.first() else {
                self.list = List::Closed;
                return Ok(Some(Piece::Broken(Finding::NotAnEvent, beginning(&bytes))));
            };
            self.input.consume(1);
            if within.ends(byte) {
                if byte == b']' {
                    self.list = List::Closed;
                }
                return Ok(Some(Piece::Event(bytes)));
            }
            bytes.push(byte);
            if bytes.len() as u64 > LINE_BYTES_MAX {
                while !self.input.fill_buf()?.is_empty() {
                    let length = self.input.fill_buf()?.len();
                    self.input.consume(length);
                }
                self.list = List::Closed;
                return Ok(Some(Piece::Broken(Finding::RowTooLarge, beginning(&bytes))));
            }
        }
    }

    /// What follows after a list: nothing should.
    fn rest(&mut self) -> io::Result<Option<Piece>> {
        if skip_blanks(&mut self.input)?.is_none() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.input.by_ref().take(200).read_to_end(&mut bytes)?;
        while !self.input.fill_buf()?.is_empty() {
            let length = self.input.fill_buf()?.len();
            self.input.consume(length);
        }
        self.number += 1;
        Ok(Some(Piece::Broken(Finding::NotAnEvent, beginning(&bytes))))
    }
}

/// Where in a JSON value the bytes are.
#[derive(Debug, Default)]
struct Within {
    depth: usize,
    text: bool,
    escaped: bool,
}

impl Within {
    /// Whether the member ends before this byte.
    fn ends(&mut self, byte: u8) -> bool {
        if self.text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.text = true,
            b'{' | b'[' => self.depth += 1,
            b',' | b']' if self.depth == 0 => return true,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        false
    }
}

fn skip_mark(input: &mut impl BufRead) -> io::Result<()> {
    if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    Ok(())
}

/// The first byte that is no blank; blanks and line ends before it are passed over.
fn skip_blanks(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let Some(&byte) = input.fill_buf()?.first() else { return Ok(None) };
        if !byte.is_ascii_whitespace() {
            return Ok(Some(byte));
        }
        input.consume(1);
    }
}

/// Enough of it to know it by.
fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8]) -> Vec<(u64, String)> {
        let mut pieces = Pieces::of(text).expect("memory");
        let mut told = Vec::new();
        while let Some((number, piece)) = pieces.next().expect("memory") {
            told.push(match piece {
                Piece::Event(bytes) => (number, String::from_utf8_lossy(&bytes).trim().to_owned()),
                Piece::Broken(finding, text) => (number, format!("!{} {text}", finding.code())),
            });
        }
        told
    }

    #[test]
    fn lines_and_lists_give_the_same_values() {
        let told = |numbers: [u64; 2]| {
            vec![(numbers[0], "{\"a\":1}".to_owned()), (numbers[1], "{\"b\":[1,2]}".to_owned())]
        };
        assert_eq!(pieces(b"{\"a\":1}\r\n\n{\"b\":[1,2]}"), told([1, 3]));
        assert_eq!(pieces(b"\xef\xbb\xbf [\n{\"a\":1},\n{\"b\":[1,2]}\n]\n"), told([1, 2]));
        assert_eq!(pieces(b"[{\"a\":\"],\\\"\"}]"), [(1, "{\"a\":\"],\\\"\"}".to_owned())]);
        assert_eq!(pieces(b"[]"), []);
        assert_eq!(pieces(b""), []);
    }

    #[test]
    fn a_list_that_breaks_off_says_so() {
        assert_eq!(
            pieces(b"[{\"a\":1},{\"b\""),
            [(1, "{\"a\":1}".to_owned()), (2, "!not-an-event {\"b\"".to_owned())]
        );
        assert_eq!(pieces(b"[1] x"), [(1, "1".to_owned()), (2, "!not-an-event x".to_owned())]);
        let long = format!("[\"{}\", 2]", "x".repeat(2_000_000));
        assert_eq!(pieces(long.as_bytes()).len(), 1);
    }
}
