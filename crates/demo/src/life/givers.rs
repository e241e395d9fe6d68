//! Those who give time or money. They are clients too: thanked, asked, kept in touch with, and sometimes lost.

use throughline_domain::{
    Amount, Event, Eyes, Format, GiftReceived, ImpactShared, Note, Relationship, RelationshipGrown,
    ShiftWorked, ThanksSent,
};

use super::{
    Life,
    survey::{Asked, Instrument},
};
use crate::{
    diary::{Told, code, key},
    words::{remarks, talk},
    world::SITES,
};

impl Life<'_, '_> {
    /// A volunteer's journey, shift by shift.
    pub(super) fn volunteer(&mut self) {
        let start = self.person.start;
        self.come(start);
        let met = self.after(start, 2, 10);
        self.hold_intake(met, None);
        self.expect(met, "first-shift", 21);
        self.give_for_weeks(met, 0.18, 0.3, Self::shift);
    }

    /// A donor's journey, gift by gift.
    pub(super) fn give(&mut self) {
        let start = self.person.start;
        self.come(start);
        let size = *self.dice.pick(&[(5_000, 20_000), (20_000, 80_000), (100_000, 600_000)]);
        let first = self.gift(start, size);
        self.thank(start, first);
        let begins = self.after(start, 7, 14);
        self.give_for_weeks(begins, 0.06, 0.16, move |life, day| life.gift(day, size));
    }

    /// Weeks of giving, more often the warmer somebody feels, and what the organisation does in return.
    fn give_for_weeks(
        &mut self,
        begins: i32,
        rarely: f64,
        often: f64,
        mut give: impl FnMut(&mut Self, i32) -> (u32, Told),
    ) {
        let weeks = self.dice.within(30, 150);
        let begins = self.world.calendar.monday(begins) + 7;
        let mut given = 0;
        let mut grown = false;
        for week in 0..weeks {
            let monday = begins + 7 * week;
            if self.diary.is_past(monday) {
                return;
            }
            // Who is not thanked in time cools down; a third fade out towards the end.
            let ending = f64::from((weeks - week).min(8)) / 8.0;
            self.level = (self.level + (self.person.warmth - self.level) * 0.1).clamp(0.02, 0.98)
                * (0.9 + 0.1 * ending);
            let day = monday + self.dice.within(0, 5);
            if self.dice.chance((rarely + (often - rarely) * self.level) * ending) {
                let gift = give(self, day);
                self.thank(day, gift);
                given += 1;
            }
            let day = self.world.calendar.working_day(day);
            self.keep_in_touch(week, day, given > 0);
            let growing =
                given > 5 && !grown && (self.fate.grows.is_some() || self.dice.chance(0.01 * self.level));
            if growing {
                grown = true;
                let drawn =
                    [Relationship::Advocate, Relationship::ReferralSource][self.dice.weighted(&[1, 1])];
                let into = self.fate.grows.unwrap_or(drawn);
                self.diary.tell(self.on(day), |_| {
                    Event::from(RelationshipGrown { into, personal: Note::default() })
                });
            }
        }
        let day = self.world.calendar.working_day(begins + 7 * weeks);
        for nth in 0..self.dice.within(0, 2) {
            self.attempt_contact(self.world.calendar.working_day(day + 20 * nth));
        }
    }

    fn keep_in_touch(&mut self, week: i32, day: i32, given: bool) {
        if week % 13 == 10 && given && self.dice.chance(0.75) {
            let late = self.lateness();
            self.diary.tell(self.on(day).late(late), |ink| {
                let format = *ink.dice.pick(&[Format::Written, Format::InPerson, Format::Video]);
                Event::from(ImpactShared { for_gift: None, format, personal: Note::default() })
            });
        }
        if week % 26 == 20 {
            let instrument = if self.dice.chance(0.6) { Instrument::Nps } else { Instrument::Csat };
            self.survey(day, Asked { process: "giving", service: None, instrument }, None);
        }
        if week % 20 == 12 {
            self.check_in(day, None, 0.4 + 0.5 * self.level);
        }
        if week % 26 == 14 {
            self.readings(day, None);
        }
        if self.dice.chance(0.025) {
            let own = self.dice.chance(0.5);
            self.contact(day, if own { Eyes::Client } else { Eyes::Staff }, talk::GIVERS);
        }
        if self.dice.chance(0.012) {
            self.request(day, talk::GIVER_REQUESTS);
        }
        if self.dice.chance(0.003) {
            self.concern(day, false);
        }
    }

    pub(super) fn shift(&mut self, day: i32) -> (u32, Told) {
        let shift = self.name();
        let (offering, site) = (self.offering(), self.person.site);
        let minutes = self.dice.between((8, 28)) * 15;
        let told = self.diary.tell(self.on(day), |ink| {
            let task =
                *ink.dice.pick(&["homework-help", "kitchen", "garden", "driving", "front-desk", "mentoring"]);
            Event::from(ShiftWorked {
                shift: key("t", shift),
                task: code(task),
                programme: Some(code(offering.programme)),
                site: Some(code(SITES[site].code)),
                minutes,
                personal: ink.remark(0.1, remarks::AFTER_SERVICE),
            })
        });
        (shift, told)
    }

    pub(super) fn gift(&mut self, day: i32, cents: (u32, u32)) -> (u32, Told) {
        let gift = self.name();
        let offering = self.dice.chance(0.6).then(|| self.offering());
        let told = self.diary.tell(self.on(day), |ink| {
            let goods = ink.dice.chance(0.12);
            let minor = i64::from(ink.dice.between(cents)) / 1_000 * 1_000;
            Event::from(GiftReceived {
                gift: key("t", gift),
                kind: code(if goods { "goods" } else { "money" }),
                amount: (!goods).then(|| Amount { minor, currency: code("zar") }),
                programme: offering.map(|offering| code(offering.programme)),
                personal: Note::default(),
            })
        });
        (gift, told)
    }

    /// Thanks: mostly within the week, sometimes late, sometimes never.
    pub(super) fn thank(&mut self, day: i32, (gift, given): (u32, Told)) {
        let thanked = match self.dice.weighted(&[62, 18, 20]) {
            0 => self.after(day, 0, 6),
            1 => self.after(day, 10, 60),
            _ => {
                self.level -= 0.015;
                return;
            }
        };
        let worker = self.person.worker;
        let all = self.dice.chance(0.1);
        self.diary.tell(self.on(thanked).because(given), |ink| {
            Event::from(ThanksSent {
                for_gift: (!all).then(|| key("t", gift)),
                format: *ink.dice.pick(&[Format::Written, Format::Phone, Format::InPerson]),
                worker: Some(ink.worker(worker)),
                personal: ink.remark(0.25, remarks::ON_THANKS),
            })
        });
    }
}
