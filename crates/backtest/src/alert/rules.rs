//! Rules by name: the built-in ones and those that were adopted.

use crate::{Error, History};

/// A rule by its text.
pub(crate) struct Resolved {
    pub text: String,
}

/// Engagement's own list, as a rule.
pub const GOING_QUIET: (&str, u32, &str) = ("going-quiet", 1, "going_quiet");

/// The rule that a spec names: an expression, or `rule:NAME@VERSION`.
pub(crate) fn resolve(text: &str, _history: &History) -> Result<Resolved, Error> {
    let Some(named) = text.trim().strip_prefix("rule:") else {
        return Ok(Resolved { text: text.to_owned() });
    };
    let wrong =
        |problem: &str| Error::Expression { expression: text.to_owned(), problem: problem.to_owned() };
    let (name, version) = named.split_once('@').ok_or_else(|| wrong("write it as `rule:NAME@VERSION`"))?;
    let version: u32 = version.parse().map_err(|_| wrong("the version is no number; write `rule:NAME@1`"))?;
    if (name, version) == (GOING_QUIET.0, GOING_QUIET.1) {
        return Ok(Resolved { text: GOING_QUIET.2.to_owned() });
    }
    Err(wrong("no rule of this name and version was adopted; `throughline rule list` names them"))
}
