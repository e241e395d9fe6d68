//! The list of clients going quiet, and the little it needs of each.

use jiff::civil::Date;
use throughline_domain::{Code, EventId, Role};
use throughline_projection::{Programmes, Settings, WorkItem, WorkList};

use crate::{
    days,
    silence::{DAYS_MIN, RETURNS_MAX, Rhythm, Standing, WATCH},
    view::{Dated, View},
};

/// The list of clients going quiet.
pub(crate) const GOING_QUIET: WorkList = WorkList {
    name: "going-quiet",
    about: "Clients whose silence is unusual for their own rhythm, and new ones nobody has reached yet.",
};
/// Failed attempts named as evidence, at most.
const ATTEMPTS_MAX: usize = 10;

/// What the list needs of one client: about 100 bytes, two for each day of contact and twenty for each contact that
/// a silence long enough to be listed followed. It answers for any date, as the view would.
pub struct Card {
    /// The first day with two-way contact.
    first: Option<i32>,
    /// Days from each day with two-way contact to the next.
    steps: Box<[u16]>,
    /// The last contact of each day that a silence long enough to be listed followed.
    before_silence: Box<[Dated<EventId>]>,
    /// Failed attempts during such silences.
    attempts: Box<[Dated<EventId>]>,
    /// Programmes, each from the day it became the one last begun.
    programmes: Box<[Dated<Code>]>,
    exits: Box<[i32]>,
    /// From when a volunteer or donor is listed without an enrolment.
    giver_from: Option<i32>,
    died: Option<i32>,
}

impl Card {
    /// None for those no list can name: neither enrolled nor a volunteer or donor.
    pub(crate) fn of(view: &View) -> Option<Self> {
        let gives = |role: Role| match role {
            Role::Volunteer | Role::Donor => true,
            Role::Participant | Role::Caregiver => false,
        };
        let giver_from = view.role.filter(|role| gives(role.what)).map(|role| role.day);
        if view.enrolments.is_empty() && giver_from.is_none() {
            return None;
        }
        let mut contacts: Vec<Dated<EventId>> = Vec::new();
        for contact in view.contacts.iter().filter(|contact| contact.two_way) {
            let contact = Dated { day: contact.day, what: contact.event };
            match contacts.last_mut() {
                Some(last) if last.day == contact.day => *last = contact,
                _ => contacts.push(contact),
            }
        }
        let step = |pair: &[Dated<EventId>]| u16::try_from(pair[1].day - pair[0].day).unwrap_or(u16::MAX);
        let mut programmes: Vec<Dated<Code>> = Vec::new();
        for enrolment in &view.enrolments {
            let programme = &view.codes[usize::from(enrolment.programme)];
            if programmes.last().is_none_or(|last| last.what != *programme) {
                programmes.push(Dated { day: enrolment.day, what: programme.clone() });
            }
        }
        Some(Self {
            first: contacts.first().map(|contact| contact.day),
            steps: contacts.windows(2).map(step).collect(),
            before_silence: before_silences(&contacts),
            attempts: attempts_in_silence(view, &contacts),
            programmes: programmes.into(),
            exits: view.exits.iter().map(|exit| exit.day).collect(),
            giver_from,
            died: view.died.map(|died| died.day),
        })
    }

    /// The line about this client, where there is one. Named is who stands at watch, quiet or lost, is alive, and
    /// has an enrolment (or is a volunteer or donor), until the last follow-up window after the last contact or exit
    /// has closed. Named as `no-contact-yet` is who was never reached in the first days of their first enrolment,
    /// from a week after it until the day an exit would be derived.
    pub(crate) fn work(&self, on: Date, programmes: &Programmes) -> Option<WorkItem> {
        let on = days::number(on);
        let enrolled = self.programmes.first().filter(|first| first.day <= on).map(|first| first.day);
        let giver = self.giver_from.is_some_and(|from| from <= on);
        if self.died.is_some_and(|died| died <= on) || (enrolled.is_none() && !giver) {
            return None;
        }
        let begun = self.programmes.partition_point(|programme| programme.day <= on);
        let programme = begun.checked_sub(1).map(|latest| &self.programmes[latest].what);
        let settings = programmes.of(programme);
        let exit = self.exits[..self.exits.partition_point(|exit| *exit <= on)].last().copied();
        match self.rhythm(on) {
            Some(rhythm) => self.silence(rhythm, exit, on, settings),
            None if exit.is_none() => self.never_reached(enrolled?, on, settings),
            None => None,
        }
    }

