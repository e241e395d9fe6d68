//! Releases: what is laid out once a month for those who may not see small counts, and said the whole month as it was laid
//! out. So no two answers of a month have an event between them, whoever asks, whatever is recorded or erased, and
//! whether or not the service is restarted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, TryLockError},
    time::Duration,
};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use throughline_domain::Position;
use throughline_projection::{Figure, Placement};
use throughline_runtime::{Filter, Group, GroupBy};

use super::{
    FiguresQuery, GroupFigures, a_year_before, beside, books,
    told::{Before, Told},
    withheld::{Sheet, SumsByView, WAYS, Withheld, of_view, parted},
};
use crate::{
    State,
    jobs::held,
    problem::{Fault, Kind, Problem},
    reading::applied_position,
    refuse::broken,
};

/// The names under which releases are kept, and the version of their form.
const NAME: &str = "figures/2/";

/// How long laying out waits for the views to take in what the log holds.
const WAIT: Duration = Duration::from_secs(2);

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
    /// What was last told, in this release or before.
    told: Told,
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
pub(crate) struct Releases {
    kept: Mutex<Option<ByMonth>>,
    /// Held by who lays one out.
    laying_out: Mutex<()>,
}

type ByMonth = BTreeMap<Date, Arc<Release>>;

impl Releases {
    /// The release of the month that has begun on this day; none of a month that has none.
    pub(super) fn get(&self, state: &State, on: Date) -> Result<Option<Arc<Release>>, Problem> {
        let find = |releases: &mut ByMonth| releases.get(&on).cloned();
        let found = self.kept(state, find)?;
        if found.is_some() || on != state.today().first_of_month() {
            return Ok(found);
        }
        // Who asks meanwhile is sent away: if they waited, they would keep all other readers waiting too.
        let _turn = match self.laying_out.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(ask_again("this month's figures are being laid out"));
            }
        };
        // It may have been laid out just now.
        if let Some(found) = self.kept(state, find)? {
            return Ok(Some(found));
        }
        let year_ago = a_year_before(on)?;
        let (last, year_ago) = self.kept(state, |releases| {
            (releases.values().next_back().cloned(), releases.get(&year_ago).cloned())
        })?;
        let release = Arc::new(Release::lay_out(state, on, last.as_deref(), year_ago.as_deref())?);
        state.runtime.keep_said(&format!("{NAME}{on}"), &bytes(&release)?)?;
        self.kept(state, |releases| releases.insert(on, Arc::clone(&release)))?;
        Ok(Some(release))
    }

    fn kept<T>(&self, state: &State, work: impl FnOnce(&mut ByMonth) -> T) -> Result<T, Problem> {
        let mut kept = held(&self.kept);
        let releases = match &mut *kept {
            Some(releases) => releases,
            none => none.insert(read(state)?),
        };
        Ok(work(releases))
    }
}

fn ask_again(because: &str) -> Problem {
    Kind::CatchingUp.because(format!("{because}; try again in a second"))
}

fn read(state: &State) -> Result<ByMonth, Problem> {
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
    fn lay_out(
        state: &State,
        on: Date,
        last: Option<&Self>,
        year_ago: Option<&Self>,
    ) -> Result<Self, Problem> {
        let last_year = a_year_before(on)?;
        let runtime = &state.runtime;
        // What is laid out stays so for a month: nothing that the log holds by now may be missing from it.
        let head = runtime.log().events();
        let is_behind = || ask_again("the views have not yet taken in what the log holds");
        if !runtime.wait_applied(head, WAIT) {
            return Err(is_behind());
        }
        let (sheets, cards, applied, known_at) = runtime.while_still(|| -> Result<_, Problem> {
            let applied = runtime.applied();
            if !runtime.ready() || applied < head || runtime.progress().iter().any(|view| view.applied < head)
            {
                return Err(is_behind());
            }
            let sheets = sheets(state, [on, last_year])?;
            Ok((sheets, runtime.journeys(&Filter::default(), None, usize::MAX)?, applied, state.now()))
        })??;
        let cards: Vec<Placement> = cards.into_iter().map(|(_, card)| card).collect();
        let sums: SumsByView =
            runtime.projectors().iter().map(|projector| (projector.name(), projector.sums())).collect();
        let nothing = Told::default();
        let last = last.map_or(&nothing, |release| &release.told);
        let before = Before { last, year_ago: year_ago.map(|release| &release.told) };
        let withheld = books::withheld(&sheets, &cards, &sums, before);
        let mut views = BTreeMap::new();
        for view in sums.into_keys() {
            let ways = WAYS.iter().enumerate().map(|(at, _)| {
                let now = shown(&sheets, at, &withheld, view);
                let then = shown(&sheets, at + WAYS.len(), &withheld, view);
                let groups = laid_together(&now, &then, last_year);
                Ok((sheets[at].way_name(), serde_json::to_value(groups).map_err(|error| unreadable(&error))?))
            });
            views.insert(view.to_owned(), ways.collect::<Result<_, Problem>>()?);
        }
        let told = last.and(&sheets, &withheld);
        Ok(Self { on, last_year, known_at, applied_position: applied_position(applied), views, told })
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
fn sheets(state: &State, days: [Date; 2]) -> Result<Vec<Sheet>, Problem> {
    let mut sheets = Vec::new();
    for (day, is_last_year) in days.into_iter().zip([false, true]) {
        for way in &WAYS {
            let mut groups: Vec<Group> = Vec::new();
            for view in state.runtime.projectors().iter().map(|projector| projector.name()) {
                for group in &*state.runtime.figures(view, &Filter::default(), way.as_ref(), day)? {
                    let named =
                        |figure: &Figure| Figure { name: of_view(view, &figure.name), ..figure.clone() };
                    let figures = group.figures.iter().map(named);
                    match groups.iter_mut().find(|same| same.key == group.key) {
                        Some(same) => same.figures.extend(figures),
                        None => groups.push(Group { figures: figures.collect(), ..group.clone() }),
                    }
                }
            }
            sheets.push(Sheet { way: way.clone(), day, is_last_year, groups });
        }
    }
    Ok(sheets)
}

/// A group as it may be shown in one view.
struct Shown {
    group: Group,
    hides_clients: bool,
    hides_something: bool,
}

fn shown(sheets: &[Sheet], at: usize, withheld: &Withheld, view: &str) -> Vec<Shown> {
    let groups = sheets[at].groups.iter().enumerate().map(|(nth, group)| {
        let hides_clients = withheld.hides_clients(at, nth);
        let mut hides_something = hides_clients;
        let own = group.figures.iter().map(|figure| (figure, parted(&figure.name)));
        let figures = own.filter(|(_, (of, _))| *of == view).map(|(figure, (_, name))| {
            let seen = withheld.seen(at, nth, figure);
            hides_something |= seen.as_ref() != Some(figure);
            let seen = seen.unwrap_or_else(|| Figure::of("", figure.unit, None));
            Figure { name: name.to_owned(), ..seen }
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
