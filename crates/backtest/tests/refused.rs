//! What the guards of a causal backtest refuse, each limit with a history that goes past it.

mod made;

use made::{CHOSEN, Client, SHARE, by_lot, clients, confounded, of, refused, run, spec, try_spec};
use throughline_backtest::{Guard, spec::Unknown};

#[test]
fn who_has_no_measurement_and_no_range_is_refused() {
    let mut people = by_lot();
    people
        .iter_mut()
        .enumerate()
        .for_each(|(n, client)| client.income = (n >= 8).then_some(500.0 + n as f64));
    let asked = |range: &str| spec(&format!("{SHARE}\nmeasure = \"last income within 90d\"\n{range}"));
    let refusal = refused(run(&people, &asked("")));
    assert_eq!(refusal.guard, Guard::Missingness);
    assert!(refusal.why.contains("of a share of 0.020"), "{refusal}");
    assert_eq!(refused(run(&people, &asked("range = [0, 600]"))).guard, Guard::Missingness);
    let report = run(&people, &asked("range = [0, 2000]")).unwrap();
    let value = |unknown| of(&report.effects, unknown, "Welch").value;
    assert!((value(Unknown::Unknown) + 1.0).abs() < 1e-9);
    // Nobody hopes for more of it, by this spec: at worst it was the most.
    assert!(value(Unknown::Worst) > value(Unknown::Best));
}

#[test]
fn a_bad_comparison_group_is_refused_by_name() {
    let weighting = spec(&format!("method = \"weighting\"\n{CHOSEN}"));
    let difference = spec(&format!("method = \"difference\"\n{CHOSEN}"));
    let says = |people: &[Client], asked: &_, words: &str| {
        let refusal = refused(run(people, asked));
        assert_eq!(refusal.guard, Guard::Comparable);
        assert!(refusal.to_string().starts_with("the guard `comparable` refuses: "), "{refusal}");
        assert!(refusal.why.contains(words), "{refusal}");
    };
    // Old people had the change, young ones had not.
    says(&confounded([0, 100]), &weighting, "`old` tells the groups apart");
    // Almost so: propensities beyond 0.1 and 0.9.
    says(&confounded([5, 95]), &weighting, "outside the overlap of 0.1 to 0.9 is 1, and must be at most 0.1");
    // Overlap, but too unlike for a difference that is not weighted.
    says(&confounded([30, 70]), &difference, "the standardised difference in `old` is 0.8");
    // Too few of one group.
    let few: Vec<Client> = confounded([30, 70]).into_iter().take(50).collect();
    says(&few, &weighting, "and must be at least 30");
    // Too few events.
    let mut none = confounded([50, 50]);
    none.iter_mut().skip(9).for_each(|client| client.outcome = None);
    says(&none, &difference, "the number of clients with what is measured is");
    assert!(run(&confounded([50, 50]), &difference).is_ok());
}

#[test]
fn few_heavy_clients_are_not_a_group() {
    // Within the overlap, but 18 old people without the change stand for 150 with it.
    let people = clients(368, |n| {
        let (treated, old) = (n < 190, n < 150 || (190..208).contains(&n));
        Client { old: Some(old), outcome: (n % 3 == 0).then_some(9), ..Client::new(treated) }
    });
    let refusal = refused(run(&people, &spec(&format!("method = \"weighting\"\n{CHOSEN}"))));
    assert_eq!(refusal.guard, Guard::Comparable);
    let says = "the effective sample size of the smaller group is 28.65";
    assert!(refusal.why.starts_with(says) && refusal.why.ends_with("and must be at least 30"), "{refusal}");
}

#[test]
fn one_client_does_not_stand_for_a_tenth_of_a_group() {
    // One old person without the change stands for 8 with it: 8 of a weight of 58.
    let people = clients(259, |n| {
        let (treated, old) = (n < 58, n < 8 || n == 58);
        Client { old: Some(old), outcome: (n % 3 == 0).then_some(9), ..Client::new(treated) }
    });
    let refusal = refused(run(&people, &spec(&format!("method = \"weighting\"\n{CHOSEN}"))));
    let says = "the largest share of a group's weight is 0.1379, and must be at most 0.1";
    assert_eq!(refusal.why, says);
}

#[test]
fn weights_that_do_not_balance_are_refused() {
    // With and without the change by children; between 0 and 4 of them the chance of it does not rise evenly.
    let cells = [(0, 50, 350), (1, 250, 50), (4, 100, 100)];
    let people: Vec<Client> = cells
        .iter()
        .flat_map(|(children, with, without)| {
            clients(with + without, |n| Client {
                children: Some(*children),
                outcome: (n % 3 == 0).then_some(9),
                ..Client::new(n < *with)
            })
        })
        .collect();
    let asked = spec(&format!("method = \"weighting\"\n{CHOSEN}").replace("\"old\"]", "\"children\"]"));
    let refusal = refused(run(&people, &asked));
    let says = "the standardised difference in `children` after weighting is 0.1786, and must be at most 0.1";
    assert_eq!(refusal.why, says);
}

