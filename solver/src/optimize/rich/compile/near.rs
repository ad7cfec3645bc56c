//! Which jobs are near which.

use crate::optimize::rich::data::{Data, Kind, NEVER, NONE, index};
use crate::optimize::rich::travel::Travel;

/// Longest list of neighbours.
const NEAR_MAX: usize = 100;
/// From so many visits on, neighbours are chosen among so many times as many that are near by the
/// drive there alone.
const SIFTED_MIN: usize = 2500;
const SIFTED: usize = 4;
/// A second of waiting counts for one part of a second of driving in so many.
const WAITING_PART: i64 = 5;
/// Longest list of shifts that would do a task alone.
const ALONE_MAX: usize = 32;

impl Data<'_> {
    /// Cost: O(visits squared).
    pub(super) fn find_neighbours(&mut self) {
        let visits = self.model.visits.len();
        let mut near = Vec::with_capacity(self.jobs.len());
        let mut keys: Vec<(i64, u32)> = Vec::with_capacity(visits);
        let beside: Vec<Beside> = (0..self.jobs.len()).map(|job| self.beside(job)).collect();
        let travel = &self.travels[0];
        let others = |job: usize| (0..visits).filter(move |&other| other != job);
        for job in 0..self.jobs.len() {
            keys.clear();
            let of = beside[job];
            if self.jobs[job].kind != Kind::Taken {
                if visits > SIFTED_MIN {
                    // Drives back lie far apart in the matrix: only for those that are near there.
                    let rough =
                        |other: usize| (of.roughly_apart(beside[other], travel), index(other));
                    keys.extend(others(job).map(rough));
                    keep_least(&mut keys, NEAR_MAX * SIFTED);
                    for key in &mut keys {
                        key.0 = of.apart(beside[key.1 as usize], travel);
                    }
                } else {
                    let exact = |other: usize| (of.apart(beside[other], travel), index(other));
                    keys.extend(others(job).map(exact));
                }
            }
            keep_least(&mut keys, NEAR_MAX);
            keys.sort_unstable();
            near.push(keys.iter().map(|&(_, other)| other).collect());
        }
        self.near = near;
        let starts: Vec<u32> = self.cars[..self.shifts].iter().map(|car| car.start_place).collect();
        let jobs = 0..self.jobs.len();
        self.remote = jobs.map(|job| self.farthest(job, &starts)).collect();
    }

    /// Shifts by what they would cost for one task alone.
    ///
    /// Cost: O(tasks times shifts).
    pub(super) fn rank_shifts(&mut self) {
        let mut keys: Vec<(i64, u32)> = Vec::with_capacity(self.shifts);
        let mut alone = Vec::with_capacity(self.tasks.len());
        for task in 0..index(self.tasks.len()) {
            keys.clear();
            let place = self.tasks[task as usize].place;
            for car in 0..index(self.shifts) {
                let fit = if self.tasks[task as usize].pool == NONE {
                    self.fit(task, car)
                } else {
                    NEVER
                };
                if fit < NEVER {
                    let of = &self.cars[car as usize];
                    let travel = &self.travels[of.travel];
                    let (to, from) =
                        (travel.hop(of.start_place, place), travel.hop(place, of.end_place));
                    let paid = of.paid_second * i64::from(to.seconds.saturating_add(from.seconds));
                    keys.push((fit + of.used + to.cost + from.cost + paid, car));
                }
            }
            keep_least(&mut keys, ALONE_MAX);
            keys.sort_unstable();
            alone.push(keys.clone());
        }
        self.alone = alone;
    }

    /// Seconds from the nearest of the first places.
    fn farthest(&self, job: usize, starts: &[u32]) -> i32 {
        let place = self.tasks.get(self.jobs[job].first as usize).map_or(NONE, |task| task.place);
        let mut places: Vec<u32> = starts.to_vec();
        places.dedup();
        places.truncate(64);
        places.iter().map(|&start| self.travels[0].seconds(start, place)).min().unwrap_or(0)
    }

    /// A job as its neighbours see it.
    fn beside(&self, job: usize) -> Beside {
        let task = self.tasks.get(self.jobs[job].first as usize);
        let outer = self.jobs[job].outer;
        let windows = self.model.visits.get(job).map_or(&[][..], |visit| &visit.windows);
        let (open, close) = match (windows.first(), windows.last()) {
            (Some(first), Some(last)) => {
                (outer.0.max(self.time(first.earliest)), outer.1.min(self.time(last.latest)))
            }
            _ => outer,
        };
        Beside {
            place: task.map_or(NONE, |task| task.place),
            open: i64::from(open),
            close: i64::from(close),
            stay: task.map_or(0, |task| i64::from(task.service + task.exit)),
        }
    }
}

/// Keeps the so many least keys, in any order.
fn keep_least(keys: &mut Vec<(i64, u32)>, most: usize) {
    if keys.len() > most {
        keys.select_nth_unstable(most);
        keys.truncate(most);
    }
}

/// A job as its neighbours see it: where, when it may start without being early or late, how long.
#[derive(Debug, Clone, Copy)]
struct Beside {
    place: u32,
    open: i64,
    close: i64,
    stay: i64,
}

impl Beside {
    /// How far two jobs are apart as neighbours in a route: the drive, what has to be waited for on
    /// it, and by how much the second is missed, in the better direction.
    ///
    /// Source: Wouda, Lan, Kool (2024), "`PyVRP`: a high-performance VRP solver package", proximity.
    fn apart(self, other: Self, travel: &Travel<'_>) -> i64 {
        self.way(other, self.drive(other, travel)).min(other.way(self, other.drive(self, travel)))
    }

    /// The same if the drive back were as long.
    fn roughly_apart(self, other: Self, travel: &Travel<'_>) -> i64 {
        let drive = self.drive(other, travel);
        self.way(other, drive).min(other.way(self, drive))
    }

    fn drive(self, other: Self, travel: &Travel<'_>) -> i64 {
        i64::from(travel.seconds(self.place, other.place))
    }

    /// The way to another with a drive of so many seconds.
    fn way(self, other: Self, drive: i64) -> i64 {
        let wait = (other.open - self.close - self.stay - drive).max(0);
        let missed = (self.open + self.stay + drive - other.close).max(0);
        drive + wait / WAITING_PART + missed
    }
}
