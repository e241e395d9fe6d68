//! What a log publishes beside its checkpoint, as [tlog-tiles](https://c2sp.org/tlog-tiles) has it: tiles of hashes,
//! and bundles of entries.

use std::fmt;

use crate::{Error, Hash};

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;

/// No level of tiles lies higher.
const LEVEL_MAX: u8 = 63;

/// No entry is longer.
const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// What a tile is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Hashes: of leaves at level 0, above of the full tiles of the level below.
    Hashes(u8),
    /// The entries themselves.
    Entries,
}

/// A tile by its place: 256 hashes or entries, or at the right edge of the tree fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// What it is of.
    pub level: Level,
    /// Its number in the level, from 0.
    pub index: u64,
    /// How much it holds, 1 to 256.
    pub width: u16,
}

/// Entries one after another, each with its length before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryBundle<'a>(Vec<&'a [u8]>);

impl Level {
    /// How many hashes or entries it has in a tree of `size` leaves.
    pub fn width(self, size: u64) -> u64 {
        match self {
            Self::Entries => size,
            Self::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        }
    }
}

impl Tile {
    /// The tile with this number as a tree of `size` leaves has it; none where it has not.
    pub fn within(level: Level, index: u64, size: u64) -> Option<Self> {
        let left = level.width(size).checked_sub(index.checked_mul(TILE_WIDTH)?)?;
        let width = u16::try_from(left.min(TILE_WIDTH)).expect("a tile is small");
        (width > 0).then_some(Self { level, index, width })
    }

    /// The partial tiles of a tree of `size` leaves: one per level at most, and none where the level ends with a full
    /// one. Bundle of entries first.
    pub fn partial(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..8).map(Level::Hashes);
        [Level::Entries].into_iter().chain(levels).filter_map(move |level| {
            let width = level.width(size);
            Self::within(level, width / TILE_WIDTH, size)
        })
    }

    /// Whether nothing can be added to it.
    pub fn is_full(&self) -> bool {
        u64::from(self.width) == TILE_WIDTH
    }

    /// The full tile at its place.
    #[must_use]
    pub fn full(&self) -> Self {
        Self { width: 256, ..*self }
    }

    /// Reads a path such as `tile/0/x001/067` or `tile/entries/000.p/12`.
    pub fn parse(path: &str) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed("path of a tile", why);
        let rest = path.strip_prefix("tile/").ok_or_else(|| bad("it does not begin with `tile/`"))?;
        let (level, rest) = rest.split_once('/').ok_or_else(|| bad("it ends with its level"))?;
        let level = match level {
            "entries" => Level::Entries,
            level => Level::Hashes(
                number(level, u64::from(LEVEL_MAX))
                    .and_then(|level| u8::try_from(level).ok())
                    .ok_or_else(|| bad("its level is not 0 to 63"))?,
            ),
        };
        let (groups, width) = match rest.split_once(".p/") {
            Some((groups, width)) => {
                let width = number(width, TILE_WIDTH - 1).filter(|width| *width > 0);
                (groups, width.ok_or_else(|| bad("its width is not 1 to 255"))?)
            }
            None => (rest, TILE_WIDTH),
        };
        let index = index(groups).ok_or_else(|| bad("its number is not in groups of three digits"))?;
        let width = u16::try_from(width).expect("a tile is small");
        let tile = Self { level, index, width };
        // A number has one way to be written; so nothing else leads to a file.
        if tile.to_string() == path {
            Ok(tile)
        } else {
            Err(bad("its number is not in groups of three digits"))
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Level::Entries => write!(f, "tile/entries")?,
            Level::Hashes(level) => write!(f, "tile/{level}")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut left = self.index / 1000;
        while left > 0 {
            groups.push(left % 1000);
            left /= 1000;
        }
        for (nth, group) in groups.iter().enumerate().rev() {
            write!(f, "/{}{group:03}", if nth > 0 { "x" } else { "" })?;
        }
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// The hashes of a tile's bytes; at least one and at most 256.
pub fn hashes_of(bytes: &[u8]) -> Result<Vec<Hash>, Error> {
    let (hashes, rest) = bytes.as_chunks();
    if hashes.is_empty() || !rest.is_empty() || hashes.len() as u64 > TILE_WIDTH {
        return Err(Error::malformed("tile", format!("{} bytes are not 1 to 256 hashes", bytes.len())));
    }
    Ok(hashes.to_vec())
}

impl<'a> EntryBundle<'a> {
    /// Reads a bundle of at least one entry and at most 256.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let bad = |why: &str| Error::malformed("entry bundle", why);
        let (mut entries, mut rest) = (Vec::new(), bytes);
        while let Some((length, after)) = rest.split_first_chunk() {
            if entries.len() as u64 == TILE_WIDTH {
                return Err(bad("it has more than 256 entries"));
            }
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) =
                after.split_at_checked(length).ok_or_else(|| bad("it ends within an entry"))?;
            entries.push(entry);
            rest = after;
        }
        if entries.is_empty() || !rest.is_empty() {
            return Err(bad("it ends within a length"));
        }
        Ok(Self(entries))
    }

    /// The entries in their order.
    pub fn entries(&self) -> &[&'a [u8]] {
        &self.0
    }

    /// Adds an entry to the bytes of a bundle.
    pub fn push(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), Error> {
        let length = u16::try_from(entry.len()).map_err(|_| {
            Error::malformed("entry", format!("{} bytes are past {ENTRY_BYTES_MAX}", entry.len()))
        })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
        Ok(())
    }
}

