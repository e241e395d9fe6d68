//! `docs/backtest.schema.json` is what the types say, and takes what [`Spec::parse`] takes. Run with
//! `THROUGHLINE_RENEW_GOLDEN=1` to write it anew.

#![allow(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::{fs, path::PathBuf};

use serde_json::Value as Json;
use throughline_backtest::spec::{Spec, schema};

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Every example spec of the documentation.
fn examples() -> Vec<(PathBuf, String)> {
    let found = fs::read_dir(docs().join("specs")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        found.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn the_golden_schema_is_what_the_types_say() {
    let path = docs().join("backtest.schema.json");
    let today = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() {
        fs::write(&path, &today).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == today, "docs/backtest.schema.json is behind; renew it with THROUGHLINE_RENEW_GOLDEN=1");
}

#[test]
fn every_example_is_a_right_spec_and_the_schema_takes_it() {
    let (schema, examples) = (schema(), examples());
    assert!(!examples.is_empty());
    for (path, text) in examples {
        Spec::parse(&text).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        let spec: Json = toml::from_str(&text).unwrap();
        let taken = Check(&schema).holds(&schema, &spec, "");
        assert_eq!(taken, Ok(()), "{}", path.display());
    }
}

#[test]
fn the_schema_takes_no_unknown_field_no_wrong_word_and_no_wrong_type() {
    let schema = schema();
    let (_, text) = examples().remove(0);
    let right: Json = toml::from_str(&text).unwrap();
    for (section, field, value) in [
        ("", "kidn", Json::from("alert")),
        ("", "kind", "alerts".into()),
        ("", "version", "1".into()),
        ("cohort", "entre", "enrolled".into()),
        ("cohort", "mature", 180.into()),
        ("cohort", "mature", "6m".into()),
    ] {
        let mut wrong = right.clone();
        let at = if section.is_empty() { &mut wrong } else { &mut wrong[section] };
        at[field] = value;
        assert!(Check(&schema).holds(&schema, &wrong, "").is_err(), "{section}.{field}");
    }
    let mut without = right;
    without.as_object_mut().unwrap().remove("outcome");
    assert!(Check(&schema).holds(&schema, &without, "").is_err());
}

/// As much of JSON Schema as this schema uses; a word it does not know stops the test.
struct Check<'a>(&'a Json);

impl Check<'_> {
    fn holds(&self, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        if schema.is_boolean() {
            return if schema == true { Ok(()) } else { Err(format!("{at}: nothing may stand here")) };
        }
        for (word, said) in schema.as_object().unwrap() {
            self.word(word, said, schema, value, at)?;
        }
        Ok(())
    }

    fn word(&self, word: &str, said: &Json, schema: &Json, value: &Json, at: &str) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{at}: {value} is {what} {said}"));
        match word {
            "$ref" => {
                let name = said.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                self.holds(self.0.pointer(&format!("/$defs/{name}")).unwrap(), value, at)
            }
            "type" => {
                let names =
                    if said.is_array() { said.as_array().unwrap().clone() } else { vec![said.clone()] };
                if names.iter().any(|name| is(name.as_str().unwrap(), value)) { Ok(()) } else { wrong("no") }
            }
            "enum" if !said.as_array().unwrap().contains(value) => wrong("none of"),
            "oneOf" => {
                let takes = |one: &&Json| self.holds(one, value, at).is_ok();
                match said.as_array().unwrap().iter().filter(takes).count() {
                    1 => Ok(()),
                    count => Err(format!("{at}: {value} is {count} of {said}")),
                }
            }
            "allOf" => said.as_array().unwrap().iter().try_for_each(|one| self.holds(one, value, at)),
            "required" => {
                match said.as_array().unwrap().iter().find(|name| value.get(name.as_str().unwrap()).is_none())
                {
                    Some(missing) => Err(format!("{at}: {missing} is missing")),
                    None => Ok(()),
                }
            }
            "properties" => said.as_object().unwrap().iter().try_for_each(|(name, schema)| {
                value.get(name).map_or(Ok(()), |value| self.holds(schema, value, &format!("{at}/{name}")))
            }),
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Json::as_object);
                value.as_object().into_iter().flatten().try_for_each(|(name, value)| {
                    let is_known = known.is_some_and(|known| known.contains_key(name));
                    if is_known { Ok(()) } else { self.holds(said, value, &format!("{at}/{name}")) }
                })
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|one| self.holds(said, one, at)),
            "minimum" if value.as_f64() < said.as_f64() => wrong("below"),
            "pattern" => match (said.as_str().unwrap(), value.as_str()) {
                ("^[0-9]+[dw]$", Some(text)) => {
                    let (digits, unit) = text.split_at(text.len().saturating_sub(1));
                    let digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                    if digits && ["d", "w"].contains(&unit) { Ok(()) } else { wrong("not") }
                }
                (_, None) => Ok(()),
                (other, _) => panic!("the pattern {other} is not known here"),
            },
            "enum" | "minimum" | "description" | "$defs" | "$schema" | "title" | "format" | "examples"
            | "default" | "propertyNames" | "maxItems" | "minItems" => Ok(()),
            other => panic!("the word {other} is not known here"),
        }
    }
}

fn is(name: &str, value: &Json) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the type {other} is not known here"),
    }
}
