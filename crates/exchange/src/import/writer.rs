//! From drafts to the log, batch by batch. What is there already is left alone; what stands otherwise than the source
//! says is settled in `settle.rs`, what the source no longer says in `missing.rs`.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;
use throughline_domain::{Amendment, Draft, Event, EventId, JourneyId, Position, Recorded};
use throughline_log::{Error as LogError, EventLog, LIMITS, Receipt};

use super::{
    Error, Finding, Ids,
    appends::{Appends, Batch},
    life::Life,
    past::Past,
    report::{Account, RowRef},
    scope::Scope,
    seen::Seen,
};

/// What is known of the source as a whole.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// When it was made, as it says.
    pub made: Option<Timestamp>,
    /// Which facts should be in it.
    pub scope: Scope,
    /// Enrolments it will tell.
    pub awaited: HashSet<EventId>,
}

/// Writes drafts in batches, or in a rehearsal only finds out what it would write.
pub(crate) struct Writer<'a> {
    pub(super) log: &'a dyn EventLog,
    pub(super) ids: &'a Ids,
    dry_run: bool,
    batch_events: usize,
    appends: Appends<'a>,
    batch: Batch,
    /// A batch that was written, for its room.
    emptied: Batch,
    waiting: HashSet<EventId>,
    erased: HashSet<JourneyId>,
    past: Option<Past>,
    pub(super) about: About,
    pub(super) seen: Seen,
    /// Facts of deleted rows, to be taken back once it is known that no other row tells them.
    pub(super) gone: Vec<(Draft, RowRef)>,
}

/// How often a busy log is asked again, a little later each time.
const TRIES_MAX: u32 = 20;

impl<'a> Writer<'a> {
    pub fn new(
        log: &'a dyn EventLog,
        appends: Appends<'a>,
        ids: &'a Ids,
        dry_run: bool,
        batch_events: usize,
    ) -> Self {
        Self {
            log,
            ids,
            dry_run,
            batch_events: batch_events.clamp(1, LIMITS.batch_events_max / 2),
            appends,
            batch: Batch::default(),
            emptied: Batch::default(),
            waiting: HashSet::new(),
            erased: HashSet::new(),
            past: None,
            about: About::default(),
            seen: Seen::default(),
            gone: Vec::new(),
        }
    }

    /// What the log knew of earlier imports when this one began.
    pub(super) fn past(&mut self) -> Result<&Past, Error> {
        if self.past.is_none() {
            self.past = Some(Past::read(self.log, self.ids.system())?);
        }
        Ok(self.past.as_ref().expect("read above"))
    }

    /// Whether enough is waiting to be written in one piece.
    pub fn is_full(&self) -> bool {
        self.batch.0.len() >= self.batch_events
    }

    /// Takes the facts of a row.
    pub fn take(&mut self, drafts: impl Iterator<Item = Draft>, row: RowRef) {
        for draft in drafts {
            if !matches!(draft.event, Event::Amendment(_)) {
                self.seen.event(draft.event_id, draft.journey);
            }
            if self.waiting.insert(draft.event_id) {
                self.batch.0.push(draft);
                self.batch.1.push(row);
            }
        }
    }

    /// Takes the facts of a row that the source has deleted. Those that an earlier import wrote are taken back in the
    /// end, when it is known that no other row tells them too.
    pub fn take_back(&mut self, drafts: impl Iterator<Item = Draft>, row: RowRef) {
        self.gone.extend(drafts.map(|draft| (draft, row)));
    }

    /// Writes what is waiting, and returns once it is durable.
    pub fn flush(&mut self, account: &mut Account) -> Result<(), Error> {
        self.hand_over(account)?;
        self.collect(account)
    }

    /// Hands what is waiting to the log once what was handed over before is durable. More can be taken meanwhile.
    pub fn hand_over(&mut self, account: &mut Account) -> Result<(), Error> {
        self.collect(account)?;
        self.waiting.clear();
        let room = std::mem::take(&mut self.emptied);
        let mut batch = std::mem::replace(&mut self.batch, room);
        if !self.erased.is_empty() {
            let erased = &self.erased;
            batch = of_pairs(pairs(batch).filter(|(draft, _)| !erased.contains(&draft.journey)));
        }
        let is_rehearsal = self.dry_run;
        let past = self.past()?;
        // Of an empty log there is nothing to be known.
        let looks = if is_rehearsal {
            !past.is_empty
        } else {
            batch.0.iter().any(|draft| past.amended.contains(&draft.event_id))
        };
        if looks {
            // The log takes a draft it has already for a repeat, though the fact was amended since: so look first.
            let amended = |draft: &Draft| is_rehearsal || past.amended.contains(&draft.event_id);
            let (known, mut fresh): (Vec<_>, Vec<_>) = pairs(batch).partition(|(draft, _)| amended(draft));
            fresh.extend(self.reconcile(known, account)?);
            batch = of_pairs(fresh.into_iter());
        }
        if self.past()?.is_empty {
            self.seen.forget();
        }
        if self.dry_run {
            for (draft, row) in batch.0.iter().zip(&batch.1) {
                count(account, draft, *row);
            }
            self.empty(batch);
        } else if !batch.0.is_empty() {
            self.appends.begin(batch);
        }
        Ok(())
    }

