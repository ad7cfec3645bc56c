//! Uploads: files that customers send with their answers.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::faults::Faults;
use crate::domain::id::{BookingId, UploadId};

/// Largest upload, in bytes.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;
/// Most characters of a file's name.
const NAME_MAX: usize = 200;

/// A file that a customer sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Upload {
    /// Its name; unguessable.
    pub id: UploadId,
    /// The booking it was sent with; none yet if the booking is not made.
    pub booking_id: Option<BookingId>,
    /// What the customer calls the file.
    pub name: String,
    /// What it is, by its own first bytes.
    pub media_type: String,
    /// How large it is.
    pub size_bytes: i64,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// What a file is, by its first bytes; none for what is not taken.
///
/// Source: WHATWG MIME Sniffing Standard, section 6; ISO 32000-1, 7.5.2; ISO/IEC 23008-12 for HEIC.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let brand = bytes.get(8..12);
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xFF\xD8\xFF") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"RIFF") && brand == Some(b"WEBP") {
        Some("image/webp")
    } else if bytes.get(4..8) == Some(b"ftyp")
        && [Some(b"heic".as_slice()), Some(b"heix"), Some(b"mif1")].contains(&brand)
    {
        Some("image/heic")
    } else if bytes.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else {
        None
    }
}

/// The name of a file without folders, cut to a bearable length.
pub fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or("");
    let name: String =
        name.chars().filter(|c| !c.is_control() && *c != '"').take(NAME_MAX).collect();
    if name.trim().is_empty() { "file".to_owned() } else { name }
}

/// Notes what is wrong with a file.
pub fn check(bytes: &[u8], field: &str, faults: &mut Faults) {
    let size = bytes.len();
    faults.check(size <= BYTES_MAX, field, size, "must be at most 5 MB large");
    let message = "must be a picture (JPEG, PNG, WebP, HEIC) or a PDF document";
    faults.check(media_type(bytes).is_some(), field, "", message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1A\nrest"), Some("image/png"));
        assert_eq!(media_type(b"RIFF....WEBPVP8"), Some("image/webp"));
        assert_eq!(media_type(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(media_type(b"<svg onload=alert(1)>"), None);
        assert_eq!(media_type(b""), None);
    }

    #[test]
    fn names_lose_folders_and_what_ends_headers() {
        assert_eq!(plain_name("C:\\secret\\plan \"A\"\r\n.pdf"), "plan A.pdf");
        assert_eq!(plain_name("../"), "file");
    }
}
