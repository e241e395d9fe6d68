//! Which lives are linked by a merge or a split: the row of one rests on the others too.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

use throughline_domain::JourneyId;

use crate::Error;

/// Linked journeys, in both directions, on disk and in memory. They are few.
pub(crate) struct Links {
    tree: sled::Tree,
    held: RwLock<HashMap<JourneyId, BTreeSet<JourneyId>>>,
}

impl Links {
    pub fn open(db: &sled::Db) -> Result<Self, Error> {
        let tree = db.open_tree("links")?;
        let mut held: HashMap<JourneyId, BTreeSet<JourneyId>> = HashMap::new();
        for key in tree.iter().keys() {
            let key = key?;
            let (from, to) = key.split_at(16);
            held.entry(journey_from(from)).or_default().insert(journey_from(to));
        }
        Ok(Self { tree, held: RwLock::new(held) })
    }

    pub fn tree_name(&self) -> sled::IVec {
        self.tree.name()
    }

    /// Notes that the lives of these journeys are linked.
    pub fn link(&self, one: JourneyId, other: JourneyId) -> Result<(), Error> {
        for (from, to) in [(one, other), (other, one)] {
            self.tree.insert([from.bytes(), to.bytes()].concat(), &[])?;
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.entry(from).or_default().insert(to);
        }
        Ok(())
    }

    /// Every journey whose life is linked to this one, directly or through others; this one is among them.
    pub fn all_of(&self, journey: JourneyId) -> BTreeSet<JourneyId> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeSet::new();
        let mut waiting = BTreeSet::from([journey]);
        while let Some(next) = waiting.pop_first() {
            if all.insert(next) {
                waiting.extend(held.get(&next).into_iter().flatten());
            }
        }
        all
    }
}

fn journey_from(bytes: &[u8]) -> JourneyId {
    JourneyId::from_bytes(bytes.try_into().expect("keys of links hold two 16-byte journey ids"))
}