    /// Counts what came of the batch that was handed over.
    fn collect(&mut self, account: &mut Account) -> Result<(), Error> {
        match self.appends.end() {
            None => Ok(()),
            Some((batch, Ok(receipt))) => {
                count_all(account, &receipt, &batch);
                self.empty(batch);
                Ok(())
            }
            Some((batch, Err(error))) => self.append_after(error, pairs(batch).collect(), account),
        }
    }

    /// Tells where events stand that the source says again. An earlier run may have been cut short after it wrote them.
    pub(super) fn known<'r>(&self, recorded: impl IntoIterator<Item = &'r Recorded>) {
        if !self.dry_run {
            let positions: Vec<Position> = recorded.into_iter().map(|known| known.position).collect();
            self.appends.known(&positions);
        }
    }

    /// Keeps the room of a batch for the next one.
    fn empty(&mut self, mut batch: Batch) {
        batch.0.clear();
        batch.1.clear();
        self.emptied = batch;
    }

    fn append(&mut self, batch: Vec<(Draft, RowRef)>, account: &mut Account) -> Result<(), Error> {
        let batch = of_pairs(batch.into_iter());
        match self.appends.now(&batch.0) {
            Ok(receipt) => {
                count_all(account, &receipt, &batch);
                Ok(())
            }
            Err(error) => self.append_after(error, pairs(batch).collect(), account),
        }
    }

    /// Appends what is left of a batch that the log refused.
    fn append_after(
        &mut self,
        mut error: LogError,
        mut batch: Vec<(Draft, RowRef)>,
        account: &mut Account,
    ) -> Result<(), Error> {
        let (mut tries, mut reconciled) = (0, false);
        loop {
            match error {
                LogError::EventIdTaken { .. } if !reconciled => {
                    reconciled = true;
                    batch = self.reconcile(batch, account)?;
                }
                // Taken, and yet nothing to be read under it: its key was destroyed.
                LogError::EventIdTaken { event_id, .. } => {
                    drop_from(&mut batch, account, Finding::Erased, |draft| draft.event_id == event_id);
                }
                LogError::Erased(journey) | LogError::Deidentified(journey) => {
                    self.erased.insert(journey);
                    drop_from(&mut batch, account, Finding::Erased, |draft| draft.journey == journey);
                }
                LogError::EventTooLarge { event_id, .. } => {
                    drop_from(&mut batch, account, Finding::EventTooLarge, |draft| {
                        draft.event_id == event_id
                    });
                }
                LogError::BatchTooLarge { .. } | LogError::TooManyEvents { .. } if batch.len() > 1 => {
                    let rest = batch.split_off(batch.len() / 2);
                    self.append(batch, account)?;
                    batch = rest;
                }
                LogError::Busy if tries < TRIES_MAX => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(50 * u64::from(tries)));
                }
                error => return Err(error.into()),
            }
            if batch.is_empty() {
                return Ok(());
            }
            let left = of_pairs(batch.into_iter());
            match self.appends.now(&left.0) {
                Ok(receipt) => {
                    count_all(account, &receipt, &left);
                    return Ok(());
                }
                Err(next) => {
                    error = next;
                    batch = pairs(left).collect();
                }
            }
        }
    }

    /// Turns drafts whose ids the log knows into what is still to be written. Amendments are so already.
    fn reconcile(
        &mut self,
        batch: Vec<(Draft, RowRef)>,
        account: &mut Account,
    ) -> Result<Vec<(Draft, RowRef)>, Error> {
        let mut lives: HashMap<JourneyId, Life> = HashMap::new();
        let mut left = Vec::with_capacity(batch.len());
        for (draft, row) in batch {
            if let Event::Amendment(_) = draft.event {
                left.push((draft, row));
                continue;
            }
            match self.log.find(draft.event_id)? {
                None => left.push((draft, row)),
                Some(found) => {
                    if found.draft == draft {
                        self.known([&found]);
                    }
                    for journey in [found.draft.journey, draft.journey] {
                        if let std::collections::hash_map::Entry::Vacant(place) = lives.entry(journey) {
                            place.insert(Life::read(self.log, journey)?);
                        }
                    }
                    let lives = (&lives[&found.draft.journey], &lives[&draft.journey]);
                    let settled = self.settle(draft, lives, row, account)?;
                    left.extend(settled.into_iter().map(|draft| (draft, row)));
                }
            }
        }
        Ok(left)
    }
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

fn pairs((drafts, rows): Batch) -> impl Iterator<Item = (Draft, RowRef)> {
    drafts.into_iter().zip(rows)
}

fn of_pairs(pairs: impl Iterator<Item = (Draft, RowRef)>) -> Batch {
    pairs.unzip()
}

/// Counts drafts that the log took.
fn count_all(account: &mut Account, receipt: &Receipt, batch: &Batch) {
    for ((stored, draft), row) in receipt.events.iter().zip(&batch.0).zip(&batch.1) {
        if stored.repeated {
            account.report.repeated += 1;
        } else {
            count(account, draft, *row);
        }
    }
}

fn count(account: &mut Account, draft: &Draft, row: RowRef) {
    account.report.events += 1;
    if let Some(file) = account.report.files.get_mut(row.file) {
        file.events += 1;
    }
    match &draft.event {
        Event::Amendment(Amendment::Corrected(_)) => account.report.corrections += 1,
        Event::Amendment(Amendment::Retracted(retracted))
            if retracted.why.as_str() == super::settle::RESTORED =>
        {
            account.report.restored += 1;
        }
        Event::Amendment(Amendment::Retracted(_)) => account.report.retractions += 1,
        _ => {}
    }
}
