//! Releases: what is laid out once a month for those who may not see small counts, and said the whole month as it was laid
//! out. So no two answers of a month have an event between them, whoever asks, whatever is recorded or erased, and
//! whether or not the service is restarted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_domain::Position;
use throughline_projection::{Figure, Placement};
use throughline_runtime::{Filter, Group, GroupBy, Projector};

use super::{
    FiguresQuery, GroupFigures, a_year_before, beside,
    told::Told,
    withheld::{Sheet, WAYS, Withheld},
};
use crate::{
    State,
    jobs::held,
    problem::{Fault, Kind, Problem},
    refuse::broken,
};

/// The names under which releases are kept, and the version of their form.
const NAME: &str = "figures/1/";

/// What is said of a month.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Release {
    /// The first day of its month, about which everything is asked.
    pub on: Date,
    pub last_year: Date,
    /// When it was laid out: what was recorded later is not in it.
    pub known_at: Timestamp,
    pub applied_position: Option<Position>,
    /// The groups by view and way to split, beside the year before. Nothing is in here that may not be shown.
    views: BTreeMap<String, BTreeMap<String, Json>>,
    /// What was last told of each view, in this release or before.
    told: BTreeMap<String, Told>,
}

/// Refuses what could be asked twice, with a few people between the answers.
pub(super) fn check(query: &FiguresQuery, on: Date) -> Result<(), Problem> {
    let refuse = |parameter: &str, hint: &'static str| {
        let detail = format!("`{parameter}` is not open to who sees counts with the small ones withheld");
        Err(Kind::InvalidQuery.because(detail).at(Fault::parameter(parameter).hint(hint)))
    };
    let group = "leave it out and use `group_by`, or ask with a backtest";
    let filters = [
        ("programme", query.programme.is_some()),
        ("site", query.site.is_some()),
        ("worker", query.worker.is_some()),
        ("language", query.language.is_some()),
        ("role", query.role.is_some()),
        ("group_by", query.group_by.as_deref().is_some_and(|by| by.starts_with("attribute:"))),
    ];
    if let Some((parameter, _)) = filters.into_iter().find(|(_, is_set)| *is_set) {
        return refuse(parameter, group);
    }
    if query.min_position.is_some() {
        return refuse("min_position", "leave it out: what is told stays the same for a month");
    }
    if on.day() != 1 {
        return refuse("on", "ask about the first day of a month");
    }
    query.group_by.as_deref().map(str::parse::<GroupBy>).transpose()?;
    Ok(())
}

/// A month of which nothing was laid out.
pub(super) fn none() -> Problem {
    Kind::InvalidQuery
        .because("nothing was laid out for who sees counts with the small ones withheld in the month of `on`")
        .at(Fault::parameter("on").hint("leave it out for this month, or ask with a backtest"))
}

/// Releases, by their months.
#[derive(Default)]
pub(crate) struct Releases(Mutex<Option<BTreeMap<Date, Arc<Release>>>>);

impl Releases {
    /// The release of the month that has begun on this day; none of a month that has none.
    pub(super) fn get(&self, state: &State, on: Date) -> Result<Option<Arc<Release>>, Problem> {
        let this_month = state.today().first_of_month();
        // Whoever asks meanwhile waits, so that nothing is laid out twice.
        let mut kept = held(&self.0);
        let releases = match &mut *kept {
            Some(releases) => releases,
            none => none.insert(read(state)?),
        };
        if on == this_month && !releases.contains_key(&on) {
            let told = releases.last_key_value().map(|(_, release)| release.told.clone());
            let release = Release::lay_out(state, on, told.unwrap_or_default())?;
            state.runtime.keep_said(&format!("{NAME}{on}"), &bytes(&release)?)?;
            releases.insert(on, Arc::new(release));
        }
        Ok(releases.get(&on).cloned())
    }
}

fn read(state: &State) -> Result<BTreeMap<Date, Arc<Release>>, Problem> {
    let read = |text: Vec<u8>| {
        serde_json::from_slice::<Release>(&text).map(Arc::new).map_err(|error| unreadable(&error))
    };
    let releases = state.runtime.said(NAME)?.into_iter().map(read);
    releases.map(|release| release.map(|release| (release.on, release))).collect()
}

fn bytes(release: &Release) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(release).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    broken(&format!("a release of figures cannot be kept or read: {error}"))
}

