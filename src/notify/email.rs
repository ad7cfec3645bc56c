//! E-mail by SMTP, with text, HTML and invitations.
//!
//! A message has one receiver, so that the refusal of one address never concerns another. Its
//! Message-ID is the same in every attempt: mail servers and programs know a repetition by it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use lettre::address::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::notify::{Outcome, Outgoing};

/// What e-mails are sent with.
#[derive(Debug, Clone, Default)]
pub struct EmailSettings {
    /// The server; none sends nothing.
    pub server: Option<SmtpServer>,
    /// The sender's address.
    pub from: String,
    /// The domain of Message-IDs.
    pub domain: String,
    /// Without a server: a folder in which e-mails are kept as files.
    pub outbox: Option<PathBuf>,
}

/// A server that takes e-mails.
#[derive(Clone)]
pub struct SmtpServer {
    host: String,
    port: u16,
    security: Security,
    login: Option<(String, String)>,
    roots: Vec<Certificate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// TLS from the beginning.
    Tls,
    /// Turned into TLS before anything else is said.
    StartTls,
    /// None; on this machine only.
    Plain,
}

impl std::fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (host, port, security) = (&self.host, self.port, self.security);
        write!(f, "SmtpServer({host}:{port}, {security:?})")
    }
}

impl SmtpServer {
    /// `smtps://USER:PASSWORD@HOST:PORT` for TLS, `smtp://` for STARTTLS, and on this machine
    /// `smtp+plain://` for neither.
    ///
    /// * `roots`: PEM text of authorities that are trusted besides those of the machine; may be
    ///   empty.
    ///
    /// # Errors
    /// What is wrong with it, without the password.
    pub fn from_url(text: &str, roots: &[u8]) -> Result<Self, String> {
        let url: url::Url = text.parse().map_err(|error| format!("is no address: {error}"))?;
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" => (Security::StartTls, 587),
            "smtp+plain" => (Security::Plain, 25),
            other => return Err(format!("{other} is none of smtps, smtp and smtp+plain")),
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err("has no host".to_owned());
        }
        let near = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|at| at.is_loopback());
        if security == Security::Plain && !near {
            return Err("smtp+plain is for servers on this machine; use smtp or smtps".to_owned());
        }
        let decoded = |text: &str| {
            let pairs = format!("x={}", text.replace('+', "%2B"));
            let mut found = url::form_urlencoded::parse(pairs.as_bytes());
            found.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let login = url.password().map(|password| (decoded(url.username()), decoded(password)));
        let roots = if roots.is_empty() {
            Vec::new()
        } else {
            vec![Certificate::from_pem(roots).map_err(|error| error.to_string())?]
        };
        Ok(Self { host, port: url.port().unwrap_or(port), security, login, roots })
    }

    fn transport(&self, timeout: Duration) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
        // Whoever was first has installed the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .timeout(Some(timeout));
        if self.security != Security::Plain {
            let mut parameters = TlsParameters::builder(self.host.clone());
            for root in &self.roots {
                parameters = parameters.add_root_certificate(root.clone());
            }
            let parameters = parameters.build().map_err(|error| error.to_string())?;
            builder = builder.tls(match self.security {
                Security::Tls => Tls::Wrapper(parameters),
                Security::StartTls | Security::Plain => Tls::Required(parameters),
            });
        }
        if let Some((user, password)) = &self.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }
}

/// Sends e-mails.
#[derive(Debug)]
pub(super) struct Mailer {
    settings: EmailSettings,
    timeout: Duration,
}

impl Mailer {
    pub(super) fn new(settings: EmailSettings, timeout: Duration) -> Self {
        Self { settings, timeout }
    }

    pub(super) async fn send(&self, outgoing: &Outgoing<'_>) -> Outcome {
        if self.settings.server.is_none() && self.settings.outbox.is_none() {
            return Outcome::NotSet("no e-mail server is set".to_owned());
        }
        let mail = match mail(&self.settings, outgoing) {
            Ok(mail) => mail,
            Err(problem) => return Outcome::Refused(problem),
        };
        let Some(server) = &self.settings.server else { return self.keep(outgoing, &mail).await };
        let transport = match server.transport(self.timeout) {
            Ok(transport) => transport,
            Err(problem) => return Outcome::later(problem),
        };
        match transport.send(mail).await {
            Ok(response) => Outcome::Sent {
                provider_id: message_id(&self.settings, outgoing),
                detail: format!(
                    "{} {}",
                    response.code(),
                    response.message().collect::<Vec<_>>().join(" ")
                ),
            },
            Err(error) => failed(&error),
        }
    }

