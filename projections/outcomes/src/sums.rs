//! What these figures say of each other.

use throughline_projection::Sums;

pub(crate) const SUMS: Sums = Sums {
    adds_up: &[
        (&["clients/counted"], &["relationships-grown/of", "clients/erased"]),
        (
            &["clients-with-desired-outcome/counted"],
            &[
                "outcome-reached-share/of",
                "outcome-reached-share/still-working",
                "outcome-reached-share/died",
            ],
        ),
        (
            &["clients-with-desired-outcome/counted"],
            &["outcome-reached-share/counted", "median-days-to-outcome/not-reached"],
        ),
        (
            &["outcome-reached-share/counted"],
            &[
                "median-days-to-outcome/of",
                "median-days-to-outcome/no-intake",
                "median-days-to-outcome/before-intake",
            ],
        ),
        (
            &["outcomes-reached/counted"],
            &[
                "durable-share/of",
                "durable-share/missed",
                "durable-share/unreachable",
                "durable-share/died",
                "outcomes-not-yet-mature/counted",
            ],
        ),
        (
            &["outcomes-not-yet-mature/counted"],
            &[
                "outcomes-not-yet-mature/not-yet-due",
                "outcomes-not-yet-mature/awaiting-exit",
                "outcomes-not-yet-mature/no-window",
            ],
        ),
        (
            &["follow-up-rate/of"],
            &["follow-up-rate/counted", "follow-up-rate/missed", "follow-up-rate/unreachable"],
        ),
        // Where every window is required and nothing was reached twice; elsewhere they differ, and say nothing.
        (&["follow-up-rate/missed"], &["still-holds:*/missed"]),
        (&["follow-up-rate/unreachable"], &["still-holds:*/unreachable"]),
        (
            &["difficulties-overcome-share/of"],
            &["difficulties-overcome-share/counted", "median-days-to-overcome/not-overcome"],
        ),
        (&["difficulties-overcome-share/counted"], &["median-days-to-overcome/of"]),
    ],
    together: &[&["follow-up-rate", "follow-ups-short-of-target"]],
    year_before: &[],
};
