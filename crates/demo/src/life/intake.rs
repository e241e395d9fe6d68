//! Who comes, with what, and what is agreed.

use throughline_domain::{
    Attributes, ConsentGiven, ConsentWithdrawn, Contact, Criterion, EligibilityDecided, Enrolled, Event,
    Eyes, Identity, JourneyOpened, Key, Note, Reasoned, ReferralMade, Score, Value, WorkerAssigned,
};

use super::Life;
use crate::{
    diary::{By, Entry, Ink, Told, code, key, text},
    stars::Sharing,
    words::{Coded, CodedWithWhy, Tongue, environment as said, names, remarks},
    world::SITES,
};

const AGE_BANDS: [&str; 5] = ["14-19", "20-34", "35-49", "50-64", "65-plus"];
const DISTANCES: [&str; 3] = ["near", "middle", "far"];

impl Life<'_, '_> {
    pub(super) fn open(&mut self, day: i32) {
        let person = &self.person;
        let (role, tongue, site) = (person.role, person.tongue, person.site);
        let (distance, age_band, carer) =
            (DISTANCES[person.distance], AGE_BANDS[person.age_band], person.carer);
        let name = self.fate.name;
        self.diary.tell(self.on(day), |ink| {
            let attributes: Attributes = [
                (code("distance"), Value::Code(code(distance))),
                (code("age-band"), Value::Code(code(age_band))),
                (code("caregiver-in-touch"), Value::Flag(carer)),
            ]
            .into();
            let personal = identity(ink, name, age_band, SITES[site].place);
            Event::from(JourneyOpened { role, language: tongue.language(), attributes, personal })
        });
    }

    /// Opens the journey and asks for consent.
    pub(super) fn come(&mut self, day: i32) {
        self.open(day);
        self.consent(day, "services", None);
        if self.meets(0.8) || self.fate.withdraws == Some(true) {
            self.consent(day, "contact-after-exit", Some(day + 1_460));
        }
        let research = self.dice.chance(0.4);
        let withdraws = self.fate.withdraws;
        if research || withdraws == Some(true) {
            self.consent(day, "research", None);
            if self.falls(withdraws, 0.08) {
                let day = self.after(day, 30, 400);
                self.diary.tell(self.on(day).eyes(Eyes::Client), |_| {
                    Event::from(ConsentWithdrawn { scope: code("research"), personal: Note::default() })
                });
            }
        }
        self.share(day);
    }

    /// Asks whether the record may be seen by others: most agree, some for a while only, some think better of it.
    fn share(&mut self, day: i32) {
        const ASKED: [Sharing; 4] = [Sharing::Never, Sharing::Open, Sharing::Ends, Sharing::TakenBack];
        let mut dice = self.world.cup.of_sharing(self.person.client);
        let drawn = ASKED[dice.weighted(&[12, 70, 8, 10])];
        let months = dice.within(6, 30);
        let shares = self.fate.shares.unwrap_or(drawn);
        if shares == Sharing::Never {
            return;
        }
        let (scope, entry) = ("data-sharing", self.on(day).eyes(Eyes::Client));
        let ends = (shares == Sharing::Ends).then_some(day + 30 * months);
        self.diary.tell_aside(0, entry, |ink| {
            let until = ends.map(|day| ink.date(day));
            Event::from(ConsentGiven { scope: code(scope), until, personal: Note::default() })
        });
        if shares == Sharing::TakenBack {
            let day = self.world.calendar.working_day(day + 15 * months);
            self.diary.tell_aside(1, self.on(day).eyes(Eyes::Client), |_| {
                Event::from(ConsentWithdrawn { scope: code(scope), personal: Note::default() })
            });
        }
    }

    pub(super) fn consent(&mut self, day: i32, scope: &'static str, until: Option<i32>) {
        self.diary.tell(self.on(day).eyes(Eyes::Client), |ink| {
            let until = until.map(|day| ink.date(day));
            Event::from(ConsentGiven { scope: code(scope), until, personal: Note::default() })
        });
    }

    /// Decides whether the client may take part. Those turned away are sent to somebody else.
    pub(super) fn decide(&mut self, day: i32, accepted: bool) {
        let offering = self.offering();
        let broadened = offering.is_changed(self.person.site, day);
        let version = if broadened { "v2" } else { "v1" };
        // What the broadened intake no longer asks.
        let asked =
            if broadened { &offering.criteria[..offering.criteria.len() - 1] } else { offering.criteria };
        let unmet = if accepted { None } else { asked.last() };
        self.diary.tell(self.on(day), |ink| {
            let criteria = asked
                .iter()
                .map(|criterion| Criterion { criterion: code(criterion), met: Some(criterion) != unmet })
                .collect();
            Event::from(EligibilityDecided {
                programme: code(offering.programme),
                criteria_version: code(version),
                criteria,
                accepted,
                reason: (!accepted).then(|| code("criterion-not-met")),
                personal: ink.remark(0.2, remarks::ON_PROGRAMME),
            })
        });
        if !accepted {
            let referral = self.name();
            self.diary.tell(self.on(day), |_| {
                Event::from(ReferralMade {
                    referral: key("r", referral),
                    enrolment: None,
                    to: code("partner-organisation"),
                    life_area: Some(code(offering.life_area)),
                    personal: Note::default(),
                })
            });
            let closed = self.after(day, 6, 40);
            self.close_referral(referral, closed);
        }
    }

