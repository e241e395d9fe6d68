//! Accounts and their tokens.

use std::{collections::BTreeSet, sync::Arc};

use axum::{extract, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_access::{Access, Account, Dates, Error, Need, NewAccount, Role, Token};
use throughline_domain::{Actor, Code, Text};
use utoipa::ToSchema;

use crate::{
    State, answer,
    api::{Api, Operation, reference},
    gate::Visit,
    parameters::{IdPath, NamePath, NoParameters, Query},
    problem::{Fault, Kind, Problem},
    small_body::{JSON, SmallBody},
};

/// The accounts there are.
#[derive(Debug, Serialize, ToSchema)]
struct Accounts {
    /// Open ones and closed ones, in the order of their names.
    accounts: Vec<Account>,
}

/// The tokens of an account.
#[derive(Debug, Serialize, ToSchema)]
struct Tokens {
    /// Oldest first, without their texts: nobody has those but whoever was given them.
    tokens: Vec<Token>,
}

/// An account to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountToOpen {
    /// Its name: a pseudonym, and never a person's name.
    name: Actor,
    /// What it is for.
    #[schema(value_type = Vec<String>)]
    roles: Vec<String>,
    /// The worker it belongs to, as facts name them.
    worker: Option<Code>,
    /// How exactly it sees dates of one client, where it sees clients under ids of its own: `day`, `month`, `quarter` or
    /// `year`. To the day, or as before, unless set.
    dates: Option<String>,
}

/// What an account is for from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesToHave {
    /// All its roles.
    #[schema(value_type = Vec<String>)]
    roles: Vec<String>,
    /// The worker it belongs to, as facts name them.
    worker: Option<Code>,
    /// How exactly it sees dates of one client, where it sees clients under ids of its own: `day`, `month`, `quarter` or
    /// `year`. To the day, or as before, unless set.
    dates: Option<String>,
}

/// A token to give out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenToIssue {
    /// What it is for, in a few words.
    label: Option<Text>,
    /// Days until it opens nothing any more, 1 to 366; 90 unless set.
    days: Option<u16>,
}

