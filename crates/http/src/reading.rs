//! What every read has in common: how far the views must be, what was known when, and where a list goes on.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use jiff::SignedDuration;
use throughline_domain::Position;
use throughline_log::AsOf;

use crate::{
    State,
    parameters::Moment,
    problem::{Fault, Kind, Problem},
};

/// How long a read waits for the views to reach `min_position`.
const WAIT: Duration = Duration::from_secs(2);
/// The longest pause between two looks at the views while waiting.
const PAUSE_MAX: Duration = Duration::from_millis(16);
/// How far a reader's clock may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_hours(24);

impl State {
    /// Waits until the views have taken in this position, if one is asked for; the last position they have.
    pub(crate) async fn reach(&self, min_position: Option<u64>) -> Result<Option<Position>, Problem> {
        let Some(wanted) = min_position else { return Ok(applied_position(self.runtime.applied())) };
        let events = self.runtime.log().events();
        if wanted >= events {
            return Err(beyond("min_position", wanted, events));
        }
        let (mut waited, mut pause) = (Duration::ZERO, Duration::from_millis(1));
        while self.runtime.applied() <= wanted {
            if waited >= WAIT {
                let applied = self.runtime.applied();
                return Err(Kind::CatchingUp.because(format!(
                    "the views have taken in {applied} of {events} events and not yet position {wanted}; \
                     try again in a second, or leave `min_position` out"
                )));
            }
            tokio::time::sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Ok(applied_position(self.runtime.applied()))
    }

    /// For reads of the log itself, which is never behind: refuses a position that is not recorded yet.
    pub(crate) fn recorded(&self, min_position: Option<u64>) -> Result<(), Problem> {
        let events = self.runtime.log().events();
        min_position
            .filter(|wanted| *wanted >= events)
            .map_or(Ok(()), |wanted| Err(beyond("min_position", wanted, events)))
    }

    /// What was known at this moment; everything where none is given. Nobody can know what is yet to be recorded.
    pub(crate) fn as_of(&self, parameter: &str, moment: Option<Moment>) -> Result<AsOf, Problem> {
        match moment {
            None => Ok(AsOf::Now),
            Some(Moment::Position(Position(wanted))) if wanted >= self.runtime.log().events() => {
                Err(beyond(parameter, wanted, self.runtime.log().events()))
            }
            Some(Moment::Time(time)) if time > self.now() + SKEW => Err(Kind::BeyondHead
                .because(format!("`{parameter}` {time} lies in the future; nothing is known as of then"))
                .at(Fault::parameter(parameter).hint("leave it out for what is known now"))),
            Some(moment) => Ok(moment.into()),
        }
    }
}

fn beyond(parameter: &str, wanted: u64, events: u64) -> Problem {
    let last = applied_position(events).map_or_else(|| "none yet".to_owned(), |last| last.to_string());
    Kind::BeyondHead
        .because(format!("`{parameter}` {wanted} is past the end of the log; its last position is {last}"))
        .at(Fault::parameter(parameter).hint("use a position that an append or a read answered"))
}

/// The last position among this many events.
pub(crate) fn applied_position(events: u64) -> Option<Position> {
    events.checked_sub(1).map(Position)
}

/// The address of the page after this one: the same query with these parameters set.
pub(crate) fn next_page(uri: &Uri, set: &[(&str, &str)]) -> String {
    let query = uri.query().unwrap_or_default();
    let kept =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| set.iter().all(|(set, _)| name != set));
    let mut next = form_urlencoded::Serializer::new(String::new());
    next.extend_pairs(kept).extend_pairs(set);
    format!("{}?{}", uri.path(), next.finish())
}

/// `Link: <…>; rel="next"`, where there is a next page.
pub(crate) fn link_next(next: Option<&str>) -> HeaderMap {
    let link = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
    HeaderMap::from_iter(link.map(|link| (header::LINK, link)))
}
