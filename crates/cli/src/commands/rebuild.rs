//! `rebuild`: folds views from zero.

use anyhow::Result;
use serde::Serialize;
use throughline_log::EventLog as _;

use super::{Context, Outcome};
use crate::{clock::Stopwatch, output};

#[derive(Serialize)]
struct Rebuilt {
    events: u64,
    journeys: u64,
    seconds: f64,
}

pub fn run(context: &Context, only: Option<&str>) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let bar = output::progress("rebuilding views", opened.log.events());
    let watch = Stopwatch::start();
    let rebuilt = opened.runtime.rebuild(only, &|done, _| bar.set_position(done))?;
    bar.finish_and_clear();
    let rebuilt = Rebuilt { events: rebuilt.events, journeys: rebuilt.journeys, seconds: watch.seconds() };
    opened.runtime.stop();
    context.output.result(&rebuilt, || {
        format!(
            "{} events of {} journeys folded in {:.1} s ({:.0} events/s)",
            rebuilt.events,
            rebuilt.journeys,
            rebuilt.seconds,
            rebuilt.events as f64 / rebuilt.seconds.max(1e-9)
        )
    })?;
    Ok(Outcome::Done)
}