/// A token, with its text, once.
#[derive(Debug, Serialize, ToSchema)]
struct IssuedToken {
    /// Its id, by which it is revoked.
    id: Code,
    /// The token. It is shown here and never again.
    token: String,
    /// From when on it opens nothing.
    #[schema(value_type = String, format = DateTime)]
    expires: jiff::Timestamp,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ended {
    /// Its id.
    pub id: Code,
}

/// `/v1/accounts`, `/v1/accounts/{name}…` and `/v1/tokens/{id}`.
pub(crate) fn routes(api: Api) -> Api {
    let op = |id: &str, summary: &str, about: &str| {
        Operation::new(Need::Accounts, "Accounts", id, summary, about).query::<NoParameters>()
    };
    let named = |operation: Operation| {
        operation.path("name", "The account").refuses(&[Kind::InvalidPath, Kind::UnknownAccount])
    };
    let list = op("accounts", "The accounts", "").answers::<Accounts>("The accounts");
    let about =
        "A closed account of the same name is opened again; what it was given before stays taken back.";
    let open = op("open-account", "Open an account", about)
        .body(
            "The account",
            &[(JSON, reference("AccountToOpen"))],
            &json!({ "name": "worker:w17", "roles": ["staff"], "worker": "w17" }),
        )
        .describes::<AccountToOpen>()
        .describes::<Account>()
        .answers_as(201, "It is open", JSON, reference("Account"))
        .refuses(&[Kind::InvalidBody, Kind::AccountExists]);
    let about = "Its tokens, sessions and grants end at once.";
    let close = named(op("close-account", "Close an account", about))
        .answers::<Account>("It is closed")
        .refuses(&[Kind::AccountClosed]);
    let roles = named(op("account-roles", "Give an account other roles", ""))
        .body("All its roles", &[(JSON, reference("RolesToHave"))], &json!({ "roles": ["auditor"] }))
        .describes::<RolesToHave>()
        .answers::<Account>("The account")
        .refuses(&[Kind::InvalidBody, Kind::AccountClosed]);
    let tokens = named(op("tokens", "The tokens of an account", "")).answers::<Tokens>("The tokens");
    let issue = named(op("issue-token", "Give out a token", "Its text is in the answer, and nowhere else."))
        .body("The token", &[(JSON, reference("TokenToIssue"))], &json!({ "label": "laptop", "days": 90 }))
        .describes::<TokenToIssue>()
        .describes::<IssuedToken>()
        .answers_as(201, "The token", JSON, reference("IssuedToken"))
        .refuses(&[Kind::InvalidBody, Kind::AccountClosed]);
    let revoke = op("revoke-token", "Take a token back", "It opens nothing any more, nor do its sessions.")
        .path("id", "The token's id")
        .answers::<Ended>("It is taken back")
        .refuses(&[Kind::InvalidPath, Kind::UnknownToken]);
    api.get("/v1/accounts", accounts, list)
        .post("/v1/accounts", open_account, open)
        .delete("/v1/accounts/{name}", close_account, close)
        .post("/v1/accounts/{name}/roles", change_roles, roles)
        .get("/v1/accounts/{name}/tokens", tokens_of, tokens)
        .post("/v1/accounts/{name}/tokens", issue_token, issue)
        .delete("/v1/tokens/{id}", revoke_token, revoke)
}

impl State {
    /// Changes accounts, away from the threads that serve connections.
    pub(super) async fn change<T, W>(&self, work: W) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: FnOnce(&Access) -> Result<T, Error> + Send + 'static,
    {
        let access = Arc::clone(self.visitors.access());
        self.blocking.append(move || work(&access).map_err(Problem::from)).await
    }
}

async fn accounts(
    extract::State(state): extract::State<State>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Response {
    let accounts = state.visitors.access().accounts();
    answer::page(
        &Accounts { accounts: accounts.iter().map(|account| Account::clone(account)).collect() },
        None,
    )
}

async fn open_account(
    extract::State(state): extract::State<State>,
    visit: Visit,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(asked): SmallBody<AccountToOpen>,
) -> Result<Response, Problem> {
    let (roles, dates) = (roles(&asked.roles)?, dates(asked.dates.as_deref())?);
    let new = NewAccount { name: asked.name, roles, worker: asked.worker, dates };
    let by = visit.account().clone();
    let account = state.change(move |access| access.open_account(&by, new)).await?;
    answer::created(&*account)
}

async fn close_account(
    extract::State(state): extract::State<State>,
    visit: Visit,
    NamePath(name): NamePath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let (by, name) = (visit.account().clone(), account_name(&name)?);
    let account = state.change(move |access| access.close_account(&by, &name)).await?;
    Ok(answer::page(&*account, None))
}

async fn change_roles(
    extract::State(state): extract::State<State>,
    visit: Visit,
    NamePath(name): NamePath,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(asked): SmallBody<RolesToHave>,
) -> Result<Response, Problem> {
    let (by, name, roles) = (visit.account().clone(), account_name(&name)?, roles(&asked.roles)?);
    let dates = dates(asked.dates.as_deref())?;
    let account =
        state.change(move |access| access.change_roles(&by, &name, &roles, asked.worker, dates)).await?;
    Ok(answer::page(&*account, None))
}

async fn tokens_of(
    extract::State(state): extract::State<State>,
    NamePath(name): NamePath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let name = account_name(&name)?;
    let accounts = state.visitors.access().accounts();
    let account = accounts.iter().find(|account| account.name == name);
    let account = account.ok_or_else(|| Problem::from(Error::AccountUnknown(name)))?;
    Ok(answer::page(&Tokens { tokens: account.tokens.clone() }, None))
}

async fn issue_token(
    extract::State(state): extract::State<State>,
    visit: Visit,
    NamePath(name): NamePath,
    Query(NoParameters {}): Query<NoParameters>,
    SmallBody(asked): SmallBody<TokenToIssue>,
) -> Result<Response, Problem> {
    let (by, name) = (visit.account().clone(), account_name(&name)?);
    let issued = state.change(move |access| access.issue_token(&by, &name, asked.label, asked.days)).await?;
    answer::created(&IssuedToken { id: issued.id, token: issued.text.to_string(), expires: issued.expires })
}

async fn revoke_token(
    extract::State(state): extract::State<State>,
    visit: Visit,
    IdPath(id): IdPath,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let (by, id) = (visit.account().clone(), code(&id)?);
    let token = id.clone();
    state.change(move |access| access.revoke_token(&by, &token)).await?;
    Ok(answer::page(&Ended { id }, None))
}

fn roles(names: &[String]) -> Result<BTreeSet<Role>, Problem> {
    let role = |(nth, name): (usize, &String)| {
        name.parse::<Role>().map_err(|error| {
            Kind::InvalidBody.because(error.to_string()).at(Fault::pointer(format!("/roles/{nth}")))
        })
    };
    names.iter().enumerate().map(role).collect()
}

fn dates(name: Option<&str>) -> Result<Option<Dates>, Problem> {
    let dates = name.map(str::parse::<Dates>).transpose();
    dates
        .map_err(|error| Kind::InvalidBody.because(error.to_string()).at(Fault::pointer("/dates".to_owned())))
}

pub(super) fn account_name(name: &str) -> Result<Actor, Problem> {
    Actor::new(name)
        .map_err(|error| Kind::InvalidPath.because(error.to_string()).at(Fault::parameter("name")))
}

pub(super) fn code(id: &str) -> Result<Code, Problem> {
    Code::new(id).map_err(|error| Kind::InvalidPath.because(error.to_string()).at(Fault::parameter("id")))
}
