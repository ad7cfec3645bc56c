//! Bounds of shared times after something was taken out: only what comes later can start earlier,
//! and only what comes before can start later.

use crate::optimize::rich::data::Data;
#[cfg(debug_assertions)]
use crate::optimize::rich::data::NONE;
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::route::Role;

/// Which bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Earliest,
    Latest,
}

impl Plan {
    /// Resets the bounds that a removal from these cars may have widened.
    pub(super) fn loosen(&mut self, data: &Data, cars: &[u32]) {
        for side in [Side::Earliest, Side::Latest] {
            self.loosen_side(data, cars, side);
        }
    }

    fn loosen_side(&mut self, data: &Data, cars: &[u32], side: Side) {
        // Looked at from here on (or up to here); everything beyond has been.
        let mut reached: Vec<(u32, usize)> = Vec::new();
        let mut open: Vec<(u32, usize)> = Vec::new();
        for &car in cars {
            let route = &self.routes[car as usize];
            let (from, to) = route.dirty();
            let at = if side == Side::Earliest { from } else { to };
            open.push((car, at.min(route.nodes.len())));
        }
        let mut reset: Vec<u32> = Vec::new();
        while let Some((car, at)) = open.pop() {
            let count = self.routes[car as usize].nodes.len();
            let known = reached.iter().position(|known| known.0 == car);
            let known = known.unwrap_or_else(|| {
                reached.push((car, if side == Side::Earliest { count } else { 0 }));
                reached.len() - 1
            });
            let until = reached[known].1;
            let span = if side == Side::Earliest { at..until } else { until..at };
            reached[known].1 = if side == Side::Earliest { until.min(at) } else { until.max(at) };
            for at in span {
                let node = self.routes[car as usize].nodes[at];
                if node.coupled && node.role == Role::Work && !reset.contains(&node.job) {
                    self.reset(data, node.job, side, (&mut reset, &mut open));
                }
            }
        }
    }

    /// Makes one bound of a job as wide as its windows, and looks at all that may depend on it.
    fn reset(
        &mut self,
        data: &Data,
        job: u32,
        side: Side,
        (reset, open): (&mut Vec<u32>, &mut Vec<(u32, usize)>),
    ) {
        reset.push(job);
        let (first, last) = (self.first_start(data, job), data.jobs[job as usize].outer.1);
        match side {
            Side::Earliest if self.earliest[job as usize] != first => {
                self.set_earliest(job, first);
            }
            Side::Latest if self.latest[job as usize] != last => self.set_latest(job, last),
            _ => {}
        }
        self.bind(data, job);
        let ties = &data.ties[job as usize];
        if !ties.is_empty() && !self.fresh.contains(&job) {
            self.fresh.push(job);
        }
        for other in std::iter::once(job).chain(ties.iter().map(|&(other, _)| other)) {
            for task in data.job_tasks(other) {
                let Some((car, at)) = self.find(task) else { continue };
                self.enqueue(car);
                // The job itself counts, too.
                open.push((car, if side == Side::Earliest { at } else { at + 1 }));
            }
        }
    }
}

#[cfg(debug_assertions)]
impl Plan {
    /// Whether shared times keep within those computed anew: where detours or stays at one place save
    /// time, they may be narrower. Breaks may lead elsewhere.
    pub(super) fn agrees_with_scratch(&mut self, data: &Data) -> bool {
        let forced = data.jobs.iter().any(|job| job.forced);
        if forced || data.cars.iter().any(|car| !car.rests.is_empty()) {
            return true;
        }
        let (earliest, latest) = (self.earliest.clone(), self.latest.clone());
        let reached = std::mem::take(&mut self.reached);
        let fresh = std::mem::take(&mut self.fresh);
        let mark = self.begin();
        let cars: Vec<u32> = (0..crate::optimize::rich::data::index(self.routes.len())).collect();
        self.loosen_all(data, &cars);
        let fine = self.tighten(data, &cars);
        self.empty_queue();
        let planned = 0..crate::optimize::rich::data::index(data.jobs.len());
        let mut planned =
            planned.filter(|&job| data.jobs[job as usize].coupled && self.has(data, job));
        let within = planned.all(|job| {
            let at = job as usize;
            earliest[at] >= self.earliest[at] && latest[at] <= self.latest[at]
        });
        self.rollback(mark);
        (self.reached, self.fresh) = (reached, fresh);
        fine && within
    }

    /// Coupled jobs of a route.
    fn coupled_jobs(&self, data: &Data, car: u32) -> Vec<u32> {
        let nodes = self.routes[car as usize].nodes.iter();
        let coupled = nodes.filter(|node| node.coupled && node.role == Role::Work);
        coupled.map(|node| data.tasks[node.task as usize].job).collect()
    }

    /// Bounds of everything that hangs together with these cars, from scratch.
    fn loosen_all(&mut self, data: &Data, cars: &[u32]) {
        let mut open: Vec<u32> = cars.to_vec();
        let mut seen = vec![false; self.routes.len()];
        for &car in cars {
            seen[car as usize] = true;
        }
        while let Some(car) = open.pop() {
            self.enqueue(car);
            for job in self.coupled_jobs(data, car) {
                let outer = (self.first_start(data, job), data.jobs[job as usize].outer.1);
                if (self.earliest[job as usize], self.latest[job as usize]) == outer {
                    // Already as loose as can be; its cars still have to be visited.
                } else {
                    self.set_earliest(job, outer.0);
                    self.set_latest(job, outer.1);
                }
                self.bind(data, job);
                let ties = data.ties[job as usize].iter();
                for other in std::iter::once(job).chain(ties.map(|&(other, _)| other)) {
                    for task in data.job_tasks(other) {
                        let car = self.at[task as usize];
                        if car != NONE && !std::mem::replace(&mut seen[car as usize], true) {
                            open.push(car);
                        }
                    }
                }
            }
        }
        // Every link has to be looked at once more.
        let cars: Vec<u32> = self.queue.iter().copied().collect();
        for car in cars {
            for job in self.coupled_jobs(data, car) {
                if !data.ties[job as usize].is_empty() && !self.fresh.contains(&job) {
                    self.fresh.push(job);
                }
            }
        }
    }
}

#[cfg(not(debug_assertions))]
impl Plan {
    /// Only asked in debug builds.
    pub(super) fn agrees_with_scratch(&mut self, _data: &Data) -> bool {
        true
    }
}
