//! Two processes on one directory: the second is refused, the first does not notice, and what holds the directory goes
//! with the process, however it ends.

use throughline_cli::clock;
use throughline_log::{Error, Log};

use crate::{counts::Counts, kills::Place};

/// Lives one after another, each visited by others while it holds the directory.
pub fn lap(seed: u64, lives: u64) -> (Vec<String>, Counts) {
    let mut place = Place::new(seed ^ 0x616c_6f6e_6521);
    for _ in 0..lives {
        let orders = place.orders();
        let mut first = place.begin(&orders);
        first.wait_for("ack", 3);
        let mut broken = Vec::new();
        if !matches!(Log::open(&place.data(), clock::system()), Err(Error::Locked(_))) {
            broken.push("a second log opened the directory".to_owned());
        }
        let mut orders = place.orders();
        orders.impatient = true;
        let second = place.begin(&orders).wait();
        if !second.lines.iter().any(|line| line.starts_with("refused") && line.contains("in use")) {
            broken.push(format!("a second process was not refused: {:?}", second.lines.last()));
        }
        if !first.wait_for("ack", 3) {
            broken.push("the first process was disturbed".to_owned());
        }
        let ended = first.kill();
        place.counts.many("second processes refused", 2);
        broken.extend(place.settle(&ended, None));
        if !broken.is_empty() {
            return (broken, place.counts);
        }
    }
    place.finish();
    (Vec::new(), place.counts)
}
