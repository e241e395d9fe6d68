//! Reading a whole mapping: everything wrong with it is found before any file is opened.

use throughline_domain::{Code, Language, Role};

use super::{
    document::{self, Node, Section, Value},
    expr::Scope,
    fault::{Faults, InvalidMapping, nearest},
    fields,
    shape::{Shape, Shapes},
    spec::{Anchor, FactSpec, Lookup, Mapping, OPENED, Owner, Table},
};

const MAPPING_KEYS: [&str; 9] =
    ["version", "source", "delimiter", "decimal", "empty", "anchor", "journey", "lookups", "tables"];
const LOOKUP_KEYS: [&str; 4] = ["file", "key", "value", "where"];
const TABLE_KEYS: [&str; 10] =
    ["file", "table", "optional", "journey", "programme", "key", "where", "deleted", "recorded", "facts"];
const FACT_KEYS: [&str; 7] = ["fact", "tag", "where", "on", "eyes", "facts", "personal"];

impl Mapping {
    /// Reads a mapping and checks it as a whole; all faults are told at once, each with its line.
    pub fn parse(text: &str) -> Result<Self, InvalidMapping> {
        let mut faults = Faults::default();
        let mapping = document::read(text, &mut faults).and_then(|root| mapping(root, &mut faults));
        faults.or(mapping)
    }
}

fn mapping(mut root: Section, faults: &mut Faults) -> Option<Mapping> {
    let line = root.line;
    version(root.take("version").as_ref(), line, faults);
    let has_source = root.has("source");
    let source = root.take("source").and_then(|node| code(node, "source", faults));
    if !has_source {
        faults.add(
            line,
            "`source` names no system",
            "add `source = \"…\"`: a short name for the system the files come from",
        );
    }
    let delimiter = root.take("delimiter").map_or(Some(b','), |node| delimiter(node, faults));
    let decimal_comma = root.take("decimal").is_some_and(|node| decimal(node, faults));
    let empty = root.take("empty").map_or_else(Vec::new, |node| node.texts("empty", faults));
    let (lookup_nodes, names) = lookup_names(root.take("lookups"), faults);
    let anchor = root.take("anchor").and_then(|node| anchor(node, &names, faults));
    let (role, language) = journey(root.take("journey"), faults);
    let has_anchor = anchor.is_some();
    let lookups: Vec<Lookup> = lookup_nodes
        .into_iter()
        .filter_map(|(name, section)| lookup(name, section, &names, has_anchor, faults))
        .collect();
    let shapes = Shapes::of_catalogue();
    let sections = root.take("tables").map_or_else(Vec::new, |node| node.sections("tables", faults));
    if sections.is_empty() {
        faults.add(line, "the mapping has no tables", "add `[[tables]]` for each file");
    }
    let tables: Vec<Table> = sections
        .into_iter()
        .filter_map(|section| table(section, &names, has_anchor, &shapes, faults))
        .collect();
    same_names(&tables, faults);
    root.close("the mapping", &MAPPING_KEYS, faults);
    Some(Mapping {
        source: source?,
        delimiter: delimiter?,
        decimal_comma,
        empty: empty.into_iter().map(|(text, _)| text).collect(),
        anchor,
        role,
        language,
        lookups,
        tables,
    })
}

fn version(node: Option<&Node>, line: usize, faults: &mut Faults) {
    let line = node.map_or(line, |node| node.line);
    if !matches!(node, Some(Node { value: Value::Integer(1), .. })) {
        faults.add(
            line,
            "the mapping does not say which version of this language it is in",
            "write `version = 1`",
        );
    }
}

fn delimiter(node: Node, faults: &mut Faults) -> Option<u8> {
    let line = node.line;
    match node.text("delimiter", faults)?.as_bytes() {
        [one] if matches!(one, b',' | b';' | b'\t' | b'|') => Some(*one),
        _ => {
            faults.add(line, "`delimiter` is none of the usual", "write `,`, `;`, `|` or `\\t`");
            None
        }
    }
}

