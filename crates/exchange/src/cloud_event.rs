//! Events as CloudEvents 1.0 JSON, single and in batches (<https://cloudevents.io>, JSON Event Format 1.0.2).
//!
//! Strict on the way in: whatever is not understood is refused with a pointer to it, for an attribute that was
//! dropped in silence would be missing from the record for ever.

use jiff::{Timestamp, tz::Offset};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use throughline_domain::{
    Actor, Amendment, Corrected, Draft, Event, EventId, Eyes, Family, InvalidEvent, JourneyId, Occurred,
    Recorded, Source,
};

/// The `source` of events as they leave; a URI-reference.
pub const SOURCE: &str = "throughline";

/// The longest `source` taken in, in bytes.
const SOURCE_BYTES_MAX: usize = 1024;

/// The attributes of CloudEvents 1.0 itself; others are extensions.
const ATTRIBUTES: [&str; 9] =
    ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "data"];

/// The members of `data`.
const MEMBERS: [&str; 8] =
    ["occurred", "eyes", "actor", "on_behalf_of", "cause", "imported", "facts", "personal"];

/// A JSON value that is no event, where, and what would make it one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}; {hint}")]
pub struct Invalid {
    /// RFC 6901 pointer from the event: `/data/facts/service`; from the batch: `/3/data/facts/service`.
    pub pointer: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: String,
}

impl Invalid {
    fn new(pointer: impl Into<String>, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), problem: problem.into(), hint: hint.into() }
    }

    /// The same, from one level further out.
    fn within(self, outer: &str) -> Self {
        Self { pointer: format!("{outer}{}", self.pointer), ..self }
    }
}

/// One event, for the journey the path names where it names one. `default_actor` recorded it where `data.actor`
/// does not say who did.
pub fn from_json(
    value: Json,
    journey: Option<JourneyId>,
    default_actor: Option<Actor>,
) -> Result<Draft, Invalid> {
    let mut event = object(value, "", "a CloudEvent is a JSON object")?;
    let data = event.remove("data").unwrap_or(Json::Null);
    check_attributes(&event)?;
    let event_id = event_id(&event)?;
    check_source(&event)?;
    let journey = subject(&event, journey)?;
    let type_name = text(&event, "type")?.ok_or_else(|| {
        Invalid::new("/type", "the fact's name is missing", "write `throughline.<family>.<fact>.v1`")
    })?;
    let time = time(&event)?;
    let mut data = object(data, "/data", "the fact is in `data`, a JSON object")?;
    if let Some(unknown) = data.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(Invalid::new(
            format!("/data/{}", escaped(unknown)),
            format!("`data` has no member `{}`", cut(unknown)),
            format!("its members are {}", MEMBERS.join(", ")),
        ));
    }
    let actor: Option<Actor> = member(&mut data, "actor", "write a pseudonym such as `worker:w17`")?;
    let draft = Draft {
        event_id,
        journey,
        actor: actor.or(default_actor).ok_or_else(|| {
            Invalid::new(
                "/data/actor",
                "who recorded it is missing",
                "write a pseudonym such as `worker:w17`",
            )
        })?,
        on_behalf_of: member(&mut data, "on_behalf_of", "write a pseudonym such as `worker:w17`")?,
        eyes: eyes(&mut data)?,
        occurred: occurred(&mut data, time)?,
        cause: member(&mut data, "cause", "write the UUID of the event that led to this one")?,
        source: member::<Source>(&mut data, "imported", "write `system`, `table` and, where known, `row`")?,
        event: event_of(type_name, &mut data)?,
    };
    Ok(draft)
}

/// The events of a batch, or the only one; the first that is invalid stands for all.
pub fn batch_from_json(
    value: Json,
    journey: Option<JourneyId>,
    default_actor: Option<&Actor>,
) -> Result<Vec<Draft>, Invalid> {
    match value {
        Json::Array(events) => events
            .into_iter()
            .enumerate()
            .map(|(nth, event)| {
                from_json(event, journey, default_actor.cloned())
                    .map_err(|invalid| invalid.within(&format!("/{nth}")))
            })
            .collect(),
        event => Ok(vec![from_json(event, journey, default_actor.cloned())?]),
    }
}

