//! The service's own certificate: connections are encrypted by rustls, TLS 1.2 and 1.3. A certificate that was renewed is
//! taken from its files as the service runs.

use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{task::spawn_blocking, time::sleep};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        client::verify_server_name,
        crypto::ring,
        pki_types::{
            CertificateDer, PrivateKeyDer, ServerName,
            pem::{self, PemObject as _},
        },
        server::{ClientHello, ParsedCertificate, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    shown: Arc<Shown>,
}

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
        let files = Files { certificates: certificates.to_owned(), key: key.to_owned() };
        let shown = Arc::new(Shown { now: RwLock::new(files.read()?), files });
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Refused)?
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), shown })
    }

    /// Reads the files again; whether they hold another certificate, which connections from now on are shown. Where they
    /// hold none that can be used, the one before stays.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let read = self.shown.files.read()?;
        let mut now = self.shown.now.write().unwrap_or_else(PoisonError::into_inner);
        let is_new = read.digest != now.digest;
        *now = read;
        Ok(is_new)
    }

    /// Whether the certificate is for this name or address.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        let Ok(name) = ServerName::try_from(host) else { return false };
        let key = self.shown.now();
        let certificate = key.end_entity_cert().and_then(ParsedCertificate::try_from);
        certificate.is_ok_and(|certificate| verify_server_name(&certificate, &name).is_ok())
    }
}

/// Looks at the files of the certificate again and again, and says once what became of them.
pub(crate) async fn keep_renewed(tls: Option<Tls>) -> Infallible {
    let Some(tls) = tls else { return std::future::pending().await };
    let mut told = None;
    loop {
        sleep(LOOK_EVERY).await;
        let again = tls.clone();
        let renewed = spawn_blocking(move || again.renew()).await.expect("reading files does not panic");
        if let Ok(true) = renewed {
            tracing::info!("the certificate was renewed; connections from now on are shown the new one");
        }
        let failed = renewed.err().map(|error| error.to_string());
        if let Some(error) = &failed
            && failed != told
        {
            tracing::warn!(error, "the certificate in use stays, until its files hold one that can be used");
        }
        told = failed;
    }
}

/// The files of a certificate.
#[derive(Debug)]
struct Files {
    certificates: PathBuf,
    key: PathBuf,
}

/// What was read of them.
#[derive(Debug)]
struct Read {
    /// Of all bytes: two files that were written at one moment differ in nothing else.
    digest: [u8; 32],
    key: Arc<CertifiedKey>,
}

impl Files {
    fn read(&self) -> Result<Read, TlsError> {
        let unreadable = |path: &Path, what| {
            let path = path.to_owned();
            move |source| TlsError::Unreadable { path, what, source }
        };
        let read = |path: &Path| fs::read(path).map_err(pem::Error::Io);
        let certificates =
            unreadable(&self.certificates, "the certificate, and those that vouch for it after it");
        let (chain, chain_bytes) = read(&self.certificates)
            .and_then(|bytes| {
                let chain = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>()?;
                Ok((chain, bytes))
            })
            .map_err(certificates)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(self.certificates.clone()));
        }
        let (key, key_bytes) = read(&self.key)
            .and_then(|bytes| Ok((PrivateKeyDer::from_pem_slice(&bytes)?, bytes)))
            .map_err(unreadable(&self.key, "the certificate's private key"))?;
        // Refused unless the key is the certificate's own: files that are just being replaced may not go together.
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(TlsError::Refused)?;
        let digest = Sha256::new().chain_update(chain_bytes).chain_update(key_bytes).finalize().into();
        Ok(Read { digest, key: Arc::new(key) })
    }
}

/// What connections are shown: the certificate as it was read last.
#[derive(Debug)]
struct Shown {
    files: Files,
    now: RwLock<Read>,
}

impl Shown {
    fn now(&self) -> Arc<CertifiedKey> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).key.clone()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }
}
