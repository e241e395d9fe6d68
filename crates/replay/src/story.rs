//! Events oldest to newest as people read them: what each says, what a correction replaced and why, and what became of
//! each since. Nothing is overwritten: what was put right stands where it stood.

use std::collections::{HashMap, HashSet};

use serde_json::{Value as Json, json};
use throughline_domain::{Amendment, Code, Event, EventId, Occurred, Position, Recorded};

use crate::{
    difference::{self, Field},
    html::{Html, shown, words},
    written::Written,
};

/// What is said of an event with nothing personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Personal {
    /// There was nothing personal, or it is shown.
    Shown,
    /// It is left out on purpose.
    Withheld,
    /// Its key was destroyed.
    Destroyed,
}

/// Events in the order of their positions, with what they do to each other.
pub(crate) struct Story<'a> {
    written: &'a [Written],
    by_id: HashMap<EventId, &'a Recorded>,
    /// The amendments that name an event, directly or through a correction of it, oldest first.
    amended_by: HashMap<EventId, Vec<&'a Recorded>>,
    /// Retractions that are in force at the end.
    taken_back: HashSet<EventId>,
    /// The address of the event at a position.
    link: Option<&'a dyn Fn(Position) -> String>,
}

/// What stood before a correction.
pub(crate) struct Replaced<'a> {
    /// The event that first told of it; none where it is not among these events.
    pub original: Option<&'a Recorded>,
    /// The fields that differ.
    pub fields: Vec<Field>,
}

impl<'a> Story<'a> {
    pub fn of(written: &'a [Written]) -> Self {
        let recorded = || {
            written.iter().filter_map(|written| match written {
                Written::Open(recorded) => Some(&**recorded),
                Written::Closed(_) => None,
            })
        };
        let by_id: HashMap<EventId, &Recorded> =
            recorded().map(|recorded| (recorded.draft.event_id, recorded)).collect();
        let mut amended_by: HashMap<EventId, Vec<&Recorded>> = HashMap::new();
        for recorded in recorded() {
            if let Some((event, _)) = aim(recorded) {
                amended_by.entry(event).or_default().push(recorded);
            }
        }
        let taken_back = taken_back(recorded());
        Self { written, by_id, amended_by, taken_back, link: None }
    }

    /// The same, with each event on a page of its own.
    pub fn linked(self, link: &'a dyn Fn(Position) -> String) -> Self {
        Self { link: Some(link), ..self }
    }

    /// A link to the event at this position.
    fn way(&self, html: &mut Html, position: Position) {
        let address = self.link.map_or_else(|| format!("#p{position}"), |link| link(position));
        html.raw("<a href=\"").text(&address).raw("\">").text(&format!("position {position}")).raw("</a>");
    }