/// A recorded event as it leaves: its place in the log and the time it was written down are extension attributes
/// `position`, `version` and `recordedat`. What is unset is left out.
pub fn to_json(recorded: &Recorded) -> Json {
    let draft = &recorded.draft;
    let mut data = Map::new();
    data.insert("occurred".to_owned(), json!(draft.occurred));
    data.insert("eyes".to_owned(), json!(draft.eyes));
    data.insert("actor".to_owned(), json!(draft.actor));
    if let Some(on_behalf_of) = &draft.on_behalf_of {
        data.insert("on_behalf_of".to_owned(), json!(on_behalf_of));
    }
    if let Some(cause) = draft.cause {
        data.insert("cause".to_owned(), json!(cause));
    }
    if let Some(source) = &draft.source {
        data.insert("imported".to_owned(), imported(source));
    }
    data.insert("facts".to_owned(), draft.event.facts_json());
    let personal = draft.event.personal_json();
    if personal.as_object().is_some_and(|fields| !fields.is_empty()) {
        data.insert("personal".to_owned(), personal);
    }
    let mut event = json!({
        "specversion": "1.0",
        "id": draft.event_id,
        "source": SOURCE,
        "type": draft.event.type_name(),
        "subject": draft.journey,
        "datacontenttype": "application/json",
        "position": recorded.position,
        "version": recorded.version,
        "recordedat": recorded.recorded_at.to_string(),
        "data": data,
    });
    if draft.occurred.instant().is_some() {
        event["time"] = json!(draft.occurred);
    }
    event
}

/// Recorded events as a batch.
pub fn batch_to_json<'a>(recorded: impl IntoIterator<Item = &'a Recorded>) -> Json {
    Json::Array(recorded.into_iter().map(to_json).collect())
}

fn object(value: Json, pointer: &str, hint: &str) -> Result<Map<String, Json>, Invalid> {
    let found = match value {
        Json::Object(fields) => return Ok(fields),
        Json::Null => "nothing",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
    };
    Err(Invalid::new(pointer, format!("found {found} where an object belongs"), hint))
}