    fn silence(&self, rhythm: Rhythm, exit: Option<i32>, on: i32, settings: &Settings) -> Option<WorkItem> {
        let standing = rhythm.standing(settings, on);
        let aftercare = settings.windows.iter().map(|window| window.last_day).max();
        let aftercare = i32::from(aftercare.unwrap_or(settings.exit_after_days));
        let cared_for_from = exit.map_or(rhythm.last, |exit| exit.max(rhythm.last));
        if !matches!(standing, Standing::Watch | Standing::Quiet | Standing::Lost)
            || on - cared_for_from > aftercare
        {
            return None;
        }
        let days = on - rhythm.last;
        let attempts = self.attempts_between(rhythm.last, on);
        let because = format!(
            "P(silence) {:.3}; last two-way contact {days} days ago, before it {} returns in {} days; {} since",
            rhythm.probability(settings, on),
            rhythm.returns,
            rhythm.over_days,
            failed(attempts.len()),
        );
        let contact = self.before_silence.iter().rfind(|contact| contact.day == rhythm.last);
        Some(WorkItem {
            what: "silence".to_owned(),
            level: standing.code(),
            due: rhythm.reaches(settings, WATCH).map(days::date),
            since: Some(days::date(rhythm.last)),
            days,
            because,
            evidence: contact.into_iter().map(|contact| contact.what).chain(latest(attempts)).collect(),
            entered: None,
        })
    }

    fn never_reached(&self, enrolled: i32, on: i32, settings: &Settings) -> Option<WorkItem> {
        let days = on - enrolled;
        if !(DAYS_MIN..=i32::from(settings.exit_after_days)).contains(&days) {
            return None;
        }
        let attempts = self.attempts_between(i32::MIN, on);
        Some(WorkItem {
            what: "silence".to_owned(),
            level: Standing::NoContactYet.code(),
            due: Some(days::date(enrolled + DAYS_MIN)),
            since: Some(days::date(enrolled)),
            days,
            because: format!(
                "no two-way contact in the {days} days since enrolment; {} since",
                failed(attempts.len())
            ),
            evidence: latest(attempts).collect(),
            entered: None,
        })
    }

    fn rhythm(&self, on: i32) -> Option<Rhythm> {
        let mut last = self.first.filter(|first| *first <= on)?;
        let mut returns = 0;
        for step in &self.steps {
            if last + i32::from(*step) > on {
                break;
            }
            last += i32::from(*step);
            returns += 1;
        }
        let mut contacts = [last; RETURNS_MAX + 1];
        let counted = returns.min(RETURNS_MAX);
        for place in (0..counted).rev() {
            let step = self.steps[returns - (counted - place)];
            contacts[place] = contacts[place + 1] - i32::from(step);
        }
        Rhythm::of(&contacts[..=counted])
    }

    fn attempts_between(&self, after: i32, until: i32) -> &[Dated<EventId>] {
        let from = self.attempts.partition_point(|attempt| attempt.day <= after);
        let to = self.attempts.partition_point(|attempt| attempt.day <= until);
        &self.attempts[from..to]
    }
}

fn failed(attempts: usize) -> String {
    match attempts {
        0 => "no failed attempt".to_owned(),
        1 => "1 failed attempt".to_owned(),
        many => format!("{many} failed attempts"),
    }
}

fn latest(attempts: &[Dated<EventId>]) -> impl Iterator<Item = EventId> {
    attempts[attempts.len().saturating_sub(ATTEMPTS_MAX)..].iter().map(|attempt| attempt.what)
}

/// Whether a silence between these contacts can ever be listed: on the day of the next contact it is over.
fn can_be_listed(contact: i32, next: Option<i32>) -> bool {
    next.is_none_or(|next| next - contact > DAYS_MIN)
}

fn before_silences(contacts: &[Dated<EventId>]) -> Box<[Dated<EventId>]> {
    let next = |place: usize| contacts.get(place + 1).map(|next| next.day);
    let listed =
        contacts.iter().enumerate().filter(|(place, contact)| can_be_listed(contact.day, next(*place)));
    listed.map(|(_, contact)| *contact).collect()
}

fn attempts_in_silence(view: &View, contacts: &[Dated<EventId>]) -> Box<[Dated<EventId>]> {
    let within = |day: i32| {
        let after = contacts.partition_point(|contact| contact.day <= day);
        let next = contacts.get(after).map(|next| next.day);
        after.checked_sub(1).is_none_or(|last| can_be_listed(contacts[last].day, next))
    };
    let attempts = view.failed.iter().filter(|failed| within(failed.day));
    attempts.map(|failed| Dated { day: failed.day, what: failed.event }).collect()
}
