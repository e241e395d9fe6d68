//! The account of an import in full: personal, for its examples show what stood in rows.

use serde::{Deserialize, Serialize};

use crate::{Code, Text};

personal! {
    /// What an import did file by file, and what it found.
    ImportAccount {
        /// File by file, in the order they were read.
        files: Vec<ImportedFile>,
        /// Finding by finding, most rows first.
        findings: Vec<ImportFinding>,
        /// Findings left out, the smallest ones, because the account had no room for them.
        findings_left_out: Option<u32>,
        /// Examples left out, because the account had no room for them.
        examples_left_out: Option<u32>,
    }
}

/// One file of an import: every row is clean, has a warning, or was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedFile {
    /// Its name.
    pub file: Text,
    /// What became of it as a whole: `read`, `missing`, `unknown`, `unreadable`.
    pub state: Code,
    /// Rows read.
    pub rows: u64,
    /// Rows without a warning.
    pub clean: u64,
    /// Of those, rows that became part of another row's events.
    pub merged: u64,
    /// Rows with a warning.
    pub warnings: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Events written.
    pub events: u64,
    /// Columns with something in them that nobody read.
    #[serde(default)]
    pub unread: Vec<UnreadCells>,
    /// Columns the format demands that it does not have.
    #[serde(default)]
    pub columns_missing: Vec<Text>,
}

/// A column that nobody read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadCells {
    /// Its name.
    pub column: Text,
    /// Cells with something in them.
    pub cells: u64,
}

/// How often one thing was found in one column of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportFinding {
    /// The file.
    pub file: Text,
    /// The column; unset for rows as a whole.
    pub column: Option<Text>,
    /// What was found.
    pub code: Code,
    /// `warned` or `rejected`.
    pub effect: Code,
    /// In how many rows.
    pub rows: u64,
    /// The first few.
    #[serde(default)]
    pub examples: Vec<ImportExample>,
}

/// One row in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportExample {
    /// Its number as a spreadsheet shows it: the header is row 1.
    pub row: u64,
    /// What stood there. None in reports of today: a cell is of one client, and the report outlives them.
    pub value: Option<Text>,
}
