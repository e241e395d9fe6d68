//! What the client said of transactions and processes: by question, by what was rated, and over time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, EventId, Eyes};

use throughline_projection::Day;

use crate::{
    heard::{Heard, Question, SurveyState, Verdict, heard, instrument_question, sent, survey_state},
    loose_ends::Loose,
    poll::{Csat, Nps, Poll, Surveyed, Surveys},
    view::{About, CodeNumber, View},
};

/// The client's ratings.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Ratings {
    /// How content, over all.
    pub csat: Csat,
    /// Whether they would recommend us, over all.
    pub nps: Nps,
    /// The programme's own instruments.
    pub instruments: Vec<InstrumentTotals>,
    /// All surveys, whatever they asked.
    pub surveys: Surveys,
    /// The 365 days up to the date.
    pub last_year: Year,
    /// The 365 days before those, as they stood when they ended.
    pub year_before: Year,
    /// By what was rated, and through whose eyes.
    pub by: By,
    /// Each rating, oldest first.
    pub trend: Vec<Rated>,
}

/// Ratings given, and surveys sent, within one year.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Year {
    /// How content.
    pub csat: Csat,
    /// Whether they would recommend us.
    pub nps: Nps,
    /// All surveys, whatever they asked.
    pub surveys: Surveys,
}

/// Totals of one instrument on one scale, reversed items turned round.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct InstrumentTotals {
    /// The instrument.
    pub instrument: Option<Code>,
    /// The lowest total there can be.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// How many totals.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// The first.
    pub first: f64,
    /// The latest.
    pub latest: f64,
    /// The day of the latest.
    #[schema(value_type = String, format = Date)]
    pub latest_on: Date,
}

/// Ratings by each side of what they are about.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct By {
    /// By process.
    pub process: Vec<Slice>,
    /// By service.
    pub service: Vec<Slice>,
    /// By site.
    pub site: Vec<Slice>,
    /// By worker.
    pub worker: Vec<Slice>,
    /// Through whose eyes. A survey does not say whose answer it waits for, so nobody is missing here.
    pub eyes: Vec<Slice>,
}

/// Ratings of one process, service, site or worker, or through one pair of eyes.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Slice {
    /// Which; unset for ratings that do not say.
    pub code: Option<String>,
    /// How content; unset where nobody was asked or said.
    pub csat: Option<Csat>,
    /// Whether they would recommend us; unset likewise.
    pub nps: Option<Nps>,
}

/// One rating.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Rated {
    /// The day it was given.
    #[schema(value_type = String, format = Date)]
    pub on: Date,
    /// With which instrument.
    pub instrument: Option<Code>,
    /// The value, or the total after reversed items are turned round.
    pub value: f64,
    /// The lowest there can be.
    pub min: f64,
    /// The highest.
    pub max: f64,
    /// What it says.
    pub verdict: Verdict,
    /// Through whose eyes.
    pub eyes: Eyes,
    /// The process it is about.
    pub process: Option<Code>,
    /// The service.
    pub service: Option<Code>,
    /// The site.
    pub site: Option<Code>,
    /// The worker.
    pub worker: Option<Code>,
    /// Whether a survey asked for it, and it came in time.
    pub asked: bool,
    /// Whether it is counted in the rates.
    pub counts: bool,
    /// Why it is not, or what is odd about it.
    pub loose: Option<Loose>,
    /// The event.
    #[schema(value_type = String)]
    pub event: EventId,
}

/// What all ratings and surveys come to on a date, before any rate is taken.
pub(crate) struct Polled<'a> {
    pub heard: Vec<Heard<'a>>,
    /// Each survey sent: what it asked, what about, and how it stands.
    surveys: Vec<Asked>,
}

/// A survey that was sent.
struct Asked {
    on: Day,
    question: Question,
    about: About,
    state: SurveyState,
}

/// Days in a year, as rates over a year take it.
pub(crate) const YEAR_DAYS: u16 = 365;

impl<'a> Polled<'a> {
    pub(crate) fn on(view: &'a View, on: Day) -> Self {
        let heard = heard(view, on);
        let answered: BTreeSet<_> = heard.iter().filter_map(|heard| heard.survey).collect();
        let surveys = view.surveys.iter().filter_map(|(key, survey)| {
            let sent = sent(survey, on)?;
            let state = survey_state(view, survey, sent, answered.contains(key), on);
            let question = instrument_question(&view.codes, sent.instrument);
            Some(Asked { on: sent.at.day, question, about: sent.about, state })
        });
        Self { surveys: surveys.collect(), heard }
    }

    /// What was said and asked in the year up to this day, as it stood on it.
    pub(crate) fn year(view: &'a View, on: Day) -> Self {
        let mut polled = Self::on(view, on);
        let before = on.minus(YEAR_DAYS);
        polled.heard.retain(|heard| heard.rating.at.day > before);
        polled.surveys.retain(|asked| asked.on > before);
        polled
    }

