//! What can be typed about being reached by others.

use std::path::PathBuf;

use clap::Args;

/// By what the words of others are encrypted.
#[derive(Debug, Args)]
pub struct Encrypted {
    /// The certificate, and those that vouch for it after it, as PEM. When it is renewed, it is read again.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy stands in front that encrypts, and says in X-Forwarded-For whom it speaks for.
    #[arg(long)]
    pub behind_proxy: bool,
}