fn check_attributes(event: &Map<String, Json>) -> Result<(), Invalid> {
    for (name, value) in event {
        let pointer = || format!("/{}", escaped(name));
        if name == "data_base64" {
            return Err(Invalid::new(
                pointer(),
                "binary data is not taken",
                "write the fact as JSON in `data`",
            ));
        }
        if ATTRIBUTES.contains(&name.as_str()) {
            continue;
        }
        if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) || name.is_empty() {
            return Err(Invalid::new(
                pointer(),
                format!("`{}` is no attribute of a CloudEvent", cut(name)),
                "extension attributes are named with a-z and 0-9; the fact's own fields belong in `data`",
            ));
        }
        if value.is_object() || value.is_array() {
            return Err(Invalid::new(
                pointer(),
                format!("the extension attribute `{}` holds a list or an object", cut(name)),
                "attributes hold texts, whole numbers, true or false",
            ));
        }
    }
    match text(event, "specversion")? {
        Some("1.0") => {}
        Some(other) => {
            let problem = format!("CloudEvents version `{}` is not known here", cut(other));
            return Err(Invalid::new("/specversion", problem, "write \"1.0\""));
        }
        None => {
            return Err(Invalid::new("/specversion", "the CloudEvents version is missing", "write \"1.0\""));
        }
    }
    match text(event, "datacontenttype")? {
        Some(kind) if !is_json(kind) => Err(Invalid::new(
            "/datacontenttype",
            format!("`{}` is not JSON", cut(kind)),
            "write `application/json`, or leave it out",
        )),
        _ => text(event, "dataschema").map(|_| ()),
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

fn event_id(event: &Map<String, Json>) -> Result<EventId, Invalid> {
    let hint = "write a UUID, chosen once for this event, so that sending it again is recognised";
    let id = text(event, "id")?.ok_or_else(|| Invalid::new("/id", "the event's id is missing", hint))?;
    id.parse().map_err(|_| Invalid::new("/id", format!("`{}` is not a UUID", cut(id)), hint))
}

fn check_source(event: &Map<String, Json>) -> Result<(), Invalid> {
    let hint = "write a URI-reference for the system that reports, such as `/intake-desk`";
    match text(event, "source")? {
        None | Some("") => Err(Invalid::new("/source", "who reports the event is missing", hint)),
        Some(source) if source.len() > SOURCE_BYTES_MAX || source.chars().any(char::is_whitespace) => {
            Err(Invalid::new("/source", format!("`{}` is not a URI-reference", cut(source)), hint))
        }
        Some(_) => Ok(()),
    }
}

fn subject(event: &Map<String, Json>, journey: Option<JourneyId>) -> Result<JourneyId, Invalid> {
    let hint = "write the journey's UUID, or leave it out where the path names the journey";
    let Some(subject) = text(event, "subject")? else {
        return journey.ok_or_else(|| Invalid::new("/subject", "the journey is missing", "write its UUID"));
    };
    let said: JourneyId = subject
        .parse()
        .map_err(|_| Invalid::new("/subject", format!("`{}` is not a UUID", cut(subject)), hint))?;
    match journey {
        Some(journey) if journey != said => Err(Invalid::new(
            "/subject",
            format!("the event is about {said}, the path about {journey}"),
            hint,
        )),
        _ => Ok(said),
    }
}

fn time(event: &Map<String, Json>) -> Result<Option<Occurred>, Invalid> {
    let Some(time) = text(event, "time")? else { return Ok(None) };
    match time.parse() {
        Ok(instant @ Occurred::At(..)) => Ok(Some(instant)),
        Ok(Occurred::On(_)) | Err(_) => Err(Invalid::new(
            "/time",
            format!("`{}` is not an instant with its offset", cut(time)),
            "write RFC 3339 such as `2026-03-01T09:30:00+02:00`; a day alone goes to `data.occurred`",
        )),
    }
}

/// `data.occurred`, or `time` where that is left out; where both say something, they must agree.
fn occurred(data: &mut Map<String, Json>, time: Option<Occurred>) -> Result<Occurred, Invalid> {
    let hint = "write a date (2026-03-01) or an instant with its offset (2026-03-01T09:30:00+02:00)";
    let occurred: Option<Occurred> = member(data, "occurred", hint)?;
    let (occurred, time) = match (occurred, time) {
        (Some(occurred), Some(time)) => (occurred, time),
        (Some(only), None) | (None, Some(only)) => return Ok(only),
        (None, None) => return Err(Invalid::new("/data/occurred", "when it happened is missing", hint)),
    };
    let agree = match (occurred, time.instant()) {
        (Occurred::At(instant, _), Some(time)) => instant == time,
        (Occurred::On(day), Some(time)) => (date_at(time, -12)..=date_at(time, 14)).contains(&day),
        (_, None) => false,
    };
    if agree {
        return Ok(occurred);
    }
    Err(Invalid::new(
        "/data/occurred",
        format!("`{occurred}` and `time` `{time}` are not the same moment"),
        "write `data.occurred` alone; `time` only repeats it",
    ))
}

/// The date at an instant where clocks run this many hours ahead of UTC; from -12 to 14 they do on earth.
fn date_at(instant: Timestamp, hours: i8) -> jiff::civil::Date {
    Offset::constant(hours).to_datetime(instant).date()
}

fn eyes(data: &mut Map<String, Json>) -> Result<Eyes, Invalid> {
    let codes: Vec<&str> = Eyes::ALL.iter().map(|eyes| eyes.code()).collect();
    let hint = format!("write one of {}", codes.join(", "));
    member(data, "eyes", &hint)?
        .ok_or_else(|| Invalid::new("/data/eyes", "through whose eyes it was seen is missing", hint))
}

fn event_of(type_name: &str, data: &mut Map<String, Json>) -> Result<Event, Invalid> {
    let mut part = |name: &str| data.remove(name).unwrap_or(Json::Null);
    let (facts, personal) = (part("facts"), part("personal"));
    for (name, part) in [("facts", &facts), ("personal", &personal)] {
        if !part.is_null() && !part.is_object() {
            object(part.clone(), &format!("/data/{name}"), "both parts of a fact are objects")?;
        }
    }
    let event = Event::from_json(type_name, facts, personal).map_err(|error| match error {
        InvalidEvent::UnknownType { nearest, .. } => {
            Invalid::new("/type", error.to_string(), format!("write `{nearest}` if that is meant"))
        }
        InvalidEvent::Field { pointer, problem } => Invalid::new(
            format!("/data{pointer}"),
            problem,
            format!("see the fields of `{}`", cut(type_name)),
        ),
    })?;
    match &event {
        Event::Access(_) => Err(of_the_access_log("/type", &event)),
        Event::Amendment(Amendment::Corrected(Corrected { fact, .. })) if fact.family() == Family::Access => {
            Err(of_the_access_log("/data/facts/type", fact))
        }
        _ => Ok(event),
    }
}

/// Who read what is written by the program that let them, and by nobody else.
fn of_the_access_log(pointer: &str, event: &Event) -> Invalid {
    let problem = format!("`{}` is a fact of the access log", event.type_name());
    Invalid::new(pointer, problem, "leave it out; only the program itself writes those")
}

/// A textual attribute; `null` says that it is unset.
fn text<'a>(event: &'a Map<String, Json>, name: &str) -> Result<Option<&'a str>, Invalid> {
    match event.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => {
            Err(Invalid::new(format!("/{name}"), format!("`{name}` is not a text"), "write it in quotes"))
        }
    }
}

/// A member of `data`; `null` says that it is unset.
fn member<T: DeserializeOwned>(
    data: &mut Map<String, Json>,
    name: &str,
    hint: &str,
) -> Result<Option<T>, Invalid> {
    match data.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => serde_json::from_value(value)
            .map(Some)
            .map_err(|error| Invalid::new(format!("/data/{name}"), cut(&error.to_string()), hint)),
    }
}

fn imported(source: &Source) -> Json {
    let mut json = json!(source);
    if let Some(fields) = json.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    json
}

/// A name as one step of an RFC 6901 pointer.
pub(crate) fn escaped(name: &str) -> String {
    cut(name).replace('~', "~0").replace('/', "~1")
}

/// Enough of what was sent to find it.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
