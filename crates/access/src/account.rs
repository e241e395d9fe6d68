//! One account, folded from its own stream: what it is for, its tokens, its grants.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use throughline_domain::{self as domain, Actor, Code, Event, JourneyId, Note, Recorded, Text, Version};
use utoipa::ToSchema;

use crate::{
    Dates, Role,
    token::{self, Digest},
};

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// Its name, a pseudonym.
    pub name: Actor,
    /// What it is for.
    #[schema(value_type = Vec<String>)]
    pub roles: BTreeSet<Role>,
    /// The worker it belongs to, as facts name them.
    pub worker: Option<Code>,
    /// How exactly it sees dates of one client, where it sees clients under ids of its own.
    #[schema(value_type = String)]
    pub dates: Dates,
    /// When it was opened, the last time if it was opened again.
    #[schema(value_type = String, format = DateTime)]
    pub opened: Timestamp,
    /// When it was closed, where it is.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed: Option<Timestamp>,
    /// Its tokens, oldest first.
    pub tokens: Vec<Token>,
    /// What it was granted, oldest first.
    pub grants: Vec<Grant>,
    /// How much of its stream is in here.
    #[serde(skip)]
    pub(crate) version: Version,
}

/// A token: all that is known of it once it was given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: Code,
    /// What it is for, in whoever's words issued it.
    pub label: Option<Text>,
    /// When it was given out.
    #[schema(value_type = String, format = DateTime)]
    pub issued: Timestamp,
    /// From when on it opens nothing.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// When it was taken back, or its account closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked: Option<Timestamp>,
    #[serde(skip)]
    pub(crate) digest: Digest,
}

/// Leave to see what the account's roles alone do not show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Grant {
    /// Its id.
    pub id: Code,
    /// Which client; all where empty.
    pub client: Option<JourneyId>,
    /// Whether names, contacts and words are shown too.
    pub names: bool,
    /// Whether the account took it itself, in an emergency.
    pub glass: bool,
    /// Who granted it.
    pub by: Actor,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Until when; until it is ended where empty.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// When it was ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Timestamp>,
    /// Why, in words.
    pub why: Option<Text>,
}

impl Grant {
    /// Whether it shows this client at this time.
    pub fn holds(&self, client: JourneyId, now: Timestamp) -> bool {
        self.client.is_none_or(|named| named == client) && self.in_force(now)
    }

    /// Whether it is in force at this time.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.until.is_none_or(|until| now < until)
    }
}

impl Account {
    /// The account after everything in its stream; none where it was never opened.
    pub(crate) fn of(recorded: &[Recorded]) -> Option<Self> {
        recorded.iter().fold(None, Self::after)
    }

    /// The account after one more event of its stream.
    pub(crate) fn after(account: Option<Self>, recorded: &Recorded) -> Option<Self> {
        let Event::Access(event) = &recorded.draft.event else { return account };
        let mut account = match (account, event) {
            (Some(account), _) => account,
            (None, domain::Access::AccountOpened(opened)) => Self::new(&opened.account, recorded.recorded_at),
            (None, _) => return None,
        };
        account.version = recorded.version;
        account.fold(event, recorded);
        Some(account)
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    fn new(name: &Actor, opened: Timestamp) -> Self {
        Self {
            name: name.clone(),
            roles: BTreeSet::new(),
            worker: None,
            dates: Dates::default(),
            opened,
            closed: None,
            tokens: Vec::new(),
            grants: Vec::new(),
            version: Version(0),
        }
    }

    fn fold(&mut self, event: &domain::Access, recorded: &Recorded) {
        use domain::Access;
        let at = recorded.recorded_at;
        match event {
            Access::AccountOpened(opened) => {
                (self.opened, self.closed) = (at, None);
                self.take_roles(&opened.roles, opened.worker.as_ref());
            }
            Access::RolesChanged(changed) => self.take_roles(&changed.roles, changed.worker.as_ref()),
            // What this program does not know, from a newer one, is taken for the coarsest it knows.
            Access::DatesChanged(changed) => {
                self.dates = changed.dates.as_str().parse().unwrap_or(Dates::Year);
            }
            Access::AccountClosed(_) => self.close(at),
            Access::TokenIssued(issued) => self.take_token(issued, at),
            Access::TokenRevoked(revoked) => {
                for token in self.tokens.iter_mut().filter(|token| token.id == revoked.token) {
                    token.revoked.get_or_insert(at);
                }
            }
            Access::LeaveGranted(granted) => self.grants.push(Grant {
                id: granted.grant.clone(),
                client: granted.client,
                names: granted.names,
                glass: false,
                by: recorded.draft.actor.clone(),
                from: at,
                until: granted.until,
                ended: None,
                why: words(&granted.personal),
            }),
            Access::LeaveEnded(ended) => {
                for grant in self.grants.iter_mut().filter(|grant| grant.id == ended.grant) {
                    grant.ended.get_or_insert(at);
                }
            }
            Access::GlassBroken(broken) => self.grants.push(Grant {
                id: Code::new(recorded.draft.event_id.to_string()).expect("a UUID is a code"),
                client: Some(broken.client),
                names: true,
                glass: true,
                by: recorded.draft.actor.clone(),
                from: at,
                until: Some(broken.until),
                ended: None,
                why: words(&broken.personal),
            }),
            // What it did lies elsewhere and changes nothing of what it is.
            Access::RecordRead(_)
            | Access::ListRead(_)
            | Access::Exported(_)
            | Access::Refused(_)
            | Access::SignedIn(_)
            | Access::SignedOut(_)
            | Access::EventsBrought(_)
            | Access::Operated(_) => {}
        }
    }

    /// A role that this program does not know, from a newer one, gives nothing.
    fn take_roles(&mut self, roles: &[Code], worker: Option<&Code>) {
        self.roles = roles.iter().filter_map(|role| role.as_str().parse().ok()).collect();
        self.worker = worker.cloned();
    }

    fn take_token(&mut self, issued: &domain::TokenIssued, at: Timestamp) {
        // What is no digest matches no token, and so the token is as good as never issued.
        let Some(digest) = token::read(&issued.digest) else { return };
        self.tokens.push(Token {
            id: issued.token.clone(),
            label: words(&issued.personal),
            issued: at,
            expires: issued.expires,
            revoked: None,
            digest,
        });
    }

    /// What was given before stays given back, also when the account is opened again.
    fn close(&mut self, at: Timestamp) {
        self.closed = Some(at);
        for token in &mut self.tokens {
            token.revoked.get_or_insert(at);
        }
        for grant in &mut self.grants {
            grant.ended.get_or_insert(at);
        }
    }
}

fn words(personal: &Note) -> Option<Text> {
    personal.note.clone()
}
