//! One row a person, weeks from release: intake, an arrest or the end of observation.

mod account;
mod mapping;
mod recorder;

use mapping::{data, import, journey, published, told};
use recorder::Recorder;
use throughline_domain::{CheckIn, Event, Intake, Milestone};

#[test]
fn four_hundred_and_thirty_two_persons_of_whom_a_hundred_and_fourteen_were_arrested() {
    let Some(file) = data("survival/rossi.csv") else { return };
    let log = Recorder::default();
    let (report, rejected) = import(&log, &published("rossi"), &file);
    assert!(rejected.is_empty() && report.warnings == 0, "{report:?}");
    assert_eq!((report.rows, report.events), (432, 432 * 4));
    assert_eq!(account::records(&file), 432);
    account::every_row_ended_in_one_place(&report, &rejected, &log);
    let events = log.all();
    let count = |is: fn(&Event) -> bool| events.iter().filter(|one| is(&one.draft.event)).count();
    assert_eq!(count(|event| matches!(event, Event::Intake(Intake::JourneyOpened(_)))), 432);
    assert_eq!(count(|event| matches!(event, Event::CheckIn(CheckIn::LifeEventNoted(_)))), 114);
    assert_eq!(count(|event| matches!(event, Event::Milestone(Milestone::Exited(_)))), 432 - 114);

    // 20,1,0,27,1,0,0,1,3 is the first row: arrested in the twentieth week, no aid, 27 years old.
    let life: Vec<String> = log.life(journey("rossi", "2")).iter().map(told).collect();
    assert_eq!(
        life,
        [
            "1971-01-01 journey-opened {language:und,role:participant}",
            "1971-01-01 intake-held {attributes:{age:27.0,black:true,convictions-before:3.0,married:false,\
             on-parole:true,worked-before:false}}",
            "1971-01-01 enrolled {attributes:{arm:no-aid},enrolment:year-after-release,\
             programme:financial-aid-after-release}",
            "1971-05-21 life-event-noted {effect:hindered,kind:arrest,life_area:legal}",
        ]
    );
}
