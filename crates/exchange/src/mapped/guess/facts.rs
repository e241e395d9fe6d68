//! The facts that rows of a file could be, each complete, to choose from.

use std::fmt::Write as _;

use super::{
    super::cell::slug,
    column::{Column, Kind},
    file::Looked,
    quoted,
};

/// Where no column looks like a day; the mapping is refused until one is chosen.
const NO_DAY: &str = "{ date = \"CHOOSE the column of the day\" }";

/// Writes the likely facts, each line behind `#: `.
pub(super) fn propose(text: &mut String, file: &Looked) {
    let mut blocks = Vec::new();
    if file.lists_persons() || file.person.is_none() {
        blocks.push(("A person begins; everything is known of them from here.", opened(file)));
    }
    blocks.push(("The client was asked about their surroundings.", intake(file)));
    if !file.lists_persons() {
        blocks.push(("Somebody looked how it goes.", check_in(file)));
        blocks.push(("A service was given.", service(file)));
        blocks.push(("A step was reached.", milestone(file)));
    }
    blocks.push(("Something was measured; one fact for each column.", measured(file)));
    for (said, block) in blocks {
        if block.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n# {said}");
        for line in block.lines() {
            let _ = writeln!(text, "#: {line}");
        }
    }
}

fn day(file: &Looked, first: bool) -> String {
    let dates = |kind: Kind| {
        file.telling().find(|column| column.kind() == kind && !column.is_named(&["birth", "dob", "born"]))
    };
    if let Some(column) = dates(Kind::Date) {
        return format!("{{ date = {} }}", quoted(&column.name));
    }
    if let Some(column) = dates(Kind::Days) {
        let unit = if column.is_named(&["week", "weeks"]) { "weeks" } else { "days" };
        return format!("{{ {unit} = {} }}", quoted(&column.name));
    }
    if first { "{ first = true }".to_owned() } else { NO_DAY.to_owned() }
}

fn head(fact: &str, on: &str) -> String {
    format!("[[tables.facts]]\nfact = \"throughline.{fact}.v1\"\non = {on}\n")
}

fn opened(file: &Looked) -> String {
    let mut block = head("intake.journey-opened", &day(file, true));
    block.push_str(&attributes(file));
    block.push_str(&identity(file));
    block
}

fn intake(file: &Looked) -> String {
    let attributes = attributes(file);
    if attributes.is_empty() {
        return String::new();
    }
    head("intake.intake-held", &day(file, false)) + &attributes
}

fn check_in(file: &Looked) -> String {
    let mut block = head("check-in.check-in-held", &day(file, false));
    block.push_str("facts = { format = \"unknown\", begun_by = \"staff\", exchange = \"two-way\" }\n");
    block.push_str(&note(file));
    block
}

fn service(file: &Looked) -> String {
    let mut block = head("transaction.service-delivered", &day(file, false));
    block.push_str("[tables.facts.facts]\nlife_area = \"other\"\nformat = \"unknown\"\n");
    let codes =
        |words: &[&str]| file.telling().find(|column| column.kind() == Kind::Code && column.is_named(words));
    let service = codes(&["service", "type", "kind", "what", "activity"])
        .or_else(|| file.telling().find(|column| column.kind() == Kind::Code));
    match service {
        Some(column) => {
            let _ = writeln!(block, "service = {{ column = {}, default = \"other\" }}", quoted(&column.name));
        }
        None => block.push_str("service = \"other\"\n"),
    }
    if let Some(column) = file
        .telling()
        .find(|column| column.kind() == Kind::Number && column.is_named(&["minutes", "mins", "duration"]))
    {
        let _ = writeln!(block, "minutes = {{ column = {} }}", quoted(&column.name));
    }
    block.push_str(&note(file));
    block
}

fn milestone(file: &Looked) -> String {
    let Some(column) = file.telling().find(|column| column.kind() == Kind::Code) else {
        return String::new();
    };
    let milestone =
        format!("facts.milestone = {{ column = {}, default = \"other\" }}\n", quoted(&column.name));
    head("milestone.milestone-reached", &day(file, false)) + &milestone
}

