//! Text folded for searching and sorting, the same on every database.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Text without case, accents and runs of white space, in compatibility form.
///
/// `ß` and `SS`, `É` and `e`, full-width and plain letters become equal. Marks outside the block of
/// combining accents stay, since in other scripts they tell words apart.
pub(crate) fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|c| !is_accent(*c)).collect();
    // A final sigma would keep the start of a word from being found inside it.
    let folded = plain.to_uppercase().to_lowercase().replace('ς', "σ");
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An e-mail address as it is compared: accents count, case does not.
pub(crate) fn email_key(email: &str) -> String {
    email.trim().nfc().collect::<String>().to_lowercase()
}

fn is_accent(c: char) -> bool {
    is_combining_mark(c) && ('\u{300}'..='\u{36f}').contains(&c)
}

/// Letters that keyboards elsewhere lack, folded, and how people there type them.
const SPELLED: [(&str, &str); 7] =
    [("ð", "d"), ("þ", "th"), ("æ", "ae"), ("ø", "o"), ("œ", "oe"), ("đ", "d"), ("ł", "l")];

/// A folded column in SQL with all letters as keyboards elsewhere have them.
///
/// Spelled out when it is asked for, so that what was stored before is found as well.
pub(crate) fn spelled(column: &str) -> String {
    SPELLED.iter().fold(column.to_owned(), |sql, (letter, typed)| {
        format!("replace({sql}, '{letter}', '{typed}')")
    })
}

/// A `like` pattern for a [`spelled`] column, escaped with `\`, for each word of a search.
pub(crate) fn patterns(text: &str) -> Vec<String> {
    let text = SPELLED.iter().fold(fold(text), |text, (letter, typed)| text.replace(letter, typed));
    text.split(' ').filter(|word| !word.is_empty()).map(pattern).collect()
}

fn pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::{fold, patterns};

    #[test]
    fn case_accents_and_width_do_not_matter() {
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("José"), fold("JOSE\u{301}"));
        assert_eq!(fold("ＡＢＣ"), "abc");
        assert_eq!(fold("ΟΔΥΣΣΕΥΣ"), fold("οδυσσευς"));
        assert!(fold("ΟΔΥΣΣΕΥΣ").contains(&fold("Οδυσ")));
        assert_eq!(fold("Þórdís"), "þordis");
        assert_eq!(fold("  a \t b "), "a b");
    }

    #[test]
    fn marks_that_make_words_stay() {
        // Two different Hindi words that differ in a vowel sign only.
        assert_ne!(fold("कल"), fold("काल"));
    }

    #[test]
    fn wildcards_are_letters() {
        assert_eq!(patterns("50% a_b"), ["%50\\%%", "%a\\_b%"]);
    }

    #[test]
    fn letters_of_the_north_are_looked_for_as_people_type_them() {
        assert_eq!(patterns("Sævar Þórðarson"), patterns("saevar thordarson"));
        assert_eq!(patterns("Bjørn Straße"), ["%bjorn%", "%strasse%"]);
    }
}
