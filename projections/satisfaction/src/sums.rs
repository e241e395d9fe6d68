//! What these figures say of each other.

use throughline_projection::Sums;

pub(crate) const SUMS: Sums = Sums {
    adds_up: &[
        (
            &["response-rate/of"],
            &[
                "response-rate/counted",
                "response-rate/silent",
                "response-rate/declined",
                "response-rate/still-open",
                "response-rate/died",
            ],
        ),
        (
            &["response-rate-last-year/of"],
            &[
                "response-rate-last-year/counted",
                "response-rate-last-year/silent",
                "response-rate-last-year/declined",
                "response-rate-last-year/still-open",
                "response-rate-last-year/died",
            ],
        ),
        (
            &["response-rate-year-before/of"],
            &[
                "response-rate-year-before/counted",
                "response-rate-year-before/silent",
                "response-rate-year-before/declined",
                "response-rate-year-before/still-open",
                "response-rate-year-before/died",
            ],
        ),
        (
            &["requests-answered-share/of"],
            &[
                "requests-answered-share/counted",
                "requests-answered-share/overdue",
                "requests-answered-share/not-yet-due",
                "requests-answered-share/died",
            ],
        ),
        (
            &["requests-answered-share/of"],
            &[
                "requests-answered-in-time-share/of",
                "requests-answered-in-time-share/running",
                "requests-answered-in-time-share/stopped",
            ],
        ),
        (
            &["requests-answered-share/of"],
            &[
                "first-answer-median-days/of",
                "first-answer-median-days/still-open",
                "first-answer-median-days/died",
            ],
        ),
        (&["requests-answered-share/counted"], &["first-answer-median-days/of"]),
        (
            &["requests-answered-share/of"],
            &[
                "first-answer-90th-days/of",
                "first-answer-90th-days/still-open",
                "first-answer-90th-days/died",
            ],
        ),
        (&["requests-answered-share/counted"], &["first-answer-90th-days/of"]),
        (
            &["thanks-sent-share/of"],
            &[
                "thanks-sent-share/counted",
                "thanks-sent-share/overdue",
                "thanks-sent-share/not-yet-due",
                "thanks-sent-share/died",
            ],
        ),
        (
            &["thanks-sent-share/of"],
            &["thanks-in-time-share/of", "thanks-in-time-share/running", "thanks-in-time-share/stopped"],
        ),
        (
            &["thanks-sent-share/of"],
            &["thanks-median-days/of", "thanks-median-days/still-open", "thanks-median-days/died"],
        ),
        (&["thanks-sent-share/counted"], &["thanks-median-days/of"]),
        (&["thanks-sent-share/of"], &["impact-shown-share/of"]),
        (
            &[
                "concerns-acknowledged-in-time-share/of",
                "concerns-acknowledged-in-time-share/running",
                "concerns-acknowledged-in-time-share/stopped",
            ],
            &[
                "concerns-answered-in-time-share/of",
                "concerns-answered-in-time-share/running",
                "concerns-answered-in-time-share/stopped",
            ],
        ),
        (
            &[
                "concerns-acknowledged-in-time-share/of",
                "concerns-acknowledged-in-time-share/running",
                "concerns-acknowledged-in-time-share/stopped",
            ],
            &[
                "concerns-put-right-share/of",
                "concerns-put-right-share/open",
                "concerns-reopened-share/counted",
            ],
        ),
        (&["/clients"], &["people-told/of", "people-told/never-rated"]),
        (&["people-told/of"], &["people-told/counted", "people-told/neutral"]),
        (&["people-told/counted"], &["people-told-well/counted", "people-told-badly/counted"]),
    ],
    together: &[&["people-told", "people-told-well", "people-told-badly"]],
    year_before: &[
        ("csat-share-year-before", "csat-share-last-year"),
        ("nps-year-before", "nps-last-year"),
        ("response-rate-year-before", "response-rate-last-year"),
    ],
};
