//! JSON from outside. An object that names a field twice says two things of it; most readers keep the last in silence,
//! here it is refused, at every depth.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value as Json};

use crate::cloud_event::{Invalid, cut, escaped};

/// Names that `serde_json` gives a meaning of its own when a value is read on: a text under one of them would be read as JSON
/// once more, and nobody would have seen what is there twice in it.
const OF_THE_READER: &str = "$serde_json::private::";

/// A JSON value as it was sent, and the first field in it that is named twice.
///
/// It is read in one pass, and as deep as the format's reader goes, which for `serde_json` is 128 levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    value: Json,
    twice: Option<Twice>,
}

/// A field named twice.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Twice {
    name: String,
    pointer: String,
}

impl Sent {
    /// The value, where every object in it names each of its fields once.
    pub fn once(self) -> Result<Json, Invalid> {
        match self.twice {
            None => Ok(self.value),
            Some(Twice { name, pointer }) => Err(Invalid {
                pointer: cut(&pointer),
                problem: format!("`{name}` is there twice"),
                hint: "name each field once".to_owned(),
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut twice = None;
        let value = Reading { twice: &mut twice }.deserialize(from)?;
        Ok(Self { value, twice })
    }
}

/// Reads one value; what stands twice is kept with its place from there.
struct Reading<'a> {
    twice: &'a mut Option<Twice>,
}

impl Reading<'_> {
    /// What was found in a part has its place from here, where nothing was found before.
    fn within(&mut self, found_before: bool, step: &dyn fmt::Display) {
        if let (false, Some(twice)) = (found_before, self.twice.as_mut()) {
            twice.pointer.insert_str(0, &format!("/{step}"));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Json, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        loop {
            let before = self.twice.is_some();
            let Some(value) = list.next_element_seed(Reading { twice: self.twice })? else { break };
            self.within(before, &values.len());
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Json, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            if name.starts_with(OF_THE_READER) {
                return Err(A::Error::custom(format_args!("no field can be called `{}`", cut(&name))));
            }
            let before = self.twice.is_some();
            if !before && fields.contains_key(&name) {
                *self.twice = Some(Twice { name: cut(&name), pointer: format!("/{}", escaped(&name)) });
            }
            let named_twice = self.twice.is_some();
            let value = object.next_value_seed(Reading { twice: self.twice })?;
            self.within(named_twice, &escaped(&name));
            fields.insert(name, value);
        }
        Ok(Json::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let sent: Sent = serde_json::from_str(text).expect("it is JSON");
        sent.once().map_or_else(|invalid| invalid.pointer, |value| value.to_string())
    }

    #[test]
    fn the_first_field_named_twice_is_pointed_at_wherever_it_stands() {
        assert_eq!(told(r#"{"a":1,"a":1}"#), "/a");
        assert_eq!(told(r#"{"a":null,"b":{"c":[1,{"d~/":1,"d~/":2}]},"a":1}"#), "/b/c/1/d~0~1");
        assert_eq!(told(r#"[{"a":1},{"a":{"b":1,"b":1},"a":1}]"#), "/1/a/b");
        assert_eq!(told(r#"{"a":1,"\u0061":{"b":1,"b":2}}"#), "/a", "however it is spelled");
    }

    #[test]
    fn what_is_named_once_reads_as_any_json() {
        for text in [r#"{"a":[1,-2,1.5,true,null,"x"],"b":{"a":{"a":{}}}}"#, "18446744073709551615", "[]"] {
            assert_eq!(told(text), text);
        }
        assert!(serde_json::from_str::<Sent>(r#"{"a":1,"a":"#).is_err(), "what is no JSON is that first");
        assert!(serde_json::from_str::<Sent>(&"[".repeat(100_000)).is_err(), "depth is bounded");
        let hidden = r#"{"a":{"$serde_json::private::RawValue":"{\"b\":1,\"b\":2}"}}"#;
        assert!(serde_json::from_str::<Sent>(hidden).is_err(), "JSON within a text is no way around");
    }

    #[test]
    fn a_pointer_is_as_long_as_helps_to_find_the_place() {
        let name = "x".repeat(150);
        let deep =
            (0..100).fold(r#"{"a":1,"a":2}"#.to_owned(), |inner, _| format!(r#"{{"{name}":{inner}}}"#));
        assert_eq!(told(&deep).len(), 200);
    }
}
