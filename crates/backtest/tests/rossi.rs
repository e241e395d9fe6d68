//! The first acceptance: aid after release, imported by the mapping of the book, asked by the spec of the book, held
//! against lifelines, scikit-survival and statsmodels.

mod common;

use common::{Imported, changed, data, json, near, published};
use serde_json::Value as Json;
use throughline_backtest::{
    Error, Guard,
    causal::{CausalReport, Curve},
    spec::Unknown,
};

/// Half a unit of the last digit of the reference is 5e-7.
const EXACT: f64 = 1e-6;
const ITERATED: f64 = 1e-5;

#[test]
fn aid_after_release_agrees_with_three_other_programs() {
    let Some(file) = data("survival/rossi.csv") else { return };
    let reference = json(&file.with_file_name("rossi_reference.json"))["rossi"].clone();
    let imported = Imported::mapped("rossi", &file);
    let spec = published("rossi");
    let report = imported.causal(&spec).expect("a report");
    assert_eq!((report.people.entered, report.people.in_no_group), (432, 0));
    assert!(report.arms.iter().all(|arm| (arm.clients, arm.unknown, arm.without_covariates) == (216, 0, 0)));

    curves_agree(&report, &reference);
    tests_and_means_agree(&report, &reference);
    coefficients_agree(&report, &reference, "cox_efron_statsmodels", "Efron");
    coefficients_agree(&report, &reference, "cox_breslow_statsmodels", "Breslow");
    nobody_is_unknown_so_all_ways_to_count_agree(&report);
    assert_eq!(imported.causal(&spec).expect("again"), report, "two runs say the same");

    the_groups_must_be_comparable(&imported);
}

fn curves_agree(report: &CausalReport, reference: &Json) {
    let curves = &report.survival.as_ref().expect("curves").curves;
    for (nth, name) in ["km_all", "km_fin1", "km_fin0"].into_iter().enumerate() {
        let (curve, expected): (&Curve, &Json) = (&curves[nth], &reference[name]);
        assert_eq!(Json::from(curve.clients), expected["n"]);
        assert_eq!(Json::from(curve.events), expected["events"]);
        assert_eq!(curve.median, None);
        let mut compared = 0;
        for (time, at) in expected["at"].as_object().expect("times") {
            let time: f64 = time.parse().expect("a time");
            let found =
                curve.at.iter().find(|step| (step.time - time).abs() < 1e-12).expect("a time of the spec");
            near(name, found.survival, &at["S"], EXACT);
            near(name, found.standard_error, &at["se_greenwood"], EXACT);
            let (low, high) = found.interval.expect("an interval");
            near(name, low, &at["ci95_loglog"][0], EXACT);
            near(name, high, &at["ci95_loglog"][1], EXACT);
            // The reference calls "after" what stands just before.
            assert_eq!(Json::from(found.at_risk), at["at_risk_after"], "{name} at {time}");
            assert_eq!(Json::from(found.events), at["events_to_t"], "{name} at {time}");
            compared += 1;
        }
        assert!(compared >= 5, "{name}");
    }
}

fn tests_and_means_agree(report: &CausalReport, reference: &Json) {
    let survival = report.survival.as_ref().expect("tests");
    let expected = &reference["logrank_fin"];
    near("log-rank", survival.tests[0].chi_squared, &expected["chi2"], EXACT);
    near("log-rank", survival.tests[0].p_value, &expected["p"], EXACT);
    near("Gehan", survival.tests[1].chi_squared, &expected["gehan_wilcoxon_chi2"], EXACT);
    let expected = &reference["rmst_fin"];
    near("with aid", survival.restricted_means[0].mean, &expected["rmst_1"], ITERATED);
    near("with aid", survival.restricted_means[0].standard_error, &expected["se_1"], ITERATED);
    near("without", survival.restricted_means[1].mean, &expected["rmst_0"], ITERATED);
    let difference = &report.effects.iter().find(|effect| effect.none < 0.5).expect("a difference of means");
    near("difference", difference.value, &expected["diff"], ITERATED);
    near("difference", difference.standard_error, &expected["se"], ITERATED);
    near("difference", difference.low, &expected["ci95"][0], ITERATED);
    near("difference", difference.p_value, &expected["p"], ITERATED);
}

fn coefficients_agree(report: &CausalReport, reference: &Json, of: &str, ties: &str) {
    let expected = &reference[of];
    let columns = [
        ("fin", "aid"),
        ("age", "age"),
        ("race", "black"),
        ("wexp", "worked-before"),
        ("mar", "married"),
        ("paro", "on-parole"),
        ("prio", "convictions-before"),
    ];
    let model = format!("hazard ratio, adjusted ({ties})");
    for (theirs, ours) in columns {
        let all = &report.survival.as_ref().expect("models").coefficients;
        let found = all.iter().find(|one| one.model == model && one.covariate == ours).expect(ours);
        near(ours, found.value, &expected[theirs]["b"], ITERATED);
        near(ours, found.standard_error, &expected[theirs]["se"], ITERATED);
    }
}

fn nobody_is_unknown_so_all_ways_to_count_agree(report: &CausalReport) {
    let of = |unknown| -> Vec<f64> {
        report.effects.iter().filter(|effect| effect.unknown == unknown).map(|effect| effect.value).collect()
    };
    assert_eq!(of(Unknown::Unknown).len(), 3);
    assert_eq!(of(Unknown::Unknown), of(Unknown::Worst));
    assert_eq!(of(Unknown::Unknown), of(Unknown::Best));
    let difference = report.bounds.iter().find(|bound| bound.name == "difference, Manski").expect("bounds");
    assert!(
        (difference.high - difference.low).abs() < 1e-12 && (difference.low + 18.0 / 216.0).abs() < 1e-12
    );
}

/// Groups that nobody drew by lot, compared as if they were alike.
fn the_groups_must_be_comparable(imported: &Imported) {
    let refused = |changes: &[(&str, &str)]| match imported.causal(&changed("rossi", changes)) {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let lot = ", assigned = \"by-lot\"";
    let arm = "attribute = \"arm\", treated = \"aid\", control = \"no-aid\"";
    let married = "attribute = \"married\", treated = \"true\", control = \"false\"";
    let bad = refused(&[(arm, married), (lot, ""), (", \"married\"", "")]);
    assert_eq!(bad.guard, Guard::Comparable);
    assert!(bad.to_string().contains("`comparable` refuses"), "{bad}");
    // Who says a lot made them is held to it.
    let bad = refused(&[(arm, married), (", \"married\"", "")]);
    assert_eq!(bad.guard, Guard::Comparable);
    assert!(bad.why.contains("the chance that a lot made the groups differ so is 0"), "{bad}");
    // And without a lot something must be named in which they are alike.
    let covariates = "covariates = [\"age\", \"black\", \"worked-before\", \"married\", \"on-parole\", \"convictions-before\"]";
    let bad = refused(&[(lot, ""), (covariates, "")]);
    assert!(bad.why.contains("no covariate is named"), "{bad}");
}
