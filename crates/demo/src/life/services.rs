//! What passes between client and organisation: services, contacts, referrals, support.

use throughline_domain::{
    Amount, ContactAttempted, ContactMade, Event, Exchange, Eyes, Fit, Format, Note, ReferralClosed,
    ReferralMade, ServiceDelivered, SupportPaid,
};

use super::Life;
use crate::{
    diary::{Ink, Told, code, key},
    programmes::Offer,
    words::remarks,
};

/// A service as it was given, so that it can be told again where the first telling was wrong.
#[derive(Clone, Copy)]
pub(super) struct Session {
    pub(super) enrolment: Option<u32>,
    pub(super) offer: &'static Offer,
    pub(super) format: Format,
    pub(super) minutes: u32,
    pub(super) worker: u16,
    pub(super) with_carer: bool,
    pub(super) fit: Option<Fit>,
}

impl Session {
    pub(super) fn event(self, ink: &mut Ink<'_>) -> Event {
        let cost = (self.offer.cents > 0)
            .then(|| Amount { minor: i64::from(self.offer.cents), currency: code("zar") });
        Event::from(ServiceDelivered {
            enrolment: self.enrolment.map(|nth| key("e", nth)),
            service: code(self.offer.service),
            life_area: code(self.offer.life_area),
            format: self.format,
            minutes: Some(self.minutes),
            worker: Some(ink.worker(self.worker)),
            with: if self.with_carer { vec![Eyes::Caregiver] } else { Vec::new() },
            fit: self.fit,
            cost,
            personal: ink.remark(0.12, remarks::AFTER_SERVICE),
        })
    }
}

impl Life<'_, '_> {
    /// A session of one of the programme's services.
    pub(super) fn session(&mut self, offer: &'static Offer, enrolment: Option<u32>) -> Session {
        Session {
            enrolment,
            offer,
            format: *self.dice.pick(offer.formats),
            minutes: self.dice.between(offer.minutes) / 5 * 5,
            worker: self.person.worker,
            with_carer: self.person.carer && self.dice.chance(0.12),
            fit: self.fit(0.35),
        }
    }

    /// Whether the information was needed, usable, tailored and timely, where the client was asked.
    pub(super) fn fit(&mut self, asked: f64) -> Option<Fit> {
        let level = self.level;
        self.dice.chance(asked).then(|| Fit {
            needed: Some(self.dice.chance(0.75 + 0.25 * level)),
            usable: Some(self.dice.chance(0.65 + 0.3 * level)),
            tailored: self.dice.chance(0.8).then(|| self.dice.chance(0.5 + 0.45 * level)),
            timely: self.dice.chance(0.8).then(|| self.dice.chance(0.55 + 0.4 * level)),
        })
    }

    pub(super) fn contact(&mut self, day: i32, begun_by: Eyes, words: &'static [crate::words::Said]) -> Told {
        let late = self.lateness();
        let entry =
            self.at(day).eyes(if begun_by == Eyes::Staff { Eyes::Staff } else { Eyes::Client }).late(late);
        let format = [Format::Phone, Format::Written, Format::InPerson, Format::HomeVisit]
            [self.dice.weighted(&[5, 4, 2, 1])];
        let two_way = format != Format::Written || self.dice.chance(0.3 + 0.5 * self.level);
        let minutes = (format != Format::Written).then(|| self.dice.between((3, 25)));
        let with_carer = self.person.carer && self.dice.chance(0.15);
        let worker = self.person.worker;
        let fit = if two_way { self.fit(0.25) } else { None };
        self.diary.tell(entry, |ink| {
            Event::from(ContactMade {
                format,
                begun_by,
                exchange: if two_way { Exchange::TwoWay } else { Exchange::OneWay },
                with: if with_carer { vec![Eyes::Caregiver] } else { Vec::new() },
                minutes,
                worker: Some(ink.worker(worker)),
                fit,
                personal: if two_way {
                    ink.words_perhaps(0.5, words)
                } else {
                    throughline_domain::Words::default()
                },
            })
        })
    }

    pub(super) fn attempt_contact(&mut self, day: i32) {
        let entry = self.at(day);
        let worker = self.person.worker;
        self.diary.tell(entry, |ink| {
            let formats = [Format::Phone, Format::Written, Format::HomeVisit];
            let reason = *ink.dice.pick(&["no-answer", "number-not-in-use", "not-at-home"]);
            Event::from(ContactAttempted {
                format: *ink.dice.pick(&formats),
                begun_by: Eyes::Staff,
                reason: Some(code(reason)),
                worker: Some(ink.worker(worker)),
                personal: ink.remark(0.4, remarks::NO_ANSWER),
            })
        });
    }

    pub(super) fn refer(&mut self, day: i32, enrolment: u32) {
        let referral = self.name();
        self.diary.tell(self.on(day), |ink| {
            let (to, life_area) = *ink.dice.pick(&[
                ("clinic", "health"),
                ("home-affairs", "documents"),
                ("legal-aid", "legal"),
                ("creche", "family"),
                ("night-school", "education"),
            ]);
            Event::from(ReferralMade {
                referral: key("r", referral),
                enrolment: Some(key("e", enrolment)),
                to: code(to),
                life_area: Some(code(life_area)),
                personal: Note::default(),
            })
        });
        if self.dice.chance(0.8) {
            let day = self.after(day, 3, 50);
            self.close_referral(referral, day);
        }
    }

    pub(super) fn close_referral(&mut self, referral: u32, day: i32) {
        let taken_up = self.dice.chance(0.35 + 0.5 * self.level);
        let entry = self.on(day).eyes(Eyes::Partner);
        self.diary.tell(entry, |ink| {
            let failed = *ink.dice.pick(&["refused-by-client", "no-place", "never-arrived"]);
            let result = code(if taken_up { "accepted" } else { failed });
            Event::from(ReferralClosed { referral: key("r", referral), result, personal: Note::default() })
        });
    }

    pub(super) fn pay_support(&mut self, day: i32, enrolment: u32) {
        self.diary.tell(self.on(day), |ink| {
            let (purpose, life_area, cents) = *ink.dice.pick(&[
                ("transport", "transport", (4_000, 26_000)),
                ("school-fees", "education", (50_000, 160_000)),
                ("rent-deposit", "housing", (150_000, 380_000)),
                ("work-clothes", "employment", (30_000, 90_000)),
                ("id-document", "documents", (14_000, 14_000)),
            ]);
            let minor = i64::from(ink.dice.between(cents)) / 100 * 100;
            Event::from(SupportPaid {
                enrolment: Some(key("e", enrolment)),
                purpose: code(purpose),
                life_area: Some(code(life_area)),
                amount: Amount { minor, currency: code("zar") },
                personal: Note::default(),
            })
        });
    }
}
