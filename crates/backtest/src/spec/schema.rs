//! The form of a spec as JSON Schema, for editors that complete and check while one writes.

use serde_json::{Map, Value as Json, json};
use utoipa::{PartialSchema, ToSchema};

use super::Spec;

/// The JSON Schema (2020-12) of a spec, from its own types. A spec that it takes can still be wrong: what is asked in
/// one place of another only [`Spec::parse`] knows.
pub fn schema() -> Json {
    let mut named = Vec::new();
    Spec::schemas(&mut named);
    let named: Map<String, Json> = named.into_iter().map(|(name, schema)| (name, plain(&schema))).collect();
    let mut schema = plain(&Spec::schema());
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        fields.insert("title".to_owned(), json!("A backtest's spec"));
        fields.insert("$defs".to_owned(), Json::Object(named));
    }
    schema
}

fn plain(schema: &impl serde::Serialize) -> Json {
    let text = serde_json::to_string(schema).expect("a schema has text keys only");
    let text = text.replace("#/components/schemas/", "#/$defs/");
    serde_json::from_str(&text).expect("what was just written")
}
