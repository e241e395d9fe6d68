//! What engagement says of a client, told as lives.

mod given;

use given::{
    attempt, call, check_in, died, enrolled, exited, goal, letter, missed, opened, plan, reading, service,
};
use serde_json::json;
use throughline_domain::Eyes;
use throughline_engagement::{Because, Engagement, Shape, Standing};
use throughline_projection::testing::{fact, given, nth};

/// Five weekly calls, the last on 29 January 2025.
fn weekly() -> Vec<throughline_domain::Fact> {
    let days = ["2025-01-01", "2025-01-08", "2025-01-15", "2025-01-22", "2025-01-29"];
    let calls = days.map(|day| call(day, "staff"));
    [opened("2025-01-01"), enrolled("2025-01-01", "jobs")].into_iter().chain(calls).collect()
}

#[test]
fn a_silence_is_judged_by_the_clients_own_rhythm() {
    let life = given::<Engagement>(weekly());
    let silence = life.on("2025-02-05").silence;
    assert_eq!(silence.standing, Standing::InTouch);
    assert_eq!(silence.probability, Some(0.401_878));
    let rhythm = silence.rhythm.unwrap();
    assert_eq!((rhythm.returns, rhythm.over_days), (4, 28));
    assert_eq!(life.on("2025-02-12").silence.standing, Standing::Watch);
    assert_eq!(life.on("2025-02-26").silence.standing, Standing::Watch);
    assert_eq!(life.on("2025-02-27").silence.standing, Standing::Quiet);
    assert_eq!(life.on("2025-04-01").silence.standing, Standing::Lost);
    assert_eq!(rhythm.quiet_from, Some("2025-02-27".parse().unwrap()));
}

#[test]
fn failed_attempts_are_shown_and_are_no_contact() {
    let mut facts = weekly();
    facts.extend([attempt("2025-02-10"), missed("2025-02-20"), letter("2025-02-25")]);
    let without = given::<Engagement>(weekly()).on("2025-02-27").silence;
    let silence = given::<Engagement>(facts).on("2025-02-27").silence;
    assert_eq!(silence.probability, without.probability);
    assert_eq!(silence.last_contact, without.last_contact);
    assert_eq!(silence.standing, Standing::Quiet);
    assert_eq!(silence.attempts, 2);
    assert_eq!(silence.latest_attempts[0].event, attempt("2025-02-10").id);
}

#[test]
fn a_follow_up_that_reached_nobody_is_no_contact_and_one_that_did_is() {
    let followed = |reached: &str| {
        let mut facts = weekly();
        let fields = json!({"format": "phone", "reached": reached});
        facts.push(fact("2025-03-01", Eyes::Staff, "follow-up-attempted", fields));
        given::<Engagement>(facts).on("2025-03-01").silence
    };
    assert_eq!(followed("not-reached").standing, Standing::Quiet);
    assert_eq!(followed("not-reached").attempts, 1);
    assert_eq!(followed("reached").standing, Standing::InTouch);
    assert_eq!(followed("reached").days, Some(0));
}

#[test]
fn a_register_that_was_read_is_no_contact() {
    let looked = |eyes| {
        let fields = json!({"format": "unknown", "result": "still-holds"});
        let facts = weekly().into_iter().chain([fact("2025-03-01", eyes, "follow-up-held", fields)]);
        given::<Engagement>(facts).on("2025-03-01").silence.days
    };
    assert_eq!(looked(Eyes::Staff), Some(0));
    assert_eq!(looked(Eyes::System), Some(31));
    assert_eq!(looked(Eyes::Partner), Some(31));
}

#[test]
fn a_service_whose_form_was_not_recorded_is_contact_and_no_form_used() {
    let answer = given::<Engagement>([service("2025-01-10", "housing", "unknown")]).on("2025-01-11");
    assert_eq!(answer.silence.days, Some(1));
    let breadth = answer.now.unwrap().breadth;
    assert_eq!(breadth.life_areas.len(), 1);
    assert!(breadth.formats.is_empty());
}

#[test]
fn a_course_taken_alone_is_no_two_way_contact() {
    let answer = given::<Engagement>([service("2025-01-10", "work", "self-service")]).on("2025-01-11");
    assert_eq!(answer.silence.standing, Standing::NoContactYet);
    let two_way = answer.now.unwrap().depth.two_way.unwrap();
    assert_eq!((two_way.numerator, two_way.denominator), (0, 1));
}

