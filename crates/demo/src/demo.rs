//! All lives together, in the order in which they were written down.

use std::{collections::BTreeMap, ops::Range};

use jiff::{Timestamp, civil::Date};
use throughline_domain::{Actor, Code, Draft, JourneyId};
use uuid::Uuid;

use crate::{diary::Diary, life, published, stars::STARS, world::World};

/// The most drafts in one portion.
const PORTION_MAX: usize = 5_000;

/// About how many drafts are held in memory at once.
const SPAN_DRAFTS: i64 = 450_000;

/// About how many entries one client adds in a year, to choose how many days to tell at once.
const DRAFTS_PER_CLIENT_YEAR: i64 = 14;

/// What was written down at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion {
    /// When: the clock of the append. Rises from portion to portion.
    pub recorded_at: Timestamp,
    /// What: at most 5,000 drafts, those of one journey in the order its rules want.
    pub drafts: Vec<Draft>,
}

/// An invented organisation's record of four years, as portions in the order of recording.
///
/// The same seed, number of clients, end and namespace give the same portions. Lives are told again for every span
/// of days, so that memory holds some hundred thousand drafts at most, however many clients there are.
pub struct Demo {
    world: World,
    /// Days told at once.
    span: i32,
    /// The first day of the next span.
    next: i32,
    /// By client: when the last entry is written, once known.
    finished: Vec<i64>,
    /// Portions of the span at hand, the next one last.
    ready: Vec<Portion>,
}

impl Demo {
    /// A record that ends on the day before `until`: with today as `until`, nothing lies in the future anywhere.
    ///
    /// `namespace` is the log's: journeys get the ids that `demo:1`, `demo:2` … resolve to under it.
    pub fn new(seed: u64, clients: usize, until: Date, namespace: Uuid) -> Self {
        let clients = u32::try_from(clients).unwrap_or(u32::MAX).min(MOST_CLIENTS);
        let yearly = DRAFTS_PER_CLIENT_YEAR * i64::from(clients.max(1));
        let span = (SPAN_DRAFTS * 365 / yearly).clamp(7, 366);
        Self::in_spans(World::new(seed, clients, until, namespace), i32::try_from(span).unwrap_or(366))
    }

    fn in_spans(world: World, span: i32) -> Self {
        let finished = vec![i64::MAX; world.clients as usize];
        Self { world, span, next: 0, finished, ready: Vec::new() }
    }

    /// Journeys worth looking at first, with what they tell.
    pub fn stars(&self) -> Vec<(JourneyId, &'static str)> {
        let stars = (1..).zip(STARS).take(self.world.clients as usize);
        stars.map(|(client, star)| (self.world.journey_of(client), star.story)).collect()
    }

    /// The first workers, as they sign what they record and as facts name them.
    pub fn workers(&self, limit: usize) -> Vec<(Actor, Code)> {
        let workers = self.world.workers.iter().take(limit);
        workers.map(|worker| (worker.actor.clone(), worker.code.clone())).collect()
    }

    /// Tells every life for the days of this span and lays the entries out by when they were written.
    fn tell(&mut self, days: Range<i32>) {
        let calendar = &self.world.calendar;
        let window = calendar.begin_of(days.start)..calendar.begin_of(days.end);
        let mut diary = Diary::new(&self.world, window.clone());
        let mut by_time: BTreeMap<i64, Vec<Draft>> = BTreeMap::new();
        let mut lay_out = |diary: &mut Diary<'_>| {
            for line in diary.close() {
                by_time.entry(line.written).or_default().push(line.draft);
            }
        };
        published::publish(&mut diary);
        lay_out(&mut diary);
        for (client, finished) in (1..).zip(&mut self.finished) {
            if *finished < window.start {
                continue;
            }
            life::live(&mut diary, client);
            if let Some(last) = diary.last_written() {
                *finished = last;
            }
            lay_out(&mut diary);
        }
        self.ready =
            by_time.into_iter().flat_map(|(second, drafts)| portions(calendar, second, drafts)).collect();
        self.ready.reverse();
    }
}

/// Journeys are numbered in 24 bits.
const MOST_CLIENTS: u32 = 1 << 24;

impl Iterator for Demo {
    type Item = Portion;

    fn next(&mut self) -> Option<Portion> {
        while self.ready.is_empty() {
            if self.next > self.world.calendar.last {
                return None;
            }
            let days = self.next..self.next + self.span;
            self.next = days.end;
            self.tell(days);
        }
        self.ready.pop()
    }
}

/// One hour's drafts in portions of the greatest size, a second apart.
fn portions(calendar: &crate::calendar::Calendar, second: i64, mut drafts: Vec<Draft>) -> Vec<Portion> {
    let mut portions = Vec::new();
    let mut recorded_at = second;
    while !drafts.is_empty() {
        let rest = drafts.split_off(drafts.len().min(PORTION_MAX));
        portions.push(Portion { recorded_at: calendar.timestamp(recorded_at), drafts });
        drafts = rest;
        recorded_at += 1;
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_the_same_however_many_days_are_told_at_once() {
        let world = || World::new(9, 60, jiff::civil::date(2026, 3, 2), Uuid::nil());
        let whole: Vec<Portion> = Demo::in_spans(world(), 4_000).collect();
        for span in [7, 31, 366] {
            let told: Vec<Portion> = Demo::in_spans(world(), span).collect();
            assert!(told == whole, "{span} days at once tell something else");
        }
    }
}
