//! The guards, each where it must fire and where it must not; late corrections; what a lazy reader would get wrong.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp, civil::date};
use serde_json::{Value as Json, json};
use throughline_domain::{
    Actor, Draft, Event, EventId, Eyes, Fact, JourneyId, Occurred, Position, Recorded, Version,
};
use throughline_engagement::Engagement;
use throughline_projection::{Day, Feature, FeatureValue, Programmes};

use super::{
    CANNOT_SAY,
    panel::{Asker, Panel},
    past::Past,
    prove::prove,
    replay::{Watch, replay},
};
use crate::{
    Cohort, Error, Features, Guard, History, Spec, Timeline,
    features::{Folded, Source},
};

/// A log as it fills: each fact on its day of the life, written down on another.
#[derive(Default)]
struct Log(Vec<Recorded>);

impl Log {
    fn write(&mut self, who: u8, lived: i64, written: i64, name: &str, facts: Json) -> EventId {
        let n = self.0.len() as u64;
        let event = Event::from_json(&format!("throughline.{name}.v1"), facts, Json::Null).unwrap();
        let event_id = EventId::from_bytes(u128::from(n + 1).to_be_bytes());
        self.0.push(Recorded {
            position: Position(n),
            version: Version(n),
            recorded_at: crate::history::midnight(day(written)) + SignedDuration::from_hours(9),
            draft: Draft {
                event_id,
                journey: JourneyId::from_bytes([who; 16]),
                actor: Actor::new("worker:w1").unwrap(),
                on_behalf_of: None,
                eyes: Eyes::Staff,
                occurred: Occurred::On(day(lived)),
                cause: None,
                source: None,
                event,
            },
        });
        event_id
    }

    fn enrolled(&mut self, who: u8, day: i64) {
        let facts = json!({"enrolment": "e1", "programme": "shelter", "worker": "w1", "site": "north"});
        self.write(who, day, day, "intake.enrolled", facts);
    }

    fn service(&mut self, who: u8, day: i64) {
        let facts = json!({"service": "advice", "life_area": "work", "format": "in-person"});
        self.write(who, day, day, "transaction.service-delivered", facts);
    }

    fn missed(&mut self, who: u8, lived: i64, written: i64) -> EventId {
        self.write(who, lived, written, "check-in.check-in-missed", json!({"reason": "illness"}))
    }

    fn retracted(&mut self, who: u8, written: i64, event: EventId) {
        let facts = json!({"event": event, "why": "entered-in-error"});
        self.write(who, written, written, "amendment.retracted", facts);
    }

    fn history(&self, spec: &Spec) -> History {
        History::of(self.0.clone(), &spec.history, crate::history::end_of(day(200)))
    }
}

fn day(number: i64) -> jiff::civil::Date {
    crate::outcome::day_after(date(2025, 1, 6), number)
}

fn features() -> Features {
    Features::new().with::<Engagement>()
}

