//! The list of journeys.

use axum::{extract, http::Uri, response::Response};
use serde::{Deserialize, Serialize};
use throughline_access::{Ids, Need};
use throughline_domain::{Code, JourneyId, Key, Language, Position, Role};
use throughline_projection::Placement;
use throughline_runtime::Filter;
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    cursor,
    gate::Visit,
    parameters::{Limit, Query},
    problem::Problem,
    reading::next_page,
};

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct JourneysQuery {
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
    /// Where to go on, as `next` gave it.
    cursor: Option<String>,
    /// Journeys on a page, 1 to 1000; 100 unless set.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
    /// Wait until the views have taken in this position.
    min_position: Option<u64>,
}

/// A page of journeys, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
struct JourneysPage {
    /// The last position the views have taken in.
    applied_position: Option<Position>,
    /// The journeys.
    journeys: Vec<ListedJourney>,
    /// The next page, where there is one.
    next: Option<String>,
}

/// One journey of a list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedJourney {
    /// The journey.
    journey: JourneyId,
    /// Where the client stands.
    placement: Placement,
    /// Where to look further; unset under pseudonyms, which lead nowhere.
    link: Option<String>,
}

/// `GET /v1/journeys`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "One enrolment must satisfy programme, site and worker together. Staff see their caseload; evaluators see \
                 everyone under ids of the account's own, from which nothing can be looked up.";
    let operation =
        Operation::new(Need::ReadClients, "Journeys", "journeys", "The journeys, filtered", about)
            .query::<JourneysQuery>()
            .answers::<JourneysPage>("A page of journeys")
            .paged();
    api.get("/v1/journeys", journeys, operation)
}

async fn journeys(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(query): Query<JourneysQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let applied_position = state.reach(query.min_position).await?;
    let JourneysQuery { programme, site, worker, language, role, cursor, limit: Limit(limit), .. } = query;
    let filter = Filter { programme, site, worker, language, role, caseload: visit.caseload(&state) };
    let walk = cursor::Query::of(visit.account(), &("journeys", &filter));
    let after = cursor.map(|cursor| walk.place::<16>(&cursor)).transpose()?.map(JourneyId::from_bytes);
    let (reader, who) = (state.clone(), visit.clone());
    let work = move || match who.leave.ids {
        Ids::Real => Ok(reader.runtime.journeys(&filter, after, limit + 1)?),
        Ids::Pseudonyms => pseudonymous(&reader, &who, &filter, after, limit + 1),
    };
    let mut listed = state.blocking.read(work).await?;
    let more = listed.len() > limit;
    listed.truncate(limit);
    visit.named(listed.len());
    let last = listed.last().filter(|_| more);
    let next = last.map(|(journey, _)| next_page(&uri, &[("cursor", &walk.cursor(&journey.bytes()))]));
    let journeys = listed.into_iter().map(|(journey, placement)| ListedJourney {
        journey,
        placement,
        link: (visit.leave.ids == Ids::Real).then(|| format!("/v1/journeys/{journey}")),
    });
    Ok(answer::page(
        &JourneysPage { applied_position, journeys: journeys.collect(), next: next.clone() },
        next.as_deref(),
    ))
}

/// The same under ids of the account's own, and in their order: the order of real ids would let two accounts lay their
/// lists side by side. Enrolments go by number, for their keys may be another system's; dates are as coarse as the account
/// sees them.
fn pseudonymous(
    state: &State,
    visit: &Visit,
    filter: &Filter,
    after: Option<JourneyId>,
    limit: usize,
) -> Result<Vec<(JourneyId, Placement)>, Problem> {
    let everyone = state.runtime.journeys(filter, None, usize::MAX)?;
    let mut listed: Vec<(JourneyId, Placement)> = everyone
        .into_iter()
        .map(|(journey, placement)| (state.pseudonyms.of(visit.account(), journey), placement))
        .filter(|(pseudonym, _)| after.is_none_or(|after| *pseudonym > after))
        .collect();
    listed.sort_unstable_by_key(|(pseudonym, _)| *pseudonym);
    listed.truncate(limit);
    let dates = visit.visitor.caller.dates();
    for (_, placement) in &mut listed {
        placement.opened = placement.opened.map(|day| dates.shown(day));
        placement.died = placement.died.map(|day| dates.shown(day));
        for (nth, place) in placement.places.iter_mut().enumerate() {
            place.enrolment = Key::new((nth + 1).to_string()).expect("digits are a key");
            place.from = dates.shown(place.from);
            place.until = place.until.map(|day| dates.shown(day));
        }
    }
    Ok(listed)
}
