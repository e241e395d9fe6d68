//! Pages written piece by piece; whatever comes from outside is escaped on its way in.

use serde_json::Value as Json;

/// A page on its way.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Adds what is HTML already.
    pub fn raw(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // Marks that turn the direction of writing could show a text as another.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
        self
    }

    /// Adds an element of text.
    pub fn element(&mut self, name: &str, text: &str) -> &mut Self {
        self.raw("<").raw(name).raw(">").text(text).raw("</");
        let bare = name.split(' ').next().unwrap_or_default();
        self.raw(bare).raw(">")
    }

    /// Adds a row of a table: a name, and what stands beside it.
    pub fn row(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw("<tr>").element("th scope=\"row\"", name).element("td", value).raw("</tr>")
    }

    /// Adds the fields of a JSON object as rows, those of objects within under their whole name; unset ones are left out.
    pub fn fields(&mut self, json: &Json) -> &mut Self {
        self.fields_under("", json)
    }

    fn fields_under(&mut self, outer: &str, json: &Json) -> &mut Self {
        match json {
            Json::Object(fields) => {
                for (name, value) in fields {
                    let name = words(name);
                    let name = if outer.is_empty() { name } else { format!("{outer}, {name}") };
                    self.fields_under(&name, value);
                }
            }
            Json::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
                for (nth, item) in items.iter().enumerate() {
                    self.fields_under(&format!("{outer} {}", nth + 1), item);
                }
            }
            Json::Null => {}
            other => {
                self.row(outer, &shown(other));
            }
        }
        self
    }

    /// The whole.
    pub fn done(self) -> String {
        self.0
    }
}

/// A field's name in words.
pub(crate) fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// A single value, or a list of them, as people write it.
pub(crate) fn shown(value: &Json) -> String {
    match value {
        Json::Null => "—".to_owned(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let mut html = Html::default();
        html.fields(&json!({ "no<te": "<script>\u{202e}", "list": [{ "a": 1 }, { "a": null }] }));
        assert_eq!(
            html.done(),
            "<tr><th scope=\"row\">list 1, a</th><td>1</td></tr>\
             <tr><th scope=\"row\">no&lt;te</th><td>&lt;script&gt;\u{fffd}</td></tr>"
        );
    }
}
