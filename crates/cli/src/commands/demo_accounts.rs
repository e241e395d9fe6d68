//! The demo's accounts: a visitor who may do everything, and some of each role to see the differences by.

use std::collections::BTreeSet;

use anyhow::Result;
use throughline_access::{Access, NewAccount, Role};
use throughline_domain::{Actor, Code};
use throughline_http::Visitors;

use super::Context;
use crate::{operator, output};

/// Whoever opens the demo.
const VISITOR: &str = "demo:visitor";

/// Accounts that are no worker's.
const OTHERS: [(&str, &[Role]); 5] = [
    ("supervisor:s1", &[Role::Supervisor]),
    ("auditor:a1", &[Role::Auditor]),
    ("evaluator:e1", &[Role::Evaluator]),
    ("admin:k1", &[Role::Admin]),
    ("system:intake-desk", &[Role::Writer]),
];

/// Opens the accounts that are missing, and signs everybody in as the visitor.
pub fn open(context: &Context, workers: &[(Actor, Code)]) -> Result<Visitors> {
    let access = context.data.open_access(context.clock.clone())?;
    let visitor = Actor::new(VISITOR)?;
    open_one(&access, visitor.clone(), Role::ALL.into(), None)?;
    for (name, code) in workers {
        open_one(&access, name.clone(), [Role::Staff].into(), Some(code.clone()))?;
    }
    for (name, roles) in OTHERS {
        open_one(&access, Actor::new(name)?, roles.iter().copied().collect(), None)?;
    }
    Ok(Visitors::SignedIn { access, account: visitor })
}

/// Says who is signed in, and how to be somebody else.
pub fn say(url: &str) {
    output::say(format!(
        "\nwhoever comes is signed in as `{VISITOR}`, which may do everything; this demo is for this machine alone.\n\
         to see what others see, give one of these a token, and ask with it:\n  \
         worker:w001 (staff, their own clients), supervisor:s1, auditor:a1, evaluator:e1, admin:k1\n  \
         curl -X POST -H 'Content-Type: application/json' -d '{{}}' {url}/v1/accounts/worker:w001/tokens\n  \
         curl -H 'Authorization: Bearer tlt_…' {url}/v1/journeys"
    ));
}

fn open_one(access: &Access, name: Actor, roles: BTreeSet<Role>, worker: Option<Code>) -> Result<()> {
    // One that was closed stays closed: somebody closed it.
    if access.accounts().iter().all(|account| account.name != name) {
        access.open_account(&operator::name(), NewAccount { roles, worker, ..NewAccount::named(name) })?;
    }
    Ok(())
}
