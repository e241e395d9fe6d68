//! The numbers under which closed lists are stored. A number is never used again for another code.

use throughline_domain::{
    Answer, Departure, DestinationKind, Effect, ErasureLevel, Exchange, Eyes, FollowUpResult, Format, Kept,
    Reached, Relationship, Role, WindowAnchor,
};

use super::freeze::Freeze;
use crate::codec::Malformed;

macro_rules! numbers {
    ($($list:ident { $($code:ident = $number:literal,)* })*) => {$(
        impl Freeze<u8> for $list {
            fn freeze(&self) -> u8 {
                match self { $(Self::$code => $number,)* }
            }

            fn thaw(form: u8) -> Result<Self, Malformed> {
                match form {
                    $($number => Ok(Self::$code),)*
                    unknown => Err(Malformed(format!(
                        concat!("{} is the number of no ", stringify!($list)), unknown))),
                }
            }
        }
    )*};
}

numbers! {
    Eyes { Client = 0, Caregiver = 1, Staff = 2, Partner = 3, System = 4, }
    Role { Participant = 0, Volunteer = 1, Donor = 2, Caregiver = 3, }
    Format {
        InPerson = 0, HomeVisit = 1, SmallGroup = 2, LargeGroup = 3, Phone = 4, Video = 5, Written = 6,
        Outreach = 7, SelfService = 8, Unknown = 9,
    }
    Exchange { TwoWay = 0, OneWay = 1, }
    Reached { Reached = 0, NotReached = 1, }
    FollowUpResult { StillHolds = 0, Partly = 1, Lost = 2, NotAssessed = 3, }
    Relationship { Donor = 0, Volunteer = 1, ReferralSource = 2, Advocate = 3, }
    Answer { Full = 0, Partial = 1, Referred = 2, Declined = 3, }
    Kept { Yes = 0, Partly = 1, No = 2, }
    Effect { Helped = 0, Neutral = 1, Hindered = 2, }
    DestinationKind {
        Permanent = 0, Temporary = 1, Institution = 2, Homeless = 3, Deceased = 4, Other = 5, Unknown = 6,
    }
    Departure { Added = 0, Dropped = 1, Altered = 2, }
    WindowAnchor { Outcome = 0, Exit = 1, }
    ErasureLevel { Identity = 0, All = 1, }
}
