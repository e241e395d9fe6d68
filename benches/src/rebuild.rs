//! All views from zero, beside reading the same log without folding it.

use anyhow::Result;
use throughline_log::EventLog as _;

use crate::{
    memory,
    timing::{rate, timed},
    world,
};

pub fn measure(clients: usize) -> Result<()> {
    println!("\nAll views from zero, {clients} clients");
    let (world, made) = timed(|| world::with_clients(clients));
    let world = world?;
    let events = world.log.events() as usize;
    println!(
        "{events} events made up and appended in {:.1} s ({:.0}/s)",
        made.as_secs_f64(),
        rate(events, made)
    );
    let (read, reading) = timed(|| world.log.scan(events as u64, &|_| true, &mut |_, _| Ok(())));
    read?;
    let (rebuilt, rebuilding) = timed(|| world.runtime.rebuild(None, &|_, _| {}));
    rebuilt?;
    let ratio = reading.as_secs_f64() / rebuilding.as_secs_f64();
    println!("{:>14} {:>18} {:>8}", "events/s", "only read, ev/s", "ratio");
    println!("{:>14.0} {:>18.0} {ratio:>8.2}", rate(events, rebuilding), rate(events, reading));
    println!("peak memory {}", memory::peak());
    Ok(())
}
