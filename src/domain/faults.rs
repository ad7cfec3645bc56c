//! Faults of an input: every one of them, each with its field, its value and the way out.

mod rules;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::error::AppError;

pub use rules::FaultRule;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// Path of the offending field, for instance `working_hours[2].until`.
    pub field: String,
    /// The offending value, as it came; cut to 100 characters.
    pub value: String,
    /// What is wrong, what is allowed, and what to do.
    pub message: String,
    /// Which common rule is broken, for pages that say it in the reader's words; none for other rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<FaultRule>,
    /// The numbers of that rule, for instance the least and the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<i64>,
}

impl Fault {
    /// A fault; its rule is told by its message.
    pub fn new(field: impl Into<String>, value: String, message: impl Into<String>) -> Self {
        let message = message.into();
        let (rule, numbers) = rules::told(&message).unzip();
        Self { field: field.into(), value, message, rule, numbers: numbers.unwrap_or_default() }
    }
}

/// Collects the faults of one input.
///
/// ```
/// let mut faults = roundsman::domain::faults::Faults::default();
/// faults.check(5 <= 3, "crew.size", 5, "must be at most 3");
/// assert_eq!(faults.list()[0].field, "crew.size");
/// assert!(faults.into_result().is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    prefix: String,
    list: Vec<Fault>,
}

impl Faults {
    /// Notes a fault unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, value: impl ToString, message: &str) {
        if !holds {
            self.add(field, value, message);
        }
    }

    /// Notes a fault.
    pub fn add(&mut self, field: &str, value: impl ToString, message: impl Into<String>) {
        let value: String = value.to_string().chars().take(100).collect();
        let field = format!("{}{field}", self.prefix);
        self.list.push(Fault::new(field, value, message));
    }

    /// Runs `checks` with `prefix` before the names of the fields it reports.
    pub fn within(&mut self, prefix: &str, checks: impl FnOnce(&mut Self)) {
        let length = self.prefix.len();
        self.prefix.push_str(prefix);
        checks(self);
        self.prefix.truncate(length);
    }

    /// Takes over the faults found elsewhere.
    pub fn extend(&mut self, other: Vec<Fault>) {
        self.list.extend(other);
    }

    /// What was found so far.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// What a further step gives, if nothing was found before it; otherwise the faults of both, those of
    /// the step with `prefix` before their fields. What has a fault already gets no second one.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all faults; if there are none, what the step fails with.
    pub fn and<T>(mut self, prefix: &str, step: Result<T, AppError>) -> Result<T, AppError> {
        match step {
            Ok(done) => self.into_result().map(|()| done).map_err(AppError::Invalid),
            Err(AppError::Invalid(more)) => {
                for fault in more {
                    let field = format!("{prefix}{}", fault.field);
                    if self.list.iter().all(|known| known.field != field) {
                        self.list.push(Fault { field, ..fault });
                    }
                }
                Err(AppError::Invalid(self.list))
            }
            Err(error) => Err(self.into_result().map_or_else(AppError::Invalid, |()| error)),
        }
    }

    /// `Ok` if nothing was found.
    ///
    /// # Errors
    /// All faults found.
    pub fn into_result(self) -> Result<(), Vec<Fault>> {
        if self.list.is_empty() { Ok(()) } else { Err(self.list) }
    }
}

/// A value that can say what is wrong with itself.
pub trait Validate {
    /// Notes every fault of `self`, without looking at anything else.
    fn validate(&self, faults: &mut Faults);

    /// Every fault of `self`.
    ///
    /// # Errors
    /// The faults, if there are any.
    fn validated(&self) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        self.validate(&mut faults);
        faults.into_result()
    }
}

/// Notes a fault if `text` has more than `max` characters; it may be empty.
pub fn check_length(faults: &mut Faults, field: &str, text: &str, max: usize) {
    let count = text.chars().count();
    if count > max {
        faults.add(
            field,
            shortened(text),
            format!("must have at most {max} characters, has {count}"),
        );
    }
}

/// Notes a fault if `text` holds characters that nobody types: databases refuse some of them, and
/// others make words impossible to find. Line breaks and tabs are fine.
pub fn check_characters(faults: &mut Faults, field: &str, text: &str) {
    let strange = |found: &char| found.is_control() && !matches!(found, '\n' | '\r' | '\t');
    if let Some(found) = text.chars().find(strange) {
        let code = u32::from(found);
        let message = format!("must not hold control characters; it holds U+{code:04X}");
        faults.add(field, shortened(text), message);
    }
}

/// A value as it is shown in a fault: texts without quotes.
pub fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The first characters of a text, so that a fault never repeats a whole book.
pub fn shortened(text: &str) -> String {
    let shown: String = text.chars().filter(|found| !found.is_control()).take(60).collect();
    if text.chars().count() > 60 { format!("{shown}…") } else { shown }
}

/// Notes a fault unless `text` has 1 to `max` characters, not only white space.
pub fn check_text(faults: &mut Faults, field: &str, text: &str, max: usize) {
    let count = text.chars().count();
    if text.trim().is_empty() || count > max {
        faults.add(field, shortened(text), format!("must have 1 to {max} characters, has {count}"));
    }
}
