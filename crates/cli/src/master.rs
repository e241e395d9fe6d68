//! The master key from outside the data directory: a file, or the environment. It is never printed.

use std::{env, path::Path};

use anyhow::{Result, bail};
use throughline_log::MasterKey;

/// The variable that holds the key itself, as 64 hexadecimal digits.
const VARIABLE: &str = "THROUGHLINE_MASTER_KEY";

/// The master key, where it comes from outside.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The key.
    pub key: MasterKey,
    /// Where it came from.
    pub from: String,
}

impl Outside {
    /// Takes it from the file named, or from the environment; none where neither is there.
    pub fn find(file: Option<&Path>) -> Result<Option<Self>> {
        match (file, env::var_os(VARIABLE)) {
            (Some(file), Some(_)) => bail!(
                "the master key is given twice, by {VARIABLE} and by the file {}; leave one of them out",
                file.display()
            ),
            (Some(file), None) => {
                Ok(Some(Self { key: MasterKey::read(file)?, from: file.display().to_string() }))
            }
            (None, Some(text)) => {
                // Text that is not UTF-8 is as long as it looks, and no key.
                let key = MasterKey::parse(&text.to_string_lossy(), VARIABLE)?;
                Ok(Some(Self { key, from: format!("the variable {VARIABLE}") }))
            }
            (None, None) => Ok(None),
        }
    }
}
