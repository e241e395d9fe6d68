//! Who one is here, and what one may.

use axum::{extract, response::Response};
use serde::Serialize;
use throughline_access::{Clients, Counts, Ids, Leave, Names, Need, Role};
use throughline_domain::{Actor, Code};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation},
    gate::{self, Visit},
    parameters::{NoParameters, Query},
    visitors::By,
};

/// Whoever asks.
#[derive(Debug, Serialize, ToSchema)]
struct Me {
    /// The account, a pseudonym.
    account: Actor,
    /// What it is for.
    #[schema(value_type = Vec<String>)]
    roles: Vec<Role>,
    /// The worker it belongs to: clients with this worker are its own.
    worker: Option<Code>,
    /// How exactly it sees dates of one client, where it sees clients under ids of its own: `day`, `month`, `quarter` or
    /// `year`.
    dates: &'static str,
    /// `token`, `session`, or `demo` where everybody is this account.
    by: &'static str,
    /// What a request in a session that changes something must repeat in `Throughline-Form`.
    form: Option<String>,
    /// What it may do.
    may: Vec<May>,
}

/// Something an account may do, and how much of it.
#[derive(Debug, Serialize, ToSchema)]
struct May {
    /// What: `read-client`, `append`.
    #[serde(rename = "do")]
    what: &'static str,
    /// `caseload` or `all`.
    clients: &'static str,
    /// `withheld` or `shown`.
    names: &'static str,
    /// `pseudonyms` or `real`.
    ids: &'static str,
    /// `withheld` or `exact`.
    counts: &'static str,
}

/// `GET /v1/me`.
pub(crate) fn routes(api: Api) -> Api {
    let operation =
        Operation::new(Need::SignedIn, "Accounts", "me", "Who you are here, and what you may do", "")
            .query::<NoParameters>()
            .answers::<Me>("The account");
    api.get("/v1/me", me, operation)
}

async fn me(
    extract::State(_): extract::State<State>,
    visit: Visit,
    Query(NoParameters {}): Query<NoParameters>,
) -> Response {
    let caller = &visit.visitor.caller;
    let (by, form) = match &visit.visitor.by {
        By::Token(_) => ("token", None),
        By::Session(session) => ("session", Some(session.form.clone())),
        By::Demo => ("demo", None),
    };
    let may = Need::ALL.into_iter().filter(|need| !matches!(need, Need::Nothing | Need::SignedIn));
    let me = Me {
        account: caller.account.clone(),
        roles: caller.roles.iter().copied().collect(),
        worker: caller.worker.clone(),
        dates: caller.dates().name(),
        by,
        form,
        may: may.filter_map(|need| caller.leave(need).map(|leave| May::of(need, leave))).collect(),
    };
    let mut response = answer::page(&me, None);
    answer::never_stored(&mut response);
    response
}

impl May {
    fn of(need: Need, leave: Leave) -> Self {
        Self {
            what: gate::name(need),
            clients: match leave.clients {
                Clients::Caseload => "caseload",
                Clients::All => "all",
            },
            names: match leave.names {
                Names::Withheld => "withheld",
                Names::Shown => "shown",
            },
            ids: match leave.ids {
                Ids::Pseudonyms => "pseudonyms",
                Ids::Real => "real",
            },
            counts: match leave.counts {
                Counts::Withheld => "withheld",
                Counts::Exact => "exact",
            },
        }
    }
}
