//! Which ratings count on a date, what each says, and how each survey stands.

use std::collections::BTreeSet;

use serde::Serialize;
use throughline_domain::{Eyes, Key};

use throughline_projection::Day;

use crate::{
    loose_ends::Loose,
    view::{About, CodeNumber, Codes, Rating, Survey, SurveySent, View},
};

/// Which question was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// How content the client was.
    Csat,
    /// Whether the client would recommend us.
    Nps,
    /// An instrument of the programme's own.
    Own,
}

/// What a rating says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Satisfied, or a promoter.
    Satisfied,
    /// Neither, or passive.
    Neutral,
    /// Dissatisfied, or a detractor.
    Dissatisfied,
}

/// A rating as it stands on a date.
#[derive(Debug, Clone)]
pub(crate) struct Heard<'a> {
    pub rating: &'a Rating,
    pub question: Question,
    pub verdict: Verdict,
    /// What it is about; what it leaves open is taken from the survey it answers.
    pub about: About,
    /// The survey it answers, within the days on which an answer counts.
    pub survey: Option<&'a Key>,
    /// Why it does not count, or counts only by itself.
    pub loose: Option<Loose>,
    pub counts: bool,
}

/// Every rating up to this day, in the order it was given.
pub(crate) fn heard(view: &View, on: Day) -> Vec<Heard<'_>> {
    let mut once = Once::default();
    view.ratings
        .iter()
        .take_while(|rating| rating.at.day <= on)
        .map(|rating| hear(view, rating, on, &mut once))
        .collect()
}

/// What was rated already: a survey or a transaction, with which instrument, through whose eyes.
#[derive(Default)]
struct Once<'a> {
    surveys: BTreeSet<(&'a Key, Asked, Option<CodeNumber>, Eyes)>,
    transactions: BTreeSet<([u8; 16], Option<CodeNumber>, Eyes)>,
}

impl<'a> Once<'a> {
    /// Whether the same was rated before; both are remembered.
    fn again(&mut self, rating: &'a Rating, asked: Asked) -> bool {
        let (instrument, eyes) = (rating.instrument, rating.at.eyes);
        let survey = rating
            .survey
            .as_ref()
            .is_some_and(|survey| !self.surveys.insert((survey, asked, instrument, eyes)));
        let transaction =
            rating.of.is_some_and(|of| !self.transactions.insert((of.bytes(), instrument, eyes)));
        survey || transaction
    }
}

/// Whether a rating that names a survey falls within the days on which an answer to it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Within,
    /// The survey was sent later, or never.
    Before,
    After,
}

impl Asked {
    fn of(rating: &Rating, sent: Option<&SurveySent>) -> Self {
        match sent {
            Some(sent) if rating.at.day > sent.closes => Self::After,
            Some(sent) if rating.at.day >= sent.at.day => Self::Within,
            Some(_) | None => Self::Before,
        }
    }
}

fn hear<'a>(view: &'a View, rating: &'a Rating, on: Day, once: &mut Once<'a>) -> Heard<'a> {
    let question = question(&view.codes, rating);
    let mut heard = Heard {
        rating,
        question,
        verdict: verdict(question, rating),
        about: rating.about,
        survey: None,
        loose: None,
        counts: true,
    };
    let sent = rating.survey.as_ref().and_then(|survey| sent(view.surveys.get(survey)?, on));
    let asked = Asked::of(rating, sent);
    let refused = if !(rating.min..=rating.max).contains(&rating.value) {
        Some(Loose::RatingOffScale)
    } else if asked == Asked::After {
        Some(Loose::RatingAfterClose)
    } else {
        once.again(rating, asked).then_some(Loose::RatedAgain)
    };
    let nps_elsewhere = question == Question::Own && is_nps(&view.codes, rating);
    heard.counts = refused.is_none();
    heard.loose = match (refused, asked, &rating.survey) {
        (Some(refused), ..) => Some(refused),
        (None, Asked::Before, Some(_)) if sent.is_some() => Some(Loose::RatingBeforeSurvey),
        (None, Asked::Before, Some(_)) => Some(Loose::NoSuchSurvey),
        (None, ..) => nps_elsewhere.then_some(Loose::NpsOffScale),
    };
    if let (true, Asked::Within, Some(sent)) = (heard.counts, asked, sent) {
        heard.survey = rating.survey.as_ref();
        heard.about = rating.about.or(sent.about);
    }
    heard
}

/// The survey as first sent, if it was by this day.
pub(crate) fn sent(survey: &Survey, on: Day) -> Option<&SurveySent> {
    survey.sent.first().filter(|sent| sent.at.day <= on)
}

fn is_nps(codes: &Codes, rating: &Rating) -> bool {
    instrument_question(codes, rating.instrument) == Question::Nps
}

/// Which question a rating answers; `nps` is one only on its own scale, 0 to 10.
fn question(codes: &Codes, rating: &Rating) -> Question {
    let on_nps_scale = rating.answers == 1 && rating.min.abs() < 1e-9 && (rating.max - 10.0).abs() < 1e-9;
    match instrument_question(codes, rating.instrument) {
        Question::Nps if !on_nps_scale => Question::Own,
        question => question,
    }
}

pub(crate) fn instrument_question(codes: &Codes, instrument: Option<CodeNumber>) -> Question {
    match instrument.map(|instrument| codes.code(instrument).as_str()) {
        Some("csat") => Question::Csat,
        Some("nps") => Question::Nps,
        _ => Question::Own,
    }
}

/// What a rating says, by the rule of its question.
fn verdict(question: Question, rating: &Rating) -> Verdict {
    let answers = f64::from(rating.answers);
    let (value, min, max) = (rating.value / answers, rating.min / answers, rating.max / answers);
    let (content, discontent) = match question {
        Question::Nps => (value >= 9.0, value <= 6.0),
        Question::Csat if max - min <= 10.0 => {
            // A scale of fewer than four boxes has one at each end that says something.
            let boxes_in = if max - min < 3.0 { 0.0 } else { 1.0 };
            (value >= max - boxes_in, value <= min + boxes_in)
        }
        // No boxes: the scale is cut into five equal ones, and the upper and lower two are taken.
        Question::Csat | Question::Own => {
            let share = (value - min) / (max - min);
            (share >= 0.6, share <= 0.4)
        }
    };
    if content {
        Verdict::Satisfied
    } else if discontent {
        Verdict::Dissatisfied
    } else {
        Verdict::Neutral
    }
}

/// How a survey stands on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SurveyState {
    /// Answered in time.
    Answered,
    /// The person chose not to answer.
    Declined,
    /// The last day on which an answer counts has not passed.
    Open,
    /// That day has passed without a word.
    Silent,
    /// The client died before that day.
    Died,
}

pub(crate) fn survey_state(
    view: &View,
    survey: &Survey,
    sent: &SurveySent,
    answered: bool,
    on: Day,
) -> SurveyState {
    let declined = survey.declined.iter().any(|declined| (sent.at.day..=on).contains(&declined.day));
    let died = view.died.is_some_and(|died| (sent.at.day..=on.min(sent.closes)).contains(&died.day));
    if answered {
        SurveyState::Answered
    } else if declined {
        SurveyState::Declined
    } else if died {
        SurveyState::Died
    } else if on <= sent.closes {
        SurveyState::Open
    } else {
        SurveyState::Silent
    }
}
