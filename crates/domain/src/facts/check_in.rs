//! Check-ins: what happens and is felt between the transactions.

use jiff::civil::Date;

use crate::{
    Attributes, Code, Effect, EventId, Exchange, Eyes, Fit, Format, ItemAnswer, Key, Note, Scale, Score,
    Subject, Words,
};

fact! {
    /// A planned or spontaneous look at how it goes.
    CheckInHeld, Words {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// Its form.
        format: Format,
        /// Who began it.
        begun_by: Eyes,
        /// Whether both sides took part.
        exchange: Exchange,
        /// The day it was planned for, where it was.
        #[schema(value_type = Option<String>, format = Date)]
        planned: Option<Date>,
        /// Who else took part.
        #[serde(default)]
        with: Vec<Eyes>,
        /// Its length in minutes.
        minutes: Option<u32>,
        /// The worker.
        worker: Option<Code>,
        /// Whether it was needed, usable, tailored and timely.
        fit: Option<Fit>,
    }
}
fact! {
    /// A planned check-in did not take place.
    CheckInMissed, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The day it was planned for.
        #[schema(value_type = Option<String>, format = Date)]
        planned: Option<Date>,
        /// Why.
        reason: Code,
        /// The worker.
        worker: Option<Code>,
    }
}
fact! {
    /// A reading with an instrument.
    ReadingTaken, Words {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The instrument.
        instrument: Code,
        /// What it measures: `trust`, `alliance-goal`, `alliance-task`, `alliance-bond`, `collaboration`,
        /// `engagement`, `impact`, `teamwork`, `goal-agreement`, `wellbeing`, or an indicator.
        measure: Code,
        /// The value.
        value: Score,
        /// The ends of the scale, worst first.
        scale: Scale,
        /// The answers behind it.
        #[serde(default)]
        items: Vec<ItemAnswer>,
    }
}
fact! {
    /// A rating of a transaction or process.
    SatisfactionRated, Words {
        /// The survey it answers.
        survey: Option<Key>,
        /// The transaction it rates.
        of: Option<EventId>,
        /// What it is about.
        about: Subject,
        /// `csat`, `nps`, or an instrument of the programme's.
        instrument: Code,
        /// The value, or the total before reversal where items are given.
        value: Score,
        /// The ends of the scale, worst first.
        scale: Scale,
        /// The answers behind it.
        #[serde(default)]
        items: Vec<ItemAnswer>,
    }
}
fact! {
    /// Somebody was asked for a rating, so that silence can be counted.
    SurveySent, Note {
        /// The survey's name in this journey.
        survey: Key,
        /// The instrument.
        instrument: Code,
        /// What it is about.
        about: Subject,
        /// How it was sent.
        format: Format,
        /// The last day on which an answer counts; 30 days on unless set.
        #[schema(value_type = Option<String>, format = Date)]
        closes: Option<Date>,
    }
}
fact! {
    /// Somebody chose not to answer.
    SurveyDeclined, Note {
        /// The survey.
        survey: Key,
        /// Why.
        reason: Option<Code>,
    }
}
fact! {
    /// Something stands in the client's way.
    DifficultyReported, Words {
        /// The difficulty's name in this journey.
        difficulty: Key,
        /// The area of life.
        life_area: Code,
        /// What kind.
        kind: Code,
        /// How grave.
        severity: Option<Code>,
    }
}
fact! {
    /// It no longer does.
    DifficultyOvercome, Words {
        /// The difficulty.
        difficulty: Key,
    }
}
fact! {
    /// Something happened in the client's life outside the programme.
    LifeEventNoted, Words {
        /// What kind: `bereavement`, `new-job`, `birth`.
        kind: Code,
        /// The area of life.
        life_area: Option<Code>,
        /// Whether it helped or hindered.
        effect: Option<Effect>,
    }
}
fact! {
    /// A rule in force began to hold of the client. It happened when the rule was asked.
    AlertRaised, Note {
        /// The rule.
        rule: Code,
        /// Its version.
        rule_version: u32,
        /// What it rested on; what was not known is left out.
        #[serde(default)]
        values: Attributes,
    }
}
fact! {
    /// It no longer holds.
    AlertCleared, Note {
        /// The rule.
        rule: Code,
        /// Its version.
        rule_version: u32,
        /// What it rested on; what was not known is left out.
        #[serde(default)]
        values: Attributes,
    }
}
