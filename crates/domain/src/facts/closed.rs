//! Closed lists that the rules and views themselves depend on. What varies by programme is a [`crate::Code`].

closed! {
    /// Through whose eyes something was seen or said.
    Eyes {
        /// The client, volunteer or donor whose journey it is.
        Client = "client",
        /// Family or another caregiver around the client.
        Caregiver = "caregiver",
        /// The organisation's own people.
        Staff = "staff",
        /// A professional or organisation outside.
        Partner = "partner",
        /// A machine: an import, a sensor, a rule.
        System = "system",
    }
}
closed! {
    /// What the person is to the organisation. All of them are clients.
    Role {
        /// Takes part in a programme.
        Participant = "participant",
        /// Gives time.
        Volunteer = "volunteer",
        /// Gives money or goods.
        Donor = "donor",
        /// Cares for a participant.
        Caregiver = "caregiver",
    }
}
closed! {
    /// The form a contact or service took.
    Format {
        /// One person with one worker, in one place.
        InPerson = "in-person",
        /// At the client's home.
        HomeVisit = "home-visit",
        /// A few clients together.
        SmallGroup = "small-group",
        /// Many clients together.
        LargeGroup = "large-group",
        /// A spoken call.
        Phone = "phone",
        /// A call with picture.
        Video = "video",
        /// Written: text message, chat, e-mail, letter.
        Written = "written",
        /// Met on the street or at a place of the client's.
        Outreach = "outreach",
        /// A form or course without a person on the other side.
        SelfService = "self-service",
        /// Not recorded by the source.
        Unknown = "unknown",
    }
}
closed! {
    /// Whether both sides took part.
    Exchange {
        /// Both sides spoke.
        TwoWay = "two-way",
        /// Only one side did.
        OneWay = "one-way",
    }
}
closed! {
    /// Whether somebody was reached.
    Reached {
        /// They were.
        Reached = "reached",
        /// They were not.
        NotReached = "not-reached",
    }
}
closed! {
    /// Whether the outcome held when somebody looked.
    FollowUpResult {
        /// It still holds.
        StillHolds = "still-holds",
        /// It holds in part.
        Partly = "partly",
        /// It is lost.
        Lost = "lost",
        /// The client was spoken to, but the outcome was not assessed.
        NotAssessed = "not-assessed",
    }
}
closed! {
    /// What a client became to the organisation afterwards.
    Relationship {
        /// Gives money or goods.
        Donor = "donor",
        /// Gives time.
        Volunteer = "volunteer",
        /// Sends others.
        ReferralSource = "referral-source",
        /// Speaks for the cause.
        Advocate = "advocate",
    }
}
closed! {
    /// How an answer met the request.
    Answer {
        /// In full.
        Full = "full",
        /// In part.
        Partial = "partial",
        /// By sending the client to somebody who can.
        Referred = "referred",
        /// It was declined, with a reason.
        Declined = "declined",
    }
}
closed! {
    /// Whether a problem was put right, or an expectation kept.
    Kept {
        /// Yes.
        Yes = "yes",
        /// In part.
        Partly = "partly",
        /// No.
        No = "no",
    }
}
closed! {
    /// Whether what happened helped or hindered.
    Effect {
        /// It helped.
        Helped = "helped",
        /// It neither helped nor hindered.
        Neutral = "neutral",
        /// It hindered.
        Hindered = "hindered",
    }
}
closed! {
    /// Where somebody lived after leaving, in the categories that outcomes turn on.
    DestinationKind {
        /// A home of one's own, for good.
        Permanent = "permanent",
        /// A place for some time.
        Temporary = "temporary",
        /// Hospital, prison, treatment.
        Institution = "institution",
        /// The street or a shelter.
        Homeless = "homeless",
        /// The client died.
        Deceased = "deceased",
        /// Somewhere else.
        Other = "other",
        /// Nobody knows.
        Unknown = "unknown",
    }
}
closed! {
    /// What a client's plan does to a step of its template.
    Departure {
        /// A step the template does not have.
        Added = "added",
        /// A step left out.
        Dropped = "dropped",
        /// A step done otherwise.
        Altered = "altered",
    }
}
closed! {
    /// From when follow-up windows are counted.
    WindowAnchor {
        /// From the day the outcome was reached.
        Outcome = "outcome",
        /// From the day the client left the programme.
        Exit = "exit",
    }
}
closed! {
    /// How much of a journey a destroyed key closes.
    ErasureLevel {
        /// Names, contacts and words; coded facts stay.
        Identity = "identity",
        /// Everything.
        All = "all",
    }
}
