//! Services, payments, referrals and steps, each with the area of life it serves.

use super::List;

/// Types of one kind of record: number, code, area of life.
pub(in super::super) type Types = &'static [(u32, &'static str, &'static str)];

/// Services by record type and type. Financial assistance is paid; the others are given.
pub(in super::super) const SERVICES: &[(u32, Types)] = &[
    (141, PATH),
    (142, YOUTH),
    (143, HOPWA),
    (144, SSVF),
    (151, HOPWA_PAID),
    (152, SSVF_PAID),
    (200, BED_NIGHT),
    (300, MOVING_ON),
];

/// The record type of a referral by a PATH project.
pub(in super::super) const PATH_REFERRAL_RECORD: u32 = 161;

/// The record type of voucher tracking by HUD-VASH.
pub(in super::super) const VOUCHER_RECORD: u32 = 210;

const BED_NIGHT: Types = &[(200, "bed-night", "housing")];

const PATH: Types = &[
    (1, "path-re-engagement", "other"),
    (2, "path-screening", "health"),
    (3, "path-rehabilitation", "skills"),
    (4, "path-community-mental-health", "mental-health"),
    (5, "substance-use-treatment", "substance-use"),
    (6, "case-management", "other"),
    (7, "path-residential-support", "housing"),
    (8, "path-minor-renovation", "housing"),
    (9, "path-moving-assistance", "housing"),
    (10, "path-housing-eligibility", "housing"),
    (11, "security-deposit", "housing"),
    (12, "path-one-time-rent", "housing"),
    (14, "path-clinical-assessment", "mental-health"),
];

const YOUTH: Types = &[
    (2, "rhy-community-service", "social-connection"),
    (5, "rhy-education", "education"),
    (6, "employment-service", "employment"),
    (7, "legal-aid", "legal"),
    (8, "life-skills", "skills"),
    (10, "rhy-parenting", "family"),
    (12, "rhy-post-natal-care", "health"),
    (13, "rhy-pre-natal-care", "health"),
    (14, "health-care", "health"),
    (17, "substance-use-treatment", "substance-use"),
    (18, "rhy-substance-use-prevention", "substance-use"),
    (26, "rhy-home-based", "family"),
    (27, "rhy-newborn-care", "health"),
    (28, "rhy-std-testing", "health"),
    (29, "rhy-street-based", "other"),
];

const HOPWA: Types = &[
    (1, "hopwa-personal-assistance", "wellbeing"),
    (2, "case-management", "other"),
    (3, "childcare", "family"),
    (4, "legal-aid", "legal"),
    (5, "hopwa-education", "education"),
    (6, "employment-service", "employment"),
    (7, "hopwa-food", "food"),
    (8, "health-care", "health"),
    (9, "life-skills", "skills"),
    (10, "hopwa-mental-health", "mental-health"),
    (11, "outreach", "other"),
    (12, "substance-use-treatment", "substance-use"),
    (13, "transport", "transport"),
    (14, "hopwa-other", "other"),
];

const SSVF: Types = &[
    (1, "outreach", "other"),
    (2, "case-management", "other"),
    (3, "ssvf-va-benefits", "income"),
    (4, "benefits-assistance", "income"),
    (5, "ssvf-direct-benefits", "income"),
    (6, "ssvf-other", "other"),
    (7, "ssvf-shallow-subsidy", "housing"),
    (8, "ssvf-returning-home", "housing"),
    (9, "ssvf-rapid-resolution", "housing"),
    (10, "ssvf-healthcare-navigation", "health"),
];

const HOPWA_PAID: Types = &[
    (1, "rental-assistance", "housing"),
    (2, "security-deposit", "housing"),
    (3, "utility-deposit", "housing"),
    (4, "utilities", "housing"),
    (7, "mortgage-assistance", "housing"),
];

