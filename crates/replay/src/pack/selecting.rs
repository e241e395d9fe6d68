//! Whether a pack shows what was asked for: no more, no less, and as it was sealed.

use std::collections::{BTreeMap, BTreeSet};

use throughline_domain::{JourneyId, linked};

use super::{
    EVENTS, Filter,
    checking::{Proved, Wrong, wrong},
    page::{Shown, Tally},
    proof_name,
};
use crate::written::Written;

/// That what is shown is what was asked for, and that what was left out was not.
pub(super) fn selection(
    proved: &BTreeMap<u64, Proved>,
    shown: &[Shown],
    filter: &Filter,
) -> Result<Tally, Wrong> {
    let at: BTreeSet<u64> = shown.iter().map(|shown| shown.written.position().0).collect();
    if let Some(shown) = shown.iter().find(|shown| !filter.shows(&shown.written)) {
        return Err(wrong(
            shown.written.position().0,
            EVENTS,
            "the filters leave it out, and yet it is shown",
        ));
    }
    let mut tally = Tally::default();
    for (position, event) in proved.iter().filter(|(position, _)| !at.contains(*position)) {
        let amends = event.type_name.split('.').nth(1) == Some("amendment");
        // Whether it happened after the day asked for, only its sealed part says.
        if filter.takes(&event.type_name, &event.actor) && (filter.valid_at.is_none() || amends) {
            return Err(wrong(*position, EVENTS, "it was asked for, and is not shown"));
        }
        tally.left_out += 1;
    }
    Ok(tally)
}

/// Where a line says other than what was sealed.
pub(super) fn differs(told: &str, expected: &str) -> String {
    let (Ok(told), Ok(expected)) = (serde_json::from_str(told), serde_json::from_str(expected)) else {
        return "it is no event as packs write them".to_owned();
    };
    let (fields, _) = crate::difference::between(&told, &expected);
    let shown = |value: Option<&serde_json::Value>| {
        let text = value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        text.chars().take(120).collect::<String>()
    };
    match fields.first() {
        None => "it is written otherwise than packs write events".to_owned(),
        Some(field) => format!(
            "{} is {}, and what was sealed says {}",
            field.pointer,
            shown(field.before.as_ref()),
            shown(field.after.as_ref())
        ),
    }
}

/// That the pack is of the journey asked for and of those linked to it.
pub(super) fn links(asked: JourneyId, proved: &BTreeMap<u64, Proved>, shown: &[Shown]) -> Result<(), Wrong> {
    let recorded = shown.iter().filter_map(|shown| match &shown.written {
        Written::Open(recorded) => Some(&**recorded),
        Written::Closed(_) => None,
    });
    let mut linked = linked(recorded);
    linked.insert(asked);
    match proved.iter().find(|(_, event)| !linked.contains(&event.journey)) {
        None => Ok(()),
        Some((position, event)) => {
            let what =
                format!("it is of journey {}, which nothing links to the one asked for", event.journey);
            Err(wrong(*position, proof_name(*position), what))
        }
    }
}
