//! Chance, from a seed: the same seed always falls the same way.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Where all dice of one world come from.
#[derive(Clone)]
pub(crate) struct Cup(ChaCha8Rng);

impl Cup {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The dice that decide one life.
    pub(crate) fn of_life(&self, client: u32) -> Dice {
        self.stream(u64::from(client) << 24)
    }

    /// The dice that word one entry of a life. They are its own, so that an entry reads the same whether or not
    /// the entries before it were written out.
    pub(crate) fn of_entry(&self, client: u32, number: u32) -> Dice {
        self.stream((u64::from(client) << 24) + 1 + u64::from(number))
    }

    /// The dice that decide what of a life may be shared. They are its own, so that the rest of it does not depend on it.
    pub(crate) fn of_sharing(&self, client: u32) -> Dice {
        self.stream((u64::from(client) << 24) + 0xff_ffff)
    }

    fn stream(&self, stream: u64) -> Dice {
        let mut dice = self.0.clone();
        dice.set_stream(stream);
        Dice(dice)
    }
}

/// One stream of chance.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// A whole number between both ends, both included.
    pub(crate) fn within(&mut self, low: i32, high: i32) -> i32 {
        self.0.random_range(low..=high.max(low))
    }

    /// As [`Dice::within`], for a pair of ends.
    pub(crate) fn between(&mut self, (low, high): (u32, u32)) -> u32 {
        self.0.random_range(low..=high.max(low))
    }

    /// A number between both ends.
    pub(crate) fn number(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// A number around a middle, bell-shaped, within three spreads.
    pub(crate) fn around(&mut self, middle: f64, spread: f64) -> f64 {
        let sum: f64 = (0..3).map(|_| self.0.random::<f64>()).sum();
        middle + (sum - 1.5) * 2.0 * spread
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.random_range(0..from.len())]
    }

    /// Up to `most` different ones, at least one, in their order.
    pub(crate) fn some<'a, T>(&mut self, from: &'a [T], most: usize) -> Vec<&'a T> {
        let wanted = self.0.random_range(1..=most.min(from.len()));
        let mut open = wanted;
        let mut chosen = Vec::with_capacity(wanted);
        for (nth, one) in from.iter().enumerate() {
            if open > 0 && self.0.random_range(0..from.len() - nth) < open {
                chosen.push(one);
                open -= 1;
            }
        }
        chosen
    }

    /// The place of one of several, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.0.random_range(0..weights.iter().sum::<u32>());
        for (nth, weight) in weights.iter().enumerate() {
            if left < *weight {
                return nth;
            }
            left -= weight;
        }
        unreachable!("the draw lies below the sum of the weights")
    }
}
