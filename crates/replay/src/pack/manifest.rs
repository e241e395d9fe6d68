//! What was asked, and what the pack consists of.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use throughline_access::Names;
use throughline_domain::{Actor, Code, JourneyId, Position};
use throughline_log::{AsOf, hexadecimal};

use super::{Consents, Files, Filter, MANIFEST, Wanted};

/// The format of packs, written in each.
const FORMAT: &str = "throughline audit pack 2";

/// No manifest is longer: a line for every proof, and some.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// What is in a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `throughline audit pack 2`.
    pub format: String,
    /// The version of the page's form.
    pub page: u32,
    /// When it was made. Nothing proves it.
    pub made_at: Timestamp,
    /// What was asked for.
    pub asked: Asked,
    /// By whose consent it may leave.
    pub consents: Consents,
    /// How many events of the log were looked at: those at positions below this.
    pub events: u64,
    /// Every other file.
    pub files: BTreeMap<String, File>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The journey.
    pub journey: JourneyId,
    /// As known then: a time or a position; unset for when the pack was made.
    pub as_of: Option<String>,
    /// As lived until then.
    pub valid_at: Option<Date>,
    /// Only this family of facts.
    pub family: Option<String>,
    /// Only this fact.
    pub fact: Option<String>,
    /// Only what this actor recorded.
    pub actor: Option<Actor>,
    /// Whether names, contacts and words are shown.
    pub names: NamesAre,
    /// For what: the scope of consent that is needed.
    pub purpose: Code,
}

/// Whether names are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamesAre {
    /// As recorded.
    Shown,
    /// Left out.
    Withheld,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl File {
    /// What is said of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, sha256: hexadecimal(&Sha256::digest(bytes)) }
    }
}

impl Manifest {
    pub(super) fn new(
        made_at: Timestamp,
        asked: Asked,
        consents: Consents,
        events: u64,
        files: &Files,
    ) -> Self {
        let files = files.iter().map(|(name, bytes)| (name.clone(), File::of(bytes))).collect();
        Self {
            format: FORMAT.to_owned(),
            page: super::page::VERSION,
            made_at,
            asked,
            consents,
            events,
            files,
        }
    }

    /// Its bytes. There is one way to write it.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest is texts and numbers");
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest: these bytes, written the one way.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > BYTES_MAX {
            return Err(format!("{} bytes are past {BYTES_MAX}", bytes.len()));
        }
        let Begins { format } = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if format != FORMAT {
            let format: String = format.chars().take(60).collect();
            return Err(format!(
                "its format is `{format}` and not `{FORMAT}`; another throughline may know it"
            ));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if manifest.files.contains_key(MANIFEST) {
            return Err("it names itself".to_owned());
        }
        if manifest.bytes() != bytes {
            return Err("it is written otherwise than packs are".to_owned());
        }
        manifest.asked.as_of()?;
        manifest.asked.filter()?;
        Ok(manifest)
    }
}

/// What the manifest of every format says.
#[derive(Deserialize)]
struct Begins {
    format: String,
}

impl Asked {
    pub(super) fn new(wanted: &Wanted) -> Self {
        let Wanted { journey, as_of, filter, names, purpose, .. } = wanted;
        Self {
            journey: *journey,
            as_of: match as_of {
                AsOf::Now => None,
                AsOf::Time(time) => Some(time.to_string()),
                AsOf::Position(position) => Some(position.to_string()),
            },
            valid_at: filter.valid_at,
            family: filter.family.map(|family| family.name().to_owned()),
            fact: filter.fact.map(str::to_owned),
            actor: filter.actor.clone(),
            names: match names {
                Names::Shown => NamesAre::Shown,
                Names::Withheld => NamesAre::Withheld,
            },
            purpose: purpose.clone(),
        }
    }

    /// The moment.
    pub(super) fn as_of(&self) -> Result<AsOf, String> {
        let Some(said) = &self.as_of else { return Ok(AsOf::Now) };
        if let Ok(position) = said.parse() {
            return Ok(AsOf::Position(Position(position)));
        }
        let time = said.parse().map(AsOf::Time);
        time.map_err(|_| "its `as_of` is neither a time nor a position".to_owned())
    }

    /// The filter.
    pub(super) fn filter(&self) -> Result<Filter, String> {
        Filter::of(self.family.as_deref(), self.fact.as_deref(), self.actor.clone(), self.valid_at)
            .map_err(|error| error.to_string())
    }
}
