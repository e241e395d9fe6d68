//! The rules of a journey, each written once: which a fact breaks, and how to put it right.

mod reference;
mod shape;
mod stream;

use serde::Serialize;

use crate::{Event, Fact, Journey, Key, Rejection, journey::Mark};

/// A rule by its stable code, and what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The code a [`Rejection`] carries.
    pub code: &'static str,
    /// What it refuses.
    pub refuses: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal: $refuses:literal,)*) => {
        /// The rules' codes.
        pub(crate) mod rule {
            $(pub(crate) const $name: &str = $code;)*
        }

        /// Every rule, in the order they are asked.
        pub const RULES: &[Rule] = &[$(Rule { code: $code, refuses: $refuses },)*];
    };
}

rules! {
    MERGED = "merged": "a fact in a journey that was merged into another",
    ERASED = "erased": "a fact in a journey that was wholly erased",
    ERASED_IDENTITY = "erased-identity": "names or words in a journey whose personal key was destroyed",
    FUTURE = "future": "a fact that has not happened yet; clocks may differ by 24 hours",
    NOT_OPENED = "not-opened": "a fact in a journey that was not opened, or from before it was",
    OPENED_TWICE = "opened-twice": "a second opening",
    PROGRAMME_STREAM = "programme-stream": "a client's fact in a programme's stream, or the reverse",
    ACCESS_LOG = "access-log": "a fact of the access log in a journey; only the program writes those",
    AFTER_DEATH = "after-death": "a fact after the client's death, other than what others still do",
    DIED_TWICE = "died-twice": "a second death",
    EVENT_UNKNOWN = "event-unknown": "a correction, retraction or split of an event the journey does not have",
    EVENT_TAKEN_BACK = "event-taken-back": "a correction, retraction or split of an event already taken back",
    AMENDMENT_NOT_CORRECTABLE = "amendment-not-correctable": "a correction of an amendment",
    ERASURE_FINAL = "erasure-final": "a retraction of a destroyed key",
    NOT_THIS_JOURNEY = "not-this-journey": "a merge or split of other journeys",
    MERGED_ALREADY = "merged-already": "a merge of a journey that is part of this one already",
    SAME_JOURNEY = "same-journey": "a merge or split of a journey with itself",
    SPLIT_EMPTY = "split-empty": "a split that moves no event",
    KEY_REUSED = "key-reused": "a key that already names something else in the journey",
    ENROLMENT_UNKNOWN = "enrolment-unknown": "a fact in an enrolment that does not exist, or from before it began",
    ALREADY_EXITED = "already-exited": "an exit from an enrolment that was left already",
    ALREADY_COMPLETED = "already-completed": "a second completion of an enrolment",
    PLAN_UNKNOWN = "plan-unknown": "a revision of a plan never agreed",
    OUTCOME_NOT_PLANNED = "outcome-not-planned": "a goal that serves an outcome no plan names",
    OUTCOME_DIFFERS = "outcome-differs": "an outcome's key that stands for another outcome",
    OUTCOME_NOT_REACHED = "outcome-not-reached": "a follow-up or loss of an outcome not reached by then",
    OUTCOME_ALREADY_LOST = "outcome-already-lost": "a loss of an outcome lost and not reached again",
    REQUEST_UNKNOWN = "request-unknown": "an answer to no request",
    REQUEST_ANSWERED = "request-answered": "a second answer to a request answered other than in part",
    REFERRAL_UNKNOWN = "referral-unknown": "the end of a referral never made",
    REFERRAL_CLOSED = "referral-closed": "a second end of a referral",
    EXPECTATION_UNKNOWN = "expectation-unknown": "the settling of an expectation never set",
    EXPECTATION_SETTLED = "expectation-settled": "a second settling of an expectation",
    CONCERN_UNKNOWN = "concern-unknown": "an answer, update or reopening of no concern",
    CONCERN_RESOLVED = "concern-resolved": "a second resolution without a reopening between",
    CONCERN_NOT_RESOLVED = "concern-not-resolved": "a reopening of a concern that is open",
    SURVEY_UNKNOWN = "survey-unknown": "an answer to, or refusal of, a survey never sent",
    SURVEY_DECLINED = "survey-declined": "a second refusal of a survey",
    SURVEY_CLOSES_EARLY = "survey-closes-early": "a survey that closes before it is sent",
    DIFFICULTY_UNKNOWN = "difficulty-unknown": "an end of a difficulty never reported",
    DIFFICULTY_OVERCOME = "difficulty-overcome": "a second end of a difficulty",
    GIFT_UNKNOWN = "gift-unknown": "thanks for a gift or shift that was not given",
    CONSENT_NOT_GIVEN = "consent-not-given": "a withdrawal of a consent not given by then",
    CONSENT_ENDS_EARLY = "consent-ends-early": "a consent that ends before it begins",
    LISTED_TWICE = "listed-twice": "a list that names one thing twice",
    WINDOW_ORDER = "window-order": "a follow-up window whose first day, target and last day are not in order",
    TARGET_IS_BASELINE = "target-is-baseline": "an indicator whose target is where it stands",
    OFF_SCALE = "off-scale": "a value or answer outside its scale",
    AMOUNT_NEGATIVE = "amount-negative": "an amount below zero",
    CURRENCY = "currency": "a currency that is not three letters",
    SHIFT_LENGTH = "shift-length": "a shift of no minutes, or longer than a day",
    VOCABULARY = "vocabulary": "a code that a closed vocabulary does not have",
}

/// The rules that this fact breaks.
pub(crate) fn broken(journey: &Journey, fact: &Fact) -> Vec<Rejection> {
    let mut case = Case { journey, fact, broken: Vec::new() };
    stream::check(&mut case);
    reference::check(&mut case);
    shape::check(&mut case);
    case.broken
}

pub(crate) fn not_opened(event: &Event) -> Rejection {
    Rejection::new(
        rule::NOT_OPENED,
        "",
        format!("the journey is not opened; record journey-opened before {}", event.fact_name()),
    )
}

pub(crate) fn of_the_access_log(event: &Event) -> Rejection {
    let message = format!(
        "{} is a fact of the access log, which only the program writes; leave it out",
        event.fact_name()
    );
    Rejection::new(rule::ACCESS_LOG, "", message)
}

/// One fact held against one journey.
struct Case<'a> {
    journey: &'a Journey,
    fact: &'a Fact,
    broken: Vec<Rejection>,
}

impl Case<'_> {
    fn breaks(&mut self, rule: &'static str, pointer: impl Into<String>, message: impl Into<String>) {
        self.broken.push(Rejection::new(rule, pointer, message));
    }

    /// A key may name one thing only.
    fn names_anew(&mut self, field: &str, key: &Key, named: Option<Mark>) {
        if let Some(named) = named.filter(|named| named.event != self.fact.id) {
            let message = format!("`{key}` names what was recorded on {}; choose another key", named.told());
            self.breaks(rule::KEY_REUSED, format!("/facts/{field}"), message);
        }
    }
}
