//! Telling a life: entries are numbered as they are told, and only those written down in the months at hand are
//! written out in full. The others cost next to nothing, so that a life can be told again for each span of months.

use std::ops::Range;

use jiff::civil::Date;
use throughline_domain::{
    Actor, Amendment, Code, Draft, Event, EventId, Eyes, JourneyId, JourneysMerged, Key, Note, Occurred,
    Text, Words,
};
use uuid::Uuid;

use crate::{
    dice::Dice,
    words::{Said, Tongue},
    world::World,
};

/// The minute at which a fact of which only the day is known counts as done: before all that has a time.
const OPENING_MINUTE: i32 = 9 * 60;

/// Entries told aside are numbered from here on, where no life comes to by itself.
const ASIDES: u32 = 0xff_ff00;

/// Who wrote an entry.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Worker(u16),
    Client,
    Caregiver,
    System,
}

/// When and by whom an entry is told.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    day: i32,
    minute: Option<i32>,
    by: By,
    eyes: Eyes,
    cause: Option<Told>,
    late_days: i32,
}

impl Entry {
    /// Something of which only the day is known.
    pub(crate) const fn on(day: i32, by: By) -> Self {
        Self { day, minute: None, by, eyes: Eyes::Staff, cause: None, late_days: 0 }
    }

    /// Something of which the minute of the day is known.
    pub(crate) const fn at(day: i32, minute: i32, by: By) -> Self {
        Self { minute: Some(minute), ..Self::on(day, by) }
    }

    pub(crate) const fn eyes(self, eyes: Eyes) -> Self {
        Self { eyes, ..self }
    }

    /// Told by the clients themselves.
    pub(crate) const fn own(self) -> Self {
        Self { eyes: Eyes::Client, by: By::Client, ..self }
    }

    pub(crate) const fn because(self, cause: Told) -> Self {
        Self { cause: Some(cause), ..self }
    }

    /// Written down this many days after it happened.
    pub(crate) const fn late(self, days: i32) -> Self {
        Self { late_days: days, ..self }
    }
}

/// An entry that was told: enough to refer to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    journey: JourneyId,
    number: u32,
    /// The Unix second at which it is written down.
    written: i64,
}

impl Told {
    pub(crate) fn id(self) -> EventId {
        EventId::new(Uuid::new_v5(&self.journey.uuid(), &self.number.to_be_bytes()))
    }
}

/// An entry written out, with when it is written down.
pub(crate) struct Line {
    pub(crate) written: i64,
    pub(crate) draft: Draft,
}

/// The life being told.
pub(crate) struct Diary<'w> {
    world: &'w World,
    window: Range<i64>,
    client: u32,
    journey: JourneyId,
    tongue: Tongue,
    told: u32,
    last_written: i64,
    cut: bool,
    /// The day of the client's death: nobody tells anything of the days after it.
    death: i32,
    lines: Vec<Line>,
}

impl<'w> Diary<'w> {
    /// Of all that will be told, writes out what is written down from one Unix second up to another.
    pub(crate) fn new(world: &'w World, window: Range<i64>) -> Self {
        let journey = world.journey_of(0);
        let tongue = Tongue::English;
        Self {
            world,
            window,
            client: 0,
            journey,
            tongue,
            told: 0,
            last_written: 0,
            cut: false,
            death: i32::MAX,
            lines: Vec::new(),
        }
    }

    /// Turns to the life of this client.
    pub(crate) fn open(&mut self, client: u32) {
        self.client = client;
        self.journey = self.world.journey_of(client);
        self.told = 0;
        self.last_written = i64::MIN;
        self.cut = false;
        self.death = i32::MAX;
    }

    /// The client will die on this day.
    pub(crate) fn ends_on(&mut self, day: i32) {
        self.death = day;
    }

