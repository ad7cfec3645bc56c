//! What others call: providers with reports, people by links in messages, browsers that want
//! notifications.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Query, RawForm, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::credentials::Caller;
use crate::api::endpoint::{Access, Endpoint, Shape};
use crate::api::error::ApiError;
use crate::api::input::{Input, Whole};
use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::app;
use crate::app::messages::reports::Subscription;
use crate::app::permissions::Operation;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::TechnicianId;
use crate::domain::messages::Channel;
use crate::text::Locale;

/// A browser that wants notifications; what `PushSubscription.toJSON()` gives, and whose.
#[derive(Debug, Deserialize, ToSchema)]
struct NewSubscription {
    /// Where notifications are sent.
    endpoint: String,
    /// The browser's keys.
    keys: SubscriptionKeys,
    /// Whose notifications; one's own if none.
    #[serde(default)]
    technician_id: Option<TechnicianId>,
}

impl NewSubscription {
    fn whole(&self) -> Subscription {
        let (p256dh, auth) = (self.keys.p256dh.clone(), self.keys.auth.clone());
        Subscription { endpoint: self.endpoint.clone(), p256dh, auth }
    }
}

impl Validate for NewSubscription {
    fn validate(&self, faults: &mut Faults) {
        self.whole().validate(faults);
    }
}

/// The keys of a browser.
#[derive(Debug, Deserialize, ToSchema)]
struct SubscriptionKeys {
    /// Its public key, URL-safe base64.
    p256dh: String,
    /// Its secret, URL-safe base64.
    auth: String,
}

/// A browser that wants no more notifications.
#[derive(Debug, Deserialize, ToSchema)]
struct OldSubscription {
    /// Where notifications were sent.
    endpoint: String,
}

/// What browsers subscribe with.
#[derive(Debug, Serialize, ToSchema)]
struct PushKey {
    /// `applicationServerKey`, URL-safe base64; null if this server sends no notifications.
    key: Option<String>,
}

/// Adds the endpoints that others call.
pub(crate) fn add(routes: &mut Routes) {
    let tag = "callbacks";
    let open = |method, path: &str| Endpoint::new(method, path, Access::Open);
    let form = "application/x-www-form-urlencoded";
    let endpoint = open(Method::POST, "/callbacks/sms")
        .says(tag, "Takes reports and answers of the provider of text messages")
        .more("Signed by the provider: `X-Twilio-Signature`.")
        .takes_as(Shape::anything(), form)
        .gives_as(200, "Noted.", Shape::text(), "text/xml")
        .refuses(403, "The signature is wrong.")
        .refuses(404, "There is no account for text messages.");
    routes.add_at_root(&endpoint, post(sms));
    let endpoint = open(Method::GET, "/callbacks/whatsapp")
        .says(tag, "Shows WhatsApp that callbacks are to come here")
        .gives_as(200, "The challenge.", Shape::text(), "text/plain")
        .refuses(404, "The word is wrong.");
    routes.add_at_root(&endpoint, get(whatsapp_challenge));
    let endpoint = open(Method::POST, "/callbacks/whatsapp")
        .says(tag, "Takes reports and messages of WhatsApp")
        .more("Signed by WhatsApp: `X-Hub-Signature-256`.")
        .takes_as(Shape::anything(), "application/octet-stream")
        .ends(204, "Noted.")
        .refuses(403, "The signature is wrong.")
        .refuses(404, "There is no number of WhatsApp.");
    routes.add_at_root(&endpoint, post(whatsapp));
    let endpoint = open(Method::GET, "/opt-out/{token}")
        .says(tag, "Asks a customer whether to send no more messages")
        .gives_as(200, "A page with the channels and a button.", Shape::text(), "text/html")
        .gives_as(404, "A page that says that the link is not known.", Shape::text(), "text/html");
    routes.add_at_root(&endpoint, get(opt_out_page));
    let endpoint = open(Method::POST, "/opt-out/{token}")
        .says(tag, "Sends a customer no more messages on some channels")
        .more("The button of the page, with the channels that were chosen there; and the one click of \
            mail programs (RFC 8058), which ends e-mails only.")
        .gives_as(200, "A page that says so.", Shape::text(), "text/html")
        .gives_as(404, "A page that says that the link is not known.", Shape::text(), "text/html");
    routes.add_at_root(&endpoint, post(opt_out));
    let endpoint = open(Method::GET, "/outbox")
        .says(tag, "What the demo has sent, as a page")
        .gives_as(200, "The newest first.", Shape::text(), "text/html")
        .refuses(404, "This is no demo.");
    routes.add_at_root(&endpoint, get(outbox));
    let endpoint = Endpoint::get("/push/key", Operation::PushSubscribe)
        .says("push", "The key that browsers subscribe with")
        .gives(200, "It.", Shape::of::<PushKey>());
    routes.add(endpoint, get(push_key));
    let endpoint = Endpoint::post("/push/subscriptions", Operation::PushSubscribe)
        .says("push", "Sends a technician's notifications to a browser from now on")
        .takes(Shape::of::<NewSubscription>())
        .ends(204, "It gets them.");
    routes.add(endpoint, post(subscribe));
    let endpoint = Endpoint::post("/push/subscriptions:remove", Operation::PushSubscribe)
        .says("push", "Sends no more notifications to a browser")
        .takes(Shape::of::<OldSubscription>())
        .ends(204, "It gets none.")
        .refuses(404, "It got none.");
    routes.add(endpoint, post(unsubscribe));
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn sms(
    State(api): State<Api>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    RawForm(bytes): RawForm,
) -> Result<Response, ApiError> {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&bytes).into_owned().collect();
    let path = uri.path_and_query().map_or("/callbacks/sms", |path| path.as_str());
    let signed = (
        header(&headers, "x-twilio-signature"),
        header(&headers, "x-twilio-webhooks-signature-settings"),
    );
    app::messages::reports::of_sms(&api.app, path, &form, signed).await?;
    Ok(([(CONTENT_TYPE, "text/xml")], "<Response></Response>").into_response())
}

