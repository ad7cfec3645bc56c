//! Puts jobs where the plan in force has them.

use crate::optimize::rich::insert::{Builder, Move};
use crate::optimize::rich::spots::{Probe, Spot, Trial};

impl Builder<'_, '_> {
    /// Puts a job where the plan in force has it; its units of equipment where they were told apart,
    /// or wherever they are free.
    ///
    /// * `places`: task, car and gap of each person.
    /// * `hold`: a job that shares times does not start before.
    pub(in crate::optimize::rich) fn put_planned(
        &mut self,
        job: u32,
        places: &[(u32, u32, usize)],
        hold: i32,
    ) -> bool {
        let data = self.data;
        let of = &data.jobs[job as usize];
        let mut moves: Vec<Move> =
            places.iter().map(|&(task, car, gap)| Move::at(task, car, gap)).collect();
        if of.persons > 1 {
            let spots: Vec<Spot> = moves.iter().map(|step| step.spot).collect();
            if !self.crew_fits(job, &spots) {
                return false;
            }
        }
        if of.tasks > of.persons {
            let start = data.model.current.get(job as usize).and_then(Option::as_ref);
            let start = start.map_or(of.outer.0, |current| data.time(current.start));
            for task in of.first + of.persons..of.first + of.tasks {
                let Some(&car) = self.reserved.get(&task) else {
                    return self.put_with_any_units(job, places, hold);
                };
                moves.push(Move::at(task, car, self.planned_gap(car, start)));
            }
            return self.commit(&moves, hold) || self.put_with_any_units(job, places, hold);
        }
        self.commit(&moves, hold)
    }

    fn put_with_any_units(&mut self, job: u32, places: &[(u32, u32, usize)], hold: i32) -> bool {
        let data = self.data;
        let mut spots = Vec::with_capacity(places.len());
        for &(task, car, gap) in places {
            let Some(probe) = Probe::new(data, task, car) else { return false };
            let travel = &data.travels[data.cars[car as usize].travel];
            let route = &self.plan.routes[car as usize];
            let (before, next) = (&route.nodes[gap], &route.nodes[gap + 1]);
            let hops = (
                travel.seconds(before.place, probe.node.place),
                travel.seconds(probe.node.place, next.place),
            );
            let stay = probe.stay(route, gap);
            let low = probe.fits(data, route, gap, Trial { hops, stay, more: 0 });
            let (low, high) = match low {
                Some(low) => (low.max(hold), probe.last(data, route, gap)),
                None if probe.node.forced => (probe.node.from, probe.node.to),
                None => return false,
            };
            spots.push(Spot { car, gap, cost: 0, low, high, lies: Trial::default() });
        }
        match self.with_units(job, &spots) {
            Some(moves) => self.commit(&moves, hold),
            // Work that has begun goes on even if there were never enough units.
            None if data.jobs[job as usize].forced => {
                let people: Vec<Move> =
                    places.iter().map(|&(task, car, gap)| Move::at(task, car, gap)).collect();
                self.commit(&people, hold)
            }
            None => false,
        }
    }
}
