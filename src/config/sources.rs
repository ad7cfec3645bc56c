//! Where settings come from: a TOML file, the environment, flags; each turned into texts by key.

use std::fmt;

use super::faults::ConfigFault;
use super::settings::{SETTINGS, Setting};

/// Who set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file, by the name it was opened with.
    File(String),
    /// A variable of the environment.
    Environment(String),
    /// An argument of the command.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(name) => write!(f, "file {name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One value somebody gave.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The setting it is for.
    pub setting: &'static Setting,
    /// As given; a list has commas between its members.
    pub text: String,
    /// Who gave it.
    pub origin: Origin,
}

/// All values given so far, weakest first, and what was wrong with the sources themselves.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    values: Vec<Value>,
    faults: Vec<ConfigFault>,
    warnings: Vec<String>,
}

impl Sources {
    /// Takes the settings of a TOML text; `name` is shown in messages.
    pub fn file(&mut self, name: &str, text: &str) {
        let origin = Origin::File(name.to_owned());
        match text.parse::<toml::Table>() {
            Ok(table) => self.table("", &table, &origin),
            Err(error) => {
                self.faults.push(ConfigFault::source(&origin, &place_and_reason(text, &error)));
            }
        }
    }

    /// Takes every variable that starts with `ROUNDSMAN_`.
    ///
    /// One that names no setting is a warning, not a fault: Kubernetes puts such variables into a
    /// container by itself when a service is called `roundsman`.
    pub fn environment(&mut self, variables: impl IntoIterator<Item = (String, String)>) {
        let mut ours: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| name.starts_with("ROUNDSMAN_") && !is_for_others(name))
            .collect();
        ours.sort();
        for (name, text) in ours {
            match SETTINGS.iter().find(|setting| setting.variable() == name) {
                Some(setting) => {
                    self.values.push(Value { setting, text, origin: Origin::Environment(name) });
                }
                None => self.warnings.push(format!("{name}: no setting is called so; ignored")),
            }
        }
    }

    /// Takes one `KEY=VALUE`, or a value that the flag `name` gives to `key`.
    pub fn flag(&mut self, name: &str, key: &str, text: &str) {
        self.give(key, text.to_owned(), Origin::Flag(name.to_owned()));
    }

    /// What somebody should look at, though the server can start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// All values, weakest first.
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Who set the value that counts; `None` for the default.
    pub fn origin_of(&self, setting: &Setting) -> Option<&Origin> {
        self.origin(setting.key)
    }

    /// Who set the value of a key that counts; `None` for the default.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        let strongest = self.values.iter().rfind(|value| value.setting.key == key);
        strongest.map(|value| &value.origin)
    }

    /// What was wrong with the sources themselves.
    pub(super) fn faults(&self) -> &[ConfigFault] {
        &self.faults
    }

    fn table(&mut self, prefix: &str, table: &toml::Table, origin: &Origin) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                toml::Value::Table(inner) => self.table(&format!("{key}."), inner, origin),
                toml::Value::Array(members) => {
                    let text: Vec<_> = members.iter().map(text_of).collect();
                    self.give(&key, text.join(","), origin.clone());
                }
                single => self.give(&key, text_of(single), origin.clone()),
            }
        }
    }

    fn give(&mut self, key: &str, text: String, origin: Origin) {
        match SETTINGS.iter().find(|setting| setting.key == key) {
            Some(setting) => self.values.push(Value { setting, text, origin }),
            None => self.faults.push(ConfigFault::unknown(key, &origin, nearest(key))),
        }
    }
}

/// Variables of ours that are no settings.
fn is_for_others(name: &str) -> bool {
    matches!(name, "ROUNDSMAN_CONFIG" | "ROUNDSMAN_PASSWORD") || name.starts_with("ROUNDSMAN_TEST_")
}

/// Where a TOML text is wrong, and why, in one line.
fn place_and_reason(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let (line, last) = (before.matches('\n').count() + 1, before.rsplit('\n').next());
    let column = last.unwrap_or_default().chars().count() + 1;
    let reason = error.message().replace('\n', ", ");
    format!("is no TOML at line {line}, column {column}: {reason}")
}

fn text_of(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The setting whose key needs the fewest changed letters, if that is at most a third of them.
fn nearest(key: &str) -> Option<&'static str> {
    let by_distance = SETTINGS.iter().map(|setting| (distance(key, setting.key), setting.key));
    by_distance.min().filter(|(changes, name)| changes * 3 <= name.len()).map(|(_, name)| name)
}

/// Levenshtein distance in bytes. Cost: O(left x right).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, l) in left.bytes().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (at, r) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(l != r);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
