//! What is asked again at points of a stay: employment and education, health and violence, disabilities, school.
//! Each answer is an `IndicatorMeasured` with the point of the stay as its stage; what is asked after exit is a
//! `FollowUpHeld` as well, one for all tables of that day.

use jiff::civil::Date;
use throughline_domain::{
    Code, FollowUpHeld, FollowUpResult, Format, IndicatorMeasured, Note, Text, Value, Words,
};

use super::{
    codes,
    field::{Field, FieldSpec, Kind, asked, fields},
    known::Known,
    reading::{Place, Reading, code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

/// When and at which point of which stay something was asked.
pub(super) struct Asked<'a> {
    pub place: &'a Place,
    pub on: Date,
    pub stage: Option<Code>,
}

/// One indicator measured.
pub(super) fn measure(
    reading: &mut Reading<'_>,
    asked: &Asked<'_>,
    indicator: &str,
    area: &str,
    value: Value,
    note: Option<Text>,
) {
    let measured = IndicatorMeasured {
        enrolment: Some(asked.place.enrolment.clone()),
        indicator: code(indicator),
        value,
        life_area: (!area.is_empty()).then(|| code(area)),
        stage: asked.stage.clone(),
        personal: Note { note },
    };
    reading.fact(asked.place.journey, asked.on, indicator, measured);
}

/// The columns that say whose answers they are, from when, and at which point of the stay.
pub(super) struct Point {
    enrolment: Col,
    person: Col,
    on: Col,
    stage: Col,
}

impl Point {
    pub fn of(columns: &mut Columns) -> Self {
        Self {
            enrolment: columns.col(&["EnrollmentID"]),
            person: columns.col(&["PersonalID"]),
            on: columns.col(&["InformationDate"]),
            stage: columns.col(&["DataCollectionStage"]),
        }
    }

    /// Whose, when and at which point.
    pub fn read(
        &self,
        reading: &mut Reading<'_>,
        known: &Known,
    ) -> Result<(Place, Date, Option<Code>), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        let stage = reading.listed(self.stage, codes::STAGES);
        Ok((place, on, stage))
    }

    /// Somebody was in touch after exit, where these answers are from then.
    pub fn followed_up(&self, reading: &mut Reading<'_>, asked: &Asked<'_>) {
        if reading.drafts.is_empty() || asked.stage.as_ref().map(Code::as_str) != Some("after-exit") {
            return;
        }
        let held = FollowUpHeld {
            outcome: None,
            enrolment: Some(asked.place.enrolment.clone()),
            window: None,
            format: Format::Unknown,
            result: FollowUpResult::NotAssessed,
            personal: Words::default(),
        };
        let shared = format!("after-exit/{}/{}", reading.row.cell(self.enrolment), asked.on);
        reading.shared_fact(asked.place.journey, asked.on, &shared, held);
    }
}

const EMPLOYMENT: &[FieldSpec] = &[
    asked(&["LastGradeCompleted"], "last-grade", Kind::Listed(codes::GRADES), "education"),
    asked(&["SchoolStatus"], "school-status", Kind::Listed(codes::SCHOOL), "education"),
    asked(&["Employed"], "employed", Kind::Flag, "employment"),
    asked(&["EmploymentType"], "employment-type", Kind::Listed(codes::EMPLOYMENT), "employment"),
    asked(&["NotEmployedReason"], "not-employed-reason", Kind::Listed(codes::NOT_EMPLOYED), "employment"),
];

const HEALTH: &[FieldSpec] = &[
    asked(&["DomesticViolenceSurvivor", "DomesticViolenceVictim"], "domestic-violence", Kind::Flag, "safety"),
    asked(&["WhenOccurred"], "violence-occurred", Kind::Listed(codes::VIOLENCE_WHEN), "safety"),
    asked(&["CurrentlyFleeing"], "fleeing-violence", Kind::Flag, "safety"),
    asked(&["GeneralHealthStatus"], "general-health", Kind::Listed(codes::HEALTH), "health"),
    asked(&["DentalHealthStatus"], "dental-health", Kind::Listed(codes::HEALTH), "health"),
    asked(&["MentalHealthStatus"], "mental-health", Kind::Listed(codes::HEALTH), "mental-health"),
    asked(&["PregnancyStatus"], "pregnant", Kind::Flag, "health"),
    asked(&["DueDate"], "birth-due", Kind::Date, "health"),
    asked(&["LifeValue"], "life-has-value", Kind::Numbered, "mental-health"),
    asked(&["SupportFromOthers"], "support-from-others", Kind::Numbered, "social-connection"),
    asked(&["BounceBack"], "bounces-back", Kind::Numbered, "mental-health"),
    asked(&["FeelingFrequency"], "feels-down", Kind::Numbered, "mental-health"),
];

