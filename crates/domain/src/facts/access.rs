//! Access: who may do what, and who did. These facts are written by the program alone, to a log of their own beside the
//! record; no journey takes them. Accounts go by pseudonyms, and words are in the personal part.

use jiff::Timestamp;

use crate::{Actor, Code, JourneyId, Note, Stretch};

fact! {
    /// An account was opened, or opened again after it was closed.
    AccountOpened, Note {
        /// The account, as a pseudonym: `worker:w17`.
        account: Actor,
        /// What it is for: `staff`, `supervisor`, `auditor`, `evaluator`, `admin`, `writer`.
        roles: Vec<Code>,
        /// The worker it belongs to, as facts name them; says whose caseload is its own.
        worker: Option<Code>,
    }
}
fact! {
    /// An account has other roles, or belongs to another worker.
    RolesChanged, Note {
        /// The account.
        account: Actor,
        /// All its roles from now on.
        roles: Vec<Code>,
        /// The worker it belongs to from now on.
        worker: Option<Code>,
    }
}
fact! {
    /// An account sees dates of one client this exactly from now on, where it sees clients under ids of its own.
    DatesChanged, Note {
        /// The account.
        account: Actor,
        /// `day`, `month`, `quarter` or `year`.
        dates: Code,
    }
}
fact! {
    /// An account was closed; its tokens and grants ended with it.
    AccountClosed, Note {
        /// The account.
        account: Actor,
    }
}
fact! {
    /// A token was given out. The token itself is kept nowhere. The remark is its label.
    TokenIssued, Note {
        /// Whose it is.
        account: Actor,
        /// The token's id, by which it is revoked.
        token: Code,
        /// SHA-256 of the token, in hexadecimal.
        digest: Code,
        /// From when on it opens nothing.
        #[schema(value_type = String, format = DateTime)]
        expires: Timestamp,
    }
}
fact! {
    /// A token was taken back.
    TokenRevoked, Note {
        /// Whose it was.
        account: Actor,
        /// The token's id.
        token: Code,
    }
}
fact! {
    /// An account may see a client, or names, that its roles alone do not show it. The remark says why.
    LeaveGranted, Note {
        /// To whom.
        account: Actor,
        /// The grant's id, by which it is ended.
        grant: Code,
        /// Which client; all where empty.
        client: Option<JourneyId>,
        /// Whether names, contacts and words are shown too.
        names: bool,
        /// Until when; until it is ended where empty.
        #[schema(value_type = Option<String>, format = DateTime)]
        until: Option<Timestamp>,
    }
}
fact! {
    /// A grant was ended.
    LeaveEnded, Note {
        /// Whose it was.
        account: Actor,
        /// The grant's id.
        grant: Code,
    }
}
fact! {
    /// Somebody opened a client's record in an emergency, without a grant. The remark is the reason they gave.
    GlassBroken, Note {
        /// Who.
        account: Actor,
        /// Which client.
        client: JourneyId,
        /// Until when it stays open.
        #[schema(value_type = String, format = DateTime)]
        until: Timestamp,
    }
}
fact! {
    /// A client's record was looked at.
    RecordRead, Note {
        /// Which client.
        client: JourneyId,
        /// What of it: `history`, `engagement`.
        what: Code,
    }
}
fact! {
    /// A list, or figures over many clients, were looked at.
    ListRead, Note {
        /// Which: `worklist-going-quiet`.
        what: Code,
        /// How many clients it named, where it named any.
        clients: Option<u64>,
    }
}
fact! {
    /// Something was taken out.
    Exported, Note {
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// What: `audit-pack`.
        what: Code,
        /// For which purpose, as consents name their scope: `data-sharing`.
        purpose: Option<Code>,
    }
}
fact! {
    /// Something was asked for and refused.
    Refused, Note {
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// What was asked for.
        what: Code,
        /// Why it was refused: `not-in-caseload`.
        why: Code,
    }
}
fact! {
    /// An account signed in with a browser.
    SignedIn, Note {
        /// Which.
        account: Actor,
    }
}
fact! {
    /// An account signed out.
    SignedOut, Note {
        /// Which.
        account: Actor,
    }
}
fact! {
    /// Events were brought in. Beside the actor that each of them names, it says which account asked for it.
    EventsBrought, Note {
        /// Which way: `append`, `import`.
        what: Code,
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
        /// Where they stand in the record, those that stood there before too.
        positions: Vec<Stretch>,
        /// How many of them were new.
        events: u64,
    }
}
fact! {
    /// Something was done with the record as a whole, or ordered for one client's.
    Operated, Note {
        /// What: `rotate-keys`, `erase`, `repair`, `restore`, `import`.
        what: Code,
        /// Whose record, where it was one client's.
        client: Option<JourneyId>,
    }
}
