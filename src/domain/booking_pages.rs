//! How an organization's booking page looks and what it says.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length};
use crate::domain::members::check_email;

/// Most sites that may show the page in a frame.
const FRAMES_MAX: usize = 50;

/// What an organization says on its pages for customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BookingPage {
    /// Words above the services.
    pub intro: String,
    /// Whom to call for help; not shown if none.
    pub phone: Option<String>,
    /// Where to write for help; not shown if none.
    pub email: Option<String>,
    /// What customers are told about moving and calling off.
    pub policy: String,
    /// What customers outside the area are told, besides that nobody comes there.
    pub outside: String,
    /// Hours before the arrival window until which customers may move or call off by themselves, 0
    /// to 720.
    pub change_notice_h: u32,
    /// Origins of other sites that may show the page in a frame, for instance
    /// `https://www.example.com`.
    pub frame_origins: Vec<String>,
}

impl Default for BookingPage {
    fn default() -> Self {
        Self {
            intro: String::new(),
            phone: None,
            email: None,
            policy: String::new(),
            outside: String::new(),
            change_notice_h: 2,
            frame_origins: Vec::new(),
        }
    }
}

impl BookingPage {
    /// The origin as the organization wrote it, if that site may show the page in a frame.
    pub fn frame(&self, origin: &str) -> Option<&str> {
        self.frame_origins.iter().map(String::as_str).find(|known| *known == origin)
    }
}

impl Validate for BookingPage {
    fn validate(&self, faults: &mut Faults) {
        check_length(faults, "intro", &self.intro, 1000);
        check_length(faults, "policy", &self.policy, 2000);
        check_length(faults, "outside", &self.outside, 1000);
        check_length(faults, "phone", self.phone.as_deref().unwrap_or(""), 40);
        if let Some(email) = &self.email {
            check_email(faults, "email", email);
        }
        let hours = self.change_notice_h;
        faults.check(hours <= 720, "change_notice_h", hours, "must be 0 to 720 hours");
        let count = self.frame_origins.len();
        faults.check(count <= FRAMES_MAX, "frame_origins", count, "must be at most 50 origins");
        for (row, origin) in self.frame_origins.iter().enumerate() {
            let message = "must be an origin, such as https://www.example.com";
            let field = format!("frame_origins[{row}]");
            faults.check(is_origin(origin), &field, origin, message);
        }
    }
}

/// Scheme, host and perhaps port; nothing that could end a header or a directive.
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, port) = rest.split_once(':').unwrap_or((rest, "1"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    matches!(scheme, "https" | "http")
        && (1..=253).contains(&host.len())
        && host.chars().all(plain)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_origins_may_frame_the_page() {
        for origin in ["https://www.example.com", "http://localhost:9501"] {
            assert!(is_origin(origin), "{origin}");
        }
        let wrong = [
            "*",
            "https://*.example.com",
            "https://example.com/",
            "example.com",
            "https://a b",
            "https://a; script-src *",
            "javascript://x",
            "https://a:0",
            "https://",
        ];
        for origin in wrong {
            assert!(!is_origin(origin), "{origin}");
        }
    }
}
