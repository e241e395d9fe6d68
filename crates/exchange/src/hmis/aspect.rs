//! What is true of a project from a day on: regions, funders, beds, taking part in things, affiliations. Each row is a
//! `ProgrammeDescribed` on the project's own stream.

use jiff::civil::Date;
use throughline_domain::{Attributes, Code, Note, ProgrammeDescribed, Value};

use super::{
    codes,
    enrolment::region_code,
    field::{Field, FieldSpec, Kind, attributes, field, fields},
    known::Known,
    reading::{Reading, code, project_code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

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
    &[field(&["Funder"], "funder", Kind::Listed(codes::FUNDERS)), field(&["EndDate"], "until", Kind::Until)];

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
    field(&["InventoryEndDate"], "until", Kind::Until),
];

pub(super) fn inventories(columns: &mut Columns) -> Box<dyn Mapper> {
    let region = columns.col(&["CoCCode"]);
    let told_apart = Some("beds");
    Box::new(Aspect { told_apart, region, ..aspect(columns, "InventoryStartDate", INVENTORY) })
}

const PARTICIPATION: &[FieldSpec] = &[
    field(&["HMISParticipationType"], "hmis-participation", Kind::Listed(codes::PARTICIPATION)),
    field(&["HMISParticipationStatusEndDate"], "hmis-participation-until", Kind::Until),
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
    field(&["CEParticipationStatusEndDate"], "ce-until", Kind::Until),
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
        let note = reading.words(&self.words, ", ");
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
