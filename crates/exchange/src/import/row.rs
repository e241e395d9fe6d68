//! One row of a table as text, whatever its bytes were.

use super::Col;

/// One row, its cells as text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// As a spreadsheet shows it: the header is row 1.
    pub number: u64,
    /// Whether some cell was not UTF-8.
    pub recoded: bool,
    text: String,
    ends: Vec<usize>,
}

impl Row {
    /// The cell, without blanks around it; empty where the row or the file does not have it.
    pub fn cell(&self, col: Col) -> &str {
        col.place().map_or("", |at| self.at(at)).trim()
    }

    /// The cell as it stood.
    pub fn raw(&self, col: Col) -> &str {
        col.place().map_or("", |at| self.at(at))
    }

    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|at| self.at(at))
    }

    pub fn width(&self) -> usize {
        self.ends.len()
    }

    /// The row as CSV without a line end.
    pub fn as_csv(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let written = writer.write_record(self.cells()).and_then(|()| Ok(writer.flush()?));
        let bytes = writer.into_inner().unwrap_or_default();
        written.map(|()| String::from_utf8_lossy(&bytes).trim_end().to_owned()).unwrap_or_default()
    }

    /// What two rows must share to be the same row.
    pub fn fingerprint(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.text.hash(&mut hasher);
        self.ends.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether nothing stands at this place.
    pub fn is_blank(&self, at: usize) -> bool {
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(0) };
        self.ends.get(at).is_none_or(|end| *end == start)
    }

    pub fn at(&self, at: usize) -> &str {
        let Some(end) = self.ends.get(at) else { return "" };
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..*end]
    }

    /// Adds all that the row says to `bytes`.
    pub fn write_to(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.text.as_bytes());
        bytes.extend(self.ends.iter().flat_map(|end| (*end as u64).to_le_bytes()));
    }

    pub fn fill(&mut self, bytes: &[u8], ends: &[usize]) {
        self.text.clear();
        self.ends.clear();
        self.recoded = false;
        if let Some(text) = whole(bytes, ends) {
            self.text.push_str(text);
            self.ends.extend_from_slice(ends);
            return;
        }
        let mut start = 0;
        for &end in ends {
            let cell = &bytes[start..end];
            if let Ok(cell) = std::str::from_utf8(cell) {
                self.text.push_str(cell);
            } else {
                self.recoded = true;
                self.text.extend(cell.iter().map(|byte| windows_1252(*byte)));
            }
            self.ends.push(self.text.len());
            start = end;
        }
    }
}

/// All cells as one text, where every one of them is UTF-8.
fn whole<'a>(bytes: &'a [u8], ends: &[usize]) -> Option<&'a str> {
    let text = std::str::from_utf8(&bytes[..ends.last().copied().unwrap_or(0)]).ok()?;
    (text.is_ascii() || ends.iter().all(|end| text.is_char_boundary(*end))).then_some(text)
}

/// The character a byte stands for in Windows-1252; the five unused places keep their number.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
