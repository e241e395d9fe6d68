//! What each fact looks like: its fields, what they hold, and which it cannot do without. Read from the catalogue's
//! own description, so that a new fact can be mapped as soon as it exists.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use throughline_domain::Event;

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Code,
    Key,
    Text,
    Language,
    Uuid,
    Date,
    Integer,
    Number,
    Flag,
    /// One of a closed list.
    Choice(Vec<String>),
    /// A flag, a number or a code.
    Any,
    /// Attributes by name.
    Attributes,
    List(Box<Self>),
    Object(Vec<Member>),
}

/// One field of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub name: String,
    pub shape: Shape,
    pub required: bool,
}

/// The two parts of every fact, by its name on the wire.
pub(super) struct Shapes(BTreeMap<&'static str, (Shape, Shape)>);

/// Objects are not nested deeper than this anywhere in the catalogue.
const DEPTH_MAX: usize = 8;

impl Shapes {
    /// The catalogue's facts, but for amendments, which no source has: they follow from later files.
    pub fn of_catalogue() -> Self {
        let mut described = Vec::new();
        let facts = Event::schemas(&mut described);
        let components: BTreeMap<String, Json> = described
            .into_iter()
            .filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)))
            .collect();
        let shapes = facts.into_iter().filter(|fact| !fact.type_name.contains(".amendment."));
        Self(
            shapes
                .filter_map(|fact| {
                    let of = |schema: Json| shape(&schema, &components, 0);
                    let facts = of(serde_json::to_value(fact.facts).ok()?);
                    let personal = of(serde_json::to_value(fact.personal).ok()?);
                    Some((fact.type_name, (facts, personal)))
                })
                .collect(),
        )
    }

    /// The parts of this fact, coded first.
    pub fn get(&self, type_name: &str) -> Option<(&'static str, &Shape, &Shape)> {
        self.0.get_key_value(type_name).map(|(name, (facts, personal))| (*name, facts, personal))
    }

    /// The names of all facts that can be mapped.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

fn shape(schema: &Json, components: &BTreeMap<String, Json>, depth: usize) -> Shape {
    if depth > DEPTH_MAX {
        return Shape::Any;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return match name {
            "Code" => Shape::Code,
            "Key" => Shape::Key,
            "Text" => Shape::Text,
            "Language" => Shape::Language,
            _ => components.get(name).map_or(Shape::Any, |schema| shape(schema, components, depth + 1)),
        };
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let set = choices.iter().find(|choice| choice["type"] != "null");
        return set.map_or(Shape::Any, |schema| shape(schema, components, depth + 1));
    }
    let kind = match &schema["type"] {
        Json::String(kind) => kind.as_str(),
        Json::Array(kinds) => {
            kinds.iter().filter_map(Json::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => return Shape::Any,
    };
    match kind {
        "integer" => Shape::Integer,
        "number" => Shape::Number,
        "boolean" => Shape::Flag,
        "array" => Shape::List(Box::new(shape(&schema["items"], components, depth + 1))),
        "object" => object(schema, components, depth),
        _ => match (schema["enum"].as_array(), schema["format"].as_str()) {
            (Some(choices), _) => {
                Shape::Choice(choices.iter().filter_map(Json::as_str).map(str::to_owned).collect())
            }
            (None, Some("date")) => Shape::Date,
            (None, Some("uuid")) => Shape::Uuid,
            (None, _) => Shape::Text,
        },
    }
}

fn object(schema: &Json, components: &BTreeMap<String, Json>, depth: usize) -> Shape {
    let closed = schema["additionalProperties"] == Json::Bool(false);
    let Some(fields) = schema["properties"].as_object() else {
        return if closed { Shape::Object(Vec::new()) } else { Shape::Attributes };
    };
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let members = fields.iter().map(|(name, field)| Member {
        name: name.clone(),
        shape: shape(field, components, depth + 1),
        required: required.contains(&name.as_str()),
    });
    Shape::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_says_what_a_fact_cannot_do_without() {
        let shapes = Shapes::of_catalogue();
        let (_, facts, personal) =
            shapes.get("throughline.transaction.service-delivered.v1").expect("a fact");
        let Shape::Object(members) = facts else { panic!("{facts:?}") };
        let required: Vec<&str> =
            members.iter().filter(|member| member.required).map(|member| member.name.as_str()).collect();
        assert_eq!(required.len(), 3, "{required:?}");
        let of = |name: &str| members.iter().find(|member| member.name == name).map(|member| &member.shape);
        assert_eq!(of("service"), Some(&Shape::Code));
        assert_eq!(of("enrolment"), Some(&Shape::Key));
        assert_eq!(of("minutes"), Some(&Shape::Integer));
        assert!(matches!(of("format"), Some(Shape::Choice(_))));
        assert!(matches!(personal, Shape::Object(members) if members[0].shape == Shape::Text));
        assert!(shapes.names().all(|name| !name.contains("amendment")));
        for name in shapes.names() {
            assert!(matches!(shapes.get(name), Some((_, Shape::Object(_), Shape::Object(_)))), "{name}");
        }
    }
}
