//! The OAuth 2.0 side of both vendors: consent, codes with PKCE, refresh, revocation.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::vendors::Reply;

/// The one client that the stand-ins know.
pub(crate) const CLIENT_ID: &str = "roundsman-client";
/// Its secret.
pub(crate) const CLIENT_SECRET: &str = "a secret with + and &";

/// Where vendors differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Refresh tokens stay, and come only with `access_type=offline` and at the first consent or
    /// with `prompt=consent`.
    Google,
    /// Refresh tokens come with the scope `offline_access` and change with each use.
    Microsoft,
}

/// Who agreed to what.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) account: String,
    pub(crate) scopes: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Code {
    challenge: String,
    redirect_uri: String,
    grant: Grant,
    with_refresh: bool,
}

#[derive(Debug, Default)]
struct Inside {
    count: u64,
    account: String,
    denies: bool,
    consented: BTreeSet<String>,
    codes: BTreeMap<String, Code>,
    refresh: BTreeMap<String, Grant>,
    access: BTreeMap<String, (Grant, String)>,
}

/// The authorization server of one vendor.
#[derive(Debug)]
pub(crate) struct OAuth {
    dialect: Dialect,
    inside: Mutex<Inside>,
}

/// Query or form fields.
pub(crate) type Fields = Vec<(String, String)>;

/// One of them.
pub(crate) fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(its, _)| its == name).map_or("", |(_, value)| value)
}

impl OAuth {
    pub(crate) fn new(dialect: Dialect, account: &str) -> Self {
        let inside = Inside { account: account.to_owned(), ..Inside::default() };
        Self { dialect, inside: Mutex::new(inside) }
    }

    /// The person says no at the consent page.
    pub(crate) fn deny(&self) {
        self.inside.lock().unwrap().denies = true;
    }

    /// All access tokens have run out.
    pub(crate) fn expire_access(&self) {
        self.inside.lock().unwrap().access.clear();
    }

    /// The person has taken the access back in the settings of their account.
    pub(crate) fn revoke_all(&self) {
        let mut inside = self.inside.lock().unwrap();
        inside.access.clear();
        inside.refresh.clear();
        inside.consented.clear();
    }

    /// How many refresh tokens hold.
    pub(crate) fn refresh_count(&self) -> usize {
        self.inside.lock().unwrap().refresh.len()
    }

    /// Who the bearer of an access token is.
    pub(crate) fn bearer(&self, header: Option<&str>) -> Option<Grant> {
        let token = header?.strip_prefix("Bearer ")?;
        self.inside.lock().unwrap().access.get(token).map(|(grant, _)| grant.clone())
    }

    /// The consent page: where it sends the browser, or what it says if it cannot.
    pub(crate) fn authorize(&self, query: &Fields) -> Result<String, Reply> {
        let refused = |error: &str| Reply(400, Some(json!({"error": error})));
        let get = |name| field(query, name);
        if get("client_id") != CLIENT_ID {
            return Err(refused("invalid_client"));
        }
        let redirect_uri = get("redirect_uri");
        let Ok(mut back) = url::Url::parse(redirect_uri) else {
            return Err(refused("redirect_uri_mismatch"));
        };
        let challenged =
            get("code_challenge").len() == 43 && get("code_challenge_method") == "S256";
        if get("response_type") != "code" || get("scope").is_empty() || !challenged {
            return Err(refused("invalid_request"));
        }
        let mut inside = self.inside.lock().unwrap();
        if std::mem::take(&mut inside.denies) {
            back.query_pairs_mut().append_pair("error", "access_denied");
            back.query_pairs_mut().append_pair("state", get("state"));
            return Ok(back.into());
        }
        let scopes: BTreeSet<String> = get("scope").split(' ').map(str::to_owned).collect();
        let grant = Grant { account: inside.account.clone(), scopes };
        let is_first = inside.consented.insert(grant.account.clone());
        let with_refresh = match self.dialect {
            Dialect::Google => {
                get("access_type") == "offline" && (is_first || get("prompt") == "consent")
            }
            Dialect::Microsoft => grant.scopes.contains("offline_access"),
        };
        let code = inside.name("code");
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", get("state"));
        let challenge = get("code_challenge").to_owned();
        let redirect_uri = redirect_uri.to_owned();
        inside.codes.insert(code, Code { challenge, redirect_uri, grant, with_refresh });
        Ok(back.into())
    }

