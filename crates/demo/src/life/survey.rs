//! Ratings of transactions, and the silence of those who were asked and said nothing.

use throughline_domain::{
    Event, Eyes, Format, ItemAnswer, Note, SatisfactionRated, Scale, Score, Subject, SurveyDeclined,
    SurveySent,
};

use super::Life;
use crate::{
    diary::{By, Entry, Ink, Told, code, key},
    words::talk,
    world::SITES,
};

/// What a survey asks about.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) process: &'static str,
    pub(super) service: Option<&'static str>,
    pub(super) instrument: Instrument,
}

/// The instruments in use: the organisation's own, and two that everybody knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instrument {
    /// 1 to 5.
    Csat,
    /// 0 to 10.
    Nps,
    /// Four statements, 1 to 5 each, one of them turned round.
    HeardAndHelped,
}

impl Instrument {
    fn code(self) -> &'static str {
        match self {
            Self::Csat => "csat",
            Self::Nps => "nps",
            Self::HeardAndHelped => "heard-and-helped",
        }
    }

    /// The ends of the scale of its value, or of each of its statements.
    fn ends(self) -> (f64, f64) {
        match self {
            Self::Csat | Self::HeardAndHelped => (1.0, 5.0),
            Self::Nps => (0.0, 10.0),
        }
    }
}

impl Life<'_, '_> {
    /// Asks for a rating the day after; the more engaged answer more often.
    pub(super) fn survey(&mut self, day: i32, asked: Asked, of: Option<Told>) {
        let survey = self.name();
        let day = self.world.calendar.working_day(day + 1);
        let entry = Entry::on(day, By::System).eyes(Eyes::System);
        let entry = of.map_or(entry, |of| entry.because(of));
        let (site, worker) = (self.person.site, self.person.worker);
        let sent = self.diary.tell(entry, |ink| {
            Event::from(SurveySent {
                survey: key("s", survey),
                instrument: code(asked.instrument.code()),
                about: subject(ink, asked, site, worker),
                format: *ink.dice.pick(&[Format::Written, Format::Phone, Format::SelfService]),
                closes: Some(ink.date(day + 30)),
                personal: Note::default(),
            })
        });
        let answers = 0.25 + 0.55 * self.level;
        if self.dice.chance(answers) {
            let day = self.after(day, 0, 12);
            self.rate(day, asked, Some((survey, sent)), of);
        } else if self.meets(0.2) {
            let day = self.after(day, 0, 8);
            self.diary.tell(Entry::on(day, By::Client).own().because(sent), |ink| {
                let reason = ink
                    .dice
                    .chance(0.6)
                    .then(|| code(ink.dice.pick::<&str>(&["no-time", "too-many-questions"])));
                Event::from(SurveyDeclined { survey: key("s", survey), reason, personal: Note::default() })
            });
        }
    }

    /// A rating, asked for or not.
    pub(super) fn rate(&mut self, day: i32, asked: Asked, survey: Option<(u32, Told)>, of: Option<Told>) {
        let felt = self.dice.around(self.level + 0.1, 0.14).clamp(0.0, 1.0);
        let (site, worker) = (self.person.site, self.person.worker);
        let entry = Entry::on(day, By::Client).own();
        let entry = survey.map_or(entry, |(_, sent)| entry.because(sent));
        self.diary.tell(entry, |ink| {
            let (value, items) = answers(ink, asked.instrument, felt);
            let (low, high) = asked.instrument.ends();
            let mood = if felt < 0.45 { 0 } else { 1 + usize::from(felt >= 0.65) };
            Event::from(SatisfactionRated {
                survey: survey.map(|(nth, _)| key("s", nth)),
                of: of.map(Told::id),
                about: subject(ink, asked, site, worker),
                instrument: code(asked.instrument.code()),
                value,
                scale: Scale::new(low, high).expect("every instrument has room"),
                items,
                personal: ink.words_perhaps(0.4, talk::RATING[mood]),
            })
        });
    }
}

fn subject(ink: &Ink<'_>, asked: Asked, site: usize, worker: u16) -> Subject {
    Subject {
        process: Some(code(asked.process)),
        service: asked.service.map(code),
        site: Some(code(SITES[site].code)),
        worker: asked.service.map(|_| ink.worker(worker)),
    }
}

/// The value, and the answers behind it where the instrument has several: then it is their total.
fn answers(ink: &mut Ink<'_>, instrument: Instrument, felt: f64) -> (Score, Vec<ItemAnswer>) {
    let score = |number: f64| Score::new(number).expect("an answer is finite");
    let (low, high) = instrument.ends();
    if instrument != Instrument::HeardAndHelped {
        return (score((low + (high - low) * felt).round()), Vec::new());
    }
    let statements =
        [("listened-to", false), ("knew-what-next", false), ("felt-rushed", true), ("would-return", false)];
    let items: Vec<ItemAnswer> = statements
        .iter()
        .map(|(item, reversed)| {
            let agreed = (1.0 + 4.0 * (felt + ink.dice.number(-0.15, 0.15)).clamp(0.0, 1.0)).round();
            let answer = score(if *reversed { 6.0 - agreed } else { agreed });
            ItemAnswer { item: code(item), answer, reversed: *reversed }
        })
        .collect();
    (score(items.iter().map(|item| item.answer.get()).sum()), items)
}
