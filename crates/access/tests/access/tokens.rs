//! Which tokens open something.

use std::time::Duration;

use throughline_access::{Denied, Error, Role, TOKEN_DAYS, TOKEN_DAYS_MAX};

use crate::house::{House, actor, code, files, keeper, set, text};

#[test]
fn a_token_lets_in_its_own_account_and_no_other() {
    let house = House::new();
    let (one, two) = (house.open("worker:w1", &[Role::Staff]), house.open("auditor:a1", &[Role::Auditor]));
    let issue = |name| house.access.issue_token(&keeper(), name, None, None).expect("a token");
    let (first, second) = (issue(&one), issue(&two));
    let caller = house.access.caller(&first.text).expect("let in");
    assert_eq!((&caller.account, &caller.roles), (&one, &set(&[Role::Staff])));
    assert_eq!(caller.token.as_ref(), Some(&first.id));
    assert_eq!(house.access.caller(&second.text).expect("let in").account, two);
    assert_eq!(house.access.caller_of_token(&second.id).expect("let in").account, two);
    assert_ne!(*first.text, *second.text);
}

#[test]
fn a_token_is_256_bits_as_text_and_nothing_else_opens() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let token = house.access.issue_token(&keeper(), &name, None, None).expect("a token");
    let text: &str = &token.text;
    assert_eq!((text.len(), &text[..4]), (47, "tlt_"));
    for at in 0..text.len() {
        for other in ['A', 'b', '-', '='] {
            let mut changed: Vec<char> = text.chars().collect();
            if changed[at] != other {
                changed[at] = other;
                let changed: String = changed.into_iter().collect();
                assert_eq!(house.access.caller(&changed).err(), Some(Denied::Unknown), "{at} {other}");
            }
        }
        assert_eq!(house.access.caller(&text[..at]).err(), Some(Denied::Unknown), "the first {at}");
    }
    let longer = format!("{text}A");
    for wrong in [longer.as_str(), token.id.as_str(), "", " ", &text[4..], &text.to_lowercase()] {
        assert_eq!(house.access.caller(wrong).err(), Some(Denied::Unknown), "{wrong}");
    }
    assert!(house.access.caller(text).is_ok());
}

#[test]
fn a_revoked_token_is_dead_at_once_and_after_a_restart_and_others_live_on() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let issue = || house.access.issue_token(&keeper(), &name, None, None).expect("a token");
    let (lost, kept) = (issue(), issue());
    house.access.revoke_token(&keeper(), &lost.id).expect("revoked");
    house.access.revoke_token(&keeper(), &lost.id).expect("revoked as it was");
    let check = |house: &House| {
        assert_eq!(house.access.caller(&lost.text).err(), Some(Denied::Revoked));
        assert_eq!(house.access.caller_of_token(&lost.id).err(), Some(Denied::Revoked));
        assert!(house.access.caller(&kept.text).is_ok());
    };
    check(&house);
    check(&house.again());
}

#[test]
fn a_token_ends_when_its_time_is_up() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let issue = |days| house.access.issue_token(&keeper(), &name, None, days);
    let (usual, short) = (issue(None).expect("a token"), issue(Some(1)).expect("a token"));
    house.pass(23);
    assert!(house.access.caller(&short.text).is_ok());
    house.pass(1);
    assert_eq!(house.access.caller(&short.text).err(), Some(Denied::Expired));
    house.pass(i64::from(TOKEN_DAYS - 1) * 24 - 1);
    assert!(house.access.caller(&usual.text).is_ok());
    house.pass(1);
    assert_eq!(house.access.caller(&usual.text).err(), Some(Denied::Expired));
    for days in [0, TOKEN_DAYS_MAX + 1, u16::MAX] {
        assert!(matches!(issue(Some(days)), Err(Error::TokenDays { .. })), "{days}");
    }
    assert!(issue(Some(TOKEN_DAYS_MAX)).is_ok());
}

#[test]
fn a_closed_account_is_shut_out_and_its_tokens_stay_dead_when_it_opens_again() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let token = house.access.issue_token(&keeper(), &name, None, None).expect("a token");
    house.access.close_account(&keeper(), &name).expect("closed");
    assert_eq!(house.access.caller(&token.text).err(), Some(Denied::Closed));
    assert!(house.access.account(&name).is_none());
    assert!(matches!(house.access.issue_token(&keeper(), &name, None, None), Err(Error::AccountClosed(_))));
    house.open("worker:w1", &[Role::Auditor]);
    assert_eq!(house.access.caller(&token.text).err(), Some(Denied::Revoked));
    assert_eq!(house.access.account(&name).expect("open").roles, set(&[Role::Auditor]));
}

#[test]
fn who_is_no_account_gets_no_token_and_what_is_no_token_is_not_revoked() {
    let house = House::new();
    let nobody = house.access.issue_token(&keeper(), &actor("worker:w9"), None, None);
    assert!(matches!(nobody, Err(Error::AccountUnknown(_))));
    let none = house.access.revoke_token(&keeper(), &code("0123456789abcdef"));
    assert!(matches!(none, Err(Error::TokenUnknown(_))));
}

#[test]
fn a_token_that_could_not_be_written_down_opens_nothing_and_one_not_revoked_on_disk_is_said_so() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let token = house.access.issue_token(&keeper(), &name, None, None).expect("a token");
    house.log.full.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(house.access.issue_token(&keeper(), &name, None, None), Err(Error::Log(_))));
    assert!(matches!(house.access.revoke_token(&keeper(), &token.id), Err(Error::Log(_))));
    assert!(house.access.caller(&token.text).is_ok(), "what was not written down did not happen");
    house.log.full.store(false, std::sync::atomic::Ordering::SeqCst);
    let tokens: Vec<usize> = house.access.accounts().iter().map(|account| account.tokens.len()).collect();
    assert_eq!(tokens, [1]);
}

#[test]
fn nothing_of_a_token_is_in_any_file_and_nothing_said_about_it_in_the_clear() {
    let house = House::new();
    let name = house.open("worker:w1", &[Role::Staff]);
    let label = text("the-laptop-with-a-sticker");
    let token = house.access.issue_token(&keeper(), &name, Some(label.clone()), None).expect("a token");
    house.access.caller(&token.text).expect("let in");
    let random = &token.text[4..];
    let raw =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, random).expect("base64");
    assert_eq!(raw.len(), 32);
    let dir = house.dir.clone();
    drop(house);
    std::thread::sleep(Duration::from_millis(1));
    let found = files(dir.path());
    assert!(found.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 1_000, "there are files to look in");
    let telling: [&[u8]; 5] = [
        token.text.as_bytes(),
        &random.as_bytes()[..16],
        &raw[..12],
        label.as_str().as_bytes(),
        token.id.as_str().as_bytes(),
    ];
    for (path, bytes) in &found {
        for (nth, secret) in telling.iter().enumerate() {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == *secret),
                "{path} holds secret {nth}"
            );
        }
    }
    // The same search does find what lies in the clear: who wrote an event down is public.
    let by = b"admin:first";
    assert!(found.iter().any(|(_, bytes)| bytes.windows(by.len()).any(|window| window == by)));
}
