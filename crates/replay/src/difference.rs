//! How two answers of a view differ, field by field.

use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Fields listed at most; past it the answers are too far apart for a list to help.
const FIELDS_MAX: usize = 200;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Field {
    /// Where in the view, as an RFC 6901 pointer.
    pub pointer: String,
    /// What it was; unset where the field was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub before: Option<Json>,
    /// What it is; unset where the field is no longer there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Value, required = false)]
    pub after: Option<Json>,
}

/// The fields that differ, in the order of the answer, and whether there are more than are listed.
pub(crate) fn between(before: &Json, after: &Json) -> (Vec<Field>, bool) {
    let mut fields = Vec::new();
    walk("", Some(before), Some(after), &mut fields);
    let more = fields.len() > FIELDS_MAX;
    fields.truncate(FIELDS_MAX);
    (fields, more)
}

fn walk(pointer: &str, before: Option<&Json>, after: Option<&Json>, fields: &mut Vec<Field>) {
    if before == after || fields.len() > FIELDS_MAX {
        return;
    }
    match (before, after) {
        (Some(Json::Object(before)), Some(Json::Object(after))) => {
            let added = after.keys().filter(|name| !before.contains_key(*name));
            for name in before.keys().chain(added) {
                let escaped = name.replace('~', "~0").replace('/', "~1");
                walk(&format!("{pointer}/{escaped}"), before.get(name), after.get(name), fields);
            }
        }
        (Some(Json::Array(before)), Some(Json::Array(after))) => {
            for nth in 0..before.len().max(after.len()) {
                walk(&format!("{pointer}/{nth}"), before.get(nth), after.get(nth), fields);
            }
        }
        _ => {
            let field = Field { pointer: pointer.to_owned(), before: before.cloned(), after: after.cloned() };
            fields.push(field);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i8>().prop_map(Json::from),
            "[a-c/~]{0,3}".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map("[a-c/~]{0,2}", inner, 0..4)
                    .prop_map(|fields| Json::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn answers_differ_in_no_field_exactly_when_they_are_the_same(before in any_json(), after in any_json()) {
            prop_assert_eq!(between(&before, &after).0.is_empty(), before == after);
        }

        #[test]
        fn every_field_named_can_be_looked_up_in_both_answers(before in any_json(), after in any_json()) {
            for field in between(&before, &after).0 {
                prop_assert_eq!(before.pointer(&field.pointer), field.before.as_ref());
                prop_assert_eq!(after.pointer(&field.pointer), field.after.as_ref());
            }
        }
    }

    #[test]
    fn a_long_list_of_differences_is_cut_and_says_so() {
        let (fields, more) = between(&json!(vec![0; 500]), &json!(vec![1; 500]));
        assert_eq!((fields.len(), more), (FIELDS_MAX, true));
    }
}
