//! Causal backtests on made histories whose truth is known: what is estimated.

mod made;

use made::{CHOSEN, SHARE, by_lot, confounded, history, of, refused, run, spec, two_sites};
use throughline_backtest::{Guard, spec::Unknown};
use throughline_stats::{Spell, restricted_mean_difference};

#[test]
fn a_difference_of_shares_is_told_in_all_three_ways() {
    let mut people = by_lot();
    // Of the last 20 of either group nobody knows: they left on day 30. All of them were without the outcome.
    people.iter_mut().skip(360).for_each(|client| client.left = Some(30));
    let report = run(&people, &spec(SHARE)).unwrap();
    let plain = of(&report.effects, Unknown::Unknown, "Welch");
    assert!((plain.value - (100.0 / 180.0 - 60.0 / 180.0)).abs() < 1e-12);
    assert!(plain.low < plain.value && plain.value < plain.high && plain.clients == 360);
    // The outcome is not hoped for: at worst all of them had it.
    let worst = of(&report.effects, Unknown::Worst, "Welch");
    assert!((worst.value - (120.0 / 200.0 - 80.0 / 200.0)).abs() < 1e-12);
    let best = of(&report.effects, Unknown::Best, "Welch");
    assert!((best.value - 0.2).abs() < 1e-12);
    assert_eq!(report.arms.iter().map(|arm| (arm.clients, arm.unknown)).collect::<Vec<_>>(), [(200, 20); 2]);

    let attrition = report.attrition.as_ref().unwrap();
    assert!(attrition.difference.abs() < 1e-12 && attrition.low < 0.0 && attrition.high > 0.0);
    let bound = |name: &str| report.bounds.iter().find(|bound| bound.name == name).expect("bounds");
    let manski = bound("difference, Manski");
    assert!((manski.low - (0.5 - 0.4)).abs() < 1e-12 && (manski.high - (0.6 - 0.3)).abs() < 1e-12);
    // As many are unknown in either group: nothing to trim.
    let lee = bound("difference, Lee");
    assert!((lee.low - plain.value).abs() < 1e-12 && (lee.high - plain.value).abs() < 1e-12);
    let detectable = report.detectable[0].value / plain.standard_error;
    assert!((detectable - 2.8016).abs() < 1e-3, "2.8 standard errors: {detectable}");
    assert!(report.guards.iter().any(|passed| passed.guard == Guard::Missingness));
}

#[test]
fn counts_and_the_absence_of_an_outcome_are_measures_too() {
    let mut people = by_lot();
    people
        .iter_mut()
        .enumerate()
        .for_each(|(n, client)| client.services = vec![-5, 3, 60, if n % 3 < 2 { 89 } else { 91 }]);
    let counted =
        run(&people, &spec(&format!("{SHARE}\nmeasure = \"count of service from 1d within 90d\""))).unwrap();
    let expected = |treated: bool| {
        let own: Vec<_> = (0..400).filter(|n| (n % 2 == 0) == treated).collect();
        own.iter().map(|n| 2.0 + f64::from(u8::from(n % 3 < 2))).sum::<f64>() / own.len() as f64
    };
    let found = of(&counted.effects, Unknown::Unknown, "means");
    assert!((found.value - (expected(true) - expected(false))).abs() < 1e-12);
    let without = run(&people, &spec(&format!("{SHARE}\nmeasure = \"no outcome\""))).unwrap();
    assert!((of(&without.effects, Unknown::Unknown, "Welch").value + 0.2).abs() < 1e-12);
    // A service is seen when it is given; that there was none is known only of those who stayed to the end.
    for (n, client) in people.iter_mut().enumerate() {
        client.services = if n % 4 < 2 { vec![7] } else { vec![120] };
        client.left = (n >= 300).then_some(60);
    }
    let shared =
        run(&people, &spec(&format!("{SHARE}\nmeasure = \"share with service within 90d\""))).unwrap();
    let arms: Vec<(u64, u64)> = shared.arms.iter().map(|arm| (arm.events.unwrap(), arm.unknown)).collect();
    assert_eq!(arms, [(100, 25), (100, 25)]);
}

