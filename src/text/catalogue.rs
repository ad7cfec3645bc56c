//! The texts of all locales, read once.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::text::Locale;

/// Area, then its texts in the order of [`Locale::ALL`].
type Area = (&'static str, [&'static str; 3]);

macro_rules! area {
    ($name:literal) => {
        (
            $name,
            [
                include_str!(concat!("../../locales/en/", $name, ".json")),
                include_str!(concat!("../../locales/es/", $name, ".json")),
                include_str!(concat!("../../locales/is/", $name, ".json")),
            ],
        )
    };
}

/// One line for each part of the product; a key is `<area>.<key in the file>`.
const AREAS: &[Area] = &[
    area!("common"),
    area!("booking"),
    area!("messages"),
    area!("day"),
    area!("visit"),
    area!("board"),
    area!("calendar"),
    area!("setup"),
    area!("calendars"),
    area!("notices"),
    area!("reasons"),
];

type Texts = HashMap<String, String>;

/// The text of `key` before anything is filled in.
pub(super) fn template(locale: Locale, key: &str) -> Option<&'static str> {
    static TEXTS: OnceLock<[Texts; 3]> = OnceLock::new();
    let all = TEXTS.get_or_init(|| [0, 1, 2].map(read));
    all[locale as usize].get(key).map(String::as_str)
}

/// The texts of the locale at `place`; a test proves that every file is a map of texts.
fn read(place: usize) -> Texts {
    let mut texts = Texts::new();
    for (area, files) in AREAS {
        let file: HashMap<String, String> = serde_json::from_str(files[place]).unwrap_or_default();
        texts.extend(file.into_iter().map(|(key, text)| (format!("{area}.{key}"), text)));
    }
    texts
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The names in braces of a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let after_brace = text.split('{').skip(1);
        after_brace.filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
    }

    #[test]
    fn every_locale_has_every_key_with_the_same_names() {
        for (area, files) in AREAS {
            let texts = files.map(|file| {
                serde_json::from_str::<BTreeMap<String, String>>(file)
                    .unwrap_or_else(|error| panic!("locales/*/{area}.json: {error}"))
            });
            for (place, locale) in Locale::ALL.into_iter().enumerate() {
                let keys =
                    |texts: &BTreeMap<String, String>| texts.keys().cloned().collect::<Vec<_>>();
                assert_eq!(keys(&texts[0]), keys(&texts[place]), "{area} in {}", locale.tag());
                for (key, text) in &texts[0] {
                    let translated = &texts[place][key];
                    assert_eq!(names(text), names(translated), "{area}.{key} in {}", locale.tag());
                    assert!(!translated.trim().is_empty(), "{area}.{key} in {}", locale.tag());
                }
            }
        }
    }
}
