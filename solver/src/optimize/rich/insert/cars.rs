//! Shifts in whose routes a task is tried.

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::insert::Builder;

/// Up to so many shifts, all of them are looked at.
pub(super) const SHIFTS_ALL: usize = 8;
/// Beyond that, the routes of so many neighbours.
const NEIGHBOURS: usize = 48;

impl Builder<'_, '_> {
    /// Every shift that may do a task.
    pub(super) fn list_all_cars(&mut self, task: u32) {
        self.cars.clear();
        let able = self.data.able(task);
        for (word, &bits) in (0..).zip(able) {
            let mut left = bits;
            while left != 0 {
                self.cars.push(64 * word + left.trailing_zeros());
                left &= left - 1;
            }
        }
        self.keep_open(task);
    }

    /// Shifts worth looking at for a task: those of its neighbours, and the best idle ones.
    ///
    /// * `idle`: also the idle ones.
    pub(super) fn list_cars(&mut self, task: u32, idle: bool) {
        let data = self.data;
        if data.shifts <= SHIFTS_ALL {
            self.list_all_cars(task);
            return;
        }
        self.cars.clear();
        self.left.clear();
        self.left.extend_from_slice(data.able(task));
        let found = match self.left[..] {
            [able] => self.list_few(task, able),
            _ => self.list_many(task),
        };
        self.cars.extend_from_slice(&self.listed[..found]);
        if idle && self.plan.idle > 0 {
            for &(_, car) in &data.alone[task as usize] {
                let bit = self.left[car as usize / 64] >> (car % 64) & 1;
                if bit != 0 && !self.plan.busy[car as usize] {
                    self.cars.push(car);
                }
            }
        }
        self.keep_open(task);
    }

    /// Lists the shifts of neighbours that may do a task; leaves the others in `left`. Without
    /// branches: nobody can foretell them.
    fn list_many(&mut self, task: u32) -> usize {
        let data = self.data;
        let words = self.left.len();
        // Units and nobody are none of these.
        self.left.push(0);
        let mut found = 0;
        let Self { plan, listed, left, .. } = self;
        each_near(data, data.tasks[task as usize].job, |task| {
            let car = plan.at[task as usize];
            let word = (car as usize / 64).min(words);
            let bit = left[word] & 1 << (car % 64);
            listed[found] = car;
            found += usize::from(bit != 0);
            left[word] ^= bit;
            (usize::from(car != NONE), false)
        });
        found
    }

    /// The same where each shift is a bit of one number.
    fn list_few(&mut self, task: u32, able: u64) -> usize {
        let data = self.data;
        let (mut found, mut left) = (0, able);
        let Self { plan, listed, .. } = self;
        // Each of them is found at most once, and there is room for one more.
        let room = &mut listed[..=data.shifts];
        each_near(data, data.tasks[task as usize].job, |task| {
            let car = plan.at[task as usize];
            let bit = u64::from(car < 64) << (car % 64) & left;
            room[found] = car;
            found += usize::from(bit != 0);
            left ^= bit;
            (usize::from(car != NONE), left == 0)
        });
        self.left[0] = left;
        found
    }
}

/// Shows tasks of neighbours, the closest first, until enough of them are in the plan.
///
/// * `see`: whether it is in the plan: 1 or 0; and whether no other need be seen.
#[inline]
fn each_near(data: &Data, job: u32, mut see: impl FnMut(u32) -> (usize, bool)) {
    let near = &data.near[job as usize];
    let mut count = 0;
    // Where each job has one task, they have the same numbers.
    if data.tasks.len() == data.jobs.len() {
        for &other in near {
            let (more, done) = see(other);
            count += more;
            if (count >= NEIGHBOURS) | done {
                break;
            }
        }
        return;
    }
    for &other in near {
        let mut last = false;
        for task in data.job_tasks(other) {
            let (more, done) = see(task);
            count += more;
            last = done;
        }
        if count >= NEIGHBOURS || last {
            break;
        }
    }
}
