//! The instance as its JSON has it; whole minutes.

use std::collections::HashMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Instance {
    pub metadata: Metadata,
    pub distances: Vec<Vec<i64>>,
    pub terminal_points: Vec<Terminal>,
    pub caregivers: Vec<Caregiver>,
    pub patients: Vec<Patient>,
    pub services: Vec<Service>,
    pub lunch_breaks: Option<Lunch>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub time_window_met: Option<String>,
    pub cost_components: HashMap<String, Weight>,
}

impl Metadata {
    /// Whether the end of a service, not its start, must lie in the window.
    pub(super) fn is_met_at_end(&self) -> bool {
        self.time_window_met.as_deref() == Some("at_service_end")
    }

    /// The weight of a component; 0 if it is not counted.
    pub(super) fn weight(&self, name: &str) -> i64 {
        match self.cost_components.get(name) {
            Some(Weight::Number(weight)) => *weight,
            _ => 0,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Weight {
    /// Not counted: `null`.
    Nothing,
    Number(i64),
    Word(String),
}

#[derive(Deserialize)]
pub(super) struct Terminal {
    pub id: String,
    pub distance_matrix_index: usize,
}

#[derive(Deserialize)]
pub(super) struct Service {
    pub id: String,
    pub default_duration: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct Lunch {
    pub start: i64,
    pub end: i64,
    pub min_duration: i64,
}

#[derive(Deserialize)]
pub(super) struct Times {
    pub start: i64,
    pub end: i64,
}

#[derive(Deserialize)]
pub(super) struct Caregiver {
    pub id: String,
    pub abilities: Vec<String>,
    pub departing_point: String,
    pub arrival_point: Option<String>,
    pub working_shift: Times,
    #[serde(default)]
    pub lunch_break: bool,
}

#[derive(Deserialize)]
pub(super) struct Patient {
    pub id: String,
    pub required_services: Vec<Need>,
    pub distance_matrix_index: usize,
    pub time_windows: Vec<Times>,
    pub synchronization: Option<Synchronization>,
    #[serde(default)]
    pub preferred_caregivers: Vec<String>,
    #[serde(default)]
    pub incompatible_caregivers: Vec<String>,
    #[serde(default)]
    pub optional: bool,
}

#[derive(Deserialize)]
pub(super) struct Need {
    pub service: String,
    pub duration: Option<i64>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Synchronization {
    Independent,
    Simultaneous,
    Sequential { distance: Gap },
}

#[derive(Deserialize)]
pub(super) struct Gap {
    pub min: i64,
    pub max: i64,
}
