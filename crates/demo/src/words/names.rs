//! Invented people and places. Telephone numbers and addresses lead nowhere.

use super::Tongue;
use crate::dice::Dice;

const FIRST: [&[&str]; 3] = [
    &[
        "Grace",
        "Ayesha",
        "Michael",
        "Rashid",
        "Priya",
        "Cheryl",
        "Brandon",
        "Naledi",
        "Fatima",
        "Keith",
        "Yolanda",
        "Imraan",
        "Tumi",
        "Deborah",
        "Neville",
        "Kagiso",
        "Charmaine",
        "Ruth",
        "Dylan",
        "Palesa",
    ],
    &[
        "Pieter", "Annelie", "Kobus", "Marlene", "Deon", "Elmarie", "Riaan", "Santie", "Willem", "Sarie",
        "Hennie", "Magriet", "Jaco", "Rozelle", "Denzil", "Bettie", "Frikkie", "Lorna", "Dawid", "Katriena",
    ],
    &[
        "Thandi",
        "Bongani",
        "Nomvula",
        "Sipho",
        "Lindiwe",
        "Sibusiso",
        "Zanele",
        "Mandla",
        "Ntombi",
        "Themba",
        "Nokuthula",
        "Jabulani",
        "Hlengiwe",
        "Mfundo",
        "Busisiwe",
        "Lungelo",
        "Zodwa",
        "Nkosinathi",
        "Ayanda",
        "Sanele",
    ],
];

const LAST: [&[&str]; 3] = [
    &[
        "Adams",
        "Pillay",
        "Jacobs",
        "Naidoo",
        "Daniels",
        "Petersen",
        "Williams",
        "Molefe",
        "Isaacs",
        "Govender",
        "Roberts",
        "Hendricks",
        "Mokoena",
        "Davids",
        "Samuels",
        "Khan",
    ],
    &[
        "Botha",
        "Cloete",
        "Fortuin",
        "van Wyk",
        "Steyn",
        "Plaatjies",
        "Coetzee",
        "du Preez",
        "Bester",
        "Swarts",
        "Booysen",
        "Viljoen",
        "Links",
        "Kruger",
        "van der Berg",
        "Olifant",
    ],
    &[
        "Dlamini",
        "Khumalo",
        "Zulu",
        "Ngcobo",
        "Mkhize",
        "Buthelezi",
        "Cele",
        "Ndlovu",
        "Mthembu",
        "Zungu",
        "Shabalala",
        "Gumede",
        "Sithole",
        "Hadebe",
        "Msomi",
        "Nxumalo",
    ],
];

const STREETS: &[&str] = &[
    "Waterblom Street",
    "Third Avenue",
    "Umthunzi Road",
    "Kerkstraat",
    "Old Mill Lane",
    "Isikole Street",
    "Mimosastraat",
    "Station Road",
    "Ilanga Crescent",
    "Dassiehof",
];

/// A first name and a surname.
pub(crate) fn name(dice: &mut Dice, tongue: Tongue) -> (&'static str, &'static str) {
    (*dice.pick(FIRST[tongue as usize]), *dice.pick(LAST[tongue as usize]))
}

/// A telephone number that nobody has.
pub(crate) fn phone(dice: &mut Dice) -> String {
    format!("+27 60 555 {:04}", dice.within(0, 9_999))
}

/// A house number and street in this place.
pub(crate) fn address(dice: &mut Dice, place: &str) -> String {
    format!("{} {}, {place}", dice.within(1, 180), dice.pick(STREETS))
}
