//! Reading values out of a mapping: where they come from and what becomes of them.

use super::{
    document::{Node, Section, Value},
    fault::{Faults, nearest},
    shape::Shape,
    spec::{Cells, ColumnUse, Constant, Expr, Map, Origin, Otherwise, Piece},
};

/// Keys by which a value says where it comes from; exactly one of them is there.
const ORIGINS: [&str; 7] = ["column", "lookup", "first_true", "template", "key", "row", "constant"];
/// Everything a value can say.
pub(super) const VALUE_KEYS: [&str; 14] = [
    "column",
    "lookup",
    "first_true",
    "template",
    "key",
    "row",
    "constant",
    "map",
    "otherwise",
    "default",
    "times",
    "as",
    "by",
    "where",
];

/// What expressions of one table or lookup refer to.
pub(super) struct Scope<'a> {
    pub columns: &'a mut Vec<ColumnUse>,
    pub lookups: &'a [String],
    pub has_anchor: bool,
    /// Whether what is read now must stay unsaid in reports.
    pub private: bool,
}

impl Scope<'_> {
    /// The place of a column among those the table reads.
    pub fn column(&mut self, name: &str, line: usize) -> usize {
        let known = self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        let at = known.unwrap_or_else(|| {
            self.columns.push(ColumnUse { name: name.to_owned(), line, dates: false, private: false });
            self.columns.len() - 1
        });
        self.columns[at].private |= self.private;
        at
    }

    /// Columns by a name or a list of names.
    pub fn columns(&mut self, node: Node, what: &str, faults: &mut Faults) -> Vec<usize> {
        let line = node.line;
        let names = node.texts(what, faults);
        if names.is_empty() {
            faults.add(
                line,
                format!("`{what}` names no column"),
                "write a column's name, or a list of names",
            );
        }
        names.into_iter().map(|(name, line)| self.column(&name, line)).collect()
    }

    /// Columns that name something together, or the row's number.
    pub fn cells(&mut self, node: Node, what: &str, faults: &mut Faults) -> Option<Cells> {
        if let Value::Table(mut section) = node.value {
            let row = section.take("row").and_then(|row| row.text("row", faults));
            let line = section.line;
            section.close(&format!("`{what}`"), &["row"], faults);
            if row.as_deref() != Some("number") {
                faults.add(
                    line,
                    format!("`{what}` is a table"),
                    "write a column's name, a list of names, or `{ row = \"number\" }`",
                );
                return None;
            }
            return Some(Cells::RowNumber);
        }
        Some(Cells::Columns(self.columns(node, what, faults)))
    }

    /// A value: a constant as it stands, or a table that says where it comes from.
    pub fn value(&mut self, node: Node, what: &str, shape: &Shape, faults: &mut Faults) -> Option<Expr> {
        let line = node.line;
        match node.value {
            Value::Table(section) => {
                let mut section = section;
                let expr = self.described(&mut section, line, what, shape, faults);
                section.close(&format!("the value of `{what}`"), &VALUE_KEYS, faults);
                expr
            }
            _ => Some(plain(Origin::Constant(constant(node, what, faults)?), shape.clone())),
        }
    }

    /// A value described by a table; keys that are none of a value's stay in it.
    pub fn described(
        &mut self,
        section: &mut Section,
        line: usize,
        what: &str,
        shape: &Shape,
        faults: &mut Faults,
    ) -> Option<Expr> {
        let said: Vec<&str> = ORIGINS.into_iter().filter(|name| section.has(name)).collect();
        let [origin_name] = said[..] else {
            let problem = format!("the value of `{what}` says where it comes from {} times", said.len());
            let hint = format!("write one of {}", ORIGINS.map(|name| format!("`{name}`")).join(", "));
            faults.add(line, problem, hint);
            return None;
        };
        let node = section.take(origin_name)?;
        let origin = self.origin(origin_name, node, section, faults);
        let map = section.take("map").and_then(|map| map_of(map, section, faults));
        let default = section.take("default").and_then(|node| constant(node, "default", faults));
        let times = section.take("times").and_then(|node| number(node, "times", faults));
        let filter = section.take("where").map_or_else(Vec::new, |node| self.conditions(node, faults));
        let told = section.take("as").and_then(|node| as_shape(node, faults));
        let shape = match (shape, told) {
            (Shape::Any, Some(told)) => told,
            (shape, Some(told)) if *shape != told => {
                faults.add(
                    line,
                    format!("`{what}` cannot be told `as` something else"),
                    "leave `as` out: the fact says what the field holds",
                );
                shape.clone()
            }
            (shape, _) => shape.clone(),
        };
        let origin = origin?;
        let told_apart = matches!(
            origin,
            Origin::Constant(_) | Origin::FirstTrue(_) | Origin::Template(_) | Origin::Key(_)
        );
        if shape == Shape::Any && !told_apart && map.is_none() {
            faults.add(
                line,
                format!("`{what}` can hold a code, a number or a flag"),
                "add `as = \"code\"`, `as = \"number\"` or `as = \"flag\"`",
            );
        }
        Some(Expr { origin, map, default, times, filter, shape })
    }

    fn origin(
        &mut self,
        name: &str,
        node: Node,
        section: &mut Section,
        faults: &mut Faults,
    ) -> Option<Origin> {
        let line = node.line;
        Some(match name {
            "column" => Origin::Column(self.column(&node.text(name, faults)?, line)),
            "lookup" => {
                let by = section.take("by").map(|by| self.columns(by, "by", faults));
                Origin::Lookup { lookup: self.lookup(&node.text(name, faults)?, line, faults)?, by }
            }
            "first_true" => Origin::FirstTrue(self.choices(node, faults)?),
            "template" => Origin::Template(self.template(&node.text(name, faults)?, line, faults)?),
            "key" => Origin::Key(self.columns(node, name, faults)),
            "row" => {
                if node.text(name, faults)? == "number" {
                    return Some(Origin::RowNumber);
                }
                faults.add(line, "`row` is not `number`", "write `row = \"number\"`");
                return None;
            }
            _ => Origin::Constant(constant(node, name, faults)?),
        })
    }

    /// The place of a lookup among the mapping's.
    pub fn lookup(&self, name: &str, line: usize, faults: &mut Faults) -> Option<usize> {
        let found = self.lookups.iter().position(|known| known == name);
        if found.is_none() {
            let hint = if self.lookups.is_empty() {
                format!("add a table `[lookups.{name}]`")
            } else {
                nearest(name, self.lookups.iter().map(String::as_str))
            };
            faults.add(line, format!("there is no lookup `{name}`"), hint);
        }
        found
    }

    fn choices(&mut self, node: Node, faults: &mut Faults) -> Option<Vec<(usize, Constant)>> {
        let hint = "write pairs of a column and what it stands for: `[[\"is_ill\", \"illness\"], …]`";
        let line = node.line;
        let Value::List(pairs) = node.value else {
            faults.add(line, "`first_true` is no list", hint);
            return None;
        };
        let mut choices = Vec::new();
        for pair in pairs {
            let line = pair.line;
            let two = match pair.value {
                Value::List(two) => <[Node; 2]>::try_from(two).ok(),
                _ => None,
            };
            let Some([column, meaning]) = two else {
                faults.add(line, "a choice of `first_true` is no pair", hint);
                continue;
            };
            let column = column.text("first_true", faults).map(|name| self.column(&name, line));
            choices.extend(column.zip(constant(meaning, "first_true", faults)));
        }
        Some(choices)
    }

    /// A text with cells in it: `week {week}`; `{{` and `}}` stand for braces.
    pub fn template(&mut self, text: &str, line: usize, faults: &mut Faults) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                words.push_str(brace);
                rest = after;
                continue;
            }
            let Some((column, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                faults.add(
                    line,
                    format!("`{text}` has a brace without its other half"),
                    "write `{column}`, and `{{` for a brace itself",
                );
                return None;
            };
            if !words.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Column(self.column(column.trim(), line)));
            rest = after;
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Text(words));
        }
        Some(pieces)
    }
}