fn spec(when: &str, candidate: &str, more: &str) -> Spec {
    let text = format!(
        "version = 1\nkind = \"alert\"\nquestion = \"in time?\"\n[history]\n[cohort]\nenter = \"enrolled\"\n\
         [outcome]\nname = \"gone\"\nwhen = \"{when}\"\n[alert]\ncandidate = '{candidate}'\n\
         evaluate = {{ every = \"7d\", on_event = true }}\n{more}"
    );
    Spec::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

type Told = Result<super::AlertReport, Error>;

fn run(log: &Log, spec: &Spec, features: &Features) -> Told {
    let history = log.history(spec);
    let cohort = Cohort::of(&history, spec)?;
    super::run(spec, &history, &cohort, features)
}

/// Ten people who are served each week; every other one stops coming after some weeks, two missed check-ins before.
fn world() -> Log {
    let mut log = Log::default();
    for who in 1..=10_u8 {
        let weeks = if who % 2 == 0 { 5 + i64::from(who) } else { 28 };
        log.enrolled(who, 0);
        for week in 0..weeks {
            log.service(who, week * 7 + 1);
            if weeks < 28 && week + 2 >= weeks {
                log.missed(who, week * 7 + 3, week * 7 + 3);
            }
        }
    }
    log
}

fn guard_of(result: Told) -> Option<Guard> {
    match result {
        Err(Error::Refused(refusal)) => Some(refusal.guard),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    }
}

#[test]
fn two_missed_check_ins_warn_of_those_who_stay_away() {
    let spec = spec(
        "no service for 21d",
        "missed_run >= 2",
        "horizon = \"60d\"\ncapacity = { flags_per_worker_week = 1 }",
    );
    let report = run(&world(), &spec, &features()).unwrap();
    let by = report.candidate.by_client[0];
    assert_eq!((by.tp, by.fp, by.r#fn, by.tn), (5, 0, 0, 5));
    // The second check-in is missed two days after the last service; known is three weeks after that service.
    assert_eq!(report.candidate.lead_to_onset.median_days, Some(-2.0));
    assert_eq!(report.candidate.lead_to_known.median_days, Some(19.0));
    assert_eq!(report.candidate.first_flag_after_onset, 5);
    assert_eq!((report.candidate.alerts, report.load.worker_weeks_over), (5, Some(0)));
    assert!(report.load.by_worker_week.iter().all(|week| week.worker == "w1" && week.alerts == 1));
    assert_eq!(report.cannot_say, CANNOT_SAY);
    assert_eq!(report.page().sections.len(), 7);
}

#[test]
fn a_late_correction_counts_from_when_it_was_known() {
    let mut log = Log::default();
    log.enrolled(1, 0);
    let first = log.missed(1, 2, 2);
    log.missed(1, 4, 4);
    // Told on day 30 that the first was never missed, on day 40 that another was, long ago.
    log.retracted(1, 30, first);
    log.missed(1, 3, 40);
    let spec = spec("no service for 100d", "missed_run >= 2", "");
    let held = held(&log, &spec);
    let on =
        |number: i64| held.iter().filter(|(on, _)| *on <= day(number)).next_back().map(|(_, held)| *held);
    assert_eq!((on(3), on(4), on(29)), (Some(false), Some(true), Some(true)));
    assert_eq!((on(30), on(39), on(40)), (Some(false), Some(false), Some(true)));
}

/// Every decision of the first person, and whether the rule held.
fn held(log: &Log, spec: &Spec) -> Vec<(jiff::civil::Date, bool)> {
    let history = log.history(spec);
    let alert = spec.alert.as_ref().unwrap();
    let panel = Panel::of(&[&alert.candidate], Some(spec), &features(), &history).unwrap();
    let watch = Watch::of(spec, &alert.evaluate).unwrap();
    let timeline = &history.timelines[0];
    let mut held = Vec::new();
    let past = Past::of(&watch, &panel, timeline);
    replay(&watch, &mut Asker::of(&panel), past, timeline, history.as_of, &mut |decision| {
        held.push((decision.on, decision.holds[0]));
    })
    .unwrap();
    held
}

#[test]
fn what_is_not_known_does_not_hold_unless_the_rule_asks_for_it() {
    let mut log = Log::default();
    log.enrolled(1, 0);
    let held_of = |candidate: &str| held(&log, &spec("no service for 100d", candidate, ""))[0].1;
    assert!(!held_of("silence_days >= 0"), "there was no contact yet");
    assert!(!held_of("silence_days < 1000"));
    assert!(held_of("silence_days == null || silence_days > 5"));
    assert!(held_of("breadth < 1 && days_since_entry <= 7.0"), "whole numbers and others compare");
}

#[test]
fn a_rule_that_is_no_yes_or_no_is_wrong_and_named() {
    let error = run(&world(), &spec("no service for 21d", "missed_run + 1", ""), &features()).unwrap_err();
    assert!(error.to_string().contains("not yes or no"), "{error}");
    let error = run(&world(), &spec("no service for 21d", "misse_run > 1", ""), &features()).unwrap_err();
    assert!(error.to_string().contains("`misse_run` is not known"), "{error}");
}

/// A feature that reads the whole timeline: days until the next thing that will happen.
struct Peeks;

struct Peeked(Vec<i32>);

static PEEKED: [Feature; 1] =
    [Feature { name: "days_to_next", what: "days to the next fact", unit: "days", from: &[] }];

impl Source for Peeks {
    fn features(&self) -> &'static [Feature] {
        &PEEKED
    }

    fn begin(&self) -> Box<dyn Folded> {
        Box::new(Peeked(Vec::new()))
    }

    fn begin_peeking(&self, whole: &Timeline) -> Box<dyn Folded> {
        let mut days: Vec<i32> =
            whole.life().iter().map(|fact| Day::of(fact.occurred.day()).number()).collect();
        days.sort_unstable();
        Box::new(Peeked(days))
    }
}

impl Folded for Peeked {
    fn clear(&mut self) {}

    fn fold(&mut self, _fact: &Fact) {}

    fn value(&self, _place: usize, on: jiff::civil::Date, _programmes: &Programmes) -> Option<FeatureValue> {
        let on = Day::of(on).number();
        let next = self.0.get(self.0.partition_point(|day| *day <= on))?;
        Some((next - on).into())
    }
}

#[test]
fn a_rule_that_looks_ahead_is_caught_whatever_the_seed() {
    let peeking = features().with_source(Arc::new(Peeks));
    let spec = spec("no service for 21d", "days_to_next == null || days_to_next > 14", "");
    assert_eq!(guard_of(run(&world(), &spec, &peeking)), Some(Guard::Proved));
    let history = world().history(&spec);
    let cohort = Cohort::of(&history, &spec).unwrap();
    let alert = spec.alert.as_ref().unwrap();
    let panel = Panel::of(&[&alert.candidate], Some(&spec), &peeking, &history).unwrap();
    let watch = Watch::of(&spec, &alert.evaluate).unwrap();
    for seed in 0..200 {
        let proof = prove(&watch, &panel, &cohort.entrants, history.as_of, seed);
        assert!(matches!(proof, Err(Error::Refused(_))), "seed {seed} saw nothing: {proof:?}");
    }
}

#[test]
fn an_honest_rule_is_proved_whatever_the_seed() {
    let spec = spec("no service for 21d", "missed_run >= 1 || silence_probability < 0.2 || going_quiet", "");
    let history = world().history(&spec);
    let cohort = Cohort::of(&history, &spec).unwrap();
    let alert = spec.alert.as_ref().unwrap();
    let panel = Panel::of(&[&alert.candidate], Some(&spec), &features(), &history).unwrap();
    let watch = Watch::of(&spec, &alert.evaluate).unwrap();
    for seed in 0..200 {
        let proof = prove(&watch, &panel, &cohort.entrants, history.as_of, seed).unwrap();
        assert_eq!((proof.people, proof.futures), (10, 40), "seed {seed}");
    }
}

#[test]
fn a_rule_that_only_repeats_the_outcome_is_refused_and_one_that_shares_its_facts_is_labelled() {
    let label = |candidate: &str, when: &str| {
        let report = run(&world(), &spec(when, candidate, ""), &features())?;
        let passed = report.guards.into_iter().find(|passed| passed.guard == Guard::Tautology).unwrap();
        Ok::<bool, Error>(passed.saw.starts_with("labelled:"))
    };
    let refused = label("silence_days >= 21", "no service for 21d").unwrap_err();
    assert!(refused.to_string().contains("`silence_days` is made of the facts"), "{refused}");
    assert!(label("silence_days >= 12", "no service for 21d").unwrap(), "it comes before, of the same facts");
    assert!(!label("missed_run >= 2", "no service for 21d").unwrap(), "it rests on other facts");
}

#[test]
fn the_unknown_are_left_out_and_counted_as_the_worst_and_the_best_beside_it() {
    let mut log = world();
    // Three more of whom nobody could look any further after day 10; one of them was flagged by then.
    for who in 11..=13_u8 {
        log.enrolled(who, 0);
        log.service(who, 1);
        if who == 11 {
            log.missed(who, 2, 2);
            log.missed(who, 3, 3);
        }
        log.write(who, 10, 10, "milestone.exited", json!({"enrolment": "e1"}));
    }
    let mut spec = spec("no service for 21d", "missed_run >= 2", "");
    spec.outcome.censored_by = vec!["exited".to_owned()];
    let report = run(&log, &spec, &features()).unwrap();
    assert_eq!((report.people.unknown, report.people.cohort), (3, 13));
    let counts: Vec<_> =
        report.candidate.by_client.iter().map(|by| (by.unknown_as, by.tp, by.fp, by.r#fn, by.tn)).collect();
    use crate::spec::Unknown::{Best, Unknown, Worst};
    assert_eq!(counts, [(Unknown, 5, 0, 0, 5), (Worst, 6, 0, 2, 5), (Best, 5, 1, 0, 7)]);
    // Asked for one way only, both extremes are there all the same; with nobody unknown all ways agree.
    let none = run(&world(), &spec, &features()).unwrap();
    assert_eq!(none.people.unknown, 0);
    assert!(
        none.candidate.by_client.windows(2).all(|pair| pair[0].tp == pair[1].tp && pair[0].tn == pair[1].tn)
    );
}

#[test]
fn two_runs_say_the_same_byte_for_byte_and_the_baseline_stands_beside() {
    let spec = spec("no service for 21d", "missed_run >= 2", "baseline = \"rule:going-quiet@1\"");
    let told = || serde_json::to_string(&run(&world(), &spec, &features()).unwrap()).unwrap();
    assert_eq!(told(), told());
    let report = run(&world(), &spec, &features()).unwrap();
    let changed = report.changed.unwrap();
    assert!(changed.changed > 0 && changed.changed < changed.decisions, "{changed:?}");
    assert_eq!(report.baseline.unwrap().rule, "rule:going-quiet@1: going_quiet");
}

#[test]
fn twice_the_events_cost_no_more_than_twice_the_work() {
    // Counted in facts folded rather than in time, which a busy machine stretches: see `benches` for the clock.
    let folds = |weeks: i64| {
        let mut log = Log::default();
        log.enrolled(1, 0);
        (0..weeks).for_each(|week| log.service(1, week * 7 + 1));
        let spec = spec("no service for 21d", "counted >= 0", "");
        let counted = Arc::<AtomicU64>::default();
        let features = Features::new().with_source(Arc::new(Counts(counted.clone())));
        let history = History::of(log.0, &spec.history, Timestamp::MAX);
        let panel = Panel::of(&["counted >= 0"], Some(&spec), &features, &history).unwrap();
        let watch = Watch::of(&spec, &spec.alert.as_ref().unwrap().evaluate).unwrap();
        let timeline = &history.timelines[0];
        let until = crate::history::end_of(day(weeks * 7 + 7));
        let past = Past::of(&watch, &panel, timeline);
        replay(&watch, &mut Asker::of(&panel), past, timeline, until, &mut |_| {}).unwrap();
        counted.load(Ordering::Relaxed)
    };
    assert_eq!((folds(500), folds(1000)), (501, 1001), "each fact is folded once");
}

/// A feature that counts every fact it is given.
#[derive(Default)]
struct Counts(Arc<AtomicU64>);

struct Counted(Arc<AtomicU64>);

static COUNTED: [Feature; 1] = [Feature { name: "counted", what: "facts folded", unit: "facts", from: &[] }];

impl Source for Counts {
    fn features(&self) -> &'static [Feature] {
        &COUNTED
    }

    fn begin(&self) -> Box<dyn Folded> {
        Box::new(Counted(self.0.clone()))
    }
}

impl Folded for Counted {
    fn clear(&mut self) {}

    fn fold(&mut self, _fact: &Fact) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn value(&self, _place: usize, _on: jiff::civil::Date, _programmes: &Programmes) -> Option<FeatureValue> {
        Some(FeatureValue::Whole(0))
    }
}
