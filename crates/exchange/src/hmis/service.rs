//! Services.csv: what was given, paid and referred to. The record type says which list the type is from.

use throughline_domain::{
    Amount, Format, MilestoneReached, Note, ReferralClosed, ReferralMade, ServiceDelivered, SupportPaid,
};

use super::{
    codes,
    known::Known,
    reading::{Place, Reading, code},
    tables::Mapper,
};
use crate::import::{Col, Columns, Finding, Problem};

struct Services {
    enrolment: Col,
    person: Col,
    on: Col,
    record: Col,
    kind: Col,
    words: [Col; 2],
    paid: Col,
    /// The first and last day that the payment is for.
    paid_for: [Col; 2],
    outcome: Col,
}

pub(super) fn services(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Services {
        enrolment: columns.col(&["EnrollmentID"]),
        person: columns.col(&["PersonalID"]),
        on: columns.col(&["DateProvided"]),
        record: columns.col(&["RecordType"]),
        kind: columns.col(&["TypeProvided"]),
        words: [columns.col(&["OtherTypeProvided"]), columns.col(&["MovingOnOtherType"])],
        paid: columns.col(&["FAAmount"]),
        paid_for: ["FAStartDate", "FAEndDate"].map(|name| columns.col(&[name])),
        outcome: columns.col(&["ReferralOutcome"]),
    })
}

impl Mapper for Services {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let place = reading.place(known, self.enrolment, self.person)?;
        let on = reading.day(self.on)?;
        let record = reading.number(self.record);
        let kind = reading.number(self.kind);
        let (Some(record), kind) = (record, kind.unwrap_or_default()) else {
            let text = reading.row.cell(self.record);
            return Err(Problem::at(Finding::CodeUnknown, self.record.name).showing(text));
        };
        match record {
            codes::PATH_REFERRAL_RECORD => self.referral(reading, &place, on, kind),
            codes::VOUCHER_RECORD => {
                let step = codes::find(codes::VOUCHER_STEPS, kind);
                let reached = MilestoneReached {
                    enrolment: Some(place.enrolment),
                    milestone: step.map_or_else(|| self.unknown(reading, record, kind), code),
                    life_area: Some(code("housing")),
                    personal: Note::default(),
                };
                reading.fact(place.journey, on, "", reached);
            }
            _ => self.service(reading, &place, on, record, kind),
        }
        Ok(())
    }
}

impl Services {
    fn service(
        &self,
        reading: &mut Reading<'_>,
        place: &Place,
        on: jiff::civil::Date,
        record: u32,
        kind: u32,
    ) {
        let types = codes::SERVICES.iter().find(|(known, _)| *known == record).map(|(_, types)| *types);
        let listed = types.and_then(|types| types.iter().find(|(number, ..)| *number == kind));
        let (service, life_area) = match (listed, types) {
            (Some((_, service, area)), _) => (code(service), code(area)),
            // A record with one type only is that type, whatever number stands there.
            (None, Some([(_, service, area)])) => {
                self.unknown(reading, record, kind);
                (code(service), code(area))
            }
            (None, _) => (self.unknown(reading, record, kind), code("other")),
        };
        if let Some(dollars) = reading.amount(self.paid) {
            let paid = SupportPaid {
                enrolment: Some(place.enrolment.clone()),
                purpose: code(codes::purpose(service.as_str())),
                life_area: Some(life_area.clone()),
                amount: Amount { minor: cents(dollars.get()), currency: code("usd") },
                personal: Note { note: reading.words(&self.paid_for, " to ") },
            };
            reading.fact(place.journey, on, "", paid);
        }
        let delivered = ServiceDelivered {
            enrolment: Some(place.enrolment.clone()),
            service,
            life_area,
            format: if place.project_kind == Some(codes::STREET_OUTREACH) {
                Format::Outreach
            } else {
                Format::Unknown
            },
            minutes: None,
            worker: None,
            with: Vec::new(),
            fit: None,
            cost: None,
            personal: Note { note: reading.words(&self.words, "; ") },
        };
        reading.fact(place.journey, on, "", delivered);
    }

    fn referral(&self, reading: &mut Reading<'_>, place: &Place, on: jiff::civil::Date, kind: u32) {
        let listed = codes::PATH_REFERRALS.iter().find(|(number, ..)| *number == kind);
        let (to, area) = match listed {
            Some((_, to, area)) => (code(to), Some(code(area))),
            None => (self.unknown(reading, codes::PATH_REFERRAL_RECORD, kind), None),
        };
        let referral = reading.ids.key('r', "services", reading.key);
        let made = ReferralMade {
            referral: referral.clone(),
            enrolment: Some(place.enrolment.clone()),
            to,
            life_area: area,
            personal: Note::default(),
        };
        reading.fact(place.journey, on, "", made);
        if let Some(result) = reading.listed(self.outcome, codes::PATH_RESULTS) {
            // The row does not say when it ended; the day it was made is the only one there is.
            reading.warn(Problem::at(Finding::DateFallback, self.outcome.name));
            reading.fact(
                place.journey,
                on,
                "",
                ReferralClosed { referral, result, personal: Note::default() },
            );
        }
    }

    /// A type of no list keeps its numbers.
    fn unknown(&self, reading: &mut Reading<'_>, record: u32, kind: u32) -> throughline_domain::Code {
        reading.warn(Problem::at(Finding::CodeUnknown, self.kind.name).showing(&format!("{record}/{kind}")));
        code(&format!("hmis-{record}-{kind}"))
    }
}

/// Dollars as whole cents; amounts of a row are far below where a cent is lost.
#[allow(clippy::cast_possible_truncation, reason = "saturates at amounts no row holds")]
fn cents(dollars: f64) -> i64 {
    (dollars * 100.0).round() as i64
}
