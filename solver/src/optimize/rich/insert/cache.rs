//! The best place of a task in a route, remembered while the route is as it was.
//!
//! Most steps are taken back, so most routes are seen again and again with the same visits. Every
//! state of a route has a number of its own (see `Route::stamp`), which comes back with the state.

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::insert::{ANY_TIME, Begins, Builder, FREE, Move};
use crate::optimize::rich::spots::{Probe, Spot, Trial};

/// Most places remembered, 16 bytes each.
const PLACES_MAX: usize = 1 << 20;
/// No place: the cost is only a bound from below.
const NOWHERE: u16 = u16::MAX;

/// What is known of a task in a route.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The lower half of the number of the state.
    stamp: u32,
    gap: u16,
    /// After which node the stop at a depot comes; `NOWHERE` = there is none.
    before: u16,
    cost: i64,
}

/// Places by task and route: those of a task lie side by side, and as a rule each route has room of
/// its own there. A later place takes the room of an earlier one.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
    /// Place of the depot of each entry; empty where there are none.
    depots: Vec<u32>,
    /// Room of each task.
    ways: usize,
    /// The upper half of the numbers of the states.
    age: u64,
}

impl Cache {
    /// Empty, and of no use where what a place costs depends on more than its route.
    pub(super) fn new(data: &Data) -> Self {
        let weights = &data.model.weights;
        // Without costs of times, routes that share times only bound each other's.
        let separate = !(data.linked || data.coupled && data.timed)
            && data.model.freeze.relaxations.is_empty()
            && weights.technician_used == 0
            && weights.largest_late_second == 0
            && weights.largest_idle_second == 0
            && data
                .limits
                .iter()
                .all(|limit| limit.visits.min(limit.onsite).min(limit.drive) >= FREE);
        let most = if separate { PLACES_MAX / data.tasks.len().max(1) } else { 0 };
        let ways = most.min(data.shifts);
        let count = ways * data.tasks.len();
        let nothing = Entry { stamp: 0, gap: NOWHERE, before: NOWHERE, cost: 0 };
        let depots = data.cars.iter().any(|car| car.loaded);
        Self {
            entries: vec![nothing; count],
            depots: vec![NONE; if depots { count } else { 0 }],
            ways,
            age: 0,
        }
    }

    pub(super) fn is_used(&self) -> bool {
        !self.entries.is_empty()
    }

    #[inline]
    fn slot(&self, (task, car): (u32, u32)) -> usize {
        let (task, car) = (task as usize, car as usize);
        task * self.ways + if car < self.ways { car } else { car % self.ways }
    }

    /// What is known of a place, if anything.
    ///
    /// * `stamp`: state of the route of `car`; not 0.
    #[inline]
    fn find(&self, stamp: u64, task: u32, car: u32) -> Option<&Entry> {
        let entry = &self.entries[self.slot((task, car))];
        let (age, stamp) = halves(stamp);
        (entry.stamp == stamp && age == self.age).then_some(entry)
    }

    fn place_of(&self, (task, car): (u32, u32)) -> Move {
        let slot = self.slot((task, car));
        let Entry { gap, before, cost, .. } = self.entries[slot];
        let gap = usize::from(gap);
        let spot = Spot { car, gap, cost, low: 0, high: 0, lies: Trial::default() };
        let depot = self.depots.get(slot).filter(|_| before != NOWHERE);
        Move { task, spot, depot: depot.map(|&place| (place, usize::from(before))) }
    }

    /// Remembers the cheapest place, or that none costs less than `limit`.
    #[inline]
    fn note(&mut self, stamp: u64, at: (u32, u32), best: Option<&(i64, Move)>, limit: i64) {
        let slot = self.slot(at);
        let (age, stamp) = halves(stamp);
        if age < self.age {
            return;
        }
        if age > self.age {
            // The lower halves begin anew.
            self.entries.iter_mut().for_each(|entry| entry.stamp = 0);
            self.age = age;
        }
        let mut entry = Entry { stamp, gap: NOWHERE, before: NOWHERE, cost: limit };
        if let Some(&(cost, Move { spot, depot, .. })) = best {
            let index = |at: usize| u16::try_from(at).unwrap_or(NOWHERE);
            (entry.cost, entry.gap) = (cost, index(spot.gap));
            if let Some((place, before)) = depot {
                entry.before = index(before);
                self.depots[slot] = place;
                if entry.before == NOWHERE {
                    return;
                }
            }
            if entry.gap == NOWHERE {
                return;
            }
        }
        self.entries[slot] = entry;
    }
}

fn halves(stamp: u64) -> (u64, u32) {
    (stamp >> 32, u32::try_from(stamp & u64::from(u32::MAX)).unwrap_or(0))
}

