//! Times of changed routes, and of all routes that share times with them.
//!
//! Coupled jobs form a temporal network over the routes: crews start together, links bound
//! differences, units of equipment follow each other. Earliest starts are the least solution and
//! latest starts the greatest one (Dechter, Meiri, Pearl 1991, "Temporal constraint networks"); both
//! are kept up to date by passing on what changed. A circle shows as an earliest start that grows
//! beyond the latest one.

use crate::optimize::rich::data::{Data, NONE, OUT, Tie};
use crate::optimize::rich::plan::Plan;

impl Plan {
    /// Settles everything after [`Plan::put`] and [`Plan::pull`]; on `false` the caller rolls back.
    pub(in crate::optimize::rich) fn settle(&mut self, data: &Data) -> bool {
        let touched = std::mem::take(&mut self.touched);
        let coupled = data.coupled && self.any_coupled(&touched);
        let mut fine = touched.iter().all(|&car| self.measure(data, car));
        if fine {
            fine = if coupled || (data.coupled && self.any_coupled(&touched)) {
                self.settle_together(data, &touched)
            } else {
                touched.iter().all(|&car| self.time(data, car))
            };
        }
        if fine && data.coupled {
            self.queue.clear();
        }
        self.touched = touched;
        self.touched.clear();
        self.fresh.clear();
        self.loosened = false;
        fine
    }

    fn any_coupled(&self, cars: &[u32]) -> bool {
        !self.fresh.is_empty() || cars.iter().any(|&car| self.routes[car as usize].coupled)
    }

    fn time(&mut self, data: &Data, car: u32) -> bool {
        let route = &mut self.routes[car as usize];
        let fine = route.forward(data) && route.backward(data);
        debug_assert!(
            !fine || !self.log.len().is_multiple_of(16) || route.is_settled(data),
            "times that were kept are still right"
        );
        self.make_stale(car);
        fine
    }

    /// Settles and prices a route again that is as it was before something did not work.
    pub(in crate::optimize::rich) fn restore_route(&mut self, data: &Data, car: u32) -> bool {
        self.routes[car as usize].mark_all();
        self.touch(car);
        self.settle(data) && self.reprice(data)
    }

    fn make_stale(&mut self, car: u32) {
        let route = &mut self.routes[car as usize];
        if !route.stale {
            route.stale = true;
            self.stale.push(car);
        }
    }

    pub(super) fn enqueue(&mut self, car: u32) {
        if !std::mem::replace(&mut self.queued[car as usize], true) {
            self.queue.push_back(car);
        }
    }

    pub(super) fn empty_queue(&mut self) {
        while let Some(car) = self.queue.pop_front() {
            self.queued[car as usize] = false;
        }
    }

    fn settle_together(&mut self, data: &Data, touched: &[u32]) -> bool {
        self.reached.clear();
        if self.loosened {
            self.loosen(data, touched);
        }
        for &car in touched {
            self.enqueue(car);
        }
        let fine = self.tighten(data, touched);
        self.empty_queue();
        debug_assert!(
            !fine || !self.log.len().is_multiple_of(8) || self.agrees_with_scratch(data),
            "shared times keep within what all times allow"
        );
        fine
    }

    pub(super) fn tighten(&mut self, data: &Data, touched: &[u32]) -> bool {
        for &car in touched {
            for at in 1..self.routes[car as usize].end() {
                let node = &self.routes[car as usize].nodes[at];
                let job = node.job;
                // Without setups only what is new takes another time.
                if !node.coupled || !(data.setups || self.fresh.contains(&job)) {
                    continue;
                }
                if self.measure_span(data, job) {
                    // What the visit costs is part of the route of its first member.
                    let first = self.at[data.jobs[job as usize].first as usize];
                    if first != NONE {
                        self.save(first);
                        self.make_stale(first);
                    }
                    if !self.pass_on(data, job) {
                        return false;
                    }
                }
                self.bind(data, job);
            }
        }
        for at in 0..self.fresh.len() {
            let job = self.fresh[at];
            if self.has(data, job) && !self.pass_on(data, job) {
                return false;
            }
            for &(other, _) in &data.ties[job as usize] {
                if self.has(data, other)
                    && !(self.raise_ties(data, other) && self.lower_ties(data, other))
                {
                    return false;
                }
            }
        }
        self.run_forward(data) && self.pin(data) && self.run_backward(data)
    }

    /// Writes the bounds of a job into its nodes.
    pub(super) fn bind(&mut self, data: &Data, job: u32) {
        let (low, high) = (self.earliest[job as usize], self.latest[job as usize]);
        for task in data.job_tasks(job) {
            let Some((car, at)) = self.find(task) else { continue };
            let list = data.window_list(self.routes[car as usize].nodes[at].windows);
            let (first, last) = match (list.first(), list.last()) {
                (Some(first), Some(last)) => (first.0, last.1),
                _ => (OUT, -OUT),
            };
            let node = &self.routes[car as usize].nodes[at];
            let bounds = if node.forced { (first, last) } else { (first.max(low), last.min(high)) };
            if bounds != (node.from, node.to) {
                self.save(car);
                let node = &mut self.routes[car as usize].nodes[at];
                (node.from, node.to) = bounds;
                self.routes[car as usize].mark(at);
                self.enqueue(car);
            }
        }
    }

