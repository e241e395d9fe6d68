//! Time to the outcome, by group.

use throughline_stats::{
    AalenJohansen, Cox, KaplanMeier, Level, Matrix, Scale, Spell, Ties, Weighting, log_rank, restricted_mean,
    restricted_mean_difference, smallest_detectable_effect, smallest_detectable_hazard_ratio,
    stratified_log_rank,
};

use crate::{
    Error,
    spec::{Causal, Spec, Unknown},
};

use super::{
    EVERY_WAY, POWER,
    comparable::{Compared, EVENTS_MIN, EVENTS_PER_ARM_MIN, EVENTS_PER_COEFFICIENT_MIN, named},
    groups::Groups,
    report::{Coefficient, Curve, Detectable, Effect, Incidence, RestrictedMean, Step, Survival, Test},
    spells::Spells,
};

/// Everything that is said of time to the outcome.
pub(crate) struct Told {
    pub survival: Survival,
    pub effects: Vec<Effect>,
    pub detectable: Vec<Detectable>,
}

/// The names of the groups: everyone, those with the change, those without.
fn names(causal: &Causal) -> [String; 3] {
    let of =
        |name: fn(&crate::spec::Arms) -> &String| causal.arms.as_ref().map(name).cloned().unwrap_or_default();
    ["all".to_owned(), of(|arms| &arms.treated), of(|arms| &arms.control)]
}

pub(crate) fn tell(
    spec: &Spec,
    causal: &Causal,
    groups: &Groups<'_, '_>,
    spells: &Spells,
    compared: &mut Compared,
) -> Result<Told, Error> {
    let own = spells.of_outcome(Unknown::Unknown);
    let (treated, control) = split(groups, &own);
    enough_events(groups, spells, compared)?;

    let names = names(causal);
    let curves = [(&names[0], &own), (&names[1], &treated), (&names[2], &control)]
        .into_iter()
        .map(|(name, spells_of)| curve(name, spells_of, causal, spells))
        .collect::<Result<_, _>>()?;
    let horizon = spells.told(spells.horizon);
    let mut restricted_means = Vec::new();
    for (name, of) in [(&names[1], &treated), (&names[2], &control)] {
        let found = restricted_mean(of, horizon)?;
        let (mean, standard_error) = (found.mean, found.standard_error);
        restricted_means.push(RestrictedMean { arm: name.clone(), mean, standard_error });
    }
    let incidences = incidences(spec, causal, groups, spells, &names)?;
    let tests = tests(causal, groups, &own)?;
    let (mut coefficients, mut effects) = (Vec::new(), Vec::new());
    for unknown in EVERY_WAY {
        let counted = spells.of_outcome(unknown);
        let models = models(causal, groups, &counted, unknown)?;
        effects.extend(models.iter().filter(|model| model.is_primary).map(Model::effect));
        effects.push(mean_difference(causal, groups, &counted, horizon, unknown)?);
        if unknown == Unknown::Unknown {
            coefficients.extend(models.iter().flat_map(Model::coefficients));
        }
    }
    let detectable = detectable(groups, &own, &effects)?;
    let survival = Survival { curves, tests, restricted_means, coefficients, incidences, horizon };
    Ok(Told { survival, effects, detectable })
}

fn split(groups: &Groups<'_, '_>, spells: &[Spell]) -> (Vec<Spell>, Vec<Spell>) {
    let (treated, control): (Vec<_>, Vec<_>) =
        groups.members.iter().zip(spells).partition(|(member, _)| member.treated);
    let only = |pairs: Vec<(_, &Spell)>| pairs.into_iter().map(|(_, spell)| *spell).collect();
    (only(treated), only(control))
}

fn enough_events(groups: &Groups<'_, '_>, spells: &Spells, compared: &mut Compared) -> Result<(), Error> {
    let events = |of: Option<bool>| {
        let rows = groups.members.iter().enumerate();
        rows.filter(|(row, member)| of.is_none_or(|of| member.treated == of) && spells.happened(*row)).count()
    };
    let longer = "lengthen the follow-up or widen the cohort";
    compared.people("the number of events", events(None), EVENTS_MIN, longer)?;
    let least = events(Some(true)).min(events(Some(false)));
    compared.people("the number of events in the group with fewer", least, EVENTS_PER_ARM_MIN, longer)?;
    if !groups.columns.is_empty() {
        let rows = groups.members.iter().enumerate();
        let adjusted =
            rows.filter(|(row, member)| member.covariates.is_some() && spells.happened(*row)).count();
        let needed = EVENTS_PER_COEFFICIENT_MIN * (groups.columns.len() + 1);
        let what = "the number of events for the coefficients of the adjusted model";
        compared.people(what, adjusted, needed, "name fewer covariates, or lengthen the follow-up")?;
    }
    Ok(())
}

