//! A first look at all tables: the first day of each journey, on which it opens, and how many rows there are.

use std::collections::HashMap;

use jiff::civil::Date;
use throughline_domain::{JourneyId, Occurred};

use super::{
    Error,
    files::Files,
    here::Here,
    lookup::{Lookups, named},
    spec::{FactSpec, Mapping, Owner, When},
};
use crate::import::{Ids, Next};

/// The first day of each journey in these files.
pub(super) struct Firsts {
    days: HashMap<JourneyId, Date>,
    /// Rows of all tables.
    pub rows: u64,
}

impl Firsts {
    /// Looks at every table. Rows that cannot be read are passed over here and accounted for in their turn.
    pub fn look_ahead(
        mapping: &Mapping,
        files: &Files,
        lookups: &Lookups,
        ids: &Ids,
        today: Date,
    ) -> Result<Self, Error> {
        let mut firsts = Self { days: HashMap::new(), rows: 0 };
        for table in &mapping.tables {
            let Some(mut opened) = files.open(&table.file, &table.columns)? else { continue };
            loop {
                match opened.table.next().map_err(|source| files.failed(&table.file, source))? {
                    Next::End => break,
                    Next::Broken { .. } => {
                        firsts.rows += 1;
                        continue;
                    }
                    Next::Row => firsts.rows += 1,
                }
                let Owner::Person(cells) = &table.owner else { continue };
                let (row, bound, columns) = (&opened.table.row, &opened.bound, &table.columns[..]);
                let nobody = Here { row, bound, columns, owner: "", lookups, mapping, ids };
                let owner = named(&nobody, cells);
                let here = Here { owner: &owner, ..nobody };
                let holds = |conditions: &'_ [_]| conditions.iter().all(|condition| here.holds(condition));
                if owner.is_empty()
                    || !holds(&table.filter)
                    || (!table.deleted.is_empty() && holds(&table.deleted))
                {
                    continue;
                }
                let days = table
                    .facts
                    .iter()
                    .filter(|fact| holds(&fact.filter))
                    .filter_map(|fact| day(&here, fact, today));
                if let Some(day) = days.min() {
                    let first = firsts.days.entry(ids.person(&owner)).or_insert(day);
                    *first = day.min(*first);
                }
            }
        }
        Ok(firsts)
    }

    /// The journey's first day in these files.
    pub fn of(&self, journey: JourneyId) -> Option<Date> {
        self.days.get(&journey).copied()
    }
}

/// The day of a fact that has one of its own.
fn day<'a>(here: &Here<'a>, fact: &'a FactSpec, today: Date) -> Option<Date> {
    if fact.on.iter().all(|way| matches!(way, When::First)) {
        return None;
    }
    here.occurred(&fact.on, None, today, &mut Vec::new()).ok().map(Occurred::day)
}
