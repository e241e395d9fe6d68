//! Client.csv: who somebody is. One `JourneyOpened` on the day of the client's first entry.

use jiff::civil::Date;
use throughline_domain::{Attributes, Identity, JourneyOpened, Language, Role, Text, Value};

use super::{
    codes,
    field::{Field, FieldSpec, Kind, attributes, field, fields, set},
    known::{Known, Standing},
    reading::{Reading, code},
    tables::Mapper,
};
use crate::import::{Century, Col, Columns, Finding, Problem, read_date};

const FIELDS: &[FieldSpec] = &[
    field(&["NameDataQuality"], "name-quality", Kind::Listed(codes::DATA_QUALITY)),
    field(&["SSNDataQuality"], "ssn-quality", Kind::Listed(codes::DATA_QUALITY)),
    field(&["DOBDataQuality"], "birth-quality", Kind::Listed(codes::DATA_QUALITY)),
    field(&["Sex"], "sex", Kind::Listed(codes::SEXES)),
    field(&["Ethnicity"], "ethnicity", Kind::Listed(codes::ETHNICITIES)),
    field(&["VeteranStatus"], "veteran", Kind::Flag),
    field(&["YearEnteredService"], "service-from-year", Kind::Amount),
    field(&["YearSeparated"], "service-until-year", Kind::Amount),
    field(&["WorldWarII"], "served-world-war-ii", Kind::Flag),
    field(&["KoreanWar"], "served-korea", Kind::Flag),
    field(&["VietnamWar"], "served-vietnam", Kind::Flag),
    field(&["DesertStorm"], "served-desert-storm", Kind::Flag),
    field(&["AfghanistanOEF"], "served-afghanistan", Kind::Flag),
    field(&["IraqOIF"], "served-iraq-oif", Kind::Flag),
    field(&["IraqOND"], "served-iraq-ond", Kind::Flag),
    field(&["OtherTheater"], "served-elsewhere", Kind::Flag),
    field(&["MilitaryBranch"], "military-branch", Kind::Listed(codes::BRANCHES)),
    field(&["DischargeStatus"], "discharge", Kind::Listed(codes::DISCHARGES)),
];

const RACES: &[(&[&str], &str)] = &[
    (&["AmIndAKNative"], "american-indian-or-alaska-native"),
    (&["Asian"], "asian"),
    (&["BlackAfAmerican"], "black-or-african-american"),
    (&["HispanicLatinao", "HispanicLatinaeo"], "hispanic-or-latino"),
    (&["MidEastNAfrican"], "middle-eastern-or-north-african"),
    (&["NativeHIPacific", "NativeHIOtherPacific"], "native-hawaiian-or-pacific"),
    (&["White"], "white"),
];

const GENDERS: &[(&[&str], &str)] = &[
    (&["Woman", "Female"], "woman"),
    (&["Man", "Male"], "man"),
    (&["NonBinary", "NoSingleGender"], "non-binary"),
    (&["CulturallySpecific"], "culturally-specific"),
    (&["Transgender"], "transgender"),
    (&["Questioning"], "questioning"),
    (&["DifferentIdentity"], "different-identity"),
];

struct Clients {
    names: [Col; 4],
    ssn: Col,
    born: Col,
    gender: Col,
    races: Vec<(Col, &'static str)>,
    genders: Vec<(Col, &'static str)>,
    words: [Col; 2],
    fields: Vec<Field>,
}

pub(super) fn clients(columns: &mut Columns) -> Box<dyn Mapper> {
    let mut choices = |list: &'static [(&'static [&'static str], &'static str)]| {
        list.iter().map(|(names, code)| (columns.col(names), *code)).collect()
    };
    let (races, genders) = (choices(RACES), choices(GENDERS));
    columns.col(&["RaceNone"]);
    columns.col(&["GenderNone"]);
    Box::new(Clients {
        names: ["FirstName", "MiddleName", "LastName", "NameSuffix"].map(|name| columns.col(&[name])),
        ssn: columns.col(&["SSN"]),
        born: columns.col(&["DOB"]),
        gender: columns.col(&["Gender"]),
        races,
        genders,
        words: [
            columns.col(&["AdditionalRaceEthnicity"]),
            columns.col(&["DifferentIdentityText", "OtherGender"]),
        ],
        fields: fields(columns, FIELDS),
    })
}

impl Mapper for Clients {
    fn row(&self, reading: &mut Reading<'_>, known: &mut Known) -> Result<(), Problem> {
        let personal = self.identity(reading);
        let mut attributes = attributes(reading, &self.fields);
        set(&mut attributes, "gender", reading.listed(self.gender, codes::GENDERS));
        choose(reading, &mut attributes, "race", &self.races);
        choose(reading, &mut attributes, "gender", &self.genders);
        let person = known.person(reading.ids, reading.key);
        person.born = personal.born.filter(|_| is_birth_known(&attributes));
        let (journey, first_entry) = (person.journey, person.first_entry);
        // The day it opens is told by the enrolments, so it is as new as the newest of them.
        reading.recorded_by(person.enrolled_recorded);
        let on = first_entry.unwrap_or_else(|| {
            let created = reading.base.created.name;
            reading.warn(Problem::at(Finding::DateFallback, created));
            reading.created()
        });
        let language = Language::new("und").expect("the tag for a language not known");
        let opened = JourneyOpened { role: Role::Participant, language, attributes, personal };
        reading.fact(journey, on, "", opened);
        Ok(())
    }

