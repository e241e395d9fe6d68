//! What an import can find wrong with a row: one closed list, each with the remedy.

use std::borrow::Cow;

use serde::Serialize;

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $hint:literal;)*) => {
        /// What was found wrong with a row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Finding {
            $($(#[$doc])* $name,)*
        }

        impl Finding {
            /// Every finding.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code in reports and in the file of rejected rows.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to do about it.
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$name => $hint,)* }
            }
        }
    };
}

findings! {
    /// The row has no key.
    KeyMissing = "key-missing", "give the row its key; without one it cannot be recognised when it comes again";
    /// The key was used before in this file, by a row that says something else.
    KeyRepeated = "key-repeated", "two rows of this file share a key and differ; keep the one that is right";
    /// The same row twice.
    RowRepeated = "row-repeated", "the row stands in this file twice and was read once; nothing to do";
    /// A date that the fact cannot do without is empty.
    DateMissing = "date-missing", "fill in the date; a fact without a date cannot be placed in a life";
    /// A date that is no date.
    DateUnreadable = "date-unreadable", "write the date as year-month-day, for example 2026-03-01";
    /// A date that cannot be: before 1900, or more than a year after the export.
    DateImpossible = "date-impossible", "correct the year; it lies before 1900 or more than a year after the export";
    /// A date with more than one reading.
    DateAmbiguous = "date-ambiguous", "write the year with four digits and first; this date has more than one reading";
    /// A date in another form than the format's, with one sane reading.
    DateForm = "date-form", "read, but not in the form of the format; write dates as year-month-day";
    /// A date after the day of the export.
    DateAfterExport = "date-after-export", "the date lies after the day of the export; kept as it is, check it";
    /// Another date of the row stands in.
    DateFallback = "date-fallback", "the row's own date is missing or unreadable; another date stands in for it";
    /// An end before its beginning.
    DatesOutOfOrder = "dates-out-of-order", "the later of two dates comes first; both are kept as they are, check them";
    /// Nobody with this key.
    ClientMissing = "client-missing", "add the client's row, or correct the PersonalID, and import again";
    /// The enrolment belongs to somebody else.
    ClientDiffers = "client-differs", "the enrolment belongs to another PersonalID; correct one of the two";
    /// No enrolment with this key.
    EnrolmentMissing = "enrolment-missing", "add the enrolment's row, or correct the EnrollmentID, and import again";
    /// No project with this key.
    ProjectMissing = "project-missing", "the project's row is not in the export; add it to know the kind of project";
    /// No assessment with this key.
    AssessmentMissing = "assessment-missing", "add the assessment's row, or correct the AssessmentID";
    /// An event that says that keys were destroyed, in whatever system.
    ErasureElsewhere = "erasure-elsewhere", "keys destroyed elsewhere are still here; erase the journey here, and it is recorded";
    /// The row it belongs to was rejected.
    ParentRejected = "parent-rejected", "the row it belongs to was rejected; put that one right and import again";
    /// The row it belongs to was deleted.
    ParentDeleted = "parent-deleted", "the row it belongs to is marked deleted; it gives no events";
    /// The source marks the row as deleted.
    DeletedInSource = "deleted-in-source", "the source marks the row as deleted; it gives no events";
    /// A number that is none of the code list.
    CodeUnknown = "code-unknown", "not in the code list of this format; kept as the number it is, or left out where it is none";
    /// No number where one should be.
    NumberUnreadable = "number-unreadable", "write a plain number; the cell was left out";
    /// The row says nothing.
    NoDataCollected = "no-data-collected", "nothing was collected on this row; it gives no events";
    /// Nothing refers to the row.
    NotReferred = "not-referred", "no other row refers to this one; it gives no events";
    /// Fewer fields than the header.
    FieldsMissing = "fields-missing", "the row has fewer fields than the header; the missing ones were taken as empty";
    /// More fields than the header, with something in them.
    FieldsBeyondHeader = "fields-beyond-header", "the row has more fields than the header; quote fields with commas in them";
    /// A quote that does not close.
    QuoteOpen = "quote-open", "close the quote, and double every quote inside a quoted field";
    /// Past the limit.
    RowTooLarge = "row-too-large", "a row may have 64 KiB; shorten its texts";
    /// A text past the limit.
    TextTooLong = "text-too-long", "a text may have 16 KiB; it was left out";
    /// Not UTF-8.
    Encoding = "encoding", "not UTF-8; read as Windows-1252, check the accents";
    /// What it said before was put right.
    ChangedInSource = "changed-in-source", "the source says something else than before; a correction was recorded";
    /// An older export says something else than a newer one did.
    OlderThanKnown = "older-than-known", "a newer export was imported before; what it says stays";
    /// A row that was deleted or missing is back.
    RestoredInSource = "restored-in-source", "the source has this again after it was deleted or missing; it stands again";
    /// A row that an earlier import read is not there any more.
    MissingInSource = "missing-in-source", "an earlier import read this row and it is gone; what it told was taken back";
    /// The same row was about somebody else before.
    MovedInSource = "moved-in-source", "the source gives the row to another client than before; it was moved";
    /// The person was erased here.
    Erased = "erased", "the person was erased here; nothing is written about them again";
    /// The column of the person is empty.
    PersonMissing = "person-missing", "fill in whose row it is; a fact without a person has no journey";
    /// The person is in none of the tables that open journeys.
    PersonUnlisted = "person-unlisted", "no table of persons has this key; the journey was opened without what such a table tells, add the row";
    /// A cell that the mapping has no word for.
    ValueUnmapped = "value-unmapped", "the mapping's `map` has no entry for this value; add one, or say `otherwise`";
    /// A field that the fact cannot do without is empty.
    FieldMissing = "field-missing", "the fact cannot do without this field; fill in the cell, or give the field a `default` in the mapping";
    /// A field holds what the fact does not take.
    FieldInvalid = "field-invalid", "the fact does not take this value; correct the cell, or say in the mapping what it stands for";
    /// No fact of the mapping applies.
    LeftOut = "left-out", "no fact of the mapping applies to this row; it gives no events";
    /// A key of a lookup with two values.
    LookupDiffers = "lookup-differs", "the lookup has several values for this key; its first was taken, keep the right one or narrow its `where`";
    /// A line that is no event.
    NotAnEvent = "not-an-event", "write one CloudEvent a line, or a JSON list of them; what is wrong with this one stands beside it";
    /// Another event has this id.
    EventIdTaken = "event-id-taken", "another event has this id; give it one of its own, or send a correction of the other";
    /// The log cannot hold the event.
    EventTooLarge = "event-too-large", "the row's event is past the limit of the log; shorten its texts";
}

