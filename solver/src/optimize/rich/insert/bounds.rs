//! What links to planned visits leave of a job's starts and people.

use crate::optimize::rich::data::{OUT, Tie};
use crate::optimize::rich::insert::Builder;

impl Builder<'_, '_> {
    /// First and last start by the links to planned jobs; `None` = there is none.
    pub(super) fn start_bounds(&self, job: u32) -> Option<(i32, i32)> {
        let (mut low, mut high) = (-OUT, OUT);
        let data = self.data;
        if !data.jobs[job as usize].coupled {
            return Some((low, high));
        }
        let of = &data.jobs[job as usize];
        let tasks = of.first..of.first + of.persons;
        // The own length is known only roughly before the route is: without setup.
        let own = tasks.map(|task| {
            let task = &data.tasks[task as usize];
            task.service + task.exit
        });
        let own = if data.paced.is_empty() { own.max().unwrap_or(0) } else { 0 };
        for &(other, tie) in &data.ties[job as usize] {
            if !self.plan.has(data, other) {
                continue;
            }
            let (first, last) =
                (self.plan.earliest[other as usize], self.plan.latest[other as usize]);
            let span = self.plan.span[other as usize];
            match tie {
                Tie::AfterEnd(min, max) => {
                    low = low.max(first + span + min);
                    high = high.min(last.saturating_add(span).saturating_add(max));
                }
                Tie::AfterStart(min, max) => {
                    low = low.max(first + min);
                    high = high.min(last.saturating_add(max));
                }
                Tie::BeforeEnd(min, _) => high = high.min(last - min - own),
                Tie::BeforeStart(min, _) => high = high.min(last - min),
                _ => {}
            }
        }
        (low <= high).then_some((low, high))
    }

    /// Whether the technician may do the task as far as other visits decide.
    pub(in crate::optimize::rich) fn may_come(&self, task: u32, car: u32) -> bool {
        let data = self.data;
        let of = &data.tasks[task as usize];
        let ties = &data.ties[of.job as usize];
        if ties.is_empty() {
            return true;
        }
        let who = |car: u32| data.cars[car as usize].technician;
        ties.iter().all(|&(other, tie)| {
            if !self.plan.has(data, other) {
                return true;
            }
            let partner = &data.jobs[other as usize];
            match tie {
                Tie::Same => {
                    let role = u32::from(of.role);
                    role >= partner.persons
                        || who(self.plan.at[(partner.first + role) as usize]) == who(car)
                }
                Tie::Different => {
                    let mut tasks = partner.first..partner.first + partner.persons;
                    tasks.all(|task| who(self.plan.at[task as usize]) != who(car))
                }
                Tie::Pickup | Tie::Dropoff => self.plan.at[partner.first as usize] == car,
                _ => true,
            }
        })
    }
}
