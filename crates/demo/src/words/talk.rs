//! What clients say along the way.

use super::{Coded, Said, coded};

/// At a check-in: when it goes badly, so-so, well.
pub(crate) const CHECK_IN: [&[Said]; 3] = [
    &[
        [
            "I nearly did not pick up. It has been a bad month.",
            "Ek het amper nie geantwoord nie. Dit was 'n slegte maand.",
            "Bengicishe ngangabamba ucingo. Kube yinyanga enzima.",
        ],
        [
            "I do not see where this is going.",
            "Ek sien nie waarheen dit gaan nie.",
            "Angiboni ukuthi lokhu kuyaphi.",
        ],
    ],
    &[
        [
            "Some days are good. The taxi is still a problem.",
            "Party dae is goed. Die taxi is nog 'n probleem.",
            "Ezinye izinsuku zinhle. Itekisi liseyinkinga.",
        ],
        [
            "We are managing. Ask me again next week.",
            "Ons kom reg. Vra my weer volgende week.",
            "Siyazama. Phinda ungibuze ngesonto elizayo.",
        ],
    ],
    &[
        [
            "For the first time I slept through the night.",
            "Vir die eerste keer het ek deurgeslaap.",
            "Okokuqala ngqa ngilale ubusuku bonke.",
        ],
        [
            "My boy told his teacher about me. I am proud.",
            "My seun het sy juffrou van my vertel. Ek is trots.",
            "Umfana wami utshele uthisha wakhe ngami. Ngiyaziqhenya.",
        ],
        [
            "You phoned when you said you would. That helps.",
            "Julle het gebel toe julle gesê het julle sal. Dit help.",
            "Nishaye ucingo ngesikhathi enasithembisa. Kuyasiza lokho.",
        ],
    ],
];

/// With a rating: low, middling, high.
pub(crate) const RATING: [&[Said]; 3] = [
    &[
        [
            "I waited two hours and then had to tell my story again.",
            "Ek het twee uur gewag en moes toe weer my storie vertel.",
            "Ngilinde amahora amabili kwadingeka ngiphinde ngixoxe indaba yami.",
        ],
        ["Nobody phoned me back.", "Niemand het my teruggebel nie.", "Akekho ongishayele ucingo."],
    ],
    &[[
        "It was all right, but the time does not suit me.",
        "Dit was reg, maar die tyd pas my nie.",
        "Bekulungile, kodwa isikhathi asingifanele.",
    ]],
    &[
        [
            "She listened before she spoke.",
            "Sy het geluister voor sy gepraat het.",
            "Ulalele ngaphambi kokuba akhulume.",
        ],
        ["I was treated as a person.", "Ek is soos 'n mens behandel.", "Ngaphathwa njengomuntu."],
    ],
];

pub(crate) const CONTACT: &[Said] = &[
    [
        "May I bring my sister on Thursday?",
        "Mag ek Donderdag my suster saambring?",
        "Ngingafika nodadewethu ngoLwesine?",
    ],
    [
        "I got the letter. Can you read it with me?",
        "Ek het die brief gekry. Kan u dit saam met my lees?",
        "Ngiyitholile incwadi. Ungayifunda nami?",
    ],
    [
        "I only wanted to say that it worked.",
        "Ek wou net sê dit het gewerk.",
        "Bengifuna ukusho nje ukuthi kusebenzile.",
    ],
];

pub(crate) const RETURNED: &[Said] = &[[
    "I was ashamed to come back. Is my place still there?",
    "Ek was skaam om terug te kom. Is my plek nog daar?",
    "Bengihlulwa amahloni ukubuya. Isekhona yini indawo yami?",
]];

