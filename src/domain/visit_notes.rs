//! A note about a visit, with a photo or without.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length};
use crate::domain::id::{VisitId, VisitNoteId};

/// Bytes of a photo at most; phones are to send smaller pictures.
pub const PHOTO_BYTES_MAX: usize = 700_000;

/// A note about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitNote {
    /// Its name.
    pub id: VisitNoteId,
    /// About which visit.
    pub visit_id: VisitId,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The name of whoever wrote it; empty for programs.
    pub author_name: String,
    /// The words; may be empty if there is a photo.
    pub text: String,
    /// Whether a photo belongs to it.
    pub has_photo: bool,
}

/// A note to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewVisitNote {
    /// The words, at most 4000 characters; may be empty if there is a photo.
    #[serde(default)]
    pub text: String,
    /// A JPEG, PNG or WebP picture as base64, at most 700000 bytes; none for words alone.
    // What `PHOTO_BYTES_MAX` bytes are in base64.
    #[schema(max_length = 933_336)]
    #[serde(default)]
    pub photo: Option<String>,
    /// When it was written, within the last 30 days; now if none. What a clock that is ahead says counts
    /// as now.
    #[serde(default)]
    pub at: Option<DateTime<Utc>>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its media type.
    pub media: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl NewVisitNote {
    /// The picture, if there is one that can be read.
    pub fn picture(&self) -> Option<Photo> {
        let bytes = STANDARD.decode(self.photo.as_deref()?).ok()?;
        Some(Photo { media: media(&bytes)?, bytes })
    }
}

/// What the first bytes say a picture is; a name or a header can say anything.
pub fn media(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

impl Validate for NewVisitNote {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "text", &self.text, 4000);
        let Some(photo) = &self.photo else {
            let message = "must say something, or a photo must come with it";
            faults.check(!self.text.trim().is_empty(), "text", "\"\"", message);
            return;
        };
        // Four characters of base64 are three bytes; what fills up the end is none.
        let bytes = photo.trim_end_matches('=').len() * 3 / 4;
        if bytes > PHOTO_BYTES_MAX {
            let message =
                format!("must have at most {PHOTO_BYTES_MAX} bytes; send a smaller picture");
            faults.add("photo", format!("{bytes} bytes"), message);
        } else if self.picture().is_none() {
            let message = "must be a JPEG, PNG or WebP picture as base64";
            faults.add("photo", photo.chars().take(20).collect::<String>(), message);
        }
    }
}
