//! Leave beyond the roles: granted, ended, run out, and taken in an emergency.

use throughline_access::{Error, GLASS_HOURS, NewGrant, Role};
use throughline_domain::JourneyId;

use crate::house::{House, client, code, keeper, text};

fn grant(house: &House, to: &str, client: Option<JourneyId>, names: bool, hours: Option<i64>) -> NewGrant {
    let until = hours.map(|hours| house.in_hours(hours));
    NewGrant { to: crate::house::actor(to), client, names, until, why: text("Stands in for a colleague.") }
}

#[test]
fn a_grant_shows_its_client_until_it_ends() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let now = || house.access.account(&name).expect("open");
    let id = house.access.grant(&keeper(), grant(&house, "worker:w1", Some(client(1)), false, Some(2)));
    let id = id.expect("granted");
    assert!(now().granted(client(1), house.now()) && !now().granted(client(2), house.now()));
    assert!(!now().names_granted(client(1), house.now()), "names are a grant of their own");
    house.pass(2);
    assert!(!now().granted(client(1), house.now()), "its time is up");
    house.access.end_grant(&keeper(), &id).expect("ended");

    let all = house.access.grant(&keeper(), grant(&house, "worker:w1", None, true, None)).expect("granted");
    assert!(now().granted(client(7), house.now()) && now().names_granted(client(7), house.now()));
    house.access.end_grant(&keeper(), &all).expect("ended");
    house.access.end_grant(&keeper(), &all).expect("ended as it was");
    assert!(!now().granted(client(7), house.now()));
    assert!(matches!(house.access.end_grant(&keeper(), &code("none")), Err(Error::GrantUnknown(_))));
}

#[test]
fn a_grant_needs_a_reason_and_a_time_to_come_and_an_open_account() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let silent = NewGrant { why: text("  \n"), ..grant(&house, "worker:w1", None, false, None) };
    assert!(matches!(house.access.grant(&keeper(), silent), Err(Error::NoReason)));
    let past = grant(&house, "worker:w1", None, false, Some(0));
    assert!(matches!(house.access.grant(&keeper(), past), Err(Error::UntilPassed(_))));
    let nobody = grant(&house, "worker:w2", None, false, None);
    assert!(matches!(house.access.grant(&keeper(), nobody), Err(Error::AccountUnknown(_))));
    house.access.grant(&keeper(), grant(&house, "worker:w1", None, false, None)).expect("granted");
    house.access.close_account(&keeper(), &name).expect("closed");
    house.open("worker:w1", &[Role::Staff]);
    assert!(
        !house.access.account(&name).expect("open").granted(client(1), house.now()),
        "it ended with the account"
    );
}

#[test]
fn whoever_reads_records_breaks_the_glass_for_a_reason_and_for_a_while() {
    let house = House::new();
    let worker = house.caller("worker:w1", &[Role::Staff]);
    let reason = || text("A call from the hospital at night.");
    assert!(matches!(house.access.break_glass(&worker, client(1), text(" ")), Err(Error::NoReason)));
    let until = house.access.break_glass(&worker, client(1), reason()).expect("broken");
    assert_eq!(until, house.in_hours(GLASS_HOURS));
    assert!(!worker.granted(client(1), house.now()), "a caller knows what was known when it was let in");
    let house = house.again();
    let worker = house.access.account(&worker.account).expect("open");
    assert!(worker.granted(client(1), house.now()) && worker.names_granted(client(1), house.now()));
    assert!(!worker.granted(client(2), house.now()));
    assert_eq!(worker.grants()[0].why, Some(reason()));
    house.pass(GLASS_HOURS);
    assert!(!worker.granted(client(1), house.now()));
    for (name, role) in
        [("evaluator:e1", Role::Evaluator), ("admin:k1", Role::Admin), ("system:s", Role::Writer)]
    {
        let caller = house.caller(name, &[role]);
        let broken = house.access.break_glass(&caller, client(1), reason());
        assert!(matches!(broken, Err(Error::NoGlass(_))), "{name}");
    }
}
