//! Work lists: what staff should look at today.

use std::collections::BTreeSet;

use axum::{extract, http::Uri, response::Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use throughline_access::Need;
use throughline_domain::{Code, JourneyId, Language, Position, Role};
use throughline_runtime::{Filter, Work};
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    cursor,
    gate::Visit,
    parameters::{Limit, NamePath, NoParameters, Query},
    problem::{Kind, Problem},
    reading::next_page,
};

/// The work lists there are.
#[derive(Debug, Serialize, ToSchema)]
struct WorkLists {
    /// The lists.
    worklists: Vec<ListedWorkList>,
}

/// One work list.
#[derive(Debug, Serialize, ToSchema)]
struct ListedWorkList {
    /// Its name in paths.
    name: &'static str,
    /// What it shows.
    about: &'static str,
    /// The view that fills it.
    view: &'static str,
    /// Where it is.
    link: String,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct WorkQuery {
    /// Only clients ever enrolled in this programme; in `data-quality`, only lines of this programme.
    #[param(value_type = Option<String>)]
    programme: Option<Code>,
    /// Only clients ever enrolled at this site; in `data-quality`, only lines of this site.
    #[param(value_type = Option<String>)]
    site: Option<Code>,
    /// Only clients ever with this worker; in `data-quality`, only lines of enrolments with this worker, or entered by
    /// this worker where the enrolment names none.
    #[param(value_type = Option<String>)]
    worker: Option<Code>,
    /// Only clients spoken to in this language.
    #[param(value_type = Option<String>)]
    language: Option<Language>,
    /// Only clients in this role.
    #[param(inline)]
    role: Option<Role>,
    /// The day on which it is asked; today (UTC) unless set.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Date>,
    /// Where to go on, as `next` gave it.
    cursor: Option<String>,
    /// Lines on a page, 1 to 1000; 100 unless set.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
    /// Wait until the views have taken in this position.
    min_position: Option<u64>,
}

/// A page of a work list.
#[derive(Debug, Serialize, ToSchema)]
struct WorkPage {
    /// The list.
    name: String,
    /// The day on which it is asked.
    #[schema(value_type = String, format = Date)]
    on: Date,
    /// The last position the views have taken in.
    applied_position: Option<Position>,
    /// How many lines there are on all pages.
    total: usize,
    /// The lines: greatest number of days first.
    items: Vec<Work>,
    /// The next page, where there is one.
    next: Option<String>,
}

/// Where a page ended: the last line's days and journey, and how many lines with both were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    days: i32,
    journey: JourneyId,
    given: u32,
}

/// `GET /v1/worklists` and `GET /v1/worklists/{name}`.
pub(crate) fn routes(api: Api) -> Api {
    let lists = Operation::new(Need::ReadClients, "Work lists", "worklists", "The work lists there are", "")
        .query::<NoParameters>()
        .under_real_ids()
        .answers::<WorkLists>("The work lists");
    let about = "What to look at on a day, most pressing first, each line with the events behind it. Where a walk runs \
                 past midnight, its later pages stay on the day it began.";
    let list = Operation::new(Need::ReadClients, "Work lists", "worklist", "One work list", about)
        .path("name", "The list: `going-quiet`; GET /v1/worklists names all")
        .under_real_ids()
        .query::<WorkQuery>()
        .answers::<WorkPage>("A page of the list")
        .paged()
        .refuses(&[Kind::UnknownName]);
    api.get("/v1/worklists", work_lists, lists).get("/v1/worklists/{name}", work_list, list)
}

