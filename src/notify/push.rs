//! Notifications of browsers: encrypted for the browser, signed for its maker's server.
//!
//! Source: RFC 8030 (Web Push), RFC 8188 and RFC 8291 (encryption), RFC 8292 (VAPID).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

use crate::domain::codes::hmac_sha256;
use crate::domain::faults::{Faults, Validate};
use crate::notify::guard::private_host;
use crate::notify::{Notify, Outcome, Outgoing, ask, refused};

/// Seconds for which a push service keeps a notification for a browser that is not there.
const TTL_S: u32 = 86_400;
/// Bytes of a notification before encryption; push services take 4096 after it.
const BODY_MAX: usize = 3000;

/// What notifications are signed with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PushSettings {
    /// The key in PKCS #8 form; empty sends none.
    pub key: Vec<u8>,
    /// Whom push services may write to: `mailto:` or `https:`.
    pub subject: String,
}

impl std::fmt::Debug for PushSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushSettings").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// A browser that takes notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Where they are sent.
    pub endpoint: String,
    /// Its public key, URL-safe base64.
    pub p256dh: String,
    /// Its secret, URL-safe base64.
    pub auth: String,
}

/// A new key in PKCS #8 form.
///
/// # Errors
/// If the system gives no random numbers.
pub fn new_key() -> Result<Vec<u8>, String> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.map(|key| key.as_ref().to_vec()).map_err(|_| "no random numbers".to_owned())
}

/// The public key that browsers subscribe with, URL-safe base64; none without a key.
pub fn public_key(settings: &PushSettings) -> Option<String> {
    Some(URL_SAFE_NO_PAD.encode(pair(settings)?.public_key().as_ref()))
}

fn pair(settings: &PushSettings) -> Option<EcdsaKeyPair> {
    let random = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &settings.key, &random).ok()
}

impl Validate for Subscription {
    fn validate(&self, faults: &mut Faults) {
        let url = self.endpoint.parse::<url::Url>();
        let fits = url.is_ok_and(|url| url.scheme() == "https");
        faults.check(fits, "endpoint", &self.endpoint, "must be an https address");
        for (field, key, bytes) in [("p256dh", &self.p256dh, 65), ("auth", &self.auth, 16)] {
            let fits = decoded(key).is_some_and(|key| key.len() == bytes);
            let message = format!("must be {bytes} bytes in URL-safe base64");
            faults.check(fits, &format!("keys.{field}"), "(hidden)", &message);
        }
    }
}

pub(super) async fn send(notify: &Notify, outgoing: &Outgoing<'_>) -> Outcome {
    let settings = &notify.settings().push;
    let Some(pair) = pair(settings) else {
        return Outcome::NotSet("no key for notifications is set".to_owned());
    };
    let Some(subscription) = outgoing.subscription else {
        return Outcome::Gone("the browser has taken its subscription back".to_owned());
    };
    let Ok(url) = subscription.endpoint.parse::<url::Url>() else {
        return Outcome::Gone("the endpoint is no address".to_owned());
    };
    if let Some(address) = private_host(&url, &notify.settings().allowed_networks) {
        return Outcome::Refused(format!("{address} is a private address"));
    }
    let client = match notify.guarded() {
        Ok(client) => client,
        Err(outcome) => return outcome,
    };
    let Some(body) = encrypted(subscription, &payload(outgoing)) else {
        return Outcome::Gone("the browser's keys cannot be used".to_owned());
    };
    let Some(authorization) = authorization(&pair, settings, &url, outgoing.now) else {
        return Outcome::later("cannot sign");
    };
    // A repetition replaces what still waits for the browser.
    let topic = URL_SAFE_NO_PAD.encode(outgoing.id.0.as_bytes());
    let request = client
        .post(url)
        .header("authorization", authorization)
        .header("content-encoding", "aes128gcm")
        .header("content-type", "application/octet-stream")
        .header("ttl", TTL_S)
        .header("urgency", "normal")
        .header("topic", topic)
        .body(body);
    match ask(request).await {
        Err(outcome) => outcome,
        Ok(answer) if (200..=299).contains(&answer.status) => Outcome::Sent {
            provider_id: String::new(),
            detail: format!("status {}", answer.status),
        },
        Ok(answer) => refused(&answer, &answer.text),
    }
}

/// What the browser shows.
fn payload(outgoing: &Outgoing<'_>) -> Vec<u8> {
    let content = outgoing.content;
    let mut body = content.text.clone();
    loop {
        let text = json!({
            "id": outgoing.id, "title": content.subject, "body": body,
            "url": content.payload.as_ref().and_then(|payload| payload["url"].as_str()),
        })
        .to_string();
        if text.len() <= BODY_MAX || body.is_empty() {
            return text.into_bytes();
        }
        let kept = body.chars().count() * 3 / 4;
        body = body.chars().take(kept).collect();
    }
}

fn keys(subscription: &Subscription) -> Option<(Vec<u8>, Vec<u8>)> {
    Some((decoded(&subscription.p256dh)?, decoded(&subscription.auth)?))
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// The body for one browser: one record of RFC 8188, its keys by RFC 8291.
fn encrypted(subscription: &Subscription, plain: &[u8]) -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    let (theirs, auth) = keys(subscription)?;
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let public = own.compute_public_key().ok()?.as_ref().to_vec();
    let peer = UnparsedPublicKey::new(&ECDH_P256, &theirs);
    let shared = agree_ephemeral(own, &peer, <[u8]>::to_vec).ok()?;
    let mut salt = [0_u8; 16];
    random.fill(&mut salt).ok()?;
    let info = [b"WebPush: info\0", &theirs[..], &public[..], &[1]].concat();
    let secret = hmac_sha256(&hmac_sha256(&auth, &shared), &info);
    let keyed = hmac_sha256(&salt, &secret);
    let key = hmac_sha256(&keyed, b"Content-Encoding: aes128gcm\0\x01");
    let nonce = hmac_sha256(&keyed, b"Content-Encoding: nonce\0\x01");
    // 2 ends the last record.
    let mut record = [plain, &[2]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).ok()?;
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
    let length = u8::try_from(public.len()).ok()?;
    let header = [&salt[..], &4096_u32.to_be_bytes(), &[length], &public].concat();
    Some([header, record].concat())
}

/// The header that shows who sends: a token for the push service, good for twelve hours.
fn authorization(
    pair: &EcdsaKeyPair,
    settings: &PushSettings,
    url: &url::Url,
    now: DateTime<Utc>,
) -> Option<String> {
    let head = json!({ "typ": "JWT", "alg": "ES256" });
    let claims = json!({
        "aud": url.origin().ascii_serialization(),
        "exp": now.timestamp() + 12 * 3600,
        "sub": settings.subject,
    });
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(head.to_string()), encode(claims.to_string()));
    let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
    let (signature, key) = (
        URL_SAFE_NO_PAD.encode(signature.as_ref()),
        URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
    );
    Some(format!("vapid t={signed}.{signature}, k={key}"))
}
