//! The service on a real socket: encrypted, bounded.

use std::{num::NonZeroU32, sync::Arc};

use tempfile::TempDir;
use throughline_http::{Rates, State, Tls, TlsError};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

use crate::world::World;

/// A certificate made for this test, with its files.
pub struct Made {
    directory: TempDir,
    certificate: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Made {
    pub fn new() -> Self {
        Self::called("localhost")
    }

    /// For this name.
    pub fn called(name: &str) -> Self {
        let certificate = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
        let directory = TempDir::new().expect("a directory");
        std::fs::write(directory.path().join("cert.pem"), certificate.cert.pem()).expect("a file");
        std::fs::write(directory.path().join("key.pem"), certificate.signing_key.serialize_pem())
            .expect("a file");
        Self { directory, certificate }
    }

    /// Puts this certificate's files over those of another.
    pub fn replaces(&self, other: &Self, files: &[&str]) {
        for file in files {
            std::fs::copy(self.directory.path().join(file), other.directory.path().join(file))
                .expect("a copy");
        }
    }

    /// Whether a new connection is shown this certificate.
    async fn is_shown_at(&self, address: std::net::SocketAddr) -> bool {
        let stream = TcpStream::connect(address).await.expect("a connection");
        self.trusting().connect(ServerName::try_from("localhost").expect("a name"), stream).await.is_ok()
    }

    pub fn tls(&self, certificate: &str, key: &str) -> Result<Tls, TlsError> {
        Tls::read(&self.directory.path().join(certificate), &self.directory.path().join(key))
    }

    fn trusting(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.cert.der().clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }
}

async fn serving(state: State, tls: Option<Tls>) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(throughline_http::serve(listener, tls, state, std::future::pending()));
    address
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<String> {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await?;
    Ok(String::from_utf8_lossy(&heard).to_lowercase())
}

#[tokio::test]
async fn with_a_certificate_what_is_said_is_encrypted_and_nothing_else_is_answered() {
    let (world, made) = (World::new().await, Made::new());
    let tls = made.tls("cert.pem", "key.pem").expect("a certificate and its key");
    let address = serving(world.state.clone(), Some(tls)).await;

    let stream = TcpStream::connect(address).await.expect("a connection");
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = made.trusting().connect(name.clone(), stream).await.expect("a handshake");
    let heard = ask(stream).await.expect("an answer");
    assert!(heard.starts_with("http/1.1 200"), "{heard}");
    assert!(heard.contains("strict-transport-security: max-age="), "{heard}");

    let plain = ask(TcpStream::connect(address).await.expect("a connection")).await;
    assert!(!plain.unwrap_or_default().contains("http/1.1"), "nothing is answered in the clear");
    let stranger = TcpStream::connect(address).await.expect("a connection");
    assert!(
        Made::new().trusting().connect(name, stranger).await.is_err(),
        "another certificate is not this one"
    );
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_new_connections_and_a_broken_one_is_not() {
    let (world, old, new) = (World::new().await, Made::new(), Made::new());
    let tls = old.tls("cert.pem", "key.pem").expect("a certificate and its key");
    let address = serving(world.state.clone(), Some(tls.clone())).await;
    assert!(old.is_shown_at(address).await && !new.is_shown_at(address).await);
    assert!(!tls.renew().expect("nothing changed"));

    // Half replaced: the certificate is there, its key is not yet.
    new.replaces(&old, &["cert.pem"]);
    assert!(tls.renew().expect_err("they do not go together").to_string().contains("cannot be used"));
    assert!(old.is_shown_at(address).await && !new.is_shown_at(address).await);
    new.replaces(&old, &["key.pem"]);
    assert!(tls.renew().expect("they go together"));
    assert!(!old.is_shown_at(address).await && new.is_shown_at(address).await);

    for broken in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(old.directory.path().join("cert.pem"), broken).expect("a file");
        tls.renew().expect_err("it is none");
        assert!(new.is_shown_at(address).await);
    }
    std::fs::remove_file(old.directory.path().join("cert.pem")).expect("it was there");
    tls.renew().expect_err("it is gone");
    assert!(new.is_shown_at(address).await);
}

#[tokio::test]
async fn the_service_itself_looks_whether_its_certificate_was_renewed() {
    let (world, old, new) = (World::new().await, Made::new(), Made::new());
    let tls = old.tls("cert.pem", "key.pem").expect("a certificate and its key");
    let address = serving(world.state.clone(), Some(tls)).await;
    assert!(old.is_shown_at(address).await);
    new.replaces(&old, &["cert.pem", "key.pem"]);
    for _ in 0..150 {
        if new.is_shown_at(address).await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("half a minute later the old one is still shown");
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_with_the_file() {
    let (made, other) = (Made::new(), Made::new());
    let told = |result: Result<Tls, TlsError>| result.err().expect("an error").to_string();
    assert!(told(made.tls("none.pem", "key.pem")).contains("none.pem"));
    assert!(told(made.tls("key.pem", "key.pem")).contains("holds no certificate"));
    assert!(told(made.tls("cert.pem", "cert.pem")).contains("private key"));
    std::fs::copy(other.directory.path().join("key.pem"), made.directory.path().join("other.pem"))
        .expect("a copy");
    assert!(told(made.tls("cert.pem", "other.pem")).contains("cannot be used"));
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let world = World::new().await;
    let rates = Rates::new(NonZeroU32::new(3).expect("three"), false);
    let address = serving(world.state.clone().with_rates(Some(rates)), None).await;
    let mut refused = None;
    for _ in 0..50 {
        let heard = ask(TcpStream::connect(address).await.expect("a connection")).await.expect("an answer");
        if !heard.starts_with("http/1.1 200") {
            refused = Some(heard);
            break;
        }
    }
    let refused = refused.expect("fifty at once are too many");
    assert!(refused.starts_with("http/1.1 429"), "{refused}");
    assert!(refused.contains("retry-after: 1") && refused.contains("too-often"), "{refused}");
    assert!(!refused.contains("strict-transport-security"));
}
