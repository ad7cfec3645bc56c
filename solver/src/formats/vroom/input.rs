//! What a VROOM problem says, as plain data.

use std::collections::BTreeMap;

/// What a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Job,
    Pickup,
    Delivery,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Pickup => "pickup",
            Self::Delivery => "delivery",
        }
    }
}

/// Where something is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Spot {
    /// Longitude and latitude.
    pub location: Option<[f64; 2]>,
    /// Row of the matrices.
    pub index: Option<usize>,
}

impl Spot {
    pub(super) fn is_somewhere(self) -> bool {
        self.location.is_some() || self.index.is_some()
    }
}

/// A job, or one end of a shipment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    pub kind: Kind,
    pub id: u64,
    pub description: Option<String>,
    pub spot: Spot,
    pub setup: i64,
    pub service: i64,
    pub setup_per_type: BTreeMap<String, i64>,
    pub service_per_type: BTreeMap<String, i64>,
    /// Taken along from the start; of a shipment's delivery: its amount.
    pub delivery: Vec<i64>,
    /// Brought to the end; of a shipment's pickup: its amount.
    pub pickup: Vec<i64>,
    pub skills: Vec<u32>,
    pub priority: u32,
    pub windows: Vec<(i64, i64)>,
}

impl Task {
    /// Setup and service for a type of vehicle.
    pub(super) fn times(&self, kind: Option<&str>) -> (i64, i64) {
        let of = |per_type: &BTreeMap<String, i64>, usual: i64| {
            kind.and_then(|kind| per_type.get(kind)).copied().unwrap_or(usual)
        };
        (of(&self.setup_per_type, self.setup), of(&self.service_per_type, self.service))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pause {
    pub id: u64,
    pub description: Option<String>,
    pub windows: Vec<(i64, i64)>,
    pub service: i64,
    pub max_load: Option<Vec<i64>>,
}

/// What a vehicle costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Costs {
    pub fixed: i64,
    pub per_hour: i64,
    pub per_task_hour: i64,
    pub per_km: i64,
}

impl Default for Costs {
    fn default() -> Self {
        Self { fixed: 0, per_hour: 3600, per_task_hour: 0, per_km: 0 }
    }
}

/// What a step of a given route is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepKind {
    Start,
    End,
    /// Position in [`Problem::tasks`].
    Task(usize),
    /// Position in the vehicle's breaks.
    Break(usize),
}

/// A step of a given route with the times asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub kind: StepKind,
    pub at: Option<i64>,
    pub after: Option<i64>,
    pub before: Option<i64>,
}

impl Step {
    /// A step at any time.
    pub(super) const fn free(kind: StepKind) -> Self {
        Self { kind, at: None, after: None, before: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vehicle {
    pub id: u64,
    pub profile: String,
    pub description: Option<String>,
    pub start: Spot,
    pub end: Spot,
    pub capacity: Vec<i64>,
    pub costs: Costs,
    pub skills: Vec<u32>,
    pub kind: Option<String>,
    pub window: Option<(i64, i64)>,
    pub breaks: Vec<Pause>,
    /// Per cent of the ordinary driving time.
    pub drive_percent: u32,
    pub max_tasks: Option<u32>,
    pub max_travel_time: Option<i64>,
    pub max_distance: Option<i64>,
    pub steps: Option<Vec<Step>>,
}

/// Rows of a profile's matrices; each square and of one size.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Matrices {
    pub durations: Vec<Vec<u32>>,
    pub distances: Option<Vec<Vec<u32>>>,
    pub costs: Option<Vec<Vec<u32>>>,
}

/// A whole problem.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Problem {
    /// Jobs, then pickup and delivery of each shipment.
    pub tasks: Vec<Task>,
    /// How many of the tasks are jobs.
    pub job_count: usize,
    pub vehicles: Vec<Vehicle>,
    pub matrices: Option<BTreeMap<String, Matrices>>,
    /// Number of kinds of load.
    pub loads: usize,
}
