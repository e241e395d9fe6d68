//! A small source that can be written as an export, changed, and written again.

use throughline_domain::{Code, JourneyId};
use throughline_exchange::import::{Finding, Ids, Report};
use throughline_log::EventLog;

use super::{export, import, told};
use crate::recorder::{NAMESPACE, Recorder};

/// An export of one person's two stays, with a service and answers on income.
#[derive(Clone)]
pub struct Source {
    pub made: &'static str,
    /// `ExportPeriodType`, `ExportDirective`.
    pub kind: (&'static str, &'static str),
    pub period: (&'static str, &'static str),
    pub clients: Vec<&'static str>,
    pub enrolments: Vec<&'static str>,
    pub exits: Vec<&'static str>,
    pub services: Vec<&'static str>,
    pub incomes: Vec<&'static str>,
}

pub const P1: &str = "p1,Thandi,Mokoena,2025-01-02,2025-01-02,";
pub const P2: &str = "p2,Sipho,Dlamini,2025-01-02,2025-01-02,";
pub const E1: &str = "e1,p1,7,2024-01-10,2024-01-10,2024-01-10,";
pub const E2: &str = "e2,p1,7,2025-03-01,2025-03-01,2025-03-01,";
pub const E3: &str = "e3,p2,7,2025-04-01,2025-04-01,2025-04-01,";
pub const X1: &str = "x1,e1,p1,2024-06-30,410,2024-06-30,2024-06-30,";
pub const S1: &str = "s1,e2,p1,2025-03-02,200,200,2025-03-02,2025-03-02,";
pub const S2: &str = "s2,e2,p1,2025-03-03,200,200,2025-03-03,2025-03-03,";
pub const I1: &str = "i1,e2,p1,2025-03-01,1,1,500,1,250,2025-03-01,2025-03-01,";

pub fn source() -> Source {
    Source {
        made: "2025-10-01 08:00:00",
        kind: ("3", "2"),
        period: ("2024-01-01", "2025-09-30"),
        clients: vec![P1, P2],
        enrolments: vec![E1, E2, E3],
        exits: vec![X1],
        services: vec![S1, S2],
        incomes: vec![I1],
    }
}

impl Source {
    pub fn write(&self) -> tempfile::TempDir {
        let table = |head: &str, rows: &[&str]| format!("{head}\n{}\n", rows.join("\n"));
        let (from, until) = self.period;
        let about = format!(
            "ExportID,ExportDate,ExportStartDate,ExportEndDate,CSVVersion,ExportPeriodType,ExportDirective,HashStatus\n\
             1,{},{from},{until},2026 v1,{},{},1\n",
            self.made, self.kind.0, self.kind.1
        );
        let dates = "DateCreated,DateUpdated,DateDeleted";
        export(&[
            ("Export", &about),
            (
                "Project",
                "ProjectID,ProjectName,OperatingStartDate,ProjectType\n7,Harbour House,2020-01-01,1\n",
            ),
            ("Client", &table(&format!("PersonalID,FirstName,LastName,{dates}"), &self.clients)),
            (
                "Enrollment",
                &table(&format!("EnrollmentID,PersonalID,ProjectID,EntryDate,{dates}"), &self.enrolments),
            ),
            (
                "Exit",
                &table(&format!("ExitID,EnrollmentID,PersonalID,ExitDate,Destination,{dates}"), &self.exits),
            ),
            (
                "Services",
                &table(
                    &format!(
                        "ServicesID,EnrollmentID,PersonalID,DateProvided,RecordType,TypeProvided,{dates}"
                    ),
                    &self.services,
                ),
            ),
            (
                "IncomeBenefits",
                &table(
                    &format!(
                        "IncomeBenefitsID,EnrollmentID,PersonalID,InformationDate,DataCollectionStage,\
                         IncomeFromAnySource,TotalMonthlyIncome,Earned,EarnedAmount,{dates}"
                    ),
                    &self.incomes,
                ),
            ),
        ])
    }

    /// The same a month later.
    pub fn later(&self) -> Self {
        Self { made: "2025-11-01 08:00:00", ..self.clone() }
    }

    pub fn comes_into(&self, log: &dyn EventLog) -> Report {
        import(log, self.write().path(), false).0
    }
}

pub fn journey(person: &str) -> JourneyId {
    Ids::new(NAMESPACE, Code::new("hmis").expect("a code")).person(person)
}

/// The lives of both, a line a fact.
pub fn lives(log: &Recorder) -> Vec<String> {
    ["p1", "p2"].iter().flat_map(|person| log.life(journey(person))).map(|fact| told(&fact)).collect()
}

pub fn found(report: &Report, finding: Finding) -> u64 {
    report.findings.iter().filter(|count| count.code == finding).map(|count| count.rows).sum()
}

/// Events, corrections, retractions, facts restored.
pub fn written(report: &Report) -> [u64; 4] {
    [report.events, report.corrections, report.retractions, report.restored]
}
