//! Before and after a change: difference in differences, and the interrupted time series.

use jiff::civil::Date;
use throughline_stats::{
    BeforeAfter, Errors, Estimate, difference_in_differences, interrupted_series, newey_west_lags,
};

use crate::{
    Error, Guard, Refusal,
    cohort::days_between,
    outcome::day_after,
    spec::{Causal, Unknown},
};

use super::{
    EVERY_WAY,
    comparable::{Compared, PLACEBO_P_MIN},
    effect,
    groups::Groups,
    report::{Effect, Point},
    values::Measured,
};

/// The least number of clients in each of the four cells.
const CELL_MIN: usize = 30;
/// The least number of points on either side of a change (Penfold and Zhang 2013).
pub const POINTS_MIN: usize = 8;
/// The least number of clients behind a point.
const POINT_CLIENTS_MIN: usize = 5;

/// What a method over time found.
pub(crate) struct Told {
    pub effects: Vec<Effect>,
    pub placebo: Vec<Effect>,
    pub series: Vec<Point>,
}

/// How much more the group with the change moved, from before the change to after it, than the other.
pub(crate) fn differences(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    measured: &Measured<'_>,
    values: &[Option<f64>],
    change: Date,
    compared: &mut Compared,
) -> Result<Told, Error> {
    let cells = Cells::of(groups, values, change);
    let least = cells.0.iter().map(Vec::len).min().unwrap_or(0);
    compared.people(
        "the number of clients in the smallest of the four cells",
        least,
        CELL_MIN,
        "widen the cohort",
    )?;
    let placebo = placebo_day(causal, groups, change);
    let before: Vec<Option<f64>> = groups
        .members
        .iter()
        .zip(values)
        .map(|(member, value)| value.filter(|_| member.entrant.zero < change))
        .collect();
    let earlier = Cells::of(groups, &before, placebo);
    let least = earlier.0.iter().map(Vec::len).min().unwrap_or(0);
    let what = "the number of clients in the smallest cell before the change, where no effect can be";
    compared.people(what, least, CELL_MIN / 2, "take in clients from longer before the change")?;
    let trend = earlier.difference()?;
    let placebo = effect(
        format!("before the change, as if it had been on {placebo}"),
        Unknown::Unknown,
        &trend,
        earlier.len(),
    );
    nothing_there(compared, "the trends of the groups before the change", placebo.p_value)?;
    let mut effects = Vec::new();
    for unknown in EVERY_WAY {
        let filled: Vec<Option<f64>> =
            values.iter().map(|value| value.or_else(|| measured.filled(unknown))).collect();
        let cells = Cells::of(groups, &filled, change);
        effects.push(effect("difference in differences".into(), unknown, &cells.difference()?, cells.len()));
    }
    let series = points(causal, groups, values, change, true);
    Ok(Told { effects, placebo: vec![placebo], series })
}

/// What is found where no effect can be must be what chance gives.
pub(crate) fn nothing_there(compared: &mut Compared, what: &str, p_value: f64) -> Result<(), Error> {
    let what = format!("the chance of such a difference in {what}");
    compared.at_least(
        &what,
        p_value,
        PLACEBO_P_MIN,
        "compare with a group that moved alike before, or look at another span",
    )
}

fn placebo_day(causal: &Causal, groups: &Groups<'_, '_>, change: Date) -> Date {
    if let Some(day) = causal.placebo.as_ref().and_then(|placebo| placebo.from) {
        return day;
    }
    let first = groups.members.iter().map(|member| member.entrant.zero).min().unwrap_or(change);
    day_after(first, days_between(first, change) / 2)
}

/// Values by group and side of a change: with it after and before, without it after and before.
struct Cells([Vec<f64>; 4]);

impl Cells {
    fn of(groups: &Groups<'_, '_>, values: &[Option<f64>], change: Date) -> Self {
        let mut cells: [Vec<f64>; 4] = Default::default();
        for (member, value) in groups.members.iter().zip(values) {
            let place = 2 * usize::from(!member.treated) + usize::from(member.entrant.zero < change);
            cells[place].extend(*value);
        }
        Self(cells)
    }

    fn difference(&self) -> Result<Estimate, Error> {
        let [after, before, other_after, other_before] = &self.0;
        Ok(difference_in_differences(
            BeforeAfter { before, after },
            BeforeAfter { before: other_before, after: other_after },
        )?)
    }

    fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

/// The level and the slope of a series of means, by the time of entry, before and after a change.
pub(crate) fn interrupted(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    measured: &Measured<'_>,
    values: &[Option<f64>],
    change: Date,
    compared: &mut Compared,
) -> Result<Told, Error> {
    let mut series = points(causal, groups, values, change, false);
    let before = series.iter().filter(|point| !point.after).count();
    let after = series.len() - before;
    let more = "take in clients over a longer time, or make `every` shorter";
    compared.at_least("the number of points before the change", before as f64, POINTS_MIN as f64, more)?;
    compared.at_least("the number of points after the change", after as f64, POINTS_MIN as f64, more)?;
    if let Some(gap) =
        series.windows(2).find(|pair| days_between(pair[0].from, pair[1].from) != causal.every.in_days())
    {
        let why = format!("the series has no point after the one of {}", gap[0].from);
        return Err(Refusal::new(Guard::Comparable, why, "make `every` longer").into());
    }
    let least = series.iter().map(|point| point.clients).min().unwrap_or(0);
    let least = usize::try_from(least).unwrap_or(usize::MAX);
    compared.people(
        "the number of clients behind a point",
        least,
        POINT_CLIENTS_MIN,
        "make `every` longer",
    )?;

    let placebo = placebo_of_series(causal, groups, &series[..before], change)?;
    for found in &placebo {
        nothing_there(compared, &format!("the series before the change: {}", found.name), found.p_value)?;
    }
    let mut effects = Vec::new();
    for unknown in EVERY_WAY {
        let filled: Vec<Option<f64>> =
            values.iter().map(|value| value.or_else(|| measured.filled(unknown))).collect();
        let counted = points(causal, groups, &filled, change, false);
        let means: Vec<f64> = counted.iter().map(|point| point.mean).collect();
        let first_after = counted.iter().filter(|point| !point.after).count();
        let lags = newey_west_lags(means.len());
        let fitted = interrupted_series(&means, first_after, Errors::NeweyWest { lags })?;
        let clients = counted.iter().map(|point| point.clients).sum::<u64>();
        let clients = usize::try_from(clients).unwrap_or(usize::MAX);
        effects.push(effect("change of level".into(), unknown, &fitted.level_change, clients));
        let name = format!("change of slope, per {}", causal.every);
        effects.push(effect(name, unknown, &fitted.slope_change, clients));
        if unknown == Unknown::Unknown {
            let left = &fitted.regression.residuals;
            series.iter_mut().zip(left).for_each(|(point, left)| point.fitted = Some(point.mean - left));
        }
    }
    Ok(Told { effects, placebo, series })
}

/// The same break in the middle of the time before the change, where there are points enough for one.
fn placebo_of_series(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    before: &[Point],
    change: Date,
) -> Result<Vec<Effect>, Error> {
    let day = placebo_day(causal, groups, change);
    let first_after = before.iter().filter(|point| point.from < day).count();
    if first_after < 4 || before.len() - first_after < 4 {
        return Ok(Vec::new());
    }
    let means: Vec<f64> = before.iter().map(|point| point.mean).collect();
    let lags = newey_west_lags(means.len());
    let fitted = interrupted_series(&means, first_after, Errors::NeweyWest { lags })?;
    let clients = before.iter().map(|point| point.clients).sum::<u64>();
    let clients = usize::try_from(clients).unwrap_or(usize::MAX);
    let name = format!("change of level, as if it had been on {}", before[first_after].from);
    Ok(vec![effect(name, Unknown::Unknown, &fitted.level_change, clients)])
}

/// The mean of the clients who entered in each stretch of `every` days, counted from the change both ways. A stretch
/// that reaches past the first or the last entry is not whole, and left out.
fn points(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    values: &[Option<f64>],
    change: Date,
    by_arm: bool,
) -> Vec<Point> {
    let every = causal.every.in_days();
    let zeros = || groups.members.iter().map(|member| days_between(change, member.entrant.zero));
    let (first, last) = (zeros().min().unwrap_or(0), zeros().max().unwrap_or(0));
    let mut sums: std::collections::BTreeMap<(bool, i64), (u64, f64)> = std::collections::BTreeMap::new();
    for (member, value) in groups.members.iter().zip(values) {
        let Some(value) = value else { continue };
        let stretch = days_between(change, member.entrant.zero).div_euclid(every);
        if stretch * every < first || (stretch + 1) * every - 1 > last {
            continue;
        }
        let sum = sums.entry((by_arm && !member.treated, stretch)).or_default();
        *sum = (sum.0 + 1, sum.1 + value);
    }
    let arm = |control: bool| {
        let arms = causal.arms.as_ref().filter(|_| by_arm)?;
        Some(if control { arms.control.clone() } else { arms.treated.clone() })
    };
    sums.into_iter()
        .map(|((control, stretch), (clients, sum))| Point {
            from: day_after(change, stretch * every),
            arm: arm(control),
            after: stretch >= 0,
            clients,
            mean: sum / clients as f64,
            fitted: None,
        })
        .collect()
}
