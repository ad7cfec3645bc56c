//! Limits of cars, days and weeks, and loads: what does not depend on times.

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::loads;
use crate::optimize::rich::plan::{Plan, Undo};
use crate::optimize::rich::route::Route;

impl Plan {
    /// Measures a touched route again; returns whether it keeps all limits that time has no part in.
    pub(super) fn measure(&mut self, data: &Data, car: u32) -> bool {
        self.save(car);
        let of = &data.cars[car as usize];
        let route = &mut self.routes[car as usize];
        let old = (route.visits, route.onsite, route.drive, route.metres);
        let bad_legs = route.bad_legs;
        route.measure(data);
        let reachable = route.bad_legs <= bad_legs;
        let new = (route.visits, route.onsite, route.drive, route.metres);
        if of.is_unit() {
            return true;
        }
        self.idle += usize::from(new.0 == 0);
        self.idle -= usize::from(old.0 == 0);
        self.busy[car as usize] = new.0 > 0;
        // What was beyond a limit before, by what has started, may stay so.
        let within = |value: i64, was: i64, most: i64| value <= most || value <= was;
        let mut fine = reachable
            && within(new.0, old.0, of.visits_max)
            && within(new.2, old.2, of.drive_max)
            && within(new.3, old.3, of.metres_max);
        let limited = if data.limited { &[(of.day, true), (of.week, false)][..] } else { &[] };
        for &(at, is_day) in limited {
            let sum = self.sums[at as usize];
            self.log.push(Undo::Sum(at, sum));
            let after = super::Sum {
                visits: sum.visits + new.0 - old.0,
                onsite: sum.onsite + new.1 - old.1,
                drive: sum.drive + new.2 - old.2,
            };
            self.sums[at as usize] = after;
            let limit = data.limits[at as usize];
            fine &= within(after.visits, sum.visits, limit.visits)
                && within(after.onsite, sum.onsite, limit.onsite)
                && (!is_day || within(after.drive, sum.drive, limit.drive));
        }
        fine &= self.loosened || self.unrested || !self.lacks_break(data, car);
        let fine = fine || self.lenient;
        fine && (!of.loaded || loads::measure(data, &mut self.routes[car as usize]) || self.lenient)
    }

    /// Whether a car works without a break with a place that it must take.
    pub(in crate::optimize::rich) fn lacks_break(&self, data: &Data, car: u32) -> bool {
        let mut must = data.cars[car as usize].must.iter();
        self.routes[car as usize].visits > 0 && must.any(|&task| self.at[task as usize] == NONE)
    }

    /// Whether a car has room for one more task with so much more driving and work on site.
    ///
    /// * `route`: its route as it is, or with more stops than in the plan.
    #[inline]
    pub(in crate::optimize::rich) fn has_room(
        &self,
        data: &Data,
        route: &Route,
        (onsite, drive, metres): (i64, i64, i64),
    ) -> bool {
        let of = &data.cars[route.car as usize];
        if of.day == NONE {
            return true;
        }
        let now = &self.routes[route.car as usize];
        let visits = route.visits - now.visits;
        let (onsite, drive) = (onsite + route.onsite - now.onsite, drive + route.drive - now.drive);
        let metres = metres + route.metres - now.metres;
        let (day, week) = (&self.sums[of.day as usize], &self.sums[of.week as usize]);
        let (today, weekly) = (&data.limits[of.day as usize], &data.limits[of.week as usize]);
        route.visits < of.visits_max
            && now.drive + drive <= of.drive_max
            && now.metres + metres <= of.metres_max
            && day.visits + visits < today.visits
            && day.onsite + onsite <= today.onsite
            && day.drive + drive <= today.drive
            && week.visits + visits < weekly.visits
            && week.onsite + onsite <= weekly.onsite
    }

    /// Length of a coupled job from its start until its last member is done; tells whether it changed.
    pub(super) fn measure_span(&mut self, data: &Data, job: u32) -> bool {
        let of = &data.jobs[job as usize];
        let mut span = 0;
        for task in of.first..of.first + of.persons {
            if let Some((car, at)) = self.find(task) {
                span = span.max(self.routes[car as usize].nodes[at].dur);
            }
        }
        let changed = span != self.span[job as usize];
        if changed {
            self.log.push(Undo::Span(job, self.span[job as usize]));
            self.span[job as usize] = span;
        }
        for task in of.first + of.persons..of.first + of.tasks {
            if let Some((car, at)) = self.find(task)
                && of.persons > 0
                && self.routes[car as usize].nodes[at].dur != span
            {
                self.save(car);
                self.routes[car as usize].nodes[at].dur = span;
                self.routes[car as usize].row[at].dur = span;
                self.routes[car as usize].mark(at);
                self.enqueue(car);
            }
        }
        changed
    }
}

/// Changes that are not about jobs.
impl Plan {
    /// Cars changed since times were settled.
    pub(in crate::optimize::rich) fn touched_cars(&self) -> Vec<u32> {
        self.touched.clone()
    }

    /// Which breaks without a place a car takes.
    pub(in crate::optimize::rich) fn set_rests(&mut self, data: &Data, car: u32, rests: &[u8]) {
        debug_assert!(rests.len() <= data.cars[car as usize].rests.len());
        self.save(car);
        let route = &mut self.routes[car as usize];
        if rests.len() < route.rests.len() {
            self.loosened = true;
        }
        route.rests.clear();
        route.rests.extend_from_slice(rests);
        route.mark_all();
        self.touch(car);
    }

    /// Takes out stops at depots that nobody needs.
    pub(in crate::optimize::rich) fn drop_depots(&mut self, data: &Data, car: u32) {
        let stops: Vec<usize> = self.routes[car as usize].depots().collect();
        for at in stops.into_iter().rev() {
            if loads::last_without(data, &self.routes[car as usize], at) {
                self.pull(car, at);
            }
        }
    }
}
