//! What remains: completion, exit, the outcome, and looking again months and years later.

use throughline_domain::{
    Destination, DestinationKind, Event, Exited, Eyes, FollowUpAttempted, FollowUpHeld, FollowUpResult,
    Format, Note, OutcomeLost, OutcomeReached, ProgrammeCompleted, Reached, Relationship, RelationshipGrown,
    Words,
};

use super::{
    Life,
    stay::Stay,
    survey::{Asked, Instrument},
};
use crate::{
    diary::{Told, code, key},
    published::WINDOWS,
    words::talk,
};

/// An outcome once reached, as far as chance has settled its future.
struct Held {
    enrolment: u32,
    reached: i32,
    /// From when the windows are counted.
    anchor: i32,
    /// The day on which it will be lost, where it will.
    slips: Option<i32>,
    /// 0 to 1: how likely somebody answers when looked for.
    reachable: f64,
    again: bool,
}

impl Life<'_, '_> {
    /// The end of a stay that was not broken off, and all that comes after.
    pub(super) fn conclude(&mut self, stay: &Stay, day: i32) {
        let enrolment = stay.enrolment;
        let (depth, breadth) = (stay.depth(), stay.breadth());
        let completed = self.dice.chance(0.35 + 0.6 * depth) || self.fate.reaches == Some(true);
        let measured = self.measure(day, stay, "exit", 2);
        if completed {
            self.diary.tell(self.on(day), |_| {
                Event::from(ProgrammeCompleted { enrolment: key("e", enrolment), personal: Note::default() })
            });
        }
        let reaches = self.falls(self.fate.reaches, (0.02 + 0.62 * depth + 0.28 * breadth).min(0.95));
        let early = self.dice.chance(0.45);
        let left = if early { self.after(day, 7, 30) } else { day };
        if reaches && early {
            self.reach(day, enrolment, measured);
        }
        let destination = self.destination(reaches);
        self.leave(stay, left, if completed { "completed" } else { "left-early" }, destination);
        let instrument = [Instrument::Nps, Instrument::HeardAndHelped][self.dice.weighted(&[6, 4])];
        self.survey(left, Asked { process: "aftercare", service: None, instrument }, None);
        if !reaches {
            return self.look_again_without_outcome(stay, left);
        }
        let mut reached = day;
        if !early {
            reached = self.after(left, 0, 110);
            if self.diary.is_past(reached) {
                return;
            }
            self.reach(reached, enrolment, measured);
        }
        let prospect = 1.0 - 0.6 * depth - 0.45 * breadth;
        let slips = self.falls(self.fate.slips, prospect.clamp(0.06, 0.6));
        let held = Held {
            enrolment,
            reached,
            anchor: if self.offering().windows_from_exit { left } else { reached },
            slips: slips.then(|| reached + self.dice.within(45, 420)),
            reachable: match self.fate.reachable {
                Some(true) => 0.97,
                Some(false) => 0.0,
                None => 0.4 + 0.45 * depth,
            },
            again: false,
        };
        self.look_again(&held, Some(stay));
    }

    pub(super) fn leave(&mut self, stay: &Stay, day: i32, reason: &'static str, kind: DestinationKind) {
        let enrolment = stay.enrolment;
        self.diary.tell(self.on(day), |_| {
            Event::from(Exited {
                enrolment: key("e", enrolment),
                reason: Some(code(reason)),
                destination: Some(Destination { kind, code: None }),
                personal: Note::default(),
            })
        });
    }

    fn destination(&mut self, reaches: bool) -> DestinationKind {
        use DestinationKind::{Homeless, Institution, Other, Permanent, Temporary, Unknown};
        const KINDS: [DestinationKind; 6] = [Permanent, Temporary, Other, Unknown, Institution, Homeless];
        if reaches && self.offering().life_area == "housing" {
            return Permanent;
        }
        KINDS[self.dice.weighted(if reaches { &[70, 12, 10, 8, 0, 0] } else { &[35, 30, 12, 14, 4, 5] })]
    }

    fn reach(&mut self, day: i32, enrolment: u32, shown_by: Option<Told>) {
        let offering = self.offering();
        let own = self.dice.chance(0.3);
        let entry = self.on(day).eyes(if own { Eyes::Client } else { Eyes::Staff });
        self.diary.tell(entry, |ink| {
            let evidence = if own { "client-said" } else { *ink.dice.pick(offering.evidence) };
            Event::from(OutcomeReached {
                outcome: key("o", enrolment),
                what: code(offering.outcome),
                life_area: code(offering.life_area),
                enrolment: Some(key("e", enrolment)),
                evidence: code(evidence),
                shown_by: shown_by.map(Told::id).into_iter().collect(),
                personal: Note::default(),
            })
        });
    }

    /// Looks in every window whether the outcome still holds.
    fn look_again(&mut self, held: &Held, stay: Option<&Stay>) {
        let mut grown = held.again;
        for (window, target, slack) in WINDOWS {
            let half = i32::from(slack) / 2;
            let day = self.after(held.anchor + i32::from(target), -half, half);
            if day <= held.reached + 7 {
                continue;
            }
            if self.diary.is_past(day) {
                return;
            }
            let Some(day) = self.find(day, held, window) else { continue };
            if held.slips.is_some_and(|slips| slips <= day) {
                return self.find_lost(day, held, window);
            }
            let partly = self.dice.chance(0.3 - 0.25 * self.level);
            let result = if partly { FollowUpResult::Partly } else { FollowUpResult::StillHolds };
            self.hold_follow_up(day, held, window, result);
            if let ("6-months", Some(stay)) = (window, stay) {
                self.measure(day, stay, "after-exit", 1);
            }
            let chance = if grown || target < 180 { 0.0 } else { 0.34 * self.level };
            if self.dice.chance(chance) || (self.fate.grows.is_some() && target >= 180 && !grown) {
                grown = true;
                self.grow(day);
            } else if self.dice.chance(0.3 * self.level) {
                let day = self.after(day, 10, 70);
                self.contact(day, Eyes::Client, talk::CONTACT);
            }
        }
    }