#[test]
fn of_the_dead_no_level_is_said() {
    let mut facts = weekly();
    facts.extend([died("2025-03-01"), attempt("2025-04-01")]);
    let life = given::<Engagement>(facts);
    assert_eq!(life.on("2025-02-28").silence.standing, Standing::Quiet);
    let answer = life.on("2025-06-01");
    assert_eq!(answer.silence.standing, Standing::Deceased);
    assert_eq!(answer.silence.probability, None);
    let last = answer.trajectory.last().unwrap();
    assert_eq!((last.on.to_string().as_str(), last.shape), ("2025-03-01", None));
    assert!(last.because.contains(&Because::Died));
    assert!(life.work("going-quiet", "2025-06-01").is_empty());
}

#[test]
fn there_is_a_point_for_each_month_and_each_change_also_after_exit() {
    let mut facts = weekly();
    facts.extend([exited("2025-02-03", "jobs"), call("2025-03-05", "client")]);
    let answer = given::<Engagement>(facts).on("2025-04-15");
    let points: Vec<(String, &[Because])> =
        answer.trajectory.iter().map(|point| (point.on.to_string(), &point.because[..])).collect();
    let said: Vec<(&str, &[Because])> = points.iter().map(|(on, because)| (on.as_str(), *because)).collect();
    assert_eq!(
        said,
        [
            ("2025-01-01", &[Because::Enrolled, Because::Standing][..]),
            ("2025-01-31", &[Because::Month]),
            ("2025-02-03", &[Because::Exited]),
            ("2025-02-12", &[Because::Standing]),
            ("2025-02-27", &[Because::Standing, Because::Shape]),
            ("2025-02-28", &[Because::Month]),
            ("2025-03-05", &[Because::Standing, Because::Shape]),
            ("2025-03-27", &[Because::Standing]),
            ("2025-03-31", &[Because::Month]),
        ]
    );
    assert_eq!(answer.trajectory[2].events, [exited("2025-02-03", "jobs").id]);
    assert_eq!(answer.trajectory[6].events, [call("2025-03-05", "client").id]);
    assert_eq!(answer.trajectory[6].shape, Some(Shape::Returned));
}

#[test]
fn breadth_counts_each_area_person_and_form_once() {
    let facts = [
        service("2025-01-02", "housing", "in-person"),
        nth(2, service("2025-01-02", "housing", "in-person")),
        service("2025-01-09", "work", "phone"),
        check_in("2025-01-16"),
    ];
    let life = given::<Engagement>(facts);
    let breadth = life.on("2025-01-20").now.unwrap().breadth;
    assert_eq!(
        breadth.life_areas.iter().map(throughline_domain::Code::as_str).collect::<Vec<_>>(),
        ["housing", "work"]
    );
    assert_eq!((breadth.people.caregivers, breadth.people.workers, breadth.people.total), (1, 1, 3));
    assert_eq!(breadth.formats.len(), 3);
    // 90 days on, the first day has left the window.
    let later = life.on("2025-04-02").now.unwrap().breadth;
    assert_eq!(later.life_areas.iter().map(throughline_domain::Code::as_str).collect::<Vec<_>>(), ["work"]);
}

#[test]
fn depth_says_who_began_only_of_contacts_that_tell() {
    let facts = [call("2025-01-02", "client"), call("2025-01-03", "staff"), letter("2025-01-04")];
    let facts = facts.into_iter().chain([service("2025-01-05", "work", "in-person")]);
    let depth = given::<Engagement>(facts).on("2025-01-20").now.unwrap().depth;
    let counted = |share: Option<throughline_engagement::Share>| share.map(|s| (s.numerator, s.denominator));
    assert_eq!(counted(depth.two_way), Some((3, 4)));
    assert_eq!(counted(depth.client_began), Some((1, 3)));
}

#[test]
fn elements_are_kept_by_whose_eyes_saw_them() {
    let facts = [
        reading("2025-01-01", Eyes::Client, "trust", 5.0),
        reading("2025-01-31", Eyes::Client, "trust", 1.0),
        reading("2025-01-31", Eyes::Caregiver, "trust", 3.0),
        reading("2025-01-31", Eyes::Client, "wellbeing", 1.0),
    ];
    let elements = given::<Engagement>(facts).on("2025-02-01").now.unwrap().depth.elements;
    let trust = elements.trust.unwrap();
    let weight = 1.0 - (-1.0_f64).exp();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    // The two readings of 31 January count as one, their mean 0.25.
    close(trust.value, 1.0 + weight * (0.25 - 1.0));
    close(trust.by_eyes[&Eyes::Client].value, 1.0 - weight);
    close(trust.by_eyes[&Eyes::Caregiver].value, 0.5);
    assert_eq!((trust.readings, trust.by_eyes[&Eyes::Client].readings), (3, 2));
    assert!(elements.teamwork.is_none());
}

