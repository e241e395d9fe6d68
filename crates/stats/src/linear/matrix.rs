use std::ops::{Index, IndexMut};

use crate::{Error, input};

/// Numbers in rows and columns; a row for each observation where it holds data.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// A matrix from its rows. No rows, or rows without columns, are allowed.
    ///
    /// # Errors
    /// [`Error::Lengths`] for rows of differing length, [`Error::NotFinite`].
    pub fn from_rows<R: AsRef<[f64]>>(rows: &[R]) -> Result<Self, Error> {
        let columns = rows.first().map_or(0, |row| row.as_ref().len());
        let mut values = Vec::with_capacity(rows.len() * columns);
        for row in rows {
            input::as_many("values in a row", columns, row.as_ref().len())?;
            input::finite("value", row.as_ref())?;
            values.extend_from_slice(row.as_ref());
        }
        Ok(Self { rows: rows.len(), columns, values })
    }

    /// So many rows of no columns, for models with an intercept alone.
    pub fn no_columns(rows: usize) -> Self {
        Self::zero(rows, 0)
    }

    pub(crate) fn zero(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![0.0; rows * columns] }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = f64> + '_ {
        (0..self.rows).map(move |row| self[(row, column)])
    }

    /// The same with a column of ones before the others.
    pub(crate) fn with_intercept(&self) -> Self {
        let mut wider = Self::zero(self.rows, self.columns + 1);
        for row in 0..self.rows {
            wider[(row, 0)] = 1.0;
            for column in 0..self.columns {
                wider[(row, column + 1)] = self[(row, column)];
            }
        }
        wider
    }

    /// Adds `weight` times the outer product of `left` and `right`.
    pub(crate) fn add_outer(&mut self, weight: f64, left: &[f64], right: &[f64]) {
        for (row, a) in left.iter().enumerate() {
            for (column, b) in right.iter().enumerate() {
                self[(row, column)] += weight * a * b;
            }
        }
    }

    /// The product with a column of values.
    pub(crate) fn times(&self, column: &[f64]) -> Vec<f64> {
        (0..self.rows).map(|row| dot(self.row(row), column)).collect()
    }

    /// The product with a matrix.
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        let mut product = Self::zero(self.rows, other.columns);
        for row in 0..self.rows {
            for (inner, factor) in self.row(row).iter().enumerate() {
                for column in 0..other.columns {
                    product[(row, column)] += factor * other[(inner, column)];
                }
            }
        }
        product
    }
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.columns + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.columns + column]
    }
}

/// The sum of products, first to last.
pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}
