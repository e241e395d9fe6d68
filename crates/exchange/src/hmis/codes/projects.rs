//! What kinds of projects there are and who pays for them.

use super::List;

/// Kinds of projects by their type, several types to a kind; the attribute `project-type` keeps the type itself.
pub(in super::super) const PROJECT_KINDS: List = &[
    (0, "emergency-shelter"),
    (1, "emergency-shelter"),
    (2, "transitional-housing"),
    (3, "supported-housing"),
    (4, "street-outreach"),
    (6, "services-only"),
    (7, "other"),
    (8, "safe-haven"),
    (9, "permanent-housing"),
    (10, "supported-housing"),
    (11, "day-shelter"),
    (12, "homelessness-prevention"),
    (13, "rapid-rehousing"),
    (14, "coordinated-entry"),
];

/// Street outreach: its contacts are met where they are.
pub(in super::super) const STREET_OUTREACH: u32 = 4;

/// Who a project is for.
pub(in super::super) const TARGETS: List = &[(1, "domestic-violence"), (3, "hiv-aids"), (4, "any")];

/// How a project houses.
pub(in super::super) const HOUSING_TYPES: List =
    &[(1, "single-site"), (2, "clustered-sites"), (3, "scattered-sites")];

/// Where a project is.
pub(in super::super) const GEOGRAPHIES: List = &[(1, "urban"), (2, "suburban"), (3, "rural")];

/// Whether a project shares its data.
pub(in super::super) const PARTICIPATION: List =
    &[(0, "not-participating"), (1, "hmis"), (2, "comparable-database")];

/// For whom beds are.
pub(in super::super) const HOUSEHOLDS: List =
    &[(1, "without-children"), (3, "with-children"), (4, "only-children")];

/// When beds are there.
pub(in super::super) const AVAILABILITY: List = &[(1, "year-round"), (2, "seasonal"), (3, "overflow")];

/// Funders of projects.
pub(in super::super) const FUNDERS: List = &[
    (1, "coc-homelessness-prevention"),
    (2, "coc-permanent-supportive-housing"),
    (3, "coc-rapid-rehousing"),
    (4, "coc-services-only"),
    (5, "coc-transitional-housing"),
    (6, "coc-safe-haven"),
    (7, "coc-single-room-occupancy"),
    (8, "esg-emergency-shelter"),
    (9, "esg-homelessness-prevention"),
    (10, "esg-rapid-rehousing"),
    (11, "esg-street-outreach"),
    (13, "hopwa-hotel-vouchers"),
    (14, "hopwa-housing-information"),
    (15, "hopwa-permanent-housing"),
    (16, "hopwa-permanent-placement"),
    (17, "hopwa-short-term-assistance"),
    (18, "hopwa-short-term-facility"),
    (19, "hopwa-transitional-housing"),
    (20, "hud-vash"),
    (21, "path"),
    (22, "rhy-basic-centre"),
    (23, "rhy-maternity-group-home"),
    (24, "rhy-transitional-living"),
    (25, "rhy-street-outreach"),
    (26, "rhy-demonstration"),
    (27, "va-contract-residential"),
    (30, "va-safe-haven"),
    (32, "va-work-therapy-residence"),
    (33, "ssvf"),
    (34, "none"),
    (35, "pay-for-success"),
    (36, "public-and-indian-housing"),
    (37, "gpd-bridge-housing"),
    (38, "gpd-low-demand"),
    (39, "gpd-hospital-to-housing"),
    (40, "gpd-clinical-treatment"),
    (41, "gpd-service-intensive"),
    (42, "gpd-transition-in-place"),
    (43, "youth-homeless-demonstration"),
    (44, "coc-joint-transitional-rapid"),
    (45, "gpd-case-management"),
    (46, "local-or-other"),
    (47, "esg-cv"),
    (48, "hopwa-cv"),
    (49, "coc-joint-rapid-permanent"),
    (50, "home"),
    (51, "home-arp"),
    (52, "emergency-housing-voucher"),
    (53, "esg-rush"),
    (54, "unsheltered-special-nofo"),
    (55, "rural-special-nofo"),
    (56, "coc-builds"),
];