    /// The token end point. The client names itself in the form or, as the vendors' own libraries
    /// do, in the header.
    pub(crate) fn token(&self, authorization: Option<&str>, form: &Fields) -> Reply {
        let get = |name| field(form, name);
        let refused = |status, error: &str, words: &str| {
            Reply(status, Some(json!({"error": error, "error_description": words})))
        };
        let in_form = get("client_id") == CLIENT_ID && get("client_secret") == CLIENT_SECRET;
        if !in_form && !authorization.is_some_and(is_client) {
            return refused(401, "invalid_client", "Unauthorized");
        }
        let mut inside = self.inside.lock().unwrap();
        match get("grant_type") {
            "authorization_code" => {
                // A code works once, whatever comes of it.
                let Some(code) = inside.codes.remove(get("code")) else {
                    return refused(400, "invalid_grant", "Malformed auth code.");
                };
                if code.redirect_uri != get("redirect_uri") {
                    return refused(400, "redirect_uri_mismatch", "Bad Request");
                }
                let hashed = Sha256::digest(get("code_verifier").as_bytes());
                if URL_SAFE_NO_PAD.encode(hashed) != code.challenge {
                    return refused(400, "invalid_grant", "Invalid code verifier.");
                }
                let refresh = code.with_refresh.then(|| inside.refresh_token(&code.grant));
                Reply(200, Some(inside.tokens(code.grant, refresh)))
            }
            "refresh_token" => {
                let token = get("refresh_token").to_owned();
                let Some(grant) = inside.refresh.get(&token).cloned() else {
                    let words = "Token has been expired or revoked.";
                    return refused(400, "invalid_grant", words);
                };
                if self.dialect == Dialect::Google {
                    let access = inside.access_token(grant.clone(), token);
                    return Reply(200, Some(token_body(&grant, &access)));
                }
                inside.refresh.remove(&token);
                let refresh = inside.refresh_token(&grant);
                Reply(200, Some(inside.tokens(grant, Some(refresh))))
            }
            _ => refused(400, "unsupported_grant_type", "Invalid grant_type"),
        }
    }

    /// The revocation end point: a refresh token or an access token, and what hangs on it.
    pub(crate) fn revoke(&self, form: &Fields) -> Reply {
        let token = field(form, "token");
        let mut inside = self.inside.lock().unwrap();
        let parent = inside.access.get(token).map(|(_, refresh)| refresh.clone());
        let refresh = parent.unwrap_or_else(|| token.to_owned());
        let known =
            inside.refresh.remove(&refresh).is_some() | inside.access.remove(token).is_some();
        inside.access.retain(|_, (_, its)| *its != refresh);
        if known {
            inside.consented.clear();
            Reply(200, Some(json!({})))
        } else {
            let words = "Token expired or revoked";
            Reply(400, Some(json!({"error": "invalid_token", "error_description": words})))
        }
    }
}

impl Inside {
    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}-{}", self.count)
    }

    fn refresh_token(&mut self, grant: &Grant) -> String {
        let token = self.name("refresh");
        self.refresh.insert(token.clone(), grant.clone());
        token
    }

    fn access_token(&mut self, grant: Grant, refresh: String) -> String {
        let token = self.name("access");
        self.access.insert(token.clone(), (grant, refresh));
        token
    }

    fn tokens(&mut self, grant: Grant, refresh: Option<String>) -> Value {
        let access = self.access_token(grant.clone(), refresh.clone().unwrap_or_default());
        let mut body = token_body(&grant, &access);
        if let Some(refresh) = refresh {
            body["refresh_token"] = json!(refresh);
        }
        body
    }
}

/// Whether a header names the client with its secret, as it is or percent-encoded.
fn is_client(header: &str) -> bool {
    let Some(text) = header.strip_prefix("Basic ") else { return false };
    let bytes = STANDARD.decode(text).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let encoded =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let plain = format!("{CLIENT_ID}:{CLIENT_SECRET}");
    let quoted = format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET));
    // Some write blanks as %20.
    text == plain || text == quoted || text == quoted.replace('+', "%20")
}

fn token_body(grant: &Grant, access: &str) -> Value {
    // `offline_access` is no right of the access token.
    let scopes = grant.scopes.iter().filter(|scope| *scope != "offline_access");
    let scope = scopes.cloned().collect::<Vec<_>>().join(" ");
    json!({"access_token": access, "expires_in": 3599, "token_type": "Bearer", "scope": scope})
}
