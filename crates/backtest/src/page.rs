//! A report laid out: words, tables, and figures drawn from tables. Every rendering starts from a page whose small
//! counts are withheld ([`crate::privacy`]), so that none says more than another.
//!
//! Words never hold a count of people: a count stands in a table, where it can be withheld.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, SchemaType, Type},
    },
};

/// A report, laid out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[schema(as = backtest::Page)]
pub struct Page {
    /// What was asked.
    pub title: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[schema(as = backtest::Section)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What is said in words, a paragraph each.
    pub words: Vec<String>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Its figures, each drawn from a table of the same section.
    pub figures: Vec<Figure>,
}

/// A table. Its name is the name of its CSV file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[schema(as = backtest::Table)]
pub struct Table {
    /// Lower case, with hyphens: `survival-by-arm`.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count of people: withheld where it is small.
    Count(u64),
    /// One person, by pseudonym. Rows that say the same of different people stand together, and go together where they are
    /// few.
    Person(String),
    /// A number that is no count of people. It is withheld with the counts of its row, unless it stands in the first
    /// column or along the `x` of a figure.
    Number(f64),
    /// A share of people: withheld where its count, or the rest, is.
    Share(Share),
    /// Withheld, for it is small or would tell one that is. Which of the two is not said, for that would tell too.
    Withheld(Withheld),
    /// Nothing there.
    Empty(()),
}

/// A share of people. Shown as a number between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// The share; none of nobody.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }
}

impl Serialize for Share {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

// Which kind of text or number it is cannot be told from the JSON, so its schema names what JSON has.
impl PartialSchema for Cell {
    fn schema() -> RefOr<Schema> {
        let about = "A text, a number, `withheld` for what is small or would tell what is, or nothing";
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Number, Type::Null]))
            .description(Some(about))
            .into()
    }
}

impl ToSchema for Cell {
    fn name() -> Cow<'static, str> {
        "backtest.Cell".into()
    }
}

/// What stands in place of what is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Withheld {
    /// The word itself.
    Withheld,
}

impl Cell {
    /// A cell that is withheld.
    pub const WITHHELD: Self = Self::Withheld(Withheld::Withheld);
    /// A cell with nothing in it.
    pub const EMPTY: Self = Self::Empty(());

    /// A share of people.
    pub fn share(count: u64, of: u64) -> Self {
        Self::Share(Share { count, of })
    }
}

/// A drawing of a table.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = backtest::Figure)]
pub struct Figure {
    /// The table it draws.
    pub table: String,
    /// What it shows.
    pub caption: String,
    /// How.
    pub form: Form,
}

/// How a table is drawn. Columns are named.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
#[schema(as = backtest::Form)]
pub enum Form {
    /// Curves that stay level and fall in steps, one for each value of `series`, with a band where there is one.
    Steps {
        /// Along.
        x: String,
        /// Up.
        y: String,
        /// Lower and upper edge of the band.
        band: Option<(String, String)>,
        /// One curve for each of its values.
        series: Option<String>,
    },
    /// Points joined by lines.
    Lines {
        /// Along.
        x: String,
        /// Up.
        y: String,
        /// One line for each of its values.
        series: Option<String>,
    },
    /// One bar a row.
    Bars {
        /// The name of a bar.
        label: String,
        /// Its length.
        value: String,
    },
    /// One estimate with its interval a row, around a line of no difference.
    Intervals {
        /// The name of an estimate.
        label: String,
        /// The estimate.
        value: String,
        /// The interval's ends.
        ends: (String, String),
        /// Where there is no difference.
        none: f64,
    },
}
