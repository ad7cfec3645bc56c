//! Codes that only who knows a key can make.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;

/// The HMAC-SHA256 of `text` under `key`.
///
/// Source: RFC 2104.
pub fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The HMAC-SHA1 of `text` under `key`, for those who still sign with it.
///
/// Source: RFC 2104.
pub fn hmac_sha1(key: &[u8], text: &[u8]) -> [u8; 20] {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { return [0; 20] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}

/// Whether two codes are equal; the time it takes tells nothing about how much of them is.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    let same_length = one.len() == other.len();
    one.iter().zip(other).fold(0, |wrong, (a, b)| wrong | (a ^ b)) == 0 && same_length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standards() {
        let text = b"what do ya want for nothing?";
        // RFC 4231, test case 2.
        assert!(hex(&hmac_sha256(b"Jefe", text)).starts_with("5bdcc146bf60754e6a042426089575c7"));
        // RFC 2202, test case 2 of HMAC-SHA-1.
        assert_eq!(hex(&hmac_sha1(b"Jefe", text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    #[test]
    fn codes_of_different_length_are_not_equal() {
        assert!(equal(b"ab", b"ab") && !equal(b"ab", b"abc") && !equal(b"ab", b"ac"));
    }
}
