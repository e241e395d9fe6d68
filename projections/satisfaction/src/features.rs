//! What rules can ask of satisfaction. Their cost grows with the ratings and the concerns of the journey, which are
//! few, and with nothing else.

use jiff::civil::Date;
use throughline_projection::{Day, Feature, FeatureValue, Features, Programmes};

use crate::{Satisfaction, View, concerns, heard::Question, ratings::Polled};

const CONCERNS: &[&str] = &[
    "concern-raised",
    "concern-acknowledged",
    "concern-updated",
    "concern-resolved",
    "concern-reopened",
    "died",
];

impl Features for Satisfaction {
    const FEATURES: &'static [Feature] = &[
        Feature {
            name: "satisfaction",
            what: "of the client's ratings of how content they are, those that say satisfied",
            unit: "share",
            from: &["satisfaction-rated", "survey-sent"],
        },
        Feature {
            name: "concerns_open",
            what: "concerns that wait for an answer, first or after they were raised again",
            unit: "concerns",
            from: CONCERNS,
        },
    ];

    fn feature(view: &View, place: usize, on: Date, _programmes: &Programmes) -> Option<FeatureValue> {
        let day = Day::of(on);
        match place {
            0 => Polled::on(view, day).poll(Question::Csat).csat().share.map(FeatureValue::Number),
            1 => {
                let open = concerns::still_open(view, day);
                Some(FeatureValue::Whole(i64::try_from(open).unwrap_or(i64::MAX)))
            }
            _ => None,
        }
    }
}
