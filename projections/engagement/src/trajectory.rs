//! The points of a trajectory: one per month and one per change, each judged over the window that ends on it.

use throughline_domain::EventId;

use crate::{
    answer::{Because, Between, Depth, Gap, Point, Share, rounded},
    days,
    life::Life,
    readings::{Measure, Readings},
    shape::{Shape, Signs},
    silence::Standing,
    view::FailedKind,
    window::Window,
};

/// Days back from the date within which months have points, twenty years: a date mistyped by centuries would
/// otherwise make thousands. Changes are never left out.
const MONTHS_DAYS_MAX: i32 = 20 * 366;
/// Events with the client's words named in one point, at most.
const WORDS_MAX: usize = 5;

/// The points up to the day the life was cut, and the relationship on that day (or the day of death).
pub(crate) fn trajectory(life: &Life<'_>) -> (Vec<Point>, Option<Point>) {
    let Some(first) = life.first else { return (Vec::new(), None) };
    let mut walk = Walk::new(life, first);
    let mut points: Vec<Point> = Vec::new();
    let reasons = reasons(life, first);
    for day in reasons.chunk_by(|a, b| a.0 == b.0) {
        let mut point = walk.to(day[0].0);
        point.because = day.iter().map(|(_, because, _)| *because).collect();
        point.events = day.iter().filter_map(|(_, _, event)| *event).collect();
        if points.last().is_some_and(|before| before.shape != point.shape) {
            point.because.push(Because::Shape);
        }
        point.because.sort_unstable();
        point.because.dedup();
        points.push(point);
    }
    let end = days::date(life.end());
    let now = points.last().filter(|last| last.on == end).cloned();
    let now = now.map(|last| Point { because: Vec::new(), events: Vec::new(), ..last });
    (points, Some(now.unwrap_or_else(|| walk.to(life.end()))))
}

/// Every day that has a point, with why and the event behind it, rising by day.
fn reasons(life: &Life<'_>, first: i32) -> Vec<(i32, Because, Option<EventId>)> {
    let end = life.end();
    let months_from = first.max(end - MONTHS_DAYS_MAX);
    let mut reasons: Vec<(i32, Because, Option<EventId>)> =
        days::month_ends(months_from, end).map(|day| (day, Because::Month, None)).collect();
    reasons.extend(life.enrolments.iter().map(|began| (began.day, Because::Enrolled, Some(began.event))));
    reasons.extend(life.exits.iter().map(|exit| (exit.day, Because::Exited, Some(exit.event))));
    reasons.extend(life.shifts().into_iter().map(|shift| {
        let contact = (shift.to == Standing::InTouch).then(|| life.contact_on(shift.day)).flatten();
        (shift.day, Because::Standing, contact)
    }));
    reasons.extend(life.died.iter().map(|died| (died.day, Because::Died, Some(died.what))));
    reasons.retain(|(day, ..)| (first..=end).contains(day));
    reasons.sort_unstable_by_key(|(day, because, event)| (*day, *because, *event));
    reasons
}

/// A walk through a life, from point to point. Each fact is counted in once and out once, however many points.
pub(crate) struct Walk<'l> {
    life: &'l Life<'l>,
    whole: Window<'l>,
    earlier: Window<'l>,
    later: Window<'l>,
    pub(crate) readings: Readings,
    readings_taken: usize,
    /// Days on which a contact ended a silence that had been quiet or lost.
    returns: Vec<i32>,
}

impl<'l> Walk<'l> {
    /// A walk that begins on a day or later.
    pub(crate) fn new(life: &'l Life<'l>, from: i32) -> Self {
        Self {
            life,
            whole: Window::new(life),
            earlier: Window::new(life),
            later: Window::new(life),
            readings: Readings::default(),
            readings_taken: 0,
            returns: life.returns(from),
        }
    }

