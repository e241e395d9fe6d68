//! Exit.csv: somebody leaves. `Exited` with the destination; beside it what the row shows: the programme completed, a
//! permanent home reached, a death, the housing found at exit, contact after exit.

use jiff::civil::Date;
use throughline_domain::{
    Code, Destination, DestinationKind, Died, Exited, FollowUpHeld, FollowUpResult, Format, Note, Nothing,
    OutcomeReached, ProgrammeCompleted, Words,
};

use super::{
    codes,
    collected::{Asked, measure},
    field::{Field, FieldSpec, Kind, asked, fields},
    known::Known,
    reading::{Place, Reading, code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

const FOUND: &[FieldSpec] = &[
    asked(&["HousingAssessment"], "housing-at-exit", Kind::Listed(codes::HOUSING_AT_EXIT), "housing"),
    asked(&["SubsidyInformation"], "subsidy-at-exit", Kind::Listed(codes::SUBSIDY_AT_EXIT), "housing"),
    asked(&["DestinationSubsidyType"], "destination-subsidy", Kind::Listed(codes::SUBSIDIES), "housing"),
    asked(&["ExchangeForSex"], "exchange-for-sex", Kind::Flag, "safety"),
    asked(&["ExchangeForSexPastThreeMonths"], "exchange-for-sex-3m", Kind::Flag, "safety"),
    asked(&["CountOfExchangeForSex"], "exchange-for-sex-count", Kind::Numbered, "safety"),
    asked(&["AskedOrForcedToExchangeForSex"], "forced-exchange-for-sex", Kind::Flag, "safety"),
    asked(
        &["AskedOrForcedToExchangeForSexPastThreeMonths"],
        "forced-exchange-for-sex-3m",
        Kind::Flag,
        "safety",
    ),
    asked(&["WorkplaceViolenceThreats"], "workplace-violence", Kind::Flag, "safety"),
    asked(&["WorkplacePromiseDifference"], "workplace-promises-broken", Kind::Flag, "safety"),
    asked(&["CoercedToContinueWork"], "coerced-work", Kind::Flag, "safety"),
    asked(&["LaborExploitPastThreeMonths"], "labour-exploitation-3m", Kind::Flag, "safety"),
    asked(&["CounselingReceived"], "counselling-received", Kind::Flag, "mental-health"),
    asked(&["IndividualCounseling"], "counselling-individual", Kind::Flag, "mental-health"),
    asked(&["FamilyCounseling"], "counselling-family", Kind::Flag, "mental-health"),
    asked(&["GroupCounseling"], "counselling-group", Kind::Flag, "mental-health"),
    asked(&["SessionCountAtExit"], "counselling-sessions", Kind::Amount, "mental-health"),
    asked(&["PostExitCounselingPlan"], "counselling-planned", Kind::Flag, "mental-health"),
    asked(&["SessionsInPlan"], "counselling-sessions-planned", Kind::Amount, "mental-health"),
    asked(&["DestinationSafeClient"], "destination-safe-client-says", Kind::Flag, "safety"),
    asked(&["DestinationSafeWorker"], "destination-safe-worker-says", Kind::Numbered, "safety"),
    asked(&["PosAdultConnections"], "positive-adult-connections", Kind::Numbered, "social-connection"),
    asked(&["PosPeerConnections"], "positive-peer-connections", Kind::Numbered, "social-connection"),
    asked(
        &["PosCommunityConnections"],
        "positive-community-connections",
        Kind::Numbered,
        "social-connection",
    ),
];

struct Exits {
    enrolment: Col,
    person: Col,
    on: Col,
    destination: Col,
    destination_words: Col,
    completion: Col,
    early: Col,
    case_management: Col,
    after_on: Col,
    after: Col,
    after_formats: [(Col, Format); 4],
    found: Vec<Field>,
}

pub(super) fn exits(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Exits {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["ExitDate"]),
        destination: columns.col(&["Destination"]),
        destination_words: columns.col(&["OtherDestination"]),
        completion: columns.col(&["ProjectCompletionStatus"]),
        early: columns.col(&["EarlyExitReason"]),
        case_management: columns.col(&["CMExitReason"]),
        after_on: columns.col(&["AftercareDate"]),
        after: columns.col(&["AftercareProvided"]),
        after_formats: [
            (columns.col(&["EmailSocialMedia"]), Format::Written),
            (columns.col(&["Telephone"]), Format::Phone),
            (columns.col(&["InPersonIndividual"]), Format::InPerson),
            (columns.col(&["InPersonGroup"]), Format::SmallGroup),
        ],
        found: fields(columns, FOUND),
    })
}

