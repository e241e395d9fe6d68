//! IncomeBenefits.csv: income, benefits and insurance at points of a stay.
//!
//! A source that is there is one indicator: its monthly amount in dollars, or yes where no amount is told. A source
//! that is not there says nothing new where the question above it was answered, and is then not written down one by
//! one; where that question was left open, the no is kept. Earned income is always written, zero where there is none.

use throughline_domain::{Score, Value};

use super::{
    codes,
    collected::{Asked, Point, measure},
    known::Known,
    reading::Reading,
    tables::Mapper,
};
use crate::import::{Col, Columns, Problem};

/// A source: its columns for yes or no, for the amount, and its indicator.
type Source = (&'static [&'static str], &'static str, &'static str);

const INCOME: &[Source] = &[
    (&["Earned"], "EarnedAmount", "income-earned"),
    (&["Unemployment"], "UnemploymentAmount", "income-unemployment"),
    (&["SSI"], "SSIAmount", "income-ssi"),
    (&["SSDI"], "SSDIAmount", "income-ssdi"),
    (&["VADisabilityService"], "VADisabilityServiceAmount", "income-va-service-disability"),
    (&["VADisabilityNonService"], "VADisabilityNonServiceAmount", "income-va-non-service-disability"),
    (&["PrivateDisability"], "PrivateDisabilityAmount", "income-private-disability"),
    (&["WorkersComp"], "WorkersCompAmount", "income-workers-compensation"),
    (&["TANF"], "TANFAmount", "income-tanf"),
    (&["GA"], "GAAmount", "income-general-assistance"),
    (&["SocSecRetirement"], "SocSecRetirementAmount", "income-social-security"),
    (&["Pension"], "PensionAmount", "income-pension"),
    (&["ChildSupport"], "ChildSupportAmount", "income-child-support"),
    (&["Alimony"], "AlimonyAmount", "income-alimony"),
    (&["OtherIncomeSource"], "OtherIncomeAmount", "income-other"),
];

const BENEFITS: &[Source] = &[
    (&["SNAP"], "", "benefit-snap"),
    (&["WIC"], "", "benefit-wic"),
    (&["TANFChildCare"], "", "benefit-tanf-child-care"),
    (&["TANFTransportation"], "", "benefit-tanf-transport"),
    (&["OtherTANF"], "", "benefit-other-tanf"),
    (&["OtherBenefitsSource"], "", "benefit-other"),
];

const INSURANCE: &[Source] = &[
    (&["Medicaid"], "", "insurance-medicaid"),
    (&["Medicare"], "", "insurance-medicare"),
    (&["SCHIP"], "", "insurance-schip"),
    (&["VHAServices", "VAMedicalServices"], "", "insurance-va"),
    (&["EmployerProvided"], "", "insurance-employer"),
    (&["COBRA"], "", "insurance-cobra"),
    (&["PrivatePay"], "", "insurance-private"),
    (&["StateHealthIns"], "", "insurance-state"),
    (&["IndianHealthServices"], "", "insurance-indian-health"),
    (&["OtherInsurance"], "", "insurance-other"),
    (&["ADAP"], "", "insurance-adap"),
    (&["RyanWhiteMedDent", "HIVAIDSAssistance"], "", "insurance-ryan-white"),
];

/// Why a source of insurance is not there: column and indicator.
const NO_INSURANCE: &[(&[&str], &str)] = &[
    (&["NoMedicaidReason"], "no-medicaid-reason"),
    (&["NoMedicareReason"], "no-medicare-reason"),
    (&["NoSCHIPReason"], "no-schip-reason"),
    (&["NoVHAReason", "NoVAMedReason"], "no-va-reason"),
    (&["NoEmployerProvidedReason"], "no-employer-reason"),
    (&["NoCOBRAReason"], "no-cobra-reason"),
    (&["NoPrivatePayReason"], "no-private-reason"),
    (&["NoStateHealthInsReason"], "no-state-reason"),
    (&["NoIndianHealthServicesReason"], "no-indian-health-reason"),
    (&["NoADAPReason"], "no-adap-reason"),
    (&["NoRyanWhiteReason", "NoHIVAIDSAssistanceReason"], "no-ryan-white-reason"),
];

