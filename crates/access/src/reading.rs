//! Reading the access log: who read what.

use jiff::Timestamp;
use serde::Serialize;
use throughline_domain::{
    self as domain, Actor, Code, Event, EventId, JourneyId, Occurred, Position, Recorded, Stretch, Text,
};
use throughline_log::AsOf;
use utoipa::ToSchema;

use crate::{
    Access, Error,
    stream::{self, Deeds},
};

/// Events read at a time.
const PORTION_EVENTS: usize = 1000;

/// What is asked of the access log; everything where nothing is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// What concerns this client: who read the record or took it out, who was refused, who was granted leave.
    pub client: Option<JourneyId>,
    /// What this account did, and what was done to it.
    pub account: Option<Actor>,
    /// Who brought the event at this position of the record in.
    pub brought: Option<Position>,
    /// Written down at this time or later.
    pub since: Option<Timestamp>,
    /// From this position on.
    pub from: Option<Position>,
}

/// One line of the access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entry {
    /// Its place in the access log.
    pub position: Position,
    /// Its id.
    pub event_id: EventId,
    /// When it was written down, before whoever asked got what they asked for.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it was done, by the clock of whoever did it: long before `at` where a server had the access log meanwhile.
    #[schema(value_type = String, format = DateTime)]
    pub done_at: Timestamp,
    /// Who did it.
    pub by: Actor,
    /// What was done, by the short name of its fact: `record-read`.
    pub fact: &'static str,
    /// Whose record, where it was one client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<JourneyId>,
    /// What of it: `history`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<Code>,
    /// For which purpose it was taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Code>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Code>,
    /// How many clients a list named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<u64>,
    /// Where in the record events stand that were brought in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub positions: Vec<Stretch>,
    /// How many of these events were new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// The account it was done to, where it was done to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Actor>,
    /// The token or grant concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Code>,
    /// What was said about it: the reason for a grant, the label of a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// Some lines, oldest first, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The lines.
    pub entries: Vec<Entry>,
    /// From which position on there may be more; none at the end.
    pub next: Option<Position>,
}

impl Access {
    /// Who read this client's record and who took it out, oldest first. Refusals and grants stand with the accounts
    /// concerned; [`Access::log`] has them too.
    pub fn log_of(&self, client: JourneyId) -> Result<Vec<Entry>, Error> {
        let (deeds, mut entries) = (Deeds::Client(client), Vec::new());
        for part in 0.. {
            let history = self.log.read_journey(deeds.part(self.log.namespace(), part), AsOf::Now)?;
            if history.events.is_empty() {
                break;
            }
            entries.extend(history.events.iter().filter_map(Entry::of));
        }
        Ok(entries)
    }

    /// The first `limit` lines that are wanted, read through the log from where is asked.
    pub fn log(&self, wanted: &Wanted, limit: usize) -> Result<Page, Error> {
        let since = match wanted.since {
            Some(since) => self.before(since)?,
            None => 0,
        };
        let mut from = Position(since.max(wanted.from.unwrap_or_default().0));
        let (registry, mut entries) = (stream::registry(self.log.namespace()), Vec::new());
        loop {
            let portion = self.log.read(from, PORTION_EVENTS)?;
            for recorded in &portion.events {
                if entries.len() == limit {
                    return Ok(Page { entries, next: Some(recorded.position) });
                }
                // The list of accounts repeats what the accounts' own streams say.
                let said = Some(recorded).filter(|recorded| recorded.draft.journey != registry);
                entries.extend(said.and_then(Entry::of).filter(|entry| wanted.has(entry)));
            }
            let read = portion.events.len() + portion.closed.len();
            if read < PORTION_EVENTS {
                return Ok(Page { entries, next: None });
            }
            from.0 += read as u64;
        }
    }

    /// How many events were recorded before this time.
    fn before(&self, since: Timestamp) -> Result<u64, Error> {
        let just_before = since.saturating_sub(jiff::SignedDuration::from_micros(1));
        Ok(self.log.events_at(just_before.expect("subtracting a microsecond saturates"))?)
    }
}

