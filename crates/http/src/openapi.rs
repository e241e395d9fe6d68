//! The description of everything served, as OpenAPI 3.1. Paths come from the table of routes, facts from the
//! catalogue, views from the registry of projectors: nothing is described twice.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use throughline_domain::{Event, FactSchema, TYPE_NAMES};
use throughline_runtime::Projectors;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        InfoBuilder, OpenApi, Paths, RefOr, Schema,
        schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType},
    },
};

pub(crate) use throughline_replay::WrittenEvent;

use crate::{
    api::{Components, SCHEMES, reference},
    problem::{Fault, ProblemBody},
};

const ABOUT: &str = "Each client's journey as an immutable stream of events, and what it shows.\n\n\
    Every read takes `as_of` (what was known then: a time or a position) and, where it is about a life, `valid_at` \
    (what had happened by that day). An append answers a `position`; a read that is given it as `min_position` shows \
    what was written. Every refusal is a problem document (RFC 9457) with a stable `code`.";

/// The description, as JSON.
pub(crate) fn document(paths: Paths, described: Components, projectors: &Projectors) -> Json {
    let info = InfoBuilder::new()
        .title("Throughline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(utoipa::openapi::License::new("Apache-2.0")))
        .build();
    let mut document = json_of(&OpenApi::new(info, paths));
    let mut schemas = Schemas::default();
    schemas.add_all(described);
    let mut nested = Components::new();
    ProblemBody::schemas(&mut nested);
    Fault::schemas(&mut nested);
    nested.push(("Problem".to_owned(), ProblemBody::schema()));
    nested.push(("Fault".to_owned(), Fault::schema()));
    schemas.add_all(nested);
    add_facts(&mut schemas);
    for projector in projectors.iter() {
        let mut nested = Components::new();
        let (name, schema) = projector.schema(&mut nested);
        nested.push((name.clone(), schema));
        let name = schemas.add_of(projector.name(), nested, &name);
        schemas.0.insert(view_name(projector.name()), view(&name));
    }
    let [bearer, session] = SCHEMES;
    document["components"] = json!({
        "schemas": schemas.0,
        "securitySchemes": {
            bearer: { "type": "http", "scheme": "bearer", "description": "A token: `Authorization: Bearer tlt_…`" },
            session: {
                "type": "apiKey", "in": "cookie", "name": crate::sessions::COOKIE,
                "description": "A browser's session, opened at `/sign-in`. What changes something must come from a page of \
                                this service and repeat `form` of `GET /v1/me` in the header `Throughline-Form`",
            },
        },
    });
    document
}

/// The name under which an event of this type is described.
pub(crate) fn event_name(type_name: &str) -> String {
    type_name.trim_start_matches("throughline.").to_owned()
}

/// The name under which a view's answer about one client is described.
pub(crate) fn view_name(projector: &str) -> String {
    format!("view.{projector}")
}

/// A batch of events.
pub(crate) fn batch() -> RefOr<Schema> {
    ArrayBuilder::new().items(reference("CloudEvent")).min_items(Some(1)).max_items(Some(10_000)).into()
}

/// Any number of events, as far as a body holds them. Each is looked at by itself: what is none keeps no other back.
pub(crate) fn list() -> RefOr<Schema> {
    let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
    let anything = anything.description(Some("No event: it is rejected, and the report says why."));
    ArrayBuilder::new().items(AnyOfBuilder::new().item(reference("CloudEvent")).item(anything)).into()
}

/// One event, or a batch.
pub(crate) fn one_or_batch() -> RefOr<Schema> {
    Schema::OneOf(OneOfBuilder::new().item(reference("CloudEvent")).item(batch()).build()).into()
}

/// Schemas by name, as JSON.
#[derive(Default)]
struct Schemas(BTreeMap<String, Json>);

impl Schemas {
    fn add_all(&mut self, components: Components) {
        for (name, schema) in components {
            let schema = json_of(&schema);
            let known = self.0.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*known, schema, "`{name}` describes one thing only");
        }
    }

    /// Adds a projector's schemas. Where another already has a name for something else, the projector's takes its own
    /// name before it; the name under which `root` is now known comes back.
    fn add_of(&mut self, projector: &str, components: Components, root: &str) -> String {
        let theirs: BTreeMap<String, Json> =
            components.into_iter().map(|(name, schema)| (name, json_of(&schema))).collect();
        let taken = |name: &str, schema: &Json| self.0.get(name).is_some_and(|known| known != schema);
        let renamed: BTreeMap<String, String> = theirs
            .iter()
            .filter(|(name, schema)| taken(name, schema))
            .map(|(name, _)| (name.clone(), format!("{projector}.{name}")))
            .collect();
        let now = |name: &str| renamed.get(name).cloned().unwrap_or_else(|| name.to_owned());
        for (name, mut schema) in theirs {
            rename(&mut schema, &renamed);
            self.0.entry(now(&name)).or_insert(schema);
        }
        now(root)
    }
}