    /// The relationship on a day; days never fall from one call to the next.
    pub(crate) fn to(&mut self, day: i32) -> Point {
        let window = self.advance(day);
        let rhythm = self.life.rhythm(day);
        let standing = self.life.standing(day);
        let silence = rhythm.filter(|_| standing != Standing::Deceased);
        Point {
            on: days::date(day),
            because: Vec::new(),
            events: Vec::new(),
            standing,
            silence: silence.map(|rhythm| rounded(rhythm.probability(self.life.settings(day), day))),
            shape: self.shape(day, window, standing),
            breadth: self.whole.breadth(),
            depth: Depth {
                two_way: self.whole.two_way(),
                client_began: self.whole.client_began(),
                elements: self.readings.elements(),
                alliance: self.readings.alliance(),
                goal_agreement: self.readings.measured(Measure::GoalAgreement),
            },
            robustness: self.whole.robustness(),
            between: self.between(day - window + 1, day),
        }
    }

    /// Moves the window and the readings to a day and gives the window's length in days.
    pub(crate) fn advance(&mut self, day: i32) -> i32 {
        let window = i32::from(self.life.settings(day).engagement_window_days.max(2));
        self.whole.slide(day - window + 1, day);
        while let Some(reading) = self.life.readings.get(self.readings_taken).filter(|next| next.day <= day) {
            self.readings.take(reading);
            self.readings_taken += 1;
        }
        window
    }

    pub(crate) fn window(&self) -> &Window<'l> {
        &self.whole
    }

    /// See [`Shape`] for the rule.
    pub(crate) fn shape(&mut self, day: i32, window: i32, standing: Standing) -> Option<Shape> {
        match standing {
            Standing::NoContactYet | Standing::Deceased => return None,
            Standing::Quiet | Standing::Lost => return Some(Shape::Quiet),
            Standing::InTouch | Standing::Watch => {}
        }
        let came_back = self.returns.partition_point(|returned| *returned <= day);
        if came_back.checked_sub(1).is_some_and(|latest| day - self.returns[latest] < window) {
            return Some(Shape::Returned);
        }
        if self.life.first.is_none_or(|first| day - first + 1 < window) {
            return None;
        }
        let half = window / 2;
        self.earlier.slide(day - 2 * half + 1, day - half);
        self.later.slide(day - half + 1, day);
        let until = |day: i32| self.life.days_until(day);
        let (start, middle, end) = (until(day - 2 * half), until(day - half), until(day));
        let elements = self.readings.element_mean_on(day - half).zip(self.readings.element_mean());
        let signs = Signs {
            standing,
            contact_days: (middle - start, end - middle),
            breadth: (self.earlier.breadth_total(), self.later.breadth_total()),
            elements,
        };
        Some(signs.shape())
    }

    fn between(&self, from: i32, to: i32) -> Between {
        let life = self.life;
        let (held, missed) = self.check_ins(from, to);
        let words_before = life.words.partition_point(|words| words.day < from);
        let words_until = life.words.partition_point(|words| words.day <= to);
        let words = &life.words[words_before..words_until];
        let latest = &words[words.len().saturating_sub(WORDS_MAX)..];
        Between {
            longest_gap: longest_gap(life, from, to),
            check_ins_held: Share::of(held, held + missed),
            words: u32::try_from(words.len()).expect("fewer than four billion events"),
            latest_words: latest.iter().map(|words| words.what).collect(),
        }
    }

    /// Check-ins held and missed in the window; the window must stand on it.
    pub(crate) fn check_ins(&self, from: i32, to: i32) -> (u32, u32) {
        let failed = self.life.failed;
        let since = failed.partition_point(|failed| failed.day < from);
        let until = failed.partition_point(|failed| failed.day <= to);
        let missed = failed[since..until].iter().filter(|failed| failed.kind == FailedKind::CheckInMissed);
        (self.whole.check_ins_held(), u32::try_from(missed.count()).expect("fewer than four billion events"))
    }
}

/// The longest stretch between two-way contacts, or from the last one on, any part of which lies between two days.
fn longest_gap(life: &Life<'_>, from: i32, to: i32) -> Option<Gap> {
    let known = &life.days[..life.days_until(to)];
    // The last contact before the window opens the first gap in it.
    let touching = &known[life.days_until(from - 1).saturating_sub(1)..];
    let closed = touching.windows(2).map(|pair| (pair[1] - pair[0], pair[0], Some(pair[1])));
    let open = touching.last().map(|last| (to - last, *last, None));
    // Of two as long, the earlier one, which came first, is the one told of.
    let longest = closed.chain(open).rev().max_by_key(|(days, ..)| *days);
    longest.map(|(days, from, until)| Gap { days, from: days::date(from), until: until.map(days::date) })
}
