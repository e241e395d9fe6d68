//! What the projector says of lives, rule by rule.

mod disorder;
mod example;
mod exits;
mod figures;
mod lives;
mod properties;
mod statuses;
mod success;
mod windows;
mod work;
