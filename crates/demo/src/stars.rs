//! A handful of lives whose course is written beforehand, so that a reader finds one of each kind at once.

use throughline_domain::{Relationship, Role};

use crate::words::Tongue;

/// Whether a client lets others see the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    Never,
    Open,
    /// Given for some months only.
    Ends,
    /// Given, and taken back later.
    TakenBack,
}

/// What is fixed of a life beforehand. Whatever is unset is left to chance, as for everybody else.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fate {
    pub(crate) name: Option<(&'static str, &'static str)>,
    pub(crate) tongue: Option<Tongue>,
    pub(crate) role: Option<Role>,
    pub(crate) offering: Option<usize>,
    pub(crate) start: Option<i32>,
    /// How readily they engage, 0 to 1.
    pub(crate) warmth: Option<f64>,
    pub(crate) carer: Option<bool>,
    pub(crate) declined: Option<bool>,
    pub(crate) reapplies: Option<bool>,
    pub(crate) drops_out: Option<bool>,
    pub(crate) returns: Option<bool>,
    pub(crate) reaches: Option<bool>,
    pub(crate) slips: Option<bool>,
    pub(crate) recovers: Option<bool>,
    pub(crate) reachable: Option<bool>,
    pub(crate) dies: Option<bool>,
    pub(crate) grows: Option<Relationship>,
    pub(crate) entered_twice: Option<bool>,
    pub(crate) amended: Option<bool>,
    pub(crate) withdraws: Option<bool>,
    pub(crate) shares: Option<Sharing>,
    /// Everything that can happen along the way does.
    pub(crate) full: bool,
}

/// The n-th star is the n-th client.
pub(crate) struct Star {
    pub(crate) story: &'static str,
    pub(crate) fate: Fate,
}

/// What chance decides of nobody with a star.
const PLAIN: Fate = Fate {
    name: None,
    tongue: None,
    role: Some(Role::Participant),
    offering: None,
    start: None,
    warmth: None,
    carer: Some(false),
    declined: Some(false),
    reapplies: Some(false),
    drops_out: Some(false),
    returns: Some(false),
    reaches: Some(true),
    slips: Some(false),
    recovers: Some(false),
    reachable: Some(true),
    dies: Some(false),
    grows: None,
    entered_twice: Some(false),
    amended: Some(false),
    withdraws: Some(false),
    shares: Some(Sharing::Open),
    full: false,
};

pub(crate) const STARS: &[Star] = &[
    Star {
        story: "Thandi finds steady work, keeps it for two years and comes back as a volunteer",
        fate: Fate {
            name: Some(("Thandi", "Ngcobo")),
            tongue: Some(Tongue::Zulu),
            offering: Some(0),
            start: Some(12),
            warmth: Some(0.8),
            carer: Some(true),
            grows: Some(Relationship::Volunteer),
            full: true,
            ..PLAIN
        },
    },
    Star {
        story: "Pieter gets a lease, loses it and finds his feet again; parts of his file were written late and put right",
        fate: Fate {
            name: Some(("Pieter", "Fortuin")),
            tongue: Some(Tongue::Afrikaans),
            offering: Some(1),
            start: Some(20),
            warmth: Some(0.6),
            slips: Some(true),
            recovers: Some(true),
            amended: Some(true),
            ..PLAIN
        },
    },
    Star {
        story: "Nomvula goes quiet, drops out, comes back months later and gets there after all; her record is shared no more",
        fate: Fate {
            name: Some(("Nomvula", "Cele")),
            tongue: Some(Tongue::Zulu),
            offering: Some(4),
            start: Some(40),
            warmth: Some(0.45),
            drops_out: Some(true),
            returns: Some(true),
            shares: Some(Sharing::TakenBack),
            ..PLAIN
        },
    },
    Star {
        story: "Grace was entered twice; her two journeys were merged, and she withdrew one consent",
        fate: Fate {
            name: Some(("Grace", "Hendricks")),
            tongue: Some(Tongue::English),
            offering: Some(2),
            start: Some(60),
            warmth: Some(0.65),
            carer: Some(true),
            entered_twice: Some(true),
            withdraws: Some(true),
            ..PLAIN
        },
    },
    Star {
        story: "Kobus was turned away, was accepted once the intake was broadened, and gives today himself",
        fate: Fate {
            name: Some(("Kobus", "Plaatjies")),
            tongue: Some(Tongue::Afrikaans),
            offering: Some(1),
            start: Some(640),
            warmth: Some(0.7),
            declined: Some(true),
            reapplies: Some(true),
            grows: Some(Relationship::Donor),
            ..PLAIN
        },
    },
    Star {
        story: "Bongani reached his outcome, and then nobody could reach Bongani; he was never asked whether to share",
        fate: Fate {
            name: Some(("Bongani", "Sithole")),
            tongue: Some(Tongue::Zulu),
            offering: Some(3),
            start: Some(90),
            warmth: Some(0.55),
            reachable: Some(false),
            shares: Some(Sharing::Never),
            ..PLAIN
        },
    },
    Star {
        story: "Willem died while he was in the programme",
        fate: Fate {
            name: Some(("Willem", "Links")),
            tongue: Some(Tongue::Afrikaans),
            offering: Some(1),
            start: Some(150),
            warmth: Some(0.6),
            dies: Some(true),
            ..PLAIN
        },
    },
    Star {
        story: "Lindiwe volunteers on Saturdays, was not thanked for a while, and stayed",
        fate: Fate {
            name: Some(("Lindiwe", "Mthembu")),
            tongue: Some(Tongue::Zulu),
            role: Some(Role::Volunteer),
            start: Some(100),
            warmth: Some(0.8),
            grows: Some(Relationship::Advocate),
            ..PLAIN
        },
    },
    Star {
        story: "Annelie gives every month and wants to see what it changes",
        fate: Fate {
            name: Some(("Annelie", "Steyn")),
            tongue: Some(Tongue::Afrikaans),
            role: Some(Role::Donor),
            start: Some(80),
            warmth: Some(0.8),
            grows: Some(Relationship::Volunteer),
            ..PLAIN
        },
    },
    Star {
        story: "Ayesha cares for her brother and has a journey of her own",
        fate: Fate {
            name: Some(("Ayesha", "Isaacs")),
            tongue: Some(Tongue::English),
            role: Some(Role::Caregiver),
            start: Some(120),
            warmth: Some(0.65),
            ..PLAIN
        },
    },
];

/// What is fixed of this client's life.
pub(crate) fn fate_of(client: u32) -> Fate {
    let star = client.checked_sub(1).and_then(|nth| STARS.get(nth as usize));
    star.map_or_else(Fate::default, |star| star.fate)
}
