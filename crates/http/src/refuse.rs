//! Which problem each error of the layers below is.

use throughline_access as access;
use throughline_backtest::{self as backtest, InvalidSpec};
use throughline_exchange::cloud_event;
use throughline_log as log;
use throughline_replay as replay;
use throughline_runtime as runtime;

use crate::problem::{Fault, Kind, Problem};

impl From<InvalidSpec> for Problem {
    fn from(wrong: InvalidSpec) -> Self {
        let fault = Fault { row: Some(wrong.line), ..Fault::default() };
        Kind::InvalidSpec.because(wrong.problem).at(fault.hint(wrong.hint))
    }
}

impl From<backtest::Error> for Problem {
    fn from(error: backtest::Error) -> Self {
        let said = error.to_string();
        match error {
            backtest::Error::Spec(wrong) => wrong.into(),
            backtest::Error::Log(error) => error.into(),
            backtest::Error::Expression { .. }
            | backtest::Error::Refused(_)
            | backtest::Error::Stats(_)
            | backtest::Error::Cancelled => Kind::InvalidSpec.because(said),
        }
    }
}

impl From<access::Error> for Problem {
    fn from(error: access::Error) -> Self {
        let said = error.to_string();
        match error {
            access::Error::AccountUnknown(_) => Kind::UnknownAccount.because(said),
            access::Error::AccountExists(_) => Kind::AccountExists.because(said),
            access::Error::AccountClosed(_) => Kind::AccountClosed.because(said),
            access::Error::TokenUnknown(_) => Kind::UnknownToken.because(said),
            access::Error::GrantUnknown(_) => Kind::UnknownGrant.because(said),
            access::Error::NoRole(_) => Kind::InvalidBody.because(said).at(Fault::pointer("/roles")),
            access::Error::TokenDays { .. } => Kind::InvalidBody.because(said).at(Fault::pointer("/days")),
            access::Error::UntilPassed(_) => Kind::InvalidBody.because(said).at(Fault::pointer("/until")),
            access::Error::NoReason => Kind::InvalidBody.because(said),
            access::Error::NoGlass(_) => Kind::NoLeave.because(said),
            access::Error::Busy(_) => Kind::Busy.because(said),
            access::Error::Random(_) => broken(&said),
            access::Error::Log(_) => unrecorded(&error),
        }
    }
}

/// What cannot be written down is not answered.
pub(crate) fn unrecorded(error: &access::Error) -> Problem {
    tracing::error!(error = %error, "the access log could not be written");
    Kind::Unrecorded
        .because("the access log could not be written, so nothing is answered; try again in a few seconds")
}

/// Events are durable, and it could not be written down who sent them.
pub(crate) fn unsigned(error: &access::Error) -> Problem {
    tracing::error!(error = %error, "the access log could not be written; events came in whose sender it does not name");
    Kind::Unrecorded.because(
        "the events are recorded, and the access log could not be written to say who sent them; send the same again, with \
         the same ids, until it is answered: nothing is recorded twice",
    )
}

impl From<runtime::Error> for Problem {
    fn from(error: runtime::Error) -> Self {
        let said = error.to_string();
        match error {
            runtime::Error::UnknownJourney(_) => {
                Kind::UnknownJourney.because(said).at(Fault::parameter("id")
                    .hint("the id of a journey that was opened; a `journey-opened` event opens one"))
            }
            runtime::Error::UnknownProjector(_) | runtime::Error::UnknownWorkList(_) => {
                Kind::UnknownName.because(said).at(Fault::parameter("name"))
            }
            runtime::Error::UnknownGrouping(_) => {
                Kind::InvalidQuery.because(said).at(Fault::parameter("group_by"))
            }
            runtime::Error::OnlyByErasing { index } => Kind::Rejected
                .because(said)
                .at(Fault::pointer(format!("/{index}/type")).hint("ask `POST /v1/journeys/{id}/erasures`")),
            runtime::Error::MixedJourneys { index } => {
                Kind::InvalidEvent.because(said).at(Fault::pointer(format!("/{index}/subject")))
            }
            runtime::Error::Rejected { rejection, .. } => Kind::Rejected
                .because(rejection.message)
                .at(Fault::pointer(format!("/data{}", rejection.pointer))
                    .hint(format!("rule `{}`", rejection.rule))),
            runtime::Error::Log(error) => error.into(),
            runtime::Error::Stopped => Kind::CatchingUp.because(said),
            runtime::Error::Store(_) => broken(&said),
        }
    }
}