/// Kaplan and Meier's curve with Greenwood's errors.
fn curve(arm: &str, of: &[Spell], causal: &Causal, spells: &Spells) -> Result<Curve, Error> {
    let fitted = KaplanMeier::fit(of)?;
    let step = |time: f64| Step {
        time,
        at_risk: of.iter().filter(|spell| spell.exit >= time).count() as u64,
        events: fitted.steps().iter().filter(|step| step.time <= time).map(|step| step.events).sum(),
        survival: fitted.survival_at(time),
        standard_error: fitted.standard_error_at(time),
        interval: fitted.interval_at(time, Level::P95, Scale::LogLog).map(|it| (it.low, it.high)),
    };
    Ok(Curve {
        arm: arm.to_owned(),
        clients: of.len() as u64,
        events: fitted.steps().iter().map(|step| step.events).sum(),
        median: fitted.median(),
        median_interval: fitted.median_interval(Level::P95, Scale::LogLog),
        steps: fitted.steps().iter().map(|at| step(at.time)).collect(),
        at: causal.at.iter().map(|at| step(spells.told(at.in_days()))).collect(),
    })
}

fn tests(causal: &Causal, groups: &Groups<'_, '_>, spells: &[Spell]) -> Result<Vec<Test>, Error> {
    let (treated, control) = split(groups, spells);
    let test = |name: &str, found: throughline_stats::LogRank| Test {
        name: name.to_owned(),
        chi_squared: found.test.statistic,
        degrees_of_freedom: found.test.degrees_of_freedom as u64,
        p_value: found.test.p_value(),
    };
    let mut tests = vec![
        test("log-rank", log_rank(&[&treated, &control], Weighting::LogRank)?),
        test("Gehan-Wilcoxon", log_rank(&[&treated, &control], Weighting::Gehan)?),
    ];
    if let Some(name) = &causal.strata {
        let mut strata: Vec<[Vec<Spell>; 2]> = Vec::new();
        for (member, spell) in groups.members.iter().zip(spells) {
            let stratum = member.stratum as usize;
            strata.resize_with(strata.len().max(stratum + 1), Default::default);
            strata[stratum][usize::from(!member.treated)].push(*spell);
        }
        let parts: Vec<[&[Spell]; 2]> = strata.iter().map(|[one, other]| [&one[..], &other[..]]).collect();
        let parts: Vec<&[&[Spell]]> = parts.iter().map(|part| &part[..]).collect();
        let found = stratified_log_rank(&parts, Weighting::LogRank)?;
        tests.push(test(&format!("log-rank within {name}"), found));
    }
    Ok(tests)
}

/// One fitted model of hazards.
struct Model {
    name: String,
    covariates: Vec<String>,
    fitted: Cox,
    clients: u64,
    unknown: Unknown,
    /// By Efron's way with ties; the other is told for comparison.
    is_primary: bool,
}

/// The hazard ratio alone, and with the covariates; each with both ways to meet ties.
fn models(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    spells: &[Spell],
    unknown: Unknown,
) -> Result<Vec<Model>, Error> {
    let arm = || causal.arms.as_ref().map(|arms| arms.treated.clone()).unwrap_or_default();
    let one = |treated: bool| f64::from(u8::from(treated));
    let all: Vec<usize> = (0..groups.members.len()).collect();
    let complete: Vec<usize> =
        all.iter().copied().filter(|row| groups.members[*row].covariates.is_some()).collect();
    let mut kinds = vec![("unadjusted", all, false)];
    if !groups.columns.is_empty() {
        kinds.push(("adjusted", complete, true));
    }
    let mut models = Vec::new();
    for (kind, rows, adjusted) in kinds {
        let matrix: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| {
                let member = &groups.members[*row];
                let others = member.covariates.iter().flatten().copied().filter(|_| adjusted);
                std::iter::once(one(member.treated)).chain(others).collect()
            })
            .collect();
        let matrix = Matrix::from_rows(&matrix)?;
        let own: Vec<Spell> = rows.iter().map(|row| spells[*row]).collect();
        let strata: Vec<u32> = rows.iter().map(|row| groups.members[*row].stratum).collect();
        for (ties, of) in [(Ties::Efron, "Efron"), (Ties::Breslow, "Breslow")] {
            let within = causal.strata.as_ref().map(|name| format!(", within {name}")).unwrap_or_default();
            let names = groups.columns.iter().filter(|_| adjusted).cloned();
            let names: Vec<String> = std::iter::once(arm()).chain(names).collect();
            models.push(Model {
                name: format!("hazard ratio, {kind}{within} ({of})"),
                fitted: Cox::fit_stratified(&own, &matrix, &strata, ties)
                    .map_err(|error| named(error, &names))?,
                covariates: names,
                clients: rows.len() as u64,
                unknown,
                is_primary: ties == Ties::Efron,
            });
        }
    }
    Ok(models)
}

