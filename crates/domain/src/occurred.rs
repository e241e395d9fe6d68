//! When something happened in a client's life: an instant, or a day where only the day is known.

use std::{cmp::Ordering, fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Event, EventId};

/// A text that is neither a date nor an instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a date (2026-03-01) nor an instant with its offset (2026-03-01T09:30:00+02:00)")]
pub struct InvalidOccurred(String);

/// How exactly the time of an event is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Only the day.
    Day,
    /// The instant.
    Instant,
}

/// When it happened: an instant with the offset it was told in, or a civil date. It keeps which.
///
/// Written as RFC 3339 (`2026-03-01T09:30:00+02:00`) or as a date (`2026-03-01`). A date stands for its whole
/// day and so comes before every instant of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Occurred {
    /// Only the day is known.
    On(Date),
    /// The instant is known, and the local time it was told in.
    At(Timestamp, Offset),
}

impl Occurred {
    /// The civil day, by the event's own offset.
    pub fn day(self) -> Date {
        match self {
            Self::On(day) => day,
            Self::At(instant, offset) => offset.to_datetime(instant).date(),
        }
    }

    /// The instant, where it is known.
    pub fn instant(self) -> Option<Timestamp> {
        match self {
            Self::On(_) => None,
            Self::At(instant, _) => Some(instant),
        }
    }

    /// How exactly the time is known.
    pub fn precision(self) -> Precision {
        match self {
            Self::On(_) => Precision::Day,
            Self::At(..) => Precision::Instant,
        }
    }

    /// The civil day and the microseconds into it; a bare date comes before all of them.
    fn place(self) -> (Date, i64) {
        match self {
            Self::On(day) => (day, -1),
            Self::At(instant, offset) => {
                let local = offset.to_datetime(instant);
                let time = local.time();
                let seconds =
                    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
                (local.date(), seconds * 1_000_000 + i64::from(time.subsec_nanosecond()) / 1000)
            }
        }
    }
}

impl PartialOrd for Occurred {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Occurred {
    fn cmp(&self, other: &Self) -> Ordering {
        // The instant last, only so that what is equal in order is equal: the same local time under two offsets.
        let place = |occurred: Self| (occurred.place(), occurred.instant());
        place(*self).cmp(&place(*other))
    }
}

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(day) => day.fmt(f),
            Self::At(instant, offset) => instant.display_with_offset(*offset).fmt(f),
        }
    }
}

impl FromStr for Occurred {
    type Err = InvalidOccurred;

    fn from_str(text: &str) -> Result<Self, InvalidOccurred> {
        let invalid = || InvalidOccurred(text.chars().take(64).collect());
        if text.len() == 10 {
            return text.parse().map(Self::On).map_err(|_| invalid());
        }
        // `Timestamp` insists on an offset; `Pieces` keeps which one it was.
        let instant: Timestamp = text.parse().map_err(|_| invalid())?;
        let instant = Timestamp::from_microsecond(instant.as_microsecond()).map_err(|_| invalid())?;
        let pieces = jiff::fmt::temporal::Pieces::parse(text).map_err(|_| invalid())?;
        Ok(Self::At(instant, pieces.to_numeric_offset().unwrap_or(Offset::UTC)))
    }
}

impl utoipa::PartialSchema for Occurred {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("a date (`2026-03-01`) or an instant with its offset (RFC 3339)"))
            .examples(["2026-03-01", "2026-03-01T09:30:00+02:00"])
            .into()
    }
}

impl utoipa::ToSchema for Occurred {}

impl Serialize for Occurred {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Occurred {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The order in which life happened: by day, then time of day, then the natural order of facts on one day
/// (opened before enrolled before served before exited), then the event's id.
///
/// Nothing in it depends on when or in which order facts were recorded, so any recording order folds to the
/// same life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LifeOrder {
    day: Date,
    within_day: i64,
    rank: u8,
    event: EventId,
}

impl LifeOrder {
    /// The place of this fact in the life.
    pub fn of(occurred: Occurred, event: &Event, id: EventId) -> Self {
        let (day, within_day) = occurred.place();
        Self { day, within_day, rank: event.rank(), event: id }
    }

    /// The civil day.
    pub fn day(&self) -> Date {
        self.day
    }
}
