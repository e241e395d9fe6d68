//! Opening, changing and closing accounts, by one and by many at once.

use std::{sync::atomic::Ordering, thread};

use throughline_access::{Dates, Deed, Error, Need, NewAccount, Role};

use crate::house::{House, actor, client, code, keeper, set};

#[test]
fn an_account_is_opened_once_for_something_and_changed_while_open() {
    let house = House::new();
    assert!(house.access.is_new());
    let nothing = house.access.open_account(&keeper(), NewAccount::named(actor("worker:w1")));
    assert!(matches!(nothing, Err(Error::NoRole(_))));
    let name = house.open("worker:w1", &[Role::Staff]);
    assert!(!house.access.is_new());
    let again = NewAccount { roles: set(&[Role::Admin]), ..NewAccount::named(name.clone()) };
    assert!(matches!(house.access.open_account(&keeper(), again), Err(Error::AccountExists(_))));
    let roles = set(&[Role::Staff, Role::Supervisor]);
    house.access.change_roles(&keeper(), &name, &roles, Some(code("w18")), None).expect("changed");
    let caller = house.access.account(&name).expect("open");
    assert_eq!((&caller.roles, caller.worker), (&roles, Some(code("w18"))));
    house.access.close_account(&keeper(), &name).expect("closed");
    assert!(matches!(house.access.close_account(&keeper(), &name), Err(Error::AccountClosed(_))));
    let changed = house.access.change_roles(&keeper(), &name, &roles, None, None);
    assert!(matches!(changed, Err(Error::AccountClosed(_))));
    assert!(matches!(
        house.access.change_roles(&keeper(), &actor("x"), &roles, None, None),
        Err(Error::AccountUnknown(_))
    ));
}

#[test]
fn roles_and_dates_are_said_at_once_or_not_at_all() {
    let house = House::new();
    let name = actor("evaluator:e1");
    let new = NewAccount { roles: set(&[Role::Evaluator]), ..NewAccount::named(name.clone()) };
    house.log.full.store(true, Ordering::SeqCst);
    assert!(
        house
            .access
            .open_account(&keeper(), NewAccount { dates: Some(Dates::Month), ..new.clone() })
            .is_err()
    );
    assert!(house.access.accounts().is_empty());
    house.log.full.store(false, Ordering::SeqCst);
    let dates = || house.access.accounts()[0].dates;
    let opened = house.access.open_account(&keeper(), NewAccount { dates: Some(Dates::Month), ..new });
    assert_eq!(opened.expect("opened").dates, Dates::Month);
    let change =
        |roles: &[Role], dates| house.access.change_roles(&keeper(), &name, &set(roles), None, dates);
    assert!(matches!(change(&[], Some(Dates::Day)), Err(Error::NoRole(_))));
    assert_eq!(dates(), Dates::Month, "who is refused changes nothing");
    assert_eq!(change(&[Role::Auditor], None).expect("changed").dates, Dates::Month);
    assert_eq!(change(&[Role::Evaluator], Some(Dates::Year)).expect("changed").dates, Dates::Year);
}

#[test]
fn many_who_change_one_account_at_once_all_count_once() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let issued: Vec<_> = thread::scope(|scope| {
        let issue =
            || (0..5).map(|_| house.access.issue_token(&keeper(), &name, None, None)).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(issue)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    let good: Vec<_> = issued.into_iter().filter_map(Result::ok).collect();
    assert!(good.len() >= 10, "{} of 20", good.len());
    let known = house.access.accounts()[0].tokens.len();
    assert_eq!(known, good.len());
    assert!(good.iter().all(|token| house.access.caller(&token.text).is_ok()));
    let house = house.again();
    assert!(good.iter().all(|token| house.access.caller(&token.text).is_ok()));
    assert_eq!(house.access.accounts()[0].tokens.len(), known);
}

#[test]
fn of_two_who_open_the_same_account_one_does() {
    let house = House::new();
    let opened: usize = thread::scope(|scope| {
        let open = |nth: usize| {
            let roles = set(&[Role::ALL[nth]]);
            house
                .access
                .open_account(&keeper(), NewAccount { roles, ..NewAccount::named(actor("worker:w1")) })
        };
        let threads: Vec<_> = (0..6).map(|nth| scope.spawn(move || open(nth).is_ok())).collect();
        threads.into_iter().map(|thread| usize::from(thread.join().expect("no panic"))).sum()
    });
    assert_eq!(opened, 1);
    let live = house.access.accounts();
    assert_eq!(house.again().access.accounts(), live);
}

#[test]
fn opening_reads_what_accounts_are_and_not_what_they_did() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff]);
    for n in 0..200 {
        let read = Deed::Read { client: client(n % 3), what: code("history") };
        house.access.record(Some(&caller), read).expect("written down");
        house
            .access
            .record(Some(&caller), Deed::Listed { what: code("journeys"), clients: None })
            .expect("written");
    }
    let house = house.again();
    assert_eq!(
        house.log.read.load(Ordering::SeqCst),
        3,
        "in the list of accounts: one; in the account's stream: two"
    );
}

#[test]
fn of_several_roles_the_one_that_allows_most_says_it_and_not_each_a_part() {
    let house = House::new();
    let caller = house.caller("worker:w1", &[Role::Staff, Role::Evaluator]);
    for need in [Need::ReadClients, Need::ReadFigures] {
        assert_eq!(
            caller.leave(need),
            Role::Staff.leave(need),
            "their own clients, and not everybody's as well"
        );
    }
    assert_eq!(caller.leave(Need::Backtest), Role::Evaluator.leave(Need::Backtest));
    let caller = house.caller("worker:w2", &[Role::Auditor, Role::Supervisor]);
    assert_eq!(caller.leave(Need::ReadClient), Role::Supervisor.leave(Need::ReadClient));
    assert_eq!(caller.leave(Need::Erase), None);
}
