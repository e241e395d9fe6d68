//! What surrounds the clients: workers, organisations, projects and what is true of them from when. Each row about a
//! project is a `ProgrammeDescribed` on the project's own stream; an organisation becomes part of its projects.

use jiff::civil::Date;
use smol_str::SmolStr;
use throughline_domain::{
    Attributes, Code, Contact, Identity, Key, Note, ProgrammeDescribed, Text, Value, WorkerDescribed,
};

use super::{
    codes,
    enrolment::region_code,
    field::{Field, FieldSpec, Kind, attributes, field, fields},
    known::{Known, Project},
    reading::{Reading, code, project_code, worker_code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

struct Exports;

pub(super) fn exports(_columns: &mut Columns) -> Box<dyn Mapper> {
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
}

pub(super) fn organisations(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Organisations {
        names: ["OrganizationName", "OrganizationCommonName"].map(|name| columns.col(&[name])),
    })
}

impl Mapper for Organisations {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        reading.merged = true;
        let name = self.names.map(|col| reading.row.cell(col)).into_iter().find(|name| !name.is_empty());
        known.organisations.insert(SmolStr::new(reading.key), name.unwrap_or_default().to_owned());
        if !known.running.contains(reading.key) {
            reading.warn(Problem::row(Finding::NotReferred));
        }
        Ok(())
    }
}

