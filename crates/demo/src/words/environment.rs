//! The client's whole environment, as clients tell it at intake.

use super::{Coded, CodedWithWhy, Said, coded};

pub(crate) const SURROUNDINGS: &[Coded] = &[
    coded(
        "crowded-home",
        [
            "Seven of us share two rooms behind my aunt's house.",
            "Ons is sewe in twee kamers agter my tannie se huis.",
            "Siyisikhombisa emakamelweni amabili ngemuva kwendlu kababekazi.",
        ],
    ),
    coded(
        "informal-settlement",
        [
            "We live in a shack near the river; when it rains the floor is wet.",
            "Ons bly in 'n hok by die rivier; as dit reën, is die vloer nat.",
            "Sihlala emjondolo eduze nomfula; uma lina iphansi liba manzi.",
        ],
    ),
    coded(
        "backyard-rental",
        [
            "I rent a back room and may be told to go at any month's end.",
            "Ek huur 'n agterkamer en kan enige maandeinde weggestuur word.",
            "Ngiqashe igumbi ngemuva kwendlu futhi ngingakhishwa nanoma inini.",
        ],
    ),
    coded(
        "unsafe-street",
        [
            "After dark nobody walks in our street.",
            "Ná donker loop niemand in ons straat nie.",
            "Akekho ohamba emgwaqweni wethu uma kuhlwile.",
        ],
    ),
    coded(
        "far-from-town",
        [
            "Town is two taxis away and the first leaves at five.",
            "Die dorp is twee taxi's ver en die eerste ry vyfuur.",
            "Idolobha likude, kudingeka amatekisi amabili.",
        ],
    ),
    coded(
        "good-neighbours",
        [
            "The neighbours look after each other's children.",
            "Die bure pas mekaar se kinders op.",
            "Omakhelwane banakekela izingane zabanye.",
        ],
    ),
];

pub(crate) const CHALLENGES: &[Coded] = &[
    coded(
        "no-taxi-money",
        [
            "Some weeks there is no taxi money.",
            "Party weke is daar nie taxigeld nie.",
            "Kwamanye amasonto ayikho imali yetekisi.",
        ],
    ),
    coded(
        "debt",
        [
            "The loan shark takes the grant before I see it.",
            "Die geldskieter vat die toelae voor ek dit sien.",
            "Umashonisa uthatha imali yesibonelelo ngingakayiboni.",
        ],
    ),
    coded(
        "no-papers",
        [
            "My ID was lost in the fire and the office sends me away.",
            "My ID het in die brand weggeraak en die kantoor stuur my weg.",
            "Umazisi wami walahleka emlilweni futhi ehhovisi bayangibuyisa.",
        ],
    ),
    coded(
        "poor-health",
        [
            "My chest is bad and the clinic queue takes the whole day.",
            "My bors is swak en die ry by die kliniek vat die hele dag.",
            "Isifuba sami asiphilile, futhi ulayini emtholampilo uthatha usuku lonke.",
        ],
    ),
    coded(
        "childcare",
        [
            "There is nobody to watch the baby when I must go out.",
            "Daar is niemand om die baba op te pas as ek moet uitgaan nie.",
            "Akekho ongangigcinela ingane uma kumele ngiphume.",
        ],
    ),
    coded(
        "left-school-early",
        [
            "I left school in grade nine and forms frighten me.",
            "Ek het in graad nege uit die skool gegaan en vorms maak my bang.",
            "Ngashiya isikole ebangeni lesishiyagalolunye; amafomu ayangesabisa.",
        ],
    ),
    coded(
        "drink-at-home",
        [
            "There is drinking at home over weekends.",
            "Daar word naweke by die huis gedrink.",
            "Kuyaphuzwa ekhaya ngezimpelasonto.",
        ],
    ),
];

pub(crate) const OPPORTUNITIES: &[Coded] = &[
    coded(
        "lift-club",
        [
            "A neighbour drives to town and has a seat for me.",
            "'n Buurman ry dorp toe en het vir my 'n sitplek.",
            "Umakhelwane uya edolobheni futhi unendawo yami emotweni.",
        ],
    ),
    coded(
        "church-hall",
        [
            "The church lets us use the hall in the week.",
            "Die kerk laat ons die saal in die week gebruik.",
            "Isonto lisivumela ukusebenzisa ihholo phakathi nesonto.",
        ],
    ),
    coded(
        "family-plot",
        [
            "My mother has ground where one could plant.",
            "My ma het grond waarop 'n mens kan plant.",
            "Umama unomhlaba esingatshala kuwo.",
        ],
    ),
    coded(
        "employer-contact",
        [
            "My cousin's boss is looking for reliable people.",
            "My neef se baas soek betroubare mense.",
            "Umqashi womzala wami ufuna abantu abathembekile.",
        ],
    ),
    coded(
        "good-school",
        [
            "The school near us is good and knows the children.",
            "Die skool naby ons is goed en ken die kinders.",
            "Isikole esiseduze sihle futhi siyazazi izingane.",
        ],
    ),
];

