//! Expressions of CEL, compiled once, over values that are named beforehand. They reach nothing else.

use std::collections::{BTreeSet, HashMap};

use cel::{Context, Program, Value as CelValue, objects::Key as CelKey};
use throughline_domain::{Attributes, Value};

use crate::Error;

/// The longest expression, in bytes.
const BYTES_MAX: usize = 4096;

/// The name under which attributes are known.
pub(crate) const ATTRIBUTES: &str = "attributes";

/// A compiled expression whose value is yes or no.
pub struct Expression {
    text: String,
    program: Program,
}

impl Expression {
    /// Compiles an expression that may use only these names.
    pub fn over(text: &str, names: &[&str]) -> Result<Self, Error> {
        let wrong =
            |problem: String| Error::Expression { expression: text.chars().take(200).collect(), problem };
        if text.len() > BYTES_MAX {
            return Err(wrong(format!("it is longer than {BYTES_MAX} bytes; say it in a shorter rule")));
        }
        let program = Program::compile(text).map_err(|error| wrong(error.to_string().replace('\n', ", ")))?;
        if let Some(unknown) = program.references().variables().into_iter().find(|used| !names.contains(used))
        {
            return Err(wrong(format!("`{unknown}` is not known; use {}", names.join(", "))));
        }
        Ok(Self { text: text.to_owned(), program })
    }

    /// Compiles an expression over attributes alone.
    pub fn over_attributes(text: &str) -> Result<Self, Error> {
        Self::over(text, &[ATTRIBUTES])
    }

    /// The expression, as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it uses, each once, in order.
    pub fn names(&self) -> Vec<String> {
        let references = self.program.references();
        let used: BTreeSet<&str> = references.variables().into_iter().collect();
        used.into_iter().map(str::to_owned).collect()
    }

    /// Whether it holds in this context, in which some names may stand for nothing. Where they make it fail, it does
    /// not hold.
    pub(crate) fn holds_as_known(&self, context: &Context<'_, '_>, all_known: bool) -> Result<bool, Error> {
        match self.holds(context) {
            Err(_) if !all_known => Ok(false),
            told => told,
        }
    }

    /// Whether it holds of these attributes.
    pub fn holds_for(&self, attributes: &Attributes) -> Result<bool, Error> {
        let mut context = Context::default();
        context.add_variable_from_value(ATTRIBUTES, attributes_value(attributes));
        self.holds(&context)
    }

    /// Whether it holds in this context. What is not known of somebody does not hold.
    pub(crate) fn holds(&self, context: &Context<'_, '_>) -> Result<bool, Error> {
        let wrong = |problem: String| Error::Expression { expression: self.text.clone(), problem };
        match self.program.execute(context) {
            Ok(CelValue::Bool(holds)) => Ok(holds),
            Ok(other) => Err(wrong(format!("it gives {other:?}, not yes or no; compare it with something"))),
            Err(cel::ExecutionError::NoSuchKey(_)) => Ok(false),
            Err(error) => Err(wrong(error.to_string())),
        }
    }
}

/// Attributes as a map of CEL.
pub(crate) fn attributes_value(attributes: &Attributes) -> CelValue {
    let map: HashMap<CelKey, CelValue> = attributes
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Flag(flag) => CelValue::Bool(*flag),
                Value::Number(score) => CelValue::Float(score.get()),
                Value::Code(code) => CelValue::String(code.to_string().into()),
            };
            (CelKey::String(name.to_string().into()), value)
        })
        .collect();
    CelValue::Map(map.into())
}
