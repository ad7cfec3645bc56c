//! Shifts in whose routes a task is tried.

use crate::optimize::rich::data::{Data, NEVER, NONE};
use crate::optimize::rich::insert::Builder;

/// Up to so many shifts, all of them are looked at.
const SHIFTS_ALL: usize = 8;
/// Beyond that, the routes of so many neighbours.
const NEIGHBOURS: usize = 48;

impl Builder<'_, '_> {
    /// Every shift that may do a task.
    pub(super) fn list_all_cars(&mut self, task: u32) {
        self.cars.clear();
        let cars = 0..crate::optimize::rich::data::index(self.data.shifts);
        self.cars.extend(cars.filter(|&car| self.data.fit(task, car) < NEVER));
        self.keep_open(task);
    }

    /// Shifts worth looking at for a task: those of its neighbours, and the best idle ones.
    pub(super) fn list_cars(&mut self, task: u32) {
        let data = self.data;
        if data.shifts <= SHIFTS_ALL {
            self.list_all_cars(task);
            return;
        }
        self.cars.clear();
        if data.able.len() == data.tasks.len() {
            self.list_few(task);
            return;
        }
        self.look += 1;
        let job = data.tasks[task as usize].job;
        let mut found = 0;
        let shifts = data.shifts;
        let fits = &data.fit[task as usize * shifts..][..shifts];
        // Units and nobody are never new. Without branches: nobody can foretell them.
        self.seen[shifts] = self.look;
        let Self { plan, seen, listed, look, .. } = self;
        let see = |task: u32| {
            let car = plan.at[task as usize];
            let slot = (car as usize).min(shifts);
            let fits = fits.get(slot).is_some_and(|&fit| fit < NEVER);
            let is_new = std::mem::replace(&mut seen[slot], *look) != *look;
            listed[found] = car;
            found += usize::from(is_new & fits);
            usize::from(car != NONE)
        };
        each_near(data, job, see);
        self.cars.extend_from_slice(&self.listed[..found]);
        let alone = if self.plan.idle > 0 { &data.alone[task as usize][..] } else { &[] };
        for &car in alone {
            let idle = !self.plan.busy[car as usize];
            if idle && self.seen[car as usize] != self.look {
                self.seen[car as usize] = self.look;
                self.cars.push(car);
            }
        }
        self.keep_open(task);
    }

    /// The same where each shift is a bit of a number.
    fn list_few(&mut self, task: u32) {
        let data = self.data;
        let job = data.tasks[task as usize].job;
        let able = data.able[task as usize];
        let (mut found, mut seen) = (0, 0_u64);
        let Self { plan, listed, cars, .. } = self;
        let see = |task: u32| {
            let car = plan.at[task as usize];
            // Units and nobody are none of these.
            let bit = 1_u64.checked_shl(car).unwrap_or(0);
            listed[found] = car;
            found += usize::from(bit & able & !seen != 0);
            seen |= bit;
            usize::from(car != NONE)
        };
        each_near(data, job, see);
        cars.extend_from_slice(&listed[..found]);
        let alone = if plan.idle > 0 { &data.alone[task as usize][..] } else { &[] };
        for &car in alone {
            if !plan.busy[car as usize] && seen & (1 << car) == 0 {
                seen |= 1 << car;
                cars.push(car);
            }
        }
        self.keep_open(task);
    }
}

/// Shows tasks of neighbours, the closest first, until enough of them are in the plan.
///
/// * `see`: whether it is in the plan: 1 or 0.
#[inline]
fn each_near(data: &Data, job: u32, mut see: impl FnMut(u32) -> usize) {
    let single = data.tasks.len() == data.jobs.len();
    let mut count = 0;
    for &other in &data.near[job as usize] {
        // Where each job has one task, they have the same numbers.
        if single {
            count += see(other);
        } else {
            count += data.job_tasks(other).map(&mut see).sum::<usize>();
        }
        if count >= NEIGHBOURS {
            break;
        }
    }
}
