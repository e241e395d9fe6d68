//! Answers about one journey: from its row where it is asked as things stand, folded anew where as known or lived.

use jiff::civil::Date;
use serde_json::Value as Json;
use throughline_domain::{Fact, JourneyId, Version};
use throughline_log::{AsOf, Error as LogError, Standing};
use throughline_projection::Placement;

use crate::{Error, Runtime, life, placements::Placements, projector::Projector as _, row::Known};

/// What a projector says of one journey.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The answer, as the projector's answer type writes itself.
    pub body: Json,
    /// The version of the journey it rests on.
    pub version: Version,
    /// The events applied when it was given.
    pub applied: u64,
}

impl Runtime {
    /// What a projector says of a journey on a date, from what was known at `as_of` and lived until `valid_at`.
    pub fn answer(
        &self,
        projector: &str,
        journey: JourneyId,
        as_of: AsOf,
        valid_at: Option<Date>,
        on: Date,
    ) -> Result<Answer, Error> {
        let projector = self.projectors.get(projector)?;
        let applied = self.applied();
        let programmes = match as_of {
            AsOf::Now => self.programmes(),
            then => self.store.programmes(&*self.log, then)?,
        };
        let as_it_stands = as_of == AsOf::Now && valid_at.is_none_or(|valid_at| valid_at >= on);
        let kept = if as_it_stands {
            self.store.shelf(projector.name())?.rows().get(&*self.log, journey)?
        } else {
            None
        };
        let row = match kept {
            Some(row) => row,
            // What is left of it tells nothing that a view could answer from.
            None if self.log.standing(journey) == Standing::Erased => {
                return Err(LogError::Erased(journey).into());
            }
            None => projector.fold(&self.known_until(journey, as_of, valid_at)?)?,
        };
        let (body, version) = projector.answer(&row, on, &programmes)?;
        Ok(Answer { body, version, applied })
    }

    /// What a projector says of facts given, on a date.
    pub fn answer_from(&self, projector: &str, facts: &[Fact], on: Date) -> Result<Json, Error> {
        let projector = self.projectors.get(projector)?;
        let life = Known { facts: facts.to_vec(), version: Version::default(), awaits: false };
        Ok(projector.answer(&projector.fold(&life)?, on, &self.programmes())?.0)
    }

    /// Where a client stands; none for a journey that is unknown or a programme's.
    pub fn placement(&self, journey: JourneyId) -> Result<Option<Placement>, Error> {
        let shelf = self.store.shelf(<Placements as throughline_projection::Projection>::NAME)?;
        let Some(row) = shelf.rows().get(&*self.log, journey)? else { return Ok(None) };
        let (body, _) = self.placements.answer(&row, Date::MAX, &self.programmes())?;
        serde_json::from_value(body).map(Some).map_err(|error| Error::Store(error.to_string()))
    }

    fn known_until(&self, journey: JourneyId, as_of: AsOf, valid_at: Option<Date>) -> Result<Known, Error> {
        let mut known = life::known(&*self.log, journey, as_of)?;
        if known.version == Version(0) && self.log.version(journey)? == Version(0) {
            return Err(Error::UnknownJourney(journey));
        }
        if let Some(valid_at) = valid_at {
            known.facts.retain(|fact| fact.occurred.day() <= valid_at);
        }
        Ok(known)
    }
}
