#!/usr/bin/env python3
"""Asks lifelines, scikit-survival, statsmodels and scipy for the figures of throughline-stats, and compares them.

Run it by hand, in an environment of its own:

    python3 -m venv compare && compare/bin/pip install lifelines scikit-survival statsmodels
    compare/bin/python crates/stats/tests/compare.py

The data: Rossi's (where the reference data are at hand), made data with many ties, censoring, delayed entry, three
groups, two strata and two causes, and clients of several spells whose covariate changes in time. The largest
difference of each figure is printed, relative where the figure is more than 1; the script fails where one is more
than its tolerance. What no package computes is computed here a second time, from the formula and in other steps.
"""
import json
import os
import pathlib
import subprocess
import sys
import warnings

import lifelines
import lifelines.statistics
import lifelines.utils
import numpy as np
import pandas as pd
import scipy.optimize
import scipy.stats
import sksurv.compare
import sksurv.nonparametric
import sksurv.util
import statsmodels.api as sm
import statsmodels.stats.multitest
import statsmodels.stats.proportion
from statsmodels.treatment.treatment_effects import TreatmentEffect

warnings.filterwarnings("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[3]
TIGHT = 1e-6
found = {}


def close(what, ours, theirs, tolerance=TIGHT):
    ours, theirs = np.ravel(np.asarray(ours, float)), np.ravel(np.asarray(theirs, float))
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} figures beside {theirs.shape}"
    assert len(ours), f"{what}: nothing to compare"
    difference = np.max(np.abs(ours - theirs) / np.maximum(1, np.abs(theirs)))
    before = found.get(what, (0, 0, tolerance))
    found[what] = (max(before[0], difference) if difference == difference else np.inf, before[1] + len(ours), tolerance)


def made(count, seed, entries, binary):
    random = np.random.default_rng(seed)
    group = random.integers(0, 2 if binary else 3, count)
    x = np.column_stack([group, random.normal(50, 12, count).round(1), random.integers(0, 2, count)])
    hazard = 0.04 * np.exp(0.4 * (group == 1) - 0.02 * (x[:, 1] - 50))
    event = np.ceil(random.exponential(1 / hazard))
    censored = random.integers(5, 40, count)
    entry = random.integers(0, 12, count) if entries else np.zeros(count)
    exit = np.minimum(event, censored).astype(float)
    cause = np.where(event <= censored, random.choice([1, 2], count, p=[0.7, 0.3]), 0)
    keep = exit > entry
    return pack(entry[keep] if entries else None, exit[keep], cause[keep], group[keep],
                random.integers(0, 2, count)[keep], x[keep], [3, 8, 15, 22, 29], 25)


