//! Erasing a journey: its keys, and at once all that views and memory hold of it.

use std::{collections::BTreeSet, sync::PoisonError};

use jiff::{Timestamp, tz::Offset};
use throughline_domain::{
    Draft, ErasureLevel, EventId, Eyes, JourneyId, KeyDestroyed, Nothing, Occurred, Version, decide,
};
use throughline_log::{AsOf, Certificate, Erasure, Standing};
use uuid::Uuid;

use crate::{
    Error, Runtime, life,
    store::{PlainRow, Shelf},
};

impl Runtime {
    /// De-identifies or erases a journey and gives the certificate. When this returns, nothing of what was destroyed is
    /// served any more, and the log tells that it was so. Again is no error and gives the same certificate.
    pub fn erase(
        &self,
        journey: JourneyId,
        level: ErasureLevel,
        order: &Erasure,
        now: Timestamp,
    ) -> Result<Certificate, Error> {
        let version = self.log.version(journey)?;
        if version == Version(0) {
            return Err(Error::UnknownJourney(journey));
        }
        if self.log.standing(journey) != Standing::Erased {
            let state = self.standing(journey, version)?.state;
            let draft = draft(journey, level, order, now);
            decide(&state, draft, now).map_err(|rejection| Error::Rejected { index: 0, rejection })?;
        }
        self.load_cards()?;
        {
            let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            {
                let _nobody_folds = self.folding.write().unwrap_or_else(PoisonError::into_inner);
                self.log.destroy_keys(journey, level, order)?;
            }
            self.refold(&self.store.links().all_of(journey))?;
            *self.programmes.write().unwrap_or_else(PoisonError::into_inner) =
                self.store.programmes(&*self.log, AsOf::Now)?;
        }
        self.decisions.forget(journey);
        self.figures.rebuilt();
        self.store.flush();
        Ok(self.log.certify(journey, level)?)
    }

    /// The journeys whose lives are linked to this one and that are not erased: they hold facts of the same person.
    pub fn linked_to(&self, journey: JourneyId) -> Result<Vec<JourneyId>, Error> {
        let gathered = life::gather(&*self.log, journey, AsOf::Now)?;
        let mut linked = self.store.links().all_of(journey);
        linked.extend(throughline_domain::linked(&gathered.events));
        let there = |other: &JourneyId| *other != journey && self.log.standing(*other) != Standing::Erased;
        Ok(linked.into_iter().filter(there).collect())
    }

    /// Makes the rows of these journeys anew from what can still be read, as far as each view is.
    fn refold(&self, journeys: &BTreeSet<JourneyId>) -> Result<(), Error> {
        for shelf in &self.store.shelves {
            let rows = shelf.rows();
            let applied = rows.applied();
            let mut updated: Vec<PlainRow> = Vec::with_capacity(journeys.len());
            for journey in journeys {
                updated.push((*journey, self.refolded(shelf, *journey, applied)?));
            }
            rows.fill(rows.seal(&*self.log, &mut updated)?)?;
            for (journey, row) in updated {
                shelf.projector.remember(journey, row.as_deref())?;
            }
        }
        Ok(())
    }

    fn refolded(&self, shelf: &Shelf, journey: JourneyId, applied: u64) -> Result<Option<Vec<u8>>, Error> {
        if applied == 0 || self.log.standing(journey) == Standing::Erased {
            return Ok(None);
        }
        self.update_row(shelf, &shelf.rows(), journey, None, applied)
    }
}

/// What is asked of the rules: whether this may be recorded.
fn draft(journey: JourneyId, level: ErasureLevel, order: &Erasure, now: Timestamp) -> Draft {
    let destroyed = KeyDestroyed {
        level,
        requested_by: order.requested_by.clone(),
        reason: order.reason.clone(),
        personal: Nothing::default(),
    };
    Draft {
        event_id: EventId::new(Uuid::nil()),
        journey,
        actor: order.actor.clone(),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: Occurred::At(now, Offset::UTC),
        cause: None,
        source: None,
        event: destroyed.into(),
    }
}
