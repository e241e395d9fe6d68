//! Who people are, how they fare, and why they leave.

use super::List;

/// Points of a stay at which data is collected.
pub(in super::super) const STAGES: List =
    &[(1, "entry"), (2, "update"), (3, "exit"), (5, "annual"), (6, "after-exit")];

/// Place in the household.
pub(in super::super) const RELATIONSHIPS: List =
    &[(1, "head"), (2, "child"), (3, "spouse"), (4, "other-relative"), (5, "not-related")];

/// Gender, as asked before FY2022.
pub(in super::super) const GENDERS: List = &[
    (0, "woman"),
    (1, "man"),
    (2, "transgender-woman"),
    (3, "transgender-man"),
    (4, "neither-only-woman-nor-man"),
];

/// Ethnicity, as asked before FY2024.
pub(in super::super) const ETHNICITIES: List = &[(0, "not-hispanic-or-latino"), (1, "hispanic-or-latino")];

/// Sex, as asked from FY2026.
pub(in super::super) const SEXES: List = &[(0, "female"), (1, "male")];

/// How well a name, number or birth is known.
pub(in super::super) const DATA_QUALITY: List =
    &[(1, "full"), (2, "partial"), (8, "unknown"), (9, "withheld"), (99, "not-collected")];

/// Branch of the forces.
pub(in super::super) const BRANCHES: List =
    &[(1, "army"), (2, "air-force"), (3, "navy"), (4, "marines"), (6, "coast-guard"), (7, "space-force")];

/// How military service ended.
pub(in super::super) const DISCHARGES: List = &[
    (1, "honourable"),
    (2, "general-honourable"),
    (4, "bad-conduct"),
    (5, "dishonourable"),
    (6, "other-than-honourable"),
    (7, "uncharacterised"),
];

/// Disabilities by the number of their kind, each with its indicator.
pub(in super::super) const DISABILITIES: List = &[
    (5, "physical-disability"),
    (6, "developmental-disability"),
    (7, "chronic-health-condition"),
    (8, "hiv-aids"),
    (9, "mental-health-disorder"),
    (10, "substance-use-disorder"),
];

/// Answers to the question about substance use.
pub(in super::super) const SUBSTANCES: List =
    &[(0, "none"), (1, "alcohol"), (2, "drugs"), (3, "alcohol-and-drugs")];

/// When violence last occurred.
pub(in super::super) const VIOLENCE_WHEN: List = &[
    (1, "within-three-months"),
    (2, "three-to-six-months-ago"),
    (3, "six-to-twelve-months-ago"),
    (4, "year-ago-or-longer"),
];

/// Health in the client's own words.
pub(in super::super) const HEALTH: List =
    &[(1, "excellent"), (2, "very-good"), (3, "good"), (4, "fair"), (5, "poor")];

/// The last grade completed.
pub(in super::super) const GRADES: List = &[
    (1, "below-grade-5"),
    (2, "grade-5-6"),
    (3, "grade-7-8"),
    (4, "grade-9-11"),
    (5, "grade-12"),
    (6, "no-grade-levels"),
    (7, "ged"),
    (10, "some-college"),
    (11, "associate-degree"),
    (12, "bachelor-degree"),
    (13, "graduate-degree"),
    (14, "vocational-certificate"),
];

/// School attendance of a youth.
pub(in super::super) const SCHOOL: List = &[
    (1, "attending-regularly"),
    (2, "attending-irregularly"),
    (3, "graduated"),
    (4, "ged"),
    (5, "dropped-out"),
    (6, "suspended"),
    (7, "expelled"),
];

/// Kinds of employment.
pub(in super::super) const EMPLOYMENT: List = &[(1, "full-time"), (2, "part-time"), (3, "seasonal")];

/// Why not employed.
pub(in super::super) const NOT_EMPLOYED: List =
    &[(1, "looking-for-work"), (2, "unable-to-work"), (3, "not-looking")];

/// School attendance now.
pub(in super::super) const ATTENDANCE: List =
    &[(0, "not-enrolled"), (1, "enrolled-not-attending"), (2, "attending")];

/// The last standing in education.
pub(in super::super) const PAST_EDUCATION: List = &[
    (0, "school-graduated"),
    (1, "school-ged"),
    (2, "school-dropped-out"),
    (3, "school-suspended"),
    (4, "school-expelled"),
    (5, "college-not-attending"),
    (6, "college-dropped-out"),
    (7, "college-credential"),
];

/// What is being studied for.
pub(in super::super) const PRESENT_EDUCATION: List = &[
    (0, "high-school-diploma"),
    (1, "associate-degree"),
    (2, "bachelor-degree"),
    (3, "graduate-degree"),
    (4, "other-credential"),
];

/// How the stay ended.
pub(in super::super) const COMPLETION: List = &[(1, "completed"), (2, "left-early"), (3, "discharged")];

/// Why a youth was discharged.
pub(in super::super) const DISCHARGED_FOR: List = &[
    (1, "discharged-crime-or-violence"),
    (2, "discharged-rules"),
    (3, "discharged-rent"),
    (4, "discharged-time-limit"),
    (5, "discharged-project-ended"),
    (6, "discharged-disappeared"),
];

/// Why a youth left early; asked until FY2024.
pub(in super::super) const LEFT_FOR: List = &[
    (1, "left-for-independent-living"),
    (2, "left-for-education"),
    (3, "left-for-military"),
    (4, "left-for-other"),
    (5, "left-needs-not-met"),
];

/// Why case management of a veteran ended.
pub(in super::super) const CASE_MANAGEMENT_ENDED: List = &[
    (1, "goals-accomplished"),
    (2, "transferred"),
    (3, "found-other-housing"),
    (4, "did-not-comply"),
    (5, "housing-issues"),
    (6, "unhappy-with-housing"),
    (7, "no-longer-eligible"),
    (8, "no-longer-interested"),
    (9, "cannot-be-located"),
    (10, "too-ill"),
    (11, "incarcerated"),
    (12, "deceased"),
    (13, "other"),
];

/// Who sent a youth.
pub(in super::super) const SENT_BY: List = &[
    (1, "self"),
    (2, "family-or-friend"),
    (7, "outreach"),
    (11, "temporary-shelter"),
    (18, "residential-project"),
    (28, "hotline"),
    (30, "child-welfare"),
    (34, "juvenile-justice"),
    (35, "police"),
    (37, "mental-hospital"),
    (38, "school"),
    (39, "other-organisation"),
];

/// Why a source of insurance is not there.
pub(in super::super) const NOT_INSURED: List =
    &[(1, "decision-pending"), (2, "not-eligible"), (3, "did-not-apply"), (4, "not-applicable")];
