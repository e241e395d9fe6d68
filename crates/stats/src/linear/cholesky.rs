use crate::Error;

use super::Matrix;

/// A symmetrical, positive definite matrix as a triangle times its transpose.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    lower: Matrix,
}

/// A pivot this small beside its diagonal is rounding: the column follows from those before it.
const PIVOT_SHARE_MIN: f64 = 1e-11;

impl Cholesky {
    /// Takes the matrix apart.
    ///
    /// # Errors
    /// [`Error::Singular`] with the first column that follows from the ones before it.
    pub(crate) fn of(matrix: &Matrix) -> Result<Self, Error> {
        let size = matrix.rows();
        let mut lower = Matrix::zero(size, size);
        for column in 0..size {
            let squares: f64 = lower.row(column)[..column].iter().map(|value| value * value).sum();
            let pivot = matrix[(column, column)] - squares;
            // Written so that a pivot that is not a number is refused too.
            let adds = pivot > PIVOT_SHARE_MIN * matrix[(column, column)] && pivot.is_finite();
            if !adds {
                return Err(Error::Singular { covariate: column });
            }
            let root = pivot.sqrt();
            lower[(column, column)] = root;
            for row in column + 1..size {
                let shared: f64 = super::dot(&lower.row(row)[..column], &lower.row(column)[..column]);
                lower[(row, column)] = (matrix[(row, column)] - shared) / root;
            }
        }
        Ok(Self { lower })
    }

    /// The column that the matrix takes to `right`.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.lower.rows();
        let mut column = right.to_vec();
        for row in 0..size {
            let known = super::dot(&self.lower.row(row)[..row], &column[..row]);
            column[row] = (column[row] - known) / self.lower[(row, row)];
        }
        for row in (0..size).rev() {
            let known: f64 = (row + 1..size).map(|below| self.lower[(below, row)] * column[below]).sum();
            column[row] = (column[row] - known) / self.lower[(row, row)];
        }
        column
    }

    /// The inverse.
    pub(crate) fn inverse(&self) -> Matrix {
        let size = self.lower.rows();
        let mut inverse = Matrix::zero(size, size);
        for column in 0..size {
            let mut unit = vec![0.0; size];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[(row, column)] = value;
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solving_gives_back_what_was_multiplied() {
        let matrix = Matrix::from_rows(&[[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]]).unwrap();
        let cholesky = Cholesky::of(&matrix).unwrap();
        let solved = cholesky.solve(&matrix.times(&[1.0, -2.0, 3.0]));
        for (value, expected) in solved.iter().zip([1.0, -2.0, 3.0]) {
            assert!((value - expected).abs() < 1e-14);
        }
        let unit = matrix.multiply(&cholesky.inverse());
        assert!((unit[(1, 1)] - 1.0).abs() < 1e-14 && unit[(0, 2)].abs() < 1e-14);
    }

    #[test]
    fn a_column_that_adds_nothing_is_named() {
        let matrix = Matrix::from_rows(&[[1.0, 2.0], [2.0, 4.0]]).unwrap();
        assert_eq!(Cholesky::of(&matrix).unwrap_err(), Error::Singular { covariate: 1 });
    }
}
