//! A view cut at a day: nothing that is asked of it can see past that day.

use throughline_domain::{Code, EventId};
use throughline_projection::{Programmes, Settings};

use crate::{
    silence::{DAYS_MIN, LOST, QUIET, Rhythm, Standing, WATCH},
    view::{Aim, Contact, Dated, Enrolment, Exit, Failed, Reading, View},
};

/// A view cut at a day.
pub(crate) struct Life<'v> {
    pub on: i32,
    pub first: Option<i32>,
    pub died: Option<Dated<EventId>>,
    pub contacts: &'v [Contact],
    pub failed: &'v [Failed],
    pub readings: &'v [Reading],
    pub words: &'v [Dated<EventId>],
    pub enrolments: &'v [Enrolment],
    pub exits: &'v [Exit],
    pub aims: &'v [Aim],
    /// Days with two-way contact, rising, each once.
    pub days: Vec<i32>,
    codes: &'v [Code],
    programmes: &'v Programmes,
}

/// The day a client's standing changed, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shift {
    pub day: i32,
    pub to: Standing,
}

impl<'v> Life<'v> {
    pub(crate) fn cut(view: &'v View, on: i32, programmes: &'v Programmes) -> Self {
        let contacts = &view.contacts[..view.contacts.partition_point(|contact| contact.day <= on)];
        let mut days: Vec<i32> =
            contacts.iter().filter(|contact| contact.two_way).map(|contact| contact.day).collect();
        days.dedup();
        Self {
            on,
            first: view.first.filter(|first| *first <= on),
            died: view.died.filter(|died| died.day <= on),
            contacts,
            failed: &view.failed[..view.failed.partition_point(|failed| failed.day <= on)],
            readings: &view.readings[..view.readings.partition_point(|reading| reading.day <= on)],
            words: &view.words[..view.words.partition_point(|words| words.day <= on)],
            enrolments: &view.enrolments[..view.enrolments.partition_point(|enrolment| enrolment.day <= on)],
            exits: &view.exits[..view.exits.partition_point(|exit| exit.day <= on)],
            aims: &view.aims[..view.aims.partition_point(|aim| aim.day <= on)],
            days,
            codes: &view.codes,
            programmes,
        }
    }

    pub(crate) fn code(&self, place: u16) -> &'v Code {
        &self.codes[usize::from(place)]
    }

    pub(crate) fn codes(&self) -> usize {
        self.codes.len()
    }

    /// What the programme of the latest enrolment on this day sets.
    pub(crate) fn settings(&self, on: i32) -> &'v Settings {
        let began = self.enrolments.partition_point(|enrolment| enrolment.day <= on);
        let programme = began.checked_sub(1).map(|latest| self.code(self.enrolments[latest].programme));
        self.programmes.of(programme)
    }

    /// The last day of the relationship as far as it is known: the day asked about, or the day of death.
    pub(crate) fn end(&self) -> i32 {
        self.died.map_or(self.on, |died| died.day)
    }

    /// How many days with two-way contact there were up to a day.
    pub(crate) fn days_until(&self, day: i32) -> usize {
        self.days.partition_point(|contact| *contact <= day)
    }

    pub(crate) fn rhythm(&self, on: i32) -> Option<Rhythm> {
        Rhythm::of(&self.days[..self.days_until(on)])
    }

    pub(crate) fn standing(&self, on: i32) -> Standing {
        if self.died.is_some_and(|died| died.day <= on) {
            return Standing::Deceased;
        }
        self.rhythm(on).map_or(Standing::NoContactYet, |rhythm| rhythm.standing(self.settings(on), on))
    }

    /// Every change of standing before death, rising by day: out of a contact, over a threshold, back into contact.
    pub(crate) fn shifts(&self) -> Vec<Shift> {
        let end = self.died.map_or(self.on, |died| died.day - 1);
        let mut shifts = Vec::new();
        let mut standing = Standing::NoContactYet;
        let mut enrolled = 0;
        for (place, &contact) in self.days.iter().enumerate().take_while(|(_, contact)| **contact <= end) {
            if standing != Standing::InTouch {
                standing = Standing::InTouch;
                shifts.push(Shift { day: contact, to: standing });
            }
            let until = self.days.get(place + 1).map_or(end, |next| end.min(next - 1));
            let rhythm = Rhythm::of(&self.days[..=place]).expect("this contact is one of them");
            // A new enrolment can bring another prior in the middle of a silence, so each part is looked at alone.
            let mut from = contact;
            loop {
                while self.enrolments.get(enrolled).is_some_and(|enrolment| enrolment.day <= from) {
                    enrolled += 1;
                }
                let next = self.enrolments.get(enrolled).map(|enrolment| enrolment.day);
                let to = next.map_or(until, |next| until.min(next - 1));
                self.shifts_within(rhythm, from, to, &mut standing, &mut shifts);
                match next {
                    Some(next) if next <= until => from = next,
                    _ => break,
                }
            }
        }
        shifts
    }

    fn shifts_within(
        &self,
        rhythm: Rhythm,
        from: i32,
        to: i32,
        standing: &mut Standing,
        shifts: &mut Vec<Shift>,
    ) {
        if to - rhythm.last < DAYS_MIN {
            return;
        }
        let settings = self.settings(from);
        let crossings = [WATCH, QUIET, LOST].map(|threshold| rhythm.reaches(settings, threshold));
        for day in std::iter::once(from).chain(crossings.into_iter().flatten().filter(|day| *day > from)) {
            let reached = rhythm.standing(settings, day);
            if day <= to && reached != *standing {
                *standing = reached;
                shifts.push(Shift { day, to: reached });
            }
        }
    }

    /// Days from this one on with a contact on whose eve the client stood at quiet or lost.
    pub(crate) fn returns(&self, from: i32) -> Vec<i32> {
        let came_back = |place: &usize| {
            let (last, eve) = (self.days[place - 1], self.days[*place] - 1);
            eve - last >= DAYS_MIN && self.standing(eve).is_silent()
        };
        let places = self.days_until(from - 1).max(1)..self.days.len();
        places.filter(came_back).map(|place| self.days[place]).collect()
    }

    /// The last two-way contact of a day.
    pub(crate) fn contact_on(&self, day: i32) -> Option<EventId> {
        let until = self.contacts.partition_point(|contact| contact.day <= day);
        let of_day = self.contacts[..until].iter().rev().take_while(|contact| contact.day == day);
        of_day.filter(|contact| contact.two_way).map(|contact| contact.event).next()
    }
}