async fn work_lists(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Response {
    let projectors = state.runtime.projectors();
    let lists = projectors.iter().flat_map(|projector| {
        projector.work_lists().iter().map(|list| ListedWorkList {
            name: list.name,
            about: list.about,
            view: projector.name(),
            link: format!("/v1/worklists/{}", list.name),
        })
    });
    answer::page(&WorkLists { worklists: lists.collect() }, None)
}

async fn work_list(
    extract::State(state): extract::State<State>,
    visit: Visit,
    NamePath(name): NamePath,
    Query(query): Query<WorkQuery>,
    uri: Uri,
) -> Result<Response, Problem> {
    let applied_position = state.reach(query.min_position).await?;
    let on = query.on.unwrap_or_else(|| state.today());
    let WorkQuery { programme, site, worker, language, role, cursor, limit: Limit(limit), .. } = query;
    let filter = Filter { programme, site, worker, language, role, caseload: visit.caseload(&state) };
    let walk = cursor::Query::of(visit.account(), &("work", &name, &filter, on));
    let place = cursor.map(|cursor| walk.place::<24>(&cursor)).transpose()?.map(Place::from_bytes);
    let (runtime, list) = (state.runtime.clone(), name.clone());
    let work = state.blocking.read(move || Ok(runtime.work(&list, &filter, on)?)).await?;
    let total = work.len();
    let from = place.map_or(0, |place| place.in_list(&work));
    let to = (from + limit).min(total);
    let next = (to < total).then(|| {
        let cursor = walk.cursor(&Place::after(&work[..to]).to_bytes());
        next_page(&uri, &[("on", &on.to_string()), ("cursor", &cursor)])
    });
    let items: Vec<Work> = work.into_iter().skip(from).take(limit).collect();
    visit.named(items.iter().map(|line| line.journey).collect::<BTreeSet<_>>().len());
    Ok(answer::page(
        &WorkPage { name, on, applied_position, total, items, next: next.clone() },
        next.as_deref(),
    ))
}

impl Place {
    /// The place behind these lines, of which there is at least one.
    fn after(work: &[Work]) -> Self {
        let last = work.last().expect("a page holds a line");
        let (days, journey) = (last.item.days, last.journey);
        let given =
            work.iter().rev().take_while(|line| (line.item.days, line.journey) == (days, journey)).count();
        Self { days, journey, given: u32::try_from(given).unwrap_or(u32::MAX) }
    }

    /// The first line not given yet, though the list may have changed since.
    fn in_list(self, work: &[Work]) -> usize {
        let first = work.partition_point(|line| {
            line.item.days > self.days || (line.item.days == self.days && line.journey < self.journey)
        });
        let alike = work[first..]
            .iter()
            .take_while(|line| (line.item.days, line.journey) == (self.days, self.journey));
        first + alike.take(self.given as usize).count()
    }

    fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..4].copy_from_slice(&self.days.to_be_bytes());
        bytes[4..20].copy_from_slice(&self.journey.bytes());
        bytes[20..].copy_from_slice(&self.given.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; 24]) -> Self {
        Self {
            days: i32::from_be_bytes(std::array::from_fn(|nth| bytes[nth])),
            journey: JourneyId::from_bytes(std::array::from_fn(|nth| bytes[4 + nth])),
            given: u32::from_be_bytes(std::array::from_fn(|nth| bytes[20 + nth])),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use throughline_projection::WorkItem;

    use super::*;

    fn line(days: i32, journey: u8) -> Work {
        let item = WorkItem {
            what: "silence".to_owned(),
            level: "watch",
            due: None,
            since: None,
            days,
            because: String::new(),
            evidence: Vec::new(),
            entered: None,
        };
        Work {
            journey: JourneyId::from_bytes([journey; 16]),
            programme: None,
            site: None,
            worker: None,
            item,
        }
    }

    proptest! {
        #[test]
        fn pages_of_any_size_give_every_line_once(lines in prop::collection::vec((-2..3, 0..3u8), 1..30), size in 1..8usize) {
            let mut work: Vec<Work> = lines.into_iter().map(|(days, journey)| line(days, journey)).collect();
            work.sort_by_key(|line| (-line.item.days, line.journey));
            let mut from = 0;
            while from < work.len() {
                let to = (from + size).min(work.len());
                let place = Place::from_bytes(Place::after(&work[..to]).to_bytes());
                prop_assert_eq!(place.in_list(&work), to);
                from = to;
            }
        }
    }
}
