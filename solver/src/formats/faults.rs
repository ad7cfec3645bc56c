//! What is wrong with a document: every fault, each with where it is.

use crate::optimize::model::ModelFaults;

/// One fault of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {message}")]
pub struct Fault {
    /// Where: a path such as `visits[3].windows[0].earliest`, or a line.
    pub at: String,
    /// What is wrong, with the value and what is allowed.
    pub message: String,
}

/// Every fault of a document, in the order of the document; never empty as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A single fault.
    pub fn one(at: impl Into<String>, message: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(at, message);
        faults
    }

    /// Notes a fault.
    pub fn add(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.0.push(Fault { at: at.into(), message: message.into() });
    }

    /// `value` if nothing was found wrong.
    ///
    /// # Errors
    /// These faults, if there are some.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<ModelFaults> for Faults {
    fn from(found: ModelFaults) -> Self {
        let fault = |fault: crate::optimize::model::ModelFault| Fault {
            at: "model".to_owned(),
            message: fault.to_string(),
        };
        Self(found.0.into_iter().map(fault).collect())
    }
}
