//! Goals and visions, by the programme's desired outcome.

use super::Said;

/// Goals that serve the desired outcome, by programme in the order of the list of programmes.
pub(crate) const SHARED: [&[Said]; 5] = [
    &[[
        "I want a job I still have at Christmas, and the one after.",
        "Ek wil 'n werk hê wat ek Kersfees nog het, en die een daarna ook.",
        "Ngifuna umsebenzi engizobe ngisenawo ngoKhisimusi nangolandelayo.",
    ]],
    &[[
        "I want a key that is mine and a lease with my name on it.",
        "Ek wil 'n sleutel hê wat myne is en 'n huurkontrak met my naam op.",
        "Ngifuna ukhiye owami nesivumelwano sokuqasha esinegama lami.",
    ]],
    &[[
        "I want my children home with me and a quiet house.",
        "Ek wil my kinders by my hê en 'n stil huis.",
        "Ngifuna izingane zami zibe nami nekhaya elinokuthula.",
    ]],
    &[[
        "I want to finish matric and study further.",
        "Ek wil matriek klaarmaak en verder leer.",
        "Ngifuna ukuqeda umatikuletsheni ngiqhubeke nezifundo.",
    ]],
    &[[
        "I want to feed us from my own garden and sell the rest.",
        "Ek wil ons uit my eie tuin voer en die res verkoop.",
        "Ngifuna sidle okusengadini yami bese ngithengisa okusalayo.",
    ]],
];

/// Goals of the client's own that serve no desired outcome of a programme.
pub(crate) const APART: &[Said] = &[
    [
        "Any job, this week. I cannot wait for a course.",
        "Enige werk, hierdie week. Ek kan nie vir 'n kursus wag nie.",
        "Noma yimuphi umsebenzi, kuleli sonto. Angikwazi ukulinda izifundo.",
    ],
    [
        "I only need the food parcel until the grant comes.",
        "Ek het net die kospakkie nodig tot die toelae kom.",
        "Ngidinga iphasela lokudla kuphela kuze kufike isibonelelo.",
    ],
    [
        "I want to go back to the Cape to my brother.",
        "Ek wil teruggaan Kaap toe na my broer.",
        "Ngifuna ukubuyela eKapa kumfowethu.",
    ],
    [
        "I want to pay off the furniture first.",
        "Ek wil eers die meubels afbetaal.",
        "Ngifuna ukuqeda ukukhokhela ifenisha kuqala.",
    ],
];

/// What a caregiver wishes for the client.
pub(crate) const CAREGIVERS: &[Said] = &[
    [
        "I want to see her stand on her own feet.",
        "Ek wil haar op haar eie voete sien staan.",
        "Ngifuna ukumbona ezimele.",
    ],
    [
        "That he comes home at night and laughs again.",
        "Dat hy saans huis toe kom en weer lag.",
        "Ukuthi abuye ekhaya ebusuku, aphinde ahleke.",
    ],
];

/// The desired outcome as the client would say it, by programme.
pub(crate) const VISIONS: [Said; 5] = [
    [
        "In two years I am still at the same employer and train the new ones.",
        "Oor twee jaar is ek steeds by dieselfde werkgewer en leer ek die nuwes.",
        "Eminyakeni emibili ngiseyilapho ngisebenza khona, ngiqeqesha abasha.",
    ],
    [
        "We sleep behind our own door, and the rent is paid.",
        "Ons slaap agter ons eie deur, en die huur is betaal.",
        "Silala ngemuva komnyango wethu, nerenti ikhokhiwe.",
    ],
    [
        "The children are home, and nobody shouts.",
        "Die kinders is by die huis, en niemand skree nie.",
        "Izingane zisekhaya, futhi akekho othethisayo.",
    ],
    [
        "I am at college, and the little ones see that it can be done.",
        "Ek is op kollege, en die kleintjies sien dit kan gedoen word.",
        "Ngisekolishi, futhi abancane bayabona ukuthi kungenzeka.",
    ],
    [
        "There is food every day, and money from the stall on Friday.",
        "Daar is elke dag kos, en Vrydae geld van die stalletjie.",
        "Kunokudla nsuku zonke, nemali evela esitolweni ngoLwesihlanu.",
    ],
];