pub(crate) const PRIORITIES: &[CodedWithWhy] = &[
    CodedWithWhy {
        code: "own-place",
        what: ["A place of our own", "'n Plek van ons eie", "Indawo yethu"],
        why: [
            "So that nobody can tell the children to be quiet in another man's house.",
            "Sodat niemand vir die kinders kan sê om stil te wees in 'n ander man se huis nie.",
            "Ukuze kungabikho othi izingane azithule endlini yomunye umuntu.",
        ],
    },
    CodedWithWhy {
        code: "steady-work",
        what: ["Work that stays", "Werk wat bly", "Umsebenzi ohlala njalo"],
        why: [
            "Piece jobs feed us today and leave us hungry on Friday.",
            "Los werkies gee ons vandag kos en los ons Vrydag honger.",
            "Amatoho asondla namuhla, asishiye silambile ngoLwesihlanu.",
        ],
    },
    CodedWithWhy {
        code: "children-in-school",
        what: ["The children stay in school", "Die kinders bly in die skool", "Izingane zihlale esikoleni"],
        why: [
            "I do not want them to struggle with forms as I do.",
            "Ek wil nie hê hulle moet met vorms sukkel soos ek nie.",
            "Angifuni bahlupheke ngamafomu njengami.",
        ],
    },
    CodedWithWhy {
        code: "food-every-day",
        what: ["Food every day", "Elke dag kos", "Ukudla nsuku zonke"],
        why: [
            "Last winter there were days of tea only.",
            "Verlede winter was daar dae van net tee.",
            "Ngobusika obudlule sasidla itiye kuphela ngezinye izinsuku.",
        ],
    },
    CodedWithWhy {
        code: "health",
        what: ["To be well again", "Om weer gesond te wees", "Ukuphila futhi"],
        why: [
            "If I lie down, everything at home lies down.",
            "As ek gaan lê, gaan lê alles by die huis.",
            "Uma ngilala phansi, konke ekhaya kuyama.",
        ],
    },
];

pub(crate) const VALUES: &[CodedWithWhy] = &[
    CodedWithWhy {
        code: "family",
        what: ["Family", "Familie", "Umndeni"],
        why: [
            "They carried me when my father died.",
            "Hulle het my gedra toe my pa dood is.",
            "Bangithwala ngesikhathi kushona ubaba.",
        ],
    },
    CodedWithWhy {
        code: "dignity",
        what: ["To be greeted by my name", "Om op my naam gegroet te word", "Ukubingelelwa ngegama lami"],
        why: [
            "In some offices I am only a number.",
            "In party kantore is ek net 'n nommer.",
            "Kwamanye amahhovisi ngiyinombolo nje.",
        ],
    },
    CodedWithWhy {
        code: "faith",
        what: ["Faith", "Geloof", "Inkolo"],
        why: [
            "It is what got me up this morning.",
            "Dit is wat my vanoggend laat opstaan het.",
            "Yikho okungivuse namuhla ekuseni.",
        ],
    },
    CodedWithWhy {
        code: "independence",
        what: ["To do it myself", "Om dit self te doen", "Ukuzenzela mina"],
        why: [
            "I was helped before and fell when the help stopped.",
            "Ek is al gehelp en het geval toe die hulp ophou.",
            "Ngasizwa phambilini, ngawa lapho usizo luphela.",
        ],
    },
];

pub(crate) const SUPPORT: &[Coded] = &[
    coded(
        "rest-for-carer",
        [
            "My gogo helps with everything, but she is tired and needs rest.",
            "My ouma help met alles, maar sy is moeg en moet rus.",
            "Ugogo usiza ngakho konke, kodwa ukhathele futhi udinga ukuphumula.",
        ],
    ),
    coded(
        "information",
        [
            "My sister stands by me; she would like to know how she can help.",
            "My suster staan by my; sy wil graag weet hoe sy kan help.",
            "Udadewethu uma nami; ufisa ukwazi ukuthi angasiza kanjani.",
        ],
    ),
    coded(
        "transport",
        [
            "My brother would come along if somebody paid the taxi.",
            "My broer sal saamkom as iemand die taxi betaal.",
            "Umfowethu angeza uma ekhona okhokhela itekisi.",
        ],
    ),
    coded(
        "nobody",
        [
            "There is nobody really; we keep to ourselves.",
            "Daar is eintlik niemand nie; ons hou ons eenkant.",
            "Akekho ngempela; sizihlalela sodwa.",
        ],
    ),
];

