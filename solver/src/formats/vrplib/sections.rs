//! Headers and sections of a VRPLIB document, not yet understood.

use std::collections::HashMap;

use crate::formats::faults::Faults;

/// A line of a section.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    /// Line of the document, from 1.
    pub at: usize,
    /// What is between the spaces.
    pub fields: Vec<&'a str>,
}

/// A document by headers and sections.
#[derive(Debug, Default)]
pub(super) struct Sections<'a> {
    headers: HashMap<&'a str, (usize, &'a str)>,
    sections: HashMap<&'a str, Vec<Row<'a>>>,
}

const HEADERS: [&str; 11] = [
    "NAME",
    "COMMENT",
    "TYPE",
    "DIMENSION",
    "CAPACITY",
    "VEHICLES",
    "SERVICE_TIME",
    "EDGE_WEIGHT_TYPE",
    "EDGE_WEIGHT_FORMAT",
    "NODE_COORD_TYPE",
    "DISPLAY_DATA_TYPE",
];
const SECTIONS: [&str; 6] =
    ["NODE_COORD", "EDGE_WEIGHT", "DEMAND", "TIME_WINDOW", "SERVICE_TIME", "DEPOT"];

impl<'a> Sections<'a> {
    /// Takes a document apart; unknown headers and sections are faults, since a rule that is not
    /// understood would be broken.
    pub(super) fn read(text: &'a str, faults: &mut Faults) -> Self {
        let mut found = Self::default();
        let mut section: Option<&str> = None;
        for (at, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() {
                continue;
            }
            if line == "EOF" {
                break;
            }
            if let Some(name) = line.trim_end_matches([':', ' ']).strip_suffix("_SECTION") {
                if !SECTIONS.contains(&name) {
                    faults.add(format!("line {at}"), format!("{name}_SECTION is not known"));
                }
                if found.sections.insert(name, Vec::new()).is_some() {
                    faults.add(format!("line {at}"), format!("a second {name}_SECTION"));
                }
                section = Some(name);
            } else if let Some((name, value)) = header(line) {
                if !HEADERS.contains(&name) {
                    faults.add(format!("line {at}"), format!("header {name} is not known"));
                }
                found.headers.insert(name, (at, value));
            } else if let Some(name) = section {
                let fields = line.split_whitespace().collect();
                found.sections.entry(name).or_default().push(Row { at, fields });
            } else {
                faults.add(format!("line {at}"), format!("{line:?} is no header"));
            }
        }
        if let Some((at, kind)) = found.header("TYPE")
            && !matches!(kind, "CVRP" | "VRPTW" | "VRP" | "CVRPTW")
        {
            faults.add(format!("line {at}"), format!("type {kind:?}; CVRP and VRPTW are known"));
        }
        found
    }

    /// A header's line and value.
    pub(super) fn header(&self, name: &str) -> Option<(usize, &'a str)> {
        self.headers.get(name).copied()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.sections.contains_key(name)
    }

    /// The lines of a section.
    pub(super) fn rows(&self, name: &str) -> &[Row<'a>] {
        self.sections.get(name).map_or(&[], Vec::as_slice)
    }

    /// Number of nodes; 0 if it is not said.
    pub(super) fn dimension(&self, faults: &mut Faults) -> usize {
        let Some((at, text)) = self.header("DIMENSION") else {
            faults.add("document", "no DIMENSION");
            return 0;
        };
        text.parse().unwrap_or_else(|_| {
            faults.add(format!("line {at}"), format!("DIMENSION is {text:?}; expected a number"));
            0
        })
    }
}

/// `NAME : value`, with a name in capitals.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim();
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some((name, value.trim()))
}
