//! The service's own certificate: connections are encrypted by rustls, TLS 1.2 and 1.3.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject as _},
        },
    },
};

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls(pub(crate) TlsAcceptor);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read, or holds no PEM of that kind.
    #[error("{path}: {source}; name a PEM file with {what}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
        /// Why.
        source: pem::Error,
    },
    /// There is no certificate in the file.
    #[error(
        "{0} holds no certificate; name a PEM file with the certificate, and those that vouch for it after it"
    )]
    NoCertificate(PathBuf),
    /// The key and the certificate do not go together, or cannot be used.
    #[error("the certificate and its key cannot be used: {0}")]
    Refused(rustls::Error),
}

impl Tls {
    /// Reads a chain of certificates, the service's own first, and the private key of that one, both as PEM.
    pub fn read(certificates: &Path, key: &Path) -> Result<Self, TlsError> {
        let unreadable = |path: &Path, what| {
            let path = path.to_owned();
            move |source| TlsError::Unreadable { path, what, source }
        };
        let chain = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(unreadable(certificates, "the certificate, and those that vouch for it after it"))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(certificates.to_owned()));
        }
        let key =
            PrivateKeyDer::from_pem_file(key).map_err(unreadable(key, "the certificate's private key"))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(TlsError::Refused)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}
