//! The pact: what was asked, what was promised, what went wrong and whether it was put right.

use throughline_domain::{
    Answer, ConcernAcknowledged, ConcernRaised, ConcernReopened, ConcernResolved, ConcernUpdated, Event,
    ExpectationSet, ExpectationSettled, Eyes, Format, Kept, Note, RequestAnswered, RequestReceived,
};

use super::Life;
use crate::{
    diary::{Told, code, key},
    words::{Coded, remarks, talk},
};

impl Life<'_, '_> {
    /// The client asks for something. Most get a quick answer, some a slow one, a few none.
    pub(super) fn request(&mut self, day: i32, about: &'static [Coded]) {
        let request = self.name();
        let asked = self.dice.between((0, 64)) as usize % about.len();
        let promised = self.dice.chance(0.4).then(|| day + 3);
        let asked = &about[asked];
        let received = self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
            Event::from(RequestReceived {
                request: key("q", request),
                about: code(asked.code),
                format: *ink.dice.pick(&[Format::Phone, Format::Written, Format::InPerson]),
                due: promised.map(|day| ink.date(day)),
                personal: ink.words(&[asked.said]),
            })
        });
        let answered = match self.dice.weighted(&[70, 20, 10]) {
            0 => self.after(day, 0, 3),
            1 => self.after(day, 4, 25),
            _ => return,
        };
        if self.dice.chance(0.08) {
            self.answer(answered, request, received, Answer::Partial);
            let rest = self.after(answered, 2, 10);
            self.answer(rest, request, received, Answer::Full);
        } else {
            let answer = [Answer::Full, Answer::Referred, Answer::Declined][self.dice.weighted(&[80, 12, 8])];
            self.answer(answered, request, received, answer);
        }
    }

    fn answer(&mut self, day: i32, request: u32, received: Told, answer: Answer) {
        let worker = self.person.worker;
        self.diary.tell(self.on(day).because(received), |ink| {
            let worker = Some(ink.worker(worker));
            Event::from(RequestAnswered {
                request: key("q", request),
                answer,
                worker,
                personal: Note::default(),
            })
        });
    }

    /// Says beforehand what to expect and by when; later it shows whether that was kept.
    pub(super) fn expect(&mut self, day: i32, about: &'static str, days: i32) {
        let expectation = self.name();
        let due = self.world.calendar.working_day(day + days);
        let set = self.diary.tell(self.on(day), |ink| {
            Event::from(ExpectationSet {
                expectation: key("x", expectation),
                about: code(about),
                due: Some(ink.date(due)),
                personal: Note::default(),
            })
        });
        let kept = match self.dice.weighted(&[76, 9, 9, 6]) {
            0 => Kept::Yes,
            1 => Kept::Partly,
            2 => Kept::No,
            _ => return,
        };
        let settled = if kept == Kept::Yes { self.after(day, days / 2, days) } else { self.after(due, 0, 9) };
        self.diary.tell(self.on(settled).eyes(Eyes::Client).because(set), |_| {
            Event::from(ExpectationSettled {
                expectation: key("x", expectation),
                kept,
                personal: Note::default(),
            })
        });
    }

    /// A concern with its clocks: mostly heard in time, sometimes late, sometimes never; some come back.
    pub(super) fn concern(&mut self, day: i32, enrolled: bool) {
        let concern = self.name();
        let by_carer = self.person.carer && self.dice.chance(0.2);
        let eyes = if by_carer { Eyes::Caregiver } else { Eyes::Client };
        let grave = enrolled && self.dice.chance(0.15);
        let raised = self.diary.tell(self.on(day).eyes(eyes), |ink| {
            let raised = ink.dice.pick(talk::CONCERNS);
            Event::from(ConcernRaised {
                concern: key("c", concern),
                about: code(raised.code),
                severity: Some(code(if grave { "high" } else { "normal" })),
                acknowledge_days: grave.then_some(2),
                answer_days: grave.then_some(10),
                update_days: None,
                personal: ink.words(&[raised.said]),
            })
        });
        self.level -= 0.05;
        let full = self.fate.full;
        let acknowledged = match self.dice.weighted(if full { &[1] } else { &[80, 12, 8] }) {
            0 => self.after(day, 0, 5),
            1 => self.after(day, 8, 20),
            _ => return,
        };
        self.acknowledge(acknowledged, concern, raised);
        let answered = match self.dice.weighted(if full { &[0, 1] } else { &[70, 18, 12] }) {
            0 => self.after(acknowledged, 2, 22),
            1 => self.after(acknowledged, 30, 75),
            _ => return,
        };
        let mut told = self.after(acknowledged, 12, 16);
        while told < answered {
            self.update(told, concern, raised);
            told = self.after(told, 12, 20);
        }
        self.resolve(answered, concern, raised);
        if self.dice.chance(0.13) || full {
            let again = self.after(answered, 3, 30);
            self.diary.tell(self.on(again).eyes(eyes).because(raised), |ink| {
                Event::from(ConcernReopened {
                    concern: key("c", concern),
                    personal: ink.words(talk::NOT_OVER),
                })
            });
            if self.dice.chance(0.8) {
                let day = self.after(again, 2, 25);
                self.resolve(day, concern, raised);
            }
        }
        self.level += 0.06;
    }

    fn acknowledge(&mut self, day: i32, concern: u32, raised: Told) {
        let worker = self.person.worker;
        self.diary.tell(self.on(day).because(raised), |ink| {
            let worker = Some(ink.worker(worker));
            let personal = ink.remark(0.4, remarks::ON_CONCERN);
            Event::from(ConcernAcknowledged { concern: key("c", concern), worker, personal })
        });
    }

    fn update(&mut self, day: i32, concern: u32, raised: Told) {
        let worker = self.person.worker;
        self.diary.tell(self.on(day).because(raised), |ink| {
            let worker = Some(ink.worker(worker));
            Event::from(ConcernUpdated { concern: key("c", concern), worker, personal: Note::default() })
        });
    }

    fn resolve(&mut self, day: i32, concern: u32, raised: Told) {
        let worker = self.person.worker;
        let put_right = [Kept::Yes, Kept::Partly, Kept::No][self.dice.weighted(&[68, 20, 12])];
        self.diary.tell(self.on(day).because(raised), |ink| {
            let worker = Some(ink.worker(worker));
            let personal = ink.remark(0.2, remarks::ON_CONCERN);
            Event::from(ConcernResolved { concern: key("c", concern), put_right, worker, personal })
        });
    }
}
