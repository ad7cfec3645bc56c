//! Which jobs are near which.

use crate::optimize::rich::data::{Data, Kind, NONE, index};

/// Longest list of neighbours.
const NEAR_MAX: usize = 100;

impl Data<'_> {
    /// Cost: O(visits squared).
    pub(super) fn find_neighbours(&mut self) {
        let visits = self.model.visits.len();
        let mut near = Vec::with_capacity(self.jobs.len());
        let mut keys: Vec<(i64, u32)> = Vec::with_capacity(visits);
        for job in 0..self.jobs.len() {
            keys.clear();
            if self.jobs[job].kind != Kind::Taken {
                for other in (0..visits).filter(|&other| other != job) {
                    keys.push((self.apart(job, other), index(other)));
                }
            }
            if keys.len() > NEAR_MAX {
                keys.select_nth_unstable(NEAR_MAX);
                keys.truncate(NEAR_MAX);
            }
            keys.sort_unstable();
            near.push(keys.iter().map(|&(_, other)| other).collect());
        }
        self.near = near;
        let starts: Vec<u32> = self.cars[..self.shifts].iter().map(|car| car.start_place).collect();
        let jobs = 0..self.jobs.len();
        self.remote = jobs.map(|job| self.farthest(job, &starts)).collect();
    }

    /// Seconds from the nearest of the first places.
    fn farthest(&self, job: usize, starts: &[u32]) -> i32 {
        let place = self.tasks.get(self.jobs[job].first as usize).map_or(NONE, |task| task.place);
        let mut places: Vec<u32> = starts.to_vec();
        places.dedup();
        places.truncate(64);
        places.iter().map(|&start| self.travels[0].seconds(start, place)).min().unwrap_or(0)
    }

    /// Seconds between two jobs there and back; linked ones are next door.
    fn apart(&self, job: usize, other: usize) -> i64 {
        let place = |job: usize| {
            self.tasks.get(self.jobs[job].first as usize).map_or(NONE, |task| task.place)
        };
        let (here, there) = (place(job), place(other));
        let travel = &self.travels[0];
        i64::from(travel.seconds(here, there)) + i64::from(travel.seconds(there, here))
    }
}
