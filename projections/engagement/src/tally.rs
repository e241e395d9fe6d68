//! The figures of many clients: each counted from what, out of how many, and who is missing.

use throughline_projection::{Figure, Programmes};

use crate::{
    alignment::align, life::Life, readings::Measure, shape::Shape, silence::Standing, trajectory::Walk,
    view::View, window::Window,
};

/// What is summed over clients. Every sum is of whole numbers, so that the order of adding changes nothing.
#[derive(Debug, Default)]
pub struct Tally {
    clients: u64,
    deceased: u64,
    no_contact_yet: u64,
    standings: [u64; STANDINGS.len()],
    shapes: [u64; SHAPES.len()],
    shapeless: u64,
    contacts: u64,
    two_way: u64,
    begun: u64,
    client_began: u64,
    in_contact: u64,
    life_areas: u64,
    people: u64,
    formats: u64,
    elements: [Mean; Measure::ELEMENTS],
    check_ins_held: u64,
    check_ins_missed: u64,
    robust: u64,
    rated: u64,
    goals: u64,
    goals_in_plan: u64,
    without_goals_or_plan: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Mean {
    millionths: u64,
    clients: u64,
}

const STANDINGS: [Standing; 4] = [Standing::InTouch, Standing::Watch, Standing::Quiet, Standing::Lost];
const SHAPES: [(Shape, &str); 5] = [
    (Shape::Deepening, "deepening"),
    (Shape::Steady, "steady"),
    (Shape::Thinning, "thinning"),
    (Shape::Quiet, "quiet"),
    (Shape::Returned, "returned"),
];

impl Tally {
    /// Adds one client, unless the journey had not begun. Of those who died only the number is kept.
    pub(crate) fn add(&mut self, view: &View, on: i32, programmes: &Programmes) {
        let life = Life::cut(view, on, programmes);
        if life.first.is_none() {
            return;
        }
        self.clients += 1;
        let standing = life.standing(on);
        if standing == Standing::Deceased {
            self.deceased += 1;
            return;
        }
        match STANDINGS.iter().position(|named| *named == standing) {
            Some(place) => self.standings[place] += 1,
            None => self.no_contact_yet += 1,
        }
        let window_days = i32::from(life.settings(on).engagement_window_days);
        let mut walk = Walk::new(&life, on - window_days);
        let window_days = walk.advance(on);
        match walk.shape(on, window_days, standing) {
            Some(shape) => {
                let place = SHAPES.iter().position(|(named, _)| *named == shape);
                self.shapes[place.expect("every shape is in the table")] += 1;
            }
            None => self.shapeless += 1,
        }
        self.add_window(walk.window());
        let (held, missed) = walk.check_ins(on - window_days + 1, on);
        self.check_ins_held += u64::from(held);
        self.check_ins_missed += u64::from(missed);
        for (mean, measure) in self.elements.iter_mut().zip(Measure::ALL) {
            if let Some(value) = walk.readings.overall(measure) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a million")]
                let millionths = (value * 1e6).round() as u64;
                mean.millionths += millionths;
                mean.clients += 1;
            }
        }
        match align(life.aims).goals_in_plan {
            Some(share) => {
                self.goals += u64::from(share.denominator);
                self.goals_in_plan += u64::from(share.numerator);
            }
            None => self.without_goals_or_plan += 1,
        }
    }

    fn add_window(&mut self, window: &Window<'_>) {
        if let Some(two_way) = window.two_way() {
            self.contacts += u64::from(two_way.denominator);
            self.two_way += u64::from(two_way.numerator);
            self.in_contact += 1;
            self.life_areas += window.life_areas_used().count() as u64;
            self.people += u64::from(window.people().total);
            self.formats += window.formats_used().count() as u64;
        }
        if let Some(began) = window.client_began() {
            self.begun += u64::from(began.denominator);
            self.client_began += u64::from(began.numerator);
        }
        if let Some(robust) = window.robustness().all_four {
            self.rated += u64::from(robust.denominator);
            self.robust += u64::from(robust.numerator);
        }
    }

