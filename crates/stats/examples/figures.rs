//! Every statistic of data given as JSON on standard input, as JSON on standard output: for
//! `crates/stats/tests/compare.py`, which asks other programs for the same figures.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for one script, which reads its output"
)]

use serde_json::{Map, Value as Json, json};
use throughline_stats::*;

fn main() {
    let input: Json = serde_json::from_reader(std::io::stdin()).unwrap();
    let mut figures = Map::new();
    for (name, data) in input["survival"].as_object().unwrap() {
        figures.insert(name.clone(), survival(data));
    }
    figures.insert("means".to_owned(), means(&input["means"]));
    figures.insert("regression".to_owned(), regression(&input["regression"]));
    figures.insert("weighting".to_owned(), weighting(&input["weighting"]));
    figures.insert("series".to_owned(), series(&input["series"]));
    figures.insert("lost".to_owned(), lost(&input["lost"]));
    figures.insert("shares".to_owned(), shares(&input["shares"]));
    println!("{}", Json::Object(figures));
}

fn survival(data: &Json) -> Json {
    let spells: Vec<Spell> = numbers(&data["exit"])
        .into_iter()
        .enumerate()
        .map(|(row, exit)| {
            let cause = u32::try_from(data["cause"][row].as_u64().unwrap()).unwrap();
            let end = if cause == 0 { End::Censored } else { End::Event(cause) };
            Spell { entry: data["entry"][row].as_f64(), exit, end }
        })
        .collect();
    let of = |group: u64, stratum: Option<u64>| -> Vec<Spell> {
        (0..spells.len())
            .filter(|row| data["group"][*row] == group)
            .filter(|row| stratum.is_none_or(|stratum| data["stratum"][*row] == stratum))
            .map(|row| spells[row])
            .collect()
    };
    let groups: Vec<Vec<Spell>> =
        (0..3).map(|group| of(group, None)).filter(|group| !group.is_empty()).collect();
    let in_strata: Vec<Vec<Vec<Spell>>> = (0..2)
        .map(|stratum| (0..groups.len() as u64).map(|group| of(group, Some(stratum))).collect())
        .collect();
    let borrowed: Vec<Vec<&[Spell]>> =
        in_strata.iter().map(|groups| groups.iter().map(Vec::as_slice).collect()).collect();
    let strata: Vec<&[&[Spell]]> = borrowed.iter().map(Vec::as_slice).collect();
    let flat: Vec<&[Spell]> = groups.iter().map(Vec::as_slice).collect();
    let test = |found: LogRank| json!([found.test.statistic, found.test.p_value()]);
    let stratum_numbers: Vec<u32> =
        numbers(&data["stratum"]).iter().map(|number| u32::from(*number > 0.5)).collect();
    let (covariates, horizon) = (matrix(&data["x"]), data["horizon"].as_f64().unwrap());
    let models = [Ties::Efron, Ties::Breslow].map(|ties| {
        let plain = Cox::fit(&spells, &covariates, ties).unwrap();
        json!([cox(&plain), cox(&Cox::fit_stratified(&spells, &covariates, &stratum_numbers, ties).unwrap())])
    });
    let mean = restricted_mean(&spells, horizon).unwrap();
    json!({
        "curve": curve(&spells, &numbers(&data["times"])),
        "causes": causes(&spells, &numbers(&data["times"])),
        "log_rank": test(log_rank(&flat, Weighting::LogRank).unwrap()),
        "gehan": test(log_rank(&flat, Weighting::Gehan).unwrap()),
        "stratified": test(stratified_log_rank(&strata, Weighting::LogRank).unwrap()),
        "restricted_mean": [mean.mean, mean.standard_error],
        "cox": models,
    })
}

fn curve(spells: &[Spell], times: &[f64]) -> Json {
    let curve = KaplanMeier::fit(spells).unwrap();
    let at = times.iter().map(|time| {
        let interval = curve.interval_at(*time, Level::P95, Scale::LogLog).unwrap();
        json!([curve.survival_at(*time), curve.standard_error_at(*time), interval.low, interval.high])
    });
    let (low, high) = curve.median_interval(Level::P95, Scale::LogLog);
    json!({ "median": [curve.median(), low, high], "at": at.collect::<Vec<_>>() })
}

fn causes(spells: &[Spell], times: &[f64]) -> Json {
    let curves = AalenJohansen::fit(spells).unwrap();
    let of = |cause: u32| -> Vec<Json> {
        let at = |time: &f64| {
            let interval = curves.interval_at(cause, *time, Level::P95).map(|found| [found.low, found.high]);
            json!([curves.incidence_at(cause, *time), curves.standard_error_at(cause, *time), interval])
        };
        times.iter().map(at).collect()
    };
    json!([of(1), of(2)])
}

fn cox(fit: &Cox) -> Json {
    json!({
        "coefficients": estimates(&fit.coefficients), "log_likelihood": [fit.log_likelihood_null, fit.log_likelihood],
        "ratio": fit.likelihood_ratio.statistic, "wald": fit.wald.statistic, "score": fit.score.statistic,
        "concordance": fit.concordance, "iterations": fit.iterations,
    })
}

