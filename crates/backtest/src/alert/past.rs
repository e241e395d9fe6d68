//! What is known of one person so far, folded as it becomes known.
//!
//! A fact that comes last in the order of life is folded on; a late one, an amendment, or one of a linked journey
//! makes everything known so far be folded anew, once, before the next decision. So the cost is that of the facts,
//! and of what was late.

use jiff::civil::Date;
use throughline_domain::{Attributes, Event, Fact, Intake, JourneyId, LifeOrder, Milestone};

use super::{
    panel::{Panel, is_alert, life_of},
    pattern::Asked,
    replay::Watch,
    series::Days,
};
use crate::{Known, cohort::note, features::Folded};

/// What is known of one person so far.
pub(crate) struct Past<'w> {
    watch: &'w Watch,
    panel: &'w Panel,
    journey: JourneyId,
    views: Vec<Box<dyn Folded>>,
    series: Vec<Days>,
    last: Option<LifeOrder>,
    stale: bool,
    entry: Option<Date>,
    ends: Option<Date>,
    intake: Option<Date>,
    attributes: Attributes,
    dead: bool,
}

impl<'w> Past<'w> {
    pub fn of(watch: &'w Watch, panel: &'w Panel, timeline: &crate::Timeline) -> Self {
        let sources = panel.sources.iter().map(|place| &panel.features.sources()[*place]);
        #[cfg(test)]
        let views = sources.map(|source| source.begin_peeking(timeline)).collect();
        #[cfg(not(test))]
        let views = sources.map(|source| source.begin()).collect();
        Self {
            watch,
            panel,
            journey: timeline.journey,
            views,
            series: panel.series.iter().map(|_| Days::default()).collect(),
            last: None,
            stale: false,
            entry: None,
            ends: None,
            intake: None,
            attributes: Attributes::default(),
            dead: false,
        }
    }

    /// Takes what became known at one moment. Whether any of it is news of the client.
    pub fn take(&mut self, batch: &[Known]) -> bool {
        let mut news = false;
        let mut facts: Vec<Fact> = Vec::new();
        for known in batch.iter().filter(|known| !is_alert(&known.recorded.draft.event)) {
            news = true;
            let draft = &known.recorded.draft;
            if matches!(draft.event, Event::Amendment(_)) || draft.journey != self.journey {
                self.stale = true;
            } else if !self.stale {
                facts.push(Fact::unamended(known.recorded.clone()));
            }
        }
        facts.sort_by_cached_key(Fact::order);
        self.stale |= facts.first().is_some_and(|first| self.last.is_some_and(|last| first.order() < last));
        if !self.stale {
            facts.iter().for_each(|fact| self.fold(fact));
        }
        news
    }

    /// Folds anew where something late or amending made that needful. `known` is all that was known so far.
    pub fn settle(&mut self, known: &[Known]) {
        if !self.stale {
            return;
        }
        self.views.iter_mut().for_each(|view| view.clear());
        self.series.iter_mut().for_each(Days::clear);
        (self.last, self.entry, self.ends, self.intake) = (None, None, None, None);
        (self.attributes, self.dead, self.stale) = (Attributes::default(), false, false);
        for fact in life_of(self.journey, known) {
            self.fold(&fact);
        }
    }

    fn fold(&mut self, fact: &Fact) {
        self.last = Some(fact.order());
        let day = fact.occurred.day();
        let asked = Asked::of(fact);
        if let Some((event, after)) = &self.watch.ends
            && self.ends.is_none()
            && event.is(&asked)
        {
            self.ends = Some(crate::outcome::day_after(day, *after));
        }
        if self.ends.is_some_and(|ends| day > ends) {
            return;
        }
        self.views.iter_mut().for_each(|view| view.fold(fact));
        for (defined, days) in self.panel.series.iter().zip(&mut self.series) {
            defined.take(days, &asked);
        }
        if self.entry.is_none() && self.watch.enters(&asked) {
            self.entry = Some(day);
        }
        if self.panel.needs_attributes {
            note(&mut self.attributes, &fact.event);
        }
        match &fact.event {
            Event::Intake(Intake::IntakeHeld(_)) if self.intake.is_none() => self.intake = Some(day),
            Event::Milestone(Milestone::Died(_)) => self.dead = true,
            _ => {}
        }
    }

    pub fn view(&self, place: usize) -> &dyn Folded {
        &*self.views[place]
    }

    pub fn days(&self, series: usize) -> &Days {
        &self.series[series]
    }

    /// Time zero, as it is known.
    pub fn entry(&self) -> Option<Date> {
        self.entry
    }

    /// The day after which the watch takes no notice.
    pub fn ends(&self) -> Option<Date> {
        self.ends
    }

    pub fn intake(&self) -> Option<Date> {
        self.intake
    }

    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Whether it is known that they died.
    pub fn is_dead(&self) -> bool {
        self.dead
    }
}
