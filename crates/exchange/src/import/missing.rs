//! What the source no longer says, found once all of it was read: rows that are gone from a source which is all there
//! is, facts that a changed row no longer tells, facts of deleted rows.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashSet},
    sync::atomic::{AtomicBool, Ordering as Atomic},
};

use jiff::Timestamp;
use throughline_domain::{Draft, Event, EventId, JourneyId, Recorded, Source};

use super::{
    Error, Finding,
    life::{Life, Standing, all_by, updated},
    report::{Account, RowRef},
    scope::{Held, Scope},
    seen::RowState,
    settle::{CHANGED, DELETED, MISSING},
    writer::Writer,
};

/// Why a fact does not stand any more, where in the source that shows, and when the source recorded it.
struct LetGo {
    why: &'static str,
    finding: Option<Finding>,
    row: RowRef,
    recorded_at: Option<Timestamp>,
}

impl Writer<'_> {
    /// Takes back what the source no longer says. To be called only when it was read to its end. False where it was
    /// asked to stop.
    pub fn take_back_missing(&mut self, account: &mut Account, cancel: &AtomicBool) -> Result<bool, Error> {
        self.seen.settle();
        if self.past()?.is_empty {
            return Ok(true);
        }
        let done = self.take_back_gone(account)?;
        let scope = std::mem::take(&mut self.about.scope);
        let whole = self.take_back_unsaid(&scope, &done, account, cancel);
        self.about.scope = scope;
        whole
    }

    /// Facts of rows marked as deleted, unless another row tells them too.
    fn take_back_gone(&mut self, account: &mut Account) -> Result<HashSet<EventId>, Error> {
        let mut done = HashSet::new();
        for (draft, row) in std::mem::take(&mut self.gone) {
            self.seen.journeys.insert(draft.journey);
            if self.seen.has(draft.event_id) {
                continue;
            }
            let Some(found) = self.log.find(draft.event_id)? else { continue };
            let id = if found.draft.journey == draft.journey {
                draft.event_id
            } else {
                self.moved(draft.event_id, draft.journey)
            };
            let life = Life::read(self.log, draft.journey)?;
            let Some(told) = life.told(id) else { continue };
            let stands = matches!(life.standing(id), Standing::Stands);
            let newer = self.compare(&told.by.draft, told.by, updated(&draft))? == Ordering::Greater;
            if stands && !newer && done.insert(id) {
                let journey = draft.journey;
                let retraction = self.retraction(&Draft { event_id: id, ..draft }, &life, journey, DELETED);
                self.take(std::iter::once(retraction), row);
            }
            if self.is_full() {
                self.flush(account)?;
            }
        }
        self.flush(account)?;
        Ok(done)
    }

    /// Facts that no row tells any more.
    fn take_back_unsaid(
        &mut self,
        scope: &Scope,
        done: &HashSet<EventId>,
        account: &mut Account,
        cancel: &AtomicBool,
    ) -> Result<bool, Error> {
        // An older source than one already known cannot say what is no longer true.
        let made = self.about.made;
        let newest = self.past()?.newest();
        let is_last = newest.is_none_or(|newest| made.is_some_and(|made| made >= newest));
        let scope = if is_last { scope } else { &Scope::Nothing };
        for journey in self.journeys_to_look_at(scope)? {
            let life = Life::read(self.log, journey)?;
            let held = Held::new(scope, &life, self.ids.system());
            let mut rows = HashSet::new();
            for known in life.facts() {
                if done.contains(&known.draft.event_id) {
                    continue;
                }
                let Some(let_go) = self.let_go(known, &life, &held)? else { continue };
                let row =
                    known.draft.source.as_ref().map(|source| (source.table.clone(), source.row.clone()));
                match let_go.finding {
                    Some(Finding::MissingInSource) if rows.insert(row) => account.missing(let_go.row.file),
                    Some(Finding::MissingInSource) | None => {}
                    Some(finding) => account.warned_late(let_go.row, finding),
                }
                let retraction = self.let_go_of(known, &life, &let_go);
                self.take(std::iter::once(retraction), let_go.row);
            }
            if self.is_full() {
                self.flush(account)?;
                if cancel.load(Atomic::Relaxed) {
                    return Ok(false);
                }
            }
        }
        self.flush(account)?;
        Ok(true)
    }

    /// Journeys in which something may have gone unsaid: of a whole source, every one that has a fact of it which was
    /// not told now; of a part, those that the part speaks of.
    fn journeys_to_look_at(&self, scope: &Scope) -> Result<BTreeSet<JourneyId>, Error> {
        if !scope.is_full() {
            return Ok(self.seen.journeys.iter().copied().collect());
        }
        let mut journeys = BTreeSet::new();
        self.log.scan(self.log.events(), &|_| true, &mut |history, _| {
            for known in history.events {
                let draft = &known.draft;
                let of_system =
                    draft.source.as_ref().is_some_and(|source| source.system == *self.ids.system());
                if of_system && !matches!(draft.event, Event::Amendment(_)) && !self.seen.has(draft.event_id)
                {
                    journeys.insert(draft.journey);
                }
            }
            Ok(())
        })?;
        Ok(journeys)
    }

    /// Whether and why a fact that stands is no longer said.
    fn let_go(&mut self, known: &Recorded, life: &Life, held: &Held<'_>) -> Result<Option<LetGo>, Error> {
        let id = known.draft.event_id;
        let Some(source) = known.draft.source.as_ref().filter(|source| source.system == *self.ids.system())
        else {
            return Ok(None);
        };
        let (Some(row), Some(told)) = (source.row.as_ref(), life.told(id)) else { return Ok(None) };
        if self.seen.has(id) {
            return Ok(None);
        }
        let found = self.seen.find(&source.table, row.as_str());
        let found = found.map(|found| (found.state, found.place(), found.updated()));
        let let_go = match found {
            Some((RowState::Unread, ..)) => None,
            Some((state, row, recorded_at)) => {
                let is_newer = self.compare(&told.by.draft, told.by, recorded_at)? == Ordering::Greater;
                let (why, finding) = match state {
                    RowState::Deleted => (DELETED, None),
                    RowState::Live | RowState::Unread => (CHANGED, Some(Finding::ChangedInSource)),
                };
                (!is_newer).then_some(LetGo { why, finding, row, recorded_at })
            }
            None => {
                let Some(file) = self.seen.whole.get(&source.table).copied() else { return Ok(None) };
                let made = self.about.made;
                let recorded_later =
                    updated(&told.by.draft).is_some_and(|at| made.is_some_and(|made| at > made));
                (held.covers(known) && !recorded_later).then_some(LetGo {
                    why: MISSING,
                    finding: Some(Finding::MissingInSource),
                    row: RowRef { file, row: 0, clean: false },
                    recorded_at: made,
                })
            }
        };
        Ok(match life.standing(id) {
            Standing::Stands => let_go,
            Standing::TakenBack(by) if let_go.is_some() && all_by(&known.draft.actor, &by) => {
                self.known(by);
                None
            }
            Standing::TakenBack(_) | Standing::Elsewhere | Standing::Untold => None,
        })
    }

    fn let_go_of(&self, known: &Recorded, life: &Life, let_go: &LetGo) -> Draft {
        let source =
            known.draft.source.clone().map(|source| Source { recorded_at: let_go.recorded_at, ..source });
        let draft = Draft { on_behalf_of: None, cause: None, source, ..known.draft.clone() };
        self.retraction(&draft, life, known.draft.journey, let_go.why)
    }
}