pub(crate) const CONCERNS: &[Coded] = &[
    coded(
        "waiting-times",
        [
            "I waited from eight until noon and nobody called me.",
            "Ek het van agt tot twaalf gewag en niemand het my geroep nie.",
            "Ngilinde kusukela ngo-8 kuze kube semini, akekho ongibizile.",
        ],
    ),
    coded(
        "broken-promise",
        [
            "The taxi money was promised for Monday and did not come.",
            "Die taxigeld is vir Maandag belowe en het nie gekom nie.",
            "Imali yetekisi yathenjiswa ngoMsombuluko kodwa ayifikanga.",
        ],
    ),
    coded(
        "privacy",
        [
            "They spoke about my case where others could hear.",
            "Hulle het oor my saak gepraat waar ander kon hoor.",
            "Bakhulume ngodaba lwami abanye bezwa.",
        ],
    ),
    coded(
        "respect",
        [
            "The man at the gate was rude to my mother.",
            "Die man by die hek was onbeskof met my ma.",
            "Indoda esesangweni ibe nesihluku kumama.",
        ],
    ),
    coded(
        "language",
        [
            "The letter was in English only and I could not follow it.",
            "Die brief was net in Engels en ek kon dit nie volg nie.",
            "Incwadi ibibhalwe ngesiNgisi kuphela, angiyizwanga.",
        ],
    ),
];

pub(crate) const NOT_OVER: &[Said] = &[[
    "It happened again. I thought it was settled.",
    "Dit het weer gebeur. Ek het gedink dit is afgehandel.",
    "Kuphinde kwenzeka. Bengithi sekuphelile.",
]];

pub(crate) const REQUESTS: &[Coded] = &[
    coded(
        "letter-of-support",
        [
            "Can I get a letter for the landlord?",
            "Kan ek 'n brief vir die verhuurder kry?",
            "Ngingayithola incwadi yomnikazi wendlu?",
        ],
    ),
    coded(
        "other-time",
        [
            "Is there a group in the afternoon?",
            "Is daar 'n groep in die middag?",
            "Likhona yini iqembu ntambama?",
        ],
    ),
    coded(
        "id-document",
        ["Who helps with a new ID?", "Wie help met 'n nuwe ID?", "Ubani osiza ngomazisi omusha?"],
    ),
    coded(
        "food-parcel",
        [
            "The cupboard is empty until Friday. Is there a parcel?",
            "Die kas is leeg tot Vrydag. Is daar 'n pakkie?",
            "Ikhabethe alinalutho kuze kube uLwesihlanu. Likhona iphasela?",
        ],
    ),
    coded(
        "what-next",
        ["What happens after the course?", "Wat gebeur ná die kursus?", "Kwenzekani ngemuva kwezifundo?"],
    ),
];

/// What a giver asks.
pub(crate) const GIVER_REQUESTS: &[Coded] = &[
    coded(
        "tax-certificate",
        [
            "May I have the certificate for my tax return?",
            "Mag ek die sertifikaat vir my belasting kry?",
            "Ngicela isitifiketi sentela yami.",
        ],
    ),
    coded(
        "site-visit",
        [
            "Could we visit and see what it is used for?",
            "Kan ons kom kyk waarvoor dit gebruik word?",
            "Singavakasha sibone ukuthi isetshenziselwa ini?",
        ],
    ),
];

pub(crate) const DIFFICULTIES: &[(&str, Coded)] = &[
    (
        "transport",
        coded(
            "no-taxi-money",
            [
                "I missed twice because there was no taxi money.",
                "Ek het twee keer nie gekom nie, daar was nie taxigeld nie.",
                "Angizanga kabili ngoba ibingekho imali yetekisi.",
            ],
        ),
    ),
    (
        "family",
        coded(
            "conflict-at-home",
            [
                "My brother wants me out of the house.",
                "My broer wil my uit die huis hê.",
                "Umfowethu ufuna ngiphume endlini.",
            ],
        ),
    ),
    (
        "health",
        coded(
            "illness",
            [
                "The sugar is high again and I feel weak.",
                "Die suiker is weer hoog en ek voel swak.",
                "Ushukela uphakeme futhi, ngizizwa ngibuthakathaka.",
            ],
        ),
    ),
    (
        "income",
        coded(
            "debt",
            ["They came for the fridge.", "Hulle het die yskas kom haal.", "Bafike bazothatha ifriji."],
        ),
    ),
    (
        "mental-health",
        coded(
            "low-mood",
            [
                "I lie awake and cry, I do not know why.",
                "Ek lê wakker en huil, ek weet nie hoekom nie.",
                "Ngilala ngivule amehlo ngikhale, angazi ukuthi kungani.",
            ],
        ),
    ),
    (
        "family",
        coded(
            "no-childcare",
            [
                "The crèche closed and the baby is with me.",
                "Die crèche het toegemaak en die baba is by my.",
                "Inkulisa ivaliwe, ingane ihlala nami.",
            ],
        ),
    ),
];

