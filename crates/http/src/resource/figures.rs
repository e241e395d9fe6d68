//! A projector's figures over many clients, by group, and beside the same figures a year before.

mod books;
mod release;
mod told;
mod withheld;

pub(crate) use release::Releases;

use std::sync::Arc;

use axum::{extract, response::Response};
use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use throughline_access::{Counts, Need};
use throughline_domain::{Code, Language, Position, Role};
use throughline_projection::Figure;
use throughline_runtime::{Filter, Group, GroupBy, Projectors, Runtime};
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    gate::Visit,
    parameters::Query,
    problem::{Fault, Kind, Problem},
};

/// What figures are set beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Compare {
    /// The same figures on the same day a year before.
    LastYear,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct FiguresQuery {
    /// Only clients ever enrolled in this programme.
    #[param(value_type = Option<String>)]
    programme: Option<Code>,
    /// Only clients ever enrolled at this site.
    #[param(value_type = Option<String>)]
    site: Option<Code>,
    /// Only clients ever with this worker.
    #[param(value_type = Option<String>)]
    worker: Option<Code>,
    /// Only clients spoken to in this language.
    #[param(value_type = Option<String>)]
    language: Option<Language>,
    /// Only clients in this role.
    #[param(inline)]
    role: Option<Role>,
    /// `programme`, `site`, `worker`, `language`, `role` or `attribute:<name>`; all clients together unless set.
    group_by: Option<String>,
    /// The day on which it is asked; today (UTC) unless set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// `last_year`: each figure beside the same figure a year before.
    #[param(inline)]
    compare: Option<Compare>,
    /// Wait until the views have taken in this position.
    min_position: Option<u64>,
}

/// A view's figures over many clients.
#[derive(Debug, Serialize, ToSchema)]
struct Figures {
    /// The view.
    view: &'static str,
    /// The day on which it is asked.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// The day a year before, where that is compared.
    #[schema(value_type = Option<String>, format = Date)]
    last_year: Option<Date>,
    /// The last position the views have taken in.
    applied_position: Option<Position>,
    /// When what is told was laid out, for evaluators: it stays the same for a month. Unset where it is told as it is
    /// known now.
    #[schema(value_type = Option<String>, format = DateTime)]
    known_at: Option<Timestamp>,
    /// What clients are grouped by.
    group_by: Option<String>,
    /// The groups, in the order of their names.
    #[schema(value_type = Vec<GroupFigures>)]
    groups: Groups,
}

/// Groups as they are counted now, or as they were laid out in a release.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Groups {
    Now(Vec<GroupFigures>),
    Released(Vec<serde_json::Value>),
}

/// The figures of one group of clients.
#[derive(Debug, Serialize, ToSchema)]
struct GroupFigures {
    /// The group; unset for all clients, and for those of whom nothing is recorded.
    key: Option<String>,
    /// How many clients are in it; unset where that is withheld.
    clients: Option<u64>,
    /// How many were in it a year before, where that is compared.
    clients_last_year: Option<u64>,
    /// Their figures.
    figures: Vec<Compared>,
    /// Whether something here is withheld, for it is a count of 1 to 10 or would tell one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    withheld: bool,
}

/// A figure, and the same a year before where that is compared.
#[derive(Debug, Serialize, ToSchema)]
struct Compared {
    /// The figure; without a value where only last year has it.
    #[serde(flatten)]
    figure: Figure,
    /// The same figure a year before.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_year: Option<Figure>,
    /// The value less the value a year before, where both are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<f64>,
}

/// `GET /v1/{projector}`, for each projector registered.
pub(crate) fn routes(mut api: Api, projectors: &Projectors) -> Api {
    for projector in projectors.iter() {
        let name = projector.name();
        let about = "Each figure carries what it was counted from and who is missing, and why. Staff get those of their \
                     caseload. Evaluators are told what is laid out once a month and stays so: counts of 1 to 10, what would \
                     tell one, and counts that moved by 1 to 10 since they were told are withheld. They ask without \
                     filters, about the first day of a month that has a release, and group by what clients have one \
                     each of.";
        let operation = Operation::new(
            Need::ReadFigures,
            "Views",
            &format!("{name}-figures"),
            &format!("Figures of {name}"),
            about,
        )
        .query::<FiguresQuery>()
        .answers::<Figures>("The figures");
        let handler =
            move |extract::State(state): extract::State<State>,
                  visit: Visit,
                  Query(query): Query<FiguresQuery>| { figures(state, visit, name, query) };
        api = api.get(&format!("/v1/{name}"), handler, operation);
    }
    api
}