#[test]
fn weighting_takes_away_what_a_covariate_did() {
    for estimand in ["treated", "everyone"] {
        let weighting = spec(&format!("method = \"weighting\"\n{CHOSEN}\nestimand = \"{estimand}\""));
        let report = run(&confounded([30, 70]), &weighting).unwrap();
        let plain = of(&report.effects, Unknown::Unknown, "Welch");
        let weighted = of(&report.effects, Unknown::Unknown, "Hájek");
        assert!((plain.value - 0.16).abs() < 1e-9, "{}", plain.value);
        assert!(weighted.value.abs() < 1e-9 && weighted.low < 0.0 && weighted.high > 0.0, "{weighted:?}");
        let balance = &report.balance[0];
        assert!(balance.before > 0.8 && balance.after.unwrap().abs() < 1e-9);
        let weights = report.weights.unwrap();
        assert!(weights.effective_control < 1000.0 && weights.largest_share < 0.01);
        assert!(report.overlap.unwrap().outside < 1e-12);
    }
}

const AFTER_A_YEAR: &str = "[causal.change]\nnamed = \"peer-support\"\n[causal.arms]\nattribute = \"arm\"\ntreated = \"new\"\ncontrol = \"old\"";

#[test]
fn differences_in_differences_need_like_trends() {
    let asked = spec(&format!("method = \"difference-in-differences\"\n{AFTER_A_YEAR}"));
    let report = run(
        &two_sites(|treated, entered| {
            40 + u64::from(entered >= 365) * 10 - 20 * u64::from(treated && entered >= 365)
        }),
        &asked,
    )
    .unwrap();
    assert_eq!(report.change.map(|day| day.to_string()), Some("2021-01-01".to_owned()));
    let found = of(&report.effects, Unknown::Unknown, "difference in differences");
    assert!((found.value + 0.2).abs() < 0.05 && found.high < 0.0, "{found:?}");
    assert!(report.placebo[0].p_value > 0.05);
    assert!(report.series.iter().any(|point| point.after && point.arm.as_deref() == Some("old")));

    // The group with the change was on its way down before it.
    let parted = two_sites(|treated, entered| if treated { 70 - entered * 60 / 730 } else { 40 });
    let refusal = refused(run(&parted, &asked));
    assert!(refusal.why.contains("trends of the groups before the change"), "{refusal}");
    let refusal = refused(run(&parted[..100], &asked));
    assert!(refusal.why.contains("four cells"), "{refusal}");
}

#[test]
fn a_series_needs_points_on_both_sides() {
    let people = two_sites(|_, entered| if entered >= 366 { 60 } else { 30 });
    let asked = |every: &str| {
        spec(&format!(
            "method = \"interrupted-series\"\nevery = \"{every}\"\n[causal.change]\nfrom = \"2021-01-01\""
        ))
    };
    let report = run(&people, &asked("28d")).unwrap();
    let level = of(&report.effects, Unknown::Unknown, "change of level");
    assert!((level.value - 0.3).abs() < 0.08 && level.low > 0.0, "{level:?}");
    let slope = of(&report.effects, Unknown::Unknown, "change of slope");
    assert!(slope.low < 0.0 && slope.high > 0.0);
    assert_eq!(report.series.len(), 13 + 13);
    assert!(report.series.iter().all(|point| point.fitted.is_some()) && report.placebo.len() == 1);
    let refusal = refused(run(&people, &asked("60d")));
    assert_eq!(refusal.guard, Guard::Comparable);
    assert!(refusal.why.contains("points before the change is 6, and must be at least 8"), "{refusal}");
    let unnamed = spec("method = \"interrupted-series\"\n[causal.change]\nnamed = \"nothing\"");
    assert!(refused(run(&people, &unnamed)).why.contains("has changed by `nothing`"));
}

