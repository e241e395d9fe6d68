//! Caregivers who have journeys of their own.

use throughline_domain::{Eyes, Format};

use super::{
    Life,
    survey::{Asked, Instrument},
};
use crate::{programmes::Offer, words::talk};

const CIRCLE: Offer = Offer {
    service: "caregiver-circle",
    life_area: "social-connection",
    formats: &[Format::SmallGroup, Format::Video],
    minutes: (60, 100),
    cents: 2_500,
    week: 1,
};

impl Life<'_, '_> {
    /// A caregiver's own journey: a circle of others who care, and somebody who asks how they are.
    pub(super) fn care(&mut self) {
        let day = self.person.start;
        self.come(day);
        let held = self.after(day, 2, 9);
        self.hold_intake(held, None);
        self.expect(held, "circle-invitation", 14);
        let weeks = self.dice.within(26, 90);
        let mut day = self.world.calendar.monday(held) + 7;
        for week in 0..weeks {
            day += 7;
            if self.diary.is_past(day) {
                return;
            }
            self.level += (self.base(day) - self.level) * 0.2 + self.dice.around(0.0, 0.03);
            let on = day + self.dice.within(0, 4);
            if self.dice.chance(0.1 + 0.3 * self.level) {
                let session = self.session(&CIRCLE, None);
                let entry = self.at(on);
                let told = self.diary.tell(entry, |ink| session.event(ink));
                if self.dice.chance(0.12) {
                    let instrument = Instrument::Csat;
                    self.survey(
                        on,
                        Asked { process: "support", service: Some(CIRCLE.service), instrument },
                        Some(told),
                    );
                }
            }
            if week % 8 == 4 {
                self.check_in(on, None, 0.45 + 0.5 * self.level);
            }
            if week % 13 == 6 {
                self.readings(on, None);
            }
            if self.dice.chance(0.03) {
                self.contact(on, Eyes::Client, talk::CONTACT);
            }
            if self.dice.chance(0.02) {
                self.difficulty(on);
            }
            if self.dice.chance(0.012) {
                self.request(on, talk::REQUESTS);
            }
            if self.dice.chance(0.008) {
                self.concern(on, false);
            }
        }
    }
}
