//! Reading conditions out of a mapping.

use super::{
    document::{Node, Section},
    expr::{Scope, VALUE_KEYS, constants},
    fault::Faults,
    shape::Shape,
    spec::{Comparison, Condition, Test},
};

const TEST_KEYS: [&str; 7] = ["is", "not", "filled", "above", "at_least", "below", "at_most"];

impl Scope<'_> {
    /// Conditions: a table or a list of tables, all of which must hold.
    pub fn conditions(&mut self, node: Node, faults: &mut Faults) -> Vec<Condition> {
        let sections = node.sections("where", faults);
        sections.into_iter().filter_map(|section| self.condition(section, faults)).collect()
    }

    fn condition(&mut self, mut section: Section, faults: &mut Faults) -> Option<Condition> {
        let line = section.line;
        let mut tests = Vec::new();
        for name in TEST_KEYS {
            let Some(node) = section.take(name) else { continue };
            let compare = match name {
                "is" => {
                    tests.push(Test::Is(constants(node, name, faults)));
                    continue;
                }
                "not" => {
                    tests.push(Test::Not(constants(node, name, faults)));
                    continue;
                }
                "filled" => {
                    tests.extend(node.flag(name, faults).map(Test::Filled));
                    continue;
                }
                "above" => Comparison::Above,
                "at_least" => Comparison::AtLeast,
                "below" => Comparison::Below,
                _ => Comparison::AtMost,
            };
            let against = self.value(node, name, &Shape::Text, faults);
            tests.extend(against.map(|against| Test::Compare(compare, against)));
        }
        if tests.is_empty() {
            let hint = format!("write one of {}", TEST_KEYS.map(|name| format!("`{name}`")).join(", "));
            faults.add(line, "the condition says nothing", hint);
        }
        let expr = self.described(&mut section, line, "where", &Shape::Text, faults);
        let known: Vec<&str> = VALUE_KEYS.into_iter().chain(TEST_KEYS).collect();
        section.close("the condition", &known, faults);
        Some(Condition { expr: expr?, tests })
    }
}
