//! Browser sessions: kept in memory, bound to the token they were opened with, and short.
//!
//! A session holds no leave of its own: at every request its token is asked after again, so a token revoked ends its
//! sessions at once. Restarting the service ends all.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use throughline_domain::Code;

use crate::{jobs::held, problem::Problem, refuse::broken};

/// The name of the cookie. `__Host-` binds it to this host and to what browsers take for a secure origin; Chromium and
/// Firefox take plain HTTP on loopback for one, so there is no second name for that.
pub(crate) const COOKIE: &str = "__Host-throughline";
/// A session that nobody used for this long has ended.
const IDLE_MAX: SignedDuration = SignedDuration::from_mins(30);
/// However much it is used, a session ends after this long.
const AGE_MAX: SignedDuration = SignedDuration::from_hours(12);
/// Sessions at once; past it the one unused for longest ends.
const SESSIONS_MAX: usize = 10_000;

/// The sessions there are. They are found by a hash of their id, so how long that takes says nothing about an id.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

struct Session {
    token: Code,
    form: String,
    begun: Timestamp,
    used: Timestamp,
}

/// What a request in a session has.
#[derive(Clone)]
pub(crate) struct InSession {
    /// The id of the token it was opened with.
    pub token: Code,
    /// What a request that changes something must repeat: a page of another site cannot read it.
    pub form: String,
}

impl Sessions {
    /// Opens a session with the token of this id; the cookie's value.
    pub fn open(&self, token: &Code, now: Timestamp) -> Result<String, Problem> {
        let (id, form) = (random()?, random()?);
        let session = Session { token: token.clone(), form, begun: now, used: now };
        let mut sessions = self.sessions();
        sessions.retain(|_, session| session.lasts(now));
        if sessions.len() >= SESSIONS_MAX {
            let oldest = sessions.iter().min_by_key(|(_, session)| session.used).map(|(key, _)| *key);
            oldest.map(|key| sessions.remove(&key));
        }
        sessions.insert(key(&id), session);
        Ok(id)
    }

    /// The session these headers name, if it lasts; it is in use again.
    pub fn find(&self, headers: &HeaderMap, now: Timestamp) -> Option<InSession> {
        let key = key(id(headers)?);
        let mut sessions = self.sessions();
        let session = sessions.get_mut(&key)?;
        if !session.lasts(now) {
            sessions.remove(&key);
            return None;
        }
        session.used = session.used.max(now);
        Some(InSession { token: session.token.clone(), form: session.form.clone() })
    }

    /// Ends the session these headers name.
    pub fn end(&self, headers: &HeaderMap) {
        if let Some(id) = id(headers) {
            self.sessions().remove(&key(id));
        }
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        held(&self.0)
    }
}

impl Session {
    fn lasts(&self, now: Timestamp) -> bool {
        now.duration_since(self.used) < IDLE_MAX && now.duration_since(self.begun) < AGE_MAX
    }
}

impl InSession {
    /// Whether this is what a request that changes something must repeat. Hashes are compared, so how long that takes
    /// says nothing.
    pub fn is_form(&self, given: &str) -> bool {
        key(given) == key(&self.form)
    }
}

/// The id of a session among the cookies, if there is one.
pub(crate) fn id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE && !value.is_empty()).then_some(value))
}

/// Gives a browser its session, or takes it away.
pub(crate) fn cookie(id: Option<&str>) -> HeaderValue {
    let (value, age) = id.map_or(("", "; Max-Age=0"), |id| (id, ""));
    let text = format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{age}");
    HeaderValue::try_from(text).expect("a cookie of base64 is a header")
}

fn key(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

fn random() -> Result<String, Problem> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| broken(&format!("the system gives no random bytes: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn code(text: &str) -> Code {
        Code::new(text).expect("a code")
    }

    fn with(id: &str) -> HeaderMap {
        let cookie = format!("other=1; {COOKIE}={id}; more=2");
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(cookie).expect("a header"))])
    }

    #[test]
    fn a_session_lasts_while_it_is_used_and_not_for_ever() {
        let sessions = Sessions::default();
        let id = sessions.open(&code("one"), at(0)).expect("random bytes");
        for minutes in (20..700).step_by(20) {
            let found = sessions.find(&with(&id), at(minutes)).expect("it is used");
            assert_eq!(found.token, code("one"));
        }
        assert!(sessions.find(&with(&id), at(12 * 60)).is_none(), "used all day, it ends all the same");
        let id = sessions.open(&code("one"), at(0)).expect("random bytes");
        assert!(sessions.find(&with(&id), at(30)).is_none(), "half an hour unused, it has ended");
        assert!(sessions.find(&with(&id), at(1)).is_none(), "and does not come back");
    }

    #[test]
    fn a_session_ends_for_who_ends_it_and_for_nobody_else() {
        let sessions = Sessions::default();
        let [one, other] =
            ["one", "two"].map(|token| sessions.open(&code(token), at(0)).expect("random bytes"));
        assert_ne!(one, other);
        sessions.end(&with(&one));
        assert!(sessions.find(&with(&one), at(1)).is_none());
        let found = sessions.find(&with(&other), at(1)).expect("it lasts");
        assert!(found.is_form(&found.form) && !found.is_form("") && !found.is_form(&other));
        assert!(sessions.find(&HeaderMap::new(), at(1)).is_none());
    }
}