const PROJECT: &[FieldSpec] = &[
    field(&["OperatingEndDate"], "operating-until", Kind::Date),
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
        let kind = match number {
            Some(1) if !reading.export.era.is_from_2024() => Some(code("emergency-shelter")),
            _ => reading.listed(self.kind, codes::PROJECT_KINDS),
        };
        let organisation = reading.row.cell(self.organisation);
        let name = self.names.map(|col| reading.row.cell(col)).into_iter().find(|name| !name.is_empty());
        let words: Vec<&str> =
            name.into_iter().chain(known.organisations.get(organisation).map(String::as_str)).collect();
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

/// Something true of a project from a day on: a funder, beds, a region, taking part in something.
struct Aspect {
    project: Col,
    from: Col,
    fields: Vec<Field>,
    /// Several rows of one project stand side by side: the row's key tells their attributes apart.
    told_apart: Option<&'static str>,
    region: Col,
    words: Vec<Col>,
    about: fn(&Reading<'_>, &Aspect) -> Option<(String, Value)>,
}

fn aspect(columns: &mut Columns, from: &'static str, specs: &'static [FieldSpec]) -> Aspect {
    Aspect {
        project: columns.col(&["ProjectID"]),
        from: columns.col(&[from]),
        fields: fields(columns, specs),
        told_apart: None,
        region: Col::ABSENT,
        words: Vec::new(),
        about: |_, _| None,
    }
}

const REGION: &[FieldSpec] = &[
    field(&["Geocode"], "geocode", Kind::Numbered),
    field(&["GeographyType"], "geography", Kind::Listed(codes::GEOGRAPHIES)),
];

pub(super) fn regions(columns: &mut Columns) -> Box<dyn Mapper> {
    let region = columns.col(&["CoCCode"]);
    let words = ["Address1", "Address2", "City", "State", "ZIP"].map(|name| columns.col(&[name])).to_vec();
    Box::new(Aspect { region, words, ..aspect(columns, "DateCreated", REGION) })
}

const FUNDER: &[FieldSpec] =
    &[field(&["Funder"], "funder", Kind::Listed(codes::FUNDERS)), field(&["EndDate"], "until", Kind::Date)];

pub(super) fn funders(columns: &mut Columns) -> Box<dyn Mapper> {
    let words = ["OtherFunder", "GrantID"].map(|name| columns.col(&[name])).to_vec();
    Box::new(Aspect { words, told_apart: Some("funder"), ..aspect(columns, "StartDate", FUNDER) })
}

const INVENTORY: &[FieldSpec] = &[
    field(&["HouseholdType"], "households", Kind::Listed(codes::HOUSEHOLDS)),
    field(&["Availability"], "availability", Kind::Listed(codes::AVAILABILITY)),
    field(&["UnitInventory"], "units", Kind::Amount),
    field(&["BedInventory"], "beds", Kind::Amount),
    field(&["CHVetBedInventory"], "beds-chronic-veterans", Kind::Amount),
    field(&["YouthVetBedInventory"], "beds-young-veterans", Kind::Amount),
    field(&["VetBedInventory"], "beds-veterans", Kind::Amount),
    field(&["CHYouthBedInventory"], "beds-chronic-youth", Kind::Amount),
    field(&["YouthBedInventory"], "beds-youth", Kind::Amount),
    field(&["CHBedInventory"], "beds-chronic", Kind::Amount),
    field(&["OtherBedInventory"], "beds-other", Kind::Amount),
    field(&["ESBedType"], "bed-type", Kind::Numbered),
    field(&["InventoryEndDate"], "until", Kind::Date),
];

pub(super) fn inventories(columns: &mut Columns) -> Box<dyn Mapper> {
    let region = columns.col(&["CoCCode"]);
    let told_apart = Some("beds");
    Box::new(Aspect { region, told_apart, ..aspect(columns, "InventoryStartDate", INVENTORY) })
}

const PARTICIPATION: &[FieldSpec] = &[
    field(&["HMISParticipationType"], "hmis-participation", Kind::Listed(codes::PARTICIPATION)),
    field(&["HMISParticipationStatusEndDate"], "hmis-participation-until", Kind::Date),
];

pub(super) fn participations(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(aspect(columns, "HMISParticipationStatusStartDate", PARTICIPATION))
}

const COORDINATED_ENTRY: &[FieldSpec] = &[
    field(&["AccessPoint"], "ce-access-point", Kind::Flag),
    field(&["PreventionAssessment"], "ce-prevention-assessment", Kind::Flag),
    field(&["CrisisAssessment"], "ce-crisis-assessment", Kind::Flag),
    field(&["HousingAssessment"], "ce-housing-assessment", Kind::Flag),
    field(&["DirectServices"], "ce-direct-services", Kind::Flag),
    field(&["ReceivesReferrals"], "ce-receives-referrals", Kind::Flag),
    field(&["CEParticipationStatusEndDate"], "ce-until", Kind::Date),
];

pub(super) fn coordinated_entries(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(aspect(columns, "CEParticipationStatusStartDate", COORDINATED_ENTRY))
}

pub(super) fn affiliations(columns: &mut Columns) -> Box<dyn Mapper> {
    let words = vec![columns.col(&["ResProjectID"])];
    let about = |reading: &Reading<'_>, aspect: &Aspect| {
        let other = reading.row.cell(*aspect.words.first()?);
        let project = Value::Code(project_code(reading.ids, other));
        (!other.is_empty()).then_some((String::from("residential-project"), project))
    };
    Box::new(Aspect { words, about, told_apart: Some("affiliation"), ..aspect(columns, "DateCreated", &[]) })
}

impl Mapper for Aspect {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let project = reading.row.cell(self.project);
        if project.is_empty() {
            return Err(Problem::at(Finding::ProjectMissing, self.project.name));
        }
        if !known.projects.contains_key(project) {
            reading.warn(Problem::at(Finding::ProjectMissing, self.project.name).showing(project));
        }
        let mut attributes = attributes(reading, &self.fields);
        attributes.extend((self.about)(reading, self).map(|(name, value)| (code(&name), value)));
        if let Some(prefix) = self.told_apart {
            let apart = apart_code(reading, prefix);
            attributes = attributes
                .into_iter()
                .filter_map(|(name, value)| Some((Code::new(format!("{apart}.{name}")).ok()?, value)))
                .collect::<Attributes>();
        }
        let site = region_code(reading, self.region);
        if self.told_apart.is_none()
            && let Some(region) = &site
            && let Some(about) = known.projects.get_mut(project)
        {
            about.region = (!about.has_regions).then(|| region.clone());
            about.has_regions = true;
        }
        let words: Vec<&str> =
            self.words.iter().map(|col| reading.row.cell(*col)).filter(|words| !words.is_empty()).collect();
        let note = (!words.is_empty()).then(|| words.join(", ")).and_then(|words| Text::new(words).ok());
        let on: Date = reading.day_or_created(self.from);
        let described = ProgrammeDescribed {
            programme: project_code(reading.ids, project),
            kind: None,
            organisation: None,
            site,
            attributes,
            personal: Note { note },
        };
        let stream = reading.ids.thing("project", project);
        reading.fact(stream, on, "", described);
        Ok(())
    }
}

/// What tells this row's attributes apart from those of other rows: `beds-1997`.
fn apart_code(reading: &Reading<'_>, prefix: &str) -> Code {
    let plain = format!("{prefix}-{}", reading.key.to_ascii_lowercase());
    match Code::new(&plain) {
        Ok(code) if plain.len() <= 36 => code,
        _ => reading.ids.code(prefix, prefix, reading.key),
    }
}
