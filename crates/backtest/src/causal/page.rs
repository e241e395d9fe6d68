//! A causal report, laid out.

use crate::{
    page::{Cell, Figure, Form, Page, Section, Table},
    privacy::SINCE,
    spec::Unknown,
};

use super::report::{CausalReport, Curve, Effect, Passed, Step, Survival};

impl CausalReport {
    /// Its sections: what was found, time to the outcome, who was compared, how alike they are, what cannot be known.
    pub fn page(&self) -> Page {
        let mut sections = vec![self.estimates()];
        if let Some(survival) = &self.survival {
            sections.extend([curves(survival, self.unit.name()), models(survival)]);
        }
        if !self.series.is_empty() {
            sections.push(self.over_time());
        }
        sections.extend([self.groups(), self.alike(), self.limits()]);
        Page { title: format!("What did the change do? {}", self.outcome), sections }
    }

    fn estimates(&self) -> Section {
        let mut section = section("Estimates", &self.notes);
        let unknown = self.arms.iter().map(|arm| arm.unknown).sum();
        section.words.insert(0, format!("What is compared: {}.", self.measure));
        for (name, caption, none) in [
            ("effects", "Differences between the groups, with 95 % intervals", 0.0),
            ("hazard-ratios", "Hazard ratios, with 95 % intervals", 1.0),
        ] {
            let of: Vec<&Effect> = self.effects.iter().filter(|it| (it.none - none).abs() < 0.5).collect();
            effects(&mut section, name, caption, &of, none, unknown);
        }
        let placebo: Vec<&Effect> = self.placebo.iter().collect();
        effects(&mut section, "placebo", "Where no effect can be", &placebo, 0.0, unknown);
        let rows = self.detectable.iter().map(|it| vec![text(&it.of), Cell::Number(it.value)]).collect();
        let caption = "The smallest effect that could have been found (power 80 %, level 95 %)";
        section.tables.push(table("smallest-detectable", caption, &["estimate", "smallest effect"], rows));
        section
    }

    fn over_time(&self) -> Section {
        let rows = self.series.iter().map(|point| {
            vec![
                text(&point.from.to_string()),
                text(point.arm.as_deref().unwrap_or("everyone")),
                text(if point.after { "after" } else { "before" }),
                Cell::Count(point.clients),
                Cell::Number(point.mean),
                maybe(point.fitted),
            ]
        });
        let columns = ["from", "group", "side", "clients", "mean", "fitted"];
        let caption = "The mean of those who entered from each day on";
        let mut section = section("Over time", &[]);
        section.tables.push(table("series", caption, &columns, rows.collect()));
        let form = |y: &str| Form::Lines { x: "from".into(), y: y.into(), series: Some("group".into()) };
        section.figures.push(figure("series", caption, form("mean")));
        if self.series.iter().any(|point| point.fitted.is_some()) {
            section.figures.push(figure(
                "series",
                "The two lines before and after the change",
                form("fitted"),
            ));
        }
        section
    }

    fn groups(&self) -> Section {
        let people = &self.people;
        let counts = [
            ("in the cohort", people.entered),
            ("of them in neither group", people.in_no_group),
            ("entered too late", people.immature),
            ("erased", people.erased),
        ];
        let rows = counts.iter().map(|(name, count)| vec![text(name), Cell::Count(*count)]).collect();
        let mut section = section("Who was compared", &[]);
        section.tables.push(table("people", "Who was looked at", &["who", "clients"], rows));
        let rows = self.arms.iter().map(|arm| {
            vec![
                text(&arm.name),
                Cell::Count(arm.clients),
                Cell::Count(arm.known),
                Cell::Count(arm.unknown),
                Cell::Count(arm.without_covariates),
                arm.events.map_or(Cell::Empty(()), Cell::Count),
                maybe(arm.mean),
            ]
        });
        let columns =
            ["group", "clients", "known", "unknown", "without covariates", "with what is measured", "mean"];
        let caption = "Each group, and of whom the outcome is not known";
        section.tables.push(table("groups", caption, &columns, rows.collect()));
        if let Some(it) = &self.attrition {
            let caption = "Share of whom it is not known: with the change less without";
            let row = [it.difference, it.low, it.high].map(Cell::Number).to_vec();
            section.tables.push(table("attrition", caption, &["difference", "low", "high"], vec![row]));
        }
        section
    }

