//! Between the transactions: check-ins, readings, difficulties, what life brings.

use throughline_domain::{
    CheckInHeld, CheckInMissed, DifficultyOvercome, DifficultyReported, Effect, Event, Exchange, Eyes,
    Format, ItemAnswer, LifeEventNoted, Note, ReadingTaken, Scale, Score, Words,
};

use super::Life;
use crate::{
    diary::{By, Entry, Ink, code, key},
    words::talk,
};

/// Instrument, measure, ends of the scale.
type Reading = (&'static str, &'static str, (f64, f64));

const BY_CLIENTS: [Reading; 9] = [
    ("our-alliance", "alliance-goal", (1.0, 7.0)),
    ("our-alliance", "alliance-task", (1.0, 7.0)),
    ("our-alliance", "alliance-bond", (1.0, 7.0)),
    ("five-elements", "trust", (0.0, 10.0)),
    ("five-elements", "collaboration", (0.0, 10.0)),
    ("five-elements", "impact", (0.0, 10.0)),
    ("five-elements", "engagement", (0.0, 10.0)),
    ("five-elements", "goal-agreement", (0.0, 10.0)),
    ("five-good-days", "wellbeing", (0.0, 5.0)),
];
const BY_STAFF: [Reading; 3] = [
    ("five-elements", "engagement", (0.0, 10.0)),
    ("five-elements", "teamwork", (0.0, 10.0)),
    ("our-alliance", "alliance-goal", (1.0, 7.0)),
];
const BY_CAREGIVERS: [Reading; 3] = [
    ("five-elements", "impact", (0.0, 10.0)),
    ("five-elements", "teamwork", (0.0, 10.0)),
    ("five-good-days", "wellbeing", (0.0, 5.0)),
];

impl Life<'_, '_> {
    /// A planned check-in: held by the engaged, missed by those who drift away.
    pub(super) fn check_in(&mut self, day: i32, enrolment: Option<u32>, chance: f64) {
        let worker = self.person.worker;
        let planned = self.dice.chance(0.7).then_some(day);
        if !self.dice.chance(chance) {
            self.diary.tell(self.on(day), |ink| {
                let reason =
                    *ink.dice.pick(&["illness", "no-answer", "transport", "work", "no-reason-given"]);
                Event::from(CheckInMissed {
                    enrolment: enrolment.map(|nth| key("e", nth)),
                    planned: planned.map(|day| ink.date(day)),
                    reason: code(reason),
                    worker: Some(ink.worker(worker)),
                    personal: Note::default(),
                })
            });
            return;
        }
        let late = self.lateness();
        let own = self.dice.chance(0.1 + 0.3 * self.level);
        let two_way = self.dice.chance(0.6 + 0.38 * self.level);
        let with_carer = self.person.carer && self.dice.chance(0.2);
        let minutes = self.dice.between((5, 40));
        let (fit, mood) = (self.fit(0.3), self.mood());
        let entry = self.at(day).eyes(Eyes::Client).late(late);
        self.diary.tell(entry, |ink| {
            let formats =
                [Format::Phone, Format::Phone, Format::Written, Format::HomeVisit, Format::InPerson];
            Event::from(CheckInHeld {
                enrolment: enrolment.map(|nth| key("e", nth)),
                format: *ink.dice.pick(&formats),
                begun_by: if own { Eyes::Client } else { Eyes::Staff },
                exchange: if two_way { Exchange::TwoWay } else { Exchange::OneWay },
                planned: if own { None } else { planned.map(|day| ink.date(day)) },
                with: if with_carer { vec![Eyes::Caregiver] } else { Vec::new() },
                minutes: Some(minutes),
                worker: Some(ink.worker(worker)),
                fit,
                personal: if two_way {
                    ink.words_perhaps(0.6, talk::CHECK_IN[mood])
                } else {
                    Words::default()
                },
            })
        });
    }

