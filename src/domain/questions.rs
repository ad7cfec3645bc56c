//! Questions of a service: what the business must know before somebody comes, and the answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::faults::{Faults, Validate, check_length, check_text};

/// Most questions of a service.
pub const QUESTIONS_MAX: usize = 40;
/// Most options of a question.
const OPTIONS_MAX: usize = 60;
/// Most characters of a short answer, and of a long one.
const SHORT_MAX: usize = 300;
const LONG_MAX: usize = 4000;
/// The answer of a check box that is ticked.
pub const TICKED: &str = "yes";

/// A question that a service asks whoever books it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Question {
    /// Its name in answers: 1 to 40 of a-z, 0-9 and `_`, unique in the service. A key that two
    /// services share is asked once when both are booked.
    pub key: String,
    /// What the customer reads.
    pub label: String,
    /// More words below it.
    #[serde(default)]
    pub help: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// What can be chosen, for `choice` and `drop_down`.
    #[serde(default)]
    pub options: Vec<String>,
    /// Whether it must be answered; a check box must be ticked.
    #[serde(default)]
    pub required: bool,
    /// Asked only after certain answers to an earlier question; always if none.
    #[serde(default)]
    pub only_if: Option<Condition>,
    /// Answers with which the service cannot be booked.
    #[serde(default)]
    pub disqualifies: Option<Disqualification>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// A line.
    Text,
    /// Several lines.
    LongText,
    /// One of a few options, all in sight.
    Choice,
    /// One of many options.
    DropDown,
    /// Yes, or nothing.
    CheckBox,
    /// A telephone number.
    Phone,
    /// A picture or a PDF document.
    File,
}

/// Certain answers to an earlier question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Condition {
    /// The key of the earlier question.
    pub key: String,
    /// One of these; `yes` for a ticked check box.
    pub answers: Vec<String>,
}

/// Answers with which a service cannot be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disqualification {
    /// One of these; `yes` for a ticked check box.
    pub answers: Vec<String>,
    /// What the customer reads then, and what to do instead.
    pub message: String,
}

/// An answer as it comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerGiven {
    /// The key of the question.
    pub key: String,
    /// The answer: text, one of the options, `yes` for a ticked check box, or the id of an upload.
    pub value: String,
}

/// An answer as a booking keeps it, with the question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The key of the question.
    pub key: String,
    /// What the customer read.
    pub label: String,
    /// How it was answered.
    pub kind: QuestionKind,
    /// The answer; of a file the id of the upload.
    pub value: String,
}

impl Question {
    /// Whether it is asked, given the answers to earlier questions.
    pub fn is_asked(&self, answers: &BTreeMap<String, String>) -> bool {
        self.only_if.as_ref().is_none_or(|condition| {
            answers.get(&condition.key).is_some_and(|given| condition.answers.contains(given))
        })
    }

    /// What stands against an answer; none if it fits.
    fn fault(&self, value: &str) -> Option<String> {
        let length = value.chars().count();
        match self.kind {
            QuestionKind::Text if length > SHORT_MAX => {
                Some(format!("must have at most {SHORT_MAX} characters, has {length}"))
            }
            QuestionKind::LongText if length > LONG_MAX => {
                Some(format!("must have at most {LONG_MAX} characters, has {length}"))
            }
            QuestionKind::Choice | QuestionKind::DropDown
                if !self.options.iter().any(|option| option == value) =>
            {
                Some(format!("must be one of: {}", self.options.join(", ")))
            }
            QuestionKind::CheckBox if value != TICKED => Some(format!("must be `{TICKED}`")),
            QuestionKind::Phone if !is_phone(value) => {
                Some("must be a telephone number with 4 to 20 digits".to_owned())
            }
            QuestionKind::File if uuid::Uuid::parse_str(value).is_err() => {
                Some("must be the id of an upload".to_owned())
            }
            _ => None,
        }
    }

    /// The words for who cannot book with this answer.
    pub fn disqualified(&self, value: &str) -> Option<&str> {
        let bad = self.disqualifies.as_ref()?;
        bad.answers.iter().any(|answer| answer == value).then_some(bad.message.as_str())
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let plain = |c: char| c.is_ascii_digit() || " +-()/.".contains(c);
    (4..=20).contains(&digits) && text.chars().count() <= 40 && text.chars().all(plain)
}

/// The questions of several services, each key once, in order.
pub fn united<'a>(all: impl IntoIterator<Item = &'a Question>) -> Vec<&'a Question> {
    let mut united: Vec<&Question> = Vec::new();
    for question in all {
        if !united.iter().any(|known| known.key == question.key) {
            united.push(question);
        }
    }
    united
}

/// The answers that count: to questions that are asked, without spaces around and not empty. Notes
/// what is wrong with them below `answers.<key>`.
///
/// * `whole`: whether everything required must be answered and no answer may disqualify; who takes a
///   booking by telephone may know better.
pub fn checked(
    questions: &[&Question],
    given: &BTreeMap<String, String>,
    whole: bool,
    faults: &mut Faults,
) -> Vec<Answer> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut answers = Vec::new();
    for question in questions {
        if !question.is_asked(&known) {
            continue;
        }
        let field = format!("answers.{}", question.key);
        let value = given.get(&question.key).map_or("", |value| value.trim());
        if value.is_empty() {
            faults.check(!(question.required && whole), &field, "", "must be answered");
            continue;
        }
        if let Some(message) = question.fault(value) {
            faults.add(&field, value, message);
            continue;
        }
        if let Some(message) = question.disqualified(value).filter(|_| whole) {
            faults.add(&field, value, message);
        }
        known.insert(question.key.clone(), value.to_owned());
        let (key, label) = (question.key.clone(), question.label.clone());
        answers.push(Answer { key, label, kind: question.kind, value: value.to_owned() });
    }
    for (key, value) in given {
        let asked = questions.iter().any(|question| question.key == *key);
        faults.check(asked, &format!("answers.{key}"), value, "no such question is asked");
    }
    answers
}