/// Whether a comma stands before the fraction of a number.
fn decimal(node: Node, faults: &mut Faults) -> bool {
    let line = node.line;
    let text = node.text("decimal", faults);
    if !matches!(text.as_deref(), None | Some("," | ".")) {
        faults.add(line, "`decimal` is neither point nor comma", "write `.` or `,`");
    }
    text.as_deref() == Some(",")
}

fn code(node: Node, what: &str, faults: &mut Faults) -> Option<Code> {
    let line = node.line;
    let text = node.text(what, faults)?;
    Code::new(&text)
        .map_err(|_| {
            faults.add(line, format!("`{text}` is no code"), "write 1 to 64 of a-z, 0-9, `-`, `.`, `_`");
        })
        .ok()
}

fn anchor(node: Node, lookups: &[String], faults: &mut Faults) -> Option<Anchor> {
    let mut section = node.section("anchor", faults)?;
    let line = section.line;
    let (date, lookup) = (section.take("date"), section.take("lookup"));
    section.close("`[anchor]`", &["date", "lookup"], faults);
    match (date, lookup) {
        (Some(Node { value: Value::Date(day), .. }), None) => Some(Anchor::Day(day)),
        (None, Some(node)) => {
            let line = node.line;
            let name = node.text("lookup", faults)?;
            let mut columns = Vec::new();
            let scope = Scope { columns: &mut columns, lookups, has_anchor: false, private: false };
            scope.lookup(&name, line, faults).map(Anchor::Lookup)
        }
        _ => {
            faults.add(
                line,
                "the anchor is not one day",
                "write `date = 2000-01-01`, or `lookup = \"…\"` for a day per client",
            );
            None
        }
    }
}

fn journey(node: Option<Node>, faults: &mut Faults) -> (Role, Language) {
    let unknown = || Language::new("und").expect("the tag for a language not known");
    let Some(mut section) = node.and_then(|node| node.section("journey", faults)) else {
        return (Role::Participant, unknown());
    };
    let role = section.take("role").and_then(|node| {
        let line = node.line;
        let text = node.text("role", faults)?;
        let role = Role::ALL.iter().copied().find(|role| role.code() == text);
        if role.is_none() {
            faults.add(
                line,
                format!("there is no role `{text}`"),
                nearest(&text, Role::ALL.iter().map(|role| role.code())),
            );
        }
        role
    });
    let language = section.take("language").and_then(|node| {
        let line = node.line;
        let text = node.text("language", faults)?;
        Language::new(&text)
            .map_err(|error| faults.add(line, error.to_string(), "write `und` where it is not known"))
            .ok()
    });
    section.close("`[journey]`", &["role", "language"], faults);
    (role.unwrap_or(Role::Participant), language.unwrap_or_else(unknown))
}

fn lookup_names(node: Option<Node>, faults: &mut Faults) -> (Vec<(String, Section)>, Vec<String>) {
    let entries =
        node.and_then(|node| node.section("lookups", faults)).map_or_else(Vec::new, |found| found.entries);
    let sections: Vec<(String, Section)> = entries
        .into_iter()
        .filter_map(|entry| Some((entry.name, entry.node.section("lookups", faults)?)))
        .collect();
    let names = sections.iter().map(|(name, _)| name.clone()).collect();
    (sections, names)
}

