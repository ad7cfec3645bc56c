//! Routes with times, as VROOM tells them.

use super::input::{Problem, StepKind};
use crate::optimize::model::{Matrix, UNIT};
use crate::units::PlaceIdx;

/// A rule that a step breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation {
    pub cause: &'static str,
    /// Seconds, for times missed.
    pub duration: Option<i64>,
}

/// A step with its times; `drive` and `metres` are those since the step before.
#[derive(Debug, Clone, Default)]
pub(super) struct Timed {
    /// Task or break; `None` = the start or the end.
    pub kind: Option<StepKind>,
    pub drive: i64,
    pub metres: i64,
    /// What the drive costs where matrices have costs, in grains.
    pub leg_cost: Option<i64>,
    pub arrival: i64,
    pub start: i64,
    pub setup: i64,
    pub service: i64,
    pub violations: Vec<Violation>,
}

impl Timed {
    pub(super) fn is_break(&self) -> bool {
        matches!(self.kind, Some(StepKind::Break(_)))
    }
}

/// A vehicle's route; the first step is the start, the last one the end.
#[derive(Debug, Clone)]
pub(super) struct TimedRoute {
    /// Position in the problem's vehicles.
    pub vehicle: usize,
    pub steps: Vec<Timed>,
    /// Rules broken by the route as a whole.
    pub violations: Vec<Violation>,
}

impl TimedRoute {
    /// The tasks in order.
    pub(super) fn tasks(&self) -> impl Iterator<Item = usize> + '_ {
        self.steps.iter().filter_map(|step| match step.kind {
            Some(StepKind::Task(task)) => Some(task),
            _ => None,
        })
    }

    /// What the route costs, in grains.
    pub(super) fn cost(&self, problem: &Problem) -> i64 {
        let costs = problem.vehicles[self.vehicle].costs;
        let sum = |of: fn(&Timed) -> i64| self.steps.iter().map(of).sum::<i64>();
        let drives: i64 = self
            .steps
            .iter()
            .map(|step| step.leg_cost.unwrap_or(step.drive * costs.per_hour * (UNIT / 3600)))
            .sum();
        costs.fixed * UNIT
            + drives
            + sum(|step| if step.leg_cost.is_some() { 0 } else { step.metres })
                * costs.per_km
                * (UNIT / 1000)
            + self.tasks_seconds() * costs.per_task_hour * (UNIT / 3600)
    }

    /// Seconds of setup and service at tasks.
    fn tasks_seconds(&self) -> i64 {
        let is_task = |step: &&Timed| matches!(step.kind, Some(StepKind::Task(_)));
        self.steps.iter().filter(is_task).map(|step| step.setup + step.service).sum()
    }
}

pub(super) fn leg_cost(
    matrix: &Matrix,
    from: Option<PlaceIdx>,
    to: Option<PlaceIdx>,
) -> Option<i64> {
    matrix.cost(from, to)
}