    /// Joins two tallies of different clients.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.clients += other.clients;
        self.deceased += other.deceased;
        self.no_contact_yet += other.no_contact_yet;
        self.standings.iter_mut().zip(other.standings).for_each(|(sum, more)| *sum += more);
        self.shapes.iter_mut().zip(other.shapes).for_each(|(sum, more)| *sum += more);
        self.shapeless += other.shapeless;
        self.contacts += other.contacts;
        self.two_way += other.two_way;
        self.begun += other.begun;
        self.client_began += other.client_began;
        self.in_contact += other.in_contact;
        self.life_areas += other.life_areas;
        self.people += other.people;
        self.formats += other.formats;
        for (mean, more) in self.elements.iter_mut().zip(other.elements) {
            mean.millionths += more.millionths;
            mean.clients += more.clients;
        }
        self.check_ins_held += other.check_ins_held;
        self.check_ins_missed += other.check_ins_missed;
        self.robust += other.robust;
        self.rated += other.rated;
        self.goals += other.goals;
        self.goals_in_plan += other.goals_in_plan;
        self.without_goals_or_plan += other.without_goals_or_plan;
    }

    /// The figures, in a fixed order.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let alive = self.clients - self.deceased;
        let with_rhythm = alive - self.no_contact_yet;
        let mut figures = vec![Figure::count("clients", "clients", self.clients)];
        figures.extend(STANDINGS.iter().zip(self.standings).map(|(standing, clients)| {
            Figure::share(format!("clients-{}", standing.code()), clients, with_rhythm)
                .missing("no-contact-yet", self.no_contact_yet)
                .missing("deceased", self.deceased)
        }));
        figures.extend(SHAPES.iter().zip(self.shapes).map(|((_, name), clients)| {
            Figure::share(format!("shape-{name}"), clients, alive - self.shapeless)
                .missing("too-early-or-no-contact-yet", self.shapeless)
                .missing("deceased", self.deceased)
        }));
        let not_told = self.contacts - self.begun;
        let of_contacts = |count: u64| Figure::share("", count, self.contacts).value;
        let bounds = (of_contacts(self.client_began), of_contacts(self.client_began + not_told));
        figures.extend([
            Figure::share("share-two-way", self.two_way, self.contacts),
            Figure::share("share-client-began", self.client_began, self.begun)
                .missing("beginner-not-recorded", not_told)
                .between(bounds.0, bounds.1),
            self.mean("mean-life-areas", "life-areas", self.life_areas),
            self.mean("mean-people", "people", self.people),
            self.mean("mean-formats", "formats", self.formats),
        ]);
        figures.extend(self.elements.iter().zip(Measure::ALL).map(|(element, measure)| {
            let sum = element.millionths as f64 / 1e6;
            mean(format!("mean-{}", measure.code()), "score", sum, element.clients)
                .missing("no-reading", alive - element.clients)
        }));
        figures.extend([
            Figure::share("check-ins-held", self.check_ins_held, self.check_ins_held + self.check_ins_missed),
            Figure::share("robust-contacts", self.robust, self.rated)
                .missing("not-rated", self.contacts - self.rated),
            Figure::share("goals-in-plan", self.goals_in_plan, self.goals)
                .missing("no-goal-or-no-plan", self.without_goals_or_plan),
        ]);
        figures
    }

    fn mean(&self, name: &str, unit: &'static str, sum: u64) -> Figure {
        let not_in_contact = self.clients - self.deceased - self.in_contact;
        mean(name.to_owned(), unit, sum as f64, self.in_contact)
            .missing("no-contact-in-window", not_in_contact)
    }
}

fn mean(name: String, unit: &'static str, sum: f64, clients: u64) -> Figure {
    let value = (clients > 0).then(|| sum / clients as f64);
    Figure { numerator: Some(sum), denominator: Some(clients), ..Figure::of(name, unit, value) }
}