#[test]
fn robustness_counts_a_side_nobody_rated_nowhere() {
    let rated = |when: &str, fit: serde_json::Value| {
        let fields = json!({"format": "phone", "begun_by": "staff", "exchange": "two-way", "fit": fit});
        fact(when, Eyes::Staff, "contact-made", fields)
    };
    let facts = [
        rated("2025-01-01", json!({"needed": true, "usable": true, "tailored": true, "timely": true})),
        rated("2025-01-02", json!({"needed": true, "usable": false, "tailored": true, "timely": true})),
        rated("2025-01-03", json!({"needed": false})),
        call("2025-01-04", "staff"),
    ];
    let robustness = given::<Engagement>(facts).on("2025-01-05").now.unwrap().robustness;
    let counted = |share: Option<throughline_engagement::Share>| share.map(|s| (s.numerator, s.denominator));
    assert_eq!(counted(robustness.needed), Some((2, 3)));
    assert_eq!(counted(robustness.usable), Some((1, 2)));
    assert_eq!(counted(robustness.all_four), Some((1, 2)));
}

#[test]
fn between_transactions_the_longest_gap_the_check_ins_and_the_words_are_told() {
    let facts = [
        call("2025-01-01", "staff"),
        check_in("2025-03-01"),
        missed("2025-03-08"),
        call("2025-03-10", "client"),
    ];
    let life = given::<Engagement>(facts);
    let between = life.on("2025-03-20").now.unwrap().between;
    let gap = between.longest_gap.unwrap();
    assert_eq!((gap.days, gap.until), (59, Some("2025-03-01".parse().unwrap())));
    assert_eq!(between.check_ins_held.unwrap().denominator, 2);
    assert_eq!((between.words, between.latest_words), (1, vec![check_in("2025-03-01").id]));
    let open = life.on("2025-06-30").now.unwrap().between.longest_gap.unwrap();
    assert_eq!((open.days, open.until), (112, None));
}

#[test]
fn goals_and_plan_drift_apart_on_a_day_and_by_an_event() {
    let facts = [
        goal("2025-01-01", "g1", Some("o1")),
        plan("2025-01-02", &["o1"]),
        goal("2025-02-01", "g2", None),
        plan("2025-03-01", &["o1", "o2"]),
        goal("2025-04-01", "g2", Some("o2")),
    ];
    let life = given::<Engagement>(facts);
    let aligned = |on: &str| life.on(on).alignment.aligned;
    assert_eq!(aligned("2025-01-01"), None);
    assert_eq!(aligned("2025-01-31"), Some(true));
    assert_eq!(aligned("2025-02-01"), Some(false));
    let alignment = life.on("2025-04-01").alignment;
    assert_eq!(alignment.aligned, Some(true));
    let drifts: Vec<_> = alignment.drifts.iter().map(|drift| drift.event).collect();
    assert_eq!(drifts, [goal("2025-02-01", "g2", None).id, plan("2025-03-01", &["o1", "o2"]).id]);
}

#[test]
fn an_answer_says_all_of_it_as_json() {
    let mut facts = weekly();
    facts.extend([reading("2025-01-15", Eyes::Client, "trust", 4.0), attempt("2025-02-10")]);
    let json = serde_json::to_value(given::<Engagement>(facts).on("2025-02-12")).unwrap();
    assert_eq!(json["silence"]["standing"], "watch");
    assert_eq!(json["now"]["depth"]["elements"]["trust"]["by_eyes"]["client"]["value"], 0.75);
    assert_eq!(json["now"]["depth"]["two_way"], json!({"value": 1.0, "numerator": 5, "denominator": 5}));
    assert_eq!(json["silence"]["latest_attempts"][0]["kind"], "contact-attempted");
    assert!(json["now"].get("shape").is_none());
}

#[test]
fn a_date_mistyped_by_centuries_makes_no_thousands_of_points() {
    let answer = given::<Engagement>([opened("0202-01-01"), call("2025-01-01", "client")]).on("2025-02-10");
    // Twenty years of months, the first contact, and the day its silence became a watch.
    assert_eq!(answer.trajectory.len(), 241 + 1 + 1);
    assert_eq!(answer.since, Some("0202-01-01".parse().unwrap()));
}

#[test]
fn every_part_of_the_answer_is_named_within_engagement_in_an_api_description() {
    use utoipa::ToSchema;
    let mut components = Vec::new();
    throughline_engagement::Answer::schemas(&mut components);
    let names: Vec<&str> = components.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"engagement.Point") && names.contains(&"engagement.Seen"), "{names:?}");
    let domain = ["Eyes", "Format", "Code", "EventId"];
    assert!(names.iter().all(|name| name.starts_with("engagement.") || domain.contains(name)), "{names:?}");
}