pub(crate) const DECISIONS: &[Coded] = &[
    coded("alone", ["I decide alone.", "Ek besluit alleen.", "Nginquma ngedwa."]),
    coded(
        "with-family",
        [
            "We sit at the table until we agree.",
            "Ons sit om die tafel tot ons saamstem.",
            "Sihlala ndawonye size sivumelane.",
        ],
    ),
    coded(
        "elder-decides",
        [
            "My grandmother has the last word.",
            "My ouma het die laaste woord.",
            "Ugogo nguye onezwi lokugcina.",
        ],
    ),
];

pub(crate) const CAPABILITIES: &[Coded] = &[
    coded(
        "sewing",
        [
            "I can sew and mend anything.",
            "Ek kan enigiets naai en heelmaak.",
            "Ngiyakwazi ukuthunga nokuchibiyela noma yini.",
        ],
    ),
    coded(
        "cooking",
        [
            "I have cooked for funerals of two hundred people.",
            "Ek het al vir begrafnisse van tweehonderd mense gekook.",
            "Ngake ngaphekela imingcwabo yabantu abangamakhulu amabili.",
        ],
    ),
    coded(
        "building",
        ["I can lay bricks and paint.", "Ek kan messel en verf.", "Ngiyakwazi ukwakha ngezitini nokupenda."],
    ),
    coded("numbers", ["I am good with numbers.", "Ek is goed met syfers.", "Nginekhono lezibalo."]),
    coded("people", ["I get on with everybody.", "Ek kom met almal klaar.", "Ngizwana nabo bonke abantu."]),
];

pub(crate) const MOTIVATION: &[Said] = &[
    [
        "My daughter asked why I am always at home. I want to give her another answer.",
        "My dogter het gevra hoekom ek altyd by die huis is. Ek wil haar 'n ander antwoord gee.",
        "Indodakazi yami yabuza ukuthi kungani ngihlala ekhaya. Ngifuna ukuyinika enye impendulo.",
    ],
    [
        "I am tired of asking. I want to be the one who is asked.",
        "Ek is moeg van vra. Ek wil die een wees wat gevra word.",
        "Ngikhathele ukucela. Ngifuna ukuba yilowo ocelwayo.",
    ],
    [
        "A friend finished here last year and she walks differently now.",
        "'n Vriendin het verlede jaar hier klaargemaak en sy loop nou anders.",
        "Umngani wami waqeda lapha ngonyaka odlule; manje uhamba ngokuzethemba.",
    ],
];

/// What drives those who are still at school.
pub(crate) const YOUNG_MOTIVATION: &[Said] = &[
    [
        "I want to be the first at home to finish.",
        "Ek wil die eerste by die huis wees wat klaarmaak.",
        "Ngifuna ukuba ngowokuqala ekhaya oqedayo.",
    ],
    [
        "My little sister copies everything I do.",
        "My sussie doen alles na wat ek doen.",
        "Udadewethu omncane ulingisa konke engikwenzayo.",
    ],
];

/// What came before for those who are still at school.
pub(crate) const YOUNG_HISTORY: &[Said] = &[
    [
        "I changed schools three times because we moved.",
        "Ek het drie keer skool verander omdat ons getrek het.",
        "Ngishintshe izikole kathathu ngoba besithutha.",
    ],
    [
        "I stayed at home for a year to look after my gogo.",
        "Ek het 'n jaar by die huis gebly om my ouma te versorg.",
        "Ngahlala ekhaya unyaka wonke nginakekela ugogo.",
    ],
];

pub(crate) const HISTORY: &[Said] = &[
    [
        "I worked at the cannery until it closed.",
        "Ek het by die inmaakfabriek gewerk tot dit toemaak.",
        "Ngangisebenza efektri yokudla okusemathinini yaze yavalwa.",
    ],
    [
        "I came from the farms eight years ago and never quite settled.",
        "Ek het agt jaar gelede van die plase af gekom en nooit regtig gevestig nie.",
        "Ngafika ngivela emapulazini eminyakeni eyisishiyagalombili edlule.",
    ],
    [
        "Everything went well until my husband fell ill.",
        "Alles het goed gegaan tot my man siek geword het.",
        "Konke kwakuhamba kahle kwaze kwagula umyeni wami.",
    ],
    [
        "I have started courses before and did not finish them.",
        "Ek het al met kursusse begin en dit nie klaargemaak nie.",
        "Ngake ngaqala izifundo phambilini kodwa angiziqedanga.",
    ],
];
