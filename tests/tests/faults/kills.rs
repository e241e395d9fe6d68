//! kill -9 at random and at every named point, over and over on one directory, with and without a power cut, with one
//! of the two copies damaged in between, with a clock that is wrong.

use std::{fs, path::PathBuf, thread, time::Duration};

use tempfile::TempDir;
use throughline_log::faults::Point;
use throughline_tests::faults::Dice;

use crate::{
    check::check,
    counts::Counts,
    history::History,
    power::{self, Sled},
    process::{Appender, Ended, Orders, copy, files},
};

/// Small segments, so that a few hundred events fill several.
pub const SEGMENT_BYTES: u64 = 64 * 1024;

/// Lives in one place, so that no test goes on for ever.
const LIVES_MAX: u64 = 200;

/// One directory, in which processes live and die.
pub struct Place {
    dir: TempDir,
    older: TempDir,
    pub dice: Dice,
    pub history: History,
    pub counts: Counts,
    round: u64,
    seed: u64,
}

impl Place {
    /// A place where nothing was yet.
    pub fn new(seed: u64) -> Self {
        Self {
            dir: TempDir::new().expect("a temporary directory"),
            older: TempDir::new().expect("a temporary directory"),
            dice: Dice::of(&[seed]),
            history: History::default(),
            counts: Counts::default(),
            round: 0,
            seed,
        }
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn older(&self) -> PathBuf {
        self.older.path().join("sled")
    }

    /// Orders for the next life.
    pub fn orders(&mut self) -> Orders {
        self.round += 1;
        let clock_seconds = self.dice.pick(&[0, 0, 3600, -3600, -86_400 * 400]);
        self.counts.many("clock set back", u64::from(clock_seconds < 0));
        Orders {
            seed: self.seed,
            round: self.round,
            writers: 1 + self.dice.below(6),
            clock_seconds,
            segment_bytes: SEGMENT_BYTES,
            ..Orders::default()
        }
    }

    /// Remembers sled as it is, for a power cut that takes it back to that.
    pub fn begin(&mut self, orders: &Orders) -> Appender {
        let _ = fs::remove_dir_all(self.older());
        if self.data().join("sled").is_dir() {
            copy(&self.data().join("sled"), &self.older());
        }
        Appender::start(&self.data(), orders)
    }

    /// Takes what a life said, cuts the power or not, and checks everything.
    pub fn settle(&mut self, ended: &Ended, sled: Option<Sled>) -> Vec<String> {
        self.history.hear(&ended.lines);
        // Until it is open one copy may still be made again from the other, which must not be lost then.
        let opened = ended.lines.iter().any(|line| line.starts_with("open "));
        let sled = sled.map(|sled| if opened { sled } else { Sled::Older });
        if let Some(sled) = sled {
            power::cut(&self.data(), ended, sled, &self.older(), &mut self.dice, &mut self.counts);
        }
        let data = self.data();
        let broken = check(&data, &mut self.history, &mut self.dice, &mut self.counts);
        if !broken.is_empty() {
            // What is wrong can be looked at.
            self.dir.disable_cleanup(true);
            let said = ended.lines.iter().rev().take(3).rev().cloned().collect::<Vec<_>>().join("\n");
            let told =
                format!("{}\n{}\nit last said\n{said}\n{}", data.display(), broken.join("\n"), ended.stderr);
            return vec![told];
        }
        broken
    }

    /// Counts what the lives in this place were told.
    pub fn finish(&mut self) {
        self.counts.many("acknowledged events", self.history.acknowledged);
        for (why, count) in &self.history.refused {
            self.counts.many(format!("appends refused: {why}"), *count);
        }
    }

    fn any_cut(&mut self) -> Option<Sled> {
        self.dice.pick(&[None, None, Some(Sled::Kept), Some(Sled::Older), Some(Sled::Gone)])
    }

    /// Kills a life of the process at random.
    pub fn killed_at_random(&mut self) -> Vec<String> {
        let orders = self.orders();
        let mut appender = self.begin(&orders);
        if self.dice.once_in(6) {
            // While it is still opening.
            thread::sleep(Duration::from_micros(self.dice.below(60_000)));
        } else {
            let acknowledged = 1 + self.dice.below(40);
            appender.wait_for("ack", acknowledged);
            thread::sleep(Duration::from_micros(self.dice.below(20_000)));
        }
        let ended = appender.kill();
        self.counts.one("kill -9 at random");
        let sled = self.any_cut();
        self.settle(&ended, sled)
    }

    /// Kills a life of the process at a named point, once it comes there.
    pub fn killed_at(&mut self, point: Point) -> Vec<String> {
        self.lead_to(point);
        let (ended, came) = match point {
            Point::RunsMerged => self.merged(),
            point => self.stopped_at(point),
        };
        self.counts.one(if came { format!("kill -9 at {point}") } else { format!("never came to {point}") });
        let sled = self.any_cut();
        self.settle(&ended, sled)
    }

    fn stopped_at(&mut self, point: Point) -> (Ended, bool) {
        let mut orders = self.orders();
        let early = [Point::LogMade, Point::SledSetAside, Point::SegmentRewritten];
        let late = [Point::SegmentBegun, Point::RunWritten, Point::FrameRestored];
        let nth = match point {
            point if early.contains(&point) => 1,
            point if late.contains(&point) => 1 + self.dice.below(2),
            _ => 1 + self.dice.below(20),
        };
        // A run is written when the log is closed, and where it was missing when it is opened.
        // No point is further than that from the start, and a process that does not come there ends.
        orders.attempts = if point == Point::RunWritten { 5 } else { 100 };
        orders.point = Some((point, nth));
        let mut appender = self.begin(&orders);
        let came = appender.wait_for("at ", 1);
        (appender.kill(), came)
    }

    /// Short lives, each of which leaves a run of the index, until there are enough of a size to be made one.
    fn merged(&mut self) -> (Ended, bool) {
        loop {
            let mut orders = self.orders();
            (orders.attempts, orders.writers, orders.point) = (1, 1, Some((Point::RunsMerged, 1)));
            let mut appender = self.begin(&orders);
            let came = appender.wait_for("at ", 1);
            let ended = appender.kill();
            if came || self.round > LIVES_MAX {
                return (ended, came);
            }
            self.history.hear(&ended.lines);
        }
    }

    /// Brings about what a process comes to this point by.
    fn lead_to(&mut self, point: Point) {
        let data = self.data();
        if self.history.acknowledged == 0 && point != Point::LogMade {
            // There must be something to damage.
            let mut orders = self.orders();
            orders.attempts = 10;
            let ended = self.begin(&orders).wait();
            self.history.hear(&ended.lines);
        }
        match point {
            Point::SledSetAside => self.break_sled(),
            Point::FrameRestored => self.lose_sled(),
            Point::SegmentRewritten => self.lose_segment(),
            Point::RunWritten => drop(fs::remove_dir_all(data.join("index"))),
            _ => {}
        }
    }

    /// Damages one of the two copies of a log that is whole and closed; the other must make up for it.
    pub fn damage_one_copy(&mut self) {
        if self.history.acknowledged == 0 {
            // A journal without a segment is no copy: of a log without events either half is refused alone.
            return;
        }
        match self.dice.below(5) {
            0 => self.lose_sled(),
            1 => self.lose_segment(),
            2 => self.break_sled(),
            3 => {
                self.counts.one("journal deleted");
                let _ = fs::remove_dir_all(self.data().join("journal"));
            }
            _ => {
                self.counts.one("index deleted");
                let _ = fs::remove_dir_all(self.data().join("index"));
            }
        }
    }

    fn lose_sled(&mut self) {
        self.counts.one("sled deleted");
        let _ = fs::remove_dir_all(self.data().join("sled"));
    }

    fn break_sled(&mut self) {
        self.counts.one("sled made unreadable");
        let _ = fs::write(self.data().join("sled").join("conf"), b"no longer what sled wrote");
    }

    fn lose_segment(&mut self) {
        let segments = files(&self.data().join("journal"));
        if let Some((_, path)) = segments.get(self.dice.place(segments.len().max(1))) {
            self.counts.one("journal segment deleted");
            fs::remove_file(path).expect("a segment");
        }
    }
}

/// One directory's worth: every named point once in a changing order, and random kills in between.
pub fn lap(seed: u64, points: &[Point], at_random: u64) -> (Vec<String>, Counts) {
    let mut place = Place::new(seed);
    let mut turns: Vec<Option<Point>> = points.iter().copied().map(Some).collect();
    turns.extend((0..at_random).map(|_| None));
    for nth in (1..turns.len()).rev() {
        turns.swap(nth, place.dice.place(nth + 1));
    }
    // Only a new log is made.
    turns.sort_by_key(|turn| *turn != Some(Point::LogMade));
    let mut broken = Vec::new();
    for (nth, turn) in turns.into_iter().enumerate() {
        // To some points it is damage that leads; of two damaged copies nothing is promised.
        let damaging = [Point::SledSetAside, Point::FrameRestored, Point::SegmentRewritten];
        let damaged = turn.is_some_and(|point| damaging.contains(&point));
        if nth > 0 && !damaged && place.dice.once_in(2) {
            place.damage_one_copy();
        }
        broken = match turn {
            Some(point) => place.killed_at(point),
            None => place.killed_at_random(),
        };
        if !broken.is_empty() {
            break;
        }
    }
    place.finish();
    (broken, place.counts)
}
