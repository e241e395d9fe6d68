//! `docs/formats/events.md` says what the code says. Run with THROUGHLINE_RENEW_GOLDEN=1 to write it anew.

use std::{fmt::Write as _, fs, path::PathBuf};

use throughline_domain::{Event, FactSchema, Family, RULES, testing::examples, vocabulary};
use utoipa::openapi::{RefOr, Schema};

#[test]
fn the_page_on_events_says_what_the_code_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/events.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let renewed = [("catalogue", catalogue()), ("rules", rules()), ("vocabularies", vocabularies())]
        .into_iter()
        .fold(page.clone(), |page, (name, table)| replaced(&page, name, &table));
    if std::env::var_os("THROUGHLINE_RENEW_GOLDEN").is_some() {
        fs::write(&path, &renewed).expect("the page can be written");
        return;
    }
    assert!(page == renewed, "docs/formats/events.md is behind; renew it with THROUGHLINE_RENEW_GOLDEN=1");
}

fn replaced(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("the page has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("the page has no {end}"));
    format!("{before}{begin}{table}{end}{after}")
}

fn catalogue() -> String {
    let schemas = Event::schemas(&mut Vec::new());
    let mut page = String::new();
    for family in Family::ALL {
        let of_family = format!("throughline.{}.", family.name());
        writeln!(page, "### `{}`\n", family.name()).expect("a string");
        writeln!(page, "| fact | meaning | coded | personal | order |\n| --- | --- | --- | --- | --- |")
            .expect("a string");
        for schema in schemas.iter().filter(|schema| schema.type_name.starts_with(&of_family)) {
            writeln!(page, "{}", row(schema)).expect("a string");
        }
        page.push('\n');
    }
    page
}

fn row(schema: &FactSchema) -> String {
    let fact = schema.type_name.split('.').nth(2).expect("a fact's name");
    let rank =
        examples().iter().find(|event| event.type_name() == schema.type_name).expect("an example").rank();
    let (meaning, coded) = described(&schema.facts);
    let (_, personal) = described(&schema.personal);
    format!("| `{fact}` | {meaning} | {coded} | {personal} | {rank} |")
}

/// The first paragraph of the description, and the fields.
fn described(schema: &RefOr<Schema>) -> (String, String) {
    let RefOr::T(Schema::Object(object)) = schema else { panic!("a part of a fact is an object") };
    let described = object.description.clone().unwrap_or_default();
    let first = described.split("\n\n").next().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
    let fields = object.properties.keys().map(|name| {
        let optional = if object.required.contains(name) { "" } else { "?" };
        format!("`{name}`{optional}")
    });
    (first, fields.collect::<Vec<_>>().join(", "))
}

fn rules() -> String {
    let rows = RULES.iter().map(|rule| format!("| `{}` | {} |\n", rule.code, rule.refuses));
    format!("| rule | refuses |\n| --- | --- |\n{}", rows.collect::<String>())
}

fn vocabularies() -> String {
    let rows = vocabulary::all().iter().map(|vocabulary| {
        let codes: Vec<String> = vocabulary.terms.iter().map(|term| format!("`{}`", term.code)).collect();
        // The facts are listed above.
        let codes = if vocabulary.name == "fact" { "the facts above".to_owned() } else { codes.join(", ") };
        format!(
            "| `{}` | {} | {codes} |\n",
            vocabulary.name,
            if vocabulary.closed { "closed" } else { "open" }
        )
    });
    format!("| vocabulary | | codes |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}