pub(crate) const OVERCOME: &[Said] = &[
    [
        "It is behind us. It took three of us.",
        "Dit is agter ons. Dit het drie van ons gevat.",
        "Sekudlulile. Kudinge abathathu kithi.",
    ],
    ["I asked for help this time.", "Hierdie keer het ek hulp gevra.", "Kulokhu ngicele usizo."],
];

/// Kind, area of life, whether it helped (+), hindered (-) or neither.
pub(crate) const LIFE_EVENTS: &[(&str, i32, Coded)] = &[
    (
        "family",
        -1,
        coded(
            "bereavement",
            [
                "We buried my mother on Saturday.",
                "Ons het Saterdag my ma begrawe.",
                "Singcwabe umama ngoMgqibelo.",
            ],
        ),
    ),
    (
        "family",
        0,
        coded(
            "birth",
            [
                "The baby is here, a girl.",
                "Die baba is hier, 'n dogtertjie.",
                "Ingane isifikile, intombazane.",
            ],
        ),
    ),
    (
        "income",
        1,
        coded(
            "grant-approved",
            ["The grant came through.", "Die toelae is goedgekeur.", "Isibonelelo siphumelele."],
        ),
    ),
    (
        "housing",
        -1,
        coded(
            "fire",
            [
                "The shack next door burned and ours with it.",
                "Die hok langsaan het gebrand en ons s'n saam.",
                "Umjondolo oseceleni ushile nowethu.",
            ],
        ),
    ),
    (
        "employment",
        1,
        coded(
            "new-job",
            [
                "I started at the packhouse on Monday.",
                "Ek het Maandag by die pakhuis begin.",
                "Ngiqale umsebenzi ngoMsombuluko.",
            ],
        ),
    ),
    (
        "safety",
        -1,
        coded(
            "robbery",
            [
                "They took my phone at the taxi rank.",
                "Hulle het my foon by die taxistaanplek gevat.",
                "Bangiphuce ucingo erenki yamatekisi.",
            ],
        ),
    ),
];

/// At a follow-up: lost, in part, still holds.
pub(crate) const FOLLOW_UP: [&[Said]; 3] = [
    &[[
        "It did not last. I am back where I was.",
        "Dit het nie gehou nie. Ek is terug waar ek was.",
        "Akuhlalanga isikhathi eside. Sengibuyele lapho bengikhona.",
    ]],
    &[["It goes, but only just.", "Dit gaan, maar net-net.", "Kuyahamba, kodwa kancane."]],
    &[
        [
            "Still there, and now I help the new one.",
            "Nog steeds daar, en nou help ek die nuwe een.",
            "Ngisekhona, futhi manje ngisiza omusha.",
        ],
        [
            "Thank you for asking after all this time.",
            "Dankie dat julle ná al die tyd nog vra.",
            "Ngiyabonga ukuthi nisabuza emva kwesikhathi eside.",
        ],
    ],
];

/// What volunteers and donors say.
pub(crate) const GIVERS: &[Said] = &[
    [
        "I was helped once. Now it is my turn.",
        "Ek is eenkeer gehelp. Nou is dit my beurt.",
        "Ngake ngasizwa. Manje sekuyithuba lami.",
    ],
    [
        "Tell me what it changed, not only what it cost.",
        "Sê my wat dit verander het, nie net wat dit gekos het nie.",
        "Ngitshele ukuthi kushintsheni, hhayi nje ukuthi kubize malini.",
    ],
    [
        "Saturdays with the children are the best of my week.",
        "Saterdae met die kinders is die beste van my week.",
        "Imigqibelo nezingane iyingxenye enhle yesonto lami.",
    ],
];
