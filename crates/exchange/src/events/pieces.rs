//! A file of JSON values cut into its values, one line or one member of a list at a time. Memory does not grow with the
//! file.

use std::io::{self, BufRead, Read};

use crate::{
    import::Finding,
    ndjson::{LINE_BYTES_MAX, Line, Lines},
};

/// One value of the file, as it stood.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Event(Vec<u8>),
    /// Something that cannot be cut out, with its beginning.
    Broken(Finding, String),
}

/// The values of a file, each with its line, or with its place in the list.
pub(super) struct Pieces<R> {
    lines: Lines<R>,
    /// How many members of a list were met.
    members: u64,
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
    pub fn of(input: R) -> io::Result<Self> {
        let mut lines = Lines::new(input);
        lines.begin()?;
        let list = if first_mark(&mut lines)? == Some(b'[') {
            lines.reader.consume(1);
            List::Open
        } else {
            List::No
        };
        Ok(Self { lines, members: 0, list })
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
        let number = if self.is_list() { self.members } else { self.lines.number };
        Ok(piece.map(|piece| (number, piece)))
    }

    fn line(&mut self) -> io::Result<Option<Piece>> {
        loop {
            match self.lines.next()? {
                None => return Ok(None),
                Some(Line::TooLong(bytes)) => {
                    return Ok(Some(Piece::Broken(Finding::RowTooLarge, beginning(&bytes))));
                }
                Some(Line::Whole(bytes)) if bytes.trim_ascii().is_empty() => {}
                Some(Line::Whole(bytes)) => return Ok(Some(Piece::Event(bytes))),
            }
        }
    }

    /// The next member of the list. One that does not end within the limit takes the rest of the list with it, for
    /// where the next begins cannot be known.
    fn member(&mut self) -> io::Result<Option<Piece>> {
        if self.members == 0 && skip_blanks(&mut self.lines.reader)? == Some(b']') {
            self.lines.reader.consume(1);
            self.list = List::Closed;
            return self.rest();
        }
        self.members += 1;
        let mut bytes = Vec::new();
        let mut within = Within::default();
        loop {
            let Some(&byte) = self.lines.reader.fill_buf()?.first() else {
                self.list = List::Closed;
                return Ok(Some(Piece::Broken(Finding::NotAnEvent, beginning(&bytes))));
            };
            self.lines.reader.consume(1);
            if within.ends(byte) {
                if byte == b']' {
                    self.list = List::Closed;
                }
                return Ok(Some(Piece::Event(bytes)));
            }
            bytes.push(byte);
            if bytes.len() as u64 > LINE_BYTES_MAX {
                while !self.lines.reader.fill_buf()?.is_empty() {
                    let length = self.lines.reader.fill_buf()?.len();
                    self.lines.reader.consume(length);
                }
                self.list = List::Closed;
                return Ok(Some(Piece::Broken(Finding::RowTooLarge, beginning(&bytes))));
            }
        }
    }

    /// What follows after a list: nothing should.
    fn rest(&mut self) -> io::Result<Option<Piece>> {
        if skip_blanks(&mut self.lines.reader)?.is_none() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.lines.reader.by_ref().take(200).read_to_end(&mut bytes)?;
        while !self.lines.reader.fill_buf()?.is_empty() {
            let length = self.lines.reader.fill_buf()?.len();
            self.lines.reader.consume(length);
        }
        self.members += 1;
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

/// The first byte that is no blank, and stays where it is. Lines passed over are counted.
fn first_mark(lines: &mut Lines<impl BufRead>) -> io::Result<Option<u8>> {
    loop {
        let Some(&byte) = lines.reader.fill_buf()?.first() else { return Ok(None) };
        if !byte.is_ascii_whitespace() {
            return Ok(Some(byte));
        }
        lines.reader.consume(1);
        lines.number += u64::from(byte == b'\n');
    }
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
    fn lines_before_the_first_value_are_counted() {
        assert_eq!(pieces(b"\n \r\n{\"a\":1}\n2"), [(3, "{\"a\":1}".to_owned()), (4, "2".to_owned())]);
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
