//! The accounts in memory, and the writing down of what they do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use ctutils::CtEq;
use jiff::{Timestamp, tz::Offset};
use throughline_domain::{
    self as domain, Actor, Code, Draft, Event, EventId, Eyes, JourneyId, Occurred, Recorded,
};
use throughline_log::{AsOf, Clock, Error as LogError, EventLog, Receipt};

use crate::{Account, Caller, Deed, Denied, Error, stream, token};

/// Accounts, tokens and the access log, over a log of their own. Share it in an `Arc`.
///
/// What is in memory is a fold of what is in the log, and only what is durable there is in memory. Nothing is locked
/// while something is being appended: many reads share the log's commits.
pub struct Access {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) clock: Clock,
    known: RwLock<Known>,
    /// Whether the last deed could not be written down.
    failing: AtomicBool,
}

#[derive(Default)]
struct Known {
    accounts: BTreeMap<Actor, Arc<Account>>,
    /// Whose a token is, and which of the account's: tokens are only ever added to an account.
    tokens: HashMap<Code, (Actor, usize)>,
}

impl Access {
    /// Reads the accounts. What they did is not read.
    pub fn open(log: Arc<dyn EventLog>, clock: Clock) -> Result<Self, Error> {
        let registry = log.read_journey(stream::registry(log.namespace()), AsOf::Now)?;
        let access = Self { log, clock, known: RwLock::default(), failing: AtomicBool::new(false) };
        for recorded in registry.events {
            if let Event::Access(domain::Access::AccountOpened(opened)) = recorded.draft.event {
                access.read_again(&opened.account)?;
            }
        }
        Ok(access)
    }

    /// Who comes with this token.
    pub fn caller(&self, token: &str) -> Result<Caller, Denied> {
        let digest = token::digest(token);
        let id = token::id(&digest);
        let known = self.known();
        let (name, nth) = known.tokens.get(&id).ok_or(Denied::Unknown)?;
        let account = &known.accounts[name];
        if !account.tokens[*nth].digest.ct_eq(&digest).to_bool() {
            return Err(Denied::Unknown);
        }
        self.let_in(account, *nth)
    }

    /// Who signed in with the token of this id, if it still opens anything: what a session asks at every request.
    pub fn caller_of_token(&self, id: &Code) -> Result<Caller, Denied> {
        let known = self.known();
        let (name, nth) = known.tokens.get(id).ok_or(Denied::Unknown)?;
        self.let_in(&known.accounts[name], *nth)
    }

    /// The open account of this name, as one that needs no token: the demo's visitor.
    pub fn account(&self, name: &Actor) -> Option<Caller> {
        let account = self.known_account(name).filter(|account| account.is_open())?;
        Some(Caller::of(account, None))
    }

    /// Every account, closed ones among them, in the order of their names.
    pub fn accounts(&self) -> Vec<Arc<Account>> {
        self.known().accounts.values().cloned().collect()
    }

    /// Whether there never was an account.
    pub fn is_new(&self) -> bool {
        self.known().accounts.is_empty()
    }

    /// What time it is here; grants and tokens run by it.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Writes down what somebody did, or nobody known. Durable when it returns; what could not be written down must not
    /// happen.
    pub fn record(&self, caller: Option<&Caller>, deed: Deed) -> Result<(), Error> {
        self.record_done(caller, deed, token::event_id()?, self.now())
    }

    /// The same of something that was done at an earlier time, and named then: again under this name adds nothing.
    pub fn record_done(
        &self,
        caller: Option<&Caller>,
        deed: Deed,
        name: EventId,
        at: Timestamp,
    ) -> Result<(), Error> {
        let account = caller.map(|caller| &caller.account);
        let deeds = deed.stream(account);
        let by = account.cloned().unwrap_or_else(stranger);
        let event = deed.event(&by);
        for part in 0.. {
            let stream = deeds.part(self.log.namespace(), part);
            let occurred = Occurred::At(at, Offset::UTC);
            let draft = Draft { event_id: name, occurred, ..self.draft(stream, &by, event.clone())? };
            match self.log.append(vec![draft], &[]) {
                Err(LogError::JourneyTooLong { .. }) => {}
                written => {
                    self.failing.store(written.is_err(), Ordering::Relaxed);
                    return written.map(|_| ()).map_err(Error::from);
                }
            }
        }
        unreachable!("four thousand million parts of a million deeds each")
    }

    /// Whether the last deed could not be written down.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    fn let_in(&self, account: &Arc<Account>, nth: usize) -> Result<Caller, Denied> {
        let token = &account.tokens[nth];
        if !account.is_open() {
            Err(Denied::Closed)
        } else if token.revoked.is_some() {
            Err(Denied::Revoked)
        } else if token.expires <= self.now() {
            Err(Denied::Expired)
        } else {
            Ok(Caller::of(Arc::clone(account), Some(token.id.clone())))
        }
    }

    pub(crate) fn known_account(&self, name: &Actor) -> Option<Arc<Account>> {
        self.known().accounts.get(name).cloned()
    }

    /// Whose token this is the id of.
    pub(crate) fn owner_of_token(&self, id: &Code) -> Option<Actor> {
        self.known().tokens.get(id).map(|(name, _)| name.clone())
    }

    pub(crate) fn draft(&self, stream: JourneyId, by: &Actor, event: Event) -> Result<Draft, Error> {
        Ok(Draft {
            event_id: token::event_id()?,
            journey: stream,
            actor: by.clone(),
            on_behalf_of: None,
            eyes: Eyes::System,
            occurred: Occurred::At(self.now(), Offset::UTC),
            cause: None::<EventId>,
            source: None,
            event,
        })
    }

    /// Takes over an account as its stream has it, unless as much or more of it is known.
    pub(crate) fn read_again(&self, name: &Actor) -> Result<(), Error> {
        let stream = stream::account(self.log.namespace(), name);
        let history = self.log.read_journey(stream, AsOf::Now)?;
        if let Some(account) = Account::of(&history.events) {
            self.known_mut().take(account);
        }
        Ok(())
    }

    /// Takes what was appended to an account's stream, all of it at once. It follows what was known when it was decided on,
    /// so each is either the next event or one that was read again meanwhile.
    pub(crate) fn take_appended(&self, name: &Actor, drafts: Vec<Draft>, receipt: &Receipt) {
        let mut known = self.known_mut();
        for draft in drafts {
            let stored = receipt.events.iter().find(|stored| stored.event_id == draft.event_id);
            let stored = stored.expect("a receipt names every event of its batch");
            let (position, version, recorded_at) = (stored.position, stored.version, stored.recorded_at);
            let recorded = Recorded { position, version, recorded_at, draft };
            let before = known.accounts.get(name).map(|account| Account::clone(account));
            if before.as_ref().map_or(0, |account| account.version.0) + 1 == version.0 {
                known.take(Account::after(before, &recorded).expect("only an open account is changed"));
            }
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn known_mut(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn take(&mut self, account: Account) {
        if self.accounts.get(&account.name).is_some_and(|known| known.version >= account.version) {
            return;
        }
        for (nth, token) in account.tokens.iter().enumerate() {
            self.tokens.entry(token.id.clone()).or_insert_with(|| (account.name.clone(), nth));
        }
        self.accounts.insert(account.name.clone(), Arc::new(account));
    }
}

/// Whoever asks without an account.
fn stranger() -> Actor {
    Actor::new("system:stranger").expect("a pseudonym")
}
