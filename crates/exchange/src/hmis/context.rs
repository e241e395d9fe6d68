//! What surrounds the clients: the export itself, workers, organisations and projects. A project is a
//! `ProgrammeDescribed` on its own stream; an organisation becomes part of its projects.

use smol_str::SmolStr;
use throughline_domain::{
    Code, Contact, Identity, Key, Note, ProgrammeDescribed, Text, Value, WorkerDescribed,
};

use super::{
    codes,
    field::{Field, FieldSpec, Kind, attributes, field, fields},
    known::{Known, Organisation, Project},
    reading::{Reading, code, project_code, worker_code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

struct Exports;

/// What the format says about an export. Format, day and hashing are read beforehand; the rest is about the software
/// and the person who ran it, and is left there.
const EXPORT: [&str; 18] = [
    "SourceType",
    "SourceID",
    "SourceName",
    "SourceContactFirst",
    "SourceContactLast",
    "SourceContactPhone",
    "SourceContactExtension",
    "SourceContactEmail",
    "ExportDate",
    "ExportStartDate",
    "ExportEndDate",
    "SoftwareName",
    "SoftwareVersion",
    "CSVVersion",
    "ExportPeriodType",
    "ExportDirective",
    "HashStatus",
    "ImplementationID",
];

pub(super) fn exports(columns: &mut Columns) -> Box<dyn Mapper> {
    for name in EXPORT {
        columns.col(&[name]);
    }
    Box::new(Exports)
}

impl Mapper for Exports {
    /// The export is about all rows: its format and day go into the report.
    fn row(&self, reading: &mut Reading<'_>, _known: &mut Known) -> Result<(), Problem> {
        reading.merged = true;
        Ok(())
    }
}

struct Users {
    names: [Col; 2],
    phone: [Col; 2],
    email: Col,
}

pub(super) fn users(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Users {
        names: ["UserFirstName", "UserLastName"].map(|name| columns.col(&[name])),
        phone: ["UserPhone", "UserExtension"].map(|name| columns.col(&[name])),
        email: columns.col(&["UserEmail"]),
    })
}

impl Mapper for Users {
    fn row(&self, reading: &mut Reading<'_>, _known: &mut Known) -> Result<(), Problem> {
        let joined = |cols: &[Col]| {
            let cells: Vec<&str> =
                cols.iter().map(|col| reading.row.cell(*col)).filter(|cell| !cell.is_empty()).collect();
            (!cells.is_empty()).then(|| cells.join(" ")).and_then(|text| Text::new(text).ok())
        };
        let contact = |kind: &str, value: Option<Text>| {
            value.map(|value| Contact { kind: Key::new(kind).expect("a short word"), value })
        };
        let contacts = [contact("phone", joined(&self.phone)), contact("email", joined(&[self.email]))];
        let personal = Identity {
            name: joined(&self.names),
            contacts: contacts.into_iter().flatten().collect(),
            known_as: Text::new(format!("hmis-user:{}", reading.key)).into_iter().collect(),
            ..Identity::default()
        };
        let worker = worker_code(reading.ids, reading.key);
        let stream = reading.ids.thing("user", reading.key);
        let on = reading.created();
        reading.fact(stream, on, "", WorkerDescribed { worker, site: None, personal });
        Ok(())
    }
}

struct Organisations {
    names: [Col; 2],
    for_victims: Col,
}

pub(super) fn organisations(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Organisations {
        names: ["OrganizationName", "OrganizationCommonName"].map(|name| columns.col(&[name])),
        for_victims: columns.col(&["VictimServiceProvider", "VictimServicesProvider"]),
    })
}

impl Mapper for Organisations {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        reading.merged = true;
        let name = self.names.map(|col| reading.row.cell(col)).into_iter().find(|name| !name.is_empty());
        let name = name.unwrap_or_default().to_owned();
        let organisation = Organisation { name, for_victims: reading.flag(self.for_victims) };
        known.organisations.insert(SmolStr::new(reading.key), organisation);
        if !known.running.contains(reading.key) {
            reading.warn(Problem::row(Finding::NotReferred));
        }
        Ok(())
    }
}

const PROJECT: &[FieldSpec] = &[
    field(&["OperatingEndDate"], "operating-until", Kind::Until),
    field(&["ContinuumProject"], "continuum-project", Kind::Flag),
    field(&["HousingType"], "housing-type", Kind::Listed(codes::HOUSING_TYPES)),
    field(&["RRHSubType"], "rapid-rehousing-kind", Kind::Numbered),
    field(&["ResidentialAffiliation"], "residential-affiliation", Kind::Flag),
    field(&["TargetPopulation"], "target-population", Kind::Listed(codes::TARGETS)),
    field(&["HOPWAMedAssistedLivingFac"], "hopwa-assisted-living", Kind::Numbered),
    field(&["TrackingMethod"], "tracking-method", Kind::Numbered),
    field(&["HMISParticipatingProject"], "hmis-participating", Kind::Flag),
    field(&["PITCount"], "point-in-time-count", Kind::Amount),
];

struct Projects {
    organisation: Col,
    names: [Col; 2],
    from: Col,
    kind: Col,
    fields: Vec<Field>,
}

pub(super) fn projects(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Projects {
        organisation: columns.col(&["OrganizationID"]),
        names: ["ProjectName", "ProjectCommonName"].map(|name| columns.col(&[name])),
        from: columns.col(&["OperatingStartDate"]),
        kind: columns.col(&["ProjectType"]),
        fields: fields(columns, PROJECT),
    })
}

impl Mapper for Projects {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let number = reading.number(self.kind);
        let project = Project { kind: number, ..Project::default() };
        known.projects.insert(SmolStr::new(reading.key), project);
        let mut attributes = attributes(reading, &self.fields);
        if let Some(number) = number {
            attributes.insert(code("project-type"), Value::Code(code(&format!("hmis-{number}"))));
        }
        let kind = reading.listed(self.kind, codes::PROJECT_KINDS);
        let organisation = reading.row.cell(self.organisation);
        let run_by = known.organisations.get(organisation);
        if let Some(for_victims) = run_by.and_then(|run_by| run_by.for_victims) {
            attributes.insert(code("victim-service-provider"), Value::Flag(for_victims));
        }
        let name = self.names.map(|col| reading.row.cell(col)).into_iter().find(|name| !name.is_empty());
        let words: Vec<&str> = name.into_iter().chain(run_by.map(|run_by| run_by.name.as_str())).collect();
        let note = Text::new(words.join("\n")).ok().filter(|text| !text.as_str().is_empty());
        let organisation = (!organisation.is_empty()).then(|| organisation_code(reading, organisation));
        let on = reading.day_or_created(self.from);
        let described = ProgrammeDescribed {
            programme: project_code(reading.ids, reading.key),
            kind,
            organisation,
            site: None,
            attributes,
            personal: Note { note },
        };
        let stream = reading.ids.thing("project", reading.key);
        reading.fact(stream, on, "", described);
        Ok(())
    }
}

fn organisation_code(reading: &Reading<'_>, organisation: &str) -> Code {
    Code::new(format!("hmis-org-{organisation}"))
        .unwrap_or_else(|_| reading.ids.code("hmis-org", "organization", organisation))
}