    pub(crate) fn world(&self) -> &'w World {
        self.world
    }

    /// Sets the language of the words that follow.
    pub(crate) fn speak(&mut self, tongue: Tongue) {
        self.tongue = tongue;
    }

    /// Goes on in another journey; what comes back is the one left.
    pub(crate) fn turn_to(&mut self, journey: JourneyId) -> JourneyId {
        std::mem::replace(&mut self.journey, journey)
    }

    /// Whether nothing that happens from this day on can be written down in the months at hand. Whoever asks must
    /// have told everything that happens before this day, and may then stop telling.
    pub(crate) fn is_past(&mut self, day: i32) -> bool {
        let beyond = self.world.calendar.begin_of(day) >= self.window.end;
        self.cut |= beyond;
        beyond || day > self.world.calendar.last
    }

    /// When the last entry of the life is written down; none where the telling stopped before its end.
    pub(crate) fn last_written(&self) -> Option<i64> {
        (!self.cut).then_some(self.last_written)
    }

    pub(crate) fn tell(&mut self, entry: Entry, write: impl FnOnce(&mut Ink<'w>) -> Event) -> Told {
        let number = self.told;
        self.told += 1;
        self.tell_as(number, entry, write)
    }

    /// Tells an entry beside the others, the n-th such: those after it keep their numbers, and so their ids and words.
    pub(crate) fn tell_aside(&mut self, nth: u32, entry: Entry, write: impl FnOnce(&mut Ink<'w>) -> Event) {
        self.tell_as(ASIDES + nth, entry, write);
    }

    fn tell_as(&mut self, number: u32, entry: Entry, write: impl FnOnce(&mut Ink<'w>) -> Event) -> Told {
        let calendar = &self.world.calendar;
        let written = if entry.late_days > 0 {
            calendar.written(entry.day + entry.late_days, OPENING_MINUTE)
        } else {
            calendar.written(entry.day, entry.minute.unwrap_or(OPENING_MINUTE))
        };
        let told = Told { journey: self.journey, number, written };
        self.last_written = self.last_written.max(written);
        if entry.day <= self.death
            && self.window.contains(&written)
            && calendar.day_of(written) <= calendar.last
        {
            let dice = self.world.cup.of_entry(self.client, number);
            let mut ink = Ink { world: self.world, dice, tongue: self.tongue };
            let event = write(&mut ink);
            self.lines.push(Line { written, draft: self.draft(entry, told, event) });
        }
        told
    }

    /// Tells in both journeys that they are one person's. The second telling is the twin that deciding on the first
    /// gives, so that whoever decides first and whoever writes at once end with the same two events.
    pub(crate) fn tell_merge(&mut self, entry: Entry, kept: JourneyId, absorbed: JourneyId) {
        self.tell(entry, |_| Event::from(JourneysMerged { kept, absorbed, personal: Note::default() }));
        if let Some(Line { written, draft }) = self.lines.last()
            && let Event::Amendment(Amendment::JourneysMerged(_)) = &draft.event
        {
            let twin = Draft {
                event_id: EventId::new(Uuid::new_v5(&draft.event_id.uuid(), &absorbed.bytes())),
                journey: absorbed,
                cause: Some(draft.event_id),
                ..draft.clone()
            };
            self.lines.push(Line { written: *written, draft: twin });
        }
    }

    /// What was written out since the life was opened, in the order of writing.
    pub(crate) fn close(&mut self) -> impl Iterator<Item = Line> + '_ {
        let order = |line: &Line| (line.written, line.draft.occurred, line.draft.event.rank());
        self.lines.sort_by_cached_key(order);
        self.lines.drain(..)
    }

    fn draft(&self, entry: Entry, told: Told, event: Event) -> Draft {
        let (actor, on_behalf_of) = match entry.by {
            // What was left lying is typed in by whoever keeps the files.
            By::Worker(worker) if entry.late_days > 0 => {
                (actor("worker:files"), Some(self.world.workers[usize::from(worker)].actor.clone()))
            }
            By::Worker(worker) => (self.world.workers[usize::from(worker)].actor.clone(), None),
            By::Client => (actor("client:self"), None),
            By::Caregiver => (actor("caregiver:self"), None),
            By::System => (actor("system:surveys"), None),
        };
        Draft {
            event_id: told.id(),
            journey: told.journey,
            actor,
            on_behalf_of,
            eyes: entry.eyes,
            occurred: self.occurred(entry),
            cause: entry.cause.map(Told::id),
            source: None,
            event,
        }
    }

    fn occurred(&self, entry: Entry) -> Occurred {
        self.world.calendar.occurred(entry.day, entry.minute)
    }
}

/// What an entry is written with: its own dice, the client's language and the world's names.
pub(crate) struct Ink<'w> {
    pub(crate) world: &'w World,
    pub(crate) dice: Dice,
    pub(crate) tongue: Tongue,
}

impl Ink<'_> {
    pub(crate) fn date(&self, day: i32) -> Date {
        self.world.calendar.date(day)
    }

    pub(crate) fn occurred(&self, day: i32, minute: Option<i32>) -> Occurred {
        self.world.calendar.occurred(day, minute)
    }

    pub(crate) fn worker(&self, worker: u16) -> Code {
        self.world.workers[usize::from(worker)].code.clone()
    }

    /// One of these sayings in the client's language.
    pub(crate) fn say(&mut self, from: &[Said]) -> Text {
        let said = *self.dice.pick(from);
        text(said[self.tongue as usize])
    }

    /// The client's own words, one of these sayings.
    pub(crate) fn words(&mut self, from: &[Said]) -> Words {
        Words { words: Some(self.say(from)), note: None }
    }

    /// As [`Ink::words`], where not everybody says something.
    pub(crate) fn words_perhaps(&mut self, probability: f64, from: &[Said]) -> Words {
        if self.dice.chance(probability) { self.words(from) } else { Words::default() }
    }

    /// A worker's remark, by some of them. Workers write English or Afrikaans.
    pub(crate) fn remark(&mut self, probability: f64, from: &[Said]) -> Note {
        if !self.dice.chance(probability) {
            return Note::default();
        }
        let said = *self.dice.pick(from);
        let tongue = if self.dice.chance(0.3) { Tongue::Afrikaans } else { Tongue::English };
        Note { note: Some(text(said[tongue as usize])) }
    }
}

pub(crate) fn code(code: &str) -> Code {
    Code::new(code).expect("the codes of the invented world are well formed")
}

pub(crate) fn text(words: impl Into<String>) -> Text {
    Text::new(words).expect("the sayings of the invented world are short")
}

/// The name of the n-th of its kind in a journey.
pub(crate) fn key(kind: &str, nth: u32) -> Key {
    Key::new(format!("{kind}{nth}")).expect("a letter and a number are printable")
}

fn actor(actor: &str) -> Actor {
    Actor::new(actor).expect("the actors of the invented world are well formed")
}
