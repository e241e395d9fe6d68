//! Counting one client: what came of their outcomes by a date, under the rules of the other files.

use std::collections::BTreeMap;

use jiff::civil::Date;
use throughline_domain::Relationship;
use throughline_projection::Programmes;

use crate::{
    counts::{Aims, DifficultyCount, Exits, Outcomes, Success, Tally},
    exits::{End, Stay, stays},
    life::Life,
    spells::{Traced, trace},
    status::{Durability, Status, days_from_intake, durability, mature, standing},
    success::{difficulties, improved, indicators, later_enrolments, on_the_way},
    view::{View, What},
    windows::{Seen, WindowState},
};

pub(crate) fn tally(tally: &mut Tally, view: &View, on: Date, programmes: &Programmes) {
    let life = Life::until(view, on, programmes);
    // Not yet a client on that day, or read as part of another journey since a merge.
    if life.facts.is_empty() {
        return;
    }
    tally.clients += 1;
    if life.erased.is_some() {
        tally.erased += 1;
        return;
    }
    let stays = stays(&life);
    let traced = trace(&life, &stays);
    let aiming = aims(&mut tally.aims, &life, &stays, &traced);
    for traced in &traced {
        outcome(&mut tally.outcomes, &life, traced);
        windows(tally, &life, traced);
    }
    exits(&mut tally.exits, &stays);
    success(&mut tally.success, &life, &traced);
    obstacles(&mut tally.difficulties, &life, &traced, aiming);
    relationships(tally, &life);
}

/// Whether this client has a desired outcome, and what came of it.
fn aims<'a>(tally: &mut Aims, life: &Life<'a>, stays: &[Stay<'a>], traced: &[Traced<'a>]) -> bool {
    let wanted: Vec<&Traced> =
        traced.iter().filter(|traced| !traced.spells.is_empty() || traced.withdrawn.is_none()).collect();
    if wanted.is_empty() {
        return false;
    }
    tally.clients += 1;
    let first = wanted
        .iter()
        .filter(|traced| !traced.spells.is_empty())
        .min_by_key(|traced| traced.spells.first().map(|spell| spell.reached.day));
    if let Some(first) = first {
        tally.reached += 1;
        match days_from_intake(life, first) {
            None => tally.no_intake += 1,
            Some(days) if days < 0 => tally.before_intake += 1,
            Some(days) => tally.days.add(days),
        }
        return true;
    }
    let left = |traced: &&Traced<'a>| before_death(&standing(life, stays, traced)) == Status::NotReached;
    if wanted.iter().all(left) {
        tally.left_without += 1;
    } else if life.died.is_some() {
        tally.died_before += 1;
    } else {
        tally.still_working += 1;
    }
    true
}

/// A client who had left before they died had left.
fn before_death(standing: &crate::status::Standing<'_, '_>) -> Status {
    standing.before_death.unwrap_or(standing.status)
}

fn outcome(tally: &mut Outcomes, life: &Life<'_>, traced: &Traced<'_>) {
    if traced.spells.is_empty() {
        tally.withdrawn += u64::from(traced.withdrawn.is_some());
        return;
    }
    tally.reached += 1;
    tally.slipped_ever += u64::from(traced.spells.iter().any(|spell| spell.lost.is_some()));
    tally.reached_again += u64::from(traced.spells.len() > 1);
    tally.enrolled_later += u64::from(!later_enrolments(life, traced).is_empty());
    let first = traced.spells.first().map(|spell| &spell.watched);
    let last_required = first.and_then(|watched| watched.last_required());
    if !mature(life, traced) {
        match (last_required, first.and_then(|watched| watched.anchor)) {
            (None, _) => tally.no_window += 1,
            (Some(_), None) => tally.awaiting_exit += 1,
            (Some(_), Some(_)) => tally.not_yet_due += 1,
        }
        return;
    }
    match durability(life, traced) {
        Durability::Durable => tally.durable += 1,
        Durability::Missed if traced.spells.len() == 1 => tally.missed += 1,
        Durability::Unreachable if traced.spells.len() == 1 => tally.unreachable += 1,
        Durability::Died if traced.spells.len() == 1 => tally.died += 1,
        // It was lost on the way: reaching it again has not yet shown that it lasts.
        Durability::Slipped
        | Durability::Partly
        | Durability::Missed
        | Durability::Unreachable
        | Durability::Died
        | Durability::NotYetDue
        | Durability::Due
        | Durability::AwaitingExit
        | Durability::NoWindow
        | Durability::NotReached
        | Durability::Erased => tally.not_durable += 1,
    }
}

