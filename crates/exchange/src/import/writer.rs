//! From drafts to the log, batch by batch: what is there already is left alone, what changed becomes a correction,
//! what the source deleted is taken back.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    time::Duration,
};

use throughline_domain::{
    Amendment, Code, Corrected, Draft, Event, EventId, Fact, JourneyId, Note, Recorded, Retracted, amend,
};
use throughline_log::{AsOf, Error as LogError, EventLog, LIMITS};

use super::{
    Error, Finding, Ids,
    report::{Account, RowRef},
};

/// Writes drafts in batches, or in a rehearsal only finds out what it would write.
pub(crate) struct Writer<'a> {
    log: &'a dyn EventLog,
    ids: &'a Ids,
    dry_run: bool,
    batch_events: usize,
    batch: Vec<(Draft, RowRef)>,
    waiting: HashSet<EventId>,
    erased: HashSet<JourneyId>,
}

/// How often a busy log is asked again, a little later each time.
const TRIES_MAX: u32 = 20;

impl<'a> Writer<'a> {
    pub fn new(log: &'a dyn EventLog, ids: &'a Ids, dry_run: bool, batch_events: usize) -> Self {
        let batch_events = batch_events.clamp(1, LIMITS.batch_events_max / 2);
        let (batch, waiting, erased) = (Vec::new(), HashSet::new(), HashSet::new());
        Self { log, ids, dry_run, batch_events, batch, waiting, erased }
    }

    /// Whether enough is waiting to be written in one piece.
    pub fn is_full(&self) -> bool {
        self.batch.len() >= self.batch_events
    }

    /// Takes the facts of a row.
    pub fn take(&mut self, drafts: impl Iterator<Item = Draft>, row: RowRef) {
        for draft in drafts {
            if self.waiting.insert(draft.event_id) {
                self.batch.push((draft, row));
            }
        }
    }

    /// Takes the facts of a row that the source has deleted: those that an earlier import wrote are retracted.
    pub fn take_back(&mut self, drafts: impl Iterator<Item = Draft>, row: RowRef) -> Result<(), Error> {
        for draft in drafts {
            if self.log.find(draft.event_id)?.is_some_and(|found| found.draft.journey == draft.journey) {
                let retraction = self.retraction(&draft, draft.journey, "source-deleted");
                self.take(std::iter::once(retraction), row);
            }
        }
        Ok(())
    }

