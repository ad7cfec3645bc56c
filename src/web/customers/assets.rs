//! The script and the styles of customers' pages, and the widget; our own files, without comments and
//! indentation. Names hold a hash, so that browsers keep them for ever.

use std::sync::OnceLock;

use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::domain::codes::hex;

const TOKENS: &str = include_str!("../../../web/tokens.css");
const STYLE: &str = include_str!("../../../web/booking/booking.css");
const SCRIPT: &str = include_str!("../../../web/booking/booking.js");
const WIDGET: &str = include_str!("../../../web/booking/widget.js");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A file with its address.
#[derive(Debug)]
struct Asset {
    path: String,
    text: String,
}

/// The address of the styles.
pub(super) fn style() -> &'static str {
    &styles().path
}

/// The address of the script.
pub(super) fn script() -> &'static str {
    &scripts().path
}

fn styles() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET
        .get_or_init(|| Asset::new("booking", "css", bare(&format!("{TOKENS}{STYLE}"), "/*", "*/")))
}

fn scripts() -> &'static Asset {
    static ASSET: OnceLock<Asset> = OnceLock::new();
    ASSET.get_or_init(|| Asset::new("booking", "js", bare(SCRIPT, "/*", "*/")))
}

fn widget() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| bare(WIDGET, "/*", "*/"))
}

impl Asset {
    fn new(name: &str, ending: &str, text: String) -> Self {
        let hash = hex(&Sha256::digest(text.as_bytes())[..5]);
        Self { path: format!("/{name}.{hash}.{ending}"), text }
    }
}

/// Serves the files.
pub(super) fn router() -> Router {
    let kept = |media, asset: &'static Asset| async move {
        ([(CONTENT_TYPE, media), (CACHE_CONTROL, FOREVER)], asset.text.as_str())
    };
    Router::new()
        .route(style(), get(move || kept(CSS, styles())))
        .route(script(), get(move || kept(JAVASCRIPT, scripts())))
        .route("/widget.js", get(loader))
}

/// Other sites load the widget, from an address that stays.
async fn loader() -> impl IntoResponse {
    let headers: [(HeaderName, &str); 4] = [
        (CONTENT_TYPE, JAVASCRIPT),
        (CACHE_CONTROL, "public, max-age=3600"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, widget())
}

/// A text of ours without its comments, blank lines and indentation. Comments stand on lines of their
/// own, and no literal goes over a line, as a test checks.
fn bare(text: &str, open: &str, close: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if inside || line.starts_with(open) {
            inside = !line.ends_with(close);
            continue;
        }
        if line.is_empty() || line.starts_with("// ") {
            continue;
        }
        bare.push_str(line);
        bare.push('\n');
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_code_stays() {
        let text = "/* one\n   two */\na {\n  b: url(https://c);\n}\n// three\n\nd /* e */ {}\n";
        assert_eq!(bare(text, "/*", "*/"), "a {\nb: url(https://c);\n}\nd /* e */ {}\n");
    }

    #[test]
    fn scripts_have_no_literal_that_goes_over_a_line() {
        for script in [SCRIPT, WIDGET] {
            for line in script.lines() {
                assert!(line.matches('`').count() % 2 == 0, "{line}");
            }
        }
    }

    #[test]
    fn names_change_with_what_they_name() {
        let (one, other) = (Asset::new("a", "js", "1".into()), Asset::new("a", "js", "2".into()));
        assert_ne!(one.path, other.path);
        assert!(
            style().starts_with("/booking.")
                && style().rsplit_once('.').is_some_and(|(_, ending)| ending == "css")
        );
    }
}