    fn settle(&self, known: &mut Known, key: &str, standing: Standing) {
        if let Some(person) = known.people.get_mut(key) {
            person.standing = standing;
        }
    }
}

impl Clients {
    /// Names, day of birth and numbers. A hashed name is no name: it is kept among the keys others know them by.
    fn identity(&self, reading: &mut Reading<'_>) -> Identity {
        let parts: Vec<&str> =
            self.names.iter().map(|col| reading.row.cell(*col)).filter(|part| !part.is_empty()).collect();
        let name = (!parts.is_empty()).then(|| parts.join(" "));
        let mut known_as = vec![format!("hmis:{}", reading.key)];
        let ssn = reading.row.cell(self.ssn);
        let mut identity = Identity { born: self.born(reading), ..Identity::default() };
        if reading.export.hashed {
            known_as.extend(name.map(|name| format!("name-hash:{}", name.replace(' ', "/"))));
            known_as.extend((!ssn.is_empty()).then(|| format!("ssn-hash:{ssn}")));
        } else {
            identity.name = name.and_then(|name| Text::new(name).ok());
            known_as.extend((!ssn.is_empty()).then(|| format!("us-ssn:{ssn}")));
        }
        identity.known_as = known_as.into_iter().filter_map(|key| Text::new(key).ok()).collect();
        let words: Vec<&str> =
            self.words.iter().map(|col| reading.row.cell(*col)).filter(|words| !words.is_empty()).collect();
        identity.note = (!words.is_empty()).then(|| words.join("; ")).and_then(|words| Text::new(words).ok());
        identity
    }

    /// The day of birth; what stands there is never shown.
    fn born(&self, reading: &mut Reading<'_>) -> Option<Date> {
        let text = reading.row.raw(self.born);
        if text.trim().is_empty() {
            return None;
        }
        match read_date(text, reading.expected(self.born, Century::Either)) {
            Ok(told) => {
                if !told.published_form {
                    reading.warn(Problem::at(Finding::DateForm, self.born.name));
                }
                if told.day > reading.export.made {
                    reading.warn(Problem::at(Finding::DateAfterExport, self.born.name));
                }
                Some(told.day)
            }
            Err(finding) => {
                reading.warn(Problem::at(finding, self.born.name));
                None
            }
        }
    }
}

/// Whether the source stands by the day of birth. Where it says that nobody knows or told it, what stands in the cell is
/// a stand-in such as 1901-01-01: it stays beside its quality in the personal part, and no age is worked out from it.
fn is_birth_known(attributes: &Attributes) -> bool {
    let unknown = |quality: &Value| matches!(quality, Value::Code(code) if matches!(code.as_str(), "unknown" | "withheld" | "not-collected"));
    !attributes.get(&code("birth-quality")).is_some_and(unknown)
}

/// What was chosen among columns of which each can be set: the one, or `several`, and each of several by itself.
fn choose(
    reading: &mut Reading<'_>,
    attributes: &mut Attributes,
    name: &str,
    choices: &[(Col, &'static str)],
) {
    let mut chosen = Vec::new();
    for (col, choice) in choices {
        if reading.flag(*col) == Some(true) {
            chosen.push(*choice);
        }
    }
    match chosen.as_slice() {
        [] => {}
        [one] => set(attributes, name, Some(code(one))),
        several => {
            set(attributes, name, Some(code("several")));
            for one in several {
                attributes.insert(code(&format!("{name}-{one}")), Value::Flag(true));
            }
        }
    }
}
