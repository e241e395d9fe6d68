//! Transactions: what passes between the client and the organisation.

use jiff::civil::Date;

use crate::{Amount, Answer, Code, Exchange, Eyes, Fit, Format, Kept, Key, Note, Words};

fact! {
    /// A service was given.
    ServiceDelivered, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// The service.
        service: Code,
        /// The area of life it served.
        life_area: Code,
        /// Its form.
        format: Format,
        /// Its length in minutes.
        minutes: Option<u32>,
        /// Who gave it.
        worker: Option<Code>,
        /// Who else took part, beside client and worker.
        #[serde(default)]
        with: Vec<Eyes>,
        /// Whether it was needed, usable, tailored and timely.
        fit: Option<Fit>,
        /// What it cost.
        cost: Option<Amount>,
    }
}
fact! {
    /// Somebody was in touch with the client.
    ContactMade, Words {
        /// How.
        format: Format,
        /// Who began it.
        begun_by: Eyes,
        /// Whether both sides took part.
        exchange: Exchange,
        /// With whom, where not with the client alone.
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
    /// Somebody tried to be in touch and was not.
    ContactAttempted, Note {
        /// How.
        format: Format,
        /// Who tried.
        begun_by: Eyes,
        /// Why it failed.
        reason: Option<Code>,
        /// The worker.
        worker: Option<Code>,
    }
}
fact! {
    /// The client was sent to somebody else.
    ReferralMade, Note {
        /// The referral's name in this journey.
        referral: Key,
        /// In which enrolment.
        enrolment: Option<Key>,
        /// To what kind of service.
        to: Code,
        /// The area of life.
        life_area: Option<Code>,
    }
}
fact! {
    /// A referral came to an end.
    ReferralClosed, Note {
        /// The referral.
        referral: Key,
        /// How it ended: `accepted`, `refused-by-client`.
        result: Code,
    }
}
fact! {
    /// The client asked for something.
    RequestReceived, Words {
        /// The request's name in this journey.
        request: Key,
        /// What about.
        about: Code,
        /// How it came.
        format: Format,
        /// By when an answer was promised.
        #[schema(value_type = Option<String>, format = Date)]
        due: Option<Date>,
    }
}
fact! {
    /// The client got an answer.
    RequestAnswered, Note {
        /// The request.
        request: Key,
        /// How the answer met it.
        answer: Answer,
        /// Who answered.
        worker: Option<Code>,
    }
}
fact! {
    /// The client was told beforehand what to expect.
    ExpectationSet, Note {
        /// The expectation's name in this journey.
        expectation: Key,
        /// What about.
        about: Code,
        /// By when.
        #[schema(value_type = Option<String>, format = Date)]
        due: Option<Date>,
    }
}
fact! {
    /// An expectation was kept or not.
    ExpectationSettled, Note {
        /// The expectation.
        expectation: Key,
        /// Whether it was kept.
        kept: Kept,
    }
}
fact! {
    /// The client, or somebody for them, raised a problem.
    ConcernRaised, Words {
        /// The concern's name in this journey.
        concern: Key,
        /// What about.
        about: Code,
        /// How grave.
        severity: Option<Code>,
        /// Working days within which it is to be acknowledged; 5 unless set.
        acknowledge_days: Option<u16>,
        /// Working days within which it is to be answered; 20 unless set.
        answer_days: Option<u16>,
        /// Working days between updates after that; 10 unless set.
        update_days: Option<u16>,
    }
}
fact! {
    /// The organisation said it had heard the problem.
    ConcernAcknowledged, Note {
        /// The concern.
        concern: Key,
        /// Who said so.
        worker: Option<Code>,
    }
}
fact! {
    /// The client was told how it stands.
    ConcernUpdated, Note {
        /// The concern.
        concern: Key,
        /// Who said so.
        worker: Option<Code>,
    }
}
fact! {
    /// The problem was answered.
    ConcernResolved, Note {
        /// The concern.
        concern: Key,
        /// Whether it was put right.
        put_right: Kept,
        /// Who answered.
        worker: Option<Code>,
    }
}
fact! {
    /// The client said the problem was not over.
    ConcernReopened, Words {
        /// The concern.
        concern: Key,
    }
}
fact! {
    /// Money was paid for the client.
    SupportPaid, Note {
        /// In which enrolment.
        enrolment: Option<Key>,
        /// What for.
        purpose: Code,
        /// The area of life.
        life_area: Option<Code>,
        /// How much.
        amount: Amount,
    }
}
fact! {
    /// A donor gave.
    GiftReceived, Note {
        /// The gift's name in this journey.
        gift: Key,
        /// `money`, `goods`, `time`.
        kind: Code,
        /// How much.
        amount: Option<Amount>,
        /// For which programme.
        programme: Option<Code>,
    }
}
fact! {
    /// A volunteer worked.
    ShiftWorked, Note {
        /// The shift's name in this journey.
        shift: Key,
        /// At what.
        task: Code,
        /// For which programme.
        programme: Option<Code>,
        /// Where.
        site: Option<Code>,
        /// How long, in minutes.
        minutes: u32,
    }
}
fact! {
    /// The giver was thanked.
    ThanksSent, Note {
        /// The gift or shift; all until then where unset.
        for_gift: Option<Key>,
        /// How.
        format: Format,
        /// Who thanked.
        worker: Option<Code>,
    }
}
fact! {
    /// The giver was shown what their gift changed.
    ImpactShared, Note {
        /// The gift or shift; all until then where unset.
        for_gift: Option<Key>,
        /// How.
        format: Format,
    }
}
