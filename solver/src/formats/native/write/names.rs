//! A word for everything a case speaks of: its own, or one made up, each once.

use std::collections::HashSet;

use crate::formats::cases::Case;

/// What things are called, each list by index of the model.
pub(super) struct Words {
    pub(super) places: Vec<String>,
    pub(super) technicians: Vec<String>,
    pub(super) shifts: Vec<String>,
    pub(super) visits: Vec<String>,
    pub(super) pools: Vec<String>,
    pub(super) loads: Vec<String>,
    skills: Vec<String>,
    zones: Vec<String>,
    tools: Vec<String>,
}

impl Words {
    pub(super) fn new(case: &Case) -> Self {
        let (names, model) = (&case.names, &case.model);
        let places = model.place_count().max(case.coordinates.len()).max(names.places.len());
        Self {
            places: listed("place", &names.places, places),
            technicians: listed("technician", &names.technicians, model.technicians.len()),
            shifts: listed("shift", &names.shifts, model.shifts.len()),
            visits: listed("visit", &names.visits, model.visits.len()),
            pools: listed("pool", &names.pools, model.pools.len()),
            loads: listed("load", &model.loads, model.loads.len()),
            skills: listed("skill", &names.skills, names.skills.len()),
            zones: listed("zone", &names.zones, names.zones.len()),
            tools: listed("tool", &names.tools, names.tools.len()),
        }
    }

    pub(super) fn skill(&self, at: usize) -> String {
        one("skill", &self.skills, at)
    }

    pub(super) fn zone(&self, at: usize) -> String {
        one("zone", &self.zones, at)
    }

    pub(super) fn tool(&self, at: usize) -> String {
        one("tool", &self.tools, at)
    }

    /// The name of a matrix.
    pub(super) fn profile(at: usize) -> String {
        format!("profile {}", at + 1)
    }
}

/// The word for one of a kind; numbers that no list reaches have words of their own.
fn one(kind: &str, words: &[String], at: usize) -> String {
    words.get(at).cloned().unwrap_or_else(|| format!("{kind} {}", at + 1))
}

/// `count` words, none twice.
fn listed(kind: &str, names: &[String], count: usize) -> Vec<String> {
    let mut taken = HashSet::with_capacity(count);
    let mut words = Vec::with_capacity(count);
    for at in 0..count {
        let mut word = names.get(at).filter(|name| !name.is_empty()).cloned();
        let mut tries = 1;
        let fresh = loop {
            let candidate = word.take().unwrap_or_else(|| match tries {
                1 => format!("{kind} {}", at + 1),
                _ => format!("{kind} {} ({tries})", at + 1),
            });
            if taken.insert(candidate.clone()) {
                break candidate;
            }
            tries += 1;
        };
        words.push(fresh);
    }
    words
}