fn windows(tally: &mut Tally, life: &Life<'_>, traced: &Traced<'_>) {
    let ended = |seen: &&Seen<'_>| seen.days.is_some_and(|(_, _, last)| last < life.on);
    for spell in &traced.spells {
        for seen in spell.watched.windows.iter().filter(ended).filter(|seen| seen.rule.required) {
            match seen.state {
                WindowState::Held | WindowState::Partly | WindowState::Lost => tally.follow_ups.known += 1,
                WindowState::Missed => tally.follow_ups.missed += 1,
                WindowState::Unreachable => tally.follow_ups.unreachable += 1,
                WindowState::NotOpen | WindowState::NotYetDue | WindowState::Due | WindowState::Cancelled => {
                }
            }
        }
    }
    for seen in traced.spells.iter().take(1).flat_map(|spell| spell.watched.windows.iter().filter(ended)) {
        let count = tally.windows.entry(seen.rule.window.clone()).or_default();
        let by_death = || seen.decided_by.is_some_and(|fact| fact.what == What::Died);
        match seen.state {
            WindowState::Held => count.held += 1,
            WindowState::Cancelled if by_death() => count.died += 1,
            WindowState::Partly | WindowState::Lost | WindowState::Cancelled => count.not += 1,
            WindowState::Missed => count.missed += 1,
            WindowState::Unreachable => count.unreachable += 1,
            WindowState::NotOpen | WindowState::NotYetDue | WindowState::Due => {}
        }
    }
}

fn exits(tally: &mut Exits, stays: &[Stay<'_>]) {
    for stay in stays {
        tally.reopened += stay.reopened.len() as u64;
        match stay.end {
            End::Recorded => tally.recorded += 1,
            End::Derived => tally.derived += 1,
            End::Open => tally.open += 1,
            End::Died => tally.died += 1,
        }
    }
}

fn success(tally: &mut Success, life: &Life<'_>, traced: &[Traced<'_>]) {
    let progress = indicators(life);
    tally.areas_improved += improved(&progress, traced).len() as u64;
    for progress in &progress {
        match progress.share {
            // Between 0 and 1,000,000.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some(share) => {
                tally.share_millionths += (share * 1e6).round() as u64;
                tally.indicators_measured += 1;
            }
            None => tally.indicators_without_share += 1,
        }
    }
    let mut in_force = BTreeMap::new();
    for (_, plan) in life.plans() {
        in_force.insert(plan.name, plan.changes.len() as u64);
    }
    tally.plans += in_force.len() as u64;
    tally.departures += in_force.values().sum::<u64>();
}

fn obstacles(tally: &mut DifficultyCount, life: &Life<'_>, traced: &[Traced<'_>], aiming: bool) {
    let difficulties = difficulties(life);
    if aiming {
        let first =
            traced.iter().filter_map(|traced| traced.spells.first()).map(|spell| spell.reached.day).min();
        tally.on_the_way += u64::from(on_the_way(&difficulties, first.unwrap_or(life.on)).0);
    }
    tally.met += difficulties.len() as u64;
    for days in difficulties.iter().filter_map(crate::success::Difficulty::days) {
        tally.overcome += 1;
        tally.days.add(days);
    }
}

fn relationships(tally: &mut Tally, life: &Life<'_>) {
    let mut into: Vec<Relationship> = life
        .facts
        .iter()
        .filter_map(|fact| match fact.what {
            What::Grown(into) => Some(into),
            _ => None,
        })
        .collect();
    into.sort_unstable();
    into.dedup();
    tally.grown_clients += u64::from(!into.is_empty());
    for into in into {
        *tally.grown.entry(into).or_default() += 1;
    }
}
