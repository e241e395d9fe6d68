//! `rule`: which rules are in force, putting one in force, taking one out, and writing down what they raised.

use std::fs;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use throughline_backtest::{
    Expression,
    alert::{adopted, going_quiet},
    spec::Span,
};
use throughline_domain::{
    Code, Draft, Event, EventId, Eyes, Formula, JourneyId, Note, Occurred, RuleAdopted, RuleRetired,
};
use throughline_log::EventLog as _;
use uuid::Uuid;

use super::{Context, Outcome};
use crate::{args::RuleWhat, clock, data::Opened, features, operator, output, rules};

/// A rule as it is written to be adopted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Code,
    version: u32,
    expression: Formula,
    #[serde(default = "enrolled")]
    enter: Code,
    programme: Option<Code>,
    #[serde(default = "weekly")]
    every: Span,
    #[serde(default)]
    on_event: bool,
    until: Option<Span>,
}

fn enrolled() -> Code {
    Code::new("enrolled").expect("a code")
}

fn weekly() -> Span {
    Span::days(7)
}

#[derive(Serialize)]
struct Listed {
    rule: String,
    expression: String,
    adopted: String,
    until: Option<String>,
}

pub fn run(context: &Context, what: &RuleWhat) -> Result<Outcome> {
    let opened = context.data.open_existing(context.clock.clone())?;
    let done = match what {
        RuleWhat::List => list(context, &opened),
        RuleWhat::Adopt { file } => adopt(context, &opened, file),
        RuleWhat::Retire { name } => retire(context, &opened, name),
        RuleWhat::CatchUp => catch_up(context, &opened),
    };
    opened.runtime.stop();
    done
}

fn list(context: &Context, opened: &Opened) -> Result<Outcome> {
    let history = rules::history(&*opened.log, &context.clock, &mut |_, _| true)?;
    let listed: Vec<Listed> = adopted(&history)
        .into_iter()
        .map(|adopted| Listed {
            rule: format!("rule:{}@{}", adopted.rule.rule, adopted.rule.rule_version),
            expression: adopted.rule.expression.to_string(),
            adopted: adopted.from.to_string(),
            until: adopted.until.map(|until| until.to_string()),
        })
        .collect();
    context.output.result(&listed, || {
        let rows = listed.iter().map(|listed| {
            let until = listed.until.clone().unwrap_or_else(|| "in force".to_owned());
            [listed.rule.clone(), listed.expression.clone(), listed.adopted.clone(), until]
        });
        output::table(["rule", "holds where", "adopted", "until"], rows)
    })?;
    Ok(Outcome::Done)
}

fn adopt(context: &Context, opened: &Opened, file: &str) -> Result<Outcome> {
    let rule = if file == "rule:going-quiet@1" { going_quiet() } else { read(file)? };
    let names: Vec<&str> = features().iter().map(|feature| feature.name).collect();
    Expression::over(rule.expression.as_str(), &names)?;
    let history = rules::history(&*opened.log, &context.clock, &mut |_, _| true)?;
    let (name, version) = (rule.rule.clone(), rule.rule_version);
    let same = |adopted: &RuleAdopted| adopted.rule == name && adopted.rule_version == version;
    for adopted in adopted(&history).iter().filter(|adopted| same(&adopted.rule)) {
        let before = RuleAdopted { personal: Note::default(), ..adopted.rule.clone() };
        if before != rule {
            bail!("rule:{name}@{version} was adopted and says something else; raise its version");
        }
        if adopted.until.is_none() {
            bail!("rule:{name}@{version} is in force since {}", adopted.from);
        }
    }
    record(context, opened, rule.into())?;
    context
        .output
        .result(&format!("rule:{name}@{version}"), || format!("rule:{name}@{version} is in force"))?;
    Ok(Outcome::Done)
}

fn read(file: &str) -> Result<RuleAdopted> {
    let text = fs::read_to_string(file).with_context(|| format!("{file} cannot be read"))?;
    let written: Written = toml::from_str(&text).with_context(|| format!("{file} is no rule"))?;
    let days = |span: Span| u16::try_from(span.in_days());
    let every_days = days(written.every).ok().filter(|days| *days > 0);
    let Some(every_days) = every_days else {
        bail!("`every` is between 1d and 65535d; {file} says otherwise")
    };
    Ok(RuleAdopted {
        rule: written.name,
        rule_version: written.version,
        expression: written.expression,
        enter: written.enter,
        programme: written.programme,
        every_days,
        on_event: written.on_event,
        until_days: written.until.map(days).transpose().context("`until` is longer than 65535d")?,
        personal: Note::default(),
    })
}

fn retire(context: &Context, opened: &Opened, name: &str) -> Result<Outcome> {
    let rule = Code::new(name)?;
    let history = rules::history(&*opened.log, &context.clock, &mut |_, _| true)?;
    let adopted = adopted(&history);
    if !adopted.iter().any(|adopted| adopted.rule.rule == rule && adopted.until.is_none()) {
        bail!("no rule named {name} is in force; `throughline rule list` names those that are");
    }
    record(context, opened, RuleRetired { rule, personal: Note::default() }.into())?;
    context.output.result(&name, || format!("{name} is no longer in force"))?;
    Ok(Outcome::Done)
}

fn record(context: &Context, opened: &Opened, event: Event) -> Result<()> {
    let journey: JourneyId = rules::stream(&*opened.log);
    let said = format!("{}/{}", event.facts_json(), opened.log.version(journey)?.0);
    let draft = Draft {
        event_id: EventId::new(Uuid::new_v5(&opened.log.namespace(), said.as_bytes())),
        journey,
        actor: operator::name(),
        on_behalf_of: None,
        eyes: Eyes::Staff,
        occurred: Occurred::On(clock::today(&context.clock)),
        cause: None,
        source: None,
        event,
    };
    opened.runtime.record(&[draft], None, (context.clock)())?;
    Ok(())
}

fn catch_up(context: &Context, opened: &Opened) -> Result<Outcome> {
    let written = rules::catch_up(&opened.runtime, &context.clock, &|| true)?;
    context.output.result(&written, || format!("{written} alerts written down"))?;
    Ok(Outcome::Done)
}
