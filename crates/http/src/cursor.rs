//! Cursors: where a list goes on. Opaque to whoever holds one, bound to the query it came from, and bounded.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::problem::{Fault, Kind, Problem};

/// The format of the bytes behind a cursor; raised when they change, so that an old one is refused and not misread.
const FORMAT: u8 = 1;
/// Format, query, and up to this many bytes of place.
const PLACE_BYTES_MAX: usize = 64;

/// The query a cursor belongs to: path and every parameter that chooses what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Query([u8; 8]);

impl Query {
    /// The query by which this account lists this. Another account's cursors are none of its own.
    pub fn of(account: &impl std::fmt::Debug, parts: &impl std::fmt::Debug) -> Self {
        let digest = Sha256::digest(format!("{account:?} {parts:?}"));
        Self(std::array::from_fn(|nth| digest[nth]))
    }

    /// A cursor to this place in the list.
    pub fn cursor(self, place: &[u8]) -> String {
        assert!(place.len() <= PLACE_BYTES_MAX, "a place is a few numbers");
        let mut bytes = vec![FORMAT];
        bytes.extend(self.0);
        bytes.extend(place);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The place a cursor of this query names.
    pub fn place<const N: usize>(self, cursor: &str) -> Result<[u8; N], Problem> {
        let refuse = |detail: &str| {
            let hint = "leave `cursor` out to begin again, and follow `next` from there unchanged";
            Kind::InvalidCursor.because(detail).at(Fault::parameter("cursor").hint(hint))
        };
        if cursor.len() > (1 + 8 + PLACE_BYTES_MAX) * 4 / 3 + 4 {
            return Err(refuse("the cursor is longer than any this service gives"));
        }
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| refuse("the cursor is not one of this service"))?;
        match bytes.split_first() {
            Some((&FORMAT, rest)) if rest.len() == 8 + N => {
                if rest[..8] != self.0 {
                    return Err(refuse("the cursor was given for another query"));
                }
                Ok(std::array::from_fn(|nth| rest[8 + nth]))
            }
            _ => Err(refuse("the cursor is not one of this service, or of another version of it")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_place_and_only_in_its_own_query(place: [u8; 24], query: String, other: String) {
            let cursor = Query::of(&"one", &query).cursor(&place);
            prop_assert_eq!(Query::of(&"one", &query).place::<24>(&cursor).expect("its own"), place);
            prop_assert!(Query::of(&"other", &query).place::<24>(&cursor).is_err());
            prop_assert!(query == other || Query::of(&"one", &other).place::<24>(&cursor).is_err());
        }

        #[test]
        fn no_text_is_a_cursor_by_chance(text: String) {
            prop_assert!(Query::of(&"one", &"journeys").place::<16>(&text).is_err());
        }
    }
}
