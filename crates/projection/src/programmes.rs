//! What programmes set for their views, with the product's defaults where they set nothing.

use std::{collections::HashMap, sync::LazyLock};

use throughline_domain::{Code, Event, Fact, FollowUpWindow, Programme};

/// What one programme sets for its views.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Days over which breadth and depth of engagement are taken.
    pub engagement_window_days: u16,
    /// Shape r of the gamma prior of a client's contact rate.
    pub silence_prior_shape: f64,
    /// Rate alpha of that prior, in days.
    pub silence_prior_days: f64,
    /// Service-free days after which an exit is derived.
    pub exit_after_days: u16,
    /// Follow-up windows where a plan sets none.
    pub windows: Vec<FollowUpWindow>,
}

impl Default for Settings {
    fn default() -> Self {
        let window = |name: &str, target_day: u16, slack: u16| FollowUpWindow {
            window: Code::new(name).expect("a valid code"),
            first_day: target_day - slack,
            target_day,
            last_day: target_day + slack,
            required: true,
        };
        Self {
            engagement_window_days: 90,
            silence_prior_shape: 1.0,
            silence_prior_days: 7.0,
            exit_after_days: 90,
            windows: vec![
                window("3-months", 91, 30),
                window("6-months", 182, 30),
                window("12-months", 365, 45),
                window("24-months", 730, 60),
            ],
        }
    }
}

/// The settings of every programme.
#[derive(Debug, Clone, Default)]
pub struct Programmes {
    by_code: HashMap<Code, Settings>,
}

static DEFAULTS: LazyLock<Settings> = LazyLock::new(Settings::default);

impl Programmes {
    /// Takes the next fact of a programme's stream; a later template replaces what an earlier one set.
    pub fn fold(&mut self, fact: &Fact) {
        if let Event::Programme(Programme::TemplatePublished(published)) = &fact.event {
            let set = &published.settings;
            let mut settings = Settings::default();
            settings.engagement_window_days =
                set.engagement_window_days.unwrap_or(settings.engagement_window_days);
            settings.exit_after_days = set.exit_after_days.unwrap_or(settings.exit_after_days);
            if let Some(shape) = set.silence_prior_shape.filter(|shape| shape.get() > 0.0) {
                settings.silence_prior_shape = shape.get();
            }
            if let Some(days) = set.silence_prior_days.filter(|days| days.get() > 0.0) {
                settings.silence_prior_days = days.get();
            }
            if !set.windows.is_empty() {
                settings.windows.clone_from(&set.windows);
            }
            self.by_code.insert(published.programme.clone(), settings);
        }
    }

    /// What this programme sets; the defaults for an unknown programme and for none.
    pub fn of(&self, programme: Option<&Code>) -> &Settings {
        programme.and_then(|programme| self.by_code.get(programme)).unwrap_or(&DEFAULTS)
    }
}
