//! What was measured, as rows: each of our figures beside what it is compared with.

use serde::Serialize;

/// A figure taken several times.
#[derive(Clone, Copy, Serialize)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// How often it was taken.
    pub taken: usize,
}

impl Spread {
    /// Of at least one figure.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_unstable_by(f64::total_cmp);
        let (min, max) = (figures.first().copied(), figures.last().copied());
        let middle = figures.len() / 2;
        let median = match figures.len() {
            0 => f64::NAN,
            even if even.is_multiple_of(2) => f64::midpoint(figures[middle - 1], figures[middle]),
            _ => figures[middle],
        };
        Self { median, min: min.unwrap_or(f64::NAN), max: max.unwrap_or(f64::NAN), taken: figures.len() }
    }

    fn told(&self) -> String {
        match self.taken {
            1 => told(self.median),
            _ => format!("{} ({}–{})", told(self.median), told(self.min), told(self.max)),
        }
    }
}

/// What must hold of a figure.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    fn told(self, figure: f64) -> String {
        let (sign, bound) = match self {
            Self::AtLeast(least) => ('≥', least),
            Self::AtMost(most) => ('≤', most),
        };
        format!("{sign} {}: {}", told(bound), if self.holds(figure) { "met" } else { "missed" })
    }
}

/// Something else's figure beside ours.
#[derive(Serialize)]
pub struct Beside {
    pub what: String,
    /// None where it was not measured, and `what` says why.
    pub figure: Option<Spread>,
    /// Ours divided by it, taken round by round.
    pub ratio: Option<Spread>,
    /// What the ratio must be.
    pub goal: Option<Goal>,
}

/// One of our figures.
#[derive(Serialize)]
pub struct Row {
    pub what: String,
    pub unit: &'static str,
    pub ours: Option<Spread>,
    /// What our figure itself must be.
    pub goal: Option<Goal>,
    pub beside: Vec<Beside>,
}

impl Row {
    pub fn new(what: impl Into<String>, unit: &'static str, ours: impl Into<Option<Spread>>) -> Self {
        Self { what: what.into(), unit, ours: ours.into(), goal: None, beside: Vec::new() }
    }

    /// With what our figure must be.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// Beside figures taken in the same rounds as ours.
    pub fn beside(mut self, what: &str, ours: &[f64], theirs: &[f64], goal: Option<Goal>) -> Self {
        let ratio = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        self.beside.push(Beside {
            what: what.to_owned(),
            figure: Some(Spread::of(theirs.to_vec())),
            ratio: Some(Spread::of(ratio)),
            goal,
        });
        self
    }

    /// With a figure of something else's that has none of ours beside it.
    pub fn alone(mut self, what: String, figure: Spread) -> Self {
        self.beside.push(Beside { what, figure: Some(figure), ratio: None, goal: None });
        self
    }

    /// Beside something that was not measured, and why.
    pub fn without(mut self, what: String, goal: Option<Goal>) -> Self {
        self.beside.push(Beside { what, figure: None, ratio: None, goal });
        self
    }

    /// One line, and one more for each further comparison.
    fn lines(&self) -> Vec<[String; 6]> {
        let ours = self.ours.map_or_else(|| "–".to_owned(), |ours| ours.told());
        let goal = self.goal.zip(self.ours).map(|(goal, ours)| goal.told(ours.median));
        let mut lines = Vec::new();
        let none = String::new;
        if self.beside.is_empty() || goal.is_some() {
            lines.push([self.named(), ours.clone(), none(), none(), none(), goal.unwrap_or_default()]);
        }
        for beside in &self.beside {
            let (named, ours) =
                if lines.is_empty() { (self.named(), ours.clone()) } else { (none(), none()) };
            let figure = beside.figure.map_or_else(|| "–".to_owned(), |figure| figure.told());
            let ratio = beside.ratio.map_or_else(none, |ratio| ratio.told());
            let goal = match (beside.goal, beside.ratio) {
                (Some(goal), Some(ratio)) => goal.told(ratio.median),
                (Some(_), None) => "not measured".to_owned(),
                (None, _) => none(),
            };
            lines.push([named, ours, beside.what.clone(), figure, ratio, goal]);
        }
        lines
    }

    fn named(&self) -> String {
        format!("{}, {}", self.what, self.unit)
    }
}

/// All rows as one Markdown table.
pub fn markdown(rows: &[Row]) -> String {
    let head = ["what", "ours", "beside", "its figure", "ours ÷ it", "goal"].map(str::to_owned);
    let rule = std::array::from_fn(|_| "---".to_owned());
    let lines: Vec<_> = [head, rule].into_iter().chain(rows.iter().flat_map(Row::lines)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut table = String::new();
    for line in &lines {
        for (cell, width) in line.iter().zip(widths) {
            let fill = width - cell.chars().count();
            table.extend(["| ", cell.as_str(), " ".repeat(fill + 1).as_str()]);
        }
        table.push_str("|\n");
    }
    table
}

/// Three digits that say something, and thousands apart.
fn told(figure: f64) -> String {
    let size = figure.abs();
    let digits = match size {
        _ if !figure.is_finite() => return "–".to_owned(),
        100.0.. => return thousands(figure.round() as i64),
        10.0.. => 1,
        1.0.. => 2,
        0.001.. => 3,
        _ => 6,
    };
    format!("{figure:.digits$}")
}

fn thousands(whole: i64) -> String {
    let digits = whole.to_string();
    let mut told = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) && digit != '-' {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_the_median_of_the_ratios_of_each_round() {
        // The disk became ten times slower for both in the second round; the ratio did not move.
        let row = Row::new("append", "events/s", Spread::of(vec![90.0, 9.0, 90.0])).beside(
            "bare",
            &[90.0, 9.0, 90.0],
            &[100.0, 10.0, 100.0],
            Some(Goal::AtLeast(0.9)),
        );
        let ratio = row.beside[0].ratio.expect("a ratio");
        assert!((ratio.min - 0.9).abs() < 1e-9 && (ratio.max - 0.9).abs() < 1e-9);
        assert!(markdown(&[row]).contains("≥ 0.900: met"));
    }

    #[test]
    fn a_goal_that_is_missed_says_so() {
        let row = Row::new("open", "s", Spread::of(vec![1.5])).goal(Goal::AtMost(1.0));
        assert!(markdown(&[row]).contains("≤ 1.00: missed"));
        let row = Row::new("append", "events/s", Spread::of(vec![12_345.0]))
            .without("no umadb".to_owned(), Some(Goal::AtLeast(3.0)));
        let table = markdown(&[row]);
        assert!(table.contains("12,345") && table.contains("not measured"));
    }
}