impl Mapper for Exits {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        if place.entry.is_some_and(|entry| on < entry) {
            reading.warn(Problem::at(Finding::DatesOutOfOrder, self.on.name).showing(&on.to_string()));
        }
        let completion = reading.number(self.completion);
        let destination = self.destination(reading);
        let kind = destination.as_ref().map(|destination| destination.kind);
        let exited = Exited {
            enrolment: place.enrolment.clone(),
            reason: self.reason(reading, completion),
            destination,
            personal: Note { note: reading.text(self.destination_words) },
        };
        let left = reading.fact(place.journey, on, "", exited);
        if completion == Some(1) {
            let completed =
                ProgrammeCompleted { enrolment: place.enrolment.clone(), personal: Note::default() };
            reading.fact(place.journey, on, "", completed);
        }
        match kind {
            Some(DestinationKind::Permanent) => {
                let reached = OutcomeReached {
                    outcome: reading.ids.key('o', "enrollment", reading.row.cell(self.enrolment)),
                    what: code("permanent-housing"),
                    life_area: code("housing"),
                    enrolment: Some(place.enrolment.clone()),
                    evidence: code("destination-recorded"),
                    shown_by: vec![left],
                    personal: Note::default(),
                };
                reading.fact(place.journey, on, "", reached);
            }
            Some(DestinationKind::Deceased) => {
                reading.fact(place.journey, on, "", Died { personal: Nothing {} });
            }
            _ => {}
        }
        let asked = Asked { place: &place, on, stage: Some(code("exit")) };
        for field in &self.found {
            if let Some(value) = field.value(reading) {
                measure(reading, &asked, field.spec.name, field.spec.area, value, None);
            }
        }
        self.after(reading, &place, on);
        Ok(())
    }
}

impl Exits {
    fn destination(&self, reading: &mut Reading<'_>) -> Option<Destination> {
        let number = reading.number(self.destination)?;
        let kind = codes::destination_kind(number);
        if kind.is_none() || codes::is_of_other_era(number, reading.export.era.is_from_2024()) {
            reading
                .warn(Problem::at(Finding::CodeUnknown, self.destination.name).showing(&number.to_string()));
        }
        let kind = kind.unwrap_or(DestinationKind::Unknown);
        Some(Destination { kind, code: Some(code(&format!("hmis-{number}"))) })
    }

    /// Why: the most particular reason the row gives. The list of early exits changed its meaning with the answer
    /// before it: for who left early it says for what, for who was discharged it says why.
    fn reason(&self, reading: &mut Reading<'_>, completion: Option<u32>) -> Option<Code> {
        let list = if completion == Some(2) { codes::LEFT_FOR } else { codes::DISCHARGED_FOR };
        let early = reading.listed(self.early, list);
        let ended = reading.listed(self.case_management, codes::CASE_MANAGEMENT_ENDED);
        let completion = reading.listed(self.completion, codes::COMPLETION);
        early.or(ended).or(completion)
    }

    fn after(&self, reading: &mut Reading<'_>, place: &Place, left: Date) {
        if reading.flag(self.after) != Some(true) {
            return;
        }
        let on = reading.day_or_warn(self.after_on).unwrap_or_else(|| {
            reading.warn(Problem::at(Finding::DateFallback, self.after_on.name));
            left
        });
        let mut format = Format::Unknown;
        for (col, used) in self.after_formats {
            if reading.flag(col) == Some(true) {
                format = used;
            }
        }
        let held = FollowUpHeld {
            outcome: None,
            enrolment: Some(place.enrolment.clone()),
            window: None,
            format,
            result: FollowUpResult::NotAssessed,
            personal: Words::default(),
        };
        reading.fact(place.journey, on, "aftercare", held);
    }
}
