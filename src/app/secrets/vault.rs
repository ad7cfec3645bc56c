//! Secrets that have to be read again, such as passwords of other servers: encrypted at rest.
//!
//! A sealed text names its key, so that keys can change: the first one seals, all of them open. It is
//! bound to what it belongs to, so that nobody opens one row's secret through another row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::Rng as _;

use crate::domain::error::AppError;

/// What sealed texts begin with: which way they were sealed.
const WAY: &str = "x1";

/// The keys.
#[derive(Clone, Default)]
pub struct Vault {
    /// Id and key; the first seals.
    keys: Vec<(String, [u8; 32])>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|(id, _)| id.as_str()).collect();
        f.debug_struct("Vault").field("keys", &ids).finish()
    }
}

impl Vault {
    /// Keys from a text: members `ID=KEY` between commas, each key 32 bytes in base64.
    ///
    /// # Errors
    /// What is wrong, without the key.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for member in text.split(',').map(str::trim).filter(|member| !member.is_empty()) {
            let (id, key) = member.split_once('=').ok_or("a member has no equals sign")?;
            let bytes =
                STANDARD.decode(key.trim()).map_err(|_| format!("key {id} is no base64"))?;
            let key = bytes.try_into().map_err(|_| format!("key {id} has not 32 bytes"))?;
            keys.push((id.trim().to_owned(), key));
        }
        Ok(Self { keys })
    }

    /// The same with one more key, which seals only if there is no other.
    #[must_use]
    pub fn and(mut self, id: &str, key: [u8; 32]) -> Self {
        self.keys.push((id.to_owned(), key));
        self
    }

    /// A new key as a text for [`Vault::new`].
    pub fn generate(id: &str) -> String {
        let mut key = [0_u8; 32];
        rand::rng().fill_bytes(&mut key);
        format!("{id}={}", STANDARD.encode(key))
    }

    /// Whether it can keep anything.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Encrypts a text.
    ///
    /// * `owner`: what it belongs to, for instance the id of a row; the same opens it again.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if the server has no key.
    pub(crate) fn seal(&self, owner: &str, plain: &str) -> Result<String, AppError> {
        let Some((id, key)) = self.keys.first() else {
            let message = "this server keeps no secrets yet: an administrator has to set \
                           secrets.keys, for instance to k1= and the output of \
                           `openssl rand -base64 32`";
            return Err(AppError::Conflict(message.to_owned()));
        };
        let mut nonce = [0_u8; 24];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: plain.as_bytes(), aad: owner.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&(*key).into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| broken("sealed"))?;
        let text = STANDARD.encode([nonce.as_slice(), &sealed].concat());
        Ok(format!("{WAY}.{id}.{text}"))
    }

    /// Decrypts what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if its key is not among the server's; [`AppError::Internal`] if it was
    /// tampered with.
    pub(crate) fn open(&self, owner: &str, sealed: &str) -> Result<String, AppError> {
        let mut parts = sealed.splitn(3, '.');
        let (way, id, text) = (parts.next(), parts.next(), parts.next());
        let (Some(WAY), Some(id), Some(text)) = (way, id, text) else {
            return Err(broken("read"));
        };
        let Some((_, key)) = self.keys.iter().find(|(known, _)| known == id) else {
            let message = format!(
                "a secret was kept with key {id}, which the setting secrets.keys does not hold \
                 any more: put that key back, or give the secret anew"
            );
            return Err(AppError::Conflict(message));
        };
        let bytes = STANDARD.decode(text).map_err(|_| broken("read"))?;
        let Some((nonce, cipher_text)) = bytes.split_first_chunk::<24>() else {
            return Err(broken("read"));
        };
        let payload = Payload { msg: cipher_text, aad: owner.as_bytes() };
        let cipher = XChaCha20Poly1305::new(&(*key).into());
        let plain = cipher.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken("opened"))?;
        String::from_utf8(plain).map_err(|_| broken("read"))
    }
}

fn broken(what: &str) -> AppError {
    AppError::Internal(format!("a secret could not be {what}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_and_owner_only() {
        let (old, new) = (Vault::generate("k1"), Vault::generate("k2"));
        let first = Vault::new(&old).unwrap();
        let sealed = first.seal("row-1", "p\u{e4}ssword").unwrap();
        assert!(sealed.starts_with("x1.k1.") && !sealed.contains("ssword"));
        assert_ne!(sealed, first.seal("row-1", "p\u{e4}ssword").unwrap());
        // Rotation: the new key seals, the old one still opens.
        let both = Vault::new(&format!("{new},{old}")).unwrap();
        assert_eq!(both.open("row-1", &sealed).unwrap(), "p\u{e4}ssword");
        assert!(both.seal("row-1", "x").unwrap().starts_with("x1.k2."));
        assert!(matches!(both.open("row-2", &sealed), Err(AppError::Internal(_))));
        let Err(AppError::Conflict(words)) = Vault::new(&new).unwrap().open("row-1", &sealed)
        else {
            panic!("opened without its key")
        };
        assert!(words.contains("k1") && words.contains("secrets.keys"), "{words}");
        let Err(AppError::Conflict(words)) = Vault::default().seal("row-1", "x") else {
            panic!("sealed without a key")
        };
        assert!(words.contains("secrets.keys"), "{words}");
    }

    #[test]
    fn keys_are_checked_without_showing_them() {
        for (text, part) in [("k1", "equals"), ("k1=!", "base64"), ("k1=AAAA", "32 bytes")] {
            assert!(Vault::new(text).unwrap_err().contains(part), "{text}");
        }
        let text = Vault::generate("k1");
        let key = text.split_once('=').unwrap().1;
        assert!(!format!("{:?}", Vault::new(&text).unwrap()).contains(key));
    }
}
