//! The accent colour of a site that shows the booking page: one small style sheet per colour, in which the
//! colour is darkened or lightened until it can be read on light and on dark ground.

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

/// Red, green and blue, 0 to 255.
type Rgb = [u8; 3];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/// The darkest light and the lightest dark ground of `web/tokens.css`.
const LIGHT_GROUND: Rgb = [0xf5, 0xf6, 0xf4];
const DARK_GROUND: Rgb = [0x18, 0x20, 0x26];
/// Least contrast of text, as WCAG 2.2 asks at level AA, and a little more.
const CONTRAST_MIN: f64 = 4.6;
/// How much nearer to the wanted end each step of darkening or lightening goes, in percent.
const STEP_PERCENT: u16 = 5;

/// The six digits of a colour such as `#0b6a61` or `0B6A61`, in lower case; none if it is no such colour.
pub(super) fn digits(text: &str) -> Option<String> {
    let digits = text.strip_prefix('#').unwrap_or(text).to_ascii_lowercase();
    rgb(&digits).map(|_| digits)
}

/// Serves the style sheets.
pub(super) fn router() -> Router {
    Router::new().route("/accent/{file}", get(file))
}

async fn file(Path(file): Path<String>) -> Response {
    let Some(colour) = file.strip_suffix(".css").and_then(rgb) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, sheet(colour)).into_response()
}

fn sheet(colour: Rgb) -> String {
    let light = readable(colour, LIGHT_GROUND, BLACK);
    let dark = readable(colour, DARK_GROUND, WHITE);
    let pair = |light: Rgb, dark: Rgb| format!("light-dark({}, {})", hex(light), hex(dark));
    format!(
        ":root {{\n--accent: {};\n--accent-strong: {};\n--on-accent: {};\n--accent-soft: {};\n}}\n",
        pair(light, dark),
        pair(mixed(light, BLACK, 25), mixed(dark, WHITE, 35)),
        pair(WHITE, DARK_GROUND),
        pair(mixed(light, WHITE, 86), mixed(dark, DARK_GROUND, 78)),
    )
}

/// The colour, mixed with another until it can be read on a ground.
fn readable(colour: Rgb, ground: Rgb, towards: Rgb) -> Rgb {
    let steps = (0..=100).step_by(usize::from(STEP_PERCENT));
    let mut shades = steps.map(|percent| mixed(colour, towards, percent));
    shades.find(|shade| contrast(*shade, ground) >= CONTRAST_MIN).unwrap_or(towards)
}

/// `percent` of the other colour, the rest of the one.
fn mixed(one: Rgb, other: Rgb, percent: u16) -> Rgb {
    std::array::from_fn(|part| {
        let sum = u16::from(one[part]) * (100 - percent) + u16::from(other[part]) * percent;
        u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
    })
}

/// Contrast of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio" and "relative luminance".
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn rgb(digits: &str) -> Option<Rgb> {
    let valid = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    if valid { Some([part(0)?, part(2)?, part(4)?]) } else { None }
}

fn hex([red, green, blue]: Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_can_be_read_on_its_ground() {
        for text in ["ffee00", "000000", "ffffff", "0b6a61", "ff0000", "808080"] {
            let colour = rgb(text).unwrap();
            let light = readable(colour, LIGHT_GROUND, BLACK);
            let dark = readable(colour, DARK_GROUND, WHITE);
            assert!(contrast(light, LIGHT_GROUND) >= CONTRAST_MIN, "{text} on light");
            assert!(contrast(light, WHITE) >= CONTRAST_MIN, "white on {text}");
            assert!(contrast(dark, DARK_GROUND) >= CONTRAST_MIN, "{text} on dark");
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        let colour = rgb("0b6a61").unwrap();
        assert_eq!(readable(colour, LIGHT_GROUND, BLACK), colour);
    }

    #[test]
    fn what_is_no_colour_is_left_out() {
        assert_eq!(digits("#0B6A61").as_deref(), Some("0b6a61"));
        for text in ["", "#fff", "red", "0b6a6x", "0b6a611", "é0b6a", "+b6a61"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
