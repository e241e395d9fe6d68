//! Counts of what was said and of who said nothing, and the rates they make with both bounds.

use serde::Serialize;
use throughline_projection::Figure;

use crate::heard::{Heard, SurveyState, Verdict};

/// Answers to one question, and surveys that asked it. Adds up over clients in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Poll {
    pub satisfied: u64,
    pub neutral: u64,
    pub dissatisfied: u64,
    pub surveys: Surveyed,
}

/// How surveys stand. Adds up over clients in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Surveyed {
    pub answered: u64,
    pub declined: u64,
    pub silent: u64,
    pub open: u64,
    pub died: u64,
}

impl Poll {
    pub(crate) fn hear(&mut self, heard: &Heard) {
        match heard.verdict {
            Verdict::Satisfied => self.satisfied += 1,
            Verdict::Neutral => self.neutral += 1,
            Verdict::Dissatisfied => self.dissatisfied += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.satisfied += other.satisfied;
        self.neutral += other.neutral;
        self.dissatisfied += other.dissatisfied;
        self.surveys.add(other.surveys);
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn rated(&self) -> u64 {
        self.satisfied + self.neutral + self.dissatisfied
    }

    /// Those asked who stayed silent or declined: the bounds turn on them.
    fn missing(&self) -> u64 {
        self.surveys.silent + self.surveys.declined
    }

    pub(crate) fn csat(&self) -> Csat {
        let (n, missing) = (self.rated(), self.missing());
        Csat {
            n,
            satisfied: self.satisfied,
            neutral: self.neutral,
            dissatisfied: self.dissatisfied,
            share: share(self.satisfied, n),
            low: share(self.satisfied, n + missing),
            high: share(self.satisfied + missing, n + missing),
            asked: self.surveys.answer(),
        }
    }

    pub(crate) fn nps(&self) -> Nps {
        let (n, missing) = (self.rated(), self.missing());
        let points = |promoters: u64, detractors: u64, of: u64| {
            (of > 0).then(|| (promoters as f64 - detractors as f64) * 100.0 / of as f64)
        };
        Nps {
            n,
            promoters: self.satisfied,
            passives: self.neutral,
            detractors: self.dissatisfied,
            points: points(self.satisfied, self.dissatisfied, n),
            low: points(self.satisfied, self.dissatisfied + missing, n + missing),
            high: points(self.satisfied + missing, self.dissatisfied, n + missing),
            asked: self.surveys.answer(),
        }
    }

    pub(crate) fn csat_figure(&self, name: &str) -> Figure {
        let csat = self.csat();
        self.surveys.missing_from(Figure::share(name, csat.satisfied, csat.n).between(csat.low, csat.high))
    }

    pub(crate) fn nps_figure(&self, name: &str) -> Figure {
        let nps = self.nps();
        let figure = Figure {
            numerator: Some(nps.promoters as f64 - nps.detractors as f64),
            denominator: Some(nps.n),
            ..Figure::of(name, "points", nps.points)
        };
        self.surveys.missing_from(figure.between(nps.low, nps.high))
    }
}

impl Surveyed {
    pub(crate) fn count(&mut self, state: SurveyState) {
        match state {
            SurveyState::Answered => self.answered += 1,
            SurveyState::Declined => self.declined += 1,
            SurveyState::Open => self.open += 1,
            SurveyState::Silent => self.silent += 1,
            SurveyState::Died => self.died += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.answered += other.answered;
        self.declined += other.declined;
        self.silent += other.silent;
        self.open += other.open;
        self.died += other.died;
    }

    fn sent(&self) -> u64 {
        self.answered + self.declined + self.silent + self.open + self.died
    }

    pub(crate) fn answer(&self) -> Surveys {
        let sent = self.sent();
        Surveys {
            sent,
            answered: self.answered,
            declined: self.declined,
            silent: self.silent,
            still_open: self.open,
            died: self.died,
            response_rate: share(self.answered, sent),
            low: share(self.answered, sent),
            high: share(self.answered + self.open, sent),
        }
    }

    pub(crate) fn response_figure(&self, name: &str) -> Figure {
        let surveys = self.answer();
        self.missing_from(
            Figure::share(name, surveys.answered, surveys.sent).between(surveys.low, surveys.high),
        )
    }

    fn missing_from(&self, figure: Figure) -> Figure {
        figure
            .missing("silent", self.silent)
            .missing("declined", self.declined)
            .missing("still-open", self.open)
            .missing("died", self.died)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Customer satisfaction: the share of ratings in the top two boxes.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Csat {
    /// How many ratings count.
    pub n: u64,
    /// Of those, how many in the top two boxes.
    pub satisfied: u64,
    /// In neither.
    pub neutral: u64,
    /// In the bottom two.
    pub dissatisfied: u64,
    /// Satisfied by all rated, 0 to 1.
    pub share: Option<f64>,
    /// The share if everyone silent or declining had been dissatisfied.
    pub low: Option<f64>,
    /// The share if everyone silent or declining had been satisfied.
    pub high: Option<f64>,
    /// The surveys that asked.
    pub asked: Surveys,
}

/// Net promoter score: promoters (9 and 10) less detractors (0 to 6), by a hundred ratings.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Nps {
    /// How many ratings count.
    pub n: u64,
    /// Of those, 9 or 10.
    pub promoters: u64,
    /// Above 6 and below 9.
    pub passives: u64,
    /// 6 or less.
    pub detractors: u64,
    /// The score, −100 to 100.
    pub points: Option<f64>,
    /// The score if everyone silent or declining had been a detractor.
    pub low: Option<f64>,
    /// The score if everyone silent or declining had been a promoter.
    pub high: Option<f64>,
    /// The surveys that asked.
    pub asked: Surveys,
}

/// Surveys sent, and what became of them.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Surveys {
    /// How many were sent.
    pub sent: u64,
    /// Answered on a day on which an answer counts.
    pub answered: u64,
    /// Declined.
    pub declined: u64,
    /// Closed without a word.
    pub silent: u64,
    /// Not answered, and not closed.
    pub still_open: u64,
    /// Not answered when the client died.
    pub died: u64,
    /// Answered by sent, 0 to 1.
    pub response_rate: Option<f64>,
    /// The rate if none still open is answered.
    pub low: Option<f64>,
    /// The rate if all still open are answered.
    pub high: Option<f64>,
}