impl Wanted {
    fn has(&self, entry: &Entry) -> bool {
        let concerns = |account: &Actor| entry.by == *account || entry.account.as_ref() == Some(account);
        let stands = |event: Position| entry.positions.iter().any(|at| (at.first..=at.last).contains(&event));
        self.client.is_none_or(|client| entry.client == Some(client))
            && self.brought.is_none_or(stands)
            && self.account.as_ref().is_none_or(concerns)
    }
}

impl Entry {
    /// The line of one event.
    fn of(recorded: &Recorded) -> Option<Self> {
        let Event::Access(event) = &recorded.draft.event else { return None };
        let mut entry = Self {
            position: recorded.position,
            event_id: recorded.draft.event_id,
            at: recorded.recorded_at,
            done_at: match recorded.draft.occurred {
                Occurred::At(instant, _) => instant,
                Occurred::On(_) => recorded.recorded_at,
            },
            by: recorded.draft.actor.clone(),
            fact: recorded.draft.event.fact_name(),
            client: None,
            what: None,
            purpose: None,
            why: None,
            clients: None,
            positions: Vec::new(),
            events: None,
            account: None,
            id: None,
            note: None,
        };
        entry.tell(event);
        Some(entry)
    }

    fn tell(&mut self, event: &domain::Access) {
        use domain::Access;
        let (account, note) = match event {
            Access::AccountOpened(fact) => (Some(&fact.account), &fact.personal),
            Access::RolesChanged(fact) => (Some(&fact.account), &fact.personal),
            Access::AccountClosed(fact) => (Some(&fact.account), &fact.personal),
            Access::SignedIn(fact) => (Some(&fact.account), &fact.personal),
            Access::SignedOut(fact) => (Some(&fact.account), &fact.personal),
            Access::DatesChanged(fact) => (Some(&fact.account), &fact.personal),
            Access::TokenIssued(fact) => {
                self.id = Some(fact.token.clone());
                (Some(&fact.account), &fact.personal)
            }
            Access::TokenRevoked(fact) => {
                self.id = Some(fact.token.clone());
                (Some(&fact.account), &fact.personal)
            }
            Access::LeaveGranted(fact) => {
                (self.client, self.id) = (fact.client, Some(fact.grant.clone()));
                (Some(&fact.account), &fact.personal)
            }
            Access::LeaveEnded(fact) => {
                self.id = Some(fact.grant.clone());
                (Some(&fact.account), &fact.personal)
            }
            Access::GlassBroken(fact) => {
                self.client = Some(fact.client);
                (Some(&fact.account), &fact.personal)
            }
            Access::RecordRead(fact) => {
                (self.client, self.what) = (Some(fact.client), Some(fact.what.clone()));
                (None, &fact.personal)
            }
            Access::ListRead(fact) => {
                (self.clients, self.what) = (fact.clients, Some(fact.what.clone()));
                (None, &fact.personal)
            }
            Access::Exported(fact) => {
                (self.client, self.what) = (fact.client, Some(fact.what.clone()));
                self.purpose.clone_from(&fact.purpose);
                (None, &fact.personal)
            }
            Access::Refused(fact) => {
                (self.client, self.what) = (fact.client, Some(fact.what.clone()));
                self.why = Some(fact.why.clone());
                (None, &fact.personal)
            }
            Access::EventsBrought(fact) => {
                (self.client, self.what) = (fact.client, Some(fact.what.clone()));
                (self.positions, self.events) = (fact.positions.clone(), Some(fact.events));
                (None, &fact.personal)
            }
            Access::Operated(fact) => {
                (self.client, self.what) = (fact.client, Some(fact.what.clone()));
                (None, &fact.personal)
            }
        };
        (self.account, self.note) = (account.cloned(), note.note.clone());
    }
}