    /// Asks about the whole environment.
    pub(super) fn hold_intake(&mut self, day: i32, enrolment: Option<u32>) -> Told {
        let entry = self.at(day).eyes(Eyes::Client);
        let household = self.dice.within(1, 9);
        let young = self.person.age_band == 0;
        self.diary.tell(entry, |ink| Event::from(environment(ink, enrolment, household, young)))
    }

    pub(super) fn enrol(&mut self, day: i32, enrolment: u32) {
        let offering = self.offering();
        let (site, worker) = (self.person.site, self.person.worker);
        let template = if offering.is_changed(site, day) { "v2" } else { "v1" };
        let referred = self.dice.weighted(&[5, 3, 2]);
        self.diary.tell(self.on(day), |ink| {
            let came_by = ["word-of-mouth", "clinic", "school"][referred];
            Event::from(Enrolled {
                enrolment: key("e", enrolment),
                programme: code(offering.programme),
                template_version: Some(code(template)),
                site: Some(code(SITES[site].code)),
                worker: Some(ink.worker(worker)),
                household: None,
                relationship: None,
                attributes: [(code("came-by"), Value::Code(code(came_by)))].into(),
                personal: Note::default(),
            })
        });
        if self.meets(0.25) {
            self.assign(day, enrolment);
        }
    }

    /// A colleague of the same programme takes over, or the same worker is confirmed.
    pub(super) fn assign(&mut self, day: i32, enrolment: u32) {
        let worker = self.person.worker;
        self.diary.tell(Entry::on(day, By::Worker(worker)), |ink| {
            let worker = ink.worker(worker);
            Event::from(WorkerAssigned {
                enrolment: Some(key("e", enrolment)),
                worker,
                personal: Note::default(),
            })
        });
    }
}

fn identity(
    ink: &mut Ink<'_>,
    name: Option<(&'static str, &'static str)>,
    age_band: &str,
    place: &str,
) -> Identity {
    let (first, last) = name.unwrap_or_else(|| names::name(&mut ink.dice, ink.tongue));
    let plain = |word| Key::new(word).expect("a plain word");
    let mut contacts = vec![
        Contact { kind: plain("phone"), value: text(names::phone(&mut ink.dice)) },
        Contact { kind: plain("address"), value: text(names::address(&mut ink.dice, place)) },
    ];
    if ink.dice.chance(0.3) {
        let value = format!("{}.{}@example.org", first.to_lowercase(), last.to_lowercase().replace(' ', ""));
        contacts.push(Contact { kind: plain("email"), value: text(value) });
    }
    let youngest = age_band.get(..2).and_then(|years| years.parse::<i32>().ok()).unwrap_or(35);
    let days = ink.dice.within(0, 1_800);
    let born = ink.date(-365 * (youngest + 1) - days);
    Identity {
        name: Some(text(format!("{first} {last}"))),
        called: Some(text(first)),
        born: Some(born),
        contacts,
        known_as: Vec::new(),
        note: None,
    }
}

fn environment(
    ink: &mut Ink<'_>,
    enrolment: Option<u32>,
    household: i32,
    young: bool,
) -> throughline_domain::IntakeHeld {
    let tongue = ink.tongue;
    let (motivation, history) =
        if young { (said::YOUNG_MOTIVATION, said::YOUNG_HISTORY) } else { (said::MOTIVATION, said::HISTORY) };
    let mut chosen = |from: &'static [Coded], most: usize| ink.dice.some(from, most);
    let surroundings = chosen(said::SURROUNDINGS, 2);
    let challenges = chosen(said::CHALLENGES, 3);
    let opportunities = chosen(said::OPPORTUNITIES, 2);
    let support = chosen(said::SUPPORT, 1);
    let decisions = chosen(said::DECISIONS, 1);
    let capabilities = chosen(said::CAPABILITIES, 2);
    let priorities = ink.dice.some(said::PRIORITIES, 2);
    let values = ink.dice.some(said::VALUES, 2);
    let codes = |from: &[&Coded]| from.iter().map(|one| code(one.code)).collect();
    let told = |from: &[&Coded]| {
        let told: Vec<&str> = from.iter().map(|one| one.said[tongue as usize]).collect();
        Some(text(told.join(" ")))
    };
    let reasoned = |from: &[&CodedWithWhy]| from.iter().map(|one| reason(one, tongue)).collect();
    let size = Score::new(f64::from(household)).expect("a small whole number is finite");
    throughline_domain::IntakeHeld {
        enrolment: enrolment.map(|nth| key("e", nth)),
        surroundings: codes(&surroundings),
        challenges: codes(&challenges),
        opportunities: codes(&opportunities),
        priorities: priorities.iter().map(|one| code(one.code)).collect(),
        values: values.iter().map(|one| code(one.code)).collect(),
        support_needs: codes(&support),
        decisions: decisions.first().map(|one| code(one.code)),
        capabilities: codes(&capabilities),
        attributes: [(code("household-size"), Value::Number(size))].into(),
        personal: Box::new(throughline_domain::Environment {
            surroundings: told(&surroundings),
            challenges: told(&challenges),
            opportunities: told(&opportunities),
            priorities: reasoned(&priorities),
            values: reasoned(&values),
            support: told(&support),
            decisions: told(&decisions),
            capabilities: told(&capabilities),
            motivation: Some(ink.say(motivation)),
            history: Some(ink.say(history)),
            note: None,
        }),
    }
}

fn reason(one: &CodedWithWhy, tongue: Tongue) -> Reasoned {
    Reasoned { what: text(one.what[tongue as usize]), why: Some(text(one.why[tongue as usize])) }
}
