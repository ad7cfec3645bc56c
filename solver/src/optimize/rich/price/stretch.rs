//! Work without rest: how long it lasts at most.

use crate::optimize::rich::data::{Data, narrow};
use crate::optimize::rich::price::Pricing;
use crate::optimize::rich::route::{Role, Route};

/// A limit on work without rest, in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) longest: i32,
    /// What counts as a rest.
    pub(super) rest: i32,
}

impl Limit {
    /// That of the car's shift.
    pub(super) fn of(data: &Data, car: u32) -> Option<Self> {
        let limit = data.model.shifts.get(car as usize)?.work_limit?;
        Some(Self { longest: narrow(limit.longest.0), rest: narrow(limit.rest.0) })
    }
}

/// A stretch of work without rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    rest: i32,
    pub(super) now: i32,
    pub(super) longest: i32,
}

impl Stretch {
    /// * `now`: worked since the last rest.
    pub(super) fn new(limit: Limit, now: i32) -> Self {
        Self { rest: limit.rest, now, longest: now }
    }

    pub(super) fn work(&mut self, time: i32) {
        self.now += time;
        self.longest = self.longest.max(self.now);
    }

    pub(super) fn wait(&mut self, time: i32) {
        if time >= self.rest {
            self.now = 0;
        } else {
            self.work(time);
        }
    }

    pub(super) fn pause(&mut self, time: i32) {
        if time >= self.rest {
            self.now = 0;
        }
    }

    /// A break on the way: driving comes before waiting.
    ///
    /// * `way`: when the time since the last stop or break began, and what is left of the drive.
    pub(super) fn break_at(&mut self, start: i32, length: i32, way: &mut (i32, i32)) {
        let free = (start - way.0).max(0);
        let driven = free.min(way.1);
        self.work(driven);
        self.wait(free - driven);
        self.pause(length);
        *way = (start + length, way.1 - driven);
    }

    /// What is left of the drive; returns when that is over.
    pub(super) fn drive_on(&mut self, way: (i32, i32)) -> i32 {
        self.work(way.1);
        way.0 + way.1
    }
}

impl Pricing {
    /// By how many seconds the longest stretch of work is too long. Driving comes before waiting.
    pub(super) fn restless(&self, data: &Data, route: &Route) -> i64 {
        let Some(limit) = Limit::of(data, route.car) else { return 0 };
        let car = &data.cars[route.car as usize];
        let mut stretch = Stretch::new(limit, 0);
        let mut left = self.departure;
        for at in 1..route.nodes.len() {
            let node = &route.nodes[at];
            let mut way = (left, node.hop);
            for rest in self.rests.iter().filter(|rest| rest.after + 1 == at) {
                if rest.start >= self.departure {
                    let length = car.rests[rest.rest as usize].duration;
                    stretch.break_at(rest.start, length, &mut way);
                }
            }
            let there = stretch.drive_on(way);
            if at == route.end() {
                break;
            }
            stretch.wait((self.starts[at] - there).max(0));
            match node.role {
                Role::Pause => stretch.pause(node.dur),
                _ => stretch.work(node.dur),
            }
            left = self.starts[at] + node.dur;
        }
        i64::from((stretch.longest - limit.longest).max(0))
    }
}