    /// Keeps it as a file; a repetition replaces the same file.
    async fn keep(&self, outgoing: &Outgoing<'_>, mail: &Message) -> Outcome {
        let Some(dir) = &self.settings.outbox else { return Outcome::later("no outbox") };
        let file = dir.join(format!("{}.eml", outgoing.id));
        let kept = async {
            tokio::fs::create_dir_all(dir).await?;
            tokio::fs::write(&file, mail.formatted()).await
        };
        match kept.await {
            Ok(()) => Outcome::Sent {
                provider_id: message_id(&self.settings, outgoing),
                detail: "kept as a file in the outbox; there is no e-mail server".to_owned(),
            },
            Err(error) => Outcome::later(format!("cannot write into the outbox: {error}")),
        }
    }
}

fn message_id(settings: &EmailSettings, outgoing: &Outgoing<'_>) -> String {
    let domain = if settings.domain.is_empty() { "localhost" } else { &settings.domain };
    format!("<{}@{domain}>", outgoing.id)
}

/// A refusal for good has a code from 500 on; wrong credentials are not the receiver's fault.
fn failed(error: &lettre::transport::smtp::Error) -> Outcome {
    let detail = chain(error);
    let code = error.status().map(|code| code.to_string());
    let of_sender =
        code.as_deref().is_some_and(|code| ["530", "534", "535", "538"].contains(&code));
    if error.is_permanent() && !of_sender {
        return Outcome::Refused(detail);
    }
    Outcome::later(detail)
}

/// An error and all of its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

/// The e-mail: text and HTML as alternatives, with an invitation as a third one and as a file.
///
/// Source: RFC 6047 (iMIP), RFC 8058 (one-click unsubscribe), RFC 3834 (Auto-Submitted).
fn mail(settings: &EmailSettings, outgoing: &Outgoing<'_>) -> Result<Message, String> {
    let content = outgoing.content;
    let address = |text: &str| {
        text.parse::<Address>().map_err(|error| format!("{text} is no e-mail address: {error}"))
    };
    let named = |name: &str| Some(name.to_owned()).filter(|name| !name.trim().is_empty());
    let sender = Mailbox::new(named(outgoing.business), address(&settings.from)?);
    let receiver = Mailbox::new(named(&content.to_name), address(&content.to)?);
    let mut builder = Message::builder()
        .from(sender)
        .to(receiver)
        .subject(content.subject.clone())
        .date(SystemTime::from(outgoing.now))
        .message_id(Some(message_id(settings, outgoing)))
        .raw_header(raw("Auto-Submitted", "auto-generated"));
    if !outgoing.reply_to.is_empty() {
        builder = builder.reply_to(Mailbox::new(None, address(outgoing.reply_to)?));
    }
    if let Some(link) = &content.opt_out {
        builder = builder
            .raw_header(raw("List-Unsubscribe", &format!("<{link}>")))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let mut words = MultiPart::alternative().singlepart(SinglePart::plain(content.text.clone()));
    if let Some(html) = &content.html {
        words = words.singlepart(SinglePart::html(html.clone()));
    }
    let Some(invitation) = &content.invitation else {
        return builder.multipart(words).map_err(|error| error.to_string());
    };
    let kind = |text: String| ContentType::parse(&text).map_err(|error| error.to_string());
    let inline = kind(format!("text/calendar; charset=UTF-8; method={}", invitation.method))?;
    let words = words.singlepart(SinglePart::builder().header(inline).body(invitation.ics.clone()));
    let file = Attachment::new("invite.ics".to_owned())
        .body(invitation.ics.clone(), kind("application/ics; name=\"invite.ics\"".to_owned())?);
    let whole = MultiPart::mixed().multipart(words).singlepart(file);
    builder.multipart(whole).map_err(|error| error.to_string())
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_only_this_machine_is_spoken_to() {
        assert!(SmtpServer::from_url("smtp+plain://127.0.0.1:2525", b"").is_ok());
        assert!(SmtpServer::from_url("smtp+plain://mail.example.com", b"").is_err());
        let server = SmtpServer::from_url("smtps://a%40b:p%2Bq@mail.example.com", b"").unwrap();
        assert_eq!(server.port, 465);
        assert_eq!(server.login, Some(("a@b".to_owned(), "p+q".to_owned())));
        assert!(!format!("{server:?}").contains("p+q"));
    }
}
