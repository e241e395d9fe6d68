//! Rules about a fact's own values: scales, amounts, windows, days in order, closed vocabularies.

use super::{Case, rule};
use crate::{
    Amount, CheckIn, Code, DesiredOutcome, Event, FollowUpWindow, Intake, ItemAnswer, Milestone,
    PlannedIndicator, Programme, Scale, Score, Transaction, vocabulary,
};

pub(super) fn check(case: &mut Case<'_>) {
    let fact = case.fact;
    let day = fact.occurred.day();
    match &fact.event {
        Event::Intake(intake) => intake_holds(case, intake),
        Event::Transaction(transaction) => transaction_holds(case, transaction),
        Event::CheckIn(CheckIn::ReadingTaken(reading)) => {
            on_scale(case, "/facts/value", reading.value, reading.scale);
            answers_on_scale(case, &reading.items, reading.scale);
        }
        Event::CheckIn(CheckIn::SatisfactionRated(rated)) => {
            let answers = rated.items.len() as f64;
            let total = Scale::new(rated.scale.min() * answers, rated.scale.max() * answers);
            if !total.is_ok_and(|total| total.holds(rated.value)) {
                on_scale(case, "/facts/value", rated.value, rated.scale);
            }
            answers_on_scale(case, &rated.items, rated.scale);
        }
        Event::CheckIn(CheckIn::SurveySent(sent)) => {
            if let Some(closes) = sent.closes.filter(|closes| *closes < day) {
                let message = format!("the survey closes on {closes}, before it is sent on {day}");
                case.breaks(rule::SURVEY_CLOSES_EARLY, "/facts/closes", message);
            }
        }
        Event::Programme(Programme::TemplatePublished(template)) => {
            windows_in_order(case, "/facts/settings/windows", &template.settings.windows);
        }
        Event::CheckIn(_)
        | Event::Milestone(_)
        | Event::Amendment(_)
        | Event::Programme(_)
        | Event::Access(_) => {}
    }
    for (pointer, code) in life_areas(&fact.event) {
        case.in_vocabulary("life-area", &pointer, code);
    }
}

fn intake_holds(case: &mut Case<'_>, intake: &Intake) {
    match intake {
        Intake::ConsentGiven(given) => {
            let day = case.fact.occurred.day();
            if let Some(until) = given.until.filter(|until| *until < day) {
                let message =
                    format!("the consent ends on {until}, before it is given on {day}; correct one");
                case.breaks(rule::CONSENT_ENDS_EARLY, "/facts/until", message);
            }
        }
        Intake::PlanAgreed(plan) => {
            listed_once(
                case,
                "/facts/outcomes",
                plan.outcomes.iter().map(|outcome| outcome.outcome.as_str()),
            );
            targets_differ(case, &plan.indicators);
            windows_in_order(case, "/facts/windows", &plan.windows);
        }
        Intake::PlanRevised(plan) => {
            listed_once(
                case,
                "/facts/outcomes",
                plan.outcomes.iter().map(|outcome| outcome.outcome.as_str()),
            );
            targets_differ(case, &plan.indicators);
            windows_in_order(case, "/facts/windows", &plan.windows);
        }
        Intake::EligibilityDecided(decided) => {
            listed_once(case, "/facts/criteria", decided.criteria.iter().map(|one| one.criterion.as_str()));
        }
        _ => {}
    }
}

fn transaction_holds(case: &mut Case<'_>, transaction: &Transaction) {
    match transaction {
        Transaction::ServiceDelivered(service) => {
            if let Some(cost) = &service.cost {
                amount(case, "/facts/cost", cost);
            }
        }
        Transaction::SupportPaid(support) => amount(case, "/facts/amount", &support.amount),
        Transaction::GiftReceived(gift) => {
            if let Some(given) = &gift.amount {
                amount(case, "/facts/amount", given);
            }
        }
        Transaction::ShiftWorked(shift) if !(1..=1440).contains(&shift.minutes) => {
            let message = format!("{} minutes are no shift; write 1 to 1440, a shift per day", shift.minutes);
            case.breaks(rule::SHIFT_LENGTH, "/facts/minutes", message);
        }
        _ => {}
    }
}

fn amount(case: &mut Case<'_>, pointer: &str, amount: &Amount) {
    if amount.minor < 0 {
        let message =
            format!("{} is below zero; correct or retract the earlier amount instead", amount.minor);
        case.breaks(rule::AMOUNT_NEGATIVE, format!("{pointer}/minor"), message);
    }
    let currency = amount.currency.as_str();
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_lowercase()) {
        let message =
            format!("`{currency}` is no currency; write the three letters of ISO 4217, such as `zar`");
        case.breaks(rule::CURRENCY, format!("{pointer}/currency"), message);
    }
}

fn on_scale(case: &mut Case<'_>, pointer: &str, value: Score, scale: Scale) {
    if !scale.holds(value) {
        let message = format!(
            "{} is outside the scale from {} to {}; correct one",
            value.get(),
            scale.min(),
            scale.max()
        );
        case.breaks(rule::OFF_SCALE, pointer, message);
    }
}

