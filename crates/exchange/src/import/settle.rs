//! A fact the log has already, held against what the source says now: the same, changed, moved to another person, or
//! back after it was taken back. What is to be written follows from how things stand, so that an import run again
//! after it was cut short arrives at the same.

use std::cmp::Ordering;

use throughline_domain::{
    Amendment, Code, Corrected, Draft, Event, EventId, Intake, JourneyId, Note, Occurred, Recorded, Retracted,
};

use super::{
    Error, Finding,
    life::{Life, Standing, Told, all_by, last_of, updated},
    report::{Account, RowRef},
    writer::Writer,
};

/// Why a fact was taken back: its row is no longer in the source.
pub(super) const MISSING: &str = "source-missing";
/// Why a fact was taken back: its row is marked as deleted.
pub(super) const DELETED: &str = "source-deleted";
/// Why a fact was taken back: its row says something else.
pub(super) const CHANGED: &str = "source-changed";
/// Why a retraction was taken back: the source says the fact again.
pub(super) const RESTORED: &str = "source-restored";

impl Writer<'_> {
    /// What is to be written so that the log says what this draft says. `lives` are the journey that has the draft's
    /// event and the one the draft is about.
    pub(super) fn settle(
        &mut self,
        draft: Draft,
        lives: (&Life, &Life),
        row: RowRef,
        account: &mut Account,
    ) -> Result<Vec<Draft>, Error> {
        let (home, life) = lives;
        let told = home.told(draft.event_id);
        if told.as_ref().is_some_and(|told| told.by.draft.journey == draft.journey) {
            return self.settle_at_home(draft, life, row, account);
        }
        let moved = self.moved(draft.event_id, draft.journey);
        let mut written = Vec::new();
        match home.standing(draft.event_id) {
            Standing::Stands => {
                if let Some(told) = &told {
                    let is_older = match self.compare(&told.by.draft, told.by, updated(&draft))? {
                        Ordering::Greater => true,
                        Ordering::Less => false,
                        // It went there once and came back since.
                        Ordering::Equal => life.told(moved).is_some(),
                    };
                    if is_older {
                        account.report.repeated += 1;
                        account.warned_late(row, Finding::OlderThanKnown);
                        return Ok(written);
                    }
                    let mut retraction = self.retraction(&draft, home, told.by.draft.journey, "wrong-person");
                    retraction.cause = Some(moved);
                    written.push(retraction);
                }
                account.warned_late(row, Finding::MovedInSource);
            }
            Standing::TakenBack(by) if all_by(&draft.actor, &by) => {
                self.known(by.iter().copied().filter(|by| by.draft.cause == Some(moved)));
                self.look_where_it_went(&by)?;
            }
            Standing::TakenBack(_) | Standing::Elsewhere => {
                account.report.repeated += 1;
                return Ok(written);
            }
            Standing::Untold => {}
        }
        self.seen.event(moved, draft.journey);
        let draft = Draft { event_id: moved, ..draft };
        written.extend(self.settle_at_home(draft, life, row, account)?);
        Ok(written)
    }

    fn settle_at_home(
        &mut self,
        draft: Draft,
        life: &Life,
        row: RowRef,
        account: &mut Account,
    ) -> Result<Vec<Draft>, Error> {
        let draft = self.opened_as_known(draft, life);
        let mut written = Vec::new();
        let Some(told) = life.told(draft.event_id) else {
            written.push(draft);
            return Ok(written);
        };
        let says_it = *told.event == draft.event && told.occurred == draft.occurred;
        let standing = life.standing(draft.event_id);
        if let Standing::Stands = standing {
            // It may stand again only since a run that was cut short.
            self.known(life.restorations(draft.event_id).filter(|by| all_by(&draft.actor, &[by])));
        }
        match standing {
            Standing::Stands if says_it => self.known([told.by]),
            Standing::Stands if self.is_older(&draft, life, &told)? => {
                account.warned_late(row, Finding::OlderThanKnown);
            }
            Standing::Stands => {
                account.warned_late(row, Finding::ChangedInSource);
                written.push(self.correction(&draft, life));
            }
            Standing::TakenBack(by) if all_by(&draft.actor, &by) => {
                if self.is_back(&draft, &by)? {
                    account.warned_late(row, Finding::RestoredInSource);
                    self.look_where_it_went(&by)?;
                    written.extend(by.iter().map(|by| self.restoration(&draft, life, by)));
                    if !says_it {
                        written.push(self.correction(&draft, life));
                    }
                } else {
                    account.warned_late(row, Finding::OlderThanKnown);
                }
            }
            Standing::TakenBack(_) | Standing::Elsewhere | Standing::Untold => {}
        }
        if written.is_empty() {
            account.report.repeated += 1;
        }
        Ok(written)
    }

    /// The id under which a fact stands in another journey than the one it was first written to.
    pub(super) fn moved(&self, event: EventId, journey: JourneyId) -> EventId {
        self.ids.following(event, &format!("moved/{journey}"))
    }

    /// A journey opens on the day of its first stay. A source that tells only later ones does not move that day.
    fn opened_as_known(&self, draft: Draft, life: &Life) -> Draft {
        if !matches!(draft.event, Event::Intake(Intake::JourneyOpened(_))) {
            return draft;
        }
        let about = &self.about;
        let beyond = about.scope.earliest_beyond(life, &about.awaited, self.ids.system());
        match beyond {
            Some(day) if day < draft.occurred.day() => Draft { occurred: Occurred::On(day), ..draft },
            _ => draft,
        }
    }

    /// Whether the log has this fact from a newer source. By when the source recorded it; where that is the same, by
    /// when the source was made; where that is the same too, what was replaced once does not come back.
    fn is_older(&mut self, draft: &Draft, life: &Life, told: &Told<'_>) -> Result<bool, Error> {
        Ok(match self.compare(&told.by.draft, told.by, updated(draft))? {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => life.said_before(draft),
        })
    }

    /// What is known of a fact against what the source of this import recorded then: greater where it is newer.
    pub(super) fn compare(
        &mut self,
        known: &Draft,
        by: &Recorded,
        now: Option<jiff::Timestamp>,
    ) -> Result<Ordering, Error> {
        let made = self.about.made;
        let known_made = self.past()?.made(by.position);
        let by_made = known_made.zip(made).map_or(Ordering::Equal, |(known, made)| known.cmp(&made));
        let by_update = updated(known).cmp(&now);
        // The day a journey opens on follows from all stays that a source tells: no one row's update speaks for it.
        Ok(if tells_opening(&known.event) { by_made.then(by_update) } else { by_update.then(by_made) })
    }

    /// Whether a source says again what an older one had let go.
    fn is_back(&mut self, draft: &Draft, by: &[&Recorded]) -> Result<bool, Error> {
        let let_go = by.iter().filter_map(|by| updated(&by.draft)).max();
        if updated(draft) > let_go {
            return Ok(true);
        }
        let Some(made) = self.about.made else { return Ok(false) };
        let position = last_of(by);
        let past = self.past()?;
        let known = position.and_then(|position| past.made(position));
        let is_missing = |by: &&&Recorded| why(by).is_some_and(|why| why.as_str() == MISSING);
        // Of an import that did not end, its retractions for rows that are missing still say when it was made.
        let known = known.or_else(|| by.iter().filter(is_missing).filter_map(|by| updated(&by.draft)).max());
        Ok(known.is_some_and(|known| made > known))
    }

    /// A fact that was moved away may stand in the journey it went to: that one is looked at too.
    fn look_where_it_went(&mut self, by: &[&Recorded]) -> Result<(), Error> {
        for moved in by.iter().filter_map(|by| by.draft.cause) {
            if let Some(found) = self.log.find(moved)? {
                self.seen.journeys.insert(found.draft.journey);
            }
        }
        Ok(())
    }

    fn correction(&self, draft: &Draft, life: &Life) -> Draft {
        let content = format!(
            "corrected/{}/{}/{}/{}",
            life.amended_times(draft.event_id),
            draft.occurred,
            draft.event.facts_json(),
            draft.event.personal_json(),
        );
        let corrected = Corrected {
            event: draft.event_id,
            occurred: Some(draft.occurred),
            fact: Box::new(draft.event.clone()),
            why: code(CHANGED),
            personal: Note::default(),
        };
        Draft {
            event_id: self.ids.following(draft.event_id, &content),
            event: Event::Amendment(Amendment::Corrected(corrected)),
            ..draft.clone()
        }
    }

    /// Takes back a fact of `life`. When the source let it go is when it recorded what `draft` says.
    pub(super) fn retraction(&self, draft: &Draft, life: &Life, journey: JourneyId, why: &str) -> Draft {
        let retracted = Retracted { event: draft.event_id, why: code(why), personal: Note::default() };
        let nth = life.amended_times(draft.event_id);
        Draft {
            event_id: self.ids.following(draft.event_id, &format!("{why}/{nth}")),
            journey,
            event: Event::Amendment(Amendment::Retracted(retracted)),
            ..draft.clone()
        }
    }

    /// Takes back a retraction, so that the fact stands again.
    fn restoration(&self, draft: &Draft, life: &Life, by: &Recorded) -> Draft {
        let undone = Draft { event_id: by.draft.event_id, ..draft.clone() };
        self.retraction(&undone, life, draft.journey, RESTORED)
    }
}

fn tells_opening(event: &Event) -> bool {
    match event {
        Event::Amendment(Amendment::Corrected(corrected)) => tells_opening(&corrected.fact),
        event => matches!(event, Event::Intake(Intake::JourneyOpened(_))),
    }
}

fn why(recorded: &Recorded) -> Option<&Code> {
    match &recorded.draft.event {
        Event::Amendment(Amendment::Retracted(retracted)) => Some(&retracted.why),
        _ => None,
    }
}

fn code(text: &str) -> Code {
    Code::new(text).expect("written as a code above")
}
