//! The tables of the format, in the order they are read: what others refer to comes first.

use super::{
    aspect, assessment, client, collected, contact, context, enrolment, exit, income,
    known::{Known, Standing},
    reading::Reading,
    service,
};
use crate::import::{Columns, Problem};

/// Turns rows of one table into facts.
pub(super) trait Mapper {
    /// Reads a row. An error rejects it.
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem>;

    /// Notes what became of a row that others refer to.
    fn settle(&self, _known: &mut Known, _key: &str, _standing: Standing) {}
}

/// One table.
#[derive(Clone, Copy)]
pub(super) struct TableSpec {
    /// The file's name without `.csv`.
    pub file: &'static str,
    /// The table in sources and ids.
    pub table: &'static str,
    /// The column of the row's key.
    pub key: &'static str,
    /// Whether some versions of the format do not have it.
    pub optional: bool,
    pub mapper: fn(&mut Columns) -> Box<dyn Mapper>,
}

const fn table(
    file: &'static str,
    table: &'static str,
    key: &'static str,
    mapper: fn(&mut Columns) -> Box<dyn Mapper>,
) -> TableSpec {
    TableSpec { file, table, key, optional: false, mapper }
}

const fn optional(spec: TableSpec) -> TableSpec {
    TableSpec { optional: true, ..spec }
}

/// Every table.
pub(super) const TABLES: &[TableSpec] = &[
    table("Export", "export", "ExportID", context::exports),
    table("User", "user", "UserID", context::users),
    table("Organization", "organization", "OrganizationID", context::organisations),
    table("Project", "project", "ProjectID", context::projects),
    table("ProjectCoC", "project-coc", "ProjectCoCID", aspect::regions),
    table("Funder", "funder", "FunderID", aspect::funders),
    table("Inventory", "inventory", "InventoryID", aspect::inventories),
    optional(table("HMISParticipation", "hmis-participation", "HMISParticipationID", aspect::participations)),
    optional(table("CEParticipation", "ce-participation", "CEParticipationID", aspect::coordinated_entries)),
    table("Affiliation", "affiliation", "AffiliationID", aspect::affiliations),
    table("Client", "client", "PersonalID", client::clients),
    table("Enrollment", "enrollment", "EnrollmentID", enrolment::enrolments),
    optional(table("EnrollmentCoC", "enrollment-coc", "EnrollmentCoCID", enrolment::regions)),
    table("Exit", "exit", "ExitID", exit::exits),
    table("Services", "services", "ServicesID", service::services),
    table(
        "CurrentLivingSituation",
        "current-living-situation",
        "CurrentLivingSitID",
        contact::living_situations,
    ),
    table("Event", "event", "EventID", contact::events),
    table("Assessment", "assessment", "AssessmentID", assessment::assessments),
    table("AssessmentQuestions", "assessment-questions", "AssessmentQuestionID", assessment::questions),
    table("AssessmentResults", "assessment-results", "AssessmentResultID", assessment::results),
    table("IncomeBenefits", "income-benefits", "IncomeBenefitsID", income::incomes),
    table("EmploymentEducation", "employment-education", "EmploymentEducationID", collected::employment),
    table("HealthAndDV", "health-and-dv", "HealthAndDVID", collected::health),
    table("Disabilities", "disabilities", "DisabilitiesID", collected::disabilities),
    optional(table(
        "YouthEducationStatus",
        "youth-education-status",
        "YouthEducationStatusID",
        collected::youth_education,
    )),
];
