//! Dirt as it is met in the field: read with a warning where a sane reading exists, rejected with the remedy where
//! none does, and never a reason to stop.

mod recorder;
mod support;

use proptest::prelude::*;
use recorder::Recorder;
use support::{export, import};
use throughline_domain::{Event, Intake};
use throughline_exchange::import::{FileState, Finding, RejectedCsv, Report};

const EXPORT: &str = "ExportID,ExportDate,CSVVersion,HashStatus\n1,2026-01-31,2026 v1,1\n";
const PROJECTS: &str = "ProjectID,ProjectName,OperatingStartDate,ProjectType\n7,Harbour House,2020-01-01,1\n";
const ENROLMENTS: &str = "EnrollmentID,PersonalID,ProjectID,EntryDate,DateCreated,DateUpdated,DateDeleted\n\
    e1,p1,7,2025-01-02,2025-01-02,2025-01-02,\n";

fn clients(rows: &str) -> String {
    format!("PersonalID,FirstName,LastName,DOB,DateCreated,DateUpdated,UserID,DateDeleted\n{rows}")
}

fn findings(report: &Report, file: &str) -> Vec<(Finding, String, u64)> {
    let of_file = report.findings.iter().filter(|count| count.file == file);
    let mut findings: Vec<_> = of_file.map(|count| (count.code, count.column.clone(), count.rows)).collect();
    findings.sort();
    findings
}

fn import_clients(rows: &str) -> (Recorder, Report, Vec<throughline_exchange::import::Rejected>) {
    let directory = export(&[
        ("Export", EXPORT),
        ("Client", &clients(rows)),
        ("Project", PROJECTS),
        ("Enrollment", ENROLMENTS),
    ]);
    let log = Recorder::default();
    let (report, rejected) = import(&log, directory.path(), false);
    (log, report, rejected)
}

fn names(log: &Recorder) -> Vec<String> {
    let all = log.all();
    let names = all.iter().filter_map(|recorded| match &recorded.draft.event {
        Event::Intake(Intake::JourneyOpened(opened)) => opened.personal.name.as_ref(),
        _ => None,
    });
    names.map(ToString::to_string).collect()
}

#[test]
fn marks_case_and_order_of_columns_do_not_matter() {
    let directory = export(&[
        ("EXPORT", EXPORT),
        ("client", "\u{feff}lastname,PERSONALID,FirstName,Favourite\r\nMokoena,p1,Thandi,blue\r\n"),
        ("Project", PROJECTS),
        ("Enrollment", ENROLMENTS),
        ("Custom", "a,b\n1,2\n"),
    ]);
    let log = Recorder::default();
    let (report, _) = import(&log, directory.path(), false);
    assert_eq!(names(&log), ["Thandi Mokoena"]);
    assert_eq!(report.rejected, 0);
    let client = report.files.iter().find(|count| count.file == "client.csv").expect("the client's file");
    assert_eq!(client.unread[0].column, "Favourite");
    let custom = report.files.iter().find(|count| count.file == "Custom.csv").expect("the unknown file");
    assert_eq!((custom.state, custom.rows), (FileState::Unknown, 0));
    assert!(report.files.iter().any(|count| count.file == "Exit.csv" && count.state == FileState::Missing));
}

#[test]
fn another_encoding_is_read_with_a_warning() {
    let directory = export(&[("Export", EXPORT), ("Project", PROJECTS), ("Enrollment", ENROLMENTS)]);
    let text = b"PersonalID,FirstName,LastName\np1,Andr\xe9,O\x92Neill\n";
    std::fs::write(directory.path().join("Client.csv"), text).expect("a file for the test");
    let log = Recorder::default();
    let (report, _) = import(&log, directory.path(), false);
    assert_eq!(names(&log), ["André O’Neill"]);
    assert_eq!(findings(&report, "Client.csv"), [(Finding::Encoding, String::new(), 1)]);
}

#[test]
fn a_stray_quote_costs_its_own_row_and_no_other() {
    let (log, report, rejected) = import_clients(
        "p1,\"Thandi,Mokoena,,,,,\np2,Sipho,Dlamini,,2025-01-02,,,\np3,\"Nomsa \"\"N\"\"\",Zulu,,2025-01-02,,,\n",
    );
    assert_eq!(names(&log), ["Sipho Dlamini", "Nomsa \"N\" Zulu"]);
    assert_eq!(rejected.len(), 2, "the client's row, and the enrolment that needs it");
    assert_eq!((rejected[0].row, rejected[0].problem.finding), (2, Finding::QuoteOpen));
    assert_eq!(rejected[0].record, "p1,\"Thandi,Mokoena,,,,,");
    assert_eq!(report.files.iter().find(|count| count.file == "Client.csv").map(|count| count.rows), Some(3));
}

