//! The page at `/docs`: the OpenAPI description laid out for people, without a script and without anything fetched
//! from elsewhere.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value as Json;

use crate::problem::Kind;

/// The whole page.
pub(crate) fn page(document: &Json) -> String {
    let mut html = head("Throughline API", "en");
    let text = |pointer: &str| document.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    html += "<a class=\"skip\" href=\"#routes\">Skip to the routes</a><header><h1>Throughline API</h1>";
    for paragraph in text("/info/description").split("\n\n") {
        put(&mut html, &format!("<p>{}</p>", prose(paragraph)));
    }
    html += "<nav aria-label=\"On this page\"><ul><li><a href=\"/\">Start</a></li><li><a href=\"#routes\">Routes</a></li>\
             <li><a href=\"#problems\">Problems</a></li><li><a href=\"#schemas\">Schemas</a></li>\
             <li><a href=\"/openapi.json\">openapi.json</a></li></ul></nav></header><main>";
    html += "<section id=\"routes\">";
    for (group, operations) in by_group(document) {
        put(&mut html, &format!("<h2>{}</h2>", escaped(&group)));
        for (method, path, operation) in operations {
            html += &route(method, path, operation);
        }
    }
    html += "</section>";
    html += &problems();
    html += "<section id=\"schemas\"><h2>Schemas</h2>";
    if let Some(schemas) = document.pointer("/components/schemas").and_then(Json::as_object) {
        for (name, schema) in schemas {
            let body = fields(schema);
            put(
                &mut html,
                &format!(
                    "<details id=\"schema-{0}\"><summary><h3><code>{0}</code></h3></summary>{1}{body}</details>",
                    escaped(name),
                    about(schema),
                ),
            );
        }
    }
    html += "</section></main></body></html>";
    html
}

/// The head of a page in this language, up to the opened body.
pub(crate) fn head(title: &str, language: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" href=\"data:,\"></head><body>",
        escaped(title)
    )
}

/// Text, safe inside HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

type Routes<'a> = Vec<(&'a str, &'a str, &'a Json)>;

fn by_group(document: &Json) -> BTreeMap<String, Routes<'_>> {
    let mut groups: BTreeMap<String, Routes<'_>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let group = operation["tags"][0].as_str().unwrap_or_default().to_owned();
            groups.entry(group).or_default().push((method, path, operation));
        }
    }
    groups
}

fn route(method: &str, path: &str, operation: &Json) -> String {
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let mut html = format!(
        "<details id=\"{}\"><summary><span class=\"method\">{}</span> <h3><code>{}</code></h3> \
         <span class=\"quiet\">{}</span></summary>",
        escaped(text("operationId")),
        method.to_uppercase(),
        escaped(path),
        prose(text("summary")),
    );
    put(&mut html, &format!("<p>{}</p>", prose(text("description"))));
    let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    if !parameters.is_empty() {
        let rows = parameters.iter().map(|parameter| {
            let required = if parameter["required"] == true { ", required" } else { "" };
            [
                format!("<code>{}</code>", escaped(parameter["name"].as_str().unwrap_or_default())),
                format!("{}{required}", escaped(parameter["in"].as_str().unwrap_or_default())),
                kind(&parameter["schema"]),
                prose(parameter["description"].as_str().unwrap_or_default()),
            ]
        });
        html += &table("Parameters", ["Name", "Where", "Type", "What"], rows);
    }
    if let Some(contents) = operation["requestBody"]["content"].as_object() {
        let rows = contents.iter().map(|(media_type, content)| {
            [format!("<code>{}</code>", escaped(media_type)), kind(&content["schema"])]
        });
        html += &table("Body", ["Media type", "Schema"], rows);
        if let Some(example) = contents.values().next().map(|content| &content["example"]) {
            let example = serde_json::to_string_pretty(example).unwrap_or_default();
            put(&mut html, &format!("<h4>Example</h4><pre>{}</pre>", escaped(&example)));
        }
    }
    let rows = operation["responses"].as_object().into_iter().flatten().map(|(status, response)| {
        let contents = response["content"].as_object().into_iter().flatten();
        let kinds: Vec<String> = contents
            .map(|(media_type, content)| {
                format!("<code>{}</code> {}", escaped(media_type), kind(&content["schema"]))
            })
            .collect();
        let about = response["description"].as_str().unwrap_or_default();
        [escaped(status), kinds.join("<br>"), about.split("\n\n").map(prose).collect::<Vec<_>>().join("<br>")]
    });
    html += &table("Answers", ["Status", "Content", "When"], rows);
    html + "</details>"
}