async fn figures(
    state: State,
    visit: Visit,
    view: &'static str,
    query: FiguresQuery,
) -> Result<Response, Problem> {
    if visit.leave.counts == Counts::Withheld {
        return released(state, view, query).await;
    }
    let applied_position = state.reach(query.min_position).await?;
    let on = query.on.unwrap_or_else(|| state.today());
    let last_year = query.compare.map(|Compare::LastYear| a_year_before(on)).transpose()?;
    let by: Option<GroupBy> = query.group_by.as_deref().map(str::parse).transpose()?;
    let FiguresQuery { programme, site, worker, language, role, group_by, .. } = query;
    let filter = Filter { programme, site, worker, language, role, caseload: visit.caseload(&state) };
    let runtime = Arc::clone(&state.runtime);
    let work = move || {
        let groups = Groups::Now(of_all(&runtime, view, &filter, by.as_ref(), on, last_year)?);
        Ok(Figures { view, on, last_year, applied_position, known_at: None, group_by, groups })
    };
    Ok(answer::page(&state.blocking.read(work).await?, None))
}

/// Figures as this month's release tells them, or that of a month before.
async fn released(state: State, view: &'static str, query: FiguresQuery) -> Result<Response, Problem> {
    let on = query.on.unwrap_or_else(|| state.today().first_of_month());
    release::check(&query, on)?;
    let reader = state.clone();
    let work = move || {
        let release = reader.releases.get(&reader, on)?.ok_or_else(release::none)?;
        let way = query.group_by.as_deref().unwrap_or_default();
        let groups = Groups::Released(release.groups(view, way, query.compare.is_some()));
        Ok(Figures {
            view,
            on,
            last_year: query.compare.map(|Compare::LastYear| release.last_year),
            applied_position: release.applied_position,
            known_at: Some(release.known_at),
            group_by: query.group_by,
            groups,
        })
    };
    Ok(answer::page(&state.blocking.read(work).await?, None))
}

fn of_all(
    runtime: &Runtime,
    view: &str,
    filter: &Filter,
    by: Option<&GroupBy>,
    on: Date,
    last_year: Option<Date>,
) -> Result<Vec<GroupFigures>, Problem> {
    let now = runtime.figures(view, filter, by, on)?;
    Ok(match last_year {
        None => now.iter().map(|group| beside(Some(group), None, None)).collect(),
        Some(then) => compared(runtime, view, &now, (filter, by), then)?,
    })
}

fn a_year_before(on: Date) -> Result<Date, Problem> {
    on.checked_sub(1.year()).map_err(|_| {
        Kind::InvalidQuery
            .because("there is no day a year before the first of all days")
            .at(Fault::parameter("on"))
    })
}

fn compared(
    runtime: &Runtime,
    view: &str,
    now: &[Group],
    (filter, by): (&Filter, Option<&GroupBy>),
    then: Date,
) -> Result<Vec<GroupFigures>, Problem> {
    let before = runtime.figures(view, filter, by, then)?;
    let same = |groups: &[Group], key: &Option<String>| groups.iter().position(|group| group.key == *key);
    let gone = before.iter().filter(|group| same(now, &group.key).is_none());
    let mut groups: Vec<GroupFigures> = now
        .iter()
        .map(|group| beside(Some(group), same(&before, &group.key).map(|nth| &before[nth]), Some(then)))
        .chain(gone.map(|group| beside(None, Some(group), Some(then))))
        .collect();
    groups.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(groups)
}

/// A group now beside itself a year before, where that is compared.
fn beside(now: Option<&Group>, then: Option<&Group>, last_year: Option<Date>) -> GroupFigures {
    let none: &[Figure] = &[];
    let figures = now.map_or(none, |group| &group.figures);
    let earlier = then.map_or(none, |group| &group.figures);
    let paired = figures.iter().map(|figure| {
        let last_year = earlier.iter().find(|last_year| last_year.name == figure.name).cloned();
        let value = last_year.as_ref().and_then(|last_year| last_year.value);
        let difference = figure.value.zip(value).map(|(now, then)| now - then);
        Compared { figure: figure.clone(), last_year, difference }
    });
    let gone =
        earlier.iter().filter(|figure| figures.iter().all(|now| now.name != figure.name)).map(|figure| {
            let unset = Figure::of(figure.name.clone(), figure.unit, None);
            Compared { figure: unset, last_year: Some(figure.clone()), difference: None }
        });
    GroupFigures {
        key: now.or(then).and_then(|group| group.key.clone()),
        clients: Some(now.map_or(0, |group| group.clients)),
        withheld: false,
        clients_last_year: last_year.map(|_| then.map_or(0, |group| group.clients)),
        figures: paired.chain(gone).collect(),
    }
}