/// Notes what is wrong with the questions of a service.
pub(crate) fn validate_all(questions: &[Question], faults: &mut Faults) {
    let count = questions.len();
    faults.check(count <= QUESTIONS_MAX, "questions", count, "must be at most 40 questions");
    for (row, question) in questions.iter().enumerate() {
        let earlier = &questions[..row];
        faults.within(&format!("questions[{row}]."), |faults| {
            question.validate(faults);
            let unique = !earlier.iter().any(|other| other.key == question.key);
            faults.check(unique, "key", &question.key, "names another question of the service");
            if let Some(condition) = &question.only_if {
                let known = earlier.iter().any(|other| other.key == condition.key);
                let message = "must be the key of an earlier question";
                faults.check(known, "only_if.key", &condition.key, message);
            }
        });
    }
}

impl Validate for Question {
    fn validate(&self, faults: &mut Faults) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let fits = (1..=40).contains(&self.key.len()) && self.key.chars().all(plain);
        faults.check(fits, "key", &self.key, "must have 1 to 40 of a-z, 0-9 and _");
        check_text(faults, "label", &self.label, 300);
        check_length(faults, "help", &self.help, 1000);
        let chosen = matches!(self.kind, QuestionKind::Choice | QuestionKind::DropDown);
        let count = self.options.len();
        let fits = if chosen { (2..=OPTIONS_MAX).contains(&count) } else { count == 0 };
        let message = "must be 2 to 60 for choice and drop_down, none for others";
        faults.check(fits, "options", count, message);
        for (row, option) in self.options.iter().enumerate() {
            check_text(faults, &format!("options[{row}]"), option, 200);
            let unique = !self.options[..row].contains(option);
            faults.check(unique, &format!("options[{row}]"), option, "is there more than once");
        }
        if let Some(condition) = &self.only_if {
            let message = "name at least one answer";
            faults.check(!condition.answers.is_empty(), "only_if.answers", 0, message);
        }
        if let Some(bad) = &self.disqualifies {
            let message = "name at least one answer";
            faults.check(!bad.answers.is_empty(), "disqualifies.answers", 0, message);
            check_text(faults, "disqualifies.message", &bad.message, 500);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions() -> Vec<Question> {
        let text = r#"[
            {"key": "pets", "label": "Pets?", "kind": "choice", "options": ["no", "a dog"], "required": true},
            {"key": "dog", "label": "Its name?", "kind": "text", "required": true,
             "only_if": {"key": "pets", "answers": ["a dog"]}},
            {"key": "asbestos", "label": "Asbestos?", "kind": "check_box",
             "disqualifies": {"answers": ["yes"], "message": "Call us."}},
            {"key": "phone", "label": "Telephone of the key keeper", "kind": "phone"}
        ]"#;
        serde_json::from_str(text).unwrap()
    }

    fn asked(given: &[(&str, &str)], whole: bool) -> (Vec<String>, Vec<String>) {
        let questions = questions();
        let all: Vec<&Question> = questions.iter().collect();
        let given = given.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let mut faults = Faults::default();
        let answers = checked(&all, &given.collect(), whole, &mut faults);
        let fields = faults.list().iter().map(|fault| fault.field.clone()).collect();
        (answers.into_iter().map(|answer| answer.key).collect(), fields)
    }

    #[test]
    fn a_question_that_is_not_asked_need_not_be_answered_and_is_not_kept() {
        let (kept, faults) = asked(&[("pets", "no"), ("dog", "Snati")], true);
        assert_eq!((kept, faults), (vec!["pets".to_owned()], vec![]));
        let (_, faults) = asked(&[("pets", "a dog")], true);
        assert_eq!(faults, ["answers.dog"]);
    }

    #[test]
    fn answers_that_disqualify_or_do_not_fit_are_faults() {
        let (_, faults) = asked(&[("asbestos", "yes"), ("phone", "call me"), ("x", "1")], true);
        assert_eq!(faults, ["answers.pets", "answers.asbestos", "answers.phone", "answers.x"]);
    }

    #[test]
    fn by_telephone_what_is_given_must_fit_and_the_rest_may_be_missing() {
        let (kept, faults) = asked(&[("asbestos", "yes")], false);
        assert_eq!((kept, faults), (vec!["asbestos".to_owned()], vec![]));
        assert_eq!(asked(&[("pets", "a cat")], false).1, ["answers.pets"]);
    }

    #[test]
    fn questions_name_earlier_ones_and_have_keys_of_their_own() {
        let mut all = questions();
        all[1].only_if = Some(Condition { key: "phone".into(), answers: vec!["x".into()] });
        all[3].key = "pets".to_owned();
        let mut faults = Faults::default();
        validate_all(&all, &mut faults);
        let fields: Vec<_> = faults.list().iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["questions[1].only_if.key", "questions[3].key"]);
    }
}