    /// Readings through several eyes on one occasion.
    pub(super) fn readings(&mut self, day: i32, enrolment: Option<u32>) {
        let first = self.dice.between((0, 8)) as usize;
        for nth in 0..=usize::from(self.dice.chance(0.6)) {
            self.reading(day, enrolment, BY_CLIENTS[(first + 4 * nth) % BY_CLIENTS.len()], Eyes::Client);
        }
        if self.dice.chance(0.3) {
            let reading = *self.dice.pick(&BY_STAFF);
            self.reading(day, enrolment, reading, Eyes::Staff);
        }
        if self.person.carer && self.dice.chance(0.35) {
            let reading = *self.dice.pick(&BY_CAREGIVERS);
            self.reading(day, enrolment, reading, Eyes::Caregiver);
        }
    }

    fn reading(&mut self, day: i32, enrolment: Option<u32>, of: Reading, eyes: Eyes) {
        let late = self.lateness();
        // Staff see clients a little rosier than clients see themselves.
        let tint = if eyes == Eyes::Staff { 0.06 } else { 0.0 };
        let felt = self.dice.around(self.level + tint, 0.09).clamp(0.0, 1.0);
        let mood = self.mood();
        let entry = match eyes {
            Eyes::Caregiver => Entry::on(day, By::Caregiver),
            _ => self.on(day).late(late),
        };
        self.diary.tell(entry.eyes(eyes), |ink| {
            let (instrument, measure, (low, high)) = of;
            let (value, items) = read(ink, of, felt);
            let words = if eyes == Eyes::Client { 0.15 } else { 0.0 };
            Event::from(ReadingTaken {
                enrolment: enrolment.map(|nth| key("e", nth)),
                instrument: code(instrument),
                measure: code(measure),
                value,
                scale: Scale::new(low, high).expect("every instrument has room"),
                items,
                personal: ink.words_perhaps(words, talk::CHECK_IN[mood]),
            })
        });
    }

    /// Something stands in the way; with enough support most of it is overcome.
    pub(super) fn difficulty(&mut self, day: i32) {
        let difficulty = self.name();
        let (life_area, kind) = self.dice.pick(talk::DIFFICULTIES);
        self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
            let severity = *ink.dice.pick(&["low", "medium", "high"]);
            Event::from(DifficultyReported {
                difficulty: key("d", difficulty),
                life_area: code(life_area),
                kind: code(kind.code),
                severity: Some(code(severity)),
                personal: ink.words(&[kind.said]),
            })
        });
        self.level -= 0.04;
        let overcome = 0.3 + 0.6 * self.level;
        if self.dice.chance(overcome) {
            let day = self.after(day, 7, 110);
            self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
                let personal = ink.words_perhaps(0.7, talk::OVERCOME);
                Event::from(DifficultyOvercome { difficulty: key("d", difficulty), personal })
            });
            self.level += 0.05;
        }
    }

    pub(super) fn life_event(&mut self, day: i32) {
        let late = self.lateness();
        let (life_area, effect, kind) = self.dice.pick(talk::LIFE_EVENTS);
        self.diary.tell(self.on(day).eyes(Eyes::Client).late(late), |ink| {
            let effect = match effect {
                1 => Effect::Helped,
                0 => Effect::Neutral,
                _ => Effect::Hindered,
            };
            Event::from(LifeEventNoted {
                kind: code(kind.code),
                life_area: Some(code(life_area)),
                effect: Some(effect),
                personal: ink.words(&[kind.said]),
            })
        });
        self.level += 0.04 * f64::from(*effect);
    }
}

/// The value, and the answers behind it where the instrument has several: then it is their mean.
fn read(ink: &mut Ink<'_>, (instrument, _, (low, high)): Reading, felt: f64) -> (Score, Vec<ItemAnswer>) {
    let score = |number: f64| Score::new(number).expect("an answer is finite");
    if instrument != "five-good-days" {
        return (score((low + (high - low) * felt).round()), Vec::new());
    }
    let items: Vec<ItemAnswer> = ["slept-well", "ate-enough", "felt-safe", "had-company", "looked-forward"]
        .iter()
        .map(|item| {
            let answer = score((5.0 * (felt + ink.dice.number(-0.2, 0.2)).clamp(0.0, 1.0)).round());
            ItemAnswer { item: code(item), answer, reversed: false }
        })
        .collect();
    let total: f64 = items.iter().map(|item| item.answer.get()).sum();
    (score(total / items.len() as f64), items)
}
