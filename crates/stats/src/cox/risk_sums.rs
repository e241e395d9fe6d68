//! Sums over those at risk that rows enter and leave again.

/// The sum of weights, of weights times covariates, and of weights times products of covariates.
///
/// Each sum carries what rounding took from it (Neumaier 1974): when a row that outweighs all others by far leaves,
/// what is left of the others is still theirs.
pub(crate) struct RiskSums {
    columns: usize,
    values: Vec<f64>,
    lost: Vec<f64>,
    rows: usize,
    /// The largest sum of weights since the sums were empty.
    peak: f64,
}

/// A sum fallen to this share of its peak is no longer exact to the last digits.
const WORN_SHARE: f64 = 1e-12;

impl RiskSums {
    pub(crate) fn new(columns: usize) -> Self {
        let length = 1 + columns + columns * (columns + 1) / 2;
        Self { columns, values: vec![0.0; length], lost: vec![0.0; length], rows: 0, peak: 0.0 }
    }

    pub(crate) fn enter(&mut self, weight: f64, covariates: &[f64]) {
        self.rows += 1;
        self.add(weight, covariates);
        self.peak = self.peak.max(self.values[0]);
    }

    /// So much has left that the sums should be made anew from the rows still at risk.
    pub(crate) fn worn(&self) -> bool {
        self.rows > 0 && self.weight() < WORN_SHARE * self.peak
    }

    pub(crate) fn leave(&mut self, weight: f64, covariates: &[f64]) {
        self.rows -= 1;
        if self.rows == 0 {
            self.clear();
        } else {
            self.add(-weight, covariates);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.values.fill(0.0);
        self.lost.fill(0.0);
        self.rows = 0;
        self.peak = 0.0;
    }

    fn add(&mut self, weight: f64, covariates: &[f64]) {
        self.add_to(0, weight);
        let mut place = 1 + self.columns;
        for (column, value) in covariates.iter().enumerate() {
            let weighted = weight * value;
            self.add_to(1 + column, weighted);
            for other in &covariates[..=column] {
                self.add_to(place, weighted * other);
                place += 1;
            }
        }
    }

    fn add_to(&mut self, place: usize, value: f64) {
        let before = self.values[place];
        let after = before + value;
        self.lost[place] +=
            if before.abs() >= value.abs() { (before - after) + value } else { (value - after) + before };
        self.values[place] = after;
    }

    /// The sum of weights.
    pub(crate) fn weight(&self) -> f64 {
        self.values[0] + self.lost[0]
    }

    /// The sum of weights times a covariate.
    pub(crate) fn first(&self, column: usize) -> f64 {
        self.values[1 + column] + self.lost[1 + column]
    }

    /// The sum of weights times the product of two covariates, `other` not after `column`.
    pub(crate) fn second(&self, column: usize, other: usize) -> f64 {
        let place = 1 + self.columns + column * (column + 1) / 2 + other;
        self.values[place] + self.lost[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_giant_that_leaves_takes_only_its_own() {
        let mut sums = RiskSums::new(1);
        sums.enter(1e-9, &[3.0]);
        sums.enter(1e12, &[7.0]);
        sums.enter(1e-9, &[5.0]);
        sums.leave(1e12, &[7.0]);
        assert!((sums.weight() - 2e-9).abs() < 1e-20, "{}", sums.weight());
        assert!((sums.first(0) - 8e-9).abs() < 1e-20);
        assert!((sums.second(0, 0) - 34e-9).abs() < 1e-20);
    }
}