#[test]
fn a_line_end_inside_quotes_is_part_of_the_cell() {
    let (log, report, _) = import_clients("p1,\"Thandi\nGrace\",Mokoena,,2025-01-02,,,\n");
    assert_eq!(names(&log), ["Thandi\nGrace Mokoena"]);
    assert_eq!(report.rejected, 0);
}

#[test]
fn rows_of_another_width_are_read_only_where_nothing_has_shifted() {
    let (log, report, rejected) =
        import_clients("p1,Thandi\np2,Sipho,Dlamini,,2025-01-02,,,,,\np3,Nomsa,Zulu,,2025-01-02,,,,,stray\n");
    assert_eq!(names(&log), ["Thandi", "Sipho Dlamini"]);
    assert_eq!(rejected[0].problem.finding, Finding::FieldsBeyondHeader);
    assert!(findings(&report, "Client.csv").contains(&(Finding::FieldsMissing, String::new(), 1)));
}

#[test]
fn a_row_past_the_limit_is_rejected_and_the_next_one_read() {
    let long = "x".repeat(200_000);
    let (log, _, rejected) =
        import_clients(&format!("p1,{long},Mokoena,,,,,\np2,Sipho,Dlamini,,2025-01-02,,,\n"));
    assert_eq!(names(&log), ["Sipho Dlamini"]);
    assert_eq!((rejected[0].row, rejected[0].problem.finding), (2, Finding::RowTooLarge));
}

#[test]
fn the_same_row_twice_is_one_and_a_key_used_twice_is_rejected() {
    let (log, report, rejected) = import_clients(
        "p1,Thandi,Mokoena,,2025-01-02,,,\np1,Thandi,Mokoena,,2025-01-02,,,\np1,Another,Person,,2025-01-02,,,\n",
    );
    assert_eq!(names(&log), ["Thandi Mokoena"]);
    assert_eq!(
        findings(&report, "Client.csv"),
        [(Finding::KeyRepeated, "PersonalID".to_owned(), 1), (Finding::RowRepeated, String::new(), 1)]
    );
    assert_eq!(rejected.len(), 1);
}

#[test]
fn what_belongs_to_nobody_is_rejected_with_the_remedy() {
    let enrolments = format!("{ENROLMENTS}e2,p9,7,2025-01-02,,,\ne3,p1,8,2025-01-02,,,\ne4,p1,7,,,,\n");
    let exits = "ExitID,EnrollmentID,PersonalID,ExitDate,Destination\n\
        x1,e1,p2,2025-02-01,410\nx2,e9,p1,2025-02-01,410\nx3,e4,p1,2025-02-01,410\nx4,e1,p1,3025-02-01,410\n\
        x5,e1,p1,2024-02-01,3\n";
    let directory = export(&[
        ("Export", EXPORT),
        ("Client", &clients("p1,Thandi,Mokoena,,2025-01-02,,,\n")),
        ("Project", PROJECTS),
        ("Enrollment", &enrolments),
        ("Exit", exits),
    ]);
    let (report, rejected) = import(&Recorder::default(), directory.path(), false);
    let found: Vec<_> =
        rejected.iter().map(|row| (row.file.as_str(), row.row, row.problem.finding)).collect();
    assert_eq!(
        found,
        [
            ("Enrollment.csv", 3, Finding::ClientMissing),
            ("Enrollment.csv", 5, Finding::DateMissing),
            ("Exit.csv", 2, Finding::ClientDiffers),
            ("Exit.csv", 3, Finding::EnrolmentMissing),
            ("Exit.csv", 4, Finding::ParentRejected),
            ("Exit.csv", 5, Finding::DateImpossible),
        ]
    );
    assert_eq!(
        findings(&report, "Enrollment.csv")[2].0,
        Finding::ProjectMissing,
        "a warning: the stay is kept"
    );
    let kept = findings(&report, "Exit.csv");
    assert!(kept.contains(&(Finding::DatesOutOfOrder, "ExitDate".to_owned(), 1)));
    assert!(kept.contains(&(Finding::CodeUnknown, "Destination".to_owned(), 1)), "3 is of another era");

    let mut csv = RejectedCsv::new(Vec::new());
    for row in &rejected {
        csv.write(row).expect("memory");
    }
    let written = String::from_utf8(csv.finish().expect("memory")).expect("text");
    assert!(
        written.starts_with(
            "file,row,column,code,value,hint,record\nEnrollment.csv,3,PersonalID,client-missing,"
        )
    );
    assert!(written.contains("\"e2,p9,7,2025-01-02,,,\""));
}