    /// What a correction replaced: the fact as it stood the moment before.
    pub fn replaced(&self, correction: &Recorded) -> Option<Replaced<'a>> {
        let Event::Amendment(Amendment::Corrected(corrected)) = &correction.draft.event else { return None };
        let Some(original) = self.original(corrected.event) else {
            return Some(Replaced { original: None, fields: Vec::new() });
        };
        let before = self.standing(original, correction);
        let occurred = corrected.occurred.unwrap_or(before.1);
        let (fields, _) = difference::between(&said(before.0, before.1), &said(&corrected.fact, occurred));
        Some(Replaced { original: Some(original), fields })
    }

    /// The event that first told of what this one, an event or a correction of one, is about.
    fn original(&self, event: EventId) -> Option<&'a Recorded> {
        let mut found = *self.by_id.get(&event)?;
        // A correction names an earlier event; whatever else it named, this ends.
        while let Event::Amendment(Amendment::Corrected(corrected)) = &found.draft.event {
            let earlier = *self.by_id.get(&corrected.event)?;
            found = Some(earlier).filter(|earlier| earlier.position < found.position)?;
        }
        Some(found)
    }

    /// What an event said, with the corrections that were in force before this amendment.
    fn standing(&self, original: &'a Recorded, before: &Recorded) -> (&'a Event, Occurred) {
        let earlier = || {
            self.written.iter().filter_map(|written| match written {
                Written::Open(recorded) if recorded.position < before.position => Some(&**recorded),
                _ => None,
            })
        };
        let gone = taken_back(earlier());
        let mut stands = (&original.draft.event, original.draft.occurred);
        for recorded in earlier().filter(|recorded| !gone.contains(&recorded.draft.event_id)) {
            let Event::Amendment(Amendment::Corrected(corrected)) = &recorded.draft.event else { continue };
            let about = self.original(corrected.event).map(|about| about.draft.event_id);
            if about == Some(original.draft.event_id) {
                stands = (&corrected.fact, corrected.occurred.unwrap_or(stands.1));
            }
        }
        stands
    }

    /// One event, as an article.
    pub fn article(&self, html: &mut Html, written: &'a Written, personal: Personal) {
        let id = format!("p{}", written.position());
        let name = words(written.type_name().split('.').nth(2).unwrap_or(written.type_name()));
        let mark = match written {
            Written::Closed(_) => " class=\"closed\"",
            Written::Open(recorded) if matches!(recorded.draft.event, Event::Amendment(_)) => {
                " class=\"amends\""
            }
            Written::Open(_) => "",
        };
        html.raw("<article id=\"").raw(&id).raw("\"").raw(mark).raw("><h3>").text(&name).raw("</h3>");
        html.raw("<p class=\"where\">position ").text(&written.position().to_string());
        match written {
            Written::Open(recorded) => self.open(html, recorded, personal),
            Written::Closed(closed) => {
                html.text(&format!(", version {} of journey {}", closed.version, closed.journey));
                html.text(&format!(" · written down {} by {}", closed.recorded_at, closed.actor));
                html.raw("</p><p class=\"note\">Closed: its key was destroyed. That it was written down is known and \
                          proved; what it said nobody can read.</p>");
            }
        }
        html.raw("</article>");
    }

    fn open(&self, html: &mut Html, recorded: &'a Recorded, personal: Personal) {
        let draft = &recorded.draft;
        html.text(&format!(", version {} of journey {}", recorded.version, draft.journey));
        html.text(&format!(" · happened {}", draft.occurred));
        html.text(&format!(" · written down {} by {}", recorded.recorded_at, draft.actor));
        if let Some(other) = &draft.on_behalf_of {
            html.text(&format!(" for {other}"));
        }
        html.text(&format!(" · seen by {}", words(draft.eyes.code()))).raw("</p>");
        self.became(html, draft.event_id);
        self.put_right(html, recorded, personal);
        html.raw("<table>");
        html.fields(&draft.event.facts_json());
        if let Some(source) = &draft.source {
            html.row("imported from", &format!("{} {}", source.system, source.table));
        }
        html.raw("</table>");
        let own = draft.event.personal_json();
        let row = draft.source.as_ref().and_then(|source| source.row.as_ref());
        if personal == Personal::Shown
            && (own.as_object().is_some_and(|fields| !fields.is_empty()) || row.is_some())
        {
            html.raw("<table class=\"personal\"><caption>personal</caption>");
            html.fields(&own);
            if let Some(row) = row {
                html.row("row in the source", &row.to_string());
            }
            html.raw("</table>");
        }
        match personal {
            Personal::Shown => {}
            Personal::Withheld => {
                html.raw("<p class=\"note\">Its personal part is withheld.</p>");
            }
            Personal::Destroyed => {
                html.raw(
                    "<p class=\"note\">Its personal part can no longer be read: the key was destroyed.</p>",
                );
            }
        }
        html.raw("<p class=\"id\">event ").text(&draft.event_id.to_string()).raw("</p>");
    }

    /// What became of an event since.
    fn became(&self, html: &mut Html, event: EventId) {
        for amendment in self.amended_by.get(&event).into_iter().flatten() {
            let Some((_, why)) = aim(amendment) else { continue };
            let did = match &amendment.draft.event {
                Event::Amendment(Amendment::Retracted(_)) => "taken back",
                _ => "corrected",
            };
            let undone = if self.taken_back.contains(&amendment.draft.event_id) {
                " (which was itself taken back)"
            } else {
                ""
            };
            html.raw("<p class=\"note\">").text(did).raw(" at ");
            self.way(html, amendment.position);
            html.text(&format!(
                " by {}, {}: {}",
                amendment.draft.actor,
                amendment.recorded_at,
                words(why.as_str())
            ));
            html.text(undone).raw("</p>");
        }
    }

    /// What an amendment put right, by whom and why.
    fn put_right(&self, html: &mut Html, recorded: &Recorded, personal: Personal) {
        let Some((event, why)) = aim(recorded) else { return };
        let replaced = self.replaced(recorded);
        let original = match &replaced {
            Some(replaced) => replaced.original,
            None => self.by_id.get(&event).copied(),
        };
        html.raw("<p class=\"note\">").raw(if replaced.is_some() { "Corrects " } else { "Takes back " });
        match original {
            Some(original) => {
                self.way(html, original.position);
                html.text(&format!(" ({})", words(original.draft.event.fact_name())));
            }
            None => {
                html.text(&format!("event {event}, which is not shown here"));
            }
        }
        html.text(&format!(". Why: {}. By {}.", words(why.as_str()), recorded.draft.actor)).raw("</p>");
        let Some(Replaced { fields, .. }) = replaced.filter(|replaced| replaced.original.is_some()) else {
            return;
        };
        html.raw(
            "<table class=\"changes\"><thead><tr><th>what</th><th>it said</th><th>it says</th></tr></thead>",
        );
        let told = |field: &Field| personal == Personal::Shown || !field.pointer.starts_with("/personal");
        for Field { pointer, before, after } in fields.into_iter().filter(told) {
            let name = words(pointer.trim_start_matches('/')).replace('/', ", ");
            let value = |value: Option<Json>| value.as_ref().map_or_else(|| "—".to_owned(), shown);
            html.raw("<tr>").element("th scope=\"row\"", &name).element("td", &value(before));
            html.element("td", &value(after)).raw("</tr>");
        }
        html.raw("</table>");
    }
}

/// What a correction or retraction is aimed at, and why.
fn aim(recorded: &Recorded) -> Option<(EventId, &Code)> {
    match &recorded.draft.event {
        Event::Amendment(Amendment::Corrected(corrected)) => Some((corrected.event, &corrected.why)),
        Event::Amendment(Amendment::Retracted(retracted)) => Some((retracted.event, &retracted.why)),
        _ => None,
    }
}

/// Events that a retraction in force takes back: whether one is, only later ones decide.
fn taken_back<'a>(recorded: impl DoubleEndedIterator<Item = &'a Recorded>) -> HashSet<EventId> {
    let mut taken_back = HashSet::new();
    for recorded in recorded.rev() {
        if let Event::Amendment(Amendment::Retracted(retracted)) = &recorded.draft.event
            && !taken_back.contains(&recorded.draft.event_id)
        {
            taken_back.insert(retracted.event);
        }
    }
    taken_back
}

/// What a fact says, as one object.
fn said(event: &Event, occurred: Occurred) -> Json {
    json!({
        "happened": occurred,
        "fact": event.fact_name(),
        "facts": event.facts_json(),
        "personal": event.personal_json(),
    })
}
