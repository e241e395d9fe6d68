//! Questions over HTTP, bounded in bytes and time, and the log's side of the protocol.

use std::{fs, io::ErrorKind, path::Path, time::Duration};

use throughline_proof::{Checkpoint, ConsistencyProof, Note};
use ureq::{
    Agent, Body,
    http::Response,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{AddCheckpoint, Error, request::size};

/// How long a question may take, from the first byte to the last.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Bytes of an answer that is a text.
pub(crate) const TEXT_BYTES_MAX: u64 = 64 * 1024;

/// Asks over HTTP. An answer over TLS is believed by the usual roots, and by those of one's own where there are some.
#[derive(Debug, Clone)]
pub struct Client {
    usual: Agent,
    own: Option<Agent>,
}

/// What came back.
pub(crate) struct Answer {
    pub status: u16,
    pub is_size: bool,
    pub body: Vec<u8>,
}

impl Default for Client {
    fn default() -> Self {
        Self { usual: agent(RootCerts::WebPki), own: None }
    }
}

fn agent(roots: RootCerts) -> Agent {
    let config = Agent::config_builder()
        .timeout_global(Some(ANSWER_WITHIN))
        .http_status_as_error(false)
        // A log or a witness is where it says it is.
        .max_redirects(0)
        .user_agent("throughline-witness")
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build();
    config.into()
}

type Asked = Result<Response<Body>, ureq::Error>;

impl Client {
    /// One that also believes whoever an authority vouches for whose certificate is in this file, as PEM.
    pub fn trusting(file: &Path) -> Result<Self, Error> {
        let unusable = |why: String| Error::Roots { path: file.to_owned(), why };
        let pem = fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let mut roots = Vec::new();
        for item in parse_pem(&pem) {
            if let PemItem::Certificate(root) = item.map_err(|error| unusable(error.to_string()))? {
                roots.push(root);
            }
        }
        if roots.is_empty() {
            return Err(unusable("it holds no certificate".to_owned()));
        }
        Ok(Self { own: Some(agent(roots.into())), ..Self::default() })
    }

    /// `GET`; at most so many bytes.
    pub(crate) fn get(&self, url: &str, bytes_max: u64) -> Result<Answer, Error> {
        self.read(url, bytes_max, &|agent| agent.get(url).call())
    }

    /// `POST` of a text.
    pub(crate) fn post(&self, url: &str, body: &str) -> Result<Answer, Error> {
        let text = "text/plain; charset=utf-8";
        self.read(url, TEXT_BYTES_MAX, &|agent| agent.post(url).header("Content-Type", text).send(body))
    }

    fn read(&self, url: &str, bytes_max: u64, ask: &dyn Fn(&Agent) -> Asked) -> Result<Answer, Error> {
        let asked = match self.own.as_ref().map(ask) {
            // Where a certificate is not believed, nothing was asked yet. Whoever knows its authority knows what is wrong.
            Some(Err(own)) if is_not_believed(&own) => {
                ask(&self.usual).map_err(|usual| if is_of_nobody_known(&own) { usual } else { own })
            }
            Some(asked) => asked,
            None => ask(&self.usual),
        };
        let answered = asked.map_err(|error| {
            let remedy = "; where it is of an authority of your own, name that with --ca-cert";
            let hint = if self.own.is_none() && is_of_nobody_known(&error) { remedy } else { "" };
            unanswered(url, format!("{error}{hint}"))
        })?;
        read(url, answered, bytes_max)
    }
}

/// Whether the connection failed because of what was shown to encrypt it. TLS is told as data that are wrong.
fn is_not_believed(error: &ureq::Error) -> bool {
    matches!(error, ureq::Error::Io(error) if error.kind() == ErrorKind::InvalidData)
}

/// Whether that is because no known authority stands for it. The library tells this apart in words alone.
fn is_of_nobody_known(error: &ureq::Error) -> bool {
    is_not_believed(error) && error.to_string().contains("UnknownIssuer")
}

fn read(url: &str, mut response: Response<Body>, bytes_max: u64) -> Result<Answer, Error> {
    let is_size = response.headers().get("content-type").is_some_and(|kind| kind == SIZE);
    // The bound of the library is the first size that is too much.
    let body = response.body_mut().with_config().limit(bytes_max + 1).read_to_vec();
    let body = body.map_err(|error| unanswered(url, error.to_string()))?;
    Ok(Answer { status: response.status().as_u16(), is_size, body })
}

/// The media type of the size that a witness saw.
pub(crate) const SIZE: &str = "text/x.tlog.size";

impl Answer {
    /// The body as text where the answer is yes.
    pub(crate) fn text(self, url: &str) -> Result<String, Error> {
        let ok = self.is_ok();
        let status = self.status;
        let text = String::from_utf8(self.body).map_err(|_| unanswered(url, "the answer is no text"))?;
        if ok { Ok(text) } else { Err(refused(url, status, &text)) }
    }

    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks the witness at `url` to cosign a checkpoint, from the size that it is thought to have seen; where it has another,
/// from that. `prove` shows that the checkpoint's tree begins with so many leaves. The note that comes back has whatever
/// signatures the witness sent: whose they are is for the caller to find out.
pub fn ask(
    client: &Client,
    url: &str,
    note: &Note,
    old: u64,
    prove: &mut dyn FnMut(u64) -> Result<ConsistencyProof, Error>,
) -> Result<Note, Error> {
    let url = under(url, "add-checkpoint");
    let checkpoint = Checkpoint::parse(note.text())?;
    let mut old = old.min(checkpoint.size);
    for last in [false, true] {
        let request = AddCheckpoint { old, proof: prove(old)?, checkpoint: note.clone() };
        let answer = client.post(&url, &request.to_string())?;
        if answer.status == 409 && answer.is_size && !last {
            let told = str::from_utf8(&answer.body).ok().and_then(|text| size(text.strip_suffix('\n')?));
            let told = told.ok_or_else(|| unanswered(&url, "it answered 409 without its size"))?;
            if told > checkpoint.size {
                let why = format!("it saw the log at size {told}, and the log is at {}", checkpoint.size);
                return Err(unanswered(&url, why));
            }
            old = told;
            continue;
        }
        let lines = answer.text(&url)?;
        return Ok(Note::parse(&format!("{note}{lines}"))?);
    }
    Err(unanswered(&url, "it names another size each time"))
}

/// A path under a URL, which may end with a slash or not.
pub(crate) fn under(url: &str, path: &str) -> String {
    format!("{}/{path}", url.trim_end_matches('/'))
}

pub(crate) fn unanswered(url: &str, why: impl Into<String>) -> Error {
    Error::Unanswered { url: url.to_owned(), why: why.into() }
}

fn refused(url: &str, status: u16, said: &str) -> Error {
    let said: String = said.chars().filter(|c| !c.is_control()).take(300).collect();
    unanswered(url, format!("it answered {status}: {said}"))
}
