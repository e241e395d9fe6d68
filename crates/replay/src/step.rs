//! The record step by step: one event, what it put right, what became of it since, and what it changed in the views.

use jiff::civil::Date;
use serde_json::Value as Json;
use throughline_access::Names;
use throughline_domain::{JourneyId, Position};
use throughline_log::{AsOf, History};
use throughline_runtime::{Life, Runtime};

use crate::{
    Error,
    compare::{ViewChange, views},
    html::{Html, shown, words},
    story::{Personal, Story},
    written::{Written, in_order},
};

/// One step of a journey's record.
#[derive(Debug)]
pub struct Replay {
    /// The journey.
    pub journey: JourneyId,
    /// Everything of the journey that is shown, in the order of positions.
    written: Vec<Written>,
    /// Which of them this step is; none where there is nothing.
    at: Option<usize>,
    /// What the event changed in the views.
    views: Vec<ViewChange>,
    /// The day on which views were asked.
    on: Date,
    names: Names,
}

impl Replay {
    /// The step of the event at this position, or of the first at or after it; without a position, of the last. `life` is the
    /// record as known now; `shows` says which of its events are shown, `keep` what of a life views are asked for. What the views say is asked for a day.
    pub fn of<E: From<Error>>(
        runtime: &Runtime,
        life: Life,
        position: Option<Position>,
        on: Date,
        names: Names,
        shows: &dyn Fn(&Written) -> bool,
        keep: &dyn Fn(&mut Life) -> Result<(), E>,
    ) -> Result<Self, E> {
        let journey = life.journey;
        let mut written = in_order(History { events: life.recorded, closed: life.closed });
        written.retain(|written| shows(written));
        let last = written.len().checked_sub(1);
        let at = position
            .map_or(last, |wanted| written.iter().position(|written| written.position() >= wanted).or(last));
        let views = match at.map(|at| written[at].position()) {
            Some(position) => changed(runtime, journey, position, on, keep)?,
            None => Vec::new(),
        };
        Ok(Self { journey, written, at, views, on, names })
    }

    /// Its place among the journey's events, counted from 1, and how many there are.
    pub fn place(&self) -> (usize, usize) {
        (self.at.map_or(0, |at| at + 1), self.written.len())
    }

    /// The position it is of.
    pub fn position(&self) -> Option<Position> {
        self.at.map(|at| self.written[at].position())
    }

    /// The body of a page, from `<header>` to `</main>`. `link` makes the address of another step.
    pub fn body(&self, link: &dyn Fn(Position) -> String) -> String {
        let mut html = Html::default();
        let (place, all) = self.place();
        html.raw("<header>").element("h1", "The record, step by step");
        html.element("p class=\"quiet\"", &format!("journey {} (a pseudonym)", self.journey));
        html.raw("</header><main>");
        let Some(at) = self.at else {
            html.element("p", "Nothing of this journey is written down that can be shown.").raw("</main>");
            return html.done();
        };
        self.ways(&mut html, link, at);
        html.element("h2", &format!("Event {place} of {all}"));
        let personal = match self.names {
            Names::Withheld => Personal::Withheld,
            Names::Shown => Personal::Shown,
        };
        Story::of(&self.written).linked(link).article(&mut html, &self.written[at], personal);
        self.changes(&mut html);
        self.ways(&mut html, link, at);
        html.raw("</main>");
        html.done()
    }

    /// Links to the steps before and after, the first and the last.
    fn ways(&self, html: &mut Html, link: &dyn Fn(Position) -> String, at: usize) {
        let last = self.written.len() - 1;
        let ways = [
            ("first", "first", Some(0).filter(|_| at > 0)),
            ("prev", "the event before", at.checked_sub(1)),
            ("next", "the event after", Some(at + 1).filter(|next| *next <= last)),
            ("last", "last", Some(last).filter(|last| *last > at)),
        ];
        html.raw("<nav aria-label=\"Steps\"><ul>");
        for (rel, name, to) in ways {
            html.raw("<li>");
            match to {
                Some(to) => {
                    let address = link(self.written[to].position());
                    html.raw("<a rel=\"")
                        .raw(rel)
                        .raw("\" href=\"")
                        .text(&address)
                        .raw("\">")
                        .text(name)
                        .raw("</a>");
                }
                None => {
                    html.element("span class=\"quiet\"", name);
                }
            }
            html.raw("</li>");
        }
        html.raw("</ul></nav>");
    }

    fn changes(&self, html: &mut Html) {
        html.element("h2", "What it changed in the views");
        let about = format!(
            "What the views say about {}, as known once this was written down, against just before.",
            self.on
        );
        html.element("p class=\"quiet\"", &about);
        if self.views.is_empty() {
            html.element("p", "Nothing.");
        }
        for view in &self.views {
            html.element("h3", &words(view.view));
            html.raw("<div class=\"scroll\"><table class=\"changes\"><thead><tr><th>what</th><th>before</th><th>after</th></tr></thead>");
            for field in &view.fields {
                let name = words(field.pointer.trim_start_matches('/')).replace('/', ", ");
                let value = |value: &Option<Json>| value.as_ref().map_or_else(|| "—".to_owned(), shown);
                html.raw("<tr>").element("th scope=\"row\"", &name).element("td", &value(&field.before));
                html.element("td", &value(&field.after)).raw("</tr>");
            }
            html.raw("</table></div>");
            if view.more {
                html.element("p class=\"quiet\"", "More fields differ than are shown.");
            }
        }
    }
}

/// What the event at this position changed in the views.
fn changed<E: From<Error>>(
    runtime: &Runtime,
    journey: JourneyId,
    Position(position): Position,
    on: Date,
    keep: &dyn Fn(&mut Life) -> Result<(), E>,
) -> Result<Vec<ViewChange>, E> {
    let facts = |last: Option<u64>| {
        let Some(last) = last else { return Ok(Vec::new()) };
        let mut life = runtime.life(journey, AsOf::Position(Position(last))).map_err(Error::from)?;
        keep(&mut life)?;
        Ok::<_, E>(life.facts)
    };
    Ok(views(runtime, &facts(position.checked_sub(1))?, &facts(Some(position))?, on)?)
}
