//! What can be typed about witnesses.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use throughline_proof::VerifierKey;

use super::Encrypted;

/// Which logs to witness, and how.
#[derive(Debug, Args)]
#[command(
    after_help = "Run it on a machine that the log's keeper does not keep. Exit status 1: a log took events back or has two \
                  histories; the evidence is in the state directory."
)]
pub struct Witness {
    /// The verifier key of a log to watch (`log.vkey`), or a file with it. Several may be named.
    #[arg(long = "log", value_name = "VKEY-or-FILE", required = true, value_parser = log)]
    pub logs: Vec<VerifierKey>,
    /// The directory of the witness: its key, made on the first run, and what it saw last.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// The name of the key that is made on the first run; made from the key unless given.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The address on which logs ask for cosignatures.
    #[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDR", conflicts_with_all = ["follow", "every", "once"])]
    pub bind: SocketAddr,
    /// By what the words of others are encrypted.
    #[command(flatten)]
    pub encrypted: Encrypted,
    /// Requests a second from one address; twice as many at once. 0 for as many as come.
    #[arg(long, default_value_t = 20, value_name = "N", conflicts_with = "follow")]
    pub rate_limit: u32,
    /// Go and look at the log at this URL, instead of waiting for it.
    #[arg(long, value_name = "URL", conflicts_with_all = ["tls_cert", "tls_key", "behind_proxy"])]
    pub follow: Option<String>,
    /// Certificates of authorities to trust besides the usual ones, as PEM: where the log's is of one of your own.
    #[arg(long, value_name = "FILE", requires = "follow")]
    pub ca_cert: Option<PathBuf>,
    /// How often to look: seconds (60s), minutes (5m) or hours (1h).
    #[arg(long, value_name = "TIME", default_value = "60s", requires = "follow", value_parser = every)]
    pub every: Duration,
    /// Look once and stop.
    #[arg(long, requires = "follow")]
    pub once: bool,
}

/// A witness that a service knows.
#[derive(Debug, Clone)]
pub struct WitnessNamed {
    /// By what its cosignatures are checked.
    pub key: VerifierKey,
    /// Where it is asked; it comes by itself where there is none.
    pub url: Option<String>,
}

/// `VKEY` or `VKEY=URL`; the key itself may end in `=`.
pub(super) fn named(text: &str) -> Result<WitnessNamed, String> {
    let (key, url) = match text.find("=http") {
        Some(at) => (&text[..at], Some(text[at + 1..].to_owned())),
        None => (text, None),
    };
    let key = VerifierKey::parse(key).map_err(|error| error.to_string())?;
    if key.algorithm() != throughline_proof::Algorithm::Cosignature {
        return Err(
            "it is the key of a log; a witness prints its own as it starts, and keeps it in `witness.vkey`"
                .to_owned(),
        );
    }
    Ok(WitnessNamed { key, url })
}

/// A log's verifier key, or the file it is in.
fn log(text: &str) -> Result<VerifierKey, String> {
    let not_a_key = match VerifierKey::parse(text) {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    let read = fs::read_to_string(text).map_err(|error| format!("{not_a_key}, and as a file: {error}"))?;
    VerifierKey::parse(read.trim()).map_err(|error| error.to_string())
}

fn every(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let told = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
    let (number, unit) = told.unwrap_or((text, 1));
    let number: u64 = number.parse().map_err(|_| "write 60s, 5m or 1h".to_owned())?;
    match number.saturating_mul(unit) {
        0 => Err("once a second at most".to_owned()),
        seconds => Ok(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_named_by_its_key_and_perhaps_a_url() {
        let key = throughline_proof::SigningKey::new("witness.example", &[7; 32]).expect("a key");
        let vkey = key.cosigner().to_string();
        let both = named(&format!("{vkey}=http://localhost:8090")).expect("a witness");
        assert_eq!((both.key, both.url.as_deref()), (key.cosigner(), Some("http://localhost:8090")));
        assert!(named(&vkey).expect("a witness").url.is_none());
        assert!(named(&key.verifier().to_string()).is_err(), "the key of a log is none of a witness");
        assert_eq!(every("5m"), Ok(Duration::from_mins(5)));
        assert!(every("0").is_err() && every("soon").is_err());
    }
}
