//! The rules that most faults break, told by the words of their messages.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule that many fields have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultRule {
    /// Something must be there.
    Missing,
    /// A text has so many characters at least, and so many at most.
    Length,
    /// A text has so many characters at most.
    Longest,
    /// A number is so much at least, and so much at most.
    Range,
    /// A number is so much at least.
    AtLeast,
    /// A number is so much at most.
    AtMost,
    /// A number has no fraction.
    WholeNumber,
    /// A text is an e-mail address.
    Email,
    /// A text is a telephone number.
    Phone,
    /// What is named exists.
    Known,
    /// A moment is over.
    Past,
}

/// The rule of a message with its numbers; none if it is another rule.
pub(super) fn told(message: &str) -> Option<(FaultRule, Vec<i64>)> {
    let words: Vec<&str> = message.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    let (rule, numbers) = match words[..] {
        ["is", "missing" | "required"]
        | ["must", "have", "1", "to", _, "characters", "has", "0"] => (FaultRule::Missing, vec![]),
        ["must", "have", least, "to", most, "characters", ..] => {
            (FaultRule::Length, vec![least, most])
        }
        ["must", "have", "at", "most", most, "characters", ..] => (FaultRule::Longest, vec![most]),
        // At the end there may be a unit.
        ["must", "be", least, "to", most] | ["must", "be", least, "to", most, _] => {
            (FaultRule::Range, vec![least, most])
        }
        ["must", "be", "at", "least", least] => (FaultRule::AtLeast, vec![least]),
        ["must", "be", "at", "most", most] => (FaultRule::AtMost, vec![most]),
        ["must", "be", "a", "whole", "number"] => (FaultRule::WholeNumber, vec![]),
        ["must", "be", "an", "e-mail", "address", ..] => (FaultRule::Email, vec![]),
        ["must", "be", "a", "telephone", "number", ..] => (FaultRule::Phone, vec![]),
        ["no", "such", _] => (FaultRule::Known, vec![]),
        ["must", "not", "lie", "in", "the", "future"] => (FaultRule::Past, vec![]),
        _ => return None,
    };
    let numbers: Option<Vec<i64>> = numbers.iter().map(|word| word.parse().ok()).collect();
    Some((rule, numbers?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::faults::{Fault, Faults, check_length, check_text};

    fn rule_of(message: &str) -> Option<FaultRule> {
        told(message).map(|(rule, _)| rule)
    }

    #[test]
    fn common_rules_are_told_by_their_messages() {
        assert_eq!(told("must be 1 to 1440 minutes"), Some((FaultRule::Range, vec![1, 1440])));
        assert_eq!(told("must be at least 0"), Some((FaultRule::AtLeast, vec![0])));
        let email = "must be an e-mail address such as name@example.com";
        assert_eq!(rule_of(email), Some(FaultRule::Email));
        assert_eq!(rule_of("no such technician"), Some(FaultRule::Known));
    }

    #[test]
    fn what_only_begins_like_a_common_rule_is_none() {
        for other in ["must be at most 92 days after from", "must be ten to twenty", "must be 1 to"]
        {
            assert_eq!(rule_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_checks_of_texts_say_their_rule() {
        let mut faults = Faults::default();
        check_text(&mut faults, "name", "", 20);
        check_text(&mut faults, "name", &"a".repeat(21), 20);
        check_length(&mut faults, "note", &"a".repeat(21), 20);
        let rules = |fault: &Fault| (fault.rule, fault.numbers.clone());
        let expected = [
            (FaultRule::Missing, vec![]),
            (FaultRule::Length, vec![1, 20]),
            (FaultRule::Longest, vec![20]),
        ];
        let expected = expected.map(|(rule, numbers)| (Some(rule), numbers));
        assert_eq!(faults.list().iter().map(rules).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_fault_without_a_common_rule_is_written_as_before() {
        let long = Fault::new("name", "aa".to_owned(), "must have 1 to 1 characters, has 2");
        let written = serde_json::to_value(&long).unwrap();
        assert_eq!((&written["rule"], &written["numbers"]), (&json!("length"), &json!([1, 1])));
        let other = Fault::new("slug", String::new(), "must differ from all others");
        let expected =
            json!({ "field": "slug", "value": "", "message": "must differ from all others" });
        assert_eq!(serde_json::to_value(&other).unwrap(), expected);
    }
}
