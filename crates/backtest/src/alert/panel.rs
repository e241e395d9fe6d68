//! Rules compiled together: every feature that any of them names is worked out once a decision, and no other.

use std::collections::BTreeSet;

use cel::{Context, Value as CelValue};
use jiff::{Timestamp, civil::Date};
use throughline_domain::{Attributes, Event, Fact, Programme};
use throughline_projection::{FeatureValue, Programmes};

use super::{past::Past, series::Defined};
use crate::{
    Error, Expression, History,
    cohort::days_between,
    expression::{ATTRIBUTES, attributes_value},
    features::{DAYS_SINCE_ENTRY, DAYS_SINCE_INTAKE, Features},
    history::life,
    spec::Spec,
};

/// Where the value of a name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A projector, by its place among those used, and the place of the feature.
    View(usize, usize),
    /// A series of the spec.
    Series(usize),
    Entry,
    Intake,
}

/// A name that some rule uses.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub name: String,
    pub origin: Origin,
    /// The short names of the facts it rests on.
    pub from: BTreeSet<&'static str>,
}

/// A rule, compiled.
pub(crate) struct Rule {
    pub expression: Expression,
    /// The names it uses, as places in [`Panel::asked`].
    pub uses: Vec<usize>,
}

/// Rules that are asked together.
pub(crate) struct Panel {
    pub asked: Vec<Asked>,
    pub rules: Vec<Rule>,
    pub series: Vec<Defined>,
    pub features: Features,
    /// Places of the projectors that are folded, among those registered.
    pub sources: Vec<usize>,
    settings: Vec<(Timestamp, Programmes)>,
    pub needs_attributes: bool,
}

impl Panel {
    /// Compiles these expressions over the registered features and the spec's own series.
    pub fn of(
        rules: &[&str],
        spec: Option<&Spec>,
        features: &Features,
        history: &History,
    ) -> Result<Self, Error> {
        let defined = |spec: &'_ Spec| -> Vec<Defined> {
            spec.features.iter().map(|(name, series)| Defined::of(name, series, spec)).collect()
        };
        let mut panel = Self {
            asked: Vec::new(),
            rules: Vec::new(),
            series: spec.map(defined).unwrap_or_default(),
            features: features.clone(),
            sources: Vec::new(),
            settings: settings(history),
            needs_attributes: false,
        };
        for rule in rules {
            panel.add(rule)?;
        }
        Ok(panel)
    }

    fn add(&mut self, text: &str) -> Result<(), Error> {
        let known: Vec<&str> = self
            .features
            .iter()
            .map(|feature| feature.name)
            .chain(self.series.iter().map(|series| series.name.as_str()))
            .collect();
        let expression = Expression::over(text, &known)?;
        let mut uses = Vec::new();
        let mut uses_attributes = false;
        for name in expression.names() {
            if name == ATTRIBUTES {
                uses_attributes = true;
            } else {
                uses.push(self.place(&name));
            }
        }
        self.needs_attributes |= uses_attributes;
        self.rules.push(Rule { expression, uses });
        Ok(())
    }

    /// The place of a name among those asked for. A series goes before a projector's feature of the same name.
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.asked.iter().position(|asked| asked.name == name) {
            return place;
        }
        let (origin, from) = self.origin(name);
        self.asked.push(Asked { name: name.to_owned(), origin, from });
        self.asked.len() - 1
    }

    fn origin(&mut self, name: &str) -> (Origin, BTreeSet<&'static str>) {
        if let Some(place) = self.series.iter().position(|series| series.name == name) {
            return (Origin::Series(place), self.series[place].facts().collect());
        }
        for (source, told) in self.features.sources().iter().enumerate() {
            let Some(place) = told.features().iter().position(|feature| feature.name == name) else {
                continue;
            };
            let from = told.features()[place].from.iter().copied().collect();
            let used = self.sources.iter().position(|used| *used == source).unwrap_or_else(|| {
                self.sources.push(source);
                self.sources.len() - 1
            });
            return (Origin::View(used, place), from);
        }
        match name {
            DAYS_SINCE_INTAKE => (Origin::Intake, BTreeSet::from(["intake-held"])),
            _ => {
                assert_eq!(name, DAYS_SINCE_ENTRY, "the expression was checked against the names there are");
                (Origin::Entry, BTreeSet::new())
            }
        }
    }

    /// What programmes set, as it was known at a time.
    fn settings(&self, at: Timestamp) -> &Programmes {
        let known = self.settings.partition_point(|(from, _)| *from <= at);
        &self.settings[known.saturating_sub(1)].1
    }
}