async fn whatsapp_challenge(
    State(api): State<Api>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<String, ApiError> {
    let field = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let asked = field("hub.mode") == "subscribe";
    if !asked || !app::messages::reports::is_whatsapp(&api.app, field("hub.verify_token")) {
        return Err(AppError::not_found("callback", "whatsapp").into());
    }
    Ok(field("hub.challenge").to_owned())
}

async fn whatsapp(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let signature = header(&headers, "x-hub-signature-256");
    app::messages::reports::of_whatsapp(&api.app, &body, signature).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn opt_out_page(
    State(api): State<Api>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = app::messages::consents::look(&api.app, &token).await;
    let Ok(found) = found else { return unknown(&headers) };
    let values: [(&str, &dyn std::fmt::Display); 1] = [("business", &found.business)];
    let text = |key: &str| escaped(&found.locale.text(key, &values));
    if found.channels.is_empty() {
        let body = format!("<p>{}</p>", text("messages.opt_out.nothing"));
        return page(found.locale, &text("messages.opt_out.title"), &body).into_response();
    }
    let (question, button) = (text("messages.opt_out.question"), text("messages.opt_out.button"));
    let mut body = format!("<p>{question}</p><form method=\"post\">");
    for channel in &found.channels {
        let (word, name) = (channel.as_str(), text(&named(*channel)));
        let _cannot_fail = write!(
            body,
            "<p><label><input type=\"checkbox\" name=\"channel\" value=\"{word}\" checked> \
             {name}</label></p>"
        );
    }
    let _cannot_fail = write!(body, "<button name=\"chosen\" value=\"1\">{button}</button></form>");
    page(found.locale, &text("messages.opt_out.title"), &body).into_response()
}

/// The key of the name of a channel.
fn named(channel: Channel) -> String {
    format!("messages.opt_out.{}", channel.as_str())
}

/// The channels that a form names. The one click of mail programs (RFC 8058) ends e-mails, which is
/// what they show, and so does any other request that does not come from the page.
fn chosen(form: &[u8]) -> Vec<Channel> {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(form).into_owned().collect();
    if !fields.iter().any(|(name, _)| name == "chosen") {
        return vec![Channel::Email];
    }
    let named = |channel: &Channel| {
        fields.iter().any(|(name, value)| name == "channel" && value == channel.as_str())
    };
    Channel::ALL.into_iter().filter(|one| one.is_for_customers()).filter(named).collect()
}

async fn opt_out(
    State(api): State<Api>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = app::messages::consents::look(&api.app, &token).await;
    let Ok(found) = found else { return unknown(&headers) };
    let channels = chosen(&body);
    if channels.is_empty() {
        return opt_out_page(State(api), Path(token), headers).await;
    }
    if let Err(error) = app::messages::consents::opt_out(&api.app, &token, &channels).await {
        return ApiError::from(error).into_response();
    }
    let names = channels.iter().map(|one| found.locale.text(&named(*one), &[]));
    let names = names.collect::<Vec<_>>().join(", ");
    let values: [(&str, &dyn std::fmt::Display); 2] =
        [("business", &found.business), ("channels", &names)];
    let text = |key: &str| escaped(&found.locale.text(key, &values));
    let body = format!("<p>{}</p>", text("messages.opt_out.done"));
    page(found.locale, &text("messages.opt_out.title"), &body).into_response()
}

async fn outbox(State(api): State<Api>) -> Result<Html<String>, ApiError> {
    let messages = app::messages::outbox(&api.app).await?;
    let mut body = String::from("<p>The newest messages; in the demo e-mails go nowhere.</p>");
    for message in &messages {
        let content = &message.content;
        let payload = content.payload.as_ref().map(ToString::to_string).unwrap_or_default();
        let words = if content.text.is_empty() { &payload } else { &content.text };
        let (kind, channel) = (message.kind.as_str(), message.channel.as_str());
        let status = format!("{} {}", message.status.as_str(), message.error);
        let due = message.due_at.format("%Y-%m-%d %H:%M UTC");
        let head = format!("{kind} by {channel} to {}, {}, {due}", content.to, status.trim());
        let (head, subject) = (escaped(&head), escaped(&content.subject));
        let words = linked(&escaped(words));
        let _cannot_fail = write!(body, "<h2>{subject}</h2><p>{head}</p><pre>{words}</pre>");
    }
    Ok(page(Locale::En, "Outbox", &body))
}

/// Words with the addresses of this server as links.
fn linked(text: &str) -> String {
    let word = |word: &str| {
        if word.starts_with("http://") || word.starts_with("https://") {
            format!("<a href=\"{word}\">{word}</a>")
        } else {
            word.to_owned()
        }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn unknown(headers: &HeaderMap) -> Response {
    let locale = Locale::negotiate(header(headers, "accept-language")).unwrap_or_default();
    let text = escaped(&locale.text("messages.opt_out.unknown", &[]));
    let page = page(locale, "Roundsman", &format!("<p>{text}</p>"));
    (StatusCode::NOT_FOUND, page).into_response()
}

fn page(locale: Locale, title: &str, body: &str) -> Html<String> {
    let language = locale.tag();
    Html(format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/style.css\"></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

async fn push_key(
    State(api): State<Api>,
    Caller(actor): Caller,
) -> Result<Json<PushKey>, ApiError> {
    Ok(Json(PushKey { key: app::messages::reports::push_key(&api.app, &actor)? }))
}

async fn subscribe(
    State(api): State<Api>,
    Caller(actor): Caller,
    Whole(new): Whole<NewSubscription>,
) -> Result<StatusCode, ApiError> {
    app::messages::reports::subscribe(&api.app, &actor, new.technician_id, new.whole()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unsubscribe(
    State(api): State<Api>,
    Caller(actor): Caller,
    Input(old): Input<OldSubscription>,
) -> Result<StatusCode, ApiError> {
    app::messages::reports::unsubscribe(&api.app, &actor, &old.endpoint).await?;
    Ok(StatusCode::NO_CONTENT)
}