    /// Writes what is waiting.
    pub fn flush(&mut self, account: &mut Account) -> Result<(), Error> {
        self.waiting.clear();
        let mut batch = std::mem::take(&mut self.batch);
        batch.retain(|(draft, _)| !self.erased.contains(&draft.journey));
        if self.dry_run {
            let batch = self.reconcile(batch, account)?;
            for (draft, row) in &batch {
                count(account, draft, *row);
            }
            return Ok(());
        }
        let (mut tries, mut reconciled) = (0, false);
        while !batch.is_empty() {
            match self.log.append(batch.iter().map(|(draft, _)| draft.clone()).collect(), &[]) {
                Ok(receipt) => {
                    for (stored, (draft, row)) in receipt.events.iter().zip(&batch) {
                        if stored.repeated {
                            account.report.repeated += 1;
                        } else {
                            count(account, draft, *row);
                        }
                    }
                    return Ok(());
                }
                Err(LogError::EventIdTaken { .. }) if !reconciled => {
                    reconciled = true;
                    batch = self.reconcile(batch, account)?;
                }
                // Taken, and yet nothing to be read under it: its key was destroyed.
                Err(LogError::EventIdTaken { event_id, .. }) => {
                    drop_from(&mut batch, account, Finding::Erased, |draft| draft.event_id == event_id);
                }
                Err(LogError::Erased(journey)) => {
                    self.erased.insert(journey);
                    drop_from(&mut batch, account, Finding::Erased, |draft| draft.journey == journey);
                }
                Err(LogError::EventTooLarge { event_id, .. }) => {
                    drop_from(&mut batch, account, Finding::EventTooLarge, |draft| {
                        draft.event_id == event_id
                    });
                }
                Err(LogError::BatchTooLarge { .. } | LogError::TooManyEvents { .. }) if batch.len() > 1 => {
                    let rest = batch.split_off(batch.len() / 2);
                    self.batch = batch;
                    self.flush(account)?;
                    batch = rest;
                }
                Err(LogError::Busy) if tries < TRIES_MAX => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(50 * u64::from(tries)));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Turns drafts whose ids the log knows into what is still to be written: nothing where it says the same, a
    /// correction where it says something else.
    fn reconcile(
        &self,
        batch: Vec<(Draft, RowRef)>,
        account: &mut Account,
    ) -> Result<Vec<(Draft, RowRef)>, Error> {
        let mut lives: HashMap<JourneyId, (Vec<Recorded>, Vec<Fact>)> = HashMap::new();
        let mut left = Vec::with_capacity(batch.len());
        for (draft, row) in batch {
            let Some(found) = self.log.find(draft.event_id)? else {
                left.push((draft, row));
                continue;
            };
            if found.draft.journey == draft.journey {
                if let Entry::Vacant(place) = lives.entry(draft.journey) {
                    let before = self.log.read_journey(draft.journey, AsOf::Now)?.events;
                    let life = amend(draft.journey, before.clone());
                    place.insert((before, life));
                }
                let (before, life) = &lives[&draft.journey];
                if is_said(life, &draft) {
                    account.report.repeated += 1;
                } else if is_older(before, &draft) {
                    account.report.repeated += 1;
                    account.warned_late(row, Finding::OlderThanKnown);
                } else if let Some(correction) = self.correction(&draft) {
                    account.warned_late(row, Finding::ChangedInSource);
                    left.push((correction, row));
                }
            } else {
                account.warned_late(row, Finding::MovedInSource);
                let retraction = self.retraction(&draft, found.draft.journey, "wrong-person");
                let moved = Draft {
                    event_id: self.ids.following(draft.event_id, &format!("moved/{}", draft.journey)),
                    ..draft
                };
                left.extend([(retraction, row), (moved, row)]);
            }
        }
        // A correction or retraction of an earlier run is there already.
        let mut new = Vec::with_capacity(left.len());
        for (draft, row) in left {
            if self.log.find(draft.event_id)?.is_some() {
                account.report.repeated += 1;
            } else {
                new.push((draft, row));
            }
        }
        Ok(new)
    }

    fn correction(&self, draft: &Draft) -> Option<Draft> {
        if let Event::Amendment(_) = draft.event {
            return None;
        }
        let updated = draft.source.as_ref().and_then(|source| source.recorded_at);
        let content = format!(
            "corrected/{}/{}/{}/{}",
            draft.occurred,
            draft.event.facts_json(),
            draft.event.personal_json(),
            updated.map(|at| at.to_string()).unwrap_or_default(),
        );
        let corrected = Corrected {
            event: draft.event_id,
            occurred: Some(draft.occurred),
            fact: Box::new(draft.event.clone()),
            why: code("source-changed"),
            personal: Note::default(),
        };
        Some(Draft {
            event_id: self.ids.following(draft.event_id, &content),
            event: Event::Amendment(Amendment::Corrected(corrected)),
            ..draft.clone()
        })
    }

    fn retraction(&self, draft: &Draft, journey: JourneyId, why: &str) -> Draft {
        let updated = draft.source.as_ref().and_then(|source| source.recorded_at);
        let updated = updated.map(|at| at.to_string()).unwrap_or_default();
        let retracted = Retracted { event: draft.event_id, why: code(why), personal: Note::default() };
        Draft {
            event_id: self.ids.following(draft.event_id, &format!("{why}/{updated}")),
            journey,
            event: Event::Amendment(Amendment::Retracted(retracted)),
            ..draft.clone()
        }
    }
}

/// Whether the life as it stands says what the draft says. A fact that was taken back stays so.
fn is_said(life: &[Fact], draft: &Draft) -> bool {
    life.iter()
        .find(|fact| fact.id == draft.event_id)
        .is_none_or(|fact| fact.event == draft.event && fact.occurred == draft.occurred)
}

/// Whether the source recorded what the log knows of this fact, or its last correction, after what the draft says.
fn is_older(before: &[Recorded], draft: &Draft) -> bool {
    let told = |draft: &Draft| draft.source.as_ref().and_then(|source| source.recorded_at);
    let of_this_fact = before.iter().map(|recorded| &recorded.draft).filter(|known| match &known.event {
        Event::Amendment(Amendment::Corrected(corrected)) => corrected.event == draft.event_id,
        _ => known.event_id == draft.event_id,
    });
    of_this_fact.filter_map(told).max() > told(draft)
}

/// Leaves out the drafts that `goes` names and warns of their rows.
fn drop_from(
    batch: &mut Vec<(Draft, RowRef)>,
    account: &mut Account,
    finding: Finding,
    goes: impl Fn(&Draft) -> bool,
) {
    batch.retain(|(draft, row)| {
        let stays = !goes(draft);
        if !stays {
            account.warned_late(*row, finding);
        }
        stays
    });
}

fn count(account: &mut Account, draft: &Draft, row: RowRef) {
    account.report.events += 1;
    account.report.files[row.file].events += 1;
    match &draft.event {
        Event::Amendment(Amendment::Corrected(_)) => account.report.corrections += 1,
        Event::Amendment(Amendment::Retracted(_)) => account.report.retractions += 1,
        _ => {}
    }
}

fn code(text: &str) -> Code {
    Code::new(text).expect("written as a code above")
}
