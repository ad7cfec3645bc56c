//! Tokens nobody can guess, and passwords that are kept as hashes.

pub mod vault;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::domain::error::AppError;
use crate::domain::faults::Faults;

/// Shortest and longest password, in characters.
pub(crate) const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

/// A hash that no password has; checked when there is no member, so that a guesser learns nothing
/// from how long an answer takes.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcA\
    $V3Ksvk5XlLdDn8HQz0hZbyuQbUpPcZrS1j0oLxyjJXY";

/// A new token: 256 random bits in URL-safe characters.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A new token for addresses: 128 random bits in URL-safe characters.
pub(crate) fn token_of_128_bits() -> String {
    let mut bytes = [0_u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is stored of a token: SHA-256, hexadecimal. Enough, since tokens cannot be guessed.
pub(crate) fn token_hash(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
        text
    })
}

/// Notes a password that is too short or too long.
pub(crate) fn check_password(password: &str, faults: &mut Faults) {
    let length = password.chars().count();
    let (min, max) = (PASSWORD_LENGTH.start(), PASSWORD_LENGTH.end());
    let message = format!("must have {min} to {max} characters, has {length}");
    faults.check(PASSWORD_LENGTH.contains(&length), "password", "(hidden)", &message);
}

/// The Argon2 hash of a password, reckoned away from the threads that serve requests.
///
/// # Errors
/// [`AppError::Invalid`] for a password that is too short or too long.
pub(crate) async fn password_hash(password: &str) -> Result<String, AppError> {
    let mut faults = Faults::default();
    check_password(password, &mut faults);
    faults.into_result()?;
    let password = password.to_owned();
    let work = move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string());
    let hash = tokio::task::spawn_blocking(work).await.map_err(internal)?;
    hash.map_err(|error| AppError::Internal(error.to_string().into()))
}

/// Whether `password` is the one behind `hash`; never if there is no hash.
pub(crate) async fn is_password(password: &str, hash: Option<String>) -> Result<bool, AppError> {
    let password = password.to_owned();
    let known = hash.is_some();
    let work = move || {
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let parsed = PasswordHash::new(&hash);
        parsed.is_ok_and(|parsed| {
            Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
        })
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(internal)? && known)
}

fn internal(error: tokio::task::JoinError) -> AppError {
    AppError::Internal(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_their_hashes_do_not_tell_them() {
        let (one, other) = (token(), token());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        // SHA-256 of "abc", FIPS 180-2, appendix B.1.
        assert!(token_hash("abc").starts_with("ba7816bf8f01cfea414140de5dae2223"));
    }

    #[tokio::test]
    async fn only_the_password_itself_opens_its_hash() {
        let hash = password_hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(is_password("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!is_password("incorrect horse", Some(hash)).await.unwrap());
        assert!(!is_password("correct horse", None).await.unwrap());
        assert!(password_hash("short").await.is_err());
        // The stand-in is a real hash, so that checking it takes as long as any other.
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