    fn raise(&mut self, data: &Data, job: u32, time: i32) -> bool {
        if time <= self.earliest[job as usize] {
            return true;
        }
        if time > self.latest[job as usize] {
            return data.jobs[job as usize].forced;
        }
        self.set_earliest(job, time);
        self.bind(data, job);
        self.raise_ties(data, job)
    }

    fn lower(&mut self, data: &Data, job: u32, time: i32) -> bool {
        if time >= self.latest[job as usize] {
            return true;
        }
        if time < self.earliest[job as usize] {
            return data.jobs[job as usize].forced;
        }
        self.set_latest(job, time);
        self.bind(data, job);
        self.lower_ties(data, job)
    }

    pub(super) fn pass_on(&mut self, data: &Data, job: u32) -> bool {
        self.raise_ties(data, job) && self.lower_ties(data, job)
    }

    /// Tells linked jobs how early they can start.
    fn raise_ties(&mut self, data: &Data, job: u32) -> bool {
        let here = self.earliest[job as usize];
        for &(other, tie) in &data.ties[job as usize] {
            if !self.has(data, other) {
                continue;
            }
            let span = |job: u32| self.span[job as usize];
            let bound = match tie {
                Tie::AfterEnd(_, max) if max < OUT => here - max - span(other),
                Tie::AfterStart(_, max) if max < OUT => here - max,
                Tie::BeforeEnd(min, _) => here + span(job) + min,
                Tie::BeforeStart(min, _) => here + min,
                _ => continue,
            };
            if !self.raise(data, other, bound) {
                return false;
            }
        }
        true
    }

    /// Tells linked jobs how late they may start.
    fn lower_ties(&mut self, data: &Data, job: u32) -> bool {
        let here = self.latest[job as usize];
        for &(other, tie) in &data.ties[job as usize] {
            if !self.has(data, other) {
                continue;
            }
            let span = |job: u32| self.span[job as usize];
            let bound = match tie {
                Tie::AfterEnd(min, _) => here - min - span(other),
                Tie::AfterStart(min, _) => here - min,
                Tie::BeforeEnd(_, max) if max < OUT => here + span(job) + max,
                Tie::BeforeStart(_, max) if max < OUT => here + max,
                _ => continue,
            };
            if !self.lower(data, other, bound) {
                return false;
            }
        }
        true
    }

    fn run_forward(&mut self, data: &Data) -> bool {
        let mut left = 40 * (self.queue.len() + 20);
        while let Some(car) = self.queue.pop_front() {
            self.queued[car as usize] = false;
            left -= 1;
            self.save(car);
            if !self.reached.contains(&car) {
                self.reached.push(car);
            }
            let dirty = self.routes[car as usize].is_dirty();
            if left == 0 || !self.routes[car as usize].forward(data) {
                return false;
            }
            if dirty {
                self.make_stale(car);
            }
            for at in 1..self.routes[car as usize].end() {
                let node = &self.routes[car as usize].nodes[at];
                if node.coupled {
                    let job = node.job;
                    let time = self.routes[car as usize].earliest(at);
                    if !self.raise(data, job, time) {
                        return false;
                    }
                }
            }
        }
        true
    }

    fn run_backward(&mut self, data: &Data) -> bool {
        for at in 0..self.reached.len() {
            self.enqueue(self.reached[at]);
        }
        let mut left = 40 * (self.queue.len() + 20);
        while let Some(car) = self.queue.pop_front() {
            self.queued[car as usize] = false;
            left -= 1;
            self.save(car);
            if left == 0 || !self.routes[car as usize].backward(data) {
                return false;
            }
            for at in 1..self.routes[car as usize].end() {
                let node = &self.routes[car as usize].nodes[at];
                if node.coupled {
                    let job = node.job;
                    let time = self.routes[car as usize].latest(data, at);
                    if !self.lower(data, job, time) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Makes sure that routes with breaks can be driven with their coupled jobs at exactly the shared
    /// starts; where breaks stand in the way, starts are moved on.
    fn pin(&mut self, data: &Data) -> bool {
        for _ in 0..16 {
            let Some((job, time)) = self.unpinned(data) else { return true };
            if time >= OUT || !self.raise(data, job, time) || !self.run_forward(data) {
                return false;
            }
        }
        false
    }

    /// A coupled job that no way of taking the breaks lets start when it should, and when it can.
    fn unpinned(&mut self, data: &Data) -> Option<(u32, i32)> {
        for &car in &self.reached {
            let route = &self.routes[car as usize];
            if route.rests.is_empty() || !route.coupled {
                continue;
            }
            let Some(scratch) = &mut self.scratch else { break };
            scratch.copy_from(route);
            for node in scratch.nodes.iter_mut().filter(|node| node.coupled) {
                node.to = node.from;
            }
            scratch.mark_all();
            if scratch.forward(data) && scratch.backward(data) {
                continue;
            }
            let stride = route.stride();
            let mut found = (NONE, OUT);
            for at in (1..route.end()).rev().filter(|&at| route.nodes[at].coupled) {
                let node = &route.nodes[at];
                let later = route.ends[at * stride..(at + 1) * stride].iter();
                let later = later.map(|end| end - node.dur).filter(|&start| start > node.from);
                if let Some(next) = later.min().filter(|&next| next <= node.to) {
                    found = (data.tasks[node.task as usize].job, next);
                    break;
                }
            }
            return Some(found);
        }
        None
    }
}
