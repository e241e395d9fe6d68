//! Holds answers against the description the service gives of itself.

use serde_json::Value as Json;

/// The service's own description.
pub struct Description(pub Json);

impl Description {
    /// The path pattern that this path is an instance of. A written-out path goes before one with parameters.
    pub fn pattern(&self, path: &str) -> Option<&str> {
        let fits = |pattern: &&String| {
            let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
            // OpenAPI has no word for it, but the path of a tile goes on to its end.
            let goes_on = pattern.last() == Some(&"{path}") && pattern.len() <= path.len();
            (pattern.len() == path.len() || goes_on)
                && pattern.iter().zip(path).all(|(part, found)| part.starts_with('{') || *part == found)
        };
        let paths = self.0["paths"].as_object().expect("paths").keys();
        // Of several the one that names more: a place held open stands for less than a word.
        let named = |pattern: &&String| {
            let held_open = pattern.matches('{').count();
            (held_open, std::cmp::Reverse(pattern.split('/').count()))
        };
        paths.filter(fits).min_by_key(named).map(String::as_str)
    }

    /// Fails where this answer is not described for this route.
    pub fn covers(&self, method: &str, path: &str, status: u16, media_type: &str, body: &[u8]) {
        let Some(pattern) = self.pattern(path) else {
            assert_eq!(status, 404, "{path} is answered and not described");
            return;
        };
        let method = if method == "HEAD" { "get" } else { &method.to_ascii_lowercase() };
        let Some(operation) = self.0["paths"][pattern].get(method) else {
            assert_eq!(status, 405, "{method} {pattern} is answered and not described");
            return;
        };
        let answer = &operation["responses"][status.to_string()];
        assert!(answer.is_object(), "{method} {pattern} answers {status}, which is not described");
        if status == 304 || body.is_empty() {
            return;
        }
        let essence = media_type.split(';').next().unwrap_or_default();
        let content = &answer["content"][essence];
        assert!(
            content.is_object(),
            "{method} {pattern} answers {status} as {essence}, which is not described"
        );
        if essence.ends_with("json") {
            let json: Json = serde_json::from_slice(body).expect("JSON by its type is JSON");
            if let Err(problem) = self.holds(&content["schema"], &json, "") {
                panic!("{method} {pattern} {status}: {problem}\n{json:#}");
            }
        }
    }

    /// Whether the value is as the schema says; if not, where it is not.
    pub fn holds(&self, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        if let Some(name) = schema["$ref"].as_str() {
            let target = self.0.pointer(&name[1..]).ok_or_else(|| format!("{at}: {name} leads nowhere"))?;
            return self.holds(target, value, at);
        }
        for schema in list(&schema["allOf"]) {
            self.holds(schema, value, at)?;
        }
        for word in ["oneOf", "anyOf"] {
            let schemas = list(&schema[word]);
            let tried: Vec<_> = schemas.iter().map(|schema| self.holds(schema, value, at)).collect();
            if !tried.is_empty() && tried.iter().all(Result::is_err) {
                return Err(format!("{at}: none of {word} holds: {tried:?}"));
            }
            if word == "oneOf" && tried.iter().filter(|held| held.is_ok()).count() > 1 {
                return Err(format!("{at}: {value} is several of what it should be one of"));
            }
        }
        if !list(&schema["enum"]).is_empty() && !list(&schema["enum"]).contains(value) {
            return Err(format!("{at}: {value} is not in {}", schema["enum"]));
        }
        let types = match &schema["type"] {
            Json::String(name) => vec![name.as_str()],
            Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        if !types.is_empty() && !types.iter().any(|name| is(name, value)) {
            return Err(format!("{at}: {value} is no {types:?}"));
        }
        self.fields_hold(schema, value, at)
    }

    fn fields_hold(&self, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        if let Some(items) = value.as_array().filter(|_| schema["items"].is_object()) {
            for (nth, item) in items.iter().enumerate() {
                self.holds(&schema["items"], item, &format!("{at}/{nth}"))?;
            }
        }
        let Some(fields) = value.as_object() else { return Ok(()) };
        let none = serde_json::Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&none);
        for name in list(&schema["required"]) {
            if !fields.contains_key(name.as_str().unwrap_or_default()) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
        for (name, field) in fields {
            match properties.get(name) {
                Some(property) => self.holds(property, field, &format!("{at}/{name}"))?,
                None if schema["additionalProperties"] == false => {
                    return Err(format!("{at}/{name}: unknown"));
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn list(schemas: &Json) -> &[Json] {
    schemas.as_array().map_or(&[], Vec::as_slice)
}

fn is(name: &str, value: &Json) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}
