//! One part of a fact as JSON: unset fields are left out, and what cannot be read is pointed at.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::InvalidEvent;

/// JSON without its unset fields.
pub(crate) fn to_json(part: &impl Serialize) -> Json {
    let mut json =
        serde_json::to_value(part).expect("a fact's fields are strings, numbers, lists and maps of them");
    drop_unset(&mut json);
    json
}

fn drop_unset(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            fields
                .retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
            fields.values_mut().for_each(drop_unset);
        }
        Json::Array(items) => items.iter_mut().for_each(drop_unset),
        _ => {}
    }
}

pub(crate) fn from_part<T: DeserializeOwned>(part: &str, json: Json) -> Result<T, InvalidEvent> {
    let json = if json.is_null() { Json::Object(serde_json::Map::new()) } else { json };
    serde_path_to_error::deserialize(json).map_err(|error| {
        let mut pointer = part.to_owned();
        for segment in error.path() {
            match segment {
                serde_path_to_error::Segment::Map { key } => push_step(&mut pointer, key),
                serde_path_to_error::Segment::Seq { index } => push_step(&mut pointer, &index.to_string()),
                serde_path_to_error::Segment::Enum { .. } | serde_path_to_error::Segment::Unknown => {}
            }
        }
        let mut problem = error.into_inner().to_string();
        if let Some(field) = missing_field(&problem) {
            push_step(&mut pointer, field);
            problem = format!("`{field}` is missing");
        }
        InvalidEvent::Field {
            pointer: pointer.chars().take(200).collect(),
            problem: problem.chars().take(400).collect(),
        }
    })
}

/// The field serde says is missing. It names the struct's place, not the field's, so the pointer is ours to finish.
fn missing_field(problem: &str) -> Option<&str> {
    problem.strip_prefix("missing field `")?.split('`').next()
}

/// One step of an RFC 6901 pointer.
fn push_step(pointer: &mut String, step: &str) {
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
}
