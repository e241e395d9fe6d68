//! What these figures say of each other.

use throughline_projection::Sums;

pub(crate) const SUMS: Sums = Sums {
    adds_up: &[
        (
            &["clients/counted"],
            &["clients-in-touch/of", "clients-in-touch/no-contact-yet", "clients-in-touch/deceased"],
        ),
        (
            &["clients-in-touch/of"],
            &[
                "clients-in-touch/counted",
                "clients-watch/counted",
                "clients-quiet/counted",
                "clients-lost/counted",
            ],
        ),
        (
            &["clients/counted"],
            &["shape-steady/of", "shape-steady/too-early-or-no-contact-yet", "shape-steady/deceased"],
        ),
        (
            &["shape-steady/of"],
            &[
                "shape-deepening/counted",
                "shape-steady/counted",
                "shape-thinning/counted",
                "shape-quiet/counted",
                "shape-returned/counted",
            ],
        ),
        (&["shape-quiet/counted"], &["clients-quiet/counted", "clients-lost/counted"]),
        (
            &["clients/counted"],
            &["mean-people/of", "mean-people/no-contact-in-window", "clients-in-touch/deceased"],
        ),
        (
            &["clients/counted"],
            &["mean-collaboration/of", "mean-collaboration/no-reading", "clients-in-touch/deceased"],
        ),
        (
            &["clients/counted"],
            &["mean-engagement/of", "mean-engagement/no-reading", "clients-in-touch/deceased"],
        ),
        (&["clients/counted"], &["mean-impact/of", "mean-impact/no-reading", "clients-in-touch/deceased"]),
        (&["clients/counted"], &["mean-trust/of", "mean-trust/no-reading", "clients-in-touch/deceased"]),
        (
            &["clients/counted"],
            &["mean-teamwork/of", "mean-teamwork/no-reading", "clients-in-touch/deceased"],
        ),
        (&["share-two-way/of"], &["share-client-began/of", "share-client-began/beginner-not-recorded"]),
        (&["share-two-way/of"], &["robust-contacts/of", "robust-contacts/not-rated"]),
    ],
    together: &[],
    year_before: &[],
};
