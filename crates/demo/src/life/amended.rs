//! Mistakes of the people who keep the record, and how they put them right.

use throughline_domain::{Corrected, Event, Retracted};

use super::{Life, services::Session};
use crate::{
    diary::{Entry, code},
    words::remarks,
};

impl Life<'_, '_> {
    /// A session told wrongly: under a wrong date, or in the wrong client's file. Most of it comes out later.
    pub(super) fn mistake(&mut self, session: Session, day: i32) {
        let found = self.after(day, 2, 45);
        if self.dice.chance(0.65) {
            let wrong = day - self.dice.within(7, 35);
            let told = self.diary.tell(self.on(wrong).late(day - wrong), |ink| session.event(ink));
            self.diary.tell(self.on(found).because(told), |ink| {
                Event::from(Corrected {
                    event: told.id(),
                    occurred: Some(ink.occurred(day, None)),
                    fact: Box::new(session.event(ink)),
                    why: code("typing-error"),
                    personal: ink.remark(0.6, remarks::ON_AMENDMENT),
                })
            });
        } else {
            let entry: Entry = self.at(day);
            let told = self.diary.tell(entry, |ink| session.event(ink));
            self.diary.tell(self.on(found).because(told), |ink| {
                Event::from(Retracted {
                    event: told.id(),
                    why: code("wrong-client"),
                    personal: ink.remark(0.6, remarks::ON_AMENDMENT),
                })
            });
        }
    }

    /// The same person is entered a second time; weeks later somebody notices, and the two journeys become one.
    pub(super) fn enter_twice(&mut self, client: u32, day: i32) {
        let again = self.world.journey("demo", &format!("{client}-again"));
        let entered = self.after(day, 4, 25);
        let noticed = self.after(entered, 12, 70);
        let kept = self.diary.turn_to(again);
        self.open(entered);
        self.hold_intake(entered + 1, None);
        self.attempt_contact(self.world.calendar.working_day(entered + 4));
        self.diary.turn_to(kept);
        self.diary.tell_merge(self.on(noticed), kept, again);
    }
}