    fn alike(&self) -> Section {
        let mut section = section("How alike the groups are", &[]);
        if !self.balance.is_empty() {
            let caption = "Standardised differences at time zero";
            // One row a covariate and time, so that one figure shows both.
            let rows = self.balance.iter().flat_map(|row| {
                let side = |when: &str, value: f64| {
                    vec![
                        text(&format!("{} {when}", row.covariate)),
                        Cell::Number(row.treated_mean),
                        Cell::Number(row.control_mean),
                        Cell::Number(value),
                    ]
                };
                let after = row.after.map(|value| side("(weighted)", value));
                std::iter::once(side("(as they are)", row.before)).chain(after)
            });
            let columns = ["covariate", "mean with", "mean without", "difference"];
            section.tables.push(table("balance", caption, &columns, rows.collect()));
            let form = Form::Bars { label: "covariate".into(), value: "difference".into() };
            section.figures.push(figure("balance", caption, form));
        }
        let mut rows = Vec::new();
        if let Some(overlap) = &self.overlap {
            let figures = [
                ("share of clients outside 0.1 to 0.9", overlap.outside),
                ("least propensity, with the change", overlap.treated.0),
                ("greatest, with the change", overlap.treated.1),
                ("least, without", overlap.control.0),
                ("greatest, without", overlap.control.1),
                ("chance that a lot made the groups differ so", overlap.by_lot_p),
            ];
            rows.extend(figures);
        }
        if let Some(weights) = &self.weights {
            rows.extend([
                ("effective sample size, with the change", weights.effective_treated),
                ("effective sample size, without", weights.effective_control),
                ("largest share of a group's weight", weights.largest_share),
                ("share of clients left out for being outside", weights.trimmed_share),
            ]);
        }
        if !rows.is_empty() {
            let rows = rows.into_iter().map(|(name, value)| vec![text(name), Cell::Number(value)]).collect();
            section.tables.push(table("overlap", "Overlap and weights", &["figure", "value"], rows));
        }
        section.tables.push(guards(&self.guards));
        section
    }

    fn limits(&self) -> Section {
        let words = [
            "Whatever happened to those of whom it is not known, the truth lies within Manski's bounds; Lee's \
                      hold for those of whom it would be known in either group.",
        ];
        let mut section = section("What cannot be known", &words.map(str::to_owned));
        let rows = self.bounds.iter().map(|it| {
            let ends = [it.low, it.high, it.interval_low, it.interval_high];
            std::iter::once(text(&it.name)).chain(ends.map(Cell::Number)).collect()
        });
        let columns = ["of", "least", "most", "least, with chance", "most, with chance"];
        section.tables.push(table("bounds", "Bounds", &columns, rows.collect()));
        section
    }
}

/// `unknown` is how many the extremes count of whom it is not known: the extremes tell it, so it stands beside them.
fn effects(section: &mut Section, name: &str, caption: &str, of: &[&Effect], none: f64, unknown: u64) {
    if of.is_empty() {
        return;
    }
    let rows = of.iter().map(|it| {
        let numbers = [it.value, it.low, it.high, it.standard_error, it.p_value].map(Cell::Number);
        let label = text(&format!("{} ({})", it.name, way(it.unknown)));
        let guessed = if it.unknown == Unknown::Unknown { 0 } else { unknown.min(it.clients) };
        let clients = [it.clients - guessed, guessed].map(Cell::Count);
        [label].into_iter().chain(numbers).chain(clients).collect()
    });
    let columns =
        ["estimate", "value", "low", "high", "standard error", "p", "clients", "and of whom it is not known"];
    section.tables.push(table(name, caption, &columns, rows.collect()));
    let ends = ("low".into(), "high".into());
    let form = Form::Intervals { label: "estimate".into(), value: "value".into(), ends, none };
    section.figures.push(figure(name, caption, form));
}

fn curves(survival: &Survival, unit: &str) -> Section {
    let point = |curve: &Curve, step: &Step| {
        let (low, high) = step.interval.map_or((Cell::Empty(()), Cell::Empty(())), |(low, high)| {
            (Cell::Number(low), Cell::Number(high))
        });
        vec![Cell::Number(step.time), text(&curve.arm), Cell::Number(step.survival), low, high]
    };
    // A curve begins with everybody.
    let start = |curve: &Curve| {
        let head =
            vec![Cell::Number(0.0), text(&curve.arm), Cell::Number(1.0), Cell::Empty(()), Cell::Empty(())];
        head.into_iter().chain([Cell::Count(0)]).collect()
    };
    let groups = survival.curves.iter().skip(1);
    let rows = groups.flat_map(|curve| {
        let before = std::iter::once(0).chain(curve.steps.iter().map(|step| step.events));
        let steps = curve.steps.iter().zip(before).map(move |(step, before)| {
            let since = Cell::Count(step.events.saturating_sub(before));
            point(curve, step).into_iter().chain([since]).collect()
        });
        std::iter::once(start(curve)).chain(steps)
    });
    let caption = "The share without the outcome (Kaplan-Meier, 95 % bands)";
    let columns = [unit, "group", "without the outcome", "low", "high", SINCE];
    let mut section = section("Time to the outcome", &[]);
    section.tables.push(table("survival-by-group", caption, &columns, rows.collect()));
    let form = Form::Steps {
        x: unit.to_owned(),
        y: "without the outcome".into(),
        band: Some(("low".into(), "high".into())),
        series: Some("group".into()),
    };
    section.figures.push(figure("survival-by-group", caption, form));
    let rows = survival.curves.iter().flat_map(|curve| {
        curve.at.iter().map(move |step| {
            let mut row = point(curve, step);
            row.extend([
                Cell::Number(step.standard_error),
                Cell::Count(step.at_risk),
                Cell::Count(step.events),
            ]);
            row
        })
    });
    let columns = [
        unit,
        "group",
        "without the outcome",
        "low",
        "high",
        "standard error",
        "at risk",
        "with the outcome",
    ];
    let caption = "The same at the times that were asked for";
    section.tables.push(table("survival-at", caption, &columns, rows.collect()));
    let rows = survival.curves.iter().map(|curve| {
        let ends = [curve.median, curve.median_interval.0, curve.median_interval.1].map(maybe);
        let counts = [Cell::Count(curve.clients), Cell::Count(curve.events)];
        [text(&curve.arm)].into_iter().chain(counts).chain(ends).collect()
    });
    let columns = ["group", "clients", "with the outcome", "median", "median low", "median high"];
    section.tables.push(table(
        "medians",
        &format!("By when half had it, in {unit}"),
        &columns,
        rows.collect(),
    ));
    section
}

