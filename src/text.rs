//! Words people read, in their language: one catalogue for pages, messages and the front end.
//!
//! `locales/<language>/<area>.json` maps keys to texts; `{name}` stands for what is filled in. A text
//! that counts has a form for one and a form for others: `visits.one`, `visits.other`. The front end
//! is built from the same files, so that a word is translated once.

mod catalogue;
mod dates;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use dates::{DateStyle, date};

/// A language that all texts exist in.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
    /// Icelandic.
    Is,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::En, Self::Es, Self::Is];

    /// Its BCP 47 tag, for instance `is`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
            Self::Is => "is",
        }
    }

    /// Its name in itself, for people who choose.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
            Self::Is => "Íslenska",
        }
    }

    /// The locale of a BCP 47 tag, whatever its region: `es-MX` is Spanish.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// The locale that a reader likes best by the header `Accept-Language`; none if it names no
    /// language we have.
    ///
    /// Source: RFC 9110, section 12.5.4.
    pub fn negotiate(accept_language: &str) -> Option<Self> {
        let wish = |part: &str| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, "q=1"));
            let quality = parameters.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()?;
            let locale = Self::from_tag(tag.trim())?;
            (quality > 0.0).then_some((quality, locale))
        };
        let wishes = accept_language.split(',').filter_map(wish);
        // Of equals the first one named.
        wishes.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|best| best.1)
    }

    /// The text of a key such as `booking.title`, with `{name}` replaced by the value of `name`.
    ///
    /// A key that the catalogue does not have is its own text, so that a page shows where it is
    /// missing instead of breaking.
    pub fn text(self, key: &str, values: &[(&str, &dyn fmt::Display)]) -> String {
        let template = catalogue::template(self, key).unwrap_or(key);
        fill(template, values)
    }

    /// The text of a key that counts: `{key}.one` or `{key}.other`, with `{count}` filled in.
    pub fn count(self, key: &str, count: i64, values: &[(&str, &dyn fmt::Display)]) -> String {
        let form = if self.is_singular(count) { "one" } else { "other" };
        let template = catalogue::template(self, &format!("{key}.{form}")).unwrap_or(key);
        let mut all = vec![("count", &count as &dyn fmt::Display)];
        all.extend_from_slice(values);
        fill(template, &all)
    }

    /// Source: Unicode CLDR, language plural rules (cardinals, integers).
    fn is_singular(self, count: i64) -> bool {
        match self {
            Self::En | Self::Es => count == 1,
            Self::Is => count % 10 == 1 && count % 100 != 11,
        }
    }
}

/// `template` with each `{name}` replaced; what has no value stays as it stands.
fn fill(template: &str, values: &[(&str, &dyn fmt::Display)]) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, tail)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value.to_string(), tail))
        });
        if let Some((value, tail)) = value {
            filled.push_str(&value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_quality_wins() {
        assert_eq!(Locale::negotiate("de, es;q=0.5, is;q=0.9"), Some(Locale::Is));
        assert_eq!(Locale::negotiate("es-MX,en;q=0.8"), Some(Locale::Es));
        assert_eq!(Locale::negotiate("de;q=1, en;q=0"), None);
    }

    #[test]
    fn values_replace_their_names_and_nothing_else() {
        assert_eq!(fill("{a} {b} {", &[("a", &"{b}"), ("b", &2)]), "{b} 2 {");
        assert_eq!(fill("{unknown}", &[]), "{unknown}");
    }

    #[test]
    fn icelandic_counts_twenty_one_as_one() {
        assert!(Locale::Is.is_singular(21));
        assert!(!Locale::Is.is_singular(11));
        assert!(!Locale::En.is_singular(21));
    }
}
