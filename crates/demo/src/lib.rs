//! A believable record of four years of an invented organisation: participants, caregivers, volunteers and donors,
//! in three languages, with everything the catalogue of facts can say.
//!
//! It is pure: a seed and the day it ends come in, drafts come out, in the order and with the clock at which they are
//! to be recorded. It does not know the log. Start at [`Demo`]; one life is told in `life`, the programmes stand in
//! `programmes`, what people say in `words`.
//!
//! ```
//! use throughline_demo::Demo;
//! let until = jiff::civil::date(2026, 3, 1);
//! let demo = Demo::new(7, 20, until, uuid::Uuid::nil());
//! let (thandi, story) = demo.stars()[0];
//! assert!(story.starts_with("Thandi"));
//! let drafts = demo.flat_map(|portion| portion.drafts);
//! assert!(drafts.filter(|draft| draft.journey == thandi).count() > 40);
//! ```

mod calendar;
mod demo;
mod diary;
mod dice;
mod life;
mod programmes;
mod published;
mod stars;
mod words;
mod world;

pub use demo::{Demo, Portion};