#[test]
fn competing_outcomes_add_up_and_curves_fall_in_weeks() {
    let mut people = by_lot();
    people.iter_mut().enumerate().filter(|(n, _)| n % 10 == 9).for_each(|(_, client)| client.died = Some(7));
    let survival = SHARE.replace("\"difference\"", "\"survival\"");
    let asked = spec(&format!("{survival}\nunit = \"weeks\"\nat = [\"2w\", \"12w\"]"));
    let report = run(&people, &asked).unwrap();
    let survival = report.survival.unwrap();
    let at = |arm: &str, cause: &str| {
        let found = survival
            .incidences
            .iter()
            .find(|it| it.arm == arm && it.cause == cause && (it.time - 12.0).abs() < 1e-9);
        found.unwrap().share
    };
    // All 40 of the dead are among those without the change; 12 of them would have had the outcome later.
    assert!((at("old", "died") - 0.2).abs() < 1e-12 && at("new", "died") < 1e-12);
    assert!((at("old", "relapse") - 48.0 / 200.0).abs() < 1e-12, "{}", at("old", "relapse"));
    assert!((at("new", "relapse") - 0.5).abs() < 1e-12);
    assert!(survival.curves[0].steps.iter().all(|step| step.time < 9.0), "weeks, not days");
    let ratio = of(&report.effects, Unknown::Unknown, "hazard ratio");
    assert!(ratio.low > 1.0 && (ratio.none - 1.0).abs() < 1e-12);
    assert!(
        report.detectable.iter().any(|it| it.of.contains("Schoenfeld") && it.value < 1.0 && it.value > 0.5)
    );
}

#[test]
fn a_covariate_that_is_not_known_leaves_only_the_adjusted_figures() {
    let mut people = confounded([50, 50]);
    people.iter_mut().take(40).for_each(|client| client.old = None);
    let report = run(&people, &spec(&format!("method = \"difference\"\n{CHOSEN}"))).unwrap();
    assert_eq!(of(&report.effects, Unknown::Unknown, "Welch").clients, 2000);
    let adjusted = of(&report.effects, Unknown::Unknown, "HC2");
    assert!(adjusted.clients == 1960 && adjusted.low < 0.0 && adjusted.high > 0.0, "{adjusted:?}");
    assert_eq!(report.arms.iter().map(|arm| arm.without_covariates).sum::<u64>(), 40);
    let history = history(&people);
    assert_eq!(history.timelines.len(), 2000);
}

#[test]
fn within_strata_a_covariate_does_nothing_more() {
    let survival =
        format!("method = \"survival\"\n{CHOSEN}").replace("covariates = [\"old\"]", "strata = \"old\"");
    let lot = survival.replace("\"old\" }", "\"old\", assigned = \"by-lot\" }");
    let report = run(&confounded([30, 70]), &spec(&lot)).unwrap();
    let tests = &report.survival.as_ref().unwrap().tests;
    assert!(tests[0].name == "log-rank" && tests[0].p_value < 1e-6);
    assert!(tests[2].name == "log-rank within old" && tests[2].p_value > 0.9, "{tests:?}");
    let ratio = of(&report.effects, Unknown::Unknown, "within old");
    assert!((ratio.value - 1.0).abs() < 1e-6, "{ratio:?}");
    // And where the strata are all one, nothing changes.
    let mut same = confounded([30, 70]);
    for client in &mut same {
        client.old = Some(true);
    }
    let report = run(&same, &spec(&lot)).unwrap();
    let tests = &report.survival.as_ref().unwrap().tests;
    assert!((tests[0].chi_squared - tests[2].chi_squared).abs() < 1e-9);
    // Nobody may call groups alike in time without a lot and without a covariate.
    assert_eq!(refused(run(&same, &spec(&survival))).guard, Guard::Comparable);
}

