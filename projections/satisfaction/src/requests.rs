//! Requests: how soon the client got a first answer, and which one.

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Answer, Code, Eyes, Key};

use throughline_projection::Day;

use crate::{
    clock::{Clock, ClockState, Owed, What},
    histogram::Histogram,
    view::{Dated, Request, View},
};

/// Working days to a first answer where no day was promised: the house's own target.
pub const REQUEST_TARGET_WORKING_DAYS: u16 = 5;

/// The client's requests.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Requests {
    /// How many were received.
    pub received: u64,
    /// How many got a first answer.
    pub answered: u64,
    /// How many wait for one.
    pub still_open: u64,
    /// How many of those wait beyond their day.
    pub overdue: u64,
    /// How many had a first answer after their day.
    pub answered_late: u64,
    /// How many were answered in part and wait for the rest.
    pub rest_open: u64,
    /// First answers by how they met the request.
    pub answers: AnswerKinds,
    /// The day by which half of the first answers had come, counted from the request.
    pub median_days: Option<i32>,
    /// The day by which nine in ten had.
    pub ninetieth_days: Option<i32>,
    /// Each request, oldest first.
    pub each: Vec<RequestAnswer>,
}

/// How many first answers met the request in each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct AnswerKinds {
    /// In full.
    pub full: u64,
    /// In part.
    pub partial: u64,
    /// By sending the client on.
    pub referred: u64,
    /// Declined.
    pub declined: u64,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RequestAnswer {
    /// Its name in the journey.
    pub request: Key,
    /// What about.
    pub about: Code,
    /// To whom the answer is owed.
    pub to: Eyes,
    /// The day it was received.
    #[schema(value_type = String, format = Date)]
    pub received: Date,
    /// Whether the day it is due was promised; otherwise it is the house's target.
    pub promised: bool,
    /// How the clock of its first answer stands.
    pub clock: Clock,
    /// How the first answer met it.
    pub answer: Option<Answer>,
    /// Hours to the first answer, where both instants are known.
    pub hours: Option<f64>,
}

/// The request as a thing owed, with its first answer.
pub(crate) fn owed<'a>(view: &View, request: &'a Request) -> Option<(Owed, Option<&'a (Dated, Answer)>)> {
    let received = request.received.first()?;
    let first = request.answered.iter().find(|(at, _)| at.day >= received.at.day);
    let due = received.due.unwrap_or_else(|| received.at.day.plus_working(REQUEST_TARGET_WORKING_DAYS));
    let mut owed = Owed::new(What::AnswerRequest, &received.at, Some(due)).while_alive(view);
    owed.promised = received.due.is_some();
    owed.settled = first.map(|(at, _)| *at);
    Some((owed, first))
}

/// What is still owed after a first answer that met the request only in part.
///
/// It is due when the request was, or the house's target after the first answer where that is later.
pub(crate) fn rest_owed(view: &View, request: &Request) -> Option<Owed> {
    let (first_owed, first) = owed(view, request)?;
    let (at, _) = first.filter(|(_, answer)| *answer == Answer::Partial)?;
    let due = first_owed.due.map(|due| due.max(at.day.plus_working(REQUEST_TARGET_WORKING_DAYS)));
    let mut rest = Owed::new(What::CompleteAnswer, &request.received[0].at, due);
    (rest.from, rest.promised) = (at.day, first_owed.promised && due == first_owed.due);
    let full = |(later, answer): &&(Dated, Answer)| later.day >= at.day && *answer != Answer::Partial;
    rest.settled = request.answered.iter().find(full).map(|(at, _)| *at);
    let died_before = first_owed.stopped.is_some_and(|stopped| stopped <= at.day);
    (!died_before).then(|| rest.while_alive(view))
}

pub(crate) fn requests(view: &View, on: Day) -> Requests {
    let mut days = Histogram::default();
    let mut requests = Requests {
        received: 0,
        answered: 0,
        still_open: 0,
        overdue: 0,
        answered_late: 0,
        rest_open: 0,
        answers: AnswerKinds::default(),
        median_days: None,
        ninetieth_days: None,
        each: Vec::new(),
    };
    for (key, request) in &view.requests {
        let Some((owed, first)) = owed(view, request).filter(|(owed, _)| owed.from <= on) else { continue };
        let one = one(key, request, &owed, first, on);
        requests.received += 1;
        requests.still_open += u64::from(owed.is_open(on));
        requests.overdue += u64::from(one.clock.days_overdue.is_some());
        requests.rest_open += u64::from(rest_owed(view, request).is_some_and(|rest| rest.is_open(on)));
        if let Some(answer) = one.answer {
            requests.answered += 1;
            requests.answered_late += u64::from(one.clock.state == ClockState::Missed);
            requests.answers.count(answer);
        }
        one.clock.days_taken.into_iter().for_each(|taken| days.add(taken));
        requests.each.push(one);
    }
    requests.each.sort_by(|a, b| (a.received, &a.request).cmp(&(b.received, &b.request)));
    requests.median_days = days.median();
    requests.ninetieth_days = days.ninetieth();
    requests
}

fn one(key: &Key, request: &Request, owed: &Owed, first: Option<&(Dated, Answer)>, on: Day) -> RequestAnswer {
    let received = &request.received[0];
    let first = first.filter(|(at, _)| at.day <= on);
    let hours =
        first.and_then(|(at, _)| Some(at.second? - received.at.second?)).filter(|seconds| *seconds >= 0);
    RequestAnswer {
        request: key.clone(),
        about: received.about.clone(),
        to: owed.to,
        received: owed.from.date(),
        promised: owed.promised,
        clock: owed.clock(on),
        answer: first.map(|(_, answer)| *answer),
        hours: hours.map(|seconds| seconds as f64 / 3600.0),
    }
}

impl AnswerKinds {
    pub(crate) fn count(&mut self, answer: Answer) {
        match answer {
            Answer::Full => self.full += 1,
            Answer::Partial => self.partial += 1,
            Answer::Referred => self.referred += 1,
            Answer::Declined => self.declined += 1,
        }
    }
}
