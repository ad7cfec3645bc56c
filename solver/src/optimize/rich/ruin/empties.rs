//! Whole shifts are emptied, where each costs something by itself.

use crate::optimize::rich::data::Kind;
use crate::optimize::rich::insert::{Begins, Builder};
use crate::optimize::rich::route::Role;

/// One in so many ruins empties shifts.
const EMPTIED: usize = 40;
/// Most shifts emptied at once, and most visits they hold, but for the first one.
const SHIFTS_MOST: usize = 3;
const VISITS_MOST: i64 = 60;
/// In one of so many of these steps nobody else begins to work.
const FEWER: usize = 2;
/// Shifts that one is drawn from where others may not begin.
const OPENED: usize = 8;

impl Builder<'_, '_> {
    /// Now and then takes everything out of a few neighbouring shifts and keeps them shut for this
    /// step: the visits go to those who work already, or to others who do not. Whether it did.
    pub(super) fn ruin_shifts(&mut self, removed: &mut Vec<u32>) -> bool {
        if !self.chance.one_in(EMPTIED) {
            return false;
        }
        let data = self.data;
        let Some(seed) = self.seed() else { return false };
        let most = 1 + self.chance.below(SHIFTS_MOST);
        let (mut cars, mut visits): (Vec<u32>, i64) = (Vec::with_capacity(most), 0);
        for &job in std::iter::once(&seed).chain(&data.near[seed as usize]) {
            if cars.len() >= most {
                break;
            }
            let car = self.plan.at[data.jobs[job as usize].first as usize];
            visits += self.join(car, visits, &mut cars);
        }
        if data.model.weights.technician_used != 0 {
            // Somebody who works in another shift all the same saves nothing.
            for at in 0..cars.len() {
                let who = data.cars[cars[at] as usize].technician;
                for car in (0_u32..).take(data.shifts) {
                    if data.cars[car as usize].technician == who && self.plan.busy[car as usize] {
                        visits += self.join(car, visits, &mut cars);
                    }
                }
            }
        }
        for &car in &cars {
            self.empty(car, removed);
        }
        let is_empty = |car: &u32| {
            let nodes = &self.plan.routes[*car as usize].nodes;
            nodes.iter().all(|node| node.role != Role::Work)
        };
        self.shut = cars.into_iter().filter(is_empty).collect();
        self.begins = if self.chance.one_in(FEWER) { Begins::Nobody } else { Begins::Anybody };
        true
    }

    /// Adds a shift to a list, if it is one that has visits and room is left; returns their number.
    fn join(&self, car: u32, visits: i64, cars: &mut Vec<u32>) -> i64 {
        if car as usize >= self.data.shifts || cars.contains(&car) {
            return 0;
        }
        let own = self.plan.routes[car as usize].visits;
        if !cars.is_empty() && visits + own > VISITS_MOST {
            return 0;
        }
        cars.push(car);
        own
    }

    /// Of those who are idle only one may begin to work, drawn from the few who would do this job
    /// alone at the least cost.
    pub(in crate::optimize::rich) fn open_one(&mut self, job: u32) {
        let alone = &self.data.alone[self.data.jobs[job as usize].first as usize];
        if let Some(&(_, car)) = alone.get(self.chance.below(alone.len().min(OPENED))) {
            self.begins = Begins::One(car);
        }
    }

    /// Whoever was kept out of the step may work again.
    pub(in crate::optimize::rich) fn reopen(&mut self) {
        self.shut.clear();
        self.begins = Begins::Anybody;
    }

    /// Leaves out of the list of shifts at hand those that are shut.
    #[inline]
    pub(in crate::optimize::rich) fn keep_open(&mut self, task: u32) {
        if self.shut.is_empty() && self.begins == Begins::Anybody {
            return;
        }
        let job = self.data.tasks[task as usize].job;
        if self.data.jobs[job as usize].kind != Kind::Visit {
            return;
        }
        let Self { shut, plan, begins, cars, .. } = self;
        cars.retain(|car| {
            let may_begin = match *begins {
                Begins::Anybody => true,
                Begins::Nobody => false,
                Begins::One(only) => *car == only,
            };
            !shut.contains(car) && (may_begin || plan.busy[*car as usize])
        });
    }
}