#[test]
fn what_is_asked_after_exit_on_one_day_is_one_follow_up() {
    let header = "EnrollmentID,PersonalID,InformationDate,DataCollectionStage";
    let income = format!("IncomeBenefitsID,{header},TotalMonthlyIncome\ni1,e1,p1,2025-09-01,6,900\n");
    let work = format!("EmploymentEducationID,{header},Employed\nw1,e1,p1,2025-09-01,6,1\n");
    let directory = export(&[
        ("Export", EXPORT),
        ("Client", &clients("p1,Thandi,Mokoena,,2025-01-02,,,\n")),
        ("Project", PROJECTS),
        ("Enrollment", ENROLMENTS),
        ("IncomeBenefits", &income),
        ("EmploymentEducation", &work),
    ]);
    let log = Recorder::default();
    let (report, _) = import(&log, directory.path(), false);
    let all = log.all();
    let held = all.iter().filter(|recorded| recorded.draft.event.fact_name() == "follow-up-held");
    assert_eq!((held.count(), report.rejected), (1, 0));
}

#[test]
fn a_day_of_birth_that_stands_in_for_one_not_known_gives_no_age() {
    let clients = "PersonalID,DOB,DOBDataQuality\np1,1990-07-01,1\np2,1990-07-01,2\np3,1901-01-01,8\n\
                   p4,1901-01-01,9\np5,1901-01-01,99\np6,1990-07-01,\n";
    let stays = ["1", "2", "3", "4", "5", "6"].map(|nr| format!("e{nr},p{nr},7,2025-01-02,1\n")).concat();
    let enrolments = format!("EnrollmentID,PersonalID,ProjectID,EntryDate,DisablingCondition\n{stays}");
    let directory = export(&[
        ("Export", EXPORT),
        ("Client", clients),
        ("Project", PROJECTS),
        ("Enrollment", &enrolments),
    ]);
    let log = Recorder::default();
    import(&log, directory.path(), false);
    let told = |what: &str| -> Vec<String> {
        let all = log.all().into_iter().filter(|one| one.draft.event.fact_name() == what);
        all.map(|one| (one.draft.event.facts_json(), one.draft.event.personal_json()))
            .map(|(facts, personal)| format!("{} {}", facts["attributes"]["age-band"], personal["born"]))
            .collect()
    };
    let known = "\"25-34\" null".to_owned();
    let unknown = "null null".to_owned();
    assert_eq!(
        told("intake-held"),
        [known.clone(), known.clone(), unknown.clone(), unknown.clone(), unknown, known],
        "ages"
    );
    // What the source has stays, beside how well it is known.
    assert_eq!(told("journey-opened")[4], "null \"1901-01-01\"");
}

#[test]
fn the_report_reads_as_the_command_promises() {
    let (_, report, _) = import_clients("p1,Thandi,Mokoena,,2025-01-02,,,\n");
    let json = serde_json::to_value(&report).expect("a report is plain data");
    for field in ["rows", "events", "warnings", "rejected", "corrections", "retractions", "seconds"] {
        assert!(json[field].is_number(), "{field}");
    }
    assert!(!json.to_string().contains("Thandi"), "no name in the report");
}

#[test]
fn every_finding_is_in_the_book_with_its_remedy() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let pages = ["import-hmis.md", "import-csv.md"].map(|page| std::fs::read_to_string(docs.join(page)));
    let book = pages.into_iter().flatten().collect::<String>();
    for finding in Finding::ALL {
        assert!(book.contains(&format!("`{}`", finding.code())), "{}", finding.code());
        assert!(!finding.hint().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_stop_an_import_or_go_unaccounted(
        client in proptest::collection::vec(any::<u8>(), 0..400),
        enrolment in "[-,\"\r\n0-9a-zé ]{0,300}",
        exit in "(x[0-9],e1,p1,[-0-9/ :]{0,12},[0-9\"]{0,4}\r?\n){0,8}",
    ) {
        let enrolments = format!("{ENROLMENTS}{enrolment}");
        let exits = format!("ExitID,EnrollmentID,PersonalID,ExitDate,Destination\n{exit}");
        let directory = export(&[("Project", PROJECTS), ("Enrollment", &enrolments), ("Exit", &exits)]);
        std::fs::write(directory.path().join("Client.csv"), client).expect("a file for the test");
        let log = Recorder::default();
        let (report, rejected) = import(&log, directory.path(), false);
        for count in &report.files {
            prop_assert_eq!(count.rows, count.clean + count.warnings + count.rejected);
        }
        prop_assert_eq!(report.rejected, rejected.len() as u64);
        prop_assert_eq!(report.events + 1, log.all().len() as u64, "its events and the report of it");
        let (again, _) = import(&log, directory.path(), false);
        prop_assert_eq!(again.events, 0);
    }
}
