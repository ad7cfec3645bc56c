//! Positions and moments in the solver's sentences, for instance `VisitIdx(3)`, become words.

/// `mark`, a number and `)` become what `word` makes of the number, or the number itself.
pub(super) fn replaced(text: &str, mark: &str, word: impl Fn(i64) -> Option<String>) -> String {
    let mut parts = text.split(mark);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) => {
                let word = number.parse().ok().and_then(&word);
                done.push_str(&word.unwrap_or_else(|| number.to_owned()));
                done.push_str(rest);
            }
            None => done.push_str(part),
        }
    }
    done
}

/// The position that a number is.
pub(super) fn position(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_becomes_a_word_and_nothing_else_changes() {
        let word = |number: i64| (number < 2).then(|| ["a", "b"][position(number)].to_owned());
        let text = replaced("from X(1) to X(0), not X(7) (or Y(1))", "X(", word);
        assert_eq!(text, "from b to a, not 7 (or Y(1))");
    }
}
