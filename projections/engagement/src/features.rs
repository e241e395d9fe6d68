//! What rules can ask of engagement. Each value is what the answer on that day says, read from the end of the view
//! backwards, so that asking at every event costs no more for a long journey than for a short one.

use jiff::civil::Date;
use throughline_domain::Role;
use throughline_projection::{Feature, FeatureValue, Features, Programmes, Settings};

use crate::{
    Engagement,
    answer::rounded,
    days,
    readings::{Measure, Smoothed, TAU_DAYS},
    silence::{DAYS_MIN, RETURNS_MAX, Rhythm, Standing},
    view::{FailedKind, View},
};

/// The facts that are contacts, and these too; see the table of the crate's documentation.
macro_rules! contacts_and {
    ($($more:literal),*) => {
        &[
            "intake-held",
            "service-delivered",
            "contact-made",
            "request-received",
            "concern-raised",
            "concern-reopened",
            "gift-received",
            "shift-worked",
            "check-in-held",
            "follow-up-held",
            "follow-up-attempted",
            "died",
            $($more,)*
        ]
    };
}

const CONTACTS: &[&str] = contacts_and![];
/// Contacts, and the enrolments that set by which programme's settings they are judged.
const RHYTHM: &[&str] = contacts_and!["enrolled"];
const LISTED: &[&str] = contacts_and!["enrolled", "exited", "journey-opened"];

const fn feature(
    name: &'static str,
    unit: &'static str,
    from: &'static [&'static str],
    what: &'static str,
) -> Feature {
    Feature { name, what, unit, from }
}

impl Features for Engagement {
    const FEATURES: &'static [Feature] = &[
        feature("silence_days", "days", CONTACTS, "days since the last two-way contact"),
        feature("silence_probability", "share", RHYTHM, "how likely a silence this long is for this client"),
        feature("going_quiet", "yes or no", LISTED, "whether the client is on the list of those going quiet"),
        feature(
            "missed_run",
            "check-ins",
            &["check-in-held", "check-in-missed"],
            "check-ins missed since the last one held",
        ),
        feature(
            "depth",
            "share",
            RHYTHM,
            "of the contacts of the window, those in which both sides took part",
        ),
        feature("client_began", "share", RHYTHM, "of the contacts of the window, those the client began"),
        feature("breadth", "life areas, people and forms", RHYTHM, "how many the window's contacts touch"),
        feature(
            "alliance",
            "share",
            &["reading-taken", "died"],
            "mean of the sides of the working alliance, smoothed",
        ),
    ];

    fn feature(view: &View, place: usize, on: Date, programmes: &Programmes) -> Option<FeatureValue> {
        let moment = Moment { view, on: days::number(on), programmes };
        match place {
            0 => moment.silence_days().map(FeatureValue::from),
            1 => moment.silence_probability().map(FeatureValue::from),
            2 => Some(moment.going_quiet().into()),
            3 => Some(moment.missed_run().into()),
            4 => moment.two_way().map(FeatureValue::from),
            5 => moment.client_began().map(FeatureValue::from),
            6 => Some(moment.breadth().into()),
            7 => moment.alliance().map(FeatureValue::from),
            _ => None,
        }
    }
}

/// A view on a day.
struct Moment<'v> {
    view: &'v View,
    on: i32,
    programmes: &'v Programmes,
}