/// One question and the sources below it.
struct Group {
    any: Col,
    indicator: &'static str,
    area: &'static str,
    sources: Vec<(Col, Col, &'static str)>,
    /// What the last source is, in words.
    words: Col,
}

struct Incomes {
    point: Point,
    total: Col,
    soar: Col,
    groups: [Group; 3],
    reasons: Vec<(Col, &'static str)>,
}

pub(super) fn incomes(columns: &mut Columns) -> Box<dyn Mapper> {
    Box::new(Incomes {
        point: Point::of(columns),
        total: columns.col(&["TotalMonthlyIncome"]),
        soar: columns.col(&["ConnectionWithSOAR"]),
        groups: [
            group(
                columns,
                "IncomeFromAnySource",
                "income-any",
                "income",
                INCOME,
                "OtherIncomeSourceIdentify",
            ),
            group(
                columns,
                "BenefitsFromAnySource",
                "benefits",
                "income",
                BENEFITS,
                "OtherBenefitsSourceIdentify",
            ),
            group(
                columns,
                "InsuranceFromAnySource",
                "insurance",
                "health",
                INSURANCE,
                "OtherInsuranceIdentify",
            ),
        ],
        reasons: NO_INSURANCE.iter().map(|(names, indicator)| (columns.col(names), *indicator)).collect(),
    })
}

fn group(
    columns: &mut Columns,
    any: &'static str,
    indicator: &'static str,
    area: &'static str,
    sources: &[Source],
    words: &'static str,
) -> Group {
    let sources = sources
        .iter()
        .map(|(names, amount, indicator)| {
            let amount = if amount.is_empty() { Col::ABSENT } else { columns.col(&[*amount]) };
            (columns.col(names), amount, *indicator)
        })
        .collect();
    Group { any: columns.col(&[any]), indicator, area, sources, words: columns.col(&[words]) }
}

impl Mapper for Incomes {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let (place, on, stage) = self.point.read(reading, known)?;
        let asked = Asked { place: &place, on, stage };
        if let Some(total) = reading.amount(self.total) {
            measure(reading, &asked, "monthly-income", "income", Value::Number(total), None);
        }
        for group in &self.groups {
            group.read(reading, &asked);
        }
        for (col, indicator) in &self.reasons {
            if let Some(reason) = reading.listed(*col, codes::NOT_INSURED) {
                measure(reading, &asked, indicator, "health", Value::Code(reason), None);
            }
        }
        if let Some(connected) = reading.flag(self.soar) {
            measure(reading, &asked, "connected-with-soar", "income", Value::Flag(connected), None);
        }
        self.point.followed_up(reading, &asked);
        Ok(())
    }
}

impl Group {
    fn read(&self, reading: &mut Reading<'_>, asked: &Asked<'_>) {
        let any = reading.flag(self.any);
        if let Some(any) = any {
            measure(reading, asked, self.indicator, self.area, Value::Flag(any), None);
        }
        for (there, amount, indicator) in &self.sources {
            let amount = reading.amount(*amount).filter(|amount| amount.get() != 0.0);
            let zero = Score::new(0.0).ok().map(Value::Number);
            let value = match (reading.flag(*there), amount) {
                (_, Some(amount)) => Some(Value::Number(amount)),
                (Some(true), None) => Some(Value::Flag(true)),
                (Some(false), None) if *indicator == "income-earned" => zero,
                (Some(false), None) if any.is_none() => Some(Value::Flag(false)),
                (Some(false) | None, None) => None,
            };
            let Some(value) = value else { continue };
            let words = if indicator.ends_with("-other") { reading.text(self.words) } else { None };
            measure(reading, asked, indicator, self.area, value, words);
        }
    }
}
