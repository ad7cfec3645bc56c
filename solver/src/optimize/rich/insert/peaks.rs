//! Costs of the worst route only: the largest lateness and the largest idle time.

use crate::optimize::rich::data::Data;
use crate::optimize::rich::plan::Plan;

/// The largest of a plan, and what would be the largest without that route.
#[derive(Debug, Clone, Copy, Default)]
struct Top {
    first: i32,
    car: u32,
    second: i32,
}

impl Top {
    fn see(&mut self, car: u32, value: i32) {
        if value > self.first {
            *self = Self { first: value, car, second: self.first };
        } else {
            self.second = self.second.max(value);
        }
    }

    /// By how much the largest changes if that of a car becomes `value`.
    fn change(self, car: u32, value: i32) -> i64 {
        let others = if car == self.car { self.second } else { self.first };
        i64::from(others.max(value)) - i64::from(self.first)
    }
}

/// The worst routes of a plan.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Peaks {
    late: Top,
    idle: Top,
}

impl Plan {
    /// The worst routes as they are now, as far as they cost anything.
    pub(super) fn peaks(&self, data: &Data) -> Peaks {
        let mut peaks = Peaks::default();
        let weights = &data.model.weights;
        if weights.largest_late_second == 0 && weights.largest_idle_second == 0 {
            return peaks;
        }
        for route in &self.routes[..data.shifts] {
            peaks.late.see(route.car, route.max_late);
            peaks.idle.see(route.car, route.idle);
        }
        peaks
    }
}

impl Peaks {
    /// Added cost when a car has this lateness and this idle time.
    pub(super) fn cost(&self, data: &Data, car: u32, late: i32, idle: i32) -> i64 {
        let weights = &data.model.weights;
        let mut cost = 0;
        if weights.largest_late_second != 0 {
            cost += weights.largest_late_second * self.late.change(car, late);
        }
        if weights.largest_idle_second != 0 {
            cost += weights.largest_idle_second * self.idle.change(car, idle);
        }
        cost
    }

    /// The most that work on a car could save.
    pub(super) fn gain(&self, data: &Data, car: u32) -> i64 {
        if data.model.weights.largest_idle_second == 0 {
            return 0;
        }
        -data.model.weights.largest_idle_second * self.idle.change(car, 0)
    }
}
