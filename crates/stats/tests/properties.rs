//! What must hold of any data: no panic, nothing that is not a number, and what each statistic is by definition.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]
#![allow(clippy::float_cmp, reason = "what is compared so is exact")]

use proptest::prelude::*;
use throughline_stats::*;

/// Spells on few days, so that ties are many, some entered late.
fn spells(causes: u32) -> impl Strategy<Value = Vec<Spell>> {
    prop::collection::vec((1..20_u32, 0..=causes, 0..30_u32), 2..60).prop_map(|rows| {
        let spell = |(exit, cause, entry): (u32, u32, u32)| {
            let end = if cause == 0 { End::Censored } else { End::Event(cause) };
            Spell { entry: (entry < exit).then(|| f64::from(entry)), exit: f64::from(exit), end }
        };
        rows.into_iter().map(spell).collect()
    })
}

/// Any numbers a program can hold: ordinary ones, whole ones with ties, extreme ones, and what is no number.
fn any_numbers() -> impl Strategy<Value = Vec<f64>> {
    let extreme = prop_oneof![Just(1e300), Just(-1e300), Just(1e-300), Just(5e-324), Just(-0.0), -3.0..3.0];
    let anything = prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), -3.0..3.0];
    let whole = (-2..3_i32).prop_map(f64::from);
    prop_oneof![
        prop::collection::vec(-3.0..3.0_f64, 0..14),
        prop::collection::vec(0.0..1.0_f64, 0..14),
        prop::collection::vec(whole, 0..14),
        prop::collection::vec(extreme, 0..14),
        prop::collection::vec(anything, 0..14),
    ]
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * (1.0 + right.abs())
}

fn same(left: &Estimate, right: &Estimate) -> bool {
    near(left.value, right.value) && near(left.standard_error, right.standard_error)
}

fn sound(estimate: &Estimate) -> bool {
    estimate.value.is_finite()
        && estimate.standard_error > 0.0
        && (0.0..=1.0).contains(&estimate.p_value())
        && estimate.interval(Level::P95).low <= estimate.interval(Level::P95).high
}

fn one_column(values: impl Iterator<Item = f64>) -> Matrix {
    Matrix::from_rows(&values.map(|value| [value]).collect::<Vec<_>>()).unwrap()
}

