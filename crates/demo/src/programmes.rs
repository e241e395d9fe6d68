//! The five programmes of the invented organisation: what they offer, want, measure and changed.

use throughline_domain::Format::{
    self, HomeVisit, InPerson, LargeGroup, Outreach, Phone, SelfService, SmallGroup, Video,
};

/// One service of a programme.
pub(crate) struct Offer {
    pub(crate) service: &'static str,
    pub(crate) life_area: &'static str,
    pub(crate) formats: &'static [Format],
    pub(crate) minutes: (u32, u32),
    /// What one session costs, in cents; 0 where nobody counts it.
    pub(crate) cents: u32,
    /// Weeks after enrolment in which its step of the template is due.
    pub(crate) week: u16,
}

/// One indicator: where clients start and where plans want to get to.
pub(crate) struct Gauge {
    pub(crate) indicator: &'static str,
    pub(crate) life_area: &'static str,
    pub(crate) baseline: (f64, f64),
    pub(crate) target: (f64, f64),
}

/// A change in how a programme works. The new template counts from the same day.
pub(crate) struct Change {
    pub(crate) what: &'static str,
    pub(crate) day: i32,
    /// Sites by their place in the list of sites; everywhere where empty.
    pub(crate) sites: &'static [usize],
    /// What it adds to clients' engagement, on a scale of 0 to 1.
    pub(crate) lift: f64,
}

/// One programme.
pub(crate) struct Offering {
    pub(crate) programme: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) life_area: &'static str,
    pub(crate) evidence: &'static [&'static str],
    pub(crate) services: &'static [Offer],
    pub(crate) gauges: &'static [Gauge],
    pub(crate) milestones: &'static [&'static str],
    pub(crate) criteria: &'static [&'static str],
    pub(crate) weeks: (i32, i32),
    /// Out of 100 participants, how many come for this.
    pub(crate) share: u32,
    pub(crate) changes: &'static [Change],
    pub(crate) measures: &'static [(&'static str, &'static str, i32)],
    pub(crate) windows_from_exit: bool,
}

impl Offering {
    /// The changes that hold at a site, by its place in the list of sites, on a day.
    pub(crate) fn changes_at(&self, site: usize, day: i32) -> impl Iterator<Item = &Change> {
        let here = move |change: &&Change| change.sites.is_empty() || change.sites.contains(&site);
        self.changes.iter().filter(move |change| change.day <= day).filter(here)
    }

    /// Whether it takes nobody over nineteen.
    pub(crate) fn for_the_young(&self) -> bool {
        self.kind == "mentoring"
    }

    /// Whether a new enrolment at a site gets the changed programme.
    pub(crate) fn is_changed(&self, site: usize, day: i32) -> bool {
        self.changes_at(site, day).next().is_some()
    }

    /// What the changes add to engagement at a site on a day; a change widened to more sites counts once.
    pub(crate) fn lift(&self, site: usize, day: i32) -> f64 {
        self.changes_at(site, day).map(|change| change.lift).fold(0.0, f64::max)
    }
}

const fn offer(
    service: &'static str,
    life_area: &'static str,
    formats: &'static [Format],
    minutes: (u32, u32),
    cents: u32,
    week: u16,
) -> Offer {
    Offer { service, life_area, formats, minutes, cents, week }
}

const fn gauge(
    indicator: &'static str,
    life_area: &'static str,
    baseline: (f64, f64),
    target: (f64, f64),
) -> Gauge {
    Gauge { indicator, life_area, baseline, target }
}

const fn change(what: &'static str, day: i32, sites: &'static [usize], lift: f64) -> Change {
    Change { what, day, sites, lift }
}

