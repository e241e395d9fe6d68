//! Where people live: before, now, and after they left.

use throughline_domain::DestinationKind;

use super::List;

/// Living situations, before and during a stay. Numbers below 100 are those in use before FY2024.
pub(in super::super) const LIVING: List = &[
    (1, "emergency-shelter"),
    (2, "transitional-housing"),
    (3, "permanent-supportive-housing"),
    (4, "psychiatric-facility"),
    (5, "substance-use-treatment-facility"),
    (6, "hospital"),
    (7, "jail-or-prison"),
    (10, "rental"),
    (11, "owned"),
    (12, "with-family-temporary"),
    (13, "with-friends-temporary"),
    (14, "hotel-or-motel"),
    (15, "foster-care"),
    (16, "place-not-meant-for-habitation"),
    (17, "other"),
    (18, "safe-haven"),
    (19, "rental-with-vash-subsidy"),
    (20, "rental-with-subsidy"),
    (21, "owned-with-subsidy"),
    (22, "with-family-permanent"),
    (23, "with-friends-permanent"),
    (24, "deceased"),
    (25, "long-term-care"),
    (26, "hopwa-permanent-housing"),
    (27, "hopwa-transitional-housing"),
    (28, "rental-with-gpd-tip-subsidy"),
    (29, "residential-project"),
    (30, "no-exit-interview"),
    (31, "rental-with-rapid-rehousing-subsidy"),
    (32, "host-home"),
    (33, "rental-with-housing-choice-voucher"),
    (34, "public-housing"),
    (35, "with-family"),
    (36, "with-friends"),
    (37, "worker-unable-to-determine"),
    (101, "emergency-shelter"),
    (116, "place-not-meant-for-habitation"),
    (118, "safe-haven"),
    (204, "psychiatric-facility"),
    (205, "substance-use-treatment-facility"),
    (206, "hospital"),
    (207, "jail-or-prison"),
    (215, "foster-care"),
    (225, "long-term-care"),
    (302, "transitional-housing"),
    (312, "with-family-temporary"),
    (313, "with-friends-temporary"),
    (314, "hotel-or-motel"),
    (327, "hopwa-transitional-housing"),
    (329, "residential-project"),
    (332, "host-home"),
    (335, "with-family"),
    (336, "with-friends"),
    (410, "rental"),
    (411, "owned"),
    (421, "owned-with-subsidy"),
    (422, "with-family-permanent"),
    (423, "with-friends-permanent"),
    (426, "hopwa-permanent-housing"),
    (435, "rental-with-subsidy"),
];

/// The category of a destination; none for a number of neither era.
///
/// From FY2024 on the hundreds say it. Before, the permanent ones are those that HUD's measure of returns to
/// homelessness (System Performance Measure 2) names.
pub(in super::super) const fn destination_kind(number: u32) -> Option<DestinationKind> {
    Some(match number {
        1 | 16 | 18 | 101 | 116 | 118 => DestinationKind::Homeless,
        4..=7 | 15 | 25 | 204..=207 | 215 | 225 => DestinationKind::Institution,
        2 | 12..=14 | 27 | 29 | 32 | 302 | 312..=314 | 327 | 329 | 332 | 35 | 36 | 335 | 336 => {
            DestinationKind::Temporary
        }
        3 | 10 | 11 | 19..=23 | 26 | 28 | 31 | 33 | 34 | 410 | 411 | 421..=423 | 426 | 435 => {
            DestinationKind::Permanent
        }
        24 => DestinationKind::Deceased,
        17 => DestinationKind::Other,
        8 | 9 | 30 | 37 | 99 => DestinationKind::Unknown,
        _ => return None,
    })
}

/// Whether a destination belongs to the other era than the export's format. The numbers for the unknown, for other
/// and for death are the same in both.
pub(in super::super) const fn is_of_other_era(number: u32, from_2024: bool) -> bool {
    !matches!(number, 8 | 9 | 17 | 24 | 30 | 37 | 99) && (number >= 100) != from_2024
}

/// How long the client had lived where they came from.
pub(in super::super) const LENGTHS_OF_STAY: List = &[
    (10, "one-night-or-less"),
    (11, "two-to-six-nights"),
    (2, "week-to-month"),
    (3, "one-to-three-months"),
    (4, "three-to-twelve-months"),
    (5, "year-or-longer"),
];

/// How often the client had been homeless in three years.
pub(in super::super) const TIMES_HOMELESS: List =
    &[(1, "once"), (2, "twice"), (3, "three-times"), (4, "four-or-more")];

/// Subsidies of a rental.
pub(in super::super) const SUBSIDIES: List = &[
    (419, "vash"),
    (420, "other-ongoing"),
    (428, "gpd-tip"),
    (431, "rapid-rehousing"),
    (433, "housing-choice-voucher"),
    (434, "public-housing"),
    (436, "housing-stability-voucher"),
    (437, "family-unification-voucher"),
    (438, "foster-youth-to-independence"),
    (439, "permanent-supportive-housing"),
    (440, "other-permanent-housing"),
];

/// What became of the home the client had at entry (homelessness prevention).
pub(in super::super) const HOUSING_AT_EXIT: List = &[
    (1, "kept-housing"),
    (2, "moved-to-new-housing"),
    (3, "with-family-or-friends-temporary"),
    (4, "with-family-or-friends-permanent"),
    (5, "moved-to-temporary-housing"),
    (6, "became-homeless"),
    (7, "jail-or-prison"),
    (10, "deceased"),
];

/// With or without a subsidy after exit.
pub(in super::super) const SUBSIDY_AT_EXIT: List = &[
    (1, "without-subsidy"),
    (2, "with-subsidy-from-entry"),
    (3, "with-new-subsidy"),
    (4, "with-other-assistance"),
    (11, "with-subsidy"),
    (12, "without-subsidy"),
];
