//! Words as they are compared: lower case, without accents, foreign letters as people type them.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The words of a text as they are compared.
pub(super) fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c == ',' || c == '.' || c.is_whitespace());
    parts.map(folded).filter(|word| !word.is_empty()).collect()
}

/// A word in lower case, without accents; letters that keyboards elsewhere lack are spelled out.
pub(super) fn folded(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ð' | 'đ' => plain.push('d'),
            'þ' => plain.push_str("th"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'ß' => plain.push_str("ss"),
            'ł' => plain.push('l'),
            _ => plain.push(c),
        }
    }
    plain
}

/// Whether the start of `word` is `part`, but for one letter that is missing, extra, other or
/// swapped with its neighbour. Short words must be right.
pub(super) fn almost_starts(word: &str, part: &str) -> bool {
    const SHORTEST: usize = 4;
    let (word, part): (Vec<char>, Vec<char>) = (word.chars().collect(), part.chars().collect());
    if part.len() < SHORTEST {
        return false;
    }
    let Some(at) = (0..part.len()).find(|at| word.get(*at) != Some(&part[*at])) else {
        return true;
    };
    let rest = |from: usize| word.get(from..).unwrap_or_default();
    let left = |from: usize| part.get(from..).unwrap_or_default();
    let swapped = part.get(at + 1) == word.get(at) && part.get(at) == word.get(at + 1);
    rest(at + 1).starts_with(left(at + 1))
        || rest(at).starts_with(left(at + 1))
        || rest(at + 1).starts_with(left(at))
        || (swapped && rest(at + 2).starts_with(left(at + 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_the_north_are_spelled_as_people_type_them() {
        assert_eq!(words("Þórsgata 12b, 101 Reykjavík"), ["thorsgata", "12b", "101", "reykjavik"]);
        assert_eq!(folded("Ægisíða"), "aegisida");
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        for typed in ["skeifn", "skefan", "skeiffa", "skefian", "skeyfan"] {
            assert!(almost_starts("skeifan", typed), "{typed}");
        }
        assert!(!almost_starts("skeifan", "skyefan1"));
        assert!(!almost_starts("skeifan", "ske"));
    }
}