impl<'v> Moment<'v> {
    fn settings(&self) -> &'v Settings {
        let began = self.view.enrolments.partition_point(|enrolment| enrolment.day <= self.on);
        let latest = began.checked_sub(1).map(|latest| &self.view.enrolments[latest]);
        self.programmes.of(latest.map(|latest| &self.view.codes[usize::from(latest.programme)]))
    }

    fn is_dead(&self) -> bool {
        self.view.died.is_some_and(|died| died.day <= self.on)
    }

    fn contacts(&self, until: i32) -> &'v [crate::view::Contact] {
        &self.view.contacts[..self.view.contacts.partition_point(|contact| contact.day <= until)]
    }

    fn rhythm(&self) -> Option<Rhythm> {
        let mut days = [0; RETURNS_MAX + 1];
        let mut from = days.len();
        for contact in self.contacts(self.on).iter().rev().filter(|contact| contact.two_way) {
            if from < days.len() && days[from] == contact.day {
                continue;
            }
            if from == 0 {
                break;
            }
            from -= 1;
            days[from] = contact.day;
        }
        Rhythm::of(&days[from..])
    }

    fn silence_days(&self) -> Option<i32> {
        let last = self.contacts(self.on).iter().rev().find(|contact| contact.two_way)?;
        (!self.is_dead()).then_some(self.on - last.day)
    }

    fn silence_probability(&self) -> Option<f64> {
        let rhythm = self.rhythm().filter(|_| !self.is_dead())?;
        Some(rounded(rhythm.probability(self.settings(), self.on)))
    }

    /// The rule of the list, as [`crate::Card::work`] has it.
    fn going_quiet(&self) -> bool {
        let enrolled = self.view.enrolments.first().filter(|first| first.day <= self.on);
        let gives = |role: Role| matches!(role, Role::Volunteer | Role::Donor);
        let giver = self.view.role.is_some_and(|role| gives(role.what) && role.day <= self.on);
        if self.is_dead() || (enrolled.is_none() && !giver) {
            return false;
        }
        let settings = self.settings();
        let exited = self.view.exits.partition_point(|exit| exit.day <= self.on);
        let exit = exited.checked_sub(1).map(|last| self.view.exits[last].day);
        let Some(rhythm) = self.rhythm() else {
            let waited = enrolled.filter(|_| exit.is_none()).map(|enrolled| self.on - enrolled.day);
            let listed = DAYS_MIN..=i32::from(settings.exit_after_days);
            return waited.is_some_and(|days| listed.contains(&days));
        };
        let aftercare = settings.windows.iter().map(|window| window.last_day).max();
        let aftercare = i32::from(aftercare.unwrap_or(settings.exit_after_days));
        let cared_for_from = exit.map_or(rhythm.last, |exit| exit.max(rhythm.last));
        let standing = rhythm.standing(settings, self.on);
        matches!(standing, Standing::Watch | Standing::Quiet | Standing::Lost)
            && self.on - cared_for_from <= aftercare
    }

    /// On a day with one held and one missed, the one held is taken for the later. Looks back as far as the run goes.
    fn missed_run(&self) -> u32 {
        let failed = &self.view.failed[..self.view.failed.partition_point(|failed| failed.day <= self.on)];
        let mut held = self.contacts(self.on).iter().rev().filter(|contact| contact.check_in);
        let missed = || failed.iter().rev().filter(|failed| failed.kind == FailedKind::CheckInMissed);
        if missed().next().is_none() {
            return 0;
        }
        let last_held = held.next().map_or(i32::MIN, |held| held.day);
        missed().take_while(|missed| missed.day > last_held).fold(0, |run, _| run + 1)
    }

    /// The contacts of the programme's window, which ends on the day of death where that came first.
    fn window(&self) -> &'v [crate::view::Contact] {
        let end = self.view.died.map_or(self.on, |died| died.day.min(self.on));
        let began = self.view.enrolments.partition_point(|enrolment| enrolment.day <= end);
        let latest = began.checked_sub(1).map(|latest| &self.view.enrolments[latest]);
        let settings =
            self.programmes.of(latest.map(|latest| &self.view.codes[usize::from(latest.programme)]));
        let contacts = self.contacts(end);
        let from = end - i32::from(settings.engagement_window_days.max(2)) + 1;
        &contacts[contacts.partition_point(|contact| contact.day < from)..]
    }

    fn two_way(&self) -> Option<f64> {
        let window = self.window();
        share(window.iter().filter(|contact| contact.two_way).count(), window.len())
    }

    fn client_began(&self) -> Option<f64> {
        let begun = self.window().iter().filter_map(|contact| contact.begun_by);
        let (by_client, all) = begun.fold((0, 0), |(client, all), eyes| {
            (client + usize::from(eyes == throughline_domain::Eyes::Client), all + 1)
        });
        share(by_client, all)
    }

    fn breadth(&self) -> u32 {
        let window = self.window();
        let distinct = |codes: &mut dyn Iterator<Item = u16>| {
            let mut codes: Vec<u16> = codes.collect();
            codes.sort_unstable();
            codes.dedup();
            codes.len()
        };
        let areas = distinct(&mut window.iter().filter_map(|contact| contact.life_area));
        let workers = distinct(&mut window.iter().filter_map(|contact| contact.worker));
        let known = window.iter().filter(|contact| contact.format != throughline_domain::Format::Unknown);
        let formats = distinct(&mut known.map(|contact| contact.format as u16));
        let any = |holds: fn(&crate::view::Contact) -> bool| usize::from(window.iter().any(holds));
        let people = any(|_| true) + any(|contact| contact.caregiver) + any(|contact| contact.partner);
        u32::try_from(areas + workers + formats + people).expect("codes are 16 bits")
    }

    /// The mean of its sides. Takes every reading there is: readings are few beside contacts.
    fn alliance(&self) -> Option<f64> {
        let end = self.view.died.map_or(self.on, |died| died.day.min(self.on));
        let mut sides = [Smoothed::default(); 3];
        for reading in self.view.readings.iter().take_while(|reading| reading.day <= end) {
            let side = match reading.measure {
                Measure::AllianceGoal => 0,
                Measure::AllianceTask => 1,
                Measure::AllianceBond => 2,
                _ => continue,
            };
            sides[side].take(reading.day, reading.share, TAU_DAYS);
        }
        let read: Vec<f64> = sides.iter().filter_map(Smoothed::value).map(rounded).collect();
        (!read.is_empty()).then(|| rounded(read.iter().sum::<f64>() / read.len() as f64))
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| rounded(part as f64 / whole as f64))
}
