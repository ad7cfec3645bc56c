//! Visits, breaks with a place and maintenance as jobs and tasks.

use crate::optimize::model::{Relaxation, Visit};
use crate::optimize::rich::data::{Data, Job, Kind, NONE, OUT, Task, Window, index, narrow};

/// Weight of a break with a place that must be taken, far above that of visits.
const BREAK_WEIGHT: i64 = 1 << 40;

impl Data<'_> {
    pub(super) fn add_visits(&mut self) {
        let orders = self.orders();
        for (at, visit) in self.model.visits.iter().enumerate() {
            let (windows, settled) = self.starts_of(at);
            let job = index(at);
            let first = index(self.tasks.len());
            for (role, member) in (0_u8..).zip(&visit.crew) {
                let service = member.duration.unwrap_or(visit.duration);
                self.tasks.push(Task {
                    job,
                    role,
                    place: visit.place.map_or(NONE, |place| place.0),
                    setup: narrow(visit.setup.0),
                    service: narrow(service.0),
                    exit: narrow(visit.exit.0),
                    pad_before: narrow(visit.pad_before.0),
                    pad_after: narrow(visit.pad_after.0),
                    pool: NONE,
                });
            }
            for need in &visit.pools {
                for _ in 0..need.units.min(1 << 16) {
                    let pads = (narrow(need.lead.0), narrow(need.trail.0));
                    self.tasks.push(unit_task(job, need.pool.0, pads));
                }
            }
            let tasks = index(self.tasks.len()) - first;
            let current = self.model.current.get(at).and_then(Option::as_ref);
            let forced = current.is_some_and(|current| current.started);
            let fixed = settled || orders[at] != NONE;
            self.push_job(
                windows,
                Job {
                    kind: Kind::Visit,
                    first,
                    tasks,
                    persons: index(visit.crew.len()),
                    windows: (0, 0),
                    outer: (0, 0),
                    coupled: tasks > 1,
                    fixed,
                    settled,
                    forced,
                    mandatory: i64::from(visit.mandatory),
                    prize: visit.prize,
                    timed: self.is_timed(at, visit),
                    late_only: self.is_late_only(at, visit),
                    late: self.late_rates(visit),
                    order: orders[at],
                },
            );
        }
    }

    fn push_job(&mut self, windows: Vec<Window>, mut job: Job) {
        let from = index(self.windows.len());
        job.outer = match (windows.first(), windows.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (OUT, -OUT),
        };
        self.windows.extend(windows);
        job.windows = (from, index(self.windows.len()));
        self.coupled |= job.coupled;
        self.jobs.push(job);
    }

    fn is_timed(&self, at: usize, visit: &Visit) -> bool {
        let weights = &self.model.weights;
        let soft = visit.windows.iter().any(|window| {
            window.early_second.unwrap_or(0) != 0 || window.late_second.unwrap_or(0) != 0
        });
        let planned = self.model.current.get(at).is_some_and(Option::is_some);
        let moved = planned && (weights.moved_second != 0 || weights.moved_visit != 0);
        let promised = visit.promise.is_some() && weights.broken_promise.is_some();
        let due = visit.due.is_some_and(|due| due.late_second != 0);
        let may_be_late = visit.windows.iter().any(|window| window.late_second.is_some());
        let largest = weights.largest_late_second != 0 && (visit.due.is_some() || may_be_late);
        let crew = visit.crew.len() > 1 && !visit.usual.is_empty();
        let usual = crew && weights.unusual_technician != 0;
        soft || moved || promised || due || largest || usual
    }

    fn is_late_only(&self, at: usize, visit: &Visit) -> bool {
        let early = visit.windows.iter().any(|window| window.early_second.is_some());
        let planned = self.model.current.get(at).is_some_and(Option::is_some);
        visit.windows.len() <= 1 && !early && !planned && visit.promise.is_none()
    }

    /// When a visit is late, and what each second costs before the per cent of lateness.
    fn late_rates(&self, visit: &Visit) -> [(i32, i64); 2] {
        let window = visit
            .windows
            .first()
            .and_then(|window| window.late_second.map(|rate| (self.time(window.latest), rate)));
        let due = visit.due.map(|due| (self.time(due.by), due.late_second));
        [window, due].map(|one| one.unwrap_or((OUT, 0)))
    }

    /// For visits whose order may not change: their rank in the plan in force.
    fn orders(&self) -> Vec<u32> {
        let mut planned: Vec<(i64, usize)> = Vec::new();
        for (at, current) in self.model.current.iter().enumerate() {
            if let Some(current) = current
                && self.relaxation(current.start) == Relaxation::Times
            {
                planned.push((current.start.0, at));
            }
        }
        planned.sort_unstable();
        let mut orders = vec![NONE; self.model.visits.len()];
        for (rank, &(_, at)) in planned.iter().enumerate() {
            orders[at] = index(rank);
        }
        orders
    }

    pub(super) fn add_placed_breaks(&mut self) {
        for (car, shift) in self.model.shifts.iter().enumerate() {
            for (at, pause) in shift.breaks.iter().enumerate() {
                let Some(place) = pause.place else { continue };
                let job = index(self.jobs.len());
                let first = index(self.tasks.len());
                let service = narrow(pause.duration.0);
                let task = Task { place: place.0, service, ..unit_task(job, NONE, (0, 0)) };
                self.tasks.push(task);
                let windows =
                    pause.starts.iter().map(|&(a, b)| (self.time(a), self.time(b))).collect();
                let mandatory = if pause.missed_cost.is_none() { BREAK_WEIGHT } else { 0 };
                let kind = Kind::Break(index(at));
                let mut job = plain_job(kind, first, mandatory);
                job.prize = pause.missed_cost.unwrap_or(0);
                if let Some(missed) = pause.missed_cost {
                    self.cars[car].placed.push((first, missed));
                } else {
                    self.cars[car].must.push(first);
                }
                self.push_job(windows, job);
            }
        }
    }

    /// Maintenance of units: each of them stays where it is.
    pub(super) fn add_taken(&mut self) {
        for (pool, stock) in (0_u32..).zip(&self.model.pools) {
            let mut uses: Vec<_> = stock.taken.iter().collect();
            uses.sort_unstable_by_key(|taken| (taken.span.from, taken.span.until, taken.units));
            for taken in uses {
                let (from, until) = (self.time(taken.span.from), self.time(taken.span.until));
                for _ in 0..taken.units.min(stock.units) {
                    let job = index(self.jobs.len());
                    let first = index(self.tasks.len());
                    let service = (until - from).max(0);
                    self.tasks.push(Task { service, ..unit_task(job, pool, (0, 0)) });
                    let mut job = plain_job(Kind::Taken, first, 0);
                    (job.fixed, job.persons) = (true, 0);
                    self.push_job(vec![(from, from)], job);
                }
            }
        }
    }
}

fn unit_task(job: u32, pool: u32, pads: (i32, i32)) -> Task {
    Task {
        job,
        role: 0,
        place: NONE,
        setup: 0,
        service: 0,
        exit: 0,
        pad_before: pads.0,
        pad_after: pads.1,
        pool,
    }
}

fn plain_job(kind: Kind, first: u32, mandatory: i64) -> Job {
    Job {
        kind,
        first,
        tasks: 1,
        persons: 1,
        windows: (0, 0),
        outer: (0, 0),
        coupled: false,
        fixed: false,
        settled: false,
        forced: false,
        mandatory,
        prize: 0,
        timed: false,
        late_only: false,
        late: [(OUT, 0); 2],
        order: NONE,
    }
}