const SCHEMA_PREFIX: &str = "#/components/schemas/";

fn rename(schema: &mut Json, renamed: &BTreeMap<String, String>) {
    match schema {
        Json::Object(fields) => {
            if let Some(Json::String(to)) = fields.get_mut("$ref")
                && let Some(name) = to.strip_prefix(SCHEMA_PREFIX).and_then(|name| renamed.get(name))
            {
                *to = format!("{SCHEMA_PREFIX}{name}");
            }
            fields.values_mut().for_each(|value| rename(value, renamed));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rename(item, renamed)),
        _ => {}
    }
}

fn add_facts(schemas: &mut Schemas) {
    let mut nested = Components::new();
    let facts = Event::schemas(&mut nested);
    schemas.add_all(nested);
    for FactSchema { type_name, facts, personal } in facts {
        schemas.0.insert(event_name(type_name), cloud_event(type_name, &facts, &personal));
    }
    let name = |type_name: &str| format!("{SCHEMA_PREFIX}{}", event_name(type_name));
    let one_of: Vec<Json> = TYPE_NAMES.iter().map(|type_name| json!({ "$ref": name(type_name) })).collect();
    let mapping: Map<String, Json> =
        TYPE_NAMES.iter().map(|type_name| ((*type_name).to_owned(), json!(name(type_name)))).collect();
    schemas.0.insert(
        "CloudEvent".to_owned(),
        json!({
            "description": "One event to record, in the JSON format of CloudEvents 1.0.",
            "oneOf": one_of,
            "discriminator": { "propertyName": "type", "mapping": mapping },
        }),
    );
}

fn cloud_event(type_name: &str, facts: &RefOr<Schema>, personal: &RefOr<Schema>) -> Json {
    let actor = json!({ "type": "string", "pattern": "^[a-z0-9._:-]{1,64}$" });
    let eyes = json_of(&<throughline_domain::Eyes as PartialSchema>::schema());
    let imported = json_of(&<throughline_domain::Source as PartialSchema>::schema());
    json!({
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": { "type": "string", "enum": ["1.0"] },
            "id": { "type": "string", "format": "uuid", "description": "Chosen once by whoever reports the event" },
            "source": { "type": "string", "format": "uri-reference", "description": "Who reports it" },
            "type": { "type": "string", "enum": [type_name] },
            "subject": { "type": "string", "format": "uuid", "description": "The journey; the path says it too" },
            "time": { "type": "string", "format": "date-time", "description": "May stand for `data.occurred`" },
            "datacontenttype": { "type": "string", "enum": ["application/json"] },
            "dataschema": { "type": "string", "format": "uri" },
            "data": {
                "type": "object",
                "additionalProperties": false,
                "required": ["eyes", "actor"],
                "properties": {
                    "occurred": json_of(&<throughline_domain::Occurred as PartialSchema>::schema()),
                    "eyes": eyes,
                    "actor": actor,
                    "on_behalf_of": actor,
                    "cause": { "type": "string", "format": "uuid", "description": "The event that led to this one" },
                    "imported": imported,
                    "facts": json_of(facts),
                    "personal": json_of(personal),
                },
            },
        },
    })
}

fn view(answer: &str) -> Json {
    let unset_or = |kind: Json| json!({ "oneOf": [{ "type": "null" }, kind] });
    let date = json!({ "type": "string", "format": "date" });
    json!({
        "type": "object",
        "required": ["journey", "version", "on", "view"],
        "properties": {
            "journey": { "type": "string", "format": "uuid" },
            "version": { "type": "integer", "minimum": 0, "description": "The journey's version it rests on" },
            "applied_position": { "type": ["integer", "null"], "minimum": 0,
                "description": "The last position the views have taken in" },
            "as_of": { "type": ["string", "null"], "description": "As known then; unset for now" },
            "valid_at": unset_or(date.clone()),
            "on": date,
            "view": { "$ref": format!("{SCHEMA_PREFIX}{answer}") },
        },
    })
}

fn json_of(described: &impl serde::Serialize) -> Json {
    serde_json::to_value(described).expect("a description is JSON")
}