const SSVF_PAID: Types = &[
    (1, "rental-assistance", "housing"),
    (2, "security-deposit", "housing"),
    (3, "utility-deposit", "housing"),
    (4, "utilities", "housing"),
    (5, "moving-costs", "housing"),
    (8, "transport-vouchers", "transport"),
    (9, "vehicle-repair", "transport"),
    (10, "child-care-payment", "family"),
    (11, "ssvf-emergency-supplies", "housing"),
    (12, "ssvf-housing-stability", "housing"),
    (14, "ssvf-emergency-housing", "housing"),
    (15, "ssvf-shallow-subsidy-payment", "housing"),
    (16, "food-assistance", "food"),
    (17, "ssvf-landlord-incentive", "housing"),
    (18, "ssvf-tenant-incentive", "housing"),
];

const MOVING_ON: Types = &[
    (1, "moving-on-application", "housing"),
    (2, "moving-on-financial", "housing"),
    (3, "moving-on-transition-support", "housing"),
    (4, "moving-on-placement", "housing"),
    (5, "moving-on-other", "housing"),
];

/// What a payment is for, where the service it pays has another name.
pub(in super::super) fn purpose(service: &str) -> &str {
    match service {
        "rental-assistance" => "rent",
        "security-deposit" => "rent-deposit",
        "food-assistance" => "food",
        "transport-vouchers" => "transport",
        other => other,
    }
}

/// What a PATH project refers to.
pub(in super::super) const PATH_REFERRALS: Types = &[
    (1, "community-mental-health", "mental-health"),
    (2, "substance-use-treatment", "substance-use"),
    (3, "primary-or-dental-care", "health"),
    (4, "job-training", "employment"),
    (5, "education", "education"),
    (6, "housing-services", "housing"),
    (7, "permanent-housing", "housing"),
    (8, "income-assistance", "income"),
    (9, "employment-assistance", "employment"),
    (10, "medical-insurance", "health"),
    (11, "temporary-housing", "housing"),
];

/// How such a referral ended.
pub(in super::super) const PATH_RESULTS: List = &[(1, "attained"), (2, "not-attained"), (3, "unknown")];

/// Steps of a HUD-VASH voucher.
pub(in super::super) const VOUCHER_STEPS: List = &[
    (1, "voucher-package-forwarded"),
    (2, "voucher-denied"),
    (3, "voucher-issued"),
    (4, "voucher-revoked-or-expired"),
    (5, "voucher-in-use"),
    (6, "voucher-ported"),
    (7, "voucher-absorbed"),
    (8, "voucher-converted"),
    (9, "voucher-returned-at-exit"),
    (10, "voucher-kept-by-family"),
    (11, "voucher-never-received"),
    (12, "voucher-other"),
];

/// The event of coordinated entry that is a service and not a referral.
pub(in super::super) const PROBLEM_SOLVING: u32 = 2;

/// The referral to case management after placement.
pub(in super::super) const AFTER_PLACEMENT: u32 = 5;

/// Events of coordinated entry: what the client was referred to.
pub(in super::super) const EVENTS: List = &[
    (1, "prevention-assistance"),
    (2, "problem-solving"),
    (3, "crisis-needs-assessment"),
    (4, "housing-needs-assessment"),
    (5, "post-placement-case-management"),
    (6, "street-outreach"),
    (7, "housing-navigation"),
    (8, "non-continuum-ineligible"),
    (9, "non-continuum-no-availability"),
    (10, "emergency-shelter"),
    (11, "transitional-housing"),
    (12, "joint-transitional-rapid-rehousing"),
    (13, "rapid-rehousing"),
    (14, "permanent-supportive-housing"),
    (15, "other-permanent-housing"),
    (16, "emergency-assistance"),
    (17, "emergency-housing-voucher"),
    (18, "housing-stability-voucher"),
];

/// How a referral of coordinated entry ended.
pub(in super::super) const REFERRAL_RESULTS: List =
    &[(1, "accepted"), (2, "refused-by-client"), (3, "refused-by-provider")];

/// How an assessment was held.
pub(in super::super) const ASSESSMENT_LEVELS: List =
    &[(1, "crisis-needs-assessed"), (2, "housing-needs-assessed")];

/// Where an assessment put the client.
pub(in super::super) const PRIORITISATION: List = &[(1, "placed"), (2, "not-placed")];
