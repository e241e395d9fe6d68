//! Changes of accounts, tokens and grants: each is decided on what is known, appended where nobody else changed the
//! account meanwhile, and counts once it is durable.

use std::{collections::BTreeSet, iter, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use throughline_domain::{
    AccountClosed, AccountOpened, Actor, Code, DatesChanged, Event, GlassBroken, JourneyId, LeaveEnded,
    LeaveGranted, Note, RolesChanged, Text, TokenIssued, TokenRevoked,
};
use throughline_log::{Error as LogError, Expected};

use crate::{Access, Account, Caller, Dates, Error, Issued, Need, Role, stream, token};

/// Days a token holds where nothing else is asked.
pub const TOKEN_DAYS: u16 = 90;

/// Days a token can hold at most.
pub const TOKEN_DAYS_MAX: u16 = 366;

/// Hours a record stays open after the glass was broken for it.
pub const GLASS_HOURS: i64 = 4;

/// How often a change is decided anew because others changed the same account.
const ATTEMPTS: usize = 16;

/// An account to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name, a pseudonym.
    pub name: Actor,
    /// What it is for.
    pub roles: BTreeSet<Role>,
    /// The worker it belongs to, as facts name them.
    pub worker: Option<Code>,
    /// How exactly it sees dates of one client, where it sees clients under ids of its own. Where nothing is said, one that
    /// is opened again keeps what was said before.
    pub dates: Option<Dates>,
}

impl NewAccount {
    /// One that is for nothing yet.
    pub fn named(name: Actor) -> Self {
        Self { name, roles: BTreeSet::new(), worker: None, dates: None }
    }
}

/// Leave to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// To whom.
    pub to: Actor,
    /// Which client; all where empty.
    pub client: Option<JourneyId>,
    /// Whether names, contacts and words are shown too.
    pub names: bool,
    /// Until when; until it is ended where empty.
    pub until: Option<Timestamp>,
    /// Why, in words.
    pub why: Text,
}

impl Access {
    /// Opens an account, or opens again one that was closed; tokens and grants from before stay dead.
    pub fn open_account(&self, by: &Actor, new: NewAccount) -> Result<Arc<Account>, Error> {
        if new.roles.is_empty() {
            return Err(Error::NoRole(new.name));
        }
        self.change(&new.name, by, |known| match known {
            Some(account) if account.is_open() => Err(Error::AccountExists(new.name.clone())),
            _ => {
                let (account, roles, worker) = (new.name.clone(), codes(&new.roles), new.worker.clone());
                let opened = AccountOpened { account, roles, worker, personal: Note::default() };
                Ok(iter::once(opened.into())
                    .chain(new.dates.map(|dates| dates_of(&new.name, dates)))
                    .collect())
            }
        })
    }

    /// Gives an account other roles, or another worker; and other dates where these are said, all at once or not at all.
    pub fn change_roles(
        &self,
        by: &Actor,
        name: &Actor,
        roles: &BTreeSet<Role>,
        worker: Option<Code>,
        dates: Option<Dates>,
    ) -> Result<Arc<Account>, Error> {
        if roles.is_empty() {
            return Err(Error::NoRole(name.clone()));
        }
        self.change_open(name, by, move |account| {
            let (account, roles, worker) = (account.name.clone(), codes(roles), worker.clone());
            let changed = RolesChanged { account, roles, worker, personal: Note::default() };
            Ok(iter::once(changed.into()).chain(dates.map(|dates| dates_of(name, dates))).collect())
        })
    }

    /// Closes an account: its tokens and grants are dead when it returns.
    pub fn close_account(&self, by: &Actor, name: &Actor) -> Result<Arc<Account>, Error> {
        self.change_open(name, by, |account| {
            Ok(alone(AccountClosed { account: account.name.clone(), personal: Note::default() }))
        })
    }

    /// Gives out a token, for [`TOKEN_DAYS`] where nothing else is asked. Its text is in the answer and nowhere else.
    pub fn issue_token(
        &self,
        by: &Actor,
        name: &Actor,
        label: Option<Text>,
        days: Option<u16>,
    ) -> Result<Issued, Error> {
        let days = days.unwrap_or(TOKEN_DAYS);
        if !(1..=TOKEN_DAYS_MAX).contains(&days) {
            return Err(Error::TokenDays { days, max: TOKEN_DAYS_MAX });
        }
        let text = token::make()?;
        let digest = token::digest(&text);
        let id = token::id(&digest);
        let expires = later(self.now(), i64::from(days) * 24);
        let token = id.clone();
        self.change_open(name, by, move |account| {
            Ok(alone(TokenIssued {
                account: account.name.clone(),
                token: token.clone(),
                digest: token::written(&digest),
                expires,
                personal: Note { note: label.clone() },
            }))
        })?;
        Ok(Issued { id, text, expires })
    }

