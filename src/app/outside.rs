//! What the server is to the world: its address, and a secret from which all keys are derived.

use std::fmt;
use std::sync::Arc;

use rand::Rng as _;

use crate::domain::codes::hmac_sha256;

/// How clients reach the server, and the secret behind links and seals. Clones share both.
#[derive(Clone)]
pub struct Outside {
    base_url: Arc<str>,
    secret: Arc<[u8]>,
}

impl Outside {
    /// * `base_url`: without a slash at the end.
    /// * `secret`: at least 16 bytes that nobody can guess; all processes of one database need the
    ///   same. With another one, links that were sent open nothing any more.
    pub fn new(base_url: &str, secret: &[u8]) -> Self {
        Self { base_url: base_url.trim_end_matches('/').into(), secret: secret.into() }
    }

    /// A server nobody has named, with a secret that is forgotten when it stops.
    pub fn unnamed() -> Self {
        let mut secret = [0_u8; 32];
        rand::rng().fill_bytes(&mut secret);
        Self::new("http://127.0.0.1:8080", &secret)
    }

    /// How clients reach the server, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A key for one purpose; keys of two purposes tell nothing about each other.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(&self.secret, purpose.as_bytes())
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_purpose_and_by_secret() {
        let (one, other) = (Outside::new("http://a", &[1; 32]), Outside::new("http://a", &[2; 32]));
        assert_ne!(one.key("links"), one.key("seal"));
        assert_ne!(one.key("links"), other.key("links"));
        assert_eq!(one.key("links"), one.clone().key("links"));
    }
}