fn problems() -> String {
    let mut html = "<section id=\"problems\"><h2>Problems</h2><p>Every refusal is <code>application/problem+json</code> \
                    with one of these codes; a code never changes its meaning.</p><div class=\"scroll\"><table><thead><tr>\
                    <th scope=\"col\">Code</th><th scope=\"col\">Status</th><th scope=\"col\">Meaning</th></tr></thead><tbody>"
        .to_owned();
    for kind in Kind::ALL {
        put(
            &mut html,
            &format!(
                "<tr id=\"problem-{0}\"><td><code>{0}</code></td><td>{1}</td><td><strong>{2}.</strong> {3}</td></tr>",
                kind.code(),
                kind.status(),
                escaped(kind.title()),
                prose(kind.about().trim()),
            ),
        );
    }
    html + "</tbody></table></div></section>"
}

fn table<const N: usize>(title: &str, names: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let names = names.map(|name| format!("<th scope=\"col\">{name}</th>")).concat();
    let row =
        |cells: [String; N]| format!("<tr>{}</tr>", cells.map(|cell| format!("<td>{cell}</td>")).concat());
    let rows = rows.map(row).collect::<Vec<_>>().concat();
    format!(
        "<h4>{title}</h4><div class=\"scroll\"><table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

/// The fields of an object; what else a schema is, in a line.
fn fields(schema: &Json) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        return format!("<p>{}</p>", kind(schema));
    };
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = properties.iter().map(|(name, property)| {
        let needed = if required.iter().any(|required| required == name) { " *" } else { "" };
        let inner = if property["properties"].is_object() { fields(property) } else { String::new() };
        [
            format!("<code>{}</code>{needed}", escaped(name)),
            kind(property),
            format!("{}{inner}", prose(property["description"].as_str().unwrap_or_default())),
        ]
    });
    table("Fields (* required)", ["Name", "Type", "What"], rows)
}

/// What a schema takes, in a few words.
fn kind(schema: &Json) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escaped(name));
    }
    for (word, name) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(schemas) = schema[word].as_array() {
            return schemas.iter().map(kind).collect::<Vec<_>>().join(name);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values
            .iter()
            .map(|value| format!("<code>{}</code>", escaped(value.as_str().unwrap_or_default())));
        return values.collect::<Vec<_>>().join(" or ");
    }
    let types = match &schema["type"] {
        Json::Array(types) => types.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" or "),
        Json::String(name) if name == "array" => return format!("list of {}", kind(&schema["items"])),
        Json::String(name) => name.clone(),
        _ => "anything".to_owned(),
    };
    let format = schema["format"].as_str().map(|format| format!(" ({format})")).unwrap_or_default();
    escaped(&format!("{types}{format}"))
}

fn about(schema: &Json) -> String {
    schema["description"].as_str().map(|about| format!("<p>{}</p>", prose(about))).unwrap_or_default()
}

/// Text with its `code` marked.
fn prose(text: &str) -> String {
    let parts = escaped(text);
    let marked = parts.split('`').enumerate().map(|(nth, part)| match nth % 2 {
        0 => part.to_owned(),
        _ => format!("<code>{part}</code>"),
    });
    marked.collect()
}

fn put(html: &mut String, part: &str) {
    html.write_str(part).expect("writing to a string does not fail");
}