fn measured(file: &Looked) -> String {
    let mut block = String::new();
    for (column, name, kind) in coded(file) {
        if !block.is_empty() {
            block.push('\n');
        }
        block.push_str(&head("milestone.indicator-measured", &day(file, false)));
        let _ = writeln!(block, "tag = {}", quoted(&name));
        let _ = writeln!(block, "where = [{{ column = {}, filled = true }}]", quoted(&column.name));
        let value = format!("{{ column = {}, as = \"{kind}\" }}", quoted(&column.name));
        let _ = writeln!(block, "facts = {{ indicator = {}, value = {value} }}", quoted(&name));
    }
    block
}

fn attributes(file: &Looked) -> String {
    let mut block = String::new();
    for (column, name, kind) in coded(file) {
        if block.is_empty() {
            block.push_str("[tables.facts.facts.attributes]\n");
        }
        let _ =
            writeln!(block, "{} = {{ column = {}, as = \"{kind}\" }}", quoted(&name), quoted(&column.name));
    }
    block
}

/// Columns that can be told in codes, each under a name of its own.
fn coded(file: &Looked) -> Vec<(&Column, String, &'static str)> {
    let mut told: Vec<(&Column, String, &'static str)> = Vec::new();
    for column in file.telling() {
        let kind = match column.kind() {
            Kind::Flag => "flag",
            Kind::Number => "number",
            Kind::Code if !column.is_named(&["name", "first", "last", "surname"]) => "code",
            _ => continue,
        };
        let Some(name) = slug(&column.name) else { continue };
        let is_key = file.key.len() == 1 && file.columns[file.key[0]].name == column.name;
        let personal = column.is_named(&["phone", "mobile", "email", "ssn", "address"]);
        if !is_key && !personal && told.iter().all(|(_, known, _)| *known != name) {
            told.push((column, name, kind));
        }
    }
    told
}

fn identity(file: &Looked) -> String {
    let named = |words: &[&str]| {
        file.telling().find(|column| column.is_named(words) && !column.name.contains(['{', '}']))
    };
    let mut lines = String::new();
    let first = named(&["first", "firstname", "forename"]);
    let last = named(&["last", "lastname", "surname"]);
    match (first, last, named(&["name"])) {
        (Some(first), Some(last), _) if first.name != last.name => {
            let template = format!("{{{}}} {{{}}}", first.name, last.name);
            let _ = writeln!(lines, "name = {{ template = {} }}", quoted(&template));
        }
        (_, _, Some(name)) => {
            let _ = writeln!(lines, "name = {{ column = {} }}", quoted(&name.name));
        }
        _ => {}
    }
    if let Some(born) =
        named(&["birth", "dob", "born", "dateofbirth"]).filter(|column| column.kind() == Kind::Date)
    {
        let _ = writeln!(lines, "born = {{ column = {} }}", quoted(&born.name));
    }
    let mut contacts = Vec::new();
    for (kind, words) in [
        ("phone", &["phone", "mobile", "tel", "cell"][..]),
        ("email", &["email", "mail"]),
        ("address", &["address"]),
    ] {
        if let Some(column) = named(words) {
            contacts
                .push(format!("{{ kind = \"{kind}\", value = {{ column = {} }} }}", quoted(&column.name)));
        }
    }
    if !contacts.is_empty() {
        let _ = writeln!(lines, "contacts = [{}]", contacts.join(", "));
    }
    if lines.is_empty() { lines } else { format!("[tables.facts.personal]\n{lines}") }
}

fn note(file: &Looked) -> String {
    let words = file.telling().find(|column| column.kind() == Kind::Text);
    words.map_or_else(String::new, |column| {
        format!("[tables.facts.personal]\nnote = {{ column = {} }}\n", quoted(&column.name))
    })
}
