//! A running server, and as much of HTTP as asking it takes.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};

use crate::place::{Place, command};

const ROLES: [&str; 6] = ["staff", "supervisor", "auditor", "evaluator", "admin", "writer"];

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is killed when dropped.
pub struct Server {
    child: Child,
    data: PathBuf,
    address: String,
    /// The token it is asked with: of an account of every role.
    token: String,
    stderr: Option<thread::JoinHandle<String>>,
}

impl Server {
    /// Serves the place's data on a port the system chooses.
    ///
    /// Who asks it is an account of every role, and so also a machine that says who recorded what: one that was there, or
    /// one that the account of the first run opens.
    pub fn on(place: &Place) -> Self {
        let kept = issued(place);
        let mut child = command(&place.data(), ["serve", "--json", "--bind", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let (told, address) = mpsc::channel();
        let stderr = child.stderr.take().expect("standard error");
        let stderr = thread::spawn(move || listen(stderr, &told));
        let (first, address) = address.recv_timeout(PATIENCE).expect("the server says where it listens");
        assert_eq!(first.is_some(), kept.is_none(), "the first run shows a token, and no other");
        let token = first.clone().or(kept).expect("one of the two");
        let mut server = Self { child, data: place.data(), address, token, stderr: Some(stderr) };
        if first.is_some() {
            server.token = server.opens_desk();
        }
        server
    }

    /// A token of an account of every role, opened by the one that was opened first.
    fn opens_desk(&self) -> String {
        let json = [("Content-Type", "application/json")];
        let account = json!({ "name": "system:desk", "roles": ROLES });
        self.send("POST", "/v1/accounts", &json, &account.to_string()).is(201);
        let issued = self.send("POST", "/v1/accounts/system:desk/tokens", &json, "{}").is(201).json();
        issued["token"].as_str().expect("a token").to_owned()
    }

    /// The header by which it is asked.
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The data directory it serves.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Asks it.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    /// Appends to a journey.
    pub fn append(&self, journey: &str, body: &Json) -> Answer {
        self.append_if(journey, body, &[])
    }

    /// Appends to a journey on conditions.
    pub fn append_if(&self, journey: &str, body: &Json, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        self.send("POST", &format!("/v1/journeys/{journey}/events"), &all, &body.to_string())
    }

    /// Sends any request.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let authorization = self.authorization();
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend(headers);
        send(&self.address, method, path, &all, body).expect("an answer")
    }

    /// Asks it to stop, waits until it has, and gives what it said to people.
    pub fn stop(mut self) -> String {
        assert!(signal("TERM", self.child.id()), "the signal is sent");
        let status = self.child.wait().expect("the server ends");
        assert_eq!(status.code(), Some(0), "told to stop, it ends well");
        let mut out = String::new();
        self.child.stdout.take().expect("standard output").read_to_string(&mut out).expect("UTF-8");
        let told: Json =
            serde_json::from_str(&out).unwrap_or_else(|_| panic!("not one JSON document: {out}"));
        assert_eq!(told["url"], self.url());
        self.stderr.take().expect("it stops once").join().expect("what it said")
    }

    /// Kills it, as a failing machine would.
    pub fn kill(mut self) {
        self.child.kill().expect("the server is there to be killed");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After a stop both fail, and nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process of ours.
pub fn signal(name: &str, pid: u32) -> bool {
    Command::new("kill").args(["-s", name, &pid.to_string()]).status().is_ok_and(|status| status.success())
}

/// A token of an open account of every role, where there are accounts.
fn issued(place: &Place) -> Option<String> {
    if !place.data().join("access").exists() {
        return None;
    }
    let accounts = place.json(["account", "list"]);
    let accounts = accounts["accounts"].as_array().expect("accounts");
    let every = |account: &&Json| account["roles"].as_array().is_some_and(|roles| roles.len() == ROLES.len());
    let account = accounts.iter().find(every)?;
    let issued = place.json(["token", "issue", account["name"].as_str().expect("a name")]);
    Some(issued["token"].as_str().expect("a token").to_owned())
}

/// Reads standard error to its end; tells the address as soon as it is said, and the token said before it.
fn listen(stderr: ChildStderr, told: &mpsc::Sender<(Option<String>, String)>) -> String {
    let (mut said, mut token) = (String::new(), None);
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once(" at http://") {
            let _ = told.send((token.take(), address.trim().to_owned()));
        }
        if line.trim().starts_with("tlt_") {
            token = Some(line.trim().to_owned());
        }
        said.push_str(&line);
        said.push('\n');
    }
    said
}

/// One request on a connection of its own.
pub fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.extend([name, ": ", value, "\r\n"]);
    }
    request.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body]);
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Answer::parse(&answer).ok_or_else(|| std::io::Error::other(format!("no answer: {answer:?}")))
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// Only what came whole; a connection that broke off is no answer.
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let answer = Self { status, headers, body: body.to_owned() };
        let whole = answer.header("content-length").parse().is_ok_and(|length: usize| length == body.len());
        whole.then_some(answer)
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Fails unless it is this refusal, as every refusal must be: a problem document with a stable code that says
    /// what is wrong.
    #[track_caller]
    pub fn refuses(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        let problem = answer.json();
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/docs#problem-{code}"));
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{problem}");
        answer
    }

    /// Fails unless the first fault lies here and comes with a hint.
    #[track_caller]
    pub fn at(self, place: &str) -> Self {
        let problem = self.json();
        let fault = &problem["errors"][0];
        let at = ["pointer", "parameter", "header"].iter().find_map(|name| fault[*name].as_str());
        assert_eq!(at.unwrap_or_default(), place, "{problem}");
        assert!(fault["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{problem}");
        self
    }

    /// The body.
    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("no JSON: {error}: {self:#?}"))
    }

    /// A header; empty where it is not there.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(there, _)| there == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}
