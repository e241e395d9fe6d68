//! Reading a fact's fields out of a mapping, along the shape that the catalogue gives the fact.

use throughline_domain::Eyes;

use super::{
    document::{Entry, Node, Section, Value},
    expr::{Scope, constant, plain},
    fault::{Faults, nearest},
    shape::{Member, Shape},
    spec::{Constant, Expr, Field, Name, Origin, Piece},
};

/// The fields of one part of a fact.
pub(super) fn members(
    node: Option<Node>,
    part: &str,
    line: usize,
    shape: &Shape,
    scope: &mut Scope<'_>,
    faults: &mut Faults,
) -> Option<Vec<(Name, Field)>> {
    let Shape::Object(shapes) = shape else { return Some(Vec::new()) };
    let section = match node {
        None => Section { line, entries: Vec::new() },
        Some(node) => node.section(part, faults)?,
    };
    Some(object(section, part, shapes, scope, faults))
}

/// Through whose eyes: staff's unless the mapping says otherwise.
pub(super) fn eyes(node: Option<Node>, scope: &mut Scope<'_>, faults: &mut Faults) -> Option<Expr> {
    let choices = Eyes::ALL.iter().map(|eyes| eyes.code().to_owned()).collect();
    let shape = Shape::Choice(choices);
    match node {
        None => Some(plain(Origin::Constant(Constant::Text(Eyes::Staff.code().to_owned())), shape)),
        Some(node) => checked(node, "eyes", &shape, scope, faults),
    }
}

fn object(
    section: Section,
    what: &str,
    shapes: &[Member],
    scope: &mut Scope<'_>,
    faults: &mut Faults,
) -> Vec<(Name, Field)> {
    let line = section.line;
    let before = faults.len();
    let mut members = Vec::new();
    for Entry { name, line, node } in section.entries {
        let Some(shape) = shapes.iter().find(|shape| shape.name == name) else {
            let hint = nearest(&name, shapes.iter().map(|shape| shape.name.as_str()));
            faults.add(line, format!("`{what}` has no field `{name}`"), hint);
            continue;
        };
        let field = field(node, &name, &shape.shape, shape.required, scope, faults);
        members.extend(field.map(|field| (Name::Fixed(name), field)));
    }
    for shape in shapes.iter().filter(|shape| shape.required) {
        let told = |(name, _): &(Name, Field)| matches!(name, Name::Fixed(name) if *name == shape.name);
        if !members.iter().any(told) && before == faults.len() {
            let problem = format!("`{what}` cannot do without `{}`", shape.name);
            faults.add(line, problem, format!("add `{} = …`", shape.name));
        }
    }
    members
}

fn field(
    node: Node,
    what: &str,
    shape: &Shape,
    required: bool,
    scope: &mut Scope<'_>,
    faults: &mut Faults,
) -> Option<Field> {
    match shape {
        Shape::Object(shapes) => {
            let members = object(node.section(what, faults)?, what, shapes, scope, faults);
            Some(Field::Object { members, required })
        }
        Shape::Attributes => {
            let section = node.section(what, faults)?;
            let members = attributes(section, scope, faults);
            Some(Field::Object { members, required: false })
        }
        Shape::List(inner) => {
            let line = node.line;
            let Value::List(items) = node.value else {
                faults.add(line, format!("`{what}` is {}", node.kind()), "write a list: `[ … ]`");
                return None;
            };
            let fields =
                items.into_iter().filter_map(|item| field(item, what, inner, false, scope, faults)).collect();
            Some(Field::List(fields))
        }
        _ => Some(Field::Leaf { expr: checked(node, what, shape, scope, faults)?, required }),
    }
}

fn attributes(section: Section, scope: &mut Scope<'_>, faults: &mut Faults) -> Vec<(Name, Field)> {
    let mut members = Vec::new();
    for Entry { name, line, node } in section.entries {
        let pieces = scope.template(&name, line, faults);
        let made = match pieces {
            Some(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Column(_))) => {
                Name::Made(pieces)
            }
            Some(_) if throughline_domain::Code::new(&name).is_err() => {
                faults.add(line, format!("`{name}` is no code"), "write 1 to 64 of a-z, 0-9, `-`, `.`, `_`");
                continue;
            }
            Some(_) => Name::Fixed(name.clone()),
            None => continue,
        };
        let expr = checked(node, &name, &Shape::Any, scope, faults);
        members.extend(expr.map(|expr| (made, Field::Leaf { expr, required: false })));
    }
    members
}