def several_spells(count, seed):
    """Clients whose second covariate changes every four weeks."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        group, stratum, start = random.integers(0, 2), random.integers(0, 2), 0
        end, lost = int(random.integers(3, 40)), False
        while start < end:
            stop = min(start + 4, end)
            level = random.normal()
            lost = random.random() < 0.12 * np.exp(0.8 * level - 0.5 * group)
            rows.append((start, stop, int(lost), group, stratum, level))
            if lost:
                break
            start = stop
    start, stop, cause, group, stratum, level = map(np.array, zip(*rows))
    return pack(start, stop.astype(float), cause, group, stratum, np.column_stack([group, level]), [4, 8, 12, 16], 20)


def rossi():
    folder = pathlib.Path(os.environ.get("THROUGHLINE_TEST_DATA", ROOT / "../shared/data"))
    path = folder / "survival/rossi.csv"
    if not path.is_file():
        print(f"SKIPPED: {path} is not there; set THROUGHLINE_TEST_DATA to the reference data")
        return {}
    table = pd.read_csv(path)
    x = table[["fin", "age", "race", "wexp", "mar", "paro", "prio"]].to_numpy(float)
    return {"rossi": pack(None, table.week.to_numpy(float), table.arrest.to_numpy(), table.fin.to_numpy(),
                          table.race.to_numpy(), np.delete(x, 2, 1), [10, 20, 30, 40, 52], 52)}


def pack(entry, exit, cause, group, stratum, x, times, horizon):
    return dict(entry=[None] * len(exit) if entry is None else entry.astype(float).tolist(), exit=exit.tolist(),
                cause=cause.tolist(), group=group.tolist(), stratum=stratum.tolist(), x=x.tolist(), times=times,
                horizon=horizon)


def survival(name, data, ours):
    exit, cause, group, stratum, x = (np.array(data[key]) for key in ("exit", "cause", "group", "stratum", "x"))
    entry = None if data["entry"][0] is None else np.array(data["entry"], float)
    event, times = cause > 0, data["times"]

    curve = lifelines.KaplanMeierFitter().fit(exit, event, entry=entry)
    limits = curve.confidence_interval_.set_axis(["low", "high"], axis=1)
    at = lambda table: table.reindex(table.index.union(times)).ffill().loc[times]
    close("kaplan-meier", [row[0] for row in ours["curve"]["at"]], curve.survival_function_at_times(times))
    close("kaplan-meier interval", [row[2:] for row in ours["curve"]["at"]], at(limits))
    medians = lifelines.utils.median_survival_times(limits)
    theirs = [curve.median_survival_time_, *np.ravel(medians)]
    close("median and its interval", [np.inf if m is None else m for m in ours["curve"]["median"]]
          if np.all(np.isfinite(theirs)) else [0], theirs if np.all(np.isfinite(theirs)) else [0])
    if entry is None:
        t, s, c = sksurv.nonparametric.kaplan_meier_estimator(event, exit, conf_type="log-log")
        close("kaplan-meier interval", [row[2:] for row in ours["curve"]["at"]],
              [c[:, np.searchsorted(t, time, "right") - 1] for time in times])

    moments, at_risk, deaths = risk_table(entry, exit, event)
    close("greenwood error", [row[1] for row in ours["curve"]["at"]], [greenwood(moments, at_risk, deaths, t) for t in times])
    close("restricted mean", ours["restricted_mean"], area(moments, at_risk, deaths, data["horizon"]))
    close("restricted mean", ours["restricted_mean"][0],
          lifelines.utils.restricted_mean_survival_time(curve, t=data["horizon"]))

    for key, weights in (("log_rank", None), ("gehan", "gb")):
        if entry is None:
            close("log-rank", ours[key], sm.duration.survdiff(exit, event, group, weight_type=weights))
        close("log-rank, a second time", ours[key], mantel(entry, exit, event, group, 0 * group, weights))
    if entry is None:
        close("log-rank stratified", ours["stratified"], sm.duration.survdiff(exit, event, group, strata=stratum))
    close("log-rank stratified, a second time", ours["stratified"], mantel(entry, exit, event, group, stratum, None))
    if entry is None:
        close("log-rank", ours["log_rank"],
              sksurv.compare.compare_survival(sksurv.util.Surv.from_arrays(event, exit), group))

    for number in (1, 2) if cause.max() > 1 else ():
        own = np.array([row[:2] for row in ours["causes"][number - 1]])
        if entry is None:
            t, f, c = sksurv.nonparametric.cumulative_incidence_competing_risks(
                cause, exit, conf_type="log-log", var_type="Dinse_Approx")
            place = [np.searchsorted(t, time, "right") - 1 for time in times]
            close("aalen-johansen", own[:, 0], f[number][place])
            close("aalen-johansen interval", [row[2] for row in ours["causes"][number - 1]],
                  c[number][:, place].T)
        close("aalen-johansen error, by numerical derivatives", own, [incidence(entry, exit, cause, number, t) for t in times])

    for tied, models in zip(("efron", "breslow"), ours["cox"]):
        for strata, model in zip((None, stratum), models):
            # statsmodels has who enters at the time of an event at risk of it; here, as in R, only after it. Times are whole.
            after = None if entry is None else entry + 0.5
            theirs = sm.PHReg(exit, x, status=event.astype(int), entry=after, strata=strata, ties=tied)
            fit = theirs.fit(method="newton", maxiter=100, tol=1e-14, disp=0)
            what = f"cox {tied}" + ("" if strata is None else " stratified")
            b, v = fit.params, fit.cov_params()
            rows = np.column_stack([b, fit.bse, fit.pvalues, fit.conf_int()])
            close(what, model["coefficients"], rows)
            null = theirs.loglike(np.zeros(len(b)))
            close(what + " log-likelihoods", model["log_likelihood"], [null, fit.llf])
            close(what + " tests", [model["ratio"], model["wald"]], [2 * (fit.llf - null), b @ np.linalg.solve(v, b)])
            score, curvature = theirs.score(np.zeros(len(b))), theirs.hessian(np.zeros(len(b)))
            close(what + " tests", model["score"], -score @ np.linalg.solve(curvature, score))
    table = pd.DataFrame(x).add_prefix("x").assign(exit=exit, event=event, entry=0 if entry is None else entry)
    tight = dict(fit_options={"precision": 1e-13})
    fit = lifelines.CoxPHFitter().fit(table, "exit", "event", entry_col="entry", **tight)
    close("cox efron, lifelines", [row[:2] for row in ours["cox"][0][0]["coefficients"]],
          np.column_stack([fit.params_, fit.standard_errors_]), 1e-5)
    if entry is None:
        close("concordance", ours["cox"][0][0]["concordance"], fit.concordance_index_)


def risk_table(entry, exit, event):
    moments = np.unique(exit[event])
    entered = (lambda t: np.ones(len(exit), bool)) if entry is None else (lambda t: entry < t)
    at_risk = np.array([np.sum((exit >= t) & entered(t)) for t in moments])
    return moments, at_risk, np.array([np.sum(event & (exit == t)) for t in moments])


def mantel(entry, exit, event, group, strata, weights):
    """Table by table, its variance by the multivariate hypergeometric distribution."""
    groups = np.unique(group)
    differences, variance = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    for stratum in np.unique(strata):
        for time in np.unique(exit[event & (strata == stratum)]):
            here = (strata == stratum) & (exit >= time) & (True if entry is None else entry < time)
            sizes = np.array([np.sum(here & (group == g)) for g in groups])
            deaths = np.array([np.sum(here & event & (exit == time) & (group == g)) for g in groups])
            w = sizes.sum() if weights else 1
            table = scipy.stats.multivariate_hypergeom(sizes, deaths.sum())
            differences += w * (deaths - table.mean())
            variance += w**2 * (table.cov() if sizes.sum() > 1 else 0)
    statistic = differences @ np.linalg.pinv(variance, rcond=1e-12) @ differences
    return statistic, scipy.stats.chi2.sf(statistic, len(groups) - 1)


def greenwood(moments, at_risk, deaths, time):
    n, d = at_risk[moments <= time], deaths[moments <= time]
    return np.prod(1 - d / n) * np.sqrt(np.sum(d / n / (n - d)))


def area(moments, at_risk, deaths, horizon):
    """On a fine grid of the whole curve, and of what is left of it after each event."""
    ends = np.append(moments[moments < horizon], horizon)
    heights = np.cumprod(np.append(1, 1 - deaths / at_risk))[: len(ends)]
    parts = heights * np.diff(np.append(0, ends))
    n, d = at_risk[: len(ends) - 1], deaths[: len(ends) - 1]
    left = np.cumsum(parts[::-1])[::-1][1:]
    return [parts.sum(), np.sqrt(np.sum(left**2 * d / (n * (n - d))))]


def incidence(entry, exit, cause, number, time):
    """The share, and its variance by derivatives of the share in every hazard, taken numerically."""
    moments, at_risk, _ = risk_table(entry, exit, cause > 0)
    keep = moments <= time
    moments, at_risk = moments[keep], at_risk[keep]
    own = np.array([np.sum((cause == number) & (exit == t)) for t in moments]) / at_risk
    other = np.array([np.sum((cause > 0) & (cause != number) & (exit == t)) for t in moments]) / at_risk

    def share(own, other):
        before = np.cumprod(np.append(1, 1 - own - other))[:-1]
        return np.sum(before * own)

    variance, step = 0, 1e-6
    for place in range(len(moments)):
        bump = np.zeros(len(moments))
        bump[place] = step
        slopes = np.array([(share(own + bump, other) - share(own - bump, other)),
                           (share(own, other + bump) - share(own, other - bump))]) / (2 * step)
        chances = np.array([own[place], other[place]])
        variance += slopes @ (np.diag(chances) - np.outer(chances, chances)) @ slopes / at_risk[place]
    return share(own, other), np.sqrt(variance)


def means(data, ours):
    a, b, c, d = (np.array(data[key]) for key in "abcd")
    test = scipy.stats.ttest_ind(a, b, equal_var=False)
    limits = test.confidence_interval()
    close("welch", np.array(ours["welch"])[0, [0, 2, 3, 4]], [a.mean() - b.mean(), test.pvalue, limits.low, limits.high])
    y = np.concatenate([a, b, c, d])
    after = np.repeat([0, 1, 0, 1], [len(v) for v in (a, b, c, d)])
    changed = np.repeat([1, 1, 0, 0], [len(v) for v in (a, b, c, d)])
    fit = sm.OLS(y, np.column_stack([np.ones(len(y)), after, changed, after * changed])).fit(cov_type="HC2")
    close("difference in differences", ours["cells"][0][:2], [fit.params[3], fit.bse[3]])
    close("standardised difference", ours["standardised"],
          (a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    close("bootstrap percentile", ours["percentile"], np.quantile(ours["replicates"], [0.025, 0.975]))
    statistic = lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis)
    kept = type("Kept", (), {"bootstrap_distribution": np.array(ours["replicates"])})()
    again = scipy.stats.bootstrap((a, b), statistic, n_resamples=0, bootstrap_result=kept, method="BCa")
    close("bootstrap BCa", ours["bca"], again.confidence_interval)
    fresh = scipy.stats.bootstrap((a, b), statistic, n_resamples=20000, method="BCa", rng=np.random.default_rng(1))
    close("bootstrap, other draws", ours["bca"], fresh.confidence_interval, 0.1)


def fitted(fit):
    return np.column_stack([fit.params, fit.bse, fit.pvalues, fit.conf_int()])


def regression(data, ours):
    x, y = sm.add_constant(np.array(data["x"])), np.array(data["y"])
    close("ols", ours["classical"], fitted(sm.OLS(y, x).fit()))
    close("ols HC2", ours["hc2"], fitted(sm.OLS(y, x).fit(cov_type="HC2", use_t=True)))
    lags = dict(cov_type="HAC", cov_kwds=dict(maxlags=3, use_correction=True), use_t=True)
    close("ols Newey-West", ours["newey_west"], fitted(sm.OLS(y, x).fit(**lags)))


def series(data, ours):
    y, change = np.array(data["y"]), data["first_after"]
    t = np.arange(len(y))
    x = np.column_stack([np.ones(len(y)), t, t >= change, np.clip(t - change, 0, None)])
    lags = dict(cov_type="HAC", cov_kwds=dict(maxlags=ours["lags"], use_correction=True), use_t=True)
    close("interrupted series", ours["coefficients"], fitted(sm.OLS(y, x).fit(**lags)))


def weighting(data, ours):
    x, treated, y = sm.add_constant(np.array(data["x"])), np.array(data["treated"], bool), np.array(data["y"])
    model = sm.Logit(treated, x).fit(disp=0, tol=1e-14)
    close("logistic", ours["logistic"], fitted(model))
    close("logistic", ours["log_likelihood"], model.llf)
    e = model.predict()
    outcome = sm.OLS(y, x)
    for key, everyone in (("everyone", True), ("treated", False)):
        effect = TreatmentEffect(outcome, treated.astype(int), results_select=model)
        theirs = effect.ipw(return_results=True, effect_group="all" if everyone else 1)
        close(f"weighting, {key}", ours[key]["fitted"][0][0], np.ravel(theirs.effect)[0])
        close(f"weighting error, {key}", ours[key]["fitted"][0][1], stacked(x, treated, y, everyone))
        if everyone:
            gmm = theirs.results_gmm
            close("weighting error, statsmodels", ours[key]["fitted"][0][1], gmm.bse[0], 1e-3)
        w = np.where(treated, 1 / e, 1 / (1 - e)) if everyone else np.where(treated, 1, e / (1 - e))
        close("weighting, known", ours[key]["known"][0][:2], hajek(w, treated, y))
        inside = (e >= 0.2) & (e <= 0.8)
        close("weighting, overlap", ours[key]["overlap"][0][:2], hajek(w * inside, treated, y))
        close("weighting, overlap", ours[key]["trimmed"], np.sum(~inside))
        kish = [w[arm].sum() ** 2 / (w[arm] ** 2).sum() for arm in (treated, ~treated)]
        close("effective sample size", ours[key]["effective"], kish)


def hajek(w, treated, y):
    means = [np.average(y[arm], weights=w[arm]) for arm in (treated, ~treated)]
    parts = [np.sum((w[arm] * (y[arm] - mean)) ** 2) / w[arm].sum() ** 2 for arm, mean in zip((treated, ~treated), means)]
    return means[0] - means[1], np.sqrt(sum(parts))


def stacked(x, treated, y, everyone):
    """The sandwich of the estimating equations stacked, their derivatives taken numerically."""
    x = np.column_stack([x[:, 0], scipy.stats.zscore(x[:, 1:])])

    def equations(theta):
        e = 1 / (1 + np.exp(-x @ theta[2:]))
        w1, w0 = (1 / e, 1 / (1 - e)) if everyone else (np.ones(len(e)), e / (1 - e))
        return np.column_stack([treated * w1 * (y - theta[0]), ~treated * w0 * (y - theta[1]), (treated - e)[:, None] * x])
    model = sm.Logit(treated, x).fit(disp=0, tol=1e-14)
    e = model.predict()
    w = np.where(treated, 1 / e, 1 / (1 - e)) if everyone else np.where(treated, 1, e / (1 - e))
    theta = np.concatenate([[np.average(y[treated], weights=w[treated]), np.average(y[~treated], weights=w[~treated])],
                            model.params])
    slopes = np.empty((len(theta), len(theta)))
    for column in range(len(theta)):
        step = np.zeros(len(theta))
        step[column] = 1e-5 * max(1, abs(theta[column]))
        slopes[:, column] = (equations(theta + step) - equations(theta - step)).sum(0) / (2 * step[column])
    at = equations(theta)
    bread = np.linalg.inv(slopes)
    covariance = bread @ (at.T @ at) @ bread.T
    return np.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])


def lost(data, ours):
    first, second = np.array(data["first"]), np.array(data["second"])
    m1, m2 = data["first_missing"], data["second_missing"]
    filled = lambda seen, missing, end: np.append(seen, np.full(missing, data[end]))
    ends = []
    for one, two in (("low", "high"), ("high", "low")):
        f, s = filled(first, m1, one), filled(second, m2, two)
        ends.append((f.mean() - s.mean(), np.sqrt(f.var(ddof=1) / len(f) + s.var(ddof=1) / len(s))))
    close("manski bounds", ours["manski"], imbens_manski(*zip(*ends)))
    p1, p2 = len(first) / (len(first) + m1), len(second) / (len(second) + m2)
    bounds = lee(first, p1, second, p2) if p1 > p2 else turned(lee(second, p2, first, p1))
    close("lee bounds", ours["lee"], imbens_manski(*bounds))
    close("lee bounds", ours["lee_turned"], imbens_manski(*turned(bounds)))


def turned(bounds):
    return [-v for v in bounds[0][::-1]], bounds[1][::-1]


def lee(more, p_more, fewer, p_fewer):
    """Lee (2009), proposition 3, in his own terms; each client a hundred times so that the cut falls between two."""
    q = 1 - p_fewer / p_more
    n_more, n_fewer = len(more) / p_more, len(fewer) / p_fewer
    alpha, share = p_fewer, n_more / (n_more + n_fewer)
    n = n_more + n_fewer
    v_p = (1 - q) ** 2 * ((1 - alpha / (1 - q)) / (share * alpha / (1 - q)) + (1 - alpha) / ((1 - share) * alpha))
    means, errors = [], []
    for sign in (1, -1):
        dense = np.repeat(np.sort(sign * more), 1000)
        kept = dense[: int(round(len(dense) * (1 - q)))]
        count = len(more) * (1 - q)
        spread = kept.var() * count / (count - 1)
        seen = len(more) / n
        v = (spread + (kept[-1] - kept.mean()) ** 2 * q) / (seen * (1 - q)) + ((kept[-1] - kept.mean()) / (1 - q)) ** 2 * v_p
        means.append(sign * kept.mean() - fewer.mean())
        errors.append(np.sqrt(v / n + fewer.var(ddof=1) / len(fewer)))
    return means, errors


def imbens_manski(ends, errors):
    normal, width = scipy.stats.norm, (ends[1] - ends[0]) / max(errors)
    c = scipy.optimize.brentq(lambda c: normal.cdf(c + width) - normal.cdf(-c) - 0.95, 0, 5, xtol=1e-14)
    return [*ends, *errors, ends[0] - c * errors[0], ends[1] + c * errors[1]]


def shares(data, ours):
    proportion = statsmodels.stats.proportion
    counts = data["of"], data["out_of"], data["other_of"], data["other_out_of"]
    close("wilson", ours["wilson"], proportion.proportion_confint(*counts[:2], method="wilson"))
    close("newcombe", ours["newcombe"], proportion.confint_proportions_2indep(*counts, method="newcomb"))
    close("holm", ours["holm"], statsmodels.stats.multitest.multipletests(data["p_values"], method="holm")[1])


def inputs():
    random = np.random.default_rng(11)
    count = 400
    x = np.column_stack([random.normal(2000, 30, count), random.integers(0, 2, count), random.exponential(1, count)])
    chance = 1 / (1 + np.exp(-((x[:, 0] - 2000) / 40 + 0.5 * x[:, 1] - 0.6 * x[:, 2])))
    treated = random.random(count) < chance
    y = 3 + 2 * treated + (x[:, 0] - 2000) / 15 + x[:, 2] + random.normal(0, 1 + x[:, 2], count)
    noise = np.convolve(random.normal(0, 1, 60), [1, 0.6, 0.3])[:48]
    t = np.arange(48)
    return {
        "survival": rossi() | {
            "made, ties": made(300, 1, False, False), "made, delayed entry": made(400, 2, True, True),
            "several spells": several_spells(150, 3),
        },
        "means": {key: random.gamma(2, 3 + place, 30 + 7 * place).tolist() for place, key in enumerate("abcd")},
        "regression": {"x": x.tolist(), "y": y.tolist()},
        "weighting": {"x": x.tolist(), "y": y.tolist(), "treated": treated.astype(int).tolist()},
        "series": {"y": (20 + 0.3 * t + 4 * (t >= 30) - 0.2 * np.clip(t - 30, 0, None) + noise).tolist(), "first_after": 30},
        "lost": {"first": random.beta(3, 2, 45).tolist(), "first_missing": 5, "second": random.beta(2, 2, 39).tolist(),
                 "second_missing": 13, "low": 0, "high": 1},
        "shares": {"of": 56, "out_of": 70, "other_of": 48, "other_out_of": 80,
                   "p_values": [0.011, 0.02, 0.04, 0.0004, 0.6, 0.04]},
    }


def main():
    data = inputs()
    command = ["cargo", "run", "-q", "-p", "throughline-stats", "--example", "figures"]
    run = subprocess.run(command, cwd=ROOT, input=json.dumps(data), text=True, capture_output=True)
    if run.returncode:
        sys.exit(run.stderr)
    ours = json.loads(run.stdout)
    for name, table in data["survival"].items():
        survival(name, table, ours[name])
    for part in (means, regression, weighting, series, lost, shares):
        part(data[part.__name__], ours[part.__name__])
    print(f"{'largest difference':>20}  {'tolerance':>9}  {'figures':>7}  of")
    for what, (difference, count, tolerance) in found.items():
        print(f"{difference:20.1e}  {tolerance:9.0e}  {count:7}  {what}{'' if difference <= tolerance else '   TOO FAR'}")
    sys.exit(any(difference > tolerance for difference, _, tolerance in found.values()))


if __name__ == "__main__":
    main()