    /// The ratings that count.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Heard<'a>> {
        self.heard.iter().filter(|heard| heard.counts)
    }

    /// All that was said and asked about one question.
    pub(crate) fn poll(&self, question: Question) -> Poll {
        let mut poll = Poll::default();
        self.counted().filter(|heard| heard.question == question).for_each(|heard| poll.hear(heard));
        let surveys = self.surveys.iter().filter(|asked| asked.question == question);
        surveys.for_each(|asked| poll.surveys.count(asked.state));
        poll
    }

    pub(crate) fn surveyed(&self) -> Surveyed {
        let mut surveyed = Surveyed::default();
        self.surveys.iter().for_each(|asked| surveyed.count(asked.state));
        surveyed
    }

    /// The ratings and surveys of each value of one side of what they are about.
    fn by(&self, view: &View, side: fn(&About) -> Option<CodeNumber>) -> Vec<Slice> {
        let name = |about: &About| side(about).map(|number| view.codes.code(number).to_string());
        let mut polls: BTreeMap<Option<String>, [Poll; 2]> = BTreeMap::new();
        for heard in self.counted().filter(|heard| heard.question != Question::Own) {
            polls.entry(name(&heard.about)).or_default()[heard.question as usize].hear(heard);
        }
        for asked in self.surveys.iter().filter(|asked| asked.question != Question::Own) {
            polls.entry(name(&asked.about)).or_default()[asked.question as usize].surveys.count(asked.state);
        }
        polls.into_iter().map(Slice::of).collect()
    }

    fn by_eyes(&self) -> Vec<Slice> {
        let mut polls: BTreeMap<Eyes, [Poll; 2]> = BTreeMap::new();
        for heard in self.counted().filter(|heard| heard.question != Question::Own) {
            polls.entry(heard.rating.at.eyes).or_default()[heard.question as usize].hear(heard);
        }
        polls.into_iter().map(|(eyes, polls)| Slice::of((Some(eyes.code().to_owned()), polls))).collect()
    }

    fn instruments(&self, view: &View) -> Vec<InstrumentTotals> {
        let mut totals: Vec<InstrumentTotals> = Vec::new();
        for heard in self.counted().filter(|heard| heard.question == Question::Own) {
            let rating = heard.rating;
            let instrument = rating.instrument.map(|number| view.codes.code(number).clone());
            let same = totals.iter_mut().find(|total| {
                total.instrument == instrument && (total.min, total.max) == (rating.min, rating.max)
            });
            match same {
                Some(total) => total.add(rating.value, rating.at.day),
                None => totals.push(InstrumentTotals {
                    instrument,
                    min: rating.min,
                    max: rating.max,
                    n: 1,
                    mean: rating.value,
                    first: rating.value,
                    latest: rating.value,
                    latest_on: rating.at.day.date(),
                }),
            }
        }
        totals.sort_by(|a, b| (&a.instrument, a.latest_on).cmp(&(&b.instrument, b.latest_on)));
        totals
    }

    fn summary(&self) -> Year {
        Year {
            csat: self.poll(Question::Csat).csat(),
            nps: self.poll(Question::Nps).nps(),
            surveys: self.surveyed().answer(),
        }
    }

    pub(crate) fn answer(&self, view: &View, on: Day) -> Ratings {
        Ratings {
            csat: self.poll(Question::Csat).csat(),
            nps: self.poll(Question::Nps).nps(),
            instruments: self.instruments(view),
            surveys: self.surveyed().answer(),
            last_year: Polled::year(view, on).summary(),
            year_before: Polled::year(view, on.minus(YEAR_DAYS)).summary(),
            by: By {
                process: self.by(view, |about| about.process),
                service: self.by(view, |about| about.service),
                site: self.by(view, |about| about.site),
                worker: self.by(view, |about| about.worker),
                eyes: self.by_eyes(),
            },
            trend: self.heard.iter().map(|heard| heard.rated(view)).collect(),
        }
    }
}

impl Slice {
    fn of((code, [csat, nps]): (Option<String>, [Poll; 2])) -> Self {
        Self {
            code,
            csat: (!csat.is_empty()).then(|| csat.csat()),
            nps: (!nps.is_empty()).then(|| nps.nps()),
        }
    }
}

impl InstrumentTotals {
    fn add(&mut self, value: f64, on: Day) {
        self.n += 1;
        self.mean += (value - self.mean) / self.n as f64;
        self.latest = value;
        self.latest_on = on.date();
    }
}

impl Heard<'_> {
    fn rated(&self, view: &View) -> Rated {
        let code = |number: Option<CodeNumber>| number.map(|number| view.codes.code(number).clone());
        Rated {
            on: self.rating.at.day.date(),
            instrument: code(self.rating.instrument),
            value: self.rating.value,
            min: self.rating.min,
            max: self.rating.max,
            verdict: self.verdict,
            eyes: self.rating.at.eyes,
            process: code(self.about.process),
            service: code(self.about.service),
            site: code(self.about.site),
            worker: code(self.about.worker),
            asked: self.survey.is_some(),
            counts: self.counts,
            loose: self.loose,
            event: self.rating.at.event,
        }
    }
}
