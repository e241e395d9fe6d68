//! Reading days out of a mapping: a date, a date and time, or days from an anchor.

use jiff::tz::Offset;

use super::{
    document::{Node, Section, Value},
    expr::{Scope, plain},
    fault::Faults,
    shape::Shape,
    spec::{Origin, When},
};

const WHEN_KEYS: [&str; 7] = ["date", "instant", "offset", "days", "weeks", "after", "first"];

impl Scope<'_> {
    /// When: a date, or ways to find one of which the first that gives a day holds.
    pub fn when(&mut self, node: Node, faults: &mut Faults) -> Vec<When> {
        if let Value::Date(day) = node.value {
            return vec![When::Day(day)];
        }
        node.sections("on", faults).into_iter().filter_map(|section| self.one_when(section, faults)).collect()
    }

    fn one_when(&mut self, mut section: Section, faults: &mut Faults) -> Option<When> {
        let line = section.line;
        let ways: Vec<&str> = ["date", "instant", "days", "weeks", "first"]
            .into_iter()
            .filter(|way| section.has(way))
            .collect();
        let [way] = ways[..] else {
            faults.add(
                line,
                format!("`on` says {} days", ways.len()),
                "write one of `date`, `instant`, `days`, `weeks`, `first`",
            );
            return None;
        };
        let node = section.take(way)?;
        let when = match way {
            "date" => self.date(node, faults),
            "instant" => {
                let offset = section.take("offset").and_then(|node| offset(node, faults));
                let at = node.text("instant", faults).map(|name| self.column(&name, line));
                at.map(|at| self.dates(at)).map(|at| When::Instant(at, offset.unwrap_or(Offset::UTC)))
            }
            "first" => match node.flag("first", faults) {
                Some(true) => Some(When::First),
                _ => None,
            },
            _ => self.days(node, way, &mut section, faults),
        };
        section.close("`on`", &WHEN_KEYS, faults);
        when
    }

    fn date(&mut self, node: Node, faults: &mut Faults) -> Option<When> {
        let line = node.line;
        if let Value::Date(day) = node.value {
            return Some(When::Day(day));
        }
        let at = node.text("date", faults).map(|name| self.column(&name, line))?;
        Some(When::Date(self.dates(at)))
    }

    fn dates(&mut self, at: usize) -> usize {
        self.columns[at].dates = true;
        at
    }

    fn days(&mut self, node: Node, way: &str, section: &mut Section, faults: &mut Faults) -> Option<When> {
        let line = node.line;
        if !self.has_anchor {
            faults.add(
                line,
                format!("`{way}` are counted from an anchor"),
                "add a table `[anchor]` with `date` or `lookup`",
            );
        }
        let count = match node.value {
            Value::Text(name) => Some(plain(Origin::Column(self.column(&name, line)), Shape::Number)),
            _ => self.value(node, way, &Shape::Number, faults),
        };
        let after = section.take("after").and_then(|node| self.value(node, "after", &Shape::Number, faults));
        Some(When::Days {
            count: Box::new(count?),
            unit: if way == "weeks" { 7 } else { 1 },
            after: after.map(Box::new),
        })
    }
}

fn offset(node: Node, faults: &mut Faults) -> Option<Offset> {
    let line = node.line;
    let text = node.text("offset", faults)?;
    let whole = format!("2000-01-01T00:00:00{text}");
    let offset =
        jiff::fmt::temporal::Pieces::parse(&whole).ok().and_then(|pieces| pieces.to_numeric_offset());
    if offset.is_none() {
        faults.add(line, format!("`{text}` is no offset"), "write `+02:00`, or `Z` for UTC");
    }
    offset
}
