//! OAuth 2.0 of providers: where consent is given, codes with PKCE, renewal, revocation.
//!
//! Source: RFC 6749, RFC 7636 (PKCE), RFC 7009 (revocation).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OnceCell, Semaphore};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::domain::calendars::Credentials;
use crate::sync::SyncError;
use crate::sync::http::{Answer, Ask, Http};

/// Renewals that are remembered at most, for callers that still hold the token before.
const RENEWALS_MAX: usize = 4096;
/// The media type of questions.
const FORM: &str = "application/x-www-form-urlencoded";

/// An application registered at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// Its public name.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuthClient").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What one attempt to connect needs, from the way to the consent page until the code comes back.
#[derive(Debug, Clone)]
pub struct Handshake {
    /// Where the browser comes back to, as it is registered at the provider.
    pub redirect_uri: String,
    /// The secret whose hash goes along to the consent page: 43 to 128 letters and digits.
    pub verifier: String,
}

/// The authorization server of one provider, and our application there.
#[derive(Debug, Clone)]
pub(super) struct OAuth {
    pub(super) client: OAuthClient,
    pub(super) authorize_url: Url,
    pub(super) token_url: Url,
    /// None where a provider has no such end point.
    pub(super) revoke_url: Option<Url>,
    /// What is asked for, separated by spaces.
    pub(super) scope: &'static str,
    /// More fields for the consent page.
    pub(super) extra: &'static [(&'static str, &'static str)],
}

/// New credentials that several callers wait for.
type Renewal = Arc<OnceCell<Credentials>>;

/// What callers in this process share about accounts: renewals under way, and lanes.
#[derive(Debug, Default)]
pub(super) struct Shared {
    renewals: Mutex<HashMap<(String, String), Renewal>>,
    lanes: Mutex<HashMap<String, Arc<Semaphore>>>,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    expires_in: i64,
    refresh_token: Option<String>,
    scope: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl OAuth {
    /// The address of the consent page.
    pub(super) fn consent_url(&self, handshake: &Handshake, state: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(handshake.verifier.as_bytes()));
        let mut url = self.authorize_url.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", &handshake.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", self.scope)
            .append_pair("state", state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(self.extra);
        url.into()
    }

    /// The credentials for a code that came back from the consent page.
    ///
    /// # Errors
    /// [`SyncError::Refused`] if the code does not hold, or no permanent access was granted.
    pub(super) async fn exchange(
        &self,
        http: &Http,
        handshake: &Handshake,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Credentials, SyncError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", handshake.verifier.as_str()),
            ("redirect_uri", handshake.redirect_uri.as_str()),
        ];
        let tokens = self.tokens(http, &form).await?;
        let Some(refresh_token) = tokens.refresh_token else {
            let detail = "it grants no lasting access; take the access back at the provider and \
                          connect again";
            return Err(SyncError::Refused(detail.to_owned()));
        };
        Ok(Credentials::OAuth {
            access_token: tokens.access_token,
            refresh_token,
            expires_at: now + TimeDelta::seconds(tokens.expires_in),
            scope: tokens.scope.unwrap_or_else(|| self.scope.to_owned()),
        })
    }

    /// New credentials. Callers with the same old ones share one request and its answer, as some
    /// providers take a refresh token only once.
    ///
    /// # Errors
    /// [`SyncError::Refused`] if access was revoked or has run out for good.
    pub(super) async fn renew(
        &self,
        http: &Http,
        shared: &Shared,
        (access, refresh, scope): (&str, &str, &str),
        now: DateTime<Utc>,
    ) -> Result<Credentials, SyncError> {
        let cell = {
            let mut renewals = shared.renewals.lock().unwrap_or_else(PoisonError::into_inner);
            if renewals.len() > RENEWALS_MAX {
                renewals.clear();
            }
            Arc::clone(renewals.entry((refresh.to_owned(), access.to_owned())).or_default())
        };
        let renewed = cell.get_or_try_init(|| async {
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
            let tokens = self.tokens(http, &form).await?;
            let refresh_token = tokens.refresh_token.unwrap_or_else(|| refresh.to_owned());
            shared.keep_lane(refresh, &refresh_token);
            Ok(Credentials::OAuth {
                access_token: tokens.access_token,
                refresh_token,
                expires_at: now + TimeDelta::seconds(tokens.expires_in),
                scope: tokens.scope.unwrap_or_else(|| scope.to_owned()),
            })
        });
        renewed.await.cloned()
    }

    /// Takes back what was granted; it is fine if nothing is any more.
    ///
    /// # Errors
    /// If the provider does not answer.
    pub(super) async fn revoke(&self, http: &Http, token: &str) -> Result<(), SyncError> {
        let Some(url) = &self.revoke_url else { return Ok(()) };
        let body = Serializer::new(String::new()).append_pair("token", token).finish();
        let ask = Ask::new(Method::POST, url.clone()).body(FORM, body);
        let answer = http.send(ask).await?;
        match answer.status.as_u16() {
            200 | 400 => Ok(()),
            status => Err(SyncError::Answer { status, detail: "revocation".to_owned() }),
        }
    }

    async fn tokens(&self, http: &Http, fields: &[(&str, &str)]) -> Result<Tokens, SyncError> {
        let body = Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("client_id", &self.client.id)
            .append_pair("client_secret", &self.client.secret)
            .finish();
        let ask = Ask::new(Method::POST, self.token_url.clone()).body(FORM, body);
        let answer = http.send(ask).await.map_err(|error| match error {
            SyncError::Refused(_) => SyncError::Refused(
                "the provider does not know this server: check the client id and secret in its \
                 settings"
                    .to_owned(),
            ),
            other => other,
        })?;
        if answer.status.is_success() {
            return serde_json::from_str(&answer.body)
                .map_err(|error| SyncError::Malformed(format!("token: {error}")));
        }
        Err(refused(&answer))
    }
}

/// What a refusal of the token end point means. Only the grant itself makes a new consent necessary.
fn refused(answer: &Answer) -> SyncError {
    let status = answer.status.as_u16();
    let code = serde_json::from_str::<Refusal>(&answer.body).map(|refusal| refusal.error);
    match code.as_deref() {
        Ok("invalid_grant" | "interaction_required" | "consent_required" | "login_required") => {
            SyncError::Refused("access was taken back or has run out".to_owned())
        }
        Ok(code @ ("invalid_client" | "unauthorized_client")) => SyncError::Refused(format!(
            "the provider does not know this server ({code}): check the client id and secret in \
             its settings"
        )),
        Ok("temporarily_unavailable") => SyncError::Busy { retry_after: None },
        Ok(code) => SyncError::Answer { status, detail: code.chars().take(60).collect() },
        Err(_) => SyncError::Answer { status, detail: "no token".to_owned() },
    }
}

impl Shared {
    /// The lane of an account, for at most so many requests at once.
    pub(super) fn lane(&self, refresh: &str, width: usize) -> Arc<Semaphore> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(width));
        Arc::clone(lanes.entry(refresh.to_owned()).or_insert_with(new))
    }

    /// An account keeps its lane when its refresh token changes.
    fn keep_lane(&self, old: &str, new: &str) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if old != new
            && let Some(lane) = lanes.remove(old)
        {
            lanes.insert(new.to_owned(), lane);
        }
    }
}