impl Builder<'_, '_> {
    /// The best place in any of these routes, looked for only where it is not known.
    ///
    /// What is known comes first: whatever costs as much need not be looked at then.
    ///
    /// * `probe`: the task on any car.
    pub(super) fn try_known(&mut self, task: u32, (cars, probe): (&[u32], &Probe), limit: i64) {
        let (mut room, mut best) = (limit, None);
        self.unknown.clear();
        for &car in cars {
            self.look_up((task, car), (&mut room, &mut best));
        }
        if self.idle_last && self.plan.idle > 0 {
            let data = self.data;
            for &(least, car) in &data.alone[task as usize] {
                if least >= room {
                    break;
                }
                if !self.plan.busy[car as usize] {
                    self.look_up((task, car), (&mut room, &mut best));
                }
            }
        }
        if let Some(car) = best {
            self.kept.push((room, self.cache.place_of((task, car))));
        }
        let unknown = std::mem::take(&mut self.unknown);
        if self.plain && !probe.node.forced {
            self.try_plainly(&unknown, probe, limit);
        } else {
            for &car in &unknown {
                self.try_unknown((task, car), probe, limit);
            }
        }
        self.unknown = unknown;
    }

    /// [`Builder::try_unknown`] for several routes where [`Probe::cheapest`] finds the best place.
    fn try_plainly(&mut self, cars: &[u32], probe: &Probe, limit: i64) {
        let data = self.data;
        let (task, mut travel) = (probe.node.task, data.cars[probe.car as usize].travel);
        let mut rows = data.travels[travel].rows(probe.node.place);
        for &car in cars {
            let of = &data.cars[car as usize];
            if of.travel != travel {
                travel = of.travel;
                rows = data.travels[travel].rows(probe.node.place);
            }
            let (stamp, room, below) = self.room(car, limit);
            let best = probe.cheapest(data, (&self.plan.routes[car as usize], &rows), below);
            let best = best.map(|(cost, gap)| (cost, Move::at(task, car, gap)));
            if stamp != 0 {
                self.cache.note(stamp, (task, car), best.as_ref(), below);
            }
            self.take_if_cheaper(best, room);
        }
    }

    /// Number of the state of a route, 0 if this step has changed it; what the best place known so
    /// far costs; and below which cost a place there is worth to be known.
    fn room(&mut self, car: u32, limit: i64) -> (u64, i64, i64) {
        let stamp = if self.plan.is_changed(car) { 0 } else { self.plan.stamp(car) };
        let room = self.kept.first().map_or(limit, |best| best.0);
        (stamp, room, if stamp == 0 { room } else { limit.max(FREE) })
    }

    fn take_if_cheaper(&mut self, found: Option<(i64, Move)>, room: i64) {
        if let Some(found) = found
            && found.0 < room
            && (self.blink == 0 || !self.chance.one_in(self.blink))
        {
            self.kept.clear();
            self.kept.push(found);
        }
    }

    /// Takes the best place in a route if it is known and cheaper, else notes that it is unknown.
    #[inline]
    fn look_up(&mut self, (task, car): (u32, u32), (room, best): (&mut i64, &mut Option<u32>)) {
        // A route that this step has changed is hardly ever seen again as it is now.
        let stamp = self.plan.known(car);
        let known = if stamp == 0 { None } else { self.cache.find(stamp, task, car) };
        match known {
            None => self.unknown.push(car),
            Some(entry) if entry.cost < *room && entry.gap != NOWHERE => {
                if self.blink == 0 || !self.chance.one_in(self.blink) {
                    (*room, *best) = (entry.cost, Some(car));
                }
            }
            // A bound that is not reached any more.
            Some(entry) if entry.cost < *room => self.unknown.push(car),
            Some(_) => {}
        }
    }

    /// Whether idle shifts cost at least what the drives there and back do, and all may begin.
    pub(super) fn may_see_idle_last(&self) -> bool {
        self.plain
            && self.shut.is_empty()
            && self.begins == Begins::Anybody
            && self.data.shifts > super::cars::SHIFTS_ALL
    }

    /// Idle shifts near by that may do a task.
    pub(super) fn idle_able(&self, task: u32) -> usize {
        let alone = self.data.alone[task as usize].iter();
        alone.filter(|(_, car)| !self.plan.busy[*car as usize]).count()
    }

    /// The best place in a route that has not been looked at as it is now.
    fn try_unknown(&mut self, (task, car): (u32, u32), probe: &Probe, limit: i64) {
        let Some(probe) = probe.on(self.data, car) else { return };
        let (stamp, room, below) = self.room(car, limit);
        let blink = std::mem::replace(&mut self.blink, 0);
        std::mem::swap(&mut self.kept, &mut self.here);
        self.kept.clear();
        self.try_car(&probe, below);
        std::mem::swap(&mut self.kept, &mut self.here);
        self.blink = blink;
        if stamp != 0 {
            self.cache.note(stamp, (task, car), self.here.first(), below);
        }
        self.take_if_cheaper(self.here.first().copied(), room);
    }

    /// Does one move in a route that nothing else depends on; takes it back if that breaks a rule.
    ///
    /// The route has been saved in this step, or is saved once for all moves of the step.
    pub(super) fn commit_alone(&mut self, step: &Move) -> bool {
        let (car, at) = (step.spot.car, self.put(step, ANY_TIME));
        let done =
            self.plan.settle(self.data) && self.plan.reprice(self.data) && self.order_kept(car);
        if !done {
            self.plan.pull(car, at);
            if let Some((_, before)) = step.depot {
                self.plan.pull(car, before + 1);
            }
            let restored = self.plan.restore_route(self.data, car);
            debug_assert!(restored, "what was possible before is possible again");
        }
        done
    }
}
