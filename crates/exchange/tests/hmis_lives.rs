//! Two people followed row by row, from the source's rows to the facts of their lives. The lists were checked by hand
//! against every row that names the person.

mod recorder;
mod support;

use recorder::{NAMESPACE, Recorder};
use support::{data, import, told};
use throughline_domain::{Code, JourneyId};
use throughline_exchange::import::Ids;

fn journey(person: &str) -> JourneyId {
    Ids::new(NAMESPACE, Code::new("hmis").expect("a code")).person(person)
}

/// The life day by day: the day, then its facts, each on a line. Of a measurement only its name is left out.
fn life(set: &str, person: &str) -> Option<String> {
    let directory = data(set)?;
    let log = Recorder::default();
    import(&log, &directory, false);
    let mut lines: Vec<String> = log.life(journey(person)).iter().map(told).collect();
    lines.sort();
    let mut text = String::new();
    let mut day = "";
    for line in &lines {
        let (on, fact) = line.split_once(' ').expect("a day and a fact");
        if on != day {
            text.push_str(on);
            text.push('\n');
            day = on;
        }
        text.push_str("  ");
        text.push_str(fact.strip_prefix("indicator-measured ").unwrap_or(fact));
        text.push('\n');
    }
    Some(text)
}

#[test]
fn six_stays_of_one_person_in_fy2020_rows_are_the_facts_they_tell() {
    let Some(life) = life("longitudinal_2014_2019", "62547") else { return };
    similar(&life, SIX_STAYS);
}

#[test]
fn a_stay_of_2021_in_2026_rows_is_the_facts_it_tells() {
    let Some(life) = life("demo_2026", "602428") else { return };
    similar(&life, ONE_STAY);
}

