//! Enrollment.csv: somebody begins. `Enrolled`, what was asked at entry as `IntakeHeld`, and the steps that the row
//! dates: engaged, moved in, PATH status, eligibility for youth programmes. EnrollmentCoC.csv: the region of a stay.

use jiff::civil::Date;
use smol_str::SmolStr;
use throughline_domain::{
    Attributes, Code, EligibilityDecided, Enrolled, Environment, IndicatorMeasured, IntakeHeld, JourneyId,
    Key, MilestoneMissed, MilestoneReached, Note, Value,
};

use super::{
    asked::ASKED,
    codes,
    field::{Field, attributes, fields},
    known::{Known, Project, Standing},
    reading::{Reading, code, project_code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

struct Enrolments {
    person: Col,
    project: Col,
    entry: Col,
    household: Col,
    relationship: Col,
    region: Col,
    engaged: Col,
    moved_in: Col,
    path_on: Col,
    path: Col,
    youth_on: Col,
    youth: Col,
    youth_reason: Col,
    /// The last address before entry; asked until FY2020.
    address: [Col; 4],
    words: [Col; 2],
    asked: Vec<Field>,
}

pub(super) fn enrolments(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Enrolments {
        person: columns.col(&["PersonalID"]),
        project: columns.col(&["ProjectID"]),
        entry: columns.col(&["EntryDate"]),
        household: columns.col(&["HouseholdID"]),
        relationship: columns.col(&["RelationshipToHoH"]),
        region: columns.col(&["EnrollmentCoC"]),
        engaged: columns.col(&["DateOfEngagement"]),
        moved_in: columns.col(&["MoveInDate"]),
        path_on: columns.col(&["DateOfPATHStatus"]),
        path: columns.col(&["ClientEnrolledInPATH"]),
        youth_on: columns.col(&["DateOfBCPStatus"]),
        youth: columns.col(&["EligibleForRHY"]),
        youth_reason: columns.col(&["ReasonNoServices"]),
        address: ["LastPermanentStreet", "LastPermanentCity", "LastPermanentState", "LastPermanentZIP"]
            .map(|name| columns.col(&[name])),
        words: ["SexualOrientationOther", "PreferredLanguageDifferent"].map(|name| columns.col(&[name])),
        asked: fields(columns, ASKED),
    })
}

impl Mapper for Enrolments {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let row = reading.row;
        let (person, project) = (row.cell(self.person), row.cell(self.project));
        let mut enrolment = known.enrolment(reading.ids, reading.key, person, project);
        let (journey, key) = (enrolment.journey, enrolment.key.clone());
        reading.about = Some(journey);
        let entry = reading.day(self.entry);
        enrolment.entry = entry.as_ref().ok().copied();
        known.enrolments.insert(SmolStr::new(reading.key), enrolment);

        let about = &known.people[person];
        let born = about.born;
        match about.standing {
            Standing::Live => {}
            Standing::Deleted => reading.gone(Finding::ParentDeleted),
            Standing::Rejected => return Err(Problem::at(Finding::ParentRejected, self.person.name)),
            Standing::Unseen => return Err(Problem::at(Finding::ClientMissing, self.person.name)),
        }
        let entry = entry?;
        let project = known.projects.get(project).cloned().unwrap_or_else(|| {
            reading.warn(Problem::at(Finding::ProjectMissing, self.project.name).showing(project));
            Project::default()
        });
        self.enrolled(reading, journey, entry, &key, &project);
        self.intake(reading, journey, entry, &key, born);
        self.steps(reading, journey, entry, &key);
        Ok(())
    }

    fn settle(&self, known: &mut Known, key: &str, standing: Standing) {
        if let Some(enrolment) = known.enrolments.get_mut(key) {
            enrolment.standing = standing;
        }
    }
}

impl Enrolments {
    fn enrolled(
        &self,
        reading: &mut Reading<'_>,
        journey: JourneyId,
        entry: Date,
        key: &Key,
        project: &Project,
    ) {
        let mut attributes = Attributes::new();
        if let Some(kind) = project.kind {
            attributes.insert(code("project-type"), Value::Code(code(&format!("hmis-{kind}"))));
        }
        let household = reading.row.cell(self.household);
        let enrolled = Enrolled {
            enrolment: key.clone(),
            programme: project_code(reading.ids, reading.row.cell(self.project)),
            template_version: None,
            site: region_code(reading, self.region).or_else(|| project.region.clone()),
            worker: None,
            household: (!household.is_empty()).then(|| reading.ids.key('h', "household", household)),
            relationship: reading.listed(self.relationship, codes::RELATIONSHIPS),
            attributes,
            personal: Note::default(),
        };
        reading.fact(journey, entry, "", enrolled);
    }

