use crate::Error;

/// How a spell ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// Nobody knows: the client was last seen then, without the event.
    Censored,
    /// The event, with its cause where several compete; one cause is as good as another where none do.
    Event(u32),
}

/// A stretch of time during which a client could have had the event and would have been seen to.
///
/// Times are in any unit, counted from the client's own time zero. Clients who have the event at a time are at risk
/// at that time, and so are clients who are censored at it; a client who enters at a time is at risk only after it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
    /// When the client came under observation, if later than time zero (delayed entry, left truncation).
    pub entry: Option<f64>,
    /// When the spell ended; 0 or later.
    pub exit: f64,
    /// How it ended.
    pub end: End,
}

impl Spell {
    /// A spell from time zero that ended in the event.
    pub fn event(exit: f64) -> Self {
        Self::ended_by(exit, 0)
    }

    /// A spell from time zero that ended in the event by one of several causes.
    pub fn ended_by(exit: f64, cause: u32) -> Self {
        Self { entry: None, exit, end: End::Event(cause) }
    }

    /// A spell from time zero after which nothing is known.
    pub fn censored(exit: f64) -> Self {
        Self { entry: None, exit, end: End::Censored }
    }

    /// The same spell, under observation only after `entry`.
    #[must_use]
    pub fn entered(self, entry: f64) -> Self {
        Self { entry: Some(entry), ..self }
    }

    /// When it begins, with time zero before everything.
    pub(crate) fn from(&self) -> f64 {
        self.entry.unwrap_or(f64::NEG_INFINITY)
    }
}

/// Entry before exit, exit not before time zero, all finite.
pub(crate) fn check(spells: &[Spell]) -> Result<(), Error> {
    for (index, spell) in spells.iter().enumerate() {
        for value in [spell.exit, spell.entry.unwrap_or(0.0)] {
            if !value.is_finite() {
                return Err(Error::NotFinite { what: "spell time", index, value });
            }
        }
        if spell.exit < 0.0 {
            return Err(Error::OutOfRange { what: "a spell's end", value: spell.exit, range: "0 or later" });
        }
        if let Some(entry) = spell.entry.filter(|entry| *entry >= spell.exit) {
            return Err(Error::EntryNotBeforeExit { spell: index, entry, exit: spell.exit });
        }
    }
    Ok(())
}
