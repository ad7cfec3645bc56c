//! Hashes of what callers send.

use sha2::{Digest as _, Sha256};

/// SHA-256 of the parts, each preceded by its length so that parts cannot run into each other; in
/// hexadecimal.
pub(crate) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

/// Whether two secrets are equal; the time it takes tells nothing about how much of them is.
pub(crate) fn equal(sent: &str, expected: &str) -> bool {
    digest(&[sent.as_bytes()]) == digest(&[expected.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert!(equal("a", "a") && !equal("a", "b"));
    }
}
