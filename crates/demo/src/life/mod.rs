//! One life: who somebody is, and the parts that lives are told in.

mod after;
mod amended;
mod between;
mod caregiver;
mod givers;
mod intake;
mod pact;
mod participant;
mod plan;
mod services;
mod stay;
mod survey;

use throughline_domain::Role;

use crate::{
    diary::{By, Diary, Entry},
    dice::Dice,
    programmes::{OFFERINGS, Offering},
    stars::{Fate, fate_of},
    words::Tongue,
    world::{SITES, World},
};

/// Who somebody is, as far as the rest of the life depends on it.
pub(crate) struct Person {
    client: u32,
    role: Role,
    tongue: Tongue,
    start: i32,
    /// By its place in [`OFFERINGS`].
    offering: usize,
    /// By its place in [`SITES`].
    site: usize,
    worker: u16,
    /// How readily they engage, 0 to 1, whoever works with them.
    warmth: f64,
    /// Whether family or another caregiver is in touch too.
    carer: bool,
    /// 0 near the site, 2 far from it.
    distance: usize,
    /// By its place in the list of age bands.
    age_band: usize,
}

/// A life while it is told.
pub(crate) struct Life<'d, 'w> {
    diary: &'d mut Diary<'w>,
    world: &'w World,
    dice: Dice,
    person: Person,
    fate: Fate,
    /// How engaged they are at this point, 0 to 1.
    level: f64,
    /// How many keys have been given out in this journey.
    named: u32,
}

/// Tells the life of the n-th client.
pub(crate) fn live(diary: &mut Diary<'_>, client: u32) {
    diary.open(client);
    let world = diary.world();
    let fate = fate_of(client);
    let mut dice = world.cup.of_life(client);
    let person = Person::new(world, &mut dice, client, &fate);
    if diary.is_past(person.start) {
        return;
    }
    diary.speak(person.tongue);
    let level = person.warmth;
    let mut life = Life { diary, world, dice, person, fate, level, named: 0 };
    match life.person.role {
        Role::Participant => life.participate(),
        Role::Volunteer => life.volunteer(),
        Role::Donor => life.give(),
        Role::Caregiver => life.care(),
    }
}

impl Person {
    fn new(world: &World, dice: &mut Dice, client: u32, fate: &Fate) -> Self {
        const ROLES: [Role; 4] = [Role::Participant, Role::Volunteer, Role::Donor, Role::Caregiver];
        const TONGUES: [Tongue; 3] = [Tongue::English, Tongue::Afrikaans, Tongue::Zulu];
        let role = ROLES[dice.weighted(&[85, 7, 6, 2])];
        let offering =
            fate.offering.unwrap_or_else(|| dice.weighted(&OFFERINGS.map(|offering| offering.share)));
        let worker = world.worker_of(offering, dice.between((0, 1 << 20)));
        let site = world.workers[usize::from(worker)].site;
        // The east of the valley speaks more isiZulu, the west more Afrikaans.
        let tongue = TONGUES[dice.weighted(if site.is_multiple_of(2) { &[4, 4, 2] } else { &[4, 1, 5] })];
        let start = dice.within(1, world.calendar.last - 3);
        let carer = fate.carer.unwrap_or_else(|| dice.chance(0.4));
        let distance = dice.weighted(&[5, 3, 2]);
        let role = fate.role.unwrap_or(role);
        let young = role == Role::Participant && OFFERINGS[offering].for_the_young();
        let adult = 1 + dice.weighted(&[4, 3, 2, 1]);
        let age_band = if young { 0 } else { adult };
        let ease = [0.05, 0.0, -0.08][distance] + if carer { 0.07 } else { 0.0 };
        let warmth = fate.warmth.unwrap_or_else(|| (dice.around(0.54, 0.17) + ease).clamp(0.08, 0.95));
        Self {
            client,
            role,
            tongue: fate.tongue.unwrap_or(tongue),
            start: world.calendar.working_day(fate.start.unwrap_or(start)),
            offering,
            site,
            worker,
            warmth,
            carer,
            distance,
            age_band,
        }
    }
}

impl Life<'_, '_> {
    fn by(&self) -> By {
        By::Worker(self.person.worker)
    }

    /// An entry of the worker's of which only the day is known.
    fn on(&self, day: i32) -> Entry {
        Entry::on(day, self.by())
    }

    /// An entry of the worker's at some time of a working day.
    fn at(&mut self, day: i32) -> Entry {
        let minute = self.dice.within(9 * 12, 15 * 12 + 6) * 5;
        Entry::at(day, minute, self.by())
    }

    fn offering(&self) -> &'static Offering {
        &OFFERINGS[self.person.offering]
    }

    /// The number of the next key.
    fn name(&mut self) -> u32 {
        self.named += 1;
        self.named
    }

    /// A working day this many days on.
    fn after(&mut self, day: i32, from: i32, to: i32) -> i32 {
        let days = self.dice.within(from, to);
        self.world.calendar.working_day(day + days)
    }

    /// What is fixed beforehand, or else what chance says.
    fn falls(&mut self, fixed: Option<bool>, probability: f64) -> bool {
        let chance = self.dice.chance(probability);
        fixed.unwrap_or(chance)
    }

    /// Something that happens along the way with this probability, and more often to the stars told in full.
    fn meets(&mut self, probability: f64) -> bool {
        let chance = if self.fate.full { (probability * 3.0).min(0.9) } else { probability };
        self.dice.chance(chance)
    }

    /// As [`Life::meets`], and to the stars told in full for certain in one week of the stay.
    fn meets_in(&mut self, week: i32, certain: i32, probability: f64) -> bool {
        self.meets(probability) || (self.fate.full && week == certain)
    }

    /// What place and people add to somebody's own warmth on a day.
    fn base(&self, day: i32) -> f64 {
        let person = &self.person;
        let around = self.world.workers[usize::from(person.worker)].lift + SITES[person.site].lift;
        let changed = self.offering().lift(person.site, day);
        (person.warmth + around + changed).clamp(0.05, 0.97)
    }

    /// How late an entry is written down that nobody waits for: mostly at once.
    fn lateness(&mut self) -> i32 {
        let amended = self.fate.amended == Some(true);
        match self.dice.weighted(if amended { &[70, 20, 10] } else { &[925, 60, 15] }) {
            0 => 0,
            1 => self.dice.within(2, 12),
            _ => self.dice.within(20, 120),
        }
    }

    /// The place in a list of bad, middling and good sayings that fits the level of engagement.
    fn mood(&mut self) -> usize {
        match self.dice.around(self.level, 0.15) {
            low if low < 0.38 => 0,
            middling if middling < 0.56 => 1,
            _ => 2,
        }
    }
}
