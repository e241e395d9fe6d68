//! Assessment.csv and what belongs to it: a step reached, where it put the client, and each answer and result.

use smol_str::SmolStr;
use throughline_domain::{Code, IndicatorMeasured, MilestoneReached, Note, Score, Text, Value};

use super::{
    codes,
    known::{Assessed, Known, Standing},
    reading::{Reading, code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

struct Assessments {
    enrolment: Col,
    person: Col,
    on: Col,
    location: Col,
    held: Col,
    level: Col,
    placed: Col,
}

/// How an assessment was held.
const HELD: codes::List = &[(1, "phone"), (2, "video"), (3, "in-person")];

pub(super) fn assessments(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Assessments {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["AssessmentDate"]),
        location: columns.col(&["AssessmentLocation"]),
        held: columns.col(&["AssessmentType"]),
        level: columns.col(&["AssessmentLevel"]),
        placed: columns.col(&["PrioritizationStatus"]),
    })
}

impl Mapper for Assessments {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        let noted = Assessed { on, standing: Standing::Unseen };
        known.assessments.insert(SmolStr::new(reading.key), noted);
        let level = reading.listed(self.level, codes::ASSESSMENT_LEVELS);
        let reached = MilestoneReached {
            enrolment: Some(place.enrolment.clone()),
            milestone: level.unwrap_or_else(|| code("needs-assessed")),
            life_area: Some(code("housing")),
            personal: Note { note: reading.text(self.location) },
        };
        reading.fact(place.journey, on, "", reached);
        let held = reading.listed(self.held, HELD).map(|held| ("assessment-format", held));
        let placed =
            reading.listed(self.placed, codes::PRIORITISATION).map(|placed| ("prioritisation", placed));
        for (indicator, value) in [held, placed].into_iter().flatten() {
            let measured = IndicatorMeasured {
                enrolment: Some(place.enrolment.clone()),
                indicator: code(indicator),
                value: Value::Code(value),
                life_area: Some(code("housing")),
                stage: None,
                personal: Note::default(),
            };
            reading.fact(place.journey, on, indicator, measured);
        }
        Ok(())
    }

    fn settle(&self, known: &mut Known, key: &str, standing: Standing) {
        if let Some(assessed) = known.assessments.get_mut(key) {
            assessed.standing = standing;
        }
    }
}

/// A table of what came out of an assessment.
struct Parts {
    assessment: Col,
    enrolment: Col,
    person: Col,
    /// What it is about: becomes part of the indicator's name.
    about: [Col; 2],
    /// What was asked, in words.
    words: Option<Col>,
    value: Col,
    prefix: &'static str,
}

pub(super) fn questions(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Parts {
        assessment: columns.col(&["AssessmentID"]),
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        about: [columns.col(&["AssessmentQuestionGroup"]), columns.col(&["AssessmentQuestionOrder"])],
        words: Some(columns.col(&["AssessmentQuestion"])),
        value: columns.col(&["AssessmentAnswer"]),
        prefix: "assessment-answer",
    })
}

pub(super) fn results(columns: &mut Columns) -> Box<dyn Mapper> {
    let about = columns.col(&["AssessmentResultType"]);
    Box::new(Parts {
        assessment: columns.col(&["AssessmentID"]),
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        about: [about, Col::ABSENT],
        words: None,
        value: columns.col(&["AssessmentResult"]),
        prefix: "assessment-result",
    })
}

impl Mapper for Parts {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let Some(assessed) = known.assessments.get(reading.row.cell(self.assessment)).cloned() else {
            return Err(Problem::at(Finding::AssessmentMissing, self.assessment.name));
        };
        match assessed.standing {
            Standing::Live => {}
            Standing::Deleted => reading.gone(Finding::ParentDeleted),
            Standing::Rejected | Standing::Unseen => {
                return Err(Problem::at(Finding::ParentRejected, self.assessment.name));
            }
        }
        let said = reading.row.cell(self.value);
        if said.is_empty() {
            return Ok(());
        }
        // A number is coded; words are personal and only that they were given is coded.
        let number = said.parse::<f64>().ok().and_then(|number| Score::new(number).ok());
        let asked = self.words.map(|col| reading.row.cell(col)).filter(|words| !words.is_empty());
        let note = match (asked, number) {
            (Some(asked), None) => Some(format!("{asked}: {said}")),
            (Some(asked), Some(_)) => Some(asked.to_owned()),
            (None, None) => Some(said.to_owned()),
            (None, Some(_)) => None,
        };
        let note = note.and_then(|note| {
            let text = Text::new(note).ok();
            if text.is_none() {
                reading.warn(Problem::at(Finding::TextTooLong, self.value.name));
            }
            text
        });
        let measured = IndicatorMeasured {
            enrolment: Some(place.enrolment),
            indicator: self.indicator(reading),
            value: number.map_or(Value::Flag(true), Value::Number),
            life_area: None,
            stage: None,
            personal: Note { note },
        };
        reading.fact(place.journey, assessed.on, "", measured);
        Ok(())
    }
}

impl Parts {
    fn indicator(&self, reading: &Reading<'_>) -> Code {
        let mut name = self.prefix.to_owned();
        for part in self.about.map(|col| reading.row.cell(col)).iter().filter(|part| !part.is_empty()) {
            name.push('-');
            name.extend(
                part.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }),
            );
        }
        name.truncate(64);
        code(&name)
    }
}
