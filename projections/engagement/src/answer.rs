//! What is said about one client on a date. Unset fields are left out of the JSON.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use throughline_domain::{Code, EventId, Eyes, Format};

use crate::{shape::Shape, silence::Standing, view::FailedKind};

/// A part of the answer: public, serialised without unset fields, named within this projector in API descriptions.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident as $schema:ident::$schema_name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
        #[schema(as = $schema::$schema_name)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    };
}

part! {
    /// The engagement of one client on a date.
    Answer as engagement::Answer {
        /// The date asked about.
        #[schema(value_type = String, format = Date)]
        on: Date,
        /// The first day of the journey; unset where it had not begun.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        since: Option<Date>,
        /// Days over which breadth, depth of contact, robustness and gaps are taken.
        window_days: u16,
        /// Going quiet.
        silence: Silence,
        /// The relationship on the date itself, or on the day of death.
        #[serde(skip_serializing_if = "Option::is_none")]
        now: Option<Point>,
        /// The client's goals beside the desired outcomes.
        alignment: Alignment,
        /// One point per month and one per change, from intake on, also after exit.
        trajectory: Vec<Point>,
    }
}
part! {
    /// A rate with what it was counted from.
    #[derive(Copy)]
    Share as engagement::Share {
        /// Numerator over denominator, 0 to 1.
        value: f64,
        /// What was counted.
        numerator: u32,
        /// Out of how many; never 0.
        denominator: u32,
    }
}
part! {
    /// An event behind a number.
    #[derive(Copy)]
    Evidence as engagement::Evidence {
        /// The event.
        event: EventId,
        /// Its day.
        #[schema(value_type = String, format = Date)]
        on: Date,
    }
}
part! {
    /// How unusual the present silence is for this client. Without a two-way contact, and after death, there is no
    /// probability and no rhythm, and `standing` says why.
    Silence as engagement::Silence {
        /// In touch, watch, quiet, lost; no contact yet; deceased.
        standing: Standing,
        /// P(silence >= `days`) by the client's own rhythm.
        #[serde(skip_serializing_if = "Option::is_none")]
        probability: Option<f64>,
        /// Days since the last two-way contact: g.
        #[serde(skip_serializing_if = "Option::is_none")]
        days: Option<i32>,
        /// The last two-way contact.
        #[serde(skip_serializing_if = "Option::is_none")]
        last_contact: Option<Evidence>,
        /// The rhythm the silence is held against.
        #[serde(skip_serializing_if = "Option::is_none")]
        rhythm: Option<OwnRhythm>,
        /// How many failed attempts there were since the last two-way contact. They are no contact.
        attempts: u32,
        /// The latest of them, at most twenty, oldest first.
        latest_attempts: Vec<Attempt>,
    }
}
part! {
    /// The client's own rhythm, the prior it was joined with, and when a silence that lasts reaches each level.
    #[derive(Copy)]
    OwnRhythm as engagement::Rhythm {
        /// Days with two-way contact after the first one counted: x, at most twelve.
        returns: u32,
        /// Days from the first one counted to the last: T.
        over_days: i32,
        /// Shape r of the prior.
        prior_shape: f64,
        /// Rate alpha of the prior, in days.
        prior_days: f64,
        /// The day a silence since the last contact is a watch.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        watch_from: Option<Date>,
        /// The day it is quiet.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        quiet_from: Option<Date>,
        /// The day it is lost.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        lost_from: Option<Date>,
    }
}
part! {
    /// An attempt that failed.
    #[derive(Copy)]
    Attempt as engagement::Attempt {
        /// The event.
        event: EventId,
        /// Its day.
        #[schema(value_type = String, format = Date)]
        on: Date,
        /// What came to nothing.
        kind: FailedKind,
        /// Who tried.
        by: Eyes,
    }
}
part! {
    /// The relationship on one day.
    Point as engagement::Point {
        /// The day.
        #[schema(value_type = String, format = Date)]
        on: Date,
        /// Why there is a point on this day; empty for the date asked about.
        because: Vec<Because>,
        /// The events of a change: enrolment, exit, the contact that ended a silence, death.
        events: Vec<EventId>,
        /// Between contacts, by the client's own rhythm.
        standing: Standing,
        /// P(silence) behind the standing.
        #[serde(skip_serializing_if = "Option::is_none")]
        silence: Option<f64>,
        /// Where the relationship is heading.
        #[serde(skip_serializing_if = "Option::is_none")]
        shape: Option<Shape>,
        /// How much of life and how many people it holds.
        breadth: Breadth,
        /// How far it goes both ways.
        depth: Depth,
        /// Whether information was needed, usable, tailored, timely.
        robustness: Robustness,
        /// What lies between the transactions.
        between: Between,
    }
}
part! {
    /// Breadth over the window.
    Breadth as engagement::Breadth {
        /// Distinct life areas served, by name.
        life_areas: Vec<Code>,
        /// Distinct people in touch.
        people: People,
        /// Forms of contact used; one the source did not record is left out.
        formats: Vec<Format>,
    }
}
part! {
    /// People in touch. Caregivers and partners are not told apart by the facts: in touch counts one.
    #[derive(Copy)]
    People as engagement::People {
        /// 1 where there was any contact.
        client: u32,
        /// 1 where a caregiver began or joined a contact.
        caregivers: u32,
        /// Distinct workers.
        workers: u32,
        /// 1 where a partner began or joined a contact.
        partners: u32,
        /// All of them.
        total: u32,
    }
}
part! {
    /// Depth: contacts over the window, readings smoothed over all time so far.
    Depth as engagement::Depth {
        /// Of all contacts, those in which both sides took part.
        #[serde(skip_serializing_if = "Option::is_none")]
        two_way: Option<Share>,
        /// Of contacts whose fact says who began, those the client began.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_began: Option<Share>,
        /// The five elements.
        elements: Elements,
        /// The working alliance.
        alliance: Alliance,
        /// How far client and worker agree on goals, as read by an instrument.
        #[serde(skip_serializing_if = "Option::is_none")]
        goal_agreement: Option<Measured>,
    }
}
part! {
    /// The five elements; one never read is left out.
    Elements as engagement::Elements {
        /// Collaboration.
        #[serde(skip_serializing_if = "Option::is_none")]
        collaboration: Option<Measured>,
        /// Engagement, as an instrument reads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        engagement: Option<Measured>,
        /// Impact.
        #[serde(skip_serializing_if = "Option::is_none")]
        impact: Option<Measured>,
        /// Trust.
        #[serde(skip_serializing_if = "Option::is_none")]
        trust: Option<Measured>,
        /// Teamwork.
        #[serde(skip_serializing_if = "Option::is_none")]
        teamwork: Option<Measured>,
    }
}
part! {
    /// The working alliance; a side never read is left out.
    Alliance as engagement::WorkingAlliance {
        /// Agreement on goals.
        #[serde(skip_serializing_if = "Option::is_none")]
        goal: Option<Measured>,
        /// Agreement on tasks.
        #[serde(skip_serializing_if = "Option::is_none")]
        task: Option<Measured>,
        /// The bond.
        #[serde(skip_serializing_if = "Option::is_none")]
        bond: Option<Measured>,
    }
}
part! {
    /// A measure, smoothed over irregular readings.
    Measured as engagement::Measured {
        /// Where it stands, 0 worst to 1 best, all eyes together.
        value: f64,
        /// From how many readings.
        readings: u32,
        /// The day of the last.
        #[schema(value_type = String, format = Date)]
        last_on: Date,
        /// The last reading.
        last: EventId,
        /// The same through each pair of eyes.
        #[schema(value_type = BTreeMap<String, Seen>)]
        by_eyes: BTreeMap<Eyes, Seen>,
    }
}
part! {
    /// A measure through one pair of eyes.
    #[derive(Copy)]
    Seen as engagement::Seen {
        /// Where it stands, 0 to 1.
        value: f64,
        /// From how many readings.
        readings: u32,
    }
}
part! {
    /// Robustness over the window, each side out of the contacts rated on it.
    #[derive(Copy)]
    Robustness as engagement::Robustness {
        /// The information was needed.
        #[serde(skip_serializing_if = "Option::is_none")]
        needed: Option<Share>,
        /// Its format could be used.
        #[serde(skip_serializing_if = "Option::is_none")]
        usable: Option<Share>,
        /// It was tailored to this client.
        #[serde(skip_serializing_if = "Option::is_none")]
        tailored: Option<Share>,
        /// It came at the right moment.
        #[serde(skip_serializing_if = "Option::is_none")]
        timely: Option<Share>,
        /// All four held, out of the contacts rated on all four.
        #[serde(skip_serializing_if = "Option::is_none")]
        all_four: Option<Share>,
    }
}
part! {
    /// What lies between the transactions, over the window.
    Between as engagement::Between {
        /// The longest silence any part of which lies in the window.
        #[serde(skip_serializing_if = "Option::is_none")]
        longest_gap: Option<Gap>,
        /// Of check-ins held or missed, those held.
        #[serde(skip_serializing_if = "Option::is_none")]
        check_ins_held: Option<Share>,
        /// How many events keep the client's own words.
        words: u32,
        /// The latest of these events, at most five, oldest first.
        latest_words: Vec<EventId>,
    }
}
part! {
    /// A stretch without two-way contact.
    #[derive(Copy)]
    Gap as engagement::Gap {
        /// From one contact to the next, or to the day of the point.
        days: i32,
        /// The contact before it.
        #[schema(value_type = String, format = Date)]
        from: Date,
        /// The contact that ended it; left out while it lasts.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>, format = Date)]
        until: Option<Date>,
    }
}
part! {
    /// How far the client's own goals and the desired outcomes agree.
    Alignment as engagement::Alignment {
        /// Of the client's goals, those that serve an outcome of a plan. Left out until there is a plan and a goal.
        #[serde(skip_serializing_if = "Option::is_none")]
        goals_in_plan: Option<Share>,
        /// Of the desired outcomes, those some goal of the client's serves. Left out likewise.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcomes_with_goal: Option<Share>,
        /// Whether both are whole.
        #[serde(skip_serializing_if = "Option::is_none")]
        aligned: Option<bool>,
        /// When either share fell, and by which event.
        drifts: Vec<Drift>,
    }
}
part! {
    /// Goals and plan drifted apart.
    #[derive(Copy)]
    Drift as engagement::Drift {
        /// The day.
        #[schema(value_type = String, format = Date)]
        on: Date,
        /// The goal or plan that did it.
        event: EventId,
        /// The share of goals in the plan after it.
        #[serde(skip_serializing_if = "Option::is_none")]
        goals_in_plan: Option<Share>,
        /// The share of desired outcomes with a goal after it.
        #[serde(skip_serializing_if = "Option::is_none")]
        outcomes_with_goal: Option<Share>,
    }
}

/// Why there is a point on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = engagement::Because)]
pub enum Because {
    /// The last day of a month.
    Month,
    /// The client began a programme.
    Enrolled,
    /// The client left a programme.
    Exited,
    /// The standing changed: first contact, a level crossed, back in touch.
    Standing,
    /// The shape differs from the point before.
    Shape,
    /// The client died.
    Died,
}

impl Share {
    /// A share; none of nothing.
    pub(crate) fn of(numerator: u32, denominator: u32) -> Option<Self> {
        let value = rounded(f64::from(numerator) / f64::from(denominator));
        (denominator > 0).then_some(Self { value, numerator, denominator })
    }

    /// Whether this share is below another, by whole numbers.
    pub(crate) fn is_below(self, other: Self) -> bool {
        let cross = |a: Self, b: Self| u64::from(a.numerator) * u64::from(b.denominator);
        cross(self, other) < cross(other, self)
    }
}

/// Six decimals: as many as a reader or a recount can use.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
