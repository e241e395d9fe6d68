//! The programmes' own streams: descriptions, workers, templates, changes, measures.

use throughline_domain::{
    Attributes, Contact, Event, FollowUpWindow, Identity, Key, MeasureAdopted, ProgrammeChanged,
    ProgrammeDescribed, ProgrammeSettings, Scale, Score, TemplatePublished, TemplateStep, Value,
    WorkerDescribed,
};

use crate::{
    diary::{By, Diary, Entry, code, text},
    programmes::{Change, OFFERINGS, Offering},
    words::{Tongue, names, remarks},
    world::{SITES, World},
};

const ORGANISATION: &str = "ithemba-neighbours";

/// Tells the streams of all programmes.
pub(crate) fn publish(diary: &mut Diary<'_>) {
    let world = diary.world();
    diary.open(0);
    diary.speak(Tongue::English);
    for (nth, offering) in OFFERINGS.iter().enumerate() {
        diary.turn_to(world.journey("programme", offering.programme));
        describe(diary, nth, offering);
        diary.tell(Entry::on(0, By::System), |ink| {
            template(offering, "v1", ink.remark(1.0, remarks::ON_PROGRAMME))
        });
        for (measure, version, day) in offering.measures {
            diary.tell(Entry::on(*day, By::System), |ink| {
                Event::from(MeasureAdopted {
                    programme: code(offering.programme),
                    measure: code(measure),
                    version: code(version),
                    from: ink.date(*day),
                    personal: ink.remark(0.5, remarks::ON_PROGRAMME),
                })
            });
        }
        for change in offering.changes {
            let entry = Entry::on(world.calendar.working_day(change.day), By::System);
            diary.tell(entry, |ink| {
                changed(offering, change, ink.date(change.day), ink.remark(1.0, remarks::ON_PROGRAMME))
            });
        }
        if let Some(change) = offering.changes.first() {
            let entry = Entry::on(world.calendar.working_day(change.day), By::System);
            diary.tell(entry, |ink| template(offering, "v2", ink.remark(0.5, remarks::ON_PROGRAMME)));
        }
    }
}

fn describe(diary: &mut Diary<'_>, nth: usize, offering: &'static Offering) {
    let world: &World = diary.world();
    diary.tell(Entry::on(0, By::System), |_| {
        let attributes: Attributes = [
            (code("desired-outcome"), Value::Code(code(offering.outcome))),
            (code("life-area"), Value::Code(code(offering.life_area))),
        ]
        .into();
        Event::from(ProgrammeDescribed {
            programme: code(offering.programme),
            kind: Some(code(offering.kind)),
            organisation: Some(code(ORGANISATION)),
            site: None,
            attributes,
            personal: throughline_domain::Note::default(),
        })
    });
    for worker in world.workers.iter().filter(|worker| worker.offering == nth) {
        diary.tell(Entry::on(0, By::System), |ink| {
            let tongue = [Tongue::English, Tongue::Afrikaans, Tongue::Zulu][ink.dice.weighted(&[4, 3, 3])];
            let (first, last) = names::name(&mut ink.dice, tongue);
            let personal = Identity {
                name: Some(text(format!("{first} {last}"))),
                called: Some(text(first)),
                contacts: vec![Contact {
                    kind: Key::new("phone").expect("a plain word"),
                    value: text(names::phone(&mut ink.dice)),
                }],
                ..Identity::default()
            };
            let site = Some(code(SITES[worker.site].code));
            Event::from(WorkerDescribed { worker: worker.code.clone(), site, personal })
        });
    }
}

fn changed(
    offering: &Offering,
    change: &Change,
    from: jiff::civil::Date,
    personal: throughline_domain::Note,
) -> Event {
    Event::from(ProgrammeChanged {
        programme: code(offering.programme),
        change: code(change.what),
        from,
        sites: change.sites.iter().map(|site| code(SITES[*site].code)).collect(),
        personal,
    })
}

fn template(offering: &Offering, version: &str, personal: throughline_domain::Note) -> Event {
    let mut steps: Vec<TemplateStep> = offering
        .services
        .iter()
        .map(|offer| TemplateStep {
            step: code(offer.service),
            service: Some(code(offer.service)),
            life_area: Some(code(offer.life_area)),
            week: Some(offer.week),
        })
        .collect();
    if let ("v2", Some(change)) = (version, offering.changes.first()) {
        steps.push(TemplateStep { step: code(change.what), service: None, life_area: None, week: Some(1) });
    }
    steps.sort_by_key(|step| step.week);
    Event::from(TemplatePublished {
        programme: code(offering.programme),
        version: code(version),
        steps,
        settings: settings(offering),
        personal,
    })
}

fn settings(offering: &Offering) -> ProgrammeSettings {
    let score = |number| Score::new(number).ok();
    ProgrammeSettings {
        engagement_window_days: Some(90),
        silence_prior_shape: score(2.0),
        silence_prior_days: score(if offering.weeks.1 > 40 { 24.0 } else { 18.0 }),
        exit_after_days: Some(90),
        satisfaction_scale: Scale::new(1.0, 5.0).ok(),
        windows: windows().to_vec(),
    }
}

/// The programmes' follow-up windows.
fn windows() -> [FollowUpWindow; 4] {
    WINDOWS.map(|(window, target_day, slack)| FollowUpWindow {
        window: code(window),
        first_day: target_day - slack,
        target_day,
        last_day: target_day + slack,
        required: true,
    })
}

/// Name, day aimed at, days before and after it that still count.
pub(crate) const WINDOWS: [(&str, u16, u16); 4] =
    [("3-months", 91, 30), ("6-months", 182, 30), ("12-months", 365, 45), ("24-months", 730, 60)];
