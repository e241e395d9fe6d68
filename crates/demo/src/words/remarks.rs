//! Remarks of workers, and the findings of their analyses.

use super::{Coded, Said, coded};

pub(crate) const AFTER_SERVICE: &[Said] = &[
    ["Came early and had done the homework.", "Het vroeg gekom en die huiswerk gedoen.", ""],
    ["Tired today; we kept it short.", "Vandag moeg; ons het dit kort gehou.", ""],
    [
        "Asked good questions and wrote down the answers.",
        "Het goeie vrae gevra en die antwoorde neergeskryf.",
        "",
    ],
    [
        "Brought a neighbour along who also wants to join.",
        "Het 'n buurvrou saamgebring wat ook wil inskakel.",
        "",
    ],
    [
        "Worried about money at home; see the budget sheet.",
        "Bekommerd oor geld by die huis; sien die begroting.",
        "",
    ],
];

pub(crate) const NO_ANSWER: &[Said] = &[
    ["Phone off; left a message with the neighbour.", "Foon af; boodskap by die buurvrou gelos.", ""],
    ["Number no longer in use.", "Nommer nie meer in gebruik nie.", ""],
    ["Nobody at home; note under the door.", "Niemand by die huis nie; briefie onder die deur.", ""],
];

pub(crate) const ON_PLAN: &[Said] = &[
    [
        "Agreed at the kitchen table with the whole family.",
        "Om die kombuistafel met die hele gesin ooreengekom.",
        "",
    ],
    ["The client wrote the first line herself.", "Die kliënt het die eerste reël self geskryf.", ""],
];

pub(crate) const ON_CONCERN: &[Said] = &[
    ["Phoned to say sorry and what happens next.", "Gebel om jammer te sê en wat volgende gebeur.", ""],
    ["Taken up with the site manager.", "Met die terreinbestuurder opgeneem.", ""],
];

pub(crate) const ON_THANKS: &[Said] = &[
    ["Handwritten card signed by the children.", "Handgeskrewe kaartjie deur die kinders geteken.", ""],
    ["Phoned in person.", "Persoonlik gebel.", ""],
];

pub(crate) const ON_AMENDMENT: &[Said] = &[
    ["The month was typed wrong.", "Die maand is verkeerd ingetik.", ""],
    ["Found when the attendance sheets were compared.", "Gevind toe die presensielyste vergelyk is.", ""],
];

pub(crate) const ON_PROGRAMME: &[Said] = &[
    ["Agreed by the programme committee.", "Deur die programkomitee goedgekeur.", ""],
    ["After a year of listening to clients who left.", "Ná 'n jaar se luister na kliënte wat weg is.", ""],
];

/// Why a plan departs from its template, with the step's reason as its code.
pub(crate) const DEPARTURES: &[Coded] = &[
    coded(
        "already-able",
        ["Has done this for years already.", "Doen dit al jare lank.", "Usekwenze lokhu iminyaka eminingi."],
    ),
    coded(
        "distance",
        [
            "Lives too far to come twice a week.",
            "Bly te ver om twee keer per week te kom.",
            "Uhlala kude kakhulu ukuza kabili ngesonto.",
        ],
    ),
    coded(
        "care-duties",
        ["Cares for a grandmother in the mornings.", "Versorg soggens 'n ouma.", "Unakekela ugogo ekuseni."],
    ),
    coded(
        "asked-for-more",
        [
            "Asked for more time on this.",
            "Het meer tyd hiervoor gevra.",
            "Ucele isikhathi esengeziwe kulokhu.",
        ],
    ),
];

pub(crate) const FINDINGS: &[Said] = &[
    [
        "Strong will, thin margins: one missed taxi undoes a week.",
        "Sterk wil, min speling: een gemiste taxi maak 'n week ongedaan.",
        "Intshisekelo inkulu kodwa izinsiza zincane: itekisi elilodwa lilimaza isonto lonke.",
    ],
    [
        "The family supports the plan; the money at home does not yet.",
        "Die gesin steun die plan; die geld by die huis nog nie.",
        "Umndeni uyasisekela lesi simiso; imali yasekhaya ayikabi bikho.",
    ],
    [
        "Papers first: without an ID every other door stays closed.",
        "Papiere eerste: sonder 'n ID bly elke ander deur toe.",
        "Amaphepha kuqala: ngaphandle kukamazisi eminye iminyango ivaliwe.",
    ],
    [
        "Skills are better than the client believes.",
        "Vaardighede is beter as wat die kliënt glo.",
        "Amakhono angcono kunalokho akukholwayo.",
    ],
    [
        "Loneliness weighs more than the lack of income.",
        "Eensaamheid weeg swaarder as die gebrek aan inkomste.",
        "Isizungu sinzima ukwedlula ukuswela imali.",
    ],
];