impl From<replay::Error> for Problem {
    fn from(error: replay::Error) -> Self {
        let said = error.to_string();
        match error {
            replay::Error::Runtime(error) => error.into(),
            replay::Error::Log(error) => error.into(),
            replay::Error::Backwards => Kind::InvalidQuery.because(said).at(Fault::parameter("from")),
            replay::Error::TooMany { .. } => Kind::TooLarge.because(said),
            replay::Error::NotCovered => Kind::NotSigned.because(said),
            replay::Error::Unreadable { .. } | replay::Error::Io { .. } => broken(&said),
        }
    }
}

impl From<log::Error> for Problem {
    fn from(error: log::Error) -> Self {
        let said = error.to_string();
        match error {
            log::Error::Conflict { current, .. } => Kind::Conflict.because(said).with_version(current),
            log::Error::EventIdTaken { .. } => Kind::EventIdTaken.because(said),
            log::Error::TooManyEvents { .. } => Kind::TooManyEvents.because(said),
            log::Error::EventTooLarge { .. } => Kind::EventTooLarge.because(said),
            log::Error::BatchTooLarge { .. } | log::Error::JourneyTooLong { .. } => {
                Kind::TooLarge.because(said)
            }
            log::Error::Erased(_) => Kind::Erased.because(said),
            log::Error::Deidentified(_) => Kind::Deidentified.because(said),
            log::Error::Busy => Kind::Busy.because(said),
            log::Error::Full { .. } => {
                tracing::error!(error = said, "an append was refused");
                Kind::Full.because(
                    "the disk is full and nothing was written; make room, then send the same events again",
                )
            }
            log::Error::ReadOnly(_) => {
                tracing::error!(error = said, "an append was refused");
                Kind::ReadOnly
                    .because("the log is closed to writes; restart the service once the cause is gone")
            }
            log::Error::UnknownJourney(_) => Kind::UnknownJourney.because(said).at(Fault::parameter("id")),
            log::Error::Locked(_)
            | log::Error::BadCertificate { .. }
            | log::Error::NewerFormat { .. }
            | log::Error::Damaged { .. }
            | log::Error::BackupDamaged { .. }
            | log::Error::RestoreUnfinished(_)
            | log::Error::BackupUnfinished(_)
            | log::Error::IsBackup(_)
            | log::Error::Vault(_)
            | log::Error::Io { .. } => broken(&said),
        }
    }
}

/// What was sent is no event; `event` points to it in the body, `` for the only one.
pub(crate) fn invalid_event(event: &str, invalid: cloud_event::Invalid) -> Problem {
    let fault = Fault::pointer(format!("{event}{}", invalid.pointer)).hint(invalid.hint);
    Kind::InvalidEvent.because(invalid.problem).at(fault)
}

/// A fault of ours: the reader is told that, the log is told what.
pub(crate) fn broken(what: &str) -> Problem {
    tracing::error!(error = what, "a request could not be answered");
    Kind::Internal
        .because("the request was understood but could not be answered; the service's own log says why")
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_a_problem_of_its_own_with_what_to_do_and_without_the_path() {
        let full = log::Error::Full { path: "/somewhere/private".into(), room_bytes: 7 };
        let response = Problem::from(runtime::Error::Log(full)).into_response();
        assert_eq!(response.status().as_u16(), 507);
        assert_eq!(response.headers()["retry-after"], "60");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a body");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!((&body["code"], &body["type"]), (&"disk-full".into(), &"/docs#problem-disk-full".into()));
        let detail = body["detail"].as_str().expect("what happened");
        assert!(detail.contains("make room") && detail.contains("nothing was written"), "{detail}");
        assert!(!body.to_string().contains("private"), "{body}");
    }
}
