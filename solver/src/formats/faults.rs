//! What is wrong with a document: every fault, each with where it is.

use crate::formats::cases::{Case, Names};
use crate::optimize::model::{ModelFault, ModelFaults};

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

    /// Faults of a model in the words of the document it came from.
    pub fn of_model(found: ModelFaults, case: &Case) -> Self {
        Self(found.0.into_iter().map(|fault| named(&fault, case)).collect())
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
        let fault =
            |fault: ModelFault| Fault { at: "model".to_owned(), message: fault.to_string() };
        Self(found.0.into_iter().map(fault).collect())
    }
}

/// A fault of a model with the names of the document, where its lists have it.
fn named(fault: &ModelFault, case: &Case) -> Fault {
    let names = &case.names;
    let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or(at.to_string());
    let visit = |at: usize| name(&names.visits, at);
    let link = |at: &usize| format!("links[{at}]");
    let (at, message) = match fault {
        ModelFault::Cycle { visits } => {
            let circle: Vec<String> = visits.iter().map(|it| visit(it.at())).collect();
            let circle = circle.join(", ");
            ("links".to_owned(), format!("visits wait for each other in a circle: {circle}"))
        }
        ModelFault::Overlap { first, second } => {
            let first = name(&names.shifts, first.at());
            let message = format!("starts before shift {first} of the same technician ends");
            (format!("shifts[{}]", second.at()), message)
        }
        ModelFault::SelfLink { at, visit: bound } => {
            (link(at), format!("binds visit {} to itself", visit(bound.at())))
        }
        ModelFault::Crews { at, first, second, wanted } => {
            (link(at), format!("binds crews of {first} and {second}; they must be {wanted}"))
        }
        ModelFault::EndsBeforeItStarts { what, at, from, until } => {
            let (from, until) = (case.moment_text(*from), case.moment_text(*until));
            listed(
                what,
                *at,
                names,
                &format!("{what} {at} ends at {until}, before it starts at {from}"),
            )
        }
        ModelFault::Unknown { what, at, .. }
        | ModelFault::WrongLength { what, at, .. }
        | ModelFault::Unordered { what, at }
        | ModelFault::OutOfRange { what, at, .. } => listed(what, *at, names, &fault.to_string()),
    };
    Fault { at, message }
}

/// Where a list of the document has something, and a message with its name in place of its number.
fn listed(what: &str, at: usize, names: &Names, message: &str) -> (String, String) {
    let kinds = [
        ("technician", "technicians", Some(&names.technicians)),
        ("shift", "shifts", Some(&names.shifts)),
        ("visit", "visits", Some(&names.visits)),
        ("pool", "pools", Some(&names.pools)),
        ("link", "links", None),
    ];
    // "break of shift" stands with the shift.
    let last = what.rsplit(' ').next().unwrap_or(what);
    let Some((kind, list, names)) = kinds.into_iter().find(|(kind, ..)| *kind == last) else {
        return ("model".to_owned(), message.to_owned());
    };
    let named = names.and_then(|names| names.get(at)).map_or_else(
        || message.to_owned(),
        |name| message.replacen(&format!("{kind} {at}"), &format!("{kind} {name}"), 1),
    );
    (format!("{list}[{at}]"), named)
}
