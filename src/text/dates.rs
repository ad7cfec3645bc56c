//! Dates and times of day as people of a locale write them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::text::Locale;

/// How much of an instant is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateStyle {
    /// `Tuesday 2 March 2027`
    Date,
    /// `Tue 2 Mar`
    Day,
    /// `14:30`
    Time,
    /// `Tuesday 2 March 2027, 14:30`
    DateTime,
}

/// An instant as people of `locale` write it in `zone`; times have 24 hours.
pub fn date(locale: Locale, zone: Tz, at: DateTime<Utc>, style: DateStyle) -> String {
    let pattern = match (style, locale) {
        (DateStyle::Date, Locale::En) => "%A %-d %B %Y",
        (DateStyle::Date, Locale::Es) => "%A, %-d de %B de %Y",
        (DateStyle::Date, Locale::Is) => "%A %-d. %B %Y",
        (DateStyle::Day, Locale::En | Locale::Es) => "%a %-d %b",
        (DateStyle::Day, Locale::Is) => "%a %-d. %b",
        (DateStyle::Time, _) => "%H:%M",
        (DateStyle::DateTime, Locale::En) => "%A %-d %B %Y, %H:%M",
        (DateStyle::DateTime, Locale::Es) => "%A, %-d de %B de %Y, %H:%M",
        (DateStyle::DateTime, Locale::Is) => "%A %-d. %B %Y, kl. %H:%M",
    };
    let names = match locale {
        Locale::En => chrono::Locale::en_GB,
        Locale::Es => chrono::Locale::es_ES,
        Locale::Is => chrono::Locale::is_IS,
    };
    at.with_timezone(&zone).format_localized(pattern, names).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_zone() {
        // 23:30 UTC on 2 March is already the third in Madrid.
        let at = DateTime::from_timestamp(1_804_030_200, 0).unwrap();
        let madrid = date(Locale::Es, chrono_tz::Europe::Madrid, at, DateStyle::DateTime);
        assert_eq!(madrid, "miércoles, 3 de marzo de 2027, 00:30");
        let reykjavik = date(Locale::Is, chrono_tz::Atlantic::Reykjavik, at, DateStyle::Date);
        assert_eq!(reykjavik, "þriðjudagur 2. mars 2027");
    }
}