#[test]
fn every_page_has_whole_rows_and_figures_of_its_own_tables() {
    let survival = SHARE.replace("\"difference\"", "\"survival\"");
    let series = "method = \"interrupted-series\"\n[causal.change]\nfrom = \"2021-01-01\"";
    let people = two_sites(|_, entered| if entered >= 366 { 60 } else { 30 });
    let pages = [
        run(&by_lot(), &spec(SHARE)).unwrap().page(),
        run(&by_lot(), &spec(&format!("{survival}\nat = [\"30d\"]"))).unwrap().page(),
        run(&people, &spec(series)).unwrap().page(),
        run(&confounded([30, 70]), &spec(&format!("method = \"weighting\"\n{CHOSEN}"))).unwrap().page(),
    ];
    for page in &pages {
        let tables: Vec<_> = page.sections.iter().flat_map(|section| &section.tables).collect();
        assert!(tables.len() >= 6, "{}", page.title);
        for table in &tables {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
        }
        for section in &page.sections {
            for figure in &section.figures {
                let table =
                    section.tables.iter().find(|table| table.name == figure.table).expect("its table");
                let told = serde_json::to_value(&figure.form).unwrap();
                for name in told.as_object().unwrap().iter().filter(|(key, _)| *key != "kind") {
                    let columns = |it: &serde_json::Value| {
                        it.as_str().is_none_or(|column| table.columns.iter().any(|known| known == column))
                    };
                    assert!(columns(name.1), "{name:?} of {}", table.name);
                }
            }
        }
    }
    let named: Vec<&str> = pages[1]
        .sections
        .iter()
        .flat_map(|section| &section.tables)
        .map(|table| table.name.as_str())
        .collect();
    for name in ["survival-by-group", "survival-at", "tests", "coefficients", "bounds", "guards", "effects"] {
        assert!(named.contains(&name), "{name} among {named:?}");
    }
}

#[test]
fn in_curves_the_unknown_are_censored_or_taken_for_the_worst_or_the_best() {
    let mut people = by_lot();
    people.iter_mut().skip(360).for_each(|client| client.left = Some(30));
    let survival = SHARE.replace("\"difference\"", "\"survival\"");
    let report = run(&people, &spec(&format!("{survival}\nhorizon = \"90d\""))).unwrap();
    let expected = |left: Spell| {
        let of = |treated: bool| -> Vec<Spell> {
            let own = people.iter().filter(|client| client.treated == treated);
            own.map(|client| match (client.outcome, client.left) {
                (Some(day), _) => Spell::event(day as f64),
                (None, Some(_)) => left,
                (None, None) => Spell::censored(90.0),
            })
            .collect()
        };
        restricted_mean_difference(&of(true), &of(false), 90.0).unwrap()
    };
    let ways = [
        (Unknown::Unknown, Spell::censored(30.0)),
        (Unknown::Worst, Spell::event(30.0)),
        (Unknown::Best, Spell::censored(90.0)),
    ];
    for (unknown, left) in ways {
        let (found, expected) = (of(&report.effects, unknown, "mean time"), expected(left));
        assert!((found.value - expected.value).abs() < 1e-9, "{unknown:?}: {found:?}");
        assert!((found.standard_error - expected.standard_error).abs() < 1e-9);
    }
    assert_eq!(report.arms.iter().map(|arm| arm.unknown).collect::<Vec<_>>(), [20, 20]);
}

#[test]
fn who_entered_before_a_change_can_be_held_against_who_entered_after_it() {
    let people = two_sites(|_, entered| if entered >= 365 { 20 } else { 50 });
    let arms = "method = \"difference\"\narms = { attribute = \"entered\", treated = \"after\", control = \"before\", \
                assigned = \"by-lot\" }\n[causal.change]\nnamed = \"peer-support\"";
    let report = run(&people, &spec(arms)).unwrap();
    let found = of(&report.effects, Unknown::Unknown, "Welch");
    assert!((found.value + 0.3).abs() < 0.05, "{found:?}");
    assert!(report.arms[0].name == "after" && report.arms[0].clients == 800, "{:?}", report.arms);
}
