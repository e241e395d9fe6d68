//! CurrentLivingSituation.csv: a contact at which somebody asked where the client lives now. Event.csv: steps of
//! coordinated entry, nearly all of them referrals.

use jiff::civil::Date;
use throughline_domain::{
    CheckInHeld, Exchange, Eyes, Format, IndicatorMeasured, MilestoneReached, Note, ReferralClosed,
    ReferralMade, ServiceDelivered, Words,
};

use super::{
    codes,
    field::{Field, FieldSpec, Kind, fields},
    known::Known,
    reading::{Place, Reading, code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

const fn asked(columns: &'static [&'static str], name: &'static str, kind: Kind) -> FieldSpec {
    FieldSpec { columns, name, kind, area: "housing" }
}

const ASKED: &[FieldSpec] = &[
    asked(&["CurrentLivingSituation"], "living-situation", Kind::Listed(codes::LIVING)),
    asked(&["CLSSubsidyType"], "rental-subsidy", Kind::Listed(codes::SUBSIDIES)),
    asked(&["LeaveSituation14Days"], "must-leave-in-14-days", Kind::Flag),
    asked(&["SubsequentResidence"], "has-next-residence", Kind::Flag),
    asked(&["ResourcesToObtain"], "has-resources-for-housing", Kind::Flag),
    asked(&["LeaseOwn60Day"], "had-lease-in-60-days", Kind::Flag),
    asked(&["MovedTwoOrMore"], "moved-twice-in-60-days", Kind::Flag),
];

struct LivingSituations {
    enrolment: Col,
    person: Col,
    on: Col,
    words: [Col; 2],
    asked: Vec<Field>,
}

pub(super) fn living_situations(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(LivingSituations {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["InformationDate"]),
        words: [columns.col(&["LocationDetails"]), columns.col(&["VerifiedBy"])],
        asked: fields(columns, ASKED),
    })
}

impl Mapper for LivingSituations {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        let [location, verified_by] = self.words.map(|col| reading.text(col));
        let outreach = place.project_kind == Some(codes::STREET_OUTREACH);
        let held = CheckInHeld {
            enrolment: Some(place.enrolment.clone()),
            format: if outreach { Format::Outreach } else { Format::Unknown },
            begun_by: Eyes::Staff,
            exchange: Exchange::TwoWay,
            planned: None,
            with: Vec::new(),
            minutes: None,
            worker: None,
            fit: None,
            personal: Words { words: None, note: location },
        };
        reading.fact(place.journey, on, "", held);
        for (nth, field) in self.asked.iter().enumerate() {
            let Some(value) = field.value(reading) else { continue };
            let measured = IndicatorMeasured {
                enrolment: Some(place.enrolment.clone()),
                indicator: code(field.spec.name),
                value,
                life_area: Some(code(field.spec.area)),
                stage: Some(code("update")),
                personal: Note { note: if nth == 0 { verified_by.clone() } else { None } },
            };
            reading.fact(place.journey, on, field.spec.name, measured);
        }
        Ok(())
    }
}

struct Events {
    enrolment: Col,
    person: Col,
    on: Col,
    event: Col,
    rehoused: Col,
    after_placement: Col,
    location: Col,
    result: Col,
    result_on: Col,
}

pub(super) fn events(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Events {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["EventDate"]),
        event: columns.col(&["Event"]),
        rehoused: columns.col(&["ProbSolDivRRResult"]),
        after_placement: columns.col(&["ReferralCaseManageAfter"]),
        location: columns.col(&["LocationCrisisOrPHHousing"]),
        result: columns.col(&["ReferralResult"]),
        result_on: columns.col(&["ResultDate"]),
    })
}

impl Mapper for Events {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        let Some(event) = reading.number(self.event) else {
            let text = reading.row.cell(self.event);
            return Err(Problem::at(Finding::CodeUnknown, self.event.name).showing(text));
        };
        if event == codes::PROBLEM_SOLVING {
            self.problem_solving(reading, &place, on);
        } else {
            self.referral(reading, &place, on, event);
        }
        Ok(())
    }
}

impl Events {
    fn problem_solving(&self, reading: &mut Reading<'_>, place: &Place, on: Date) {
        let delivered = ServiceDelivered {
            enrolment: Some(place.enrolment.clone()),
            service: code("problem-solving"),
            life_area: code("housing"),
            format: Format::Unknown,
            minutes: None,
            worker: None,
            with: Vec::new(),
            fit: None,
            cost: None,
            personal: Note { note: reading.text(self.location) },
        };
        reading.fact(place.journey, on, "", delivered);
        if reading.flag(self.rehoused) == Some(true) {
            milestone(reading, place, on, "rehoused-by-problem-solving");
        }
    }

    fn referral(&self, reading: &mut Reading<'_>, place: &Place, on: Date, event: u32) {
        let referral = reading.ids.key('r', "event", reading.key);
        let to = codes::find(codes::EVENTS, event).map_or_else(
            || {
                reading.warn(Problem::at(Finding::CodeUnknown, self.event.name).showing(&event.to_string()));
                code(&format!("hmis-{event}"))
            },
            code,
        );
        let made = ReferralMade {
            referral: referral.clone(),
            enrolment: Some(place.enrolment.clone()),
            to,
            life_area: Some(code("housing")),
            personal: Note { note: reading.text(self.location) },
        };
        reading.fact(place.journey, on, "", made);
        if let Some(result) = reading.listed(self.result, codes::REFERRAL_RESULTS) {
            let ended = reading.day_or_warn(self.result_on).unwrap_or_else(|| {
                reading.warn(Problem::at(Finding::DateFallback, self.result_on.name));
                on
            });
            if ended < on {
                reading.warn(
                    Problem::at(Finding::DatesOutOfOrder, self.result_on.name).showing(&ended.to_string()),
                );
            }
            reading.fact(
                place.journey,
                ended,
                "",
                ReferralClosed { referral, result, personal: Note::default() },
            );
        }
        if event == codes::AFTER_PLACEMENT && reading.flag(self.after_placement) == Some(true) {
            milestone(reading, place, on, "in-aftercare");
        }
    }
}

fn milestone(reading: &mut Reading<'_>, place: &Place, on: Date, milestone: &str) {
    let reached = MilestoneReached {
        enrolment: Some(place.enrolment.clone()),
        milestone: code(milestone),
        life_area: Some(code("housing")),
        personal: Note::default(),
    };
    reading.fact(place.journey, on, milestone, reached);
}
