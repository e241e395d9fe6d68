use crate::Error;

use super::Matrix;

/// A tall matrix as orthonormal columns times a triangle, by modified Gram-Schmidt done twice ("twice is enough",
/// Giraud and others 2005): as exact as Householder's, and the columns are at hand for leverages.
#[derive(Debug, Clone)]
pub(crate) struct Qr {
    /// The orthonormal columns.
    columns: Vec<Vec<f64>>,
    triangle: Matrix,
}

/// What is left of a column, beside its length, below which it is rounding.
const LEFT_SHARE_MIN: f64 = 1e-10;

impl Qr {
    /// Takes the matrix apart.
    ///
    /// # Errors
    /// [`Error::Singular`] with the first column that follows from the ones before it.
    pub(crate) fn of(matrix: &Matrix) -> Result<Self, Error> {
        let size = matrix.columns();
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(size);
        let mut triangle = Matrix::zero(size, size);
        for column in 0..size {
            let mut left: Vec<f64> = matrix.column(column).collect();
            let before = length(&left);
            for _ in 0..2 {
                for (row, unit) in columns.iter().enumerate() {
                    let along = super::dot(unit, &left);
                    triangle[(row, column)] += along;
                    left.iter_mut().zip(unit).for_each(|(value, unit)| *value -= along * unit);
                }
            }
            let after = length(&left);
            let adds = after > LEFT_SHARE_MIN * before && after.is_finite();
            if !adds {
                return Err(Error::Singular { covariate: column });
            }
            for value in &mut left {
                *value /= after;
            }
            triangle[(column, column)] = after;
            columns.push(left);
        }
        Ok(Self { columns, triangle })
    }

    /// The coefficients with the least squares.
    pub(crate) fn least_squares(&self, right: &[f64]) -> Vec<f64> {
        let mut left = right.to_vec();
        let mut solution = Vec::with_capacity(self.columns.len());
        for unit in &self.columns {
            let along = super::dot(unit, &left);
            left.iter_mut().zip(unit).for_each(|(value, unit)| *value -= along * unit);
            solution.push(along);
        }
        for row in (0..solution.len()).rev() {
            let known: f64 =
                (row + 1..solution.len()).map(|next| self.triangle[(row, next)] * solution[next]).sum();
            solution[row] = (solution[row] - known) / self.triangle[(row, row)];
        }
        solution
    }

    /// How far each row bears on its own fitted value, the diagonal of the hat matrix.
    pub(crate) fn leverages(&self) -> Vec<f64> {
        let rows = self.columns.first().map_or(0, Vec::len);
        (0..rows).map(|row| self.columns.iter().map(|unit| unit[row] * unit[row]).sum()).collect()
    }

    /// The inverse of the matrix's transpose times itself.
    pub(crate) fn inverse_gram(&self) -> Matrix {
        let size = self.columns.len();
        let mut inverse = Matrix::zero(size, size);
        for column in 0..size {
            inverse[(column, column)] = self.triangle[(column, column)].recip();
            for row in (0..column).rev() {
                let known: f64 =
                    (row + 1..=column).map(|next| self.triangle[(row, next)] * inverse[(next, column)]).sum();
                inverse[(row, column)] = -known / self.triangle[(row, row)];
            }
        }
        let mut gram = Matrix::zero(size, size);
        for row in 0..size {
            for column in 0..size {
                gram[(row, column)] = super::dot(inverse.row(row), inverse.row(column));
            }
        }
        gram
    }
}

fn length(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest > 0.0 {
        largest * values.iter().map(|value| (value / largest).powi(2)).sum::<f64>().sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_and_leverages_are_those_of_a_line() {
        let matrix = Matrix::from_rows(&[[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]]).unwrap();
        let qr = Qr::of(&matrix).unwrap();
        let line = qr.least_squares(&[1.0, 3.0, 5.0, 7.0]);
        assert!((line[0] - 1.0).abs() < 1e-14 && (line[1] - 2.0).abs() < 1e-14);
        let leverages = qr.leverages();
        assert!((leverages[0] - 0.7).abs() < 1e-14 && (leverages.iter().sum::<f64>() - 2.0).abs() < 1e-14);
        let gram = qr.inverse_gram();
        assert!((gram[(0, 0)] - 0.7).abs() < 1e-14 && (gram[(0, 1)] + 0.3).abs() < 1e-14);
    }
}
