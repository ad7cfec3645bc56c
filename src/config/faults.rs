//! What is wrong with the settings, in words that say what to do.

use std::fmt;

use super::sources::{Origin, Value};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    text: String,
}

impl ConfigFault {
    /// A value its setting does not take.
    pub(super) fn refused(value: &Value, problem: &str) -> Self {
        let Value { setting, text, origin } = value;
        let text = setting.disguised(text);
        let (key, allowed, example) = (setting.key, setting.allowed, setting.example);
        Self {
            text: format!(
                "{key} = {text:?} ({origin}): {problem}; must be {allowed}, for instance {example}"
            ),
        }
    }

    /// A key that no setting has.
    pub(super) fn unknown(key: &str, origin: &Origin, nearest: Option<&str>) -> Self {
        let hint = nearest.map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        Self {
            text: format!(
                "{key} ({origin}): no such setting; {hint}`roundsman config --reference` lists all"
            ),
        }
    }

    /// Anything about a whole source.
    pub(super) fn source(origin: &Origin, problem: &str) -> Self {
        Self { text: format!("{origin}: {problem}") }
    }

    /// Settings that contradict each other.
    pub(super) fn together(text: String) -> Self {
        Self { text }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// All faults, one a line; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(ConfigFault::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<ConfigFault>);