/// What programmes set, from each time on at which that changed. Before the first nothing was set.
fn settings(history: &History) -> Vec<(Timestamp, Programmes)> {
    let mut settings = vec![(Timestamp::MIN, Programmes::default())];
    let changes = |event: &Event| matches!(event, Event::Programme(Programme::TemplatePublished(_)));
    for (place, known) in history.programmes.iter().enumerate() {
        let next = history.programmes.get(place + 1);
        if !changes(&known.recorded.draft.event)
            || next.is_some_and(|next| next.at == known.at && changes(&next.recorded.draft.event))
        {
            continue;
        }
        let published =
            history.programmes[..=place].iter().filter(|known| changes(&known.recorded.draft.event));
        let mut facts: Vec<Fact> = published.map(|known| Fact::unamended(known.recorded.clone())).collect();
        facts.sort_by_cached_key(Fact::order);
        let mut programmes = Programmes::default();
        facts.iter().for_each(|fact| programmes.fold(fact));
        settings.push((known.at, programmes));
    }
    settings
}

/// Asks the rules of one panel; one for each thread, for making the context costs more than asking.
pub(crate) struct Asker<'p> {
    panel: &'p Panel,
    context: Context<'p, 'p>,
    values: Vec<Option<FeatureValue>>,
    holds: Vec<bool>,
    attributes: Option<Attributes>,
    asked_before: bool,
}

impl<'p> Asker<'p> {
    pub fn of(panel: &'p Panel) -> Self {
        Self {
            panel,
            context: Context::default(),
            values: vec![None; panel.asked.len()],
            holds: vec![false; panel.rules.len()],
            attributes: None,
            asked_before: false,
        }
    }

    /// Whether each rule holds of what is known, and what it rests on. Nobody is asked about before they entered, or
    /// after their death is known.
    pub fn ask(
        &mut self,
        past: &Past<'_>,
        at: Timestamp,
        on: Date,
        zero: Date,
    ) -> Result<(&[bool], &[Option<FeatureValue>]), Error> {
        let programmes = self.panel.settings(at);
        let mut changed = !self.asked_before;
        for (place, asked) in self.panel.asked.iter().enumerate() {
            let value = match asked.origin {
                Origin::View(view, feature) => past.view(view).value(feature, on, programmes),
                Origin::Series(series) => Some(self.panel.series[series].value(past.days(series), zero, on)),
                Origin::Entry => Some(whole(days_between(zero, on))),
                Origin::Intake => past.intake().map(|intake| whole(days_between(intake, on))),
            };
            if changed || value != self.values[place] {
                changed = true;
                self.values[place] = value;
                self.context.add_variable_from_value(asked.name.as_str(), in_cel(value));
            }
        }
        if self.panel.needs_attributes && self.attributes.as_ref() != Some(past.attributes()) {
            changed = true;
            self.attributes = Some(past.attributes().clone());
            self.context.add_variable_from_value(ATTRIBUTES, attributes_value(past.attributes()));
        }
        if past.is_dead() {
            self.holds.fill(false);
            self.asked_before = false;
        } else if changed {
            for (rule, holds) in self.panel.rules.iter().zip(&mut self.holds) {
                let known = rule.uses.iter().all(|place| self.values[*place].is_some());
                *holds = rule.expression.holds_as_known(&self.context, known)?;
            }
            self.asked_before = true;
        }
        Ok((&self.holds, &self.values))
    }
}

fn whole(days: i64) -> FeatureValue {
    FeatureValue::Whole(days)
}

fn in_cel(value: Option<FeatureValue>) -> CelValue {
    match value {
        None => CelValue::Null,
        Some(FeatureValue::Flag(flag)) => CelValue::Bool(flag),
        Some(FeatureValue::Whole(whole)) => CelValue::Int(whole),
        Some(FeatureValue::Number(number)) => CelValue::Float(number),
    }
}

/// The life of a timeline without what rules themselves wrote: an alert is no news of the client.
pub(crate) fn without_alerts(facts: Vec<Fact>) -> impl Iterator<Item = Fact> {
    facts.into_iter().filter(|fact| !is_alert(&fact.event))
}

/// Whether a rule wrote it.
pub(crate) fn is_alert(event: &Event) -> bool {
    matches!(event.fact_name(), "alert-raised" | "alert-cleared")
}

pub(crate) fn life_of(
    journey: throughline_domain::JourneyId,
    known: &[crate::Known],
) -> impl Iterator<Item = Fact> {
    without_alerts(life(journey, known))
}