/// A value without anything beside its origin.
pub(super) const fn plain(origin: Origin, shape: Shape) -> Expr {
    Expr { origin, map: None, default: None, times: None, filter: Vec::new(), shape }
}

/// A constant, or a fault.
pub(super) fn constant(node: Node, what: &str, faults: &mut Faults) -> Option<Constant> {
    Some(match node.value {
        Value::Text(text) => Constant::Text(text),
        #[allow(clippy::cast_precision_loss, reason = "numbers of a mapping are far below 2^53")]
        Value::Integer(number) => Constant::Number(number as f64),
        Value::Number(number) => Constant::Number(number),
        Value::Flag(flag) => Constant::Flag(flag),
        Value::Date(day) => Constant::Text(day.to_string()),
        Value::List(_) | Value::Table(_) | Value::Other => {
            faults.add(
                node.line,
                format!("`{what}` is {}", node.kind()),
                "write a text, a number, or true or false",
            );
            return None;
        }
    })
}

pub(super) fn constants(node: Node, what: &str, faults: &mut Faults) -> Vec<Constant> {
    match node.value {
        Value::List(items) => items.into_iter().filter_map(|item| constant(item, what, faults)).collect(),
        _ => constant(node, what, faults).into_iter().collect(),
    }
}

fn number(node: Node, what: &str, faults: &mut Faults) -> Option<f64> {
    let line = node.line;
    let constant = constant(node, what, faults)?;
    if let Constant::Number(number) = constant {
        return Some(number);
    }
    faults.add(line, format!("`{what}` is no number"), "write a number");
    None
}

fn map_of(node: Node, section: &mut Section, faults: &mut Faults) -> Option<Map> {
    let otherwise = match section.take("otherwise") {
        None => Otherwise::Find,
        Some(node) => {
            let line = node.line;
            match node.text("otherwise", faults)?.as_str() {
                "keep" => Otherwise::Keep,
                "leave-out" => Otherwise::LeaveOut,
                "report" => Otherwise::Find,
                other => {
                    faults.add(
                        line,
                        format!("`otherwise` is `{other}`"),
                        nearest(other, ["report", "keep", "leave-out"]),
                    );
                    return None;
                }
            }
        }
    };
    let entries = node.section("map", faults)?.entries;
    let pairs = entries
        .into_iter()
        .filter_map(|entry| Some((entry.name, constant(entry.node, "map", faults)?)))
        .collect();
    Some(Map { pairs, otherwise })
}

fn as_shape(node: Node, faults: &mut Faults) -> Option<Shape> {
    let line = node.line;
    match node.text("as", faults)?.as_str() {
        "code" => Some(Shape::Code),
        "number" => Some(Shape::Number),
        "flag" => Some(Shape::Flag),
        other => {
            faults.add(line, format!("`as` is `{other}`"), nearest(other, ["code", "number", "flag"]));
            None
        }
    }
}
