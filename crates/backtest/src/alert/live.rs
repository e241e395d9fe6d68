//! Rules in force: what they raise and clear, live as in a replay.
//!
//! There is one way to an alert. [`alerts`] walks a history as it became known and tells every alert of a rule up to
//! a time. Live, [`due`] asks the same of the log as it stands and writes down what is not written yet: however often
//! and however late it is called, each decision is made with what was known at it, and an alert's id follows from
//! what it is, so that twice is once. What rules write is no news of the client and makes no rule be asked.

use std::collections::{BTreeMap, HashSet};

use jiff::{Timestamp, tz::Offset};
use rayon::prelude::*;
use serde::Serialize;
use throughline_domain::{
    Actor, AlertCleared, AlertRaised, Attributes, CheckIn, Code, Draft, Event, EventId, Eyes, JourneyId,
    Note, Occurred, Score, Value,
};
use throughline_projection::FeatureValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    panel::{Asker, Panel, is_alert},
    past::Past,
    replay::replay,
    rules::{Adopted, adopted, watch},
};
use crate::{Error, Features, History, Timeline};

/// An alert, raised or cleared.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = alert::Alert)]
pub struct Alert {
    /// Whose.
    pub journey: JourneyId,
    /// By which rule.
    pub rule: Code,
    /// In which version.
    pub rule_version: u32,
    /// When the rule was asked.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Timestamp,
    /// Raised; otherwise cleared.
    pub raised: bool,
    /// What the rule rested on.
    #[schema(value_type = Object)]
    pub values: BTreeMap<Code, Value>,
}

/// Every alert of an adopted rule up to a time: by journey, then in the order they were decided.
pub fn alerts(
    history: &History,
    features: &Features,
    adopted: &Adopted,
    until: Timestamp,
) -> Result<Vec<Alert>, Error> {
    let panel = Panel::of(&[adopted.rule.expression.as_str()], None, features, history)?;
    let watch = watch(adopted)?;
    // From its end on a rule is not asked; at that very moment it is no longer in force.
    let end = adopted.until.and_then(|end| end.checked_sub(jiff::SignedDuration::from_nanos(1)).ok());
    let until = end.map_or(until, |end| end.min(until));
    let of = |asker: &mut Asker<'_>, timeline: &Timeline| {
        let mut told = Vec::new();
        let mut held = false;
        let past = Past::of(&watch, &panel, timeline);
        replay(&watch, asker, past, timeline, until, &mut |decision| {
            let holds = decision.holds[0];
            if holds != held {
                held = holds;
                told.push(Alert {
                    journey: timeline.journey,
                    rule: adopted.rule.rule.clone(),
                    rule_version: adopted.rule.rule_version,
                    decided_at: decision.at,
                    raised: holds,
                    values: values(&panel, decision.values),
                });
            }
        })?;
        Ok(told)
    };
    let each: Vec<Vec<Alert>> =
        history.timelines.par_iter().map_init(|| Asker::of(&panel), of).collect::<Result<_, Error>>()?;
    Ok(each.into_iter().flatten().collect())
}

/// The alerts of a rule that are on the log, in the same order.
pub fn recorded(history: &History, rule: &Adopted) -> Vec<Alert> {
    let mut all = Vec::new();
    for timeline in &history.timelines {
        let mut own: Vec<Alert> = timeline
            .known()
            .iter()
            .filter(|known| known.recorded.draft.journey == timeline.journey)
            .filter_map(|known| read(&known.recorded.draft))
            .filter(|alert| alert.rule == rule.rule.rule && alert.rule_version == rule.rule.rule_version)
            .filter(|alert| {
                rule.from <= alert.decided_at && rule.until.is_none_or(|until| alert.decided_at < until)
            })
            .collect();
        own.sort_by_key(|alert| alert.decided_at);
        all.extend(own);
    }
    all
}

/// What is to be written down by now: every alert of every rule, in force then, that was decided up to `until` and is
/// not on the log. `namespace` is the log's. What may still be on its way to the log must be later than `until`.
pub fn due(
    history: &History,
    features: &Features,
    until: Timestamp,
    namespace: Uuid,
) -> Result<Vec<Draft>, Error> {
    let written: HashSet<EventId> = history
        .timelines
        .iter()
        .flat_map(Timeline::known)
        .filter(|known| is_alert(&known.recorded.draft.event))
        .map(|known| known.recorded.draft.event_id)
        .collect();
    let mut due = Vec::new();
    for adopted in adopted(history) {
        let drafts =
            alerts(history, features, &adopted, until)?.into_iter().map(|alert| alert.draft(namespace));
        due.extend(drafts.filter(|draft| !written.contains(&draft.event_id)));
    }
    due.sort_by_key(|draft: &Draft| (draft.occurred, draft.journey, draft.event_id));
    Ok(due)
}

impl Alert {
    /// The fact, with an id that follows from what it is.
    pub fn draft(self, namespace: Uuid) -> Draft {
        let Self { journey, rule, rule_version, decided_at, raised, values } = self;
        let what = if raised { "raised" } else { "cleared" };
        let name = format!("alert/{journey}/{rule}@{rule_version}/{decided_at}/{what}");
        let (values, personal): (Attributes, _) = (values, Note::default());
        Draft {
            event_id: EventId::new(Uuid::new_v5(&namespace, name.as_bytes())),
            journey,
            actor: Actor::new("system:rules").expect("an actor"),
            on_behalf_of: None,
            eyes: Eyes::System,
            occurred: Occurred::At(decided_at, Offset::UTC),
            cause: None,
            source: None,
            event: if raised {
                AlertRaised { rule, rule_version, values, personal }.into()
            } else {
                AlertCleared { rule, rule_version, values, personal }.into()
            },
        }
    }
}

fn read(draft: &Draft) -> Option<Alert> {
    let (rule, rule_version, values, raised) = match &draft.event {
        Event::CheckIn(CheckIn::AlertRaised(alert)) => (&alert.rule, alert.rule_version, &alert.values, true),
        Event::CheckIn(CheckIn::AlertCleared(alert)) => {
            (&alert.rule, alert.rule_version, &alert.values, false)
        }
        _ => return None,
    };
    Some(Alert {
        journey: draft.journey,
        rule: rule.clone(),
        rule_version,
        decided_at: draft.occurred.instant()?,
        raised,
        values: values.clone(),
    })
}

/// What was known of the values a rule rests on.
fn values(panel: &Panel, values: &[Option<FeatureValue>]) -> BTreeMap<Code, Value> {
    let told = panel.asked.iter().zip(values).filter_map(|(asked, value)| {
        let number = |number: f64| Score::new(number).ok().map(Value::Number);
        let value = match (*value)? {
            FeatureValue::Flag(flag) => Some(Value::Flag(flag)),
            #[allow(clippy::cast_precision_loss, reason = "counts of days and facts are far below 2^53")]
            FeatureValue::Whole(whole) => number(whole as f64),
            FeatureValue::Number(value) => number(value),
        };
        Some((Code::new(&asked.name).ok()?, value?))
    });
    told.collect()
}
