//! A first look at the tables that others refer to before they are read: whose enrolments there are and since when,
//! and which organisations run a project.

use smol_str::SmolStr;

use super::{
    export::{Export, Files},
    known::{Enrolment, Known, Person, Standing},
    reading::project_code,
};
use crate::import::{Century, Error, Expected, Ids, Next, Table, Told, read_date};

impl Known {
    /// Looks at projects and enrolments. Rows that cannot be read are passed over here and rejected in their turn.
    pub fn look_ahead(&mut self, files: &Files, export: &Export, ids: &Ids) -> Result<(), Error> {
        self.look_at_projects(files, export, ids)?;
        self.look_at_enrolments(files, export, ids)
    }

    fn look_at_projects(&mut self, files: &Files, export: &Export, ids: &Ids) -> Result<(), Error> {
        let failed = |source| files.failed("Project", source);
        let Some(input) = files.open("Project")? else { return Ok(()) };
        let Some(mut table) = Table::open(input, export.made).map_err(failed)? else { return Ok(()) };
        let [key, organisation] = ["ProjectID", "OrganizationID"].map(|name| table.columns.col(&[name]));
        loop {
            match table.next().map_err(failed)? {
                Next::End => return Ok(()),
                Next::Broken { .. } => {}
                Next::Row => {
                    self.running.insert(SmolStr::new(table.row.cell(organisation)));
                    self.programmes.insert(project_code(ids, table.row.cell(key)));
                }
            }
        }
    }

    fn look_at_enrolments(&mut self, files: &Files, export: &Export, ids: &Ids) -> Result<(), Error> {
        let failed = |source| files.failed("Enrollment", source);
        let Some(input) = files.open("Enrollment")? else { return Ok(()) };
        let Some(mut table) = Table::open(input, export.made).map_err(failed)? else { return Ok(()) };
        let columns = &mut table.columns;
        let [key, person, project, entry, deleted, updated] =
            ["EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "DateDeleted", "DateUpdated"]
                .map(|name| columns.col(&[name]));
        let order = columns.order(entry);
        let expected = Expected { order, latest: export.made, century: Century::Recent };
        loop {
            match table.next().map_err(failed)? {
                Next::End => return Ok(()),
                Next::Broken { .. } => continue,
                Next::Row => {}
            }
            let row = &table.row;
            let entry = read_date(row.raw(entry), expected).ok().map(|told| told.day);
            let updated = read_date(row.raw(updated), expected).ok().and_then(Told::timestamp);
            let enrolment = self.enrolment(ids, row.cell(key), row.cell(person), row.cell(project));
            if let Some(person) = self.people.get_mut(&enrolment.person) {
                person.enrolled_recorded = person.enrolled_recorded.max(updated);
            }
            if row.cell(deleted).is_empty()
                && let Some(entry) = entry
                && let Some(person) = self.people.get_mut(&enrolment.person)
            {
                person.first_entry = Some(person.first_entry.map_or(entry, |first| first.min(entry)));
            }
            self.enrolments.entry(SmolStr::new(row.cell(key))).or_insert(Enrolment { entry, ..enrolment });
        }
    }

    /// An enrolment by its keys; its person is known from here on.
    pub fn enrolment(&mut self, ids: &Ids, key: &str, person: &str, project: &str) -> Enrolment {
        let journey = self.person(ids, person).journey;
        Enrolment {
            person: SmolStr::new(person),
            journey,
            key: ids.key('e', "enrollment", key),
            project: SmolStr::new(project),
            entry: None,
            standing: Standing::Unseen,
        }
    }

    /// A person by their key.
    pub fn person(&mut self, ids: &Ids, key: &str) -> &mut Person {
        self.people.entry(SmolStr::new(key)).or_insert_with(|| Person {
            journey: ids.person(key),
            born: None,
            first_entry: None,
            enrolled_recorded: None,
            standing: Standing::Unseen,
        })
    }
}