#[test]
fn an_effect_before_time_zero_is_no_effect() {
    let placebo = "\n[causal.placebo]\nmeasure = \"share with service within 90d\"";
    let asked = spec(&format!("{SHARE}{placebo}"));
    let mut people = by_lot();
    people
        .iter_mut()
        .enumerate()
        .for_each(|(n, client)| client.services = if n % 3 == 0 { vec![-30] } else { vec![] });
    let report = run(&people, &asked).unwrap();
    assert!(report.placebo[0].p_value > 0.05 && report.placebo[0].value.abs() < 0.05);
    // Those with the change had been served before it, the others had not; a service on day zero is not before.
    people.iter_mut().enumerate().for_each(|(n, client)| {
        client.services = if n % 2 == 0 && n % 3 > 0 { vec![-30] } else { vec![0, 200] };
    });
    let refusal = refused(run(&people, &asked));
    assert!(refusal.why.contains("before time zero is 0, and must be at least 0.05"), "{refusal}");
}

#[test]
fn an_outcome_without_an_end_has_no_share() {
    let mut asked = spec(SHARE);
    asked.outcome.within = None;
    let refusal = refused(run(&by_lot(), &asked));
    assert!(refusal.guard == Guard::Missingness && refusal.why.contains("never known"), "{refusal}");
}

#[test]
fn covariates_that_were_seldom_asked_or_tell_the_outcome_are_refused_by_name() {
    let adjusted = spec(&format!("method = \"difference\"\n{CHOSEN}"));
    let mut people = confounded([50, 50]);
    people.iter_mut().take(500).for_each(|client| client.old = None);
    let refusal = refused(run(&people, &adjusted));
    assert!(
        refusal.why.contains("of whom a covariate is not known is 0.25, and must be at most 0.2"),
        "{refusal}"
    );
    // Only old people ever have the outcome.
    let survival = format!("method = \"survival\"\n{CHOSEN}");
    let mut people = confounded([50, 50]);
    people.iter_mut().filter(|client| client.old == Some(false)).for_each(|client| client.outcome = None);
    let refusal = refused(run(&people, &spec(&survival)));
    assert!(refusal.why.starts_with("`old` tells who had the outcome apart"), "{refusal}");
}

#[test]
fn curves_need_events_in_each_group_and_for_each_coefficient() {
    let survival = format!("method = \"survival\"\n{CHOSEN}");
    let with = |new: usize, old: usize| {
        let mut people = confounded([50, 50]);
        let (mut left, mut others_left) = (new, old);
        for client in &mut people {
            let left = if client.treated { &mut left } else { &mut others_left };
            client.outcome = client.outcome.filter(|_| *left > 0);
            *left -= usize::from(client.outcome.is_some());
        }
        people
    };
    let says = |people: &[Client], words: &str| {
        let refusal = refused(run(people, &spec(&survival)));
        assert!(refusal.guard == Guard::Comparable && refusal.why.contains(words), "{refusal}");
    };
    says(&with(3, 6), "the number of events is");
    says(&with(20, 4), "events in the group with fewer");
    // The change and two covariates ask for fifteen events.
    let people: Vec<Client> = with(7, 6)
        .into_iter()
        .enumerate()
        .map(|(n, client)| Client { children: Some(u8::from(n % 4 < 2)), ..client })
        .collect();
    let many = survival.replace("\"old\"]", "\"old\", \"children\"]");
    let refusal = refused(run(&people, &spec(&many)));
    assert!(refusal.why.contains("for the coefficients of the adjusted model"), "{refusal}");
    assert!(run(&with(20, 20), &spec(&survival)).is_ok());
}

#[test]
fn settings_that_a_method_does_not_heed_are_told_with_their_line() {
    let says = |causal: &str| match try_spec(causal) {
        Err(invalid) => invalid.to_string(),
        Ok(_) => panic!("taken: {causal}"),
    };
    let series = "method = \"interrupted-series\"";
    assert!(says(series).contains("nothing says what changed"));
    let change = "[causal.change]\nfrom = \"2021-01-01\"";
    assert!(
        says(&format!("{series}\ncovariates = [\"old\"]\n{change}")).contains("do not adjust for covariates")
    );
    assert!(
        says(&format!("{series}\n{CHOSEN}\n{change}").replace("covariates =", "#")).contains("one group")
    );
    let both = "[causal.change]\nnamed = \"peer-support\"\nfrom = \"2021-01-01\"";
    assert!(says(&format!("{series}\n{both}")).contains("either `named` or `from`"));
    assert!(says("method = \"survival\"").contains("who belongs to which group"));
    assert!(says(&SHARE.replace("difference", "weighting")).contains("nothing to weight by"));
    assert!(says(&format!("{SHARE}\nstrata = \"old\"")).contains("`method = \"survival\"`"));
    assert!(
        says(&format!("{SHARE}\nmeasure = \"count of nothing within 9d\"")).contains("`nothing` is no event")
    );
    assert!(says(&format!("{SHARE}\nrange = [1, 0]")).contains("has no room"));
    assert!(says(&SHARE.replace("\"old\"", "\"new\"")).contains("both groups are the same"));
    assert!(says(&format!("{SHARE}\n[causal.placebo]\nmeasure = \"outcome\"")).contains("before time zero"));
}