proptest! {
    #[test]
    fn a_curve_falls_within_its_interval_and_knows_no_order(spells in spells(1), turn in 0..60_usize, scale in -3..4_i32) {
        let curve = KaplanMeier::fit(&spells).unwrap();
        let mut turned = spells.clone();
        turned.rotate_left(turn % spells.len());
        prop_assert_eq!(&curve, &KaplanMeier::fit(&turned).unwrap());
        let factor = 2_f64.powi(scale);
        let slower: Vec<Spell> = spells
            .iter()
            .map(|spell| Spell { entry: spell.entry.map(|entry| entry * factor), exit: spell.exit * factor, ..*spell })
            .collect();
        let slower = KaplanMeier::fit(&slower).unwrap();
        let mut before = 1.0;
        for step in curve.steps() {
            prop_assert!(step.survival <= before && step.survival >= 0.0 && step.events <= step.at_risk);
            before = step.survival;
            prop_assert_eq!(slower.survival_at(step.time * factor), step.survival);
            for scale in [Scale::LogLog, Scale::Plain] {
                if let Some(interval) = curve.interval_at(step.time, Level::P95, scale) {
                    prop_assert!(0.0 <= interval.low && interval.low <= step.survival);
                    prop_assert!(step.survival <= interval.high && interval.high <= 1.0);
                }
            }
        }
    }

    #[test]
    fn with_one_cause_aalen_johansen_is_kaplan_meier(spells in spells(1)) {
        let (curve, causes) = (KaplanMeier::fit(&spells).unwrap(), AalenJohansen::fit(&spells).unwrap());
        for step in curve.steps() {
            prop_assert!(near(causes.incidence_at(1, step.time), 1.0 - step.survival));
            if step.survival > 0.0 {
                prop_assert!(near(causes.standard_error_at(1, step.time), curve.standard_error_at(step.time)));
            }
        }
    }

    #[test]
    fn causes_and_survival_share_out_everyone(spells in spells(3)) {
        let (curve, causes) = (KaplanMeier::fit(&spells).unwrap(), AalenJohansen::fit(&spells).unwrap());
        for step in curve.steps() {
            let all: f64 = (1..=3).map(|cause| causes.incidence_at(cause, step.time)).sum();
            prop_assert!(near(all + step.survival, 1.0));
        }
    }

    #[test]
    fn a_restricted_mean_is_the_area_under_the_curve(spells in spells(1), share in 1..10_u32) {
        let curve = KaplanMeier::fit(&spells).unwrap();
        let horizon = curve.last_seen() * f64::from(share) / 10.0;
        let mean = restricted_mean(&spells, horizon).unwrap();
        let mut corners: Vec<f64> = curve.steps().iter().map(|step| step.time).filter(|time| *time < horizon).collect();
        corners.insert(0, 0.0);
        corners.push(horizon);
        let area: f64 = corners.windows(2).map(|pair| (pair[1] - pair[0]) * curve.survival_at(pair[0])).sum();
        prop_assert!(near(mean.mean, area));
    }

    #[test]
    fn the_log_rank_test_takes_no_side(first in spells(1), second in spells(1)) {
        for weighting in [Weighting::LogRank, Weighting::Gehan] {
            let (one, other) = (log_rank(&[&first, &second], weighting), log_rank(&[&second, &first], weighting));
            prop_assert_eq!(one.is_ok(), other.is_ok());
            if let (Ok(one), Ok(other)) = (one, other) {
                prop_assert!(near(one.test.statistic, other.test.statistic));
                prop_assert!((0.0..=1.0).contains(&one.test.p_value()));
                let (seen, due) = (one.observed.iter().sum::<f64>(), one.expected.iter().sum::<f64>());
                prop_assert!(near(seen, due));
            }
        }
        let alone = stratified_log_rank(&[&[&first, &second], &[&[], &[]]], Weighting::LogRank);
        prop_assert_eq!(alone, log_rank(&[&first, &second], Weighting::LogRank));
    }

    #[test]
    fn without_ties_efron_is_breslow(rows in prop::collection::vec((any::<bool>(), -2.0..2.0_f64), 4..40)) {
        let spells: Vec<Spell> = (1_u32..)
            .zip(&rows)
            .map(|(day, (event, _))| if *event { Spell::event(day.into()) } else { Spell::censored(day.into()) })
            .collect();
        let x = one_column(rows.iter().map(|(_, x)| *x));
        match (Cox::fit(&spells, &x, Ties::Efron), Cox::fit(&spells, &x, Ties::Breslow)) {
            (Ok(efron), Ok(breslow)) => {
                prop_assert!(same(&efron.coefficients[0], &breslow.coefficients[0]));
                prop_assert!(efron.likelihood_ratio.statistic >= 0.0);
            }
            (efron, breslow) => prop_assert_eq!(efron, breslow),
        }
    }

    #[test]
    fn cox_knows_neither_order_nor_units_nor_cuts(
        spells in spells(1),
        values in prop::collection::vec(-2.0..2.0_f64, 60),
        turn in 0..60_usize,
    ) {
        let x: Vec<f64> = values[..spells.len()].to_vec();
        let Ok(fit) = Cox::fit(&spells, &one_column(x.iter().copied()), Ties::Efron) else { return Ok(()) };
        prop_assert!(sound(&fit.coefficients[0]));
        let mut rows: Vec<(Spell, f64)> = spells.iter().copied().zip(x.iter().copied()).collect();
        rows.rotate_left(turn % spells.len());
        let (turned, x_turned): (Vec<Spell>, Vec<f64>) = rows.iter().copied().unzip();
        let again = Cox::fit(&turned, &one_column(x_turned.into_iter()), Ties::Efron).unwrap();
        prop_assert!(same(&fit.coefficients[0], &again.coefficients[0]));
        prop_assert_eq!(fit.concordance, again.concordance);

        let in_other_units = Cox::fit(&spells, &one_column(x.iter().map(|x| 1000.0 * x + 5e5)), Ties::Efron).unwrap();
        prop_assert!(near(1000.0 * in_other_units.coefficients[0].value, fit.coefficients[0].value));

        // Every spell told in two rows that join: nothing changes.
        let (mut cut, mut x_cut) = (Vec::new(), Vec::new());
        for (spell, x) in rows {
            let middle = f64::midpoint(spell.entry.unwrap_or(0.0), spell.exit);
            cut.extend([Spell { exit: middle, end: End::Censored, ..spell }, spell.entered(middle)]);
            x_cut.extend([x, x]);
        }
        let cut = Cox::fit(&cut, &one_column(x_cut.into_iter()), Ties::Efron).unwrap();
        prop_assert!(same(&fit.coefficients[0], &cut.coefficients[0]));
        prop_assert_eq!(fit.concordance, cut.concordance);
    }

    #[test]
    fn weights_in_other_units_tell_the_same(
        rows in prop::collection::vec((any::<bool>(), 0.05..0.95_f64, -9.0..9.0_f64), 6..40),
    ) {
        let treated: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let propensity: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let outcome: Vec<f64> = rows.iter().map(|row| row.2).collect();
        for estimand in [Estimand::Treated, Estimand::Everyone] {
            let Ok(found) = weighted_effect(&treated, &propensity, &outcome, estimand, 0.1..=0.9) else { continue };
            prop_assert!(sound(&found.effect));
            prop_assert!(found.effective_treated <= treated.iter().filter(|treated| **treated).count() as f64 + 1e-9);
            prop_assert!(found.effective_untreated >= 1.0 - 1e-9 && found.largest_share <= 1.0 + 1e-9);
            let doubled: Vec<f64> = found.weights.iter().map(|weight| 3.0 * weight).collect();
            let sizes = (effective_sample_size(&found.weights), effective_sample_size(&doubled));
            prop_assert!(near(sizes.0.unwrap(), sizes.1.unwrap()));
            let moved: Vec<f64> = outcome.iter().map(|value| value + 100.0).collect();
            let moved = weighted_effect(&treated, &propensity, &moved, estimand, 0.1..=0.9).unwrap();
            prop_assert!(near(moved.effect.value, found.effect.value));
        }
    }

    #[test]
    fn bounds_hold_whatever_the_lost_would_have_said(
        seen in prop::collection::vec(0.0..1.0_f64, 2..20),
        lost in prop::collection::vec(0.0..1.0_f64, 0..20),
        other in prop::collection::vec(0.0..1.0_f64, 2..20),
    ) {
        let (arm, against) = (Arm { observed: &seen, missing: lost.len() }, Arm { observed: &other, missing: 0 });
        let bounds = manski_difference(arm, against, Interval { low: 0.0, high: 1.0 }).unwrap();
        let all: Vec<f64> = seen.iter().chain(&lost).copied().collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let truth = mean(&all) - mean(&other);
        prop_assert!(bounds.identified.low <= truth + 1e-12 && truth <= bounds.identified.high + 1e-12);
        let interval = bounds.interval(Level::P95);
        prop_assert!(interval.low <= bounds.identified.low && bounds.identified.high <= interval.high);
        if let Ok(lee) = lee_bounds(arm, against) {
            prop_assert!(lee.effect.identified.low <= lee.effect.identified.high + 1e-12);
        }
    }

    #[test]
    fn no_survival_input_panics_or_gives_what_is_not_a_number(
        rows in prop::collection::vec((prop_oneof![any::<f64>(), 0.0..9.0], prop_oneof![Just(None), any::<f64>().prop_map(Some)], 0..3_u32), 0..12),
        x in any_numbers(),
        horizon in any::<f64>(),
    ) {
        let spells: Vec<Spell> = rows
            .iter()
            .map(|(exit, entry, cause)| {
                let end = if *cause == 0 { End::Censored } else { End::Event(*cause) };
                Spell { entry: *entry, exit: *exit, end }
            })
            .collect();
        if let Ok(curve) = KaplanMeier::fit(&spells) {
            prop_assert!((0.0..=1.0).contains(&curve.survival_at(horizon)));
            prop_assert!(curve.standard_error_at(horizon) >= 0.0);
            let _ = (curve.median(), curve.median_interval(Level::P95, Scale::LogLog));
        }
        if let Ok(causes) = AalenJohansen::fit(&spells) {
            prop_assert!(causes.standard_error_at(1, horizon) >= 0.0);
            let _ = causes.interval_at(1, horizon, Level::P95);
        }
        if let Ok(mean) = restricted_mean(&spells, horizon) {
            prop_assert!(mean.mean.is_finite() && mean.standard_error >= 0.0);
        }
        let (first, second) = spells.split_at(spells.len() / 2);
        if let Ok(test) = log_rank(&[first, second], Weighting::Gehan) {
            prop_assert!((0.0..=1.0).contains(&test.test.p_value()));
        }
        let _ = restricted_mean_difference(first, second, horizon);
        if let Ok(x) = Matrix::from_rows(&x.iter().map(|x| [*x]).collect::<Vec<_>>())
            && let Ok(fit) = Cox::fit(&spells, &x, Ties::Efron)
        {
            prop_assert!(fit.coefficients.iter().all(sound));
        }
    }

    #[test]
    fn no_other_input_panics_or_gives_what_is_not_a_number(
        a in any_numbers(), b in any_numbers(), c in any_numbers(), d in any_numbers(),
        yes in prop::collection::vec(any::<bool>(), 0..14), count in 0..9_usize, p in any::<f64>(),
    ) {
        let arms = |before, after| BeforeAfter { before, after };
        let range = Interval { low: p, high: c.first().copied().unwrap_or(1.0) };
        let (first, second) = (Arm { observed: &a, missing: count }, Arm { observed: &b, missing: usize::MAX });
        let estimates = [
            welch(&a, &b),
            difference_in_differences(arms(&a, &b), arms(&c, &d)),
            difference_of_changes(arms(&a, &b), arms(&c, &d)),
            weighted_effect(&yes, &a, &b, Estimand::Treated, 0.0..=1.0).map(|found| found.effect),
            interrupted_series(&a, count, Errors::NeweyWest { lags: count }).map(|found| found.level_change),
        ];
        prop_assert!(estimates.iter().flatten().all(sound), "{estimates:?}");
        for bounds in [manski_mean(first, range), manski_difference(first, second, range), lee_bounds(first, second).map(|lee| lee.effect)].into_iter().flatten() {
            let interval = bounds.interval(Level::P95);
            prop_assert!(interval.low <= interval.high, "{bounds:?}");
        }
        if let Ok(x) = Matrix::from_rows(&a.iter().zip(&c).map(|(a, c)| [*a, *c]).collect::<Vec<_>>()) {
            for errors in [Errors::Classical, Errors::Hc2, Errors::NeweyWest { lags: count }] {
                if let Ok(fit) = least_squares(&x, &b, errors) {
                    prop_assert!(fit.coefficients.iter().all(sound), "{fit:?}");
                }
            }
            if let Ok(fit) = logistic(&x, &yes) {
                prop_assert!(fit.coefficients.iter().all(sound), "{fit:?}");
                prop_assert!(fit.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
            }
            let _ = propensity_weighted_effect(&x, &yes, &b, Estimand::Everyone, 0.1..=0.9);
        }
        let figures = [
            standardised_difference(&a, &b),
            weighted_standardised_difference(&a, &c, &b, &d),
            effective_sample_size(&a),
            contact_intensity(&a, p, 1.0),
            schoenfeld_events(p, 0.5, Level::P95, 0.8),
            smallest_detectable_hazard_ratio(p, 0.5, Level::P95, 0.8),
            smallest_detectable_effect(p, Level::P95, 0.8),
        ];
        prop_assert!(figures.iter().flatten().all(|figure| figure.is_finite()), "{figures:?}");
        if let Ok(adjusted) = holm(&a) {
            prop_assert!(adjusted.iter().zip(&a).all(|(adjusted, p)| adjusted >= p && *adjusted <= 1.0));
        }
        let mean = |rows: &[Vec<usize>]| Ok(rows[0].iter().map(|row| a[*row]).sum::<f64>());
        let bootstrap = Bootstrap { seed: 3, resamples: 20 };
        if let Ok(found) = bootstrap.resample(&[a.len()], mean) {
            let interval = found.percentile(Level::P95);
            prop_assert!(interval.low <= interval.high);
            let _ = found.bca(Level::P95, &[a.len()], mean);
        }
        prop_assert_eq!(Level::new(p).is_ok(), p > 0.0 && p < 1.0);
    }
}