    /// Up to three tries to reach the client; the day of the one that did.
    fn find(&mut self, first: i32, held: &Held, window: &'static str) -> Option<i32> {
        let mut day = first;
        for nth in 0..3 {
            let found = self.dice.chance(held.reachable);
            if !found || self.dice.chance(0.2) {
                self.attempt_follow_up(day, Some((held.enrolment, window)), held.enrolment, found);
            }
            if found {
                return Some(day);
            }
            if nth == 1 && self.dice.chance(0.5) {
                break;
            }
            day = self.after(day, 2, 8);
        }
        None
    }

    fn attempt_follow_up(&mut self, day: i32, of: Option<(u32, &'static str)>, enrolment: u32, found: bool) {
        self.diary.tell(self.on(day), |ink| {
            let reason = *ink.dice.pick(&["no-answer", "number-not-in-use", "moved", "asked-to-call-later"]);
            Event::from(FollowUpAttempted {
                outcome: of.map(|(nth, _)| key("o", nth)),
                enrolment: Some(key("e", enrolment)),
                window: of.map(|(_, window)| code(window)),
                format: *ink.dice.pick(&[Format::Phone, Format::Written, Format::HomeVisit]),
                reached: if found { Reached::Reached } else { Reached::NotReached },
                reason: (!found).then(|| code(reason)),
                personal: Note::default(),
            })
        });
    }

    fn hold_follow_up(&mut self, day: i32, held: &Held, window: &'static str, result: FollowUpResult) {
        let enrolment = held.enrolment;
        self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
            let said = match result {
                FollowUpResult::Lost => talk::FOLLOW_UP[0],
                FollowUpResult::Partly | FollowUpResult::NotAssessed => talk::FOLLOW_UP[1],
                FollowUpResult::StillHolds => talk::FOLLOW_UP[2],
            };
            Event::from(FollowUpHeld {
                outcome: Some(key("o", enrolment)),
                enrolment: Some(key("e", enrolment)),
                window: Some(code(window)),
                format: *ink.dice.pick(&[Format::Phone, Format::Phone, Format::HomeVisit, Format::InPerson]),
                result,
                personal: ink.words_perhaps(0.7, said),
            })
        });
    }

    /// The outcome turns out to be lost, sometimes weeks ago; some get there once more.
    fn find_lost(&mut self, day: i32, held: &Held, window: &'static str) {
        self.hold_follow_up(day, held, window, FollowUpResult::Lost);
        let lost = held.slips.map_or(day, |slips| slips.max(day - 60));
        let enrolment = held.enrolment;
        self.diary.tell(self.on(lost).late(day - lost), |ink| {
            let reason =
                *ink.dice.pick(&["job-ended", "illness", "rent-unpaid", "conflict-at-home", "moved"]);
            Event::from(OutcomeLost {
                outcome: key("o", enrolment),
                reason: Some(code(reason)),
                personal: Note::default(),
            })
        });
        if !self.falls(self.fate.recovers, 0.15 + 0.35 * self.level) {
            return;
        }
        let contact = self.after(day, 5, 30);
        self.contact(contact, Eyes::Client, talk::RETURNED);
        let reached = self.after(contact, 30, 150);
        if self.diary.is_past(reached) {
            return;
        }
        self.reach(reached, enrolment, None);
        let again = Held { anchor: reached, reached, slips: None, again: true, ..*held };
        self.look_again(&again, None);
    }

    /// Contact goes on after exit for those who reached nothing yet, too; fewer are found.
    pub(super) fn look_again_without_outcome(&mut self, stay: &Stay, left: i32) {
        for target in [91, 182] {
            let day = self.after(left + target, -10, 10);
            if self.diary.is_past(day) {
                return;
            }
            if !self.dice.chance(0.6) {
                continue;
            }
            let enrolment = stay.enrolment;
            if !self.dice.chance(0.45) {
                self.attempt_follow_up(day, None, enrolment, false);
                continue;
            }
            self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
                Event::from(FollowUpHeld {
                    outcome: None,
                    enrolment: Some(key("e", enrolment)),
                    window: None,
                    format: *ink.dice.pick(&[Format::Phone, Format::Written]),
                    result: FollowUpResult::NotAssessed,
                    personal: Words::default(),
                })
            });
        }
    }

    /// The client becomes something else to the organisation, and some of it shows.
    pub(super) fn grow(&mut self, day: i32) {
        use Relationship::{Advocate, Donor, ReferralSource, Volunteer};
        let drawn = [ReferralSource, Volunteer, Advocate, Donor][self.dice.weighted(&[4, 3, 2, 2])];
        let into = self.fate.grows.unwrap_or(drawn);
        self.diary.tell(self.on(day), |_| Event::from(RelationshipGrown { into, personal: Note::default() }));
        let mut day = day;
        for _ in 0..self.dice.within(1, 4) {
            day = self.after(day, 9, 60);
            match into {
                Volunteer => {
                    let shift = self.shift(day);
                    self.thank(day, shift);
                }
                Donor => {
                    let gift = self.gift(day, (5_000, 40_000));
                    self.thank(day, gift);
                }
                ReferralSource | Advocate => {}
            }
        }
    }
}
