//! A journey's history: every event as written down, or the life as amended.

use std::collections::HashMap;

use axum::{
    extract,
    http::{HeaderMap, Uri},
    response::Response,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_access::Need;
use throughline_domain::{Actor, EventId, Family, JourneyId, Position, TYPE_NAMES, Version};
use throughline_log::AsOf;
use throughline_runtime::Life;
use utoipa::{IntoParams, ToSchema};

use crate::{
    State, answer,
    api::{Api, Operation},
    cursor,
    gate::Visit,
    parameters::{JourneyPath, Limit, Moment, Query},
    problem::{Fault, Kind, Problem},
    reading::next_page,
    sight::Sight,
    wire::{Amended, Written, in_order},
};

/// Whether corrections are shown beside what they correct, or applied to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Corrections {
    /// Every event as written down, in the order of positions, with what corrected or retracted it.
    #[default]
    Shown,
    /// The life as it stands, in the order it happened.
    Applied,
}

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Order {
    /// The oldest.
    #[default]
    Oldest,
    /// The newest.
    Newest,
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    /// Only facts of this family: `intake`, `transaction`, `check-in`, `milestone`, `amendment`, `programme`.
    #[param(value_type = Option<String>)]
    family: Option<String>,
    /// Only this fact, by its short or whole name: `service-delivered`.
    #[param(value_type = Option<String>)]
    fact: Option<String>,
    /// Only what this actor recorded.
    #[param(value_type = Option<String>)]
    actor: Option<Actor>,
    /// As known then: a time with its offset, or a position.
    #[param(value_type = Option<String>)]
    as_of: Option<Moment>,
    /// As lived until this day.
    #[param(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// `shown`: every event as written down. `applied`: the life as amended, in the order it happened.
    #[serde(default)]
    #[param(inline, required = false)]
    corrections: Corrections,
    /// Which end comes first.
    #[serde(default)]
    #[param(inline, required = false)]
    order: Order,
    /// Where to go on, as `next` gave it.
    cursor: Option<String>,
    /// Events on a page, 1 to 1000; 100 unless set.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Limit,
    /// Refuse to answer before this position is recorded.
    min_position: Option<u64>,
}

/// A page of a journey's history.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryPage {
    /// The journey.
    journey: JourneyId,
    /// Its version, as known then.
    version: Version,
    /// The last position of the log that was looked at.
    applied_position: Option<Position>,
    /// As known then; unset for now.
    as_of: Option<String>,
    /// As lived until then; unset for all.
    #[schema(value_type = Option<String>, format = Date)]
    valid_at: Option<Date>,
    /// Whether corrections are shown or applied.
    corrections: Corrections,
    /// Which end comes first.
    order: Order,
    /// How many events there are on all pages.
    total: usize,
    /// The events: CloudEvents with `position`, `version` and `recordedat`; `correctedby` and `retractedby` name the
    /// event that put one right or took it back.
    #[schema(value_type = Vec<crate::openapi::WrittenEvent>)]
    events: Vec<Json>,
    /// The next page, where there is one.
    next: Option<String>,
}

/// `GET /v1/journeys/{id}/history`.
pub(crate) fn routes(api: Api) -> Api {
    let about = "Every event of the journey's own stream and of those it was merged with or split from. Pages of one \
                 walk all show the journey as known when the walk began.";
    let operation = Operation::new(Need::ReadClient, "Journeys", "history", "A journey's history", about)
        .journey()
        .query::<HistoryQuery>()
        .answers::<HistoryPage>("A page of the history")
        .tagged()
        .paged();
    api.get("/v1/journeys/{id}/history", history, operation)
}

async fn history(
    extract::State(state): extract::State<State>,
    visit: Visit,
    JourneyPath(journey): JourneyPath,
    Query(query): Query<HistoryQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let selection = Selection::of(&query)?;
    state.recorded(query.min_position)?;
    let as_of = state.as_of("as_of", query.as_of)?;
    let walk = cursor::Query::of(
        visit.account(),
        &(
            "history",
            journey,
            &query.family,
            &query.fact,
            &query.actor,
            query.as_of,
            query.valid_at,
            query.corrections,
            query.order,
        ),
    );
    let place = query.cursor.as_deref().map(|cursor| walk.place::<16>(cursor)).transpose()?;
    let (runtime, blocking) = (state.runtime.clone(), state.blocking.clone());
    blocking
        .read(move || {
            let (events, skip) = match place.map(split) {
                Some((events, skip)) if events <= runtime.log().events() => (events, skip),
                Some(_) => return Err(Kind::InvalidCursor.because("the cursor is from another log")),
                None => (known_events(&runtime, as_of)?, 0),
            };
            let known = events.checked_sub(1).map(Position);
            let life = runtime.life(journey, known.map_or(as_of, AsOf::Position))?;
            let sight = Sight::of(&state, &visit, &life)?;
            let plain = query.as_of.is_none() && is_alone(&life) && sight.is_whole();
            let mut entries = selection.entries(&life, query.corrections);
            entries.retain(|entry| sight.shows(&entry.written));
            if query.order == Order::Newest {
                entries.reverse();
            }
            let total = entries.len();
            let events_on_page: Vec<Json> = entries
                .into_iter()
                .skip(skip)
                .take(query.limit.0)
                .map(|entry| entry.into_json(&sight))
                .collect();
            let read = skip + events_on_page.len();
            let next = (read < total).then(|| {
                let place = [events.to_be_bytes(), (read as u64).to_be_bytes()].concat();
                next_page(&uri, &[("cursor", &walk.cursor(&place))])
            });
            let page = HistoryPage {
                journey,
                version: life.version,
                applied_position: known,
                as_of: query.as_of.map(|moment| moment.to_string()),
                valid_at: query.valid_at,
                corrections: query.corrections,
                order: query.order,
                total,
                events: events_on_page,
                next,
            };
            let mut response =
                answer::tagged(&headers, life.version, (!plain).then_some(&page.events), &page)?;
            response.headers_mut().extend(crate::reading::link_next(page.next.as_deref()));
            Ok(response)
        })
        .await
}