    /// Takes a token back: it opens nothing when this returns. One that was taken back before stays so.
    pub fn revoke_token(&self, by: &Actor, id: &Code) -> Result<(), Error> {
        let name = self.owner_of_token(id).ok_or_else(|| Error::TokenUnknown(id.clone()))?;
        let revoked =
            |account: &Account| account.tokens.iter().any(|token| token.id == *id && token.revoked.is_some());
        if self.known_account(&name).is_some_and(|account| revoked(&account)) {
            return Ok(());
        }
        self.change_open(&name, by, |account| {
            Ok(alone(TokenRevoked {
                account: account.name.clone(),
                token: id.clone(),
                personal: Note::default(),
            }))
        })?;
        Ok(())
    }

    /// Gives an account leave to see what its roles alone do not show it; the grant's id.
    pub fn grant(&self, by: &Actor, grant: NewGrant) -> Result<Code, Error> {
        said(&grant.why)?;
        if let Some(until) = grant.until.filter(|until| *until <= self.now()) {
            return Err(Error::UntilPassed(until));
        }
        let id = token::grant_id()?;
        let NewGrant { to, client, names, until, why } = grant;
        self.change_open(&to, by, |account| {
            Ok(alone(LeaveGranted {
                account: account.name.clone(),
                grant: id.clone(),
                client,
                names,
                until,
                personal: Note { note: Some(why.clone()) },
            }))
        })?;
        Ok(id)
    }

    /// Ends a grant. One that was ended before stays so.
    pub fn end_grant(&self, by: &Actor, id: &Code) -> Result<(), Error> {
        let has = |account: &&Arc<Account>| account.grants.iter().any(|grant| grant.id == *id);
        let accounts = self.accounts();
        let account = accounts.iter().find(has).ok_or_else(|| Error::GrantUnknown(id.clone()))?;
        if account.grants.iter().any(|grant| grant.id == *id && grant.ended.is_some()) {
            return Ok(());
        }
        self.change_open(&account.name, by, |account| {
            Ok(alone(LeaveEnded {
                account: account.name.clone(),
                grant: id.clone(),
                personal: Note::default(),
            }))
        })?;
        Ok(())
    }

    /// Opens one client's record to whoever asks, for [`GLASS_HOURS`], in an emergency and for a reason; until when.
    pub fn break_glass(&self, caller: &Caller, client: JourneyId, reason: Text) -> Result<Timestamp, Error> {
        said(&reason)?;
        let until = later(self.now(), GLASS_HOURS);
        self.change_open(&caller.account, &caller.account, move |account| {
            if !account.roles.iter().any(|role| role.leave(Need::ReadClient).is_some()) {
                return Err(Error::NoGlass(account.name.clone()));
            }
            let personal = Note { note: Some(reason.clone()) };
            Ok(alone(GlassBroken { account: account.name.clone(), client, until, personal }))
        })?;
        Ok(until)
    }

    fn change_open(
        &self,
        name: &Actor,
        by: &Actor,
        decide: impl Fn(&Account) -> Result<Vec<Event>, Error>,
    ) -> Result<Arc<Account>, Error> {
        self.change(name, by, |known| match known {
            None => Err(Error::AccountUnknown(name.clone())),
            Some(account) if !account.is_open() => Err(Error::AccountClosed(name.clone())),
            Some(account) => decide(account),
        })
    }

    /// Decides what is said of the account, appends all of it at once, and takes what was appended; again where somebody else was quicker.
    fn change(
        &self,
        name: &Actor,
        by: &Actor,
        decide: impl Fn(Option<&Account>) -> Result<Vec<Event>, Error>,
    ) -> Result<Arc<Account>, Error> {
        let namespace = self.log.namespace();
        let journey = stream::account(namespace, name);
        for _ in 0..ATTEMPTS {
            let known = self.known_account(name);
            let version = known.as_ref().map(|account| account.version).unwrap_or_default();
            let events = decide(known.as_deref())?;
            let drafts = events.iter().map(|event| self.draft(journey, by, event.clone()));
            let drafts = drafts.collect::<Result<Vec<_>, _>>()?;
            let mut batch = drafts.clone();
            if known.is_none() {
                let listed = events.into_iter().next().expect("a change says something");
                batch.push(self.draft(stream::registry(namespace), by, listed)?);
            }
            match self.log.append(batch, &[Expected { journey, version }]) {
                Ok(receipt) => {
                    self.take_appended(name, drafts, &receipt);
                    return Ok(self.known_account(name).expect("what was changed is known"));
                }
                Err(LogError::Conflict { .. }) => self.read_again(name)?,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Busy(name.clone()))
    }
}

fn alone(event: impl Into<Event>) -> Vec<Event> {
    vec![event.into()]
}

fn dates_of(name: &Actor, dates: Dates) -> Event {
    let dates = Code::new(dates.name()).expect("such a name is a code");
    DatesChanged { account: name.clone(), dates, personal: Note::default() }.into()
}

fn codes(roles: &BTreeSet<Role>) -> Vec<Code> {
    roles.iter().map(|role| Code::new(role.name()).expect("a role's name is a code")).collect()
}

fn said(reason: &Text) -> Result<(), Error> {
    if reason.as_str().trim().is_empty() { Err(Error::NoReason) } else { Ok(()) }
}

fn later(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(hours)).expect("adding hours to an instant saturates")
}
