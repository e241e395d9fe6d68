//! What does not belong to one client: the calendar, the sites, the workers, and how they differ.

use jiff::civil::Date;
use throughline_domain::{Actor, Code, JourneyId};
use uuid::Uuid;

use crate::{calendar::Calendar, diary::code, dice::Cup, programmes::OFFERINGS};

/// A place where the organisation works.
pub(crate) struct Site {
    pub(crate) code: &'static str,
    pub(crate) place: &'static str,
    /// What being there adds to or takes from clients' engagement.
    pub(crate) lift: f64,
}

pub(crate) const SITES: [Site; 5] = [
    Site { code: "hoopfontein", place: "Hoopfontein", lift: 0.03 },
    Site { code: "emseni", place: "Emseni", lift: 0.05 },
    Site { code: "kruispad", place: "Kruispad", lift: -0.04 },
    Site { code: "seebries", place: "Seebries", lift: 0.0 },
    Site { code: "langkloof-oos", place: "Langkloof-Oos", lift: -0.02 },
];

/// Somebody who works with clients.
pub(crate) struct Worker {
    pub(crate) code: Code,
    pub(crate) actor: Actor,
    /// By its place in [`OFFERINGS`].
    pub(crate) offering: usize,
    /// By its place in [`SITES`].
    pub(crate) site: usize,
    /// What working with them adds to or takes from clients' engagement.
    pub(crate) lift: f64,
}

/// Clients per worker.
const CASELOAD: usize = 25;

pub(crate) struct World {
    pub(crate) calendar: Calendar,
    pub(crate) cup: Cup,
    pub(crate) clients: u32,
    pub(crate) workers: Vec<Worker>,
    namespace: Uuid,
}

impl World {
    pub(crate) fn new(seed: u64, clients: u32, until: Date, namespace: Uuid) -> Self {
        let cup = Cup::new(seed);
        // Every programme has somebody at two sites at least, however small the sample.
        let count = (clients as usize / CASELOAD).max(2 * OFFERINGS.len());
        let mut dice = cup.of_life(0);
        let workers = (0..count)
            .map(|nth| Worker {
                code: code(&format!("w{:03}", nth + 1)),
                actor: Actor::new(format!("worker:w{:03}", nth + 1)).expect("letters, a colon and digits"),
                offering: nth % OFFERINGS.len(),
                site: (nth / OFFERINGS.len() + nth) % SITES.len(),
                lift: dice.around(0.0, 0.05),
            })
            .collect();
        Self { calendar: Calendar::new(until), cup, clients, workers, namespace }
    }

    /// The journey of the n-th client, which `demo:<n>` names.
    pub(crate) fn journey_of(&self, client: u32) -> JourneyId {
        self.journey("demo", &client.to_string())
    }

    /// The journey of this key of this system.
    pub(crate) fn journey(&self, system: &str, key: &str) -> JourneyId {
        JourneyId::new(Uuid::new_v5(&self.namespace, format!("journey/{system}:{key}").as_bytes()))
    }

    /// One of the workers of a programme, by a number of the caller's choice.
    pub(crate) fn worker_of(&self, offering: usize, number: u32) -> u16 {
        let all = self.workers.len();
        let colleagues = (all - offering).div_ceil(OFFERINGS.len());
        let nth = number as usize % colleagues * OFFERINGS.len() + offering;
        u16::try_from(nth).expect("there are fewer than 65,536 workers")
    }
}