fn split(place: [u8; 16]) -> (u64, usize) {
    let half = |from: usize| u64::from_be_bytes(std::array::from_fn(|nth| place[from + nth]));
    (half(0), usize::try_from(half(8)).unwrap_or(usize::MAX))
}

/// How many events the log had at that moment.
pub(crate) fn known_events(runtime: &throughline_runtime::Runtime, as_of: AsOf) -> Result<u64, Problem> {
    Ok(throughline_replay::known_events(&**runtime.log(), as_of)?)
}

/// Whether the life rests on the journey's own events alone, all of which can be read.
pub(crate) fn is_alone(life: &Life) -> bool {
    let own = |journey: JourneyId| journey == life.journey;
    life.merged_into.is_none()
        && life.recorded.iter().all(|recorded| own(recorded.draft.journey))
        && life.closed.iter().all(|closed| own(closed.journey))
}

/// Which events are asked for.
struct Selection {
    family: Option<Family>,
    fact: Option<&'static str>,
    actor: Option<Actor>,
    valid_at: Option<Date>,
}

/// One line of a history.
struct Entry {
    written: Written,
    corrected_by: Option<EventId>,
    retracted_by: Option<EventId>,
}

impl Entry {
    fn into_json(self, sight: &Sight) -> Json {
        let mut json = self.written.json(sight.names_of(&self.written));
        crate::wire::mark(&mut json, self.corrected_by, self.retracted_by);
        json
    }
}

impl Selection {
    fn of(query: &HistoryQuery) -> Result<Self, Problem> {
        let family = query.family.as_deref().map(family).transpose()?;
        let fact = query.fact.as_deref().map(fact).transpose()?;
        Ok(Self { family, fact, actor: query.actor.clone(), valid_at: query.valid_at })
    }

    fn entries(&self, life: &Life, corrections: Corrections) -> Vec<Entry> {
        let amended = Amended::of(&life.recorded);
        let entry = |written: Written| {
            let id = written.event_id();
            Entry { corrected_by: amended.corrected_by(id), retracted_by: amended.retracted_by(id), written }
        };
        let written = match corrections {
            Corrections::Shown => in_order(throughline_log::History {
                events: life.recorded.clone(),
                closed: life.closed.clone(),
            }),
            Corrections::Applied => as_amended(life),
        };
        written.into_iter().filter(|written| self.takes(written)).map(entry).collect()
    }

    fn takes(&self, written: &Written) -> bool {
        let (actor, day) = match written {
            Written::Open(recorded) => (&recorded.draft.actor, Some(recorded.draft.occurred.day())),
            Written::Closed(closed) => (&closed.actor, None),
        };
        self.family.is_none_or(|family| written.is_of(family))
            && self.fact.is_none_or(|fact| written.type_name() == fact)
            && self.actor.as_ref().is_none_or(|wanted| wanted == actor)
            && self.valid_at.is_none_or(|valid_at| day.is_none_or(|day| day <= valid_at))
    }
}

/// The life as it stands, each fact with the place of the event that first told of it.
fn as_amended(life: &Life) -> Vec<Written> {
    let by_id: HashMap<EventId, _> =
        life.recorded.iter().map(|recorded| (recorded.draft.event_id, recorded)).collect();
    let facts = life.facts.iter().filter_map(|fact| {
        let mut recorded = (*by_id.get(&fact.id)?).clone();
        recorded.draft.event = fact.event.clone();
        recorded.draft.occurred = fact.occurred;
        Some(Written::Open(Box::new(recorded)))
    });
    facts.collect()
}

fn family(name: &str) -> Result<Family, Problem> {
    Family::ALL.iter().copied().find(|family| family.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Family::ALL.iter().map(|family| family.name()).collect();
        let given: String = name.chars().take(80).collect();
        let hint = format!("use one of {}", names.join(", "));
        Kind::InvalidQuery
            .because(format!("`{given}` is no family of facts"))
            .at(Fault::parameter("family").hint(hint))
    })
}

fn fact(name: &str) -> Result<&'static str, Problem> {
    let short = format!(".{name}.v1");
    TYPE_NAMES.iter().copied().find(|known| *known == name || known.ends_with(&short)).ok_or_else(|| {
        let given: String = name.chars().take(80).collect();
        Kind::InvalidQuery
            .because(format!("`{given}` is no fact"))
            .at(Fault::parameter("fact").hint("GET /v1/vocabularies/facts lists all"))
    })
}
