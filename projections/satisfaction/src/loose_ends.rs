//! Loose ends: facts that fit no other. They are counted nowhere and shown, so that somebody can put them right.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Answer, EventId};

use throughline_projection::Day;

use crate::{
    concerns,
    heard::Heard,
    view::{Dated, View},
};

/// Why a fact fits no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SatisfactionLoose)]
pub enum Loose {
    /// An answer to a request that was not received by then.
    NoSuchRequest,
    /// A second answer, after one that was not in part; the first counts.
    RequestAnsweredAgain,
    /// A second request under the same name; the first counts.
    RequestRepeated,
    /// A step of a concern that was not raised by then.
    NoSuchConcern,
    /// A step a concern was not ready for: a second acknowledgement, an update or answer after the answer, raised
    /// again before it was answered.
    ConcernStepOutOfTurn,
    /// A second concern under the same name; the first counts.
    ConcernRepeated,
    /// Settles an expectation that was not set by then.
    NoSuchExpectation,
    /// Settles an expectation again; the first counts.
    ExpectationSettledAgain,
    /// A second expectation under the same name; the first counts.
    ExpectationRepeated,
    /// Thanks for, or the impact of, a gift or shift that was not given by then.
    NoSuchGift,
    /// A second gift or shift under the same name; the first counts.
    GiftRepeated,
    /// Answers or declines a survey that was never sent.
    NoSuchSurvey,
    /// Sent again under the same name; the first counts.
    SurveyRepeated,
    /// Declined again, or declined and answered; the answer counts, else the first.
    SurveySettledAgain,
    /// Rated before the survey it names was sent; it counts as unasked.
    RatingBeforeSurvey,
    /// Rated after the last day on which an answer counts; it is not counted.
    RatingAfterClose,
    /// The same survey or transaction rated again, with the same instrument, through the same eyes; the first counts.
    RatedAgain,
    /// The value lies off its scale; it is not counted.
    RatingOffScale,
    /// A net promoter question on another scale than 0 to 10; it counts as an instrument of the programme's own.
    NpsOffScale,
}

/// A fact that fits no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = SatisfactionLooseEnd)]
pub struct LooseEnd {
    /// The day it happened.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// The event.
    #[schema(value_type = String)]
    pub event: EventId,
    /// Why.
    pub why: Loose,
}

/// Gathers loose ends up to a day, each event once for each reason.
struct Gather {
    on: Day,
    ends: BTreeSet<LooseEnd>,
}

impl Gather {
    fn add(&mut self, at: &Dated, why: Loose) {
        if at.day <= self.on {
            self.ends.insert(LooseEnd { on: at.day.date(), event: at.event, why });
        }
    }

    /// Of facts that may be there once: those after the first.
    fn repeats<'a>(&mut self, at: impl IntoIterator<Item = &'a Dated>, why: Loose) {
        at.into_iter().skip(1).for_each(|at| self.add(at, why));
    }

    /// Of facts that answer another: those with none to answer yet, and those after the first that had one.
    fn answers<'a>(
        &mut self,
        to: Option<&Dated>,
        at: impl IntoIterator<Item = &'a Dated>,
        none: Loose,
        again: Option<Loose>,
    ) {
        let mut answered = false;
        for at in at {
            if to.is_none_or(|to| at.day < to.day) {
                self.add(at, none);
            } else if let (true, Some(again)) = (answered, again) {
                self.add(at, again);
            } else {
                answered = true;
            }
        }
    }
}

pub(crate) fn loose_ends(view: &View, heard: &[Heard], on: Day) -> Vec<LooseEnd> {
    let mut gather = Gather { on, ends: BTreeSet::new() };
    for heard in heard {
        heard.loose.into_iter().for_each(|why| gather.add(&heard.rating.at, why));
    }
    let answered: BTreeSet<_> = heard.iter().filter_map(|heard| heard.survey).collect();
    for (key, survey) in &view.surveys {
        let sent = survey.sent.first().map(|sent| &sent.at);
        gather.repeats(survey.sent.iter().map(|sent| &sent.at), Loose::SurveyRepeated);
        gather.answers(sent, &survey.declined, Loose::NoSuchSurvey, Some(Loose::SurveySettledAgain));
        if answered.contains(key) {
            let declined = survey.declined.iter().filter(|at| sent.is_some_and(|sent| at.day >= sent.day));
            declined.for_each(|at| gather.add(at, Loose::SurveySettledAgain));
        }
    }
    for request in view.requests.values() {
        let received = request.received.first().map(|received| &received.at);
        gather.repeats(request.received.iter().map(|received| &received.at), Loose::RequestRepeated);
        gather.answers(received, request.answered.iter().map(|(at, _)| at), Loose::NoSuchRequest, None);
        let answers =
            request.answered.iter().filter(|(at, _)| received.is_some_and(|received| at.day >= received.day));
        let after_full = answers.skip_while(|(_, answer)| *answer == Answer::Partial);
        gather.repeats(after_full.map(|(at, _)| at), Loose::RequestAnsweredAgain);
    }
    for expectation in view.expectations.values() {
        let set = expectation.set.first().map(|set| &set.at);
        gather.repeats(expectation.set.iter().map(|set| &set.at), Loose::ExpectationRepeated);
        let settled = expectation.settled.iter().map(|(at, _)| at);
        gather.answers(set, settled, Loose::NoSuchExpectation, Some(Loose::ExpectationSettledAgain));
    }
    concern_ends(view, &mut gather);
    gift_ends(view, &mut gather);
    gather.ends.into_iter().collect()
}

fn concern_ends(view: &View, gather: &mut Gather) {
    for concern in view.concerns.values() {
        let raised = concern.raised.first().map(|raised| &raised.at);
        gather.repeats(concern.raised.iter().map(|raised| &raised.at), Loose::ConcernRepeated);
        gather.answers(raised, concern.steps.iter().map(|(at, _)| at), Loose::NoSuchConcern, None);
        if let Some((raised, _, loose)) = concerns::rounds(view, concern) {
            let out_of_turn = loose.iter().filter(|at| at.day >= raised.at.day);
            out_of_turn.for_each(|at| gather.add(at, Loose::ConcernStepOutOfTurn));
        }
    }
}

fn gift_ends(view: &View, gather: &mut Gather) {
    for gift in view.gifts.values() {
        let given = gift.given.first().map(|(at, _)| at);
        gather.repeats(gift.given.iter().map(|(at, _)| at), Loose::GiftRepeated);
        gather.answers(given, gift.thanks.iter().chain(&gift.impact), Loose::NoSuchGift, None);
    }
    let first =
        view.gifts.values().filter_map(|gift| gift.given.first()).map(|(at, _)| at).min_by_key(|at| at.day);
    gather.answers(first, view.thanks.iter().chain(&view.impact), Loose::NoSuchGift, None);
}
