//! What is served, one file per resource. Each adds its routes and their descriptions to the table.

mod access_log;
mod accounts;
mod append;
mod audit_packs;
mod backtests;
mod compare;
mod cosignatures;
mod docs;
mod erasures;
mod events;
mod figures;
mod grants;
mod health;
mod history;
mod imports;
mod index;
mod journey;
mod journeys;
mod look_up;
mod me;
mod proof;
mod replay;
mod session;
mod views;
mod vocabularies;
mod work_lists;

use throughline_runtime::Projectors;

use crate::{State, api::Api};

pub(crate) use docs::Pages;
pub(crate) use figures::Releases;

/// Every route. `pages` is filled once all of them are described.
pub(crate) fn routes(state: &State, projectors: &Projectors, pages: &Pages) -> Api {
    let api = Api::new(state.clone());
    let api = append::routes(api);
    let api = journeys::routes(api);
    let api = journey::routes(api, projectors);
    let api = erasures::routes(api);
    let api = history::routes(api);
    let api = compare::routes(api);
    let api = audit_packs::routes(api);
    let api = replay::routes(api);
    let api = views::routes(api, projectors);
    let api = figures::routes(api, projectors);
    let api = work_lists::routes(api);
    let api = events::routes(api);
    let api = proof::routes(api);
    let api = cosignatures::routes(api);
    let api = imports::routes(api);
    let api = backtests::routes(api);
    let api = look_up::routes(api);
    let api = grants::routes(api);
    let api = accounts::routes(api);
    let api = access_log::routes(api);
    let api = me::routes(api);
    let api = session::routes(api);
    let api = vocabularies::routes(api);
    let api = health::routes(api);
    let api = docs::routes(api, pages);
    index::routes(api, projectors)
}