    fn intake(
        &self,
        reading: &mut Reading<'_>,
        journey: JourneyId,
        entry: Date,
        key: &Key,
        born: Option<Date>,
    ) {
        let mut attributes = attributes(reading, &self.asked);
        if attributes.is_empty() {
            return;
        }
        if let Some(band) = born.and_then(|born| age_band(born, entry)) {
            attributes.insert(code("age-band"), Value::Code(code(band)));
        }
        let held = IntakeHeld {
            enrolment: Some(key.clone()),
            surroundings: Vec::new(),
            challenges: Vec::new(),
            opportunities: Vec::new(),
            priorities: Vec::new(),
            values: Vec::new(),
            support_needs: Vec::new(),
            decisions: None,
            capabilities: Vec::new(),
            attributes,
            personal: Box::new(Environment {
                history: reading.words(&self.address, ", "),
                note: reading.words(&self.words, "; "),
                ..Environment::default()
            }),
        };
        reading.fact(journey, entry, "", held);
    }

    fn steps(&self, reading: &mut Reading<'_>, journey: JourneyId, entry: Date, key: &Key) {
        for (col, milestone, area) in
            [(self.engaged, "engaged", None), (self.moved_in, "moved-in", Some("housing"))]
        {
            let Some(on) = reading.day_or_warn(col) else { continue };
            if on < entry {
                reading.warn(Problem::at(Finding::DatesOutOfOrder, col.name).showing(reading.row.cell(col)));
            }
            reading.fact(journey, on, milestone, reached(key, milestone, area));
        }
        if let Some(on) = reading.day_or_warn(self.path_on) {
            match reading.flag(self.path) {
                Some(true) => {
                    reading.fact(journey, on, "path", reached(key, "path-enrolled", None));
                }
                Some(false) => {
                    let missed = MilestoneMissed {
                        enrolment: Some(key.clone()),
                        milestone: code("path-enrolled"),
                        reason: None,
                        personal: Note::default(),
                    };
                    reading.fact(journey, on, "path", missed);
                }
                None => {}
            }
        }
        self.youth_eligibility(reading, journey, entry);
    }

    fn youth_eligibility(&self, reading: &mut Reading<'_>, journey: JourneyId, entry: Date) {
        let Some(accepted) = reading.flag(self.youth) else { return };
        let on = reading.day_or_warn(self.youth_on).unwrap_or_else(|| {
            reading.warn(Problem::at(Finding::DateFallback, self.youth_on.name));
            entry
        });
        let reason = reading.number(self.youth_reason).filter(|number| !codes::is_unsaid(*number));
        let decided = EligibilityDecided {
            programme: project_code(reading.ids, reading.row.cell(self.project)),
            criteria_version: code("hmis-rhy"),
            criteria: Vec::new(),
            accepted,
            reason: reason.map(|number| code(&format!("hmis-{number}"))),
            personal: Note::default(),
        };
        reading.fact(journey, on, "", decided);
    }
}

fn reached(key: &Key, milestone: &str, area: Option<&str>) -> MilestoneReached {
    MilestoneReached {
        enrolment: Some(key.clone()),
        milestone: code(milestone),
        life_area: area.map(code),
        personal: Note::default(),
    }
}

/// A region's code in lower case: `xx-501`.
pub(super) fn region_code(reading: &mut Reading<'_>, col: Col) -> Option<Code> {
    let text = reading.row.cell(col);
    if text.is_empty() {
        return None;
    }
    let region = Code::new(text.to_ascii_lowercase()).ok();
    if region.is_none() {
        reading.warn(Problem::at(Finding::CodeUnknown, col.name).showing(text));
    }
    region
}

/// The age at entry in bands that HUD reports by; none for a birth after entry.
fn age_band(born: Date, entry: Date) -> Option<&'static str> {
    let had_birthday = (entry.month(), entry.day()) >= (born.month(), born.day());
    let age = entry.year() - born.year() - i16::from(!had_birthday);
    Some(match age {
        0..=4 => "0-4",
        5..=12 => "5-12",
        13..=17 => "13-17",
        18..=24 => "18-24",
        25..=34 => "25-34",
        35..=44 => "35-44",
        45..=54 => "45-54",
        55..=64 => "55-64",
        65..=120 => "65-plus",
        _ => return None,
    })
}

struct Regions {
    enrolment: Col,
    person: Col,
    on: Col,
    region: Col,
    stage: Col,
}

pub(super) fn regions(columns: &mut Columns) -> Box<dyn Mapper> {
    for told_elsewhere in ["HouseholdID", "ProjectID"] {
        columns.col(&[told_elsewhere]);
    }
    Box::new(Regions {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["InformationDate"]),
        region: columns.col(&["CoCCode"]),
        stage: columns.col(&["DataCollectionStage"]),
    })
}

impl Mapper for Regions {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        if let Some(region) = region_code(reading, self.region) {
            let measured = IndicatorMeasured {
                enrolment: Some(place.enrolment),
                indicator: code("region"),
                value: Value::Code(region),
                life_area: None,
                stage: reading.listed(self.stage, codes::STAGES),
                personal: Note::default(),
            };
            reading.fact(place.journey, on, "", measured);
        }
        Ok(())
    }
}