/// A decimal number without leading zeros, at most `max`.
fn number(text: &str, max: u64) -> Option<u64> {
    let number = crate::text::number(text)?;
    (number <= max).then_some(number)
}

/// `x001/x234/067`: all groups but the last begin with an `x`.
fn index(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.splitn(9, '/').collect();
    let last = groups.len() - 1;
    let mut index: u64 = 0;
    for (nth, group) in groups.iter().enumerate() {
        let digits = if nth < last { group.strip_prefix('x')? } else { group };
        if digits.len() != 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let tile = Tile { level: Level::Hashes(0), index: 1_234_067, width: 256 };
        assert_eq!(tile.to_string(), "tile/0/x001/x234/067");
        assert_eq!(Tile::parse("tile/0/x001/x234/067"), Ok(tile));
        let partial: Vec<String> = Tile::partial(70_000).map(|tile| tile.to_string()).collect();
        assert_eq!(
            partial,
            ["tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
        let partial: Vec<String> = Tile::partial(256).map(|tile| tile.to_string()).collect();
        assert_eq!(partial, ["tile/1/000.p/1"]);
    }

    #[test]
    fn other_ways_to_write_a_path_are_refused() {
        for path in [
            "tile/0/067/x001",
            "tile/00/067",
            "tile/64/000",
            "tile/0/x000/067",
            "tile/0/67",
            "tile/0/067.p/0",
            "tile/0/067.p/256",
            "tile/0/067.p/01",
            "tile/0/../067",
            "tile/0/+67",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/entries/",
            "tile/entries/000/",
            "/tile/0/000",
        ] {
            assert!(Tile::parse(path).is_err(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_path_is_read_as_it_is_written(level in 0_u8..64, index in any::<u64>(), width in 1_u16..=256, entries in any::<bool>()) {
            let level = if entries { Level::Entries } else { Level::Hashes(level) };
            let tile = Tile { level, index, width };
            prop_assert_eq!(Tile::parse(&tile.to_string()), Ok(tile));
        }

        #[test]
        fn any_text_is_read_or_refused(path: String, bytes: Vec<u8>) {
            let _ = Tile::parse(&path);
            let _ = Tile::parse(&format!("tile/0/{path}"));
            let _ = hashes_of(&bytes);
            if let Ok(bundle) = EntryBundle::parse(&bytes) {
                let mut again = Vec::new();
                for entry in bundle.entries() {
                    EntryBundle::push(&mut again, entry)?;
                }
                prop_assert_eq!(again, bytes);
            }
        }

        #[test]
        fn a_bundle_is_read_as_it_is_written(entries in prop::collection::vec(any::<Vec<u8>>(), 1..=256)) {
            let mut bytes = Vec::new();
            for entry in &entries {
                EntryBundle::push(&mut bytes, entry)?;
            }
            let bundle = EntryBundle(entries.iter().map(Vec::as_slice).collect());
            prop_assert_eq!(EntryBundle::parse(&bytes), Ok(bundle));
            bytes.push(0);
            prop_assert!(EntryBundle::parse(&bytes).is_err());
        }
    }
}
