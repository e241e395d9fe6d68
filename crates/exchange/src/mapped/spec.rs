//! A mapping as it was understood: which files, whose rows, which facts, from which cells. Nothing here reads a file.

use jiff::{civil::Date, tz::Offset};
use throughline_domain::{Code, Language, Role};

use super::shape::Shape;

/// How the files of one source become facts. Made by [`Mapping::parse`].
#[derive(Debug)]
pub struct Mapping {
    pub(super) source: Code,
    pub(super) delimiter: u8,
    /// Whether a comma stands before the fraction of a number.
    pub(super) decimal_comma: bool,
    /// Cells that say nothing, beside the empty one.
    pub(super) empty: Vec<String>,
    pub(super) anchor: Option<Anchor>,
    pub(super) role: Role,
    pub(super) language: Language,
    pub(super) lookups: Vec<Lookup>,
    pub(super) tables: Vec<Table>,
}

/// The day that days are counted from.
#[derive(Debug)]
pub(super) enum Anchor {
    Day(Date),
    /// A lookup that gives each journey its own.
    Lookup(usize),
}

/// A value for each key, read beforehand and held.
#[derive(Debug)]
pub(super) struct Lookup {
    pub name: String,
    pub line: usize,
    pub file: String,
    pub key: Vec<usize>,
    pub value: usize,
    pub filter: Vec<Condition>,
    pub columns: Vec<ColumnUse>,
}

/// One file of rows.
#[derive(Debug)]
pub(super) struct Table {
    pub line: usize,
    pub file: String,
    /// Its name in ids and sources.
    pub name: Code,
    pub optional: bool,
    pub owner: Owner,
    pub key: Cells,
    pub filter: Vec<Condition>,
    pub deleted: Vec<Condition>,
    pub recorded: Option<usize>,
    pub facts: Vec<FactSpec>,
    pub columns: Vec<ColumnUse>,
}

/// Whose rows they are.
#[derive(Debug)]
pub(super) enum Owner {
    /// A person, by the key the source knows them by.
    Person(Cells),
    /// A programme, on its own stream.
    Programme(Cells),
}

impl Owner {
    pub const fn cells(&self) -> &Cells {
        match self {
            Self::Person(cells) | Self::Programme(cells) => cells,
        }
    }
}

/// Cells that name something together.
#[derive(Debug)]
pub(super) enum Cells {
    Columns(Vec<usize>),
    RowNumber,
}

impl Cells {
    /// The columns, none for the row's number.
    pub fn columns(&self) -> &[usize] {
        match self {
            Self::Columns(columns) => columns,
            Self::RowNumber => &[],
        }
    }
}

/// A column that a table or lookup reads.
#[derive(Debug)]
pub(super) struct ColumnUse {
    pub name: String,
    pub line: usize,
    /// Whether dates stand in it.
    pub dates: bool,
    /// Whether what stands in it must stay unsaid in reports.
    pub private: bool,
}

/// One fact of a row.
#[derive(Debug)]
pub(super) struct FactSpec {
    pub type_name: &'static str,
    /// What tells it apart from other facts of its type in the same row.
    pub tag: String,
    pub filter: Vec<Condition>,
    pub on: Vec<When>,
    pub eyes: Expr,
    pub facts: Vec<(Name, Field)>,
    pub personal: Vec<(Name, Field)>,
}

impl FactSpec {
    /// Whether it opens the journey.
    pub fn opens(&self) -> bool {
        self.type_name == OPENED
    }
}

/// The fact that opens a journey.
pub(super) const OPENED: &str = "throughline.intake.journey-opened.v1";

/// When a fact happened.
#[derive(Debug)]
pub(super) enum When {
    /// The date in a column.
    Date(usize),
    /// The date and time in a column, and the offset where it does not say one.
    Instant(usize, Offset),
    /// So many units of days after the anchor, and after as many days more.
    Days { count: Box<Expr>, unit: i64, after: Option<Box<Expr>> },
    /// One day for all.
    Day(Date),
    /// The journey's first day in any table.
    First,
}

/// The name of a field.
#[derive(Debug)]
pub(super) enum Name {
    Fixed(String),
    /// Of an attribute, put together from cells.
    Made(Vec<Piece>),
}

/// What a field holds.
#[derive(Debug)]
pub(super) enum Field {
    Leaf { expr: Expr, required: bool },
    Object { members: Vec<(Name, Self)>, required: bool },
    List(Vec<Self>),
}

/// One value of a row.
#[derive(Debug)]
pub(super) struct Expr {
    pub origin: Origin,
    pub map: Option<Map>,
    pub default: Option<Constant>,
    pub times: Option<f64>,
    /// The value is only there where these hold.
    pub filter: Vec<Condition>,
    /// What it must become.
    pub shape: Shape,
}

/// Where a value comes from.
#[derive(Debug)]
pub(super) enum Origin {
    Constant(Constant),
    Column(usize),
    Lookup {
        lookup: usize,
        by: Option<Vec<usize>>,
    },
    FirstTrue(Vec<(usize, Constant)>),
    Template(Vec<Piece>),
    /// A name derived from cells that does not say what stands in them.
    Key(Vec<usize>),
    RowNumber,
}

/// What cells stand for.
#[derive(Debug)]
pub(super) struct Map {
    pub pairs: Vec<(String, Constant)>,
    pub otherwise: Otherwise,
}

/// What becomes of a cell that the map has no word for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// It is a finding.
    Find,
    /// It stands for itself.
    Keep,
    /// It says nothing.
    LeaveOut,
}

/// A value written in the mapping.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Constant {
    Text(String),
    Number(f64),
    Flag(bool),
}

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Column(usize),
}

/// What must hold of a row.
#[derive(Debug)]
pub(super) struct Condition {
    pub expr: Expr,
    pub tests: Vec<Test>,
}

/// What must hold of a value.
#[derive(Debug)]
pub(super) enum Test {
    Is(Vec<Constant>),
    Not(Vec<Constant>),
    Filled(bool),
    Compare(Comparison, Expr),
}

/// How two values must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}