/// Compares line by line, so that a failure names the line.
fn similar(found: &str, expected: &str) {
    for (nth, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", nth + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

const SIX_STAYS: &str = "\
2014-10-22
  enrolled {attributes:{project-type:hmis-13},programme:hmis-808,relationship:head,site:xx-500}
  benefit-snap=true at entry
  benefits=true at entry
  domestic-violence=false at entry
  employed=false at entry
  income-any=false at entry
  income-earned=0.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=0.0 at entry
  region=xx-500 at entry
  intake-held {attributes:{address-quality:not-collected,age-band:55-64,disability:false,homeless-since:2014-10-22,length-of-stay:week-to-month,living-situation:place-not-meant-for-habitation,times-homeless-3y:once}}
  journey-opened {attributes:{birth-quality:full,ethnicity:not-hispanic-or-latino,gender:man,name-quality:full,race:several,race-black-or-african-american:true,race-white:true,ssn-quality:full,veteran:true},language:und,role:participant}
2014-12-23
  enrolled {attributes:{project-type:hmis-2},programme:hmis-242,relationship:head,site:xx-500}
  benefits=false at entry
  employed=false at entry
  income-any=false at entry
  income-earned=0.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=0.0 at entry
  region=xx-500 at entry
  intake-held {attributes:{address-quality:not-collected,age-band:55-64,disability:true,homeless-since:2014-12-23,length-of-stay:one-to-three-months,living-situation:rental,stay-under-threshold:false}}
2015-04-11
  exited {destination:{code:hmis-5,kind:institution}}
  benefit-snap=true at exit
  benefits=true at exit
  employed=false at exit
  income-any=false at exit
  income-earned=0.0 at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=0.0 at exit
2015-09-10
  exited {destination:{code:hmis-10,kind:permanent}}
  benefits=false at exit
  employed=true at exit
  income-any=true at exit
  income-earned=1250.0 at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=1250.0 at exit
  outcome-reached {evidence:destination-recorded,life_area:housing,what:permanent-housing}
2015-10-27
  enrolled {attributes:{project-type:hmis-13},programme:hmis-808,relationship:head,site:xx-500}
  benefit-snap=true at entry
  benefits=true at entry
  domestic-violence=true at entry
  employed=true at entry
  fleeing-violence=false at entry
  income-any=true at entry
  income-earned=780.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=780.0 at entry
  region=xx-500 at entry
  violence-occurred=three-to-six-months-ago at entry
  intake-held {attributes:{address-quality:not-collected,age-band:65-plus,disability:false,homeless-since:2014-12-29,length-of-stay:one-to-three-months,living-situation:emergency-shelter,times-homeless-3y:twice}}
2015-10-29
  benefit-snap=true at update
  benefits=true at update
  income-any=true at update
  income-earned=780.0 at update
  insurance-va=true at update
  insurance=true at update
  monthly-income=780.0 at update
2016-01-28
  exited {destination:{code:hmis-10,kind:permanent}}
  benefit-snap=true at exit
  benefits=true at exit
  employed=true at exit
  income-any=true at exit
  income-earned=1041.0 at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=1041.0 at exit
  outcome-reached {evidence:destination-recorded,life_area:housing,what:permanent-housing}
2016-06-02
  enrolled {attributes:{project-type:hmis-2},programme:hmis-242,relationship:head,site:xx-500}
  benefits=false at entry
  domestic-violence=false at entry
  employed=false at entry
  income-any=false at entry
  income-earned=0.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=0.0 at entry
  region=xx-500 at entry
  intake-held {attributes:{address-quality:not-collected,age-band:65-plus,disability:true,homeless-since:2016-05-02,length-of-stay:week-to-month,living-situation:place-not-meant-for-habitation,months-homeless-3y:13.0,times-homeless-3y:four-or-more}}
2017-05-03
  benefits=false at annual
  income-any=false at annual
  income-earned=0.0 at annual
  insurance-va=true at annual
  insurance=true at annual
  monthly-income=0.0 at annual
2017-06-17
  enrolled {attributes:{project-type:hmis-13},programme:hmis-808,relationship:head,site:xx-500}
  benefit-snap=true at entry
  benefits=true at entry
  domestic-violence=false at entry
  employed=false at entry
  income-any=false at entry
  income-earned=0.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=0.0 at entry
  region=xx-500 at entry
  intake-held {attributes:{address-quality:not-collected,age-band:65-plus,disability:false,homeless-since:2017-06-17,length-of-stay:year-or-longer,living-situation:transitional-housing}}
2017-08-26
  exited {destination:{code:hmis-2,kind:temporary}}
  benefit-snap=true at exit
  benefits=true at exit
  employed=false at exit
  income-any=true at exit
  income-earned=0.0 at exit
  income-ssi=733.0 at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=733.0 at exit
2017-08-29
  enrolled {attributes:{project-type:hmis-13},programme:hmis-808,relationship:head,site:xx-500}
  benefit-snap=true at entry
  benefits=true at entry
  domestic-violence=true at entry
  employed=false at entry
  income-any=true at entry
  income-earned=0.0 at entry
  income-ssi=733.0 at entry
  insurance-va=true at entry
  insurance=true at entry
  monthly-income=733.0 at entry
  region=xx-500 at entry
  intake-held {attributes:{address-quality:not-collected,age-band:65-plus,disability:true,homeless-since:2017-08-22,length-of-stay:one-to-three-months,living-situation:emergency-shelter,months-homeless-3y:13.0,times-homeless-3y:three-times}}
2017-10-10
  benefit-snap=true at update
  benefits=true at update
  income-any=true at update
  income-earned=0.0 at update
  income-ssi=733.0 at update
  insurance-va=true at update
  insurance=true at update
  monthly-income=733.0 at update
2017-11-07
  exited {destination:{code:hmis-3,kind:permanent}}
  benefit-snap=true at exit
  benefits=true at exit
  employed=false at exit
  income-any=true at exit
  income-earned=0.0 at exit
  income-social-security=733.0 at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=733.0 at exit
  outcome-reached {evidence:destination-recorded,life_area:housing,what:permanent-housing}
2018-01-26
  exited {destination:{code:hmis-20,kind:permanent}}
  benefits=false at exit
  employed=false at exit
  income-any=true at exit
  income-earned=0.0 at exit
  income-ssi=733.0 at exit
  insurance-medicaid=true at exit
  insurance-va=true at exit
  insurance=true at exit
  monthly-income=733.0 at exit
  outcome-reached {evidence:destination-recorded,life_area:housing,what:permanent-housing}
";

const ONE_STAY: &str = "\
2021-06-18
  check-in-held {begun_by:staff,exchange:two-way,format:outreach}
  enrolled {attributes:{project-type:hmis-4},programme:hmis-1551,relationship:head,site:xx-501}
  assessment-format=phone
  benefit-snap=true at entry
  benefits=true at entry
  chronic-health-condition=false at entry
  developmental-disability=false at entry
  domestic-violence=true at entry
  employed=true at entry
  fleeing-violence=true at entry
  hiv-aids=false at entry
  income-any=true at entry
  income-earned=1600.0 at entry
  insurance-state=true at entry
  insurance=true at entry
  last-grade=grade-9-11 at entry
  living-situation=place-not-meant-for-habitation at update
  mental-health-disorder=true at entry
  monthly-income=1600.0 at entry
  physical-disability=false at entry
  prioritisation=placed
  substance-use-disorder=drugs at entry
  violence-occurred=within-three-months at entry
  intake-held {attributes:{age-band:25-34,disability:true,family-unemployment:false,homeless-since:2021-05-17,incarcerated-parent:false,length-of-stay:one-to-three-months,living-situation:place-not-meant-for-habitation,mental-health-consultation:hmis-3,months-homeless-3y:13.0,times-homeless-3y:four-or-more}}
  journey-opened {attributes:{birth-quality:full,name-quality:full,race:several,race-american-indian-or-alaska-native:true,race-white:true,sex:male,ssn-quality:full,veteran:false},language:und,role:participant}
  milestone-reached {life_area:housing,milestone:housing-needs-assessed}
  milestone-reached {milestone:engaged}
  referral-made {life_area:housing,to:housing-needs-assessment}
2021-06-30
  referral-made {life_area:housing,to:rapid-rehousing}
2021-08-11
  exited {destination:{code:hmis-410,kind:permanent}}
  benefit-snap=true at exit
  benefits=true at exit
  domestic-violence=true at exit
  employed=true at exit
  fleeing-violence=true at exit
  income-any=true at exit
  income-earned=1600.0 at exit
  insurance-state=true at exit
  insurance=true at exit
  last-grade=grade-9-11 at exit
  monthly-income=1600.0 at exit
  violence-occurred=within-three-months at exit
  outcome-reached {evidence:destination-recorded,life_area:housing,what:permanent-housing}
  referral-closed {result:refused-by-provider}
";