pub(crate) const OFFERINGS: [Offering; 5] = [
    Offering {
        programme: "job-readiness",
        kind: "job-readiness",
        outcome: "stable-employment",
        life_area: "employment",
        evidence: &["payslip", "employer-confirmed", "client-said"],
        services: &[
            offer("career-counselling", "employment", &[InPerson, Video], (45, 75), 18_000, 1),
            offer("job-skills-workshop", "employment", &[SmallGroup, LargeGroup], (120, 240), 9_500, 2),
            offer("computer-lessons", "education", &[SmallGroup, SelfService], (60, 120), 6_000, 3),
            offer("interview-practice", "employment", &[InPerson, SmallGroup], (45, 90), 12_000, 6),
            offer("budget-coaching", "income", &[InPerson, Phone], (30, 60), 11_000, 8),
            offer("employer-visit", "employment", &[Outreach, InPerson], (60, 180), 21_000, 10),
            offer("counselling", "mental-health", &[InPerson, Phone], (45, 60), 24_000, 5),
        ],
        gauges: &[
            gauge("monthly-income", "income", (0.0, 1_800.0), (4_200.0, 6_500.0)),
            gauge("job-search-confidence", "employment", (2.0, 5.0), (7.0, 9.0)),
            gauge("debts-overdue", "income", (2.0, 6.0), (0.0, 1.0)),
        ],
        milestones: &["cv-ready", "first-interview", "work-trial", "thirty-days-at-work"],
        criteria: &["of-working-age", "out-of-work", "can-attend-weekly"],
        weeks: (14, 30),
        share: 30,
        changes: &[
            change("weekly-check-in-calls", 640, &[0, 1], 0.17),
            change("weekly-check-in-calls-everywhere", 1_010, &[], 0.17),
        ],
        measures: &[("wioa", "2024", 30), ("gpra", "six-month", 400)],
        windows_from_exit: true,
    },
    Offering {
        programme: "supported-housing",
        kind: "supported-housing",
        outcome: "stable-housing",
        life_area: "housing",
        evidence: &["lease-seen", "home-visit", "landlord-confirmed"],
        services: &[
            offer("housing-search", "housing", &[InPerson, Outreach], (60, 120), 14_000, 1),
            offer("tenancy-coaching", "housing", &[HomeVisit, InPerson], (45, 90), 16_000, 4),
            offer("budget-coaching", "income", &[InPerson, Phone], (30, 60), 11_000, 6),
            offer("health-visit", "health", &[HomeVisit, InPerson], (30, 60), 19_000, 3),
            offer("counselling", "mental-health", &[InPerson, Video], (45, 60), 24_000, 5),
            offer("tenants-evening", "social-connection", &[LargeGroup, SmallGroup], (90, 150), 4_500, 8),
        ],
        gauges: &[
            gauge("nights-housed-per-month", "housing", (0.0, 14.0), (28.0, 30.0)),
            gauge("rent-arrears", "income", (1_500.0, 6_000.0), (0.0, 300.0)),
            gauge("feels-safe-at-home", "safety", (1.0, 5.0), (7.0, 10.0)),
        ],
        milestones: &["papers-in-order", "lease-signed", "three-rents-paid"],
        criteria: &["without-a-home", "adult", "sober-ninety-days"],
        weeks: (24, 48),
        share: 18,
        changes: &[change("intake-without-sobriety-rule", 820, &[], 0.04)],
        measures: &[("spm2", "v3.1", 25), ("spm2", "fy2026", 1_180), ("spm7", "v3.1", 25)],
        windows_from_exit: false,
    },
    Offering {
        programme: "family-strengthening",
        kind: "family-support",
        outcome: "family-together",
        life_area: "family",
        evidence: &["social-worker-report", "home-visit", "client-said"],
        services: &[
            offer("family-session", "family", &[HomeVisit, InPerson], (60, 90), 22_000, 1),
            offer("parenting-group", "family", &[SmallGroup], (90, 120), 7_000, 2),
            offer("school-liaison", "education", &[InPerson, Phone], (30, 60), 9_000, 4),
            offer("counselling", "mental-health", &[InPerson, Video], (45, 60), 24_000, 3),
            offer("legal-clinic", "safety", &[InPerson], (30, 60), 15_000, 6),
        ],
        gauges: &[
            gauge("conflicts-per-week", "family", (4.0, 9.0), (0.0, 2.0)),
            gauge("school-days-missed", "education", (4.0, 12.0), (0.0, 2.0)),
            gauge("parenting-confidence", "family", (2.0, 5.0), (7.0, 9.0)),
        ],
        milestones: &["safety-plan", "first-family-meeting", "children-back-home"],
        criteria: &["child-under-eighteen", "lives-in-service-area"],
        weeks: (16, 36),
        share: 20,
        changes: &[change("home-visits-first", 575, &[], 0.09)],
        measures: &[("durable-outcome", "v1", 60)],
        windows_from_exit: false,
    },
    Offering {
        programme: "youth-mentoring",
        kind: "mentoring",
        outcome: "finished-school",
        life_area: "education",
        evidence: &["certificate", "school-confirmed"],
        services: &[
            offer("mentor-meeting", "social-connection", &[InPerson, Outreach, Video], (60, 120), 3_500, 1),
            offer("homework-club", "education", &[SmallGroup], (90, 120), 4_000, 1),
            offer("study-camp", "education", &[LargeGroup], (240, 480), 35_000, 12),
            offer("career-counselling", "employment", &[InPerson, SmallGroup], (45, 75), 18_000, 8),
            offer("health-talk", "health", &[LargeGroup, SmallGroup], (60, 90), 3_000, 6),
        ],
        gauges: &[
            gauge("marks-average", "education", (28.0, 48.0), (55.0, 70.0)),
            gauge("school-days-missed", "education", (4.0, 12.0), (0.0, 2.0)),
            gauge("sense-of-belonging", "social-connection", (2.0, 5.0), (7.0, 9.0)),
        ],
        milestones: &["matched-with-mentor", "passed-midyear", "applied-to-college"],
        criteria: &["fourteen-to-nineteen", "enrolled-at-school"],
        weeks: (30, 52),
        share: 17,
        changes: &[change("mentors-from-the-neighbourhood", 730, &[1, 2, 3], 0.1)],
        measures: &[("durable-outcome", "v1", 60)],
        windows_from_exit: false,
    },
    Offering {
        programme: "food-and-income",
        kind: "livelihood",
        outcome: "food-secure",
        life_area: "food",
        evidence: &["home-visit", "sales-book", "client-said"],
        services: &[
            offer("food-parcel", "food", &[InPerson, HomeVisit], (10, 20), 38_000, 1),
            offer("garden-training", "food", &[SmallGroup, Outreach], (90, 180), 6_500, 2),
            offer("savings-group", "income", &[SmallGroup], (60, 90), 1_500, 4),
            offer("market-day", "income", &[Outreach, LargeGroup], (180, 300), 5_000, 10),
            offer("health-visit", "health", &[HomeVisit], (30, 60), 19_000, 5),
        ],
        gauges: &[
            gauge("days-without-meal-per-month", "food", (5.0, 14.0), (0.0, 1.0)),
            gauge("garden-income", "income", (0.0, 200.0), (600.0, 1_400.0)),
            gauge("savings", "income", (0.0, 100.0), (500.0, 1_500.0)),
        ],
        milestones: &["bed-planted", "first-harvest", "first-sale"],
        criteria: &["food-insecure", "space-to-plant"],
        weeks: (12, 28),
        share: 15,
        changes: &[change("savings-groups-added", 690, &[], 0.07)],
        measures: &[("durable-outcome", "v1", 60)],
        windows_from_exit: false,
    },
];