impl Model {
    fn coefficients(&self) -> Vec<Coefficient> {
        let named = self.fitted.coefficients.iter().zip(&self.covariates);
        named
            .map(|(estimate, covariate)| {
                let interval = estimate.interval(Level::P95);
                Coefficient {
                    model: self.name.clone(),
                    covariate: covariate.clone(),
                    value: estimate.value,
                    standard_error: estimate.standard_error,
                    hazard_ratio: estimate.value.exp(),
                    low: interval.low.exp(),
                    high: interval.high.exp(),
                    p_value: estimate.p_value(),
                }
            })
            .collect()
    }

    /// The coefficient of the change.
    fn effect(&self) -> Effect {
        let estimate = &self.fitted.coefficients[0];
        let interval = estimate.interval(Level::P95);
        Effect {
            name: self.name.clone(),
            unknown: self.unknown,
            value: estimate.value.exp(),
            low: interval.low.exp(),
            high: interval.high.exp(),
            standard_error: estimate.standard_error,
            p_value: estimate.p_value(),
            none: 1.0,
            clients: self.clients,
        }
    }
}

fn mean_difference(
    causal: &Causal,
    groups: &Groups<'_, '_>,
    spells: &[Spell],
    horizon: f64,
    unknown: Unknown,
) -> Result<Effect, Error> {
    let (treated, control) = split(groups, spells);
    let found = restricted_mean_difference(&treated, &control, horizon)?;
    let name = format!("mean time without the outcome up to {horizon} {}, difference", causal.unit.name());
    Ok(super::effect(name, unknown, &found, spells.len()))
}

/// Aalen and Johansen's shares, where outcomes compete.
fn incidences(
    spec: &Spec,
    causal: &Causal,
    groups: &Groups<'_, '_>,
    spells: &Spells,
    names: &[String; 3],
) -> Result<Vec<Incidence>, Error> {
    if spec.outcome.competing.is_empty() {
        return Ok(Vec::new());
    }
    let own = spells.with_competing();
    let (treated, control) = split(groups, &own);
    let causes = std::iter::once(&spec.outcome.name).chain(&spec.outcome.competing);
    let mut told = Vec::new();
    for (arm, of) in names.iter().zip([&own, &treated, &control]) {
        let fitted = AalenJohansen::fit(of)?;
        for (nth, cause) in causes.clone().enumerate() {
            let number = u32::try_from(nth).unwrap_or(u32::MAX);
            let asked = causal.at.iter().map(|at| spells.told(at.in_days()));
            for time in asked.chain([spells.told(spells.horizon)]) {
                told.push(Incidence {
                    arm: arm.clone(),
                    cause: cause.clone(),
                    time,
                    share: fitted.incidence_at(number, time),
                    standard_error: fitted.standard_error_at(number, time),
                    interval: fitted.interval_at(number, time, Level::P95).map(|it| (it.low, it.high)),
                });
            }
        }
    }
    Ok(told)
}

/// The smallest hazard ratio (Schoenfeld) and difference of means that could have been found.
fn detectable(
    groups: &Groups<'_, '_>,
    spells: &[Spell],
    effects: &[Effect],
) -> Result<Vec<Detectable>, Error> {
    let events = spells.iter().filter(|spell| matches!(spell.end, throughline_stats::End::Event(_))).count();
    let share = groups.clients(true) as f64 / groups.members.len() as f64;
    let ratio = smallest_detectable_hazard_ratio(events as f64, share, Level::P95, POWER)?;
    let mut found = vec![Detectable { of: "hazard ratio, unadjusted (Schoenfeld)".into(), value: ratio }];
    let means = effects.iter().filter(|effect| effect.none < 0.5 && effect.unknown == Unknown::Unknown);
    for effect in means {
        let value = smallest_detectable_effect(effect.standard_error, Level::P95, POWER)?;
        found.push(Detectable { of: effect.name.clone(), value });
    }
    Ok(found)
}
