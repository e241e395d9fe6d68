//! A participant's whole journey: in, through, out, and what is found when somebody looks again.

use throughline_domain::{DestinationKind, Died, Event, Eyes, Nothing};

use super::{Life, stay::Stay};
use crate::{diary::Entry, words::talk};

/// How a stay ended, and on which day.
enum Ending {
    Completed(i32),
    Silent(i32),
    Died,
    /// The months at hand, or the record, end first.
    Open,
}

impl Life<'_, '_> {
    /// Tells a participant's journey.
    pub(super) fn participate(&mut self) {
        let start = self.person.start;
        self.come(start);
        if self.falls(self.fate.entered_twice, 0.012) {
            self.enter_twice(self.person.client, start);
        }
        let Some(accepted) = self.apply(start) else { return };
        if self.diary.is_past(accepted) {
            return;
        }
        let mut stay = self.begin(1, accepted);
        let mut ending = self.walk(&mut stay, accepted);
        if let Ending::Silent(day) = ending {
            ending = self.fall_silent(&mut stay, day);
        }
        if let Ending::Completed(day) = ending {
            self.conclude(&stay, day);
        }
    }

    /// The decision on eligibility, and a second one for some of those turned away; the day of acceptance.
    fn apply(&mut self, start: i32) -> Option<i32> {
        let decided = self.after(start, 1, 5);
        let broadened = self.offering().is_changed(self.person.site, decided);
        if !self.falls(self.fate.declined, if broadened { 0.05 } else { 0.11 }) {
            self.decide(decided, true);
            return Some(decided);
        }
        self.decide(decided, false);
        if !self.falls(self.fate.reapplies, 0.2) {
            return None;
        }
        let change = self.offering().changes[0].day;
        let again = if (decided..decided + 500).contains(&change) {
            self.after(change, 5, 60)
        } else {
            self.after(decided, 60, 200)
        };
        self.contact(again, Eyes::Client, talk::RETURNED);
        let decided = self.after(again, 1, 6);
        self.decide(decided, true);
        Some(decided)
    }

    /// Week by week until the stay ends, from the week after this day.
    fn walk(&mut self, stay: &mut Stay, from: i32) -> Ending {
        let begins = self.world.calendar.monday(from.max(stay.from + 7)) + 7;
        let prospect = (0.72 - self.base(begins)).clamp(0.03, 0.6);
        let leaves = self.falls(self.fate.drops_out, prospect);
        let leaves = leaves.then(|| self.dice.within(stay.weeks / 4, stay.weeks * 3 / 4).max(3));
        let dies = self.falls(self.fate.dies, 0.006).then(|| self.dice.within(4, stay.weeks - 2));
        if let Some(week) = dies {
            self.diary.ends_on(begins + 7 * week);
        }
        for week in 0..stay.weeks {
            let monday = begins + 7 * week;
            if self.diary.is_past(monday) {
                return Ending::Open;
            }
            if leaves == Some(week) {
                return Ending::Silent(monday);
            }
            if dies == Some(week) {
                self.die(stay, monday);
                return Ending::Died;
            }
            // Six weeks before they stop coming, people begin to fade.
            let presence = leaves.map_or(1.0, |last| f64::from((last - week).min(6)) / 6.0);
            self.week(stay, week, monday, presence);
        }
        Ending::Completed(begins + 7 * stay.weeks)
    }

    /// Nobody hears from the client any more; some come back.
    fn fall_silent(&mut self, stay: &mut Stay, day: i32) -> Ending {
        self.check_in(self.world.calendar.working_day(day), Some(stay.enrolment), 0.0);
        let mut tried = day;
        for _ in 0..self.dice.within(1, 4) {
            tried = self.after(tried, 4, 21);
            self.attempt_contact(tried);
        }
        let returns = self.falls(self.fate.returns, 0.22);
        let left = self.after(tried, 14, 40);
        let recorded = self.dice.chance(if returns { 0.5 } else { 0.7 });
        if recorded {
            let kind = [DestinationKind::Unknown, DestinationKind::Other][self.dice.weighted(&[8, 2])];
            self.leave(stay, left, "lost-contact", kind);
        }
        if !returns {
            if !self.diary.is_past(left + 60) {
                self.look_again_without_outcome(stay, left);
            }
            return Ending::Open;
        }
        let back = self.after(left, 30, 160);
        if self.diary.is_past(back) {
            return Ending::Open;
        }
        self.contact(back, Eyes::Client, talk::RETURNED);
        self.level = (self.person.warmth + 0.1).min(0.9);
        self.person.warmth = (self.person.warmth + 0.12).min(0.9);
        self.fate.drops_out = self.fate.drops_out.map(|_| false);
        if recorded {
            *stay = self.begin(2, back);
        } else {
            let (shortest, _) = self.offering().weeks;
            stay.resume(shortest);
        }
        match self.walk(stay, back) {
            Ending::Silent(_) => Ending::Open,
            ending => ending,
        }
    }

    fn die(&mut self, stay: &Stay, day: i32) {
        self.leave(stay, day, "died", DestinationKind::Deceased);
        self.diary.tell(Entry::on(day, self.by()), |_| Event::from(Died { personal: Nothing::default() }));
    }
}