fn models(survival: &Survival) -> Section {
    let mut section = section("Tests and models", &[]);
    let rows = survival.tests.iter().map(|test| {
        let numbers = [test.chi_squared, test.degrees_of_freedom as f64, test.p_value].map(Cell::Number);
        [text(&test.name)].into_iter().chain(numbers).collect()
    });
    let columns = ["test", "chi squared", "degrees of freedom", "p"];
    section.tables.push(table("tests", "Do the groups differ?", &columns, rows.collect()));
    let rows = survival
        .restricted_means
        .iter()
        .map(|it| vec![text(&it.arm), Cell::Number(it.mean), Cell::Number(it.standard_error)]);
    let caption = format!("The mean time without the outcome up to {}", survival.horizon);
    section.tables.push(table(
        "restricted-means",
        &caption,
        &["group", "mean", "standard error"],
        rows.collect(),
    ));
    let rows = survival.coefficients.iter().map(|it| {
        let numbers = [it.value, it.standard_error, it.hazard_ratio, it.low, it.high, it.p_value];
        [text(&it.model), text(&it.covariate)].into_iter().chain(numbers.map(Cell::Number)).collect()
    });
    let columns = ["model", "covariate", "coefficient", "standard error", "hazard ratio", "low", "high", "p"];
    section.tables.push(table("coefficients", "Proportional hazards (Cox)", &columns, rows.collect()));
    if !survival.incidences.is_empty() {
        let rows = survival.incidences.iter().map(|it| {
            let ends = [it.interval.map(|it| it.0), it.interval.map(|it| it.1)].map(maybe);
            let head = [text(&it.arm), text(&it.cause)];
            let numbers = [it.time, it.share, it.standard_error].map(Cell::Number);
            head.into_iter().chain(numbers).chain(ends).collect()
        });
        let columns = ["group", "outcome", "time", "share", "standard error", "low", "high"];
        let caption = "The share that has had each of the competing outcomes (Aalen-Johansen)";
        section.tables.push(table("incidence", caption, &columns, rows.collect()));
    }
    section
}

/// How those are counted of whom it is not known, in words.
pub(crate) fn way(unknown: Unknown) -> &'static str {
    match unknown {
        Unknown::Unknown => "unknown left out",
        Unknown::Worst => "unknown as the worst",
        Unknown::Best => "unknown as the best",
    }
}

pub(crate) fn guards(passed: &[Passed]) -> Table {
    let rows = passed.iter().map(|it| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of people")]
        let found = if it.people { Cell::Count(it.found as u64) } else { Cell::Number(it.found) };
        vec![text(it.guard.name()), text(&it.looked_at), found, text(&it.asks)]
    });
    table("guards", "The guards that let it pass", &["guard", "looked at", "found", "asks"], rows.collect())
}

pub(crate) fn section(heading: &str, words: &[String]) -> Section {
    Section { heading: heading.to_owned(), words: words.to_vec(), ..Section::default() }
}

pub(crate) fn table(name: &str, caption: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    Table { name: name.to_owned(), caption: caption.to_owned(), columns, rows }
}

pub(crate) fn figure(table: &str, caption: &str, form: Form) -> Figure {
    Figure { table: table.to_owned(), caption: caption.to_owned(), form }
}

pub(crate) fn text(words: &str) -> Cell {
    Cell::Text(words.to_owned())
}

fn maybe(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty(()), Cell::Number)
}