fn lookup(
    name: String,
    mut section: Section,
    lookups: &[String],
    has_anchor: bool,
    faults: &mut Faults,
) -> Option<Lookup> {
    let line = section.line;
    let mut columns = Vec::new();
    let mut scope = Scope { columns: &mut columns, lookups, has_anchor, private: false };
    let file = section.take("file").and_then(|node| file(node, faults));
    let key = section.take("key").map(|node| scope.columns(node, "key", faults));
    let value = section.take("value").and_then(|node| {
        let line = node.line;
        node.text("value", faults).map(|name| scope.column(&name, line))
    });
    let before = faults.len();
    let filter = section.take("where").map_or_else(Vec::new, |node| scope.conditions(node, faults));
    if filter.iter().any(|condition| condition.expr.uses_lookup()) && before == faults.len() {
        faults.add(
            line,
            format!("the lookup `{name}` looks up another"),
            "a lookup's `where` may only look at its own columns",
        );
    }
    section.close(&format!("the lookup `{name}`"), &LOOKUP_KEYS, faults);
    if file.is_none() || key.is_none() || value.is_none() {
        faults.add(line, format!("the lookup `{name}` does not say all"), "write `file`, `key` and `value`");
    }
    Some(Lookup { name, line, file: file?, key: key?, value: value?, filter, columns })
}

/// The name of a file in the directory; a path out of it is none.
fn file(node: Node, faults: &mut Faults) -> Option<String> {
    let line = node.line;
    let name = node.text("file", faults)?;
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with("..") {
        faults.add(
            line,
            format!("`{name}` is no name of a file in the directory"),
            "write the file's name alone, such as `visits.csv`",
        );
        return None;
    }
    Some(name)
}

fn table(
    mut section: Section,
    lookups: &[String],
    has_anchor: bool,
    shapes: &Shapes,
    faults: &mut Faults,
) -> Option<Table> {
    let line = section.line;
    let mut columns = Vec::new();
    let mut scope = Scope { columns: &mut columns, lookups, has_anchor, private: false };
    let file = section.take("file").and_then(|node| file(node, faults));
    let name = match (section.take("table"), &file) {
        (Some(node), _) => code(node, "table", faults),
        (None, Some(file)) => stem(file, line, faults),
        (None, None) => {
            faults.add(line, "the table has no file", "add `file = \"….csv\"`");
            None
        }
    };
    let optional = section.take("optional").and_then(|node| node.flag("optional", faults)).unwrap_or(false);
    scope.private = true;
    let person = section.take("journey").map(|node| scope.cells(node, "journey", faults).map(Owner::Person));
    let programme =
        section.take("programme").map(|node| scope.cells(node, "programme", faults).map(Owner::Programme));
    let key = section.take("key").map(|node| scope.cells(node, "key", faults));
    scope.private = false;
    let owner = match (person, programme) {
        (Some(owner), None) | (None, Some(owner)) => owner,
        _ => {
            faults.add(line, "the table does not say whose rows it has", "write `journey`, the columns of the person's key; or `programme`, for rows about a programme");
            None
        }
    };
    if key.is_none() {
        faults.add(
            line,
            "the table does not say how its rows are told apart",
            "write `key`, the columns that no two rows share; or `key = { row = \"number\" }`",
        );
    }
    let filter = section.take("where").map_or_else(Vec::new, |node| scope.conditions(node, faults));
    let deleted = section.take("deleted").map_or_else(Vec::new, |node| scope.conditions(node, faults));
    let recorded = section.take("recorded").and_then(|node| {
        let line = node.line;
        node.text("recorded", faults).map(|name| scope.column(&name, line))
    });
    let described = section.take("facts").map_or_else(Vec::new, |node| node.sections("facts", faults));
    if described.is_empty() {
        faults.add(line, "the table gives no facts", "add `[[tables.facts]]` with `fact` and `on`");
    }
    let facts: Vec<FactSpec> =
        described.into_iter().filter_map(|section| fact(section, &mut scope, shapes, faults)).collect();
    if let Some(at) = recorded {
        columns[at].dates = true;
    }
    section.close("the table", &TABLE_KEYS, faults);
    told_apart(&facts, line, faults);
    let (file, name, owner, key) = (file?, name?, owner?, key??);
    Some(Table { line, file, name, optional, owner, key, filter, deleted, recorded, facts, columns })
}