/// The scale is that of one answer, or that of their total; then each answer has its share of it.
fn answers_on_scale(case: &mut Case<'_>, items: &[ItemAnswer], scale: Scale) {
    let answers = items.len() as f64;
    let share = Scale::new(scale.min() / answers, scale.max() / answers);
    if share.is_ok_and(|share| items.iter().all(|item| share.holds(item.answer))) {
        return;
    }
    for (nth, item) in items.iter().enumerate() {
        on_scale(case, &format!("/facts/items/{nth}/answer"), item.answer, scale);
    }
}

fn targets_differ(case: &mut Case<'_>, indicators: &[PlannedIndicator]) {
    for (nth, indicator) in indicators.iter().enumerate() {
        if indicator.target == indicator.baseline {
            let message = format!(
                "`{}` stands at {} already; set a target that differs, or leave the indicator out",
                indicator.indicator,
                indicator.baseline.get()
            );
            case.breaks(rule::TARGET_IS_BASELINE, format!("/facts/indicators/{nth}/target"), message);
        }
    }
}

fn windows_in_order(case: &mut Case<'_>, pointer: &str, windows: &[FollowUpWindow]) {
    listed_once(case, pointer, windows.iter().map(|window| window.window.as_str()));
    for (nth, window) in windows.iter().enumerate() {
        let FollowUpWindow { first_day, target_day, last_day, .. } = window;
        if first_day > target_day || target_day > last_day {
            let message = format!(
                "window `{}` runs from day {first_day} over {target_day} to {last_day}; write them in order",
                window.window
            );
            case.breaks(rule::WINDOW_ORDER, format!("{pointer}/{nth}/target_day"), message);
        }
    }
}

fn listed_once<'a>(case: &mut Case<'_>, pointer: &str, names: impl Iterator<Item = &'a str>) {
    let mut seen = std::collections::HashSet::new();
    for (nth, name) in names.enumerate() {
        if !seen.insert(name) {
            let message = format!("`{name}` stands here a second time; name it once");
            case.breaks(rule::LISTED_TWICE, format!("{pointer}/{nth}"), message);
        }
    }
}

/// Every area of life an event names, and where.
fn life_areas(event: &Event) -> Vec<(String, &Code)> {
    let area = match event {
        Event::Intake(Intake::PlanAgreed(plan)) => return planned_areas(&plan.outcomes, &plan.indicators),
        Event::Intake(Intake::PlanRevised(plan)) => return planned_areas(&plan.outcomes, &plan.indicators),
        Event::Programme(Programme::TemplatePublished(template)) => {
            return listed_areas("steps", template.steps.iter().map(|step| step.life_area.as_ref()));
        }
        Event::Intake(Intake::GoalStated(goal)) => Some(&goal.life_area),
        Event::Transaction(Transaction::ServiceDelivered(service)) => Some(&service.life_area),
        Event::Transaction(Transaction::ReferralMade(made)) => made.life_area.as_ref(),
        Event::Transaction(Transaction::SupportPaid(support)) => support.life_area.as_ref(),
        Event::CheckIn(CheckIn::DifficultyReported(reported)) => Some(&reported.life_area),
        Event::CheckIn(CheckIn::LifeEventNoted(noted)) => noted.life_area.as_ref(),
        Event::Milestone(Milestone::MilestoneReached(reached)) => reached.life_area.as_ref(),
        Event::Milestone(Milestone::IndicatorMeasured(measured)) => measured.life_area.as_ref(),
        Event::Milestone(Milestone::OutcomeReached(reached)) => Some(&reached.life_area),
        _ => None,
    };
    area.map(|area| ("/facts/life_area".to_owned(), area)).into_iter().collect()
}

fn planned_areas<'a>(
    outcomes: &'a [DesiredOutcome],
    indicators: &'a [PlannedIndicator],
) -> Vec<(String, &'a Code)> {
    let mut areas = listed_areas("outcomes", outcomes.iter().map(|outcome| Some(&outcome.life_area)));
    areas.extend(listed_areas("indicators", indicators.iter().map(|indicator| Some(&indicator.life_area))));
    areas
}

fn listed_areas<'a>(list: &str, areas: impl Iterator<Item = Option<&'a Code>>) -> Vec<(String, &'a Code)> {
    let named = areas.enumerate().filter_map(|(nth, area)| area.map(|area| (nth, area)));
    named.map(|(nth, area)| (format!("/facts/{list}/{nth}/life_area"), area)).collect()
}

impl Case<'_> {
    fn in_vocabulary(&mut self, vocabulary: &str, pointer: &str, code: &Code) {
        let Some(vocabulary) = vocabulary::get(vocabulary) else { return };
        if let Err(nearest) = vocabulary.accepts(code) {
            let message = format!(
                "`{code}` is not in the closed vocabulary `{}`; did you mean `{nearest}`? GET \
                 /v1/vocabularies/{} lists all",
                vocabulary.name, vocabulary.name
            );
            self.breaks(rule::VOCABULARY, pointer, message);
        }
    }
}
