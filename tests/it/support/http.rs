//! A real server on a free port of this machine, and a client that knows a credential.

use std::sync::Once;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use roundsman::api::{Settings, serve};
use roundsman::app::App;
use roundsman::web;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::apps::TestApp;

/// A running server; it stops when this is dropped or told to.
pub(crate) struct Server {
    /// Where it answers, without a slash at the end.
    pub(crate) base: String,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<std::io::Result<()>>>,
    /// Keeps the database.
    _app: TestApp,
}

/// How a request shows who asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credential {
    headers: Vec<(&'static str, String)>,
}

impl Credential {
    /// None at all.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// An API key.
    pub(crate) fn key(secret: &str) -> Self {
        Self { headers: vec![("authorization", format!("Bearer {secret}"))] }
    }

    /// The cookie of a session, with the header that shows that no other site asks.
    pub(crate) fn cookie(cookie: &str) -> Self {
        let headers = vec![("cookie", cookie.to_owned()), ("x-requested-with", "test".to_owned())];
        Self { headers }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect(&self.text)
    }

    /// A header as text; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, if the status is this one; panics with the body otherwise.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The fields of all faults, in order.
    pub(crate) fn fault_fields(&self) -> Vec<String> {
        let faults = self.json()["faults"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| fault["field"].as_str().unwrap().to_owned()).collect()
    }
}

/// Settings under which a busy machine has time for every request.
fn patient() -> Settings {
    Settings { request_timeout: Duration::from_mins(5), ..Settings::default() }
}

impl Server {
    /// Starts with the usual settings.
    pub(crate) async fn start(app: &TestApp) -> Self {
        Self::start_with(app, patient()).await
    }

    /// Starts with settings of its own.
    pub(crate) async fn start_with(app: &TestApp, settings: Settings) -> Self {
        Self::run(app, (**app).clone(), settings, Self::pages(app)).await
    }

    /// Starts an application that differs from the test's own in what it knows besides the database.
    pub(crate) async fn start_over(test: &TestApp, app: App) -> Self {
        let pages = Self::pages(&app);
        Self::run(test, app, patient(), pages).await
    }

    fn pages(app: &App) -> axum::Router {
        let customers = web::customers::router(app.clone(), None);
        web::router(web::Home::default(), web::Map::None).merge(customers)
    }

    /// Starts on a free port, with these pages beside the API.
    pub(crate) async fn start_beside(
        app: &TestApp,
        settings: Settings,
        pages: axum::Router,
    ) -> Self {
        Self::run(app, (**app).clone(), settings, pages).await
    }

    async fn run(test: &TestApp, app: App, settings: Settings, pages: axum::Router) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // What the server logs shows up with the test that fails; others may have set it.
            let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN);
            drop(lines.with_test_writer().try_init());
            let _installed = rustls::crypto::ring::default_provider().install_default();
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            // A dropped sender stops the server too.
            let _told = stopped.await;
        };
        let running = tokio::spawn(serve(app, settings, pages, listener, shutdown));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self { base, client, stop: Some(stop), running: Some(running), _app: test.clone() }
    }

    /// Tells it to stop and waits until it has.
    pub(crate) async fn stop(mut self) -> std::io::Result<()> {
        drop(self.stop.take());
        self.running.take().unwrap().await.unwrap()
    }

    /// Tells it to stop and does not wait.
    pub(crate) fn begin_stop(&mut self) {
        drop(self.stop.take());
    }

    /// A request that was not sent yet.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        who: &Credential,
    ) -> reqwest::RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in &who.headers {
            request = request.header(*name, value);
        }
        request
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str, who: &Credential) -> Answer {
        self.send(self.request(Method::GET, path, who)).await
    }

    pub(crate) async fn delete(&self, path: &str, who: &Credential) -> Answer {
        self.send(self.request(Method::DELETE, path, who)).await
    }

    pub(crate) async fn post(&self, path: &str, who: &Credential, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path, who).json(body)).await
    }

    /// Sends the fields of a form, as they stand in a request.
    pub(crate) async fn form(&self, path: &str, who: &Credential, fields: &str) -> Answer {
        let media = "application/x-www-form-urlencoded";
        let request = self.request(Method::POST, path, who).header("content-type", media);
        self.send(request.body(fields.to_owned())).await
    }

    pub(crate) async fn put(&self, path: &str, who: &Credential, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path, who).json(body)).await
    }
}
