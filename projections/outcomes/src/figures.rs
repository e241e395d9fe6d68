//! The figures of many clients, each with its numerator, its denominator and who is missing.

use throughline_domain::Relationship;
use throughline_projection::Figure;

use crate::counts::{
    Aims, DifficultyCount, Exits, FollowUps, Histogram, Outcomes, Success, Tally, WindowCount,
};

/// The share of ended follow-up windows in which somebody should have found out.
pub const FOLLOW_UP_TARGET: f64 = 0.8;

/// The figures, from whom was counted to what became of them.
pub(crate) fn figures(tally: &Tally) -> Vec<Figure> {
    let mut figures =
        vec![Figure::count("clients", "clients", tally.clients).missing("erased", tally.erased)];
    reached(&tally.aims, &mut figures);
    durable(&tally.outcomes, &mut figures);
    follow_ups(&tally.follow_ups, &mut figures);
    for (window, count) in &tally.windows {
        figures.push(holding(&format!("still-holds:{window}"), count));
    }
    difficulties(&tally.difficulties, &tally.aims, &mut figures);
    success(&tally.success, &tally.aims, &mut figures);
    exits(&tally.exits, &mut figures);
    let known = tally.clients - tally.erased;
    figures.push(Figure::share("relationships-grown", tally.grown_clients, known));
    for relationship in Relationship::ALL {
        let clients = tally.grown.get(relationship).copied().unwrap_or_default();
        figures.push(Figure::count(format!("became:{relationship}"), "clients", clients));
    }
    figures
}

fn reached(aims: &Aims, figures: &mut Vec<Figure>) {
    let missing = aims.still_working + aims.died_before;
    figures.push(Figure::count("clients-with-desired-outcome", "clients", aims.clients));
    figures.push(
        Figure::share("outcome-reached-share", aims.reached, aims.reached + aims.left_without)
            .between(share(aims.reached, aims.clients), share(aims.reached + missing, aims.clients))
            .missing("still-working", aims.still_working)
            .missing("died", aims.died_before),
    );
    figures.push(
        median("median-days-to-outcome", &aims.days)
            .missing("not-reached", aims.clients - aims.reached)
            .missing("no-intake", aims.no_intake)
            .missing("before-intake", aims.before_intake),
    );
}

fn durable(outcomes: &Outcomes, figures: &mut Vec<Figure>) {
    let looked = outcomes.durable + outcomes.not_durable;
    let missing = outcomes.missed + outcomes.unreachable + outcomes.died;
    let mature = looked + missing;
    figures.push(Figure::count("outcomes-reached", "outcomes", outcomes.reached));
    figures.push(Figure::count("outcomes-withdrawn", "outcomes", outcomes.withdrawn));
    figures.push(
        Figure::share("durable-share", outcomes.durable, looked)
            .between(share(outcomes.durable, mature), share(outcomes.durable + missing, mature))
            .missing("missed", outcomes.missed)
            .missing("unreachable", outcomes.unreachable)
            .missing("died", outcomes.died),
    );
    let immature = outcomes.not_yet_due + outcomes.awaiting_exit + outcomes.no_window;
    figures.push(
        Figure::count("outcomes-not-yet-mature", "outcomes", immature)
            .missing("not-yet-due", outcomes.not_yet_due)
            .missing("awaiting-exit", outcomes.awaiting_exit)
            .missing("no-window", outcomes.no_window),
    );
    figures.push(Figure::share("slipped-share", outcomes.slipped_ever, outcomes.reached));
    figures.push(Figure::share("reached-again-share", outcomes.reached_again, outcomes.slipped_ever));
    figures.push(Figure::share("enrolled-later-share", outcomes.enrolled_later, outcomes.reached));
}

fn follow_ups(windows: &FollowUps, figures: &mut Vec<Figure>) {
    let ended = windows.known + windows.missed + windows.unreachable;
    figures.push(
        Figure::share("follow-up-rate", windows.known, ended)
            .missing("missed", windows.missed)
            .missing("unreachable", windows.unreachable),
    );
    figures.push(Figure::of("follow-up-target", "share", Some(FOLLOW_UP_TARGET)));
    // 80 in a hundred in whole numbers: 4 n / 5, rounded up.
    let short = (4 * ended).div_ceil(5).saturating_sub(windows.known);
    figures.push(Figure::count("follow-ups-short-of-target", "follow-ups", short));
}

fn holding(name: &str, count: &WindowCount) -> Figure {
    let looked = count.held + count.not;
    let missing = count.missed + count.unreachable + count.died;
    Figure::share(name, count.held, looked)
        .between(share(count.held, looked + missing), share(count.held + missing, looked + missing))
        .missing("missed", count.missed)
        .missing("unreachable", count.unreachable)
        .missing("died", count.died)
}

fn difficulties(count: &DifficultyCount, aims: &Aims, figures: &mut Vec<Figure>) {
    figures.push(mean("difficulties-per-client", "difficulties", count.on_the_way as f64, aims.clients));
    figures.push(Figure::share("difficulties-overcome-share", count.overcome, count.met));
    figures.push(
        median("median-days-to-overcome", &count.days).missing("not-overcome", count.met - count.overcome),
    );
}

fn success(success: &Success, aims: &Aims, figures: &mut Vec<Figure>) {
    figures.push(mean("breadth", "life-areas", success.areas_improved as f64, aims.clients));
    let covered = success.share_millionths as f64 / 1e6;
    figures.push(
        mean("depth", "share", covered, success.indicators_measured)
            .missing("without-share", success.indicators_without_share),
    );
    figures.push(mean("departures-per-plan", "steps", success.departures as f64, success.plans));
}

fn exits(exits: &Exits, figures: &mut Vec<Figure>) {
    figures.push(Figure::count("exits-recorded", "stays", exits.recorded));
    figures.push(Figure::count("exits-derived", "stays", exits.derived));
    figures.push(Figure::count("stays-open", "stays", exits.open));
    figures.push(Figure::count("stays-ended-by-death", "stays", exits.died));
    figures.push(Figure::count("exits-undone", "exits", exits.reopened));
}

fn share(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

fn mean(name: &str, unit: &'static str, sum: f64, of: u64) -> Figure {
    let value = (of > 0).then(|| sum / of as f64);
    Figure { numerator: Some(sum), denominator: Some(of), ..Figure::of(name, unit, value) }
}

fn median(name: &str, days: &Histogram) -> Figure {
    Figure { denominator: Some(days.count()), ..Figure::of(name, "days", days.median()) }
}
