//! Accounts read from the log anew are the accounts as they were, whatever happened.

use proptest::prelude::*;
use throughline_access::{Dates, Deed, Denied, NewAccount, NewGrant, Role};

use crate::house::{House, actor, client, code, keeper, set, text};

#[derive(Debug, Clone)]
enum Step {
    Open(u8, Vec<Role>, Option<Dates>),
    Roles(u8, Vec<Role>, Option<Dates>),
    Close(u8),
    Issue(u8, u16),
    Revoke(usize),
    Grant(u8, Option<u8>, bool, Option<i64>),
    End(usize),
    Glass(u8, u8),
    Read(u8, u8),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let roles = || prop::collection::vec(prop::sample::select(Role::ALL.to_vec()), 0..3);
    let dates = || prop::option::of(prop::sample::select(Dates::ALL.to_vec()));
    let who = || 0..4_u8;
    prop_oneof![
        4 => (who(), roles(), dates()).prop_map(|(who, roles, dates)| Step::Open(who, roles, dates)),
        2 => (who(), roles(), dates()).prop_map(|(who, roles, dates)| Step::Roles(who, roles, dates)),
        1 => who().prop_map(Step::Close),
        4 => (who(), 0..400_u16).prop_map(|(who, days)| Step::Issue(who, days)),
        2 => (0..8_usize).prop_map(Step::Revoke),
        2 => (who(), prop::option::of(0..3_u8), any::<bool>(), prop::option::of(-1..48_i64))
            .prop_map(|(who, client, names, until)| Step::Grant(who, client, names, until)),
        1 => (0..6_usize).prop_map(Step::End),
        1 => (who(), 0..3_u8).prop_map(|(who, client)| Step::Glass(who, client)),
        2 => (who(), 0..3_u8).prop_map(|(who, client)| Step::Read(who, client)),
        1 => (0..2_000_i64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn accounts_read_anew_are_the_accounts_as_they_were(steps in prop::collection::vec(step(), 1..40)) {
        let house = House::new();
        let (mut tokens, mut grants) = (Vec::new(), Vec::new());
        let name = |who: u8| actor(&format!("worker:w{who}"));
        for step in steps {
            match step {
                Step::Open(who, roles, dates) => {
                    let new = NewAccount { roles: set(&roles), dates, ..NewAccount::named(name(who)) };
                    house.access.open_account(&keeper(), new).ok();
                }
                Step::Roles(who, roles, dates) => {
                    let worker = Some(code("w9"));
                    house.access.change_roles(&keeper(), &name(who), &set(&roles), worker, dates).ok();
                }
                Step::Close(who) => drop(house.access.close_account(&keeper(), &name(who))),
                Step::Issue(who, days) => {
                    let label = Some(text(&format!("token of {who}")));
                    tokens.extend(house.access.issue_token(&keeper(), &name(who), label, Some(days)));
                }
                Step::Revoke(nth) => {
                    if let Some(token) = tokens.get(nth) {
                        house.access.revoke_token(&keeper(), &token.id).ok();
                    }
                }
                Step::Grant(who, of, names, hours) => {
                    let until = hours.map(|hours| house.in_hours(hours));
                    let of = of.map(|n| client(u128::from(n)));
                    let grant = NewGrant { to: name(who), client: of, names, until, why: text("because") };
                    grants.extend(house.access.grant(&keeper(), grant));
                }
                Step::End(nth) => {
                    if let Some(id) = grants.get(nth) {
                        house.access.end_grant(&keeper(), id).ok();
                    }
                }
                Step::Glass(who, of) => {
                    if let Some(caller) = house.access.account(&name(who)) {
                        house.access.break_glass(&caller, client(u128::from(of)), text("at night")).ok();
                    }
                }
                Step::Read(who, of) => {
                    let read = Deed::Read { client: client(u128::from(of)), what: code("history") };
                    house.access.record(house.access.account(&name(who)).as_ref(), read).expect("written down");
                }
                Step::Pass(hours) => house.pass(hours),
            }
        }
        let opens = |house: &House| {
            tokens.iter().map(|token| house.access.caller(&token.text)).collect::<Vec<Result<_, Denied>>>()
        };
        let (live, live_opens) = (house.access.accounts(), opens(&house));
        let house = house.again();
        prop_assert_eq!(house.access.accounts(), live);
        prop_assert_eq!(opens(&house), live_opens);
    }
}