fn means(data: &Json) -> Json {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| numbers(&data[name]));
    let arms = |before, after| BeforeAfter { before, after };
    let (sizes, statistic) = ([a.len(), b.len()], |rows: &[Vec<usize>]| {
        let mean = |values: &[f64], rows: &[usize]| {
            rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len() as f64
        };
        Ok(mean(&a, &rows[0]) - mean(&b, &rows[1]))
    });
    let resampled = Bootstrap { seed: 2024, resamples: 2000 }.resample(&sizes, statistic).unwrap();
    let (plain, bca) =
        (resampled.percentile(Level::P95), resampled.bca(Level::P95, &sizes, statistic).unwrap());
    json!({
        "welch": estimates(&[welch(&a, &b).unwrap()]),
        "cells": estimates(&[difference_in_differences(arms(&a, &b), arms(&c, &d)).unwrap()]),
        "standardised": standardised_difference(&a, &b).unwrap(),
        "replicates": resampled.replicates(),
        "percentile": [plain.low, plain.high],
        "bca": [bca.low, bca.high],
    })
}

fn regression(data: &Json) -> Json {
    let (x, y) = (matrix(&data["x"]), numbers(&data["y"]));
    let fit = |errors| estimates(&least_squares(&x, &y, errors).unwrap().coefficients);
    json!({
        "classical": fit(Errors::Classical), "hc2": fit(Errors::Hc2), "newey_west": fit(Errors::NeweyWest { lags: 3 }),
    })
}

fn weighting(data: &Json) -> Json {
    let (x, y) = (matrix(&data["x"]), numbers(&data["y"]));
    let treated: Vec<bool> = numbers(&data["treated"]).iter().map(|treated| *treated > 0.5).collect();
    let whole = [Estimand::Everyone, Estimand::Treated].map(|estimand| {
        let (found, model) = propensity_weighted_effect(&x, &treated, &y, estimand, 0.0..=1.0).unwrap();
        let known = weighted_effect(&treated, &model.probabilities, &y, estimand, 0.0..=1.0).unwrap();
        let overlap = weighted_effect(&treated, &model.probabilities, &y, estimand, 0.2..=0.8).unwrap();
        json!({
            "fitted": estimates(&[found.effect]), "known": estimates(&[known.effect]),
            "overlap": estimates(&[overlap.effect]), "trimmed": overlap.trimmed,
            "effective": [found.effective_treated, found.effective_untreated],
        })
    });
    let model = logistic(&x, &treated).unwrap();
    json!({
        "logistic": estimates(&model.coefficients), "log_likelihood": model.log_likelihood,
        "everyone": whole[0], "treated": whole[1],
    })
}

fn series(data: &Json) -> Json {
    let (y, first_after) =
        (numbers(&data["y"]), usize::try_from(data["first_after"].as_u64().unwrap()).unwrap());
    let errors = Errors::NeweyWest { lags: newey_west_lags(y.len()) };
    let found = interrupted_series(&y, first_after, errors).unwrap();
    json!({ "lags": newey_west_lags(y.len()), "coefficients": estimates(&found.regression.coefficients) })
}

fn lost(data: &Json) -> Json {
    let missing = |name: &str| usize::try_from(data[name].as_u64().unwrap()).unwrap();
    let (first, second) = (numbers(&data["first"]), numbers(&data["second"]));
    let first = Arm { observed: &first, missing: missing("first_missing") };
    let second = Arm { observed: &second, missing: missing("second_missing") };
    let range = Interval { low: data["low"].as_f64().unwrap(), high: data["high"].as_f64().unwrap() };
    let shown = |bounds: Bounds| {
        let interval = bounds.interval(Level::P95);
        json!([
            bounds.identified.low,
            bounds.identified.high,
            bounds.low_standard_error,
            bounds.high_standard_error,
            interval.low,
            interval.high
        ])
    };
    json!({
        "manski": shown(manski_difference(first, second, range).unwrap()),
        "lee": shown(lee_bounds(first, second).unwrap().effect),
        "lee_turned": shown(lee_bounds(second, first).unwrap().effect),
    })
}

fn shares(data: &Json) -> Json {
    let count = |name: &str| data[name].as_u64().unwrap();
    let first = Proportion::new(count("of"), count("out_of")).unwrap();
    let second = Proportion::new(count("other_of"), count("other_out_of")).unwrap();
    let (wilson, (_, newcombe)) = (first.interval(Level::P95), first.difference(second, Level::P95));
    json!({
        "wilson": [wilson.low, wilson.high],
        "newcombe": [newcombe.low, newcombe.high],
        "holm": holm(&numbers(&data["p_values"])).unwrap(),
    })
}

/// Value, standard error, p-value and interval of each.
fn estimates(estimates: &[Estimate]) -> Json {
    let shown = |estimate: &Estimate| {
        let interval = estimate.interval(Level::P95);
        json!([estimate.value, estimate.standard_error, estimate.p_value(), interval.low, interval.high])
    };
    estimates.iter().map(shown).collect()
}

fn numbers(list: &Json) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn matrix(list: &Json) -> Matrix {
    Matrix::from_rows(&list.as_array().unwrap().iter().map(numbers).collect::<Vec<_>>()).unwrap()
}
