//! Numbers that are none, or out of their range: named, and taken as others so that reading goes on.

use serde_json::Value;

use crate::formats::faults::{Fault, Faults};

/// The value of a text, and every number in it that is none.
pub(super) fn parse(text: &str) -> Result<(Value, Faults), Faults> {
    let error = match serde_json::from_str(text) {
        Ok(value) => return Ok((value, Faults::default())),
        Err(error) => error,
    };
    let (mended, faults) = without_wild(text);
    if !faults.0.is_empty()
        && let Ok(value) = serde_json::from_str(&mended)
    {
        return Ok((value, faults));
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Err(Faults::one(format!("line {}, column {}", error.line(), error.column()), message))
}

/// The text with 0 in place of each `NaN`, infinity and number too large to be held.
fn without_wild(text: &str) -> (String, Faults) {
    let (mut mended, mut faults) = (String::with_capacity(text.len()), Faults::default());
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let (mut quoted, mut at) = (false, 0);
        while let Some(first) = line[at..].chars().next() {
            let of_number = |it: char| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.');
            let length = if quoted || !of_number(first) {
                // What is behind a backslash ends no text; texts do not go on in the next line.
                let escaped = quoted && first == '\\';
                quoted ^= first == '"';
                line[at..].chars().take(1 + usize::from(escaped)).map(char::len_utf8).sum()
            } else {
                line[at..].find(|it| !of_number(it)).unwrap_or(line.len() - at)
            };
            let word = &line[at..at + length];
            if !quoted && is_wild(word) {
                let column = line[..at].chars().count() + 1;
                faults
                    .add(format!("line {number}, column {column}"), format!("{word} is no number"));
                mended.push('0');
            } else {
                mended.push_str(word);
            }
            at += length;
        }
    }
    (mended, faults)
}

fn is_wild(word: &str) -> bool {
    matches!(word, "NaN" | "nan") || word.parse::<f64>().is_ok_and(|number| !number.is_finite())
}

/// Sets a number that is out of its range to the nearest one in it; whether the fault is of that kind.
pub(super) fn mend(value: &mut Value, fault: &Fault) -> bool {
    let words = [" is less than ", " is more than "];
    let bound = words.iter().find_map(|words| fault.message.split_once(words));
    let Some(bound) = bound.and_then(|(_, bound)| serde_json::from_str(bound).ok()) else {
        return false;
    };
    let path = fault.at.replace(['.', '['], "/").replace(']', "");
    let found = value.pointer_mut(&format!("/{path}"));
    found.is_some_and(|found| {
        *found = bound;
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_none_are_named_where_they_stand() {
        let text = "{\"NaN\": \"1e999 \\\"\", \"a\": NaN,\n \"b\": [-Infinity, 1e400, 3]}";
        let (value, faults) = parse(text).unwrap();
        assert_eq!(value["b"], serde_json::json!([0, 0, 3]));
        assert_eq!(value["NaN"], "1e999 \"");
        let places: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
        assert_eq!(places, ["line 1, column 26", "line 2, column 8", "line 2, column 19"]);
        assert!(parse("{NaN").is_err());
    }
}