/// A value whose constants fit what the fact takes.
fn checked(
    node: Node,
    what: &str,
    shape: &Shape,
    scope: &mut Scope<'_>,
    faults: &mut Faults,
) -> Option<Expr> {
    let line = node.line;
    if let (Shape::Choice(choices), Value::Text(text)) = (shape, &node.value)
        && !choices.contains(text)
    {
        let hint = nearest(text, choices.iter().map(String::as_str));
        faults.add(line, format!("`{what}` cannot be `{text}`"), hint);
        return None;
    }
    if !matches!(node.value, Value::Table(_)) {
        let constant = constant(node, what, faults)?;
        fits(&constant, what, line, shape, faults);
        return Some(plain(Origin::Constant(constant), shape.clone()));
    }
    let expr = scope.value(node, what, shape, faults)?;
    for constant in expr.constants() {
        fits(constant, what, line, &expr.shape, faults);
    }
    Some(expr)
}

/// Whether a constant is what the field takes, said where it is not.
fn fits(constant: &Constant, what: &str, line: usize, shape: &Shape, faults: &mut Faults) {
    use throughline_domain::{Code, Key, Language};
    let problem = match (constant, shape) {
        (Constant::Text(text), Shape::Code | Shape::Any) => {
            Code::new(text).err().map(|error| error.to_string())
        }
        (Constant::Text(text), Shape::Key) => Key::new(text).err().map(|error| error.to_string()),
        (Constant::Text(text), Shape::Language) => Language::new(text).err().map(|error| error.to_string()),
        (Constant::Text(text), Shape::Choice(choices)) if !choices.contains(text) => Some(format!(
            "`{what}` cannot be `{text}`: {}",
            nearest(text, choices.iter().map(String::as_str))
        )),
        (Constant::Text(text), Shape::Date) if text.parse::<jiff::civil::Date>().is_err() => {
            Some(format!("`{text}` is no date"))
        }
        (Constant::Text(_), Shape::Integer | Shape::Number | Shape::Flag)
        | (Constant::Flag(_), Shape::Integer | Shape::Number | Shape::Code | Shape::Key | Shape::Choice(_))
        | (Constant::Number(_), Shape::Flag | Shape::Choice(_) | Shape::Date) => {
            Some(format!("`{what}` does not take this kind of value"))
        }
        (Constant::Number(number), Shape::Integer) if number.fract() != 0.0 => {
            Some(format!("`{what}` is a whole number"))
        }
        _ => None,
    };
    if let Some(problem) = problem {
        faults.add(line, problem, "see docs/formats/events.md for what the fact takes");
    }
}

impl Expr {
    /// The values written in the mapping that can come out of it as they are.
    fn constants(&self) -> impl Iterator<Item = &Constant> {
        let of_origin = match &self.origin {
            Origin::Constant(constant) if self.map.is_none() => Some(constant),
            _ => None,
        };
        let choices: &[(usize, Constant)] = match &self.origin {
            Origin::FirstTrue(choices) if self.map.is_none() => choices,
            _ => &[],
        };
        let mapped = self.map.iter().flat_map(|map| map.pairs.iter().map(|(_, constant)| constant));
        of_origin
            .into_iter()
            .chain(choices.iter().map(|(_, constant)| constant))
            .chain(mapped)
            .chain(&self.default)
    }

    /// The column it comes from, where it comes from one.
    pub(super) const fn column(&self) -> Option<usize> {
        match self.origin {
            Origin::Column(column) => Some(column),
            _ => None,
        }
    }

    /// Whether it or a condition of it needs a lookup.
    pub(super) fn uses_lookup(&self) -> bool {
        matches!(self.origin, Origin::Lookup { .. })
            || self.filter.iter().any(|condition| condition.expr.uses_lookup())
    }
}
