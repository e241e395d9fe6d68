//! The page that people read. It is made from what was proved and nothing else, so that whoever verifies a pack can make it
//! again and compare.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use throughline_domain::JourneyId;
use throughline_log::hexadecimal;
use throughline_proof::{Checkpoint, VerifierKey};

use super::{
    Consents, Filter,
    manifest::{Asked, NamesAre},
    sealed::Line,
};
use crate::{
    html::Html,
    story::{Personal, Story},
    written::Written,
};

/// The version of the page's form: raised whenever the same events would give another page.
pub(super) const VERSION: u32 = 2;

const STYLE: &str = include_str!("page.css");

/// An event that a pack shows.
pub(super) struct Shown {
    pub written: Written,
    pub personal: Personal,
}

/// What a page is made from.
pub(super) struct Contents<'a> {
    pub made_at: Timestamp,
    pub asked: &'a Asked,
    pub consents: &'a Consents,
    pub filter: &'a Filter,
    /// How many events of the log were looked at.
    pub events: u64,
    pub checkpoint: &'a Checkpoint,
    pub key: &'a VerifierKey,
    pub shown: &'a [Shown],
    pub tally: &'a Tally,
}

/// How many events of which kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Events shown, those that nobody can read among them.
    pub shown: u64,
    /// Events of the journey that the filters leave out; that they are there is proved.
    pub left_out: u64,
    /// Events shown that nobody can read: their keys were destroyed.
    pub closed: u64,
    /// Events shown without their personal part, because its key was destroyed.
    pub nameless: u64,
    /// Events shown whose personal part is withheld.
    pub withheld: u64,
    /// Events shown, by the journey they were written in.
    pub journeys: BTreeMap<JourneyId, u64>,
    /// The first and the last position shown.
    pub positions: Option<(u64, u64)>,
}

impl Shown {
    pub fn of(written: Written, line: &Line, names: NamesAre) -> Self {
        let personal = match (&written, line.is_personal() && !line.names_are_opened(), names) {
            (Written::Closed(_), ..) | (_, false, _) => Personal::Shown,
            (_, true, NamesAre::Withheld) => Personal::Withheld,
            (_, true, NamesAre::Shown) => Personal::Destroyed,
        };
        Self { written, personal }
    }
}

impl Tally {
    pub(super) fn count(&mut self, shown: &[Shown]) {
        for Shown { written, personal } in shown {
            self.shown += 1;
            self.closed += u64::from(matches!(written, Written::Closed(_)));
            self.nameless += u64::from(*personal == Personal::Destroyed);
            self.withheld += u64::from(*personal == Personal::Withheld);
            *self.journeys.entry(written.journey()).or_default() += 1;
        }
        let position = |shown: Option<&Shown>| shown.map(|shown| shown.written.position().0);
        self.positions = position(shown.first()).zip(position(shown.last()));
    }
}

/// The page.
pub(super) fn page(contents: &Contents<'_>) -> String {
    let mut html = Html::default();
    html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Audit pack of journey ");
    html.text(&contents.asked.journey.to_string()).raw("</title>");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>");
    html.raw(STYLE).raw("</style></head><body><header>");
    first_page(&mut html, contents);
    html.raw("</header><main><h2>The record, oldest to newest</h2>");
    if contents.shown.is_empty() {
        html.element("p", "No event of this journey was known then, or the filters leave all of them out.");
    }
    let written: Vec<Written> = contents.shown.iter().map(|shown| shown.written.clone()).collect();
    let story = Story::of(&written);
    for (written, shown) in written.iter().zip(contents.shown) {
        story.article(&mut html, written, shown.personal);
    }
    html.raw("</main></body></html>\n");
    html.done()
}

fn first_page(html: &mut Html, contents: &Contents<'_>) {
    let Contents { asked, tally, checkpoint, .. } = contents;
    html.element("h1", "Audit pack");
    html.element(
        "p",
        "One client's journey as a log of Throughline has it: every event as it was written down, oldest to newest. \
         Nothing in the log is overwritten: a correction is an event of its own, and shows what it replaced, by whom and why.",
    );
    html.raw("<table class=\"facts\">");
    html.row("journey", &format!("{} (a pseudonym)", asked.journey));
    html.row("log", &checkpoint.origin);
    let as_known = asked.as_of.as_ref().map_or_else(
        || format!("{} (when this pack was made)", contents.made_at),
        |said| if said.parse::<u64>().is_ok() { format!("position {said}") } else { said.clone() },
    );
    html.row("as known at", &as_known);
    html.row("as lived until", &asked.valid_at.map_or_else(|| "all".to_owned(), |day| day.to_string()));
    let filters = contents.filter.words().unwrap_or_else(|| "none: every event".to_owned());
    html.row("filters", &format!("{filters}. Amendments are always shown."));
    let names = match asked.names {
        NamesAre::Shown => "names, contacts and words are shown".to_owned(),
        NamesAre::Withheld => format!("withheld, in {} events", tally.withheld),
    };
    html.row("names", &names);
    html.row("purpose", asked.purpose.as_str());
    if contents.consents.is_empty() {
        html.row("by consent of", "nobody: nothing about a client can be read here");
    }
    for (journey, given) in contents.consents {
        let until = given.until.map_or_else(|| "without an end".to_owned(), |day| format!("until {day}"));
        let said = format!("journey {journey}, given on {}, {until} (event {})", given.given, given.event);
        html.row("by consent of", &said);
    }
    html.row("events shown", &counted(tally));
    html.row("events left out by the filters", &tally.left_out.to_string());
    let positions = |(first, last): (u64, u64)| format!("{first} to {last}");
    html.row("positions", &tally.positions.map_or_else(|| "none".to_owned(), positions));
    html.row("looked at", &format!("the log's first {} events", contents.events));
    for (journey, events) in tally.journeys.iter().filter(|(journey, _)| **journey != asked.journey) {
        html.row("linked journey", &format!("{journey}, {events} events"));
    }
    html.row("checkpoint", &format!("{} events, root {}", checkpoint.size, hexadecimal(&checkpoint.root)));
    html.row("the log's key", &contents.key.to_string());
    html.row("made at", &contents.made_at.to_string());
    html.raw("</table><h2>To check it</h2><p>Any copy of the program checks this folder, without a network and without \
              the log:</p><pre>throughline verify FOLDER --key '");
    html.text(&contents.key.to_string());
    html.raw(
        "'</pre><p>Take the key from elsewhere than this page, and compare: from the log's keeper, who has it in \
         <code>tree/log.vkey</code> of the data directory, or from an earlier pack. What it checks: that every event here was sealed into the log \
         as this page tells it and is at its position under the signed checkpoint; that no event of the journey is missing \
         between its first and the last one here; and that this page says what the events say. What it cannot check: that \
         the journey has no later event than the last one here, what an event said that nobody can read any more, \
         when this pack was made, and consents that are not among the events here. Who looked at the record is not part of it.</p>",
    );
    if contents.asked.valid_at.is_some() {
        html.element(
            "p",
            "Events that happened after the day named above are left out. That they did is the word of whoever made this pack: \
             what they say is sealed.",
        );
    }
}

fn counted(tally: &Tally) -> String {
    let of_them = [
        (tally.closed, "nobody can read any more"),
        (tally.nameless, "have lost their personal part, whose key was destroyed"),
    ];
    let of_them = of_them.iter().filter(|(count, _)| *count > 0);
    let said = of_them.map(|(count, what)| format!("; {count} of them {what}"));
    [tally.shown.to_string()].into_iter().chain(said).collect()
}