/// The table's name from its file's.
fn stem(file: &str, line: usize, faults: &mut Faults) -> Option<Code> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_ascii_lowercase();
    let name = Code::new(stem.replace([' ', '_'], "-"));
    name.map_err(|_| {
        faults.add(line, format!("`{file}` gives the table no name"), "add `table = \"…\"`, a code");
    })
    .ok()
}

fn fact(
    mut section: Section,
    scope: &mut Scope<'_>,
    shapes: &Shapes,
    faults: &mut Faults,
) -> Option<FactSpec> {
    let line = section.line;
    let Some(node) = section.take("fact") else {
        faults.add(line, "the fact has no name", "write `fact = \"throughline.….v1\"`");
        return None;
    };
    let fact_line = node.line;
    let named = node.text("fact", faults)?;
    let Some((type_name, facts_shape, personal_shape)) = shapes.get(&named) else {
        faults.add(fact_line, format!("there is no fact `{named}`"), nearest_fact(&named, shapes));
        return None;
    };
    let tag = section.take("tag").and_then(|node| code(node, "tag", faults));
    let filter = section.take("where").map_or_else(Vec::new, |node| scope.conditions(node, faults));
    let on = section.take("on").map_or_else(Vec::new, |node| scope.when(node, faults));
    if on.is_empty() {
        faults.add(
            line,
            format!("`{named}` has no day"),
            "add `on = { date = \"…\" }` or `on = { days = \"…\" }`",
        );
    }
    let eyes = section.take("eyes");
    let eyes = fields::eyes(eyes, scope, faults);
    let facts = section.take("facts");
    let facts =
        fields::members(facts, "facts", line, &told_by_journey(type_name, facts_shape), scope, faults);
    scope.private = true;
    let personal = section.take("personal");
    let personal = fields::members(personal, "personal", line, personal_shape, scope, faults);
    scope.private = false;
    section.close("the fact", &FACT_KEYS, faults);
    let tag = tag.map_or_else(String::new, |tag| tag.to_string());
    Some(FactSpec { type_name, tag, filter, on, eyes: eyes?, facts: facts?, personal: personal? })
}

/// What `[journey]` says need not be said again where a journey is opened.
fn told_by_journey(type_name: &str, shape: &Shape) -> Shape {
    let mut shape = shape.clone();
    if let (OPENED, Shape::Object(members)) = (type_name, &mut shape) {
        for member in members.iter_mut().filter(|member| matches!(member.name.as_str(), "role" | "language"))
        {
            member.required = false;
        }
    }
    shape
}

fn nearest_fact(named: &str, shapes: &Shapes) -> String {
    let short = |name: &'static str| name.trim_start_matches("throughline.").trim_end_matches(".v1");
    let ending = shapes.names().find(|name| short(name).rsplit('.').next() == Some(named));
    ending.map_or_else(
        || format!("{}; all are listed in docs/formats/events.md", nearest(named, shapes.names())),
        |name| format!("did you mean `{name}`?"),
    )
}

/// Two facts of one type in one row need a tag each, or they would share an id.
fn told_apart(facts: &[FactSpec], line: usize, faults: &mut Faults) {
    for (nth, fact) in facts.iter().enumerate() {
        let twin = |other: &FactSpec| other.type_name == fact.type_name && other.tag == fact.tag;
        if facts[..nth].iter().any(twin) {
            let problem = format!("`{}` is told twice without being told apart", fact.type_name);
            faults.add(line, problem, "give each its own `tag = \"…\"`");
        }
        if fact.type_name == OPENED && !fact.tag.is_empty() {
            faults.add(line, "a journey is opened once", "leave the `tag` of `journey-opened` out");
        }
    }
}

fn same_names(tables: &[Table], faults: &mut Faults) {
    for (nth, table) in tables.iter().enumerate() {
        if tables[..nth].iter().any(|other| other.name == table.name) {
            faults.add(
                table.line,
                format!("two tables are named `{}`", table.name),
                "give one of them its own `table = \"…\"`",
            );
        }
    }
}
