//! Who belongs to which group, and what was known of them at time zero.

use std::collections::BTreeSet;

use jiff::civil::Date;
use throughline_domain::{Code, Event, Programme, Value};

use crate::{
    Cohort, Entrant, Error, Guard, History, Refusal,
    spec::{Causal, Spec},
};

/// One client of the two groups.
pub(crate) struct Member<'c, 'h> {
    pub entrant: &'c Entrant<'h>,
    pub treated: bool,
    /// One value for each of [`Groups::columns`]; none where any of them is not known.
    pub covariates: Option<Vec<f64>>,
    /// The number of their stratum.
    pub stratum: u32,
}

/// The two groups.
pub(crate) struct Groups<'c, 'h> {
    /// In the order of the cohort.
    pub members: Vec<Member<'c, 'h>>,
    /// What the columns of the covariates are called; `race=black` where an attribute has several values.
    pub columns: Vec<String>,
    /// Of the cohort, those in neither group.
    pub outside: u64,
    /// Covariates that have the same value for everybody and were left out.
    pub constant: Vec<String>,
}

impl<'c, 'h> Groups<'c, 'h> {
    /// The groups of a spec, or everyone in one group where it names none.
    pub fn of(causal: &Causal, cohort: &'c Cohort<'h>, change: Option<Date>) -> Self {
        let known = |entrant: &Entrant<'_>, name: &Code| attribute(entrant, name, change);
        let arm = |entrant: &Entrant<'_>| {
            let Some(arms) = &causal.arms else { return Some(true) };
            let value = text(&known(entrant, &arms.attribute)?);
            [(&arms.treated, true), (&arms.control, false)]
                .into_iter()
                .find_map(|(name, treated)| (*name == value).then_some(treated))
        };
        let chosen: Vec<(&Entrant<'h>, bool)> = cohort
            .entrants
            .iter()
            .filter_map(|entrant| arm(entrant).map(|treated| (entrant, treated)))
            .collect();
        let entrants: Vec<&Entrant<'h>> = chosen.iter().map(|(entrant, _)| *entrant).collect();
        let columns: Vec<Column> = causal
            .covariates
            .iter()
            .flat_map(|name| columns_of(name, &entrants, &|entrant| known(entrant, name)))
            .collect();
        let (kept, constant): (Vec<&Column>, Vec<&Column>) = {
            let complete = (0..entrants.len()).filter(|row| columns.iter().all(|c| c.values[*row].is_some()));
            let complete: Vec<usize> = complete.collect();
            columns.iter().partition(|column| {
                let mut values = complete.iter().filter_map(|row| column.values[*row]);
                let first = values.next();
                values.any(|value| Some(value) != first)
            })
        };
        let strata: Vec<Option<String>> = entrants
            .iter()
            .map(|entrant| causal.strata.as_ref().and_then(|name| known(entrant, name)).map(|v| text(&v)))
            .collect();
        let names: Vec<&Option<String>> = strata.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let stratum = |row: usize| names.binary_search(&&strata[row]).unwrap_or(0);
        let members = chosen
            .iter()
            .enumerate()
            .map(|(row, (entrant, treated))| Member {
                entrant,
                treated: *treated,
                covariates: columns
                    .iter()
                    .all(|column| column.values[row].is_some())
                    .then(|| kept.iter().filter_map(|column| column.values[row]).collect()),
                stratum: u32::try_from(stratum(row)).unwrap_or(u32::MAX),
            })
            .collect::<Vec<_>>();
        Self {
            outside: (cohort.entrants.len() - members.len()) as u64,
            members,
            columns: kept.iter().map(|column| column.name.clone()).collect(),
            constant: constant.iter().map(|column| column.name.clone()).collect(),
        }
    }

    /// How many are in a group.
    pub fn clients(&self, treated: bool) -> usize {
        self.members.iter().filter(|member| member.treated == treated).count()
    }
}

/// One column of a covariate: a number for each client of whom it is known.
struct Column {
    name: String,
    values: Vec<Option<f64>>,
}

/// Numbers and yes or no are one column; codes are one for each of their values but the first.
fn columns_of(
    name: &Code,
    entrants: &[&Entrant<'_>],
    known: &dyn Fn(&Entrant<'_>) -> Option<Value>,
) -> Vec<Column> {
    let told: Vec<Option<Value>> = entrants.iter().map(|entrant| known(entrant)).collect();
    if !told.iter().flatten().any(|value| matches!(value, Value::Code(_))) {
        let values = told.iter().map(|value| value.as_ref().and_then(number)).collect();
        return vec![Column { name: name.to_string(), values }];
    }
    let levels: BTreeSet<String> = told.iter().flatten().map(text).collect();
    let column = |level: &String| Column {
        name: format!("{name}={level}"),
        values: told
            .iter()
            .map(|value| value.as_ref().map(|value| f64::from(u8::from(text(value) == *level))))
            .collect(),
    };
    levels.iter().skip(1).map(column).collect()
}

/// What is known of a client at time zero under this name.
fn attribute(entrant: &Entrant<'_>, name: &Code, change: Option<Date>) -> Option<Value> {
    if let Some(value) = entrant.attributes.get(name) {
        return Some(value.clone());
    }
    let placement = &entrant.placement;
    let own = entrant.enrolment.as_ref();
    let place = match own {
        Some(enrolment) => placement.places.iter().find(|place| place.enrolment == *enrolment),
        None => placement.places.last(),
    };
    let code = match name.as_str() {
        "entered" => Code::new(if entrant.zero < change? { "before" } else { "after" }).ok(),
        "programme" => place.map(|place| place.programme.clone()),
        "site" => place.and_then(|place| place.site.clone()),
        "worker" => place.and_then(|place| place.worker.clone()),
        "language" => placement.language.as_ref().and_then(|it| Code::new(it.as_str().to_lowercase()).ok()),
        _ => None,
    };
    code.map(Value::Code)
}

/// A value as a number: a yes is 1.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(score) => Some(score.get()),
        Value::Code(_) => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(score) => score.get().to_string(),
        Value::Code(code) => code.to_string(),
    }
}

/// The first day of the change that is studied: as named, or as a programme recorded it.
pub(crate) fn change_day(spec: &Spec, causal: &Causal, history: &History) -> Result<Option<Date>, Error> {
    let Some(change) = &causal.change else { return Ok(None) };
    let Some(named) = &change.named else { return Ok(change.from) };
    let told = history.programmes.iter().filter_map(|known| match &known.recorded.draft.event {
        Event::Programme(Programme::ProgrammeChanged(changed)) => Some(changed),
        _ => None,
    });
    let meant = told.filter(|changed| {
        changed.change == *named
            && spec.cohort.programme.as_ref().is_none_or(|programme| changed.programme == *programme)
    });
    let days: BTreeSet<Date> = meant.map(|changed| changed.from).collect();
    match (days.first(), days.len()) {
        (Some(day), 1) => Ok(Some(*day)),
        (None, _) => Err(Refusal::new(
            Guard::Comparable,
            format!("no programme of the record has changed by `{named}`"),
            "record the change, or give its first day as `from`",
        )
        .into()),
        (Some(_), times) => Err(Refusal::new(
            Guard::Comparable,
            format!("`{named}` began on {times} different days"),
            "name the programme in [cohort], or give the first day as `from`",
        )
        .into()),
    }
}
