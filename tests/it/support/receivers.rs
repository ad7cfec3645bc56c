//! Servers of this machine that take what is sent, and refuse what they are told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// An e-mail as it came.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) raw: Vec<u8>,
}

/// A server that takes e-mails.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    pub(crate) url: String,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    mails: Vec<Mail>,
    /// Start of an address, and the answer to it; how often.
    refusals: Vec<(String, String, usize)>,
}

impl Mailbox {
    /// Listens on a free port of this machine, without TLS.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp+plain://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(Shared::default()));
        let own = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&own)));
            }
        });
        Self { url, shared }
    }

    /// Refuses an address so often.
    pub(crate) fn refuse(&self, address: &str, answer: &str, times: usize) {
        let refusal = (address.to_owned(), answer.to_owned(), times);
        self.shared.lock().unwrap().refusals.push(refusal);
    }

    /// Everything that came, in order.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.shared.lock().unwrap().mails.clone()
    }
}

/// One conversation.
///
/// Source: RFC 5321.
async fn talk(stream: TcpStream, shared: Arc<Mutex<Shared>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut to = String::new();
    write.write_all(b"220 test\r\n").await.ok();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let upper = line.to_uppercase();
        let answer = if upper.starts_with("EHLO") {
            "250-test\r\n250 8BITMIME\r\n".to_owned()
        } else if upper.starts_with("RCPT") {
            to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            format!("{}\r\n", answer_to(&shared, &to))
        } else if upper.starts_with("DATA") {
            write.write_all(b"354 go on\r\n").await.ok();
            let mut raw = Vec::new();
            loop {
                let mut line = Vec::new();
                if lines.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
                    return;
                }
                if line == b".\r\n" {
                    break;
                }
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            }
            shared.lock().unwrap().mails.push(Mail { to: to.clone(), raw });
            "250 taken\r\n".to_owned()
        } else if upper.starts_with("QUIT") {
            write.write_all(b"221 bye\r\n").await.ok();
            return;
        } else {
            "250 ok\r\n".to_owned()
        };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer_to(shared: &Mutex<Shared>, to: &str) -> String {
    let mut shared = shared.lock().unwrap();
    let found = shared.refusals.iter_mut().find(|one| to.starts_with(&one.0) && one.2 > 0);
    match found {
        Some((_, answer, times)) => {
            *times -= 1;
            answer.clone()
        }
        None => "250 ok".to_owned(),
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Call {
    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// A web server that takes every request.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) base: String,
    shared: Arc<Mutex<HookShared>>,
}

/// Status, headers and body.
type HookAnswer = (u16, Vec<(&'static str, String)>, String);

#[derive(Debug, Default)]
struct HookShared {
    calls: Vec<Call>,
    answers: VecDeque<HookAnswer>,
    usual: (u16, String),
}

impl Hook {
    /// Listens on a free port of this machine and answers 200 `ok`.
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let usual = (200, "ok".to_owned());
        let shared = Arc::new(Mutex::new(HookShared { usual, ..HookShared::default() }));
        let router = axum::Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, shared }
    }

    /// Answers like this from now on.
    pub(crate) fn usually(&self, status: u16, body: &str) {
        self.shared.lock().unwrap().usual = (status, body.to_owned());
    }

    /// Answers the next request like this.
    pub(crate) fn next(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.shared.lock().unwrap().answers.push_back((status, headers, body.to_owned()));
    }

    /// Everything that came, in order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.shared.lock().unwrap().calls.clone()
    }
}

async fn take(
    State(shared): State<Arc<Mutex<HookShared>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut shared = shared.lock().unwrap();
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    shared.calls.push(Call { method, path, headers, body: body.to_vec() });
    let usual = (shared.usual.0, Vec::new(), shared.usual.1.clone());
    let (status, headers, body) = shared.answers.pop_front().unwrap_or(usual);
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