const YOUTH_EDUCATION: &[FieldSpec] = &[
    asked(&["CurrentSchoolAttend"], "school-attendance", Kind::Listed(codes::ATTENDANCE), "education"),
    asked(&["MostRecentEdStatus"], "past-education", Kind::Listed(codes::PAST_EDUCATION), "education"),
    asked(&["CurrentEdStatus"], "present-education", Kind::Listed(codes::PRESENT_EDUCATION), "education"),
];

/// A table of plain answers.
struct Answers {
    point: Point,
    fields: Vec<Field>,
}

pub(super) fn employment(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Answers { point: Point::of(columns), fields: fields(columns, EMPLOYMENT) })
}

pub(super) fn health(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Answers { point: Point::of(columns), fields: fields(columns, HEALTH) })
}

pub(super) fn youth_education(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Answers { point: Point::of(columns), fields: fields(columns, YOUTH_EDUCATION) })
}

impl Mapper for Answers {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let (place, on, stage) = self.point.read(reading, known)?;
        let asked = Asked { place: &place, on, stage };
        for field in &self.fields {
            if let Some(value) = field.value(reading) {
                measure(reading, &asked, field.spec.name, field.spec.area, value, None);
            }
        }
        self.point.followed_up(reading, &asked);
        Ok(())
    }
}

const HIV: &[FieldSpec] = &[
    asked(&["TCellCountAvailable"], "t-cell-count-known", Kind::Flag, "health"),
    asked(&["TCellCount"], "t-cell-count", Kind::Amount, "health"),
    asked(&["TCellSource"], "t-cell-count-source", Kind::Numbered, "health"),
    asked(&["ViralLoadAvailable"], "viral-load-known", Kind::Numbered, "health"),
    asked(&["ViralLoad"], "viral-load", Kind::Amount, "health"),
    asked(&["ViralLoadSource"], "viral-load-source", Kind::Numbered, "health"),
    asked(&["AntiRetroviral"], "anti-retroviral", Kind::Flag, "health"),
];

/// The kind of disability whose answer is a substance and not yes or no.
const SUBSTANCE_USE: u32 = 10;

struct Disabilities {
    point: Point,
    kind: Col,
    response: Col,
    lasting: Col,
    hiv: Vec<Field>,
}

pub(super) fn disabilities(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Disabilities {
        point: Point::of(columns),
        kind: columns.col(&["DisabilityType"]),
        response: columns.col(&["DisabilityResponse"]),
        lasting: columns.col(&["IndefiniteAndImpairs"]),
        hiv: fields(columns, HIV),
    })
}

impl Mapper for Disabilities {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let (place, on, stage) = self.point.read(reading, known)?;
        let asked = Asked { place: &place, on, stage };
        let Some(kind) = reading.number(self.kind) else { return Ok(()) };
        let Some(indicator) = codes::find(codes::DISABILITIES, kind) else {
            return Err(Problem::at(Finding::CodeUnknown, self.kind.name).showing(&kind.to_string()));
        };
        let area = match kind {
            9 => "mental-health",
            SUBSTANCE_USE => "substance-use",
            _ => "health",
        };
        let response = if kind == SUBSTANCE_USE {
            reading.listed(self.response, codes::SUBSTANCES).map(Value::Code)
        } else {
            reading.flag(self.response).map(Value::Flag)
        };
        if let Some(response) = response {
            measure(reading, &asked, indicator, area, response, None);
        }
        if let Some(lasting) = reading.flag(self.lasting) {
            measure(reading, &asked, &format!("{indicator}-lasting"), area, Value::Flag(lasting), None);
        }
        for field in &self.hiv {
            if let Some(value) = field.value(reading) {
                measure(reading, &asked, field.spec.name, field.spec.area, value, None);
            }
        }
        self.point.followed_up(reading, &asked);
        Ok(())
    }
}