impl Release {
    fn lay_out(state: &State, on: Date, before: BTreeMap<String, Told>) -> Result<Self, Problem> {
        let last_year = a_year_before(on)?;
        let laid = state.runtime.while_still(|| -> Result<_, Problem> {
            let mut views = Vec::new();
            for projector in state.runtime.projectors().iter() {
                views.push((Arc::clone(projector), sheets(state, &**projector, [on, last_year])?));
            }
            let cards = state.runtime.journeys(&Filter::default(), None, usize::MAX)?;
            Ok((views, cards, state.runtime.applied(), state.now()))
        })??;
        let (sheets, cards, applied, known_at) = laid;
        let cards: Vec<Placement> = cards.into_iter().map(|(_, card)| card).collect();
        let (mut views, mut told) = (BTreeMap::new(), before);
        for (projector, sheets) in sheets {
            let told = told.entry(projector.name().to_owned()).or_default();
            let withheld = Withheld::of(&sheets, &cards, projector.sums(), told);
            *told = told.and(&sheets, &withheld);
            let ways = WAYS.iter().enumerate().map(|(at, _)| {
                let now = shown(&sheets, at, &withheld);
                let then = shown(&sheets, at + WAYS.len(), &withheld);
                let groups = laid_together(&now, &then, last_year);
                Ok((sheets[at].way_name(), serde_json::to_value(groups).map_err(|error| unreadable(&error))?))
            });
            views.insert(projector.name().to_owned(), ways.collect::<Result<_, Problem>>()?);
        }
        let applied_position = applied.checked_sub(1).map(Position);
        Ok(Self { on, last_year, known_at, applied_position, views, told })
    }

    /// The groups of a view, split so; beside the year before only where that is asked.
    pub fn groups(&self, view: &str, way: &str, with_last_year: bool) -> Vec<Json> {
        let laid = self.views.get(view).and_then(|ways| ways.get(way)).and_then(Json::as_array);
        let mut groups = laid.cloned().unwrap_or_default();
        if !with_last_year {
            // Clients of a group that is only there a year before are none now.
            groups.retain(|group| way.is_empty() || group["clients"] != 0);
            for group in &mut groups {
                group["clients_last_year"] = Json::Null;
                for figure in
                    group["figures"].as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut)
                {
                    figure.remove("last_year");
                    figure.remove("difference");
                }
            }
        }
        groups
    }
}

/// Every way to split on each of these days, in the order of the ways.
fn sheets(state: &State, view: &dyn Projector, days: [Date; 2]) -> Result<Vec<Sheet>, Problem> {
    let mut sheets = Vec::new();
    for (day, is_last_year) in days.into_iter().zip([false, true]) {
        for way in &WAYS {
            let groups = state.runtime.figures(view.name(), &Filter::default(), way.as_ref(), day)?.to_vec();
            sheets.push(Sheet { way: way.clone(), day, is_last_year, groups });
        }
    }
    Ok(sheets)
}

/// A group as it may be shown.
struct Shown {
    group: Group,
    hides_clients: bool,
    hides_something: bool,
}

fn shown(sheets: &[Sheet], at: usize, withheld: &Withheld) -> Vec<Shown> {
    let groups = sheets[at].groups.iter().enumerate().map(|(nth, group)| {
        let hides_clients = withheld.hides_clients(at, nth);
        let mut hides_something = hides_clients;
        let figures = group.figures.iter().map(|figure| {
            let hidden = withheld.hides(at, nth, &figure.name);
            hides_something |= hidden;
            if hidden { Figure::of(figure.name.clone(), figure.unit, None) } else { figure.clone() }
        });
        let figures = figures.collect();
        let group = Group { key: group.key.clone(), clients: group.clients, figures };
        Shown { group, hides_clients, hides_something }
    });
    groups.collect()
}

/// What is shown of two days, beside each other as exact figures are.
fn laid_together(now: &[Shown], then: &[Shown], last_year: Date) -> Vec<GroupFigures> {
    let same = |groups: &[Shown], key: &Option<String>| groups.iter().position(|one| one.group.key == *key);
    let gone = then.iter().filter(|one| same(now, &one.group.key).is_none());
    let pairs = now
        .iter()
        .map(|one| (Some(one), same(then, &one.group.key).map(|nth| &then[nth])))
        .chain(gone.map(|one| (None, Some(one))));
    let mut groups: Vec<GroupFigures> = pairs
        .map(|(now, then)| {
            let mut figures = beside(now.map(|one| &one.group), then.map(|one| &one.group), Some(last_year));
            if now.is_some_and(|one| one.hides_clients) {
                figures.clients = None;
            }
            if then.is_some_and(|one| one.hides_clients) {
                figures.clients_last_year = None;
            }
            figures.withheld = now.into_iter().chain(then).any(|one| one.hides_something);
            figures
        })
        .collect();
    groups.sort_by(|a, b| a.key.cmp(&b.key));
    groups
}