impl Finding {
    /// The finding with this code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.code() == code)
    }

    /// Whether a cell could not be read, so that what it told before cannot be said to be untrue now.
    pub(crate) const fn leaves_out(self) -> bool {
        matches!(
            self,
            Self::DateUnreadable
                | Self::DateImpossible
                | Self::DateAmbiguous
                | Self::DateMissing
                | Self::CodeUnknown
                | Self::NumberUnreadable
                | Self::TextTooLong
                | Self::FieldsMissing
                | Self::ValueUnmapped
                | Self::FieldInvalid
        )
    }
}

/// One finding at one place of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub finding: Finding,
    /// In which column; empty for the row as a whole.
    pub column: Cow<'static, str>,
    /// What stood there, where that can be shown to anybody: never names, days of birth or keys of persons.
    pub value: Option<String>,
}

impl Problem {
    /// A finding about the row as a whole.
    pub const fn row(finding: Finding) -> Self {
        Self { finding, column: Cow::Borrowed(""), value: None }
    }

    /// A finding in a column whose content stays unsaid.
    pub const fn at(finding: Finding, column: &'static str) -> Self {
        Self { finding, column: Cow::Borrowed(column), value: None }
    }

    /// The same with what stood there, cut to 40 characters.
    #[must_use]
    pub fn showing(mut self, value: &str) -> Self {
        self.value = Some(value.chars().take(40).collect());
        self
    }
}
