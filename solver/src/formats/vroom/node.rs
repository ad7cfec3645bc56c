//! Values of a JSON object by key, with the faults in VROOM's words.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::formats::faults::Faults;

/// Reads one object; every fault is noted with its place.
pub(super) struct Node<'a> {
    pub at: String,
    pub fields: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    /// The object `value`, whose keys must be `known` or begin with `x_`.
    pub(super) fn new(
        at: String,
        value: &'a Value,
        known: &[&str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let Value::Object(fields) = value else { return None };
        for key in fields.keys().filter(|key| !key.starts_with("x_")) {
            if !known.contains(&key.as_str()) {
                faults.add(&at, format!("Unknown key {key:?}."));
            }
        }
        Some(Self { at, fields })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key)
    }

    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> Option<String> {
        let text = self.get(key)?.as_str();
        if text.is_none() {
            faults.add(&self.at, format!("Invalid {key} value."));
        }
        text.map(str::to_owned)
    }

    /// A whole number from 0 that fits in 32 bits, if the key is there.
    pub(super) fn number(&self, key: &str, what: &str, faults: &mut Faults) -> Option<i64> {
        let value = whole(self.get(key)?);
        if value.is_none() {
            faults.add(&self.at, format!("Invalid {key} {what}."));
        }
        value
    }

    /// Amounts of `size` kinds; zeros if the key is not there.
    pub(super) fn amounts(&self, key: &str, size: usize, faults: &mut Faults) -> Vec<i64> {
        let Some(value) = self.get(key) else { return vec![0; size] };
        let Value::Array(list) = value else {
            faults.add(&self.at, format!("Invalid {key} array."));
            return vec![0; size];
        };
        if list.len() != size {
            let count = list.len();
            let message = format!("Inconsistent {key} length: {count} instead of {size}.");
            faults.add(&self.at, message);
            return vec![0; size];
        }
        let amount = |value| {
            whole(value).unwrap_or_else(|| {
                faults.add(&self.at, format!("Invalid {key} value."));
                0
            })
        };
        list.iter().map(amount).collect()
    }

    pub(super) fn skills(&self, faults: &mut Faults) -> Vec<u32> {
        let Some(value) = self.get("skills") else { return Vec::new() };
        let Value::Array(list) = value else {
            faults.add(&self.at, "Invalid skills object.");
            return Vec::new();
        };
        let mut skills = Vec::new();
        for value in list {
            match whole(value).and_then(|skill| u32::try_from(skill).ok()) {
                Some(skill) => skills.push(skill),
                None => faults.add(&self.at, "Invalid skill value."),
            }
        }
        skills.sort_unstable();
        skills.dedup();
        skills
    }

    /// Time windows, sorted; `None` if the key is not there.
    pub(super) fn windows(&self, owner: &str, faults: &mut Faults) -> Option<Vec<(i64, i64)>> {
        let list = match self.get("time_windows")? {
            Value::Array(list) if !list.is_empty() => list,
            _ => {
                faults.add(&self.at, format!("Invalid time_windows value for {owner}."));
                return None;
            }
        };
        let mut windows: Vec<(i64, i64)> = Vec::new();
        for value in list {
            match window(value) {
                Some(window) => windows.push(window),
                None => faults.add(&self.at, "Invalid time-window."),
            }
        }
        windows.sort_unstable();
        if windows.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            let message = format!("Unsorted or overlapping time-windows for {owner}.");
            faults.add(&self.at, message);
            return None;
        }
        Some(windows)
    }

    /// `[longitude, latitude]`.
    pub(super) fn coordinates(&self, key: &str, faults: &mut Faults) -> Option<[f64; 2]> {
        let value = self.get(key)?;
        let pair = value.as_array().and_then(|list| match list.as_slice() {
            [lon, lat, ..] => Some([lon.as_f64()?, lat.as_f64()?]),
            _ => None,
        });
        if pair.is_none() {
            faults.add(&self.at, format!("Invalid {key} array."));
        }
        pair.filter(|[lon, lat]| {
            let is_on_earth = lon.abs() <= 180.0 && lat.abs() <= 90.0;
            if !is_on_earth {
                let message = format!("{key} [{lon}, {lat}] is not [longitude, latitude].");
                faults.add(&self.at, message);
            }
            is_on_earth
        })
    }

    pub(super) fn per_type(
        &self,
        key: &str,
        owner: &str,
        faults: &mut Faults,
    ) -> BTreeMap<String, i64> {
        let Some(value) = self.get(key) else { return BTreeMap::new() };
        let Value::Object(fields) = value else {
            faults.add(&self.at, format!("Invalid {key} for {owner}."));
            return BTreeMap::new();
        };
        let mut found = BTreeMap::new();
        for (kind, value) in fields {
            match whole(value) {
                Some(_) if kind.is_empty() => {
                    faults.add(&self.at, format!("Empty type in {key} for {owner}."));
                }
                Some(seconds) => {
                    found.insert(kind.clone(), seconds);
                }
                None => faults.add(&self.at, format!("Invalid {key} for {owner}.")),
            }
        }
        found
    }
}

/// A whole number from 0 to 2^32 - 1.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).map(i64::from)
}

/// `[start, end]`, both ends counting.
pub(super) fn window(value: &Value) -> Option<(i64, i64)> {
    let [start, end, ..] = value.as_array()?.as_slice() else { return None };
    let (start, end) = (whole(start)?, whole(end)?);
    (start <= end).then_some((start, end))
}
