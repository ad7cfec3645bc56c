//! The best place of a task in a route, remembered while the route is as it was.
//!
//! Most steps are taken back, so most routes are seen again and again with the same visits. Every
//! state of a route has a number of its own (see `Route::stamp`), which comes back with the state.

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::insert::{ANY_TIME, Builder, FREE, Move};
use crate::optimize::rich::spots::{Probe, Spot, Trial};

/// Most places remembered, 32 bytes each.
const PLACES_MAX: usize = 1 << 19;

/// What is known of a task in a route.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known {
    Nothing,
    /// No place costs less.
    AtLeast(i64),
    /// The cheapest place.
    Best(i64, Move),
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    stamp: u64,
    cost: i64,
    /// `NONE`: `cost` is only a bound from below.
    gap: u32,
    depot: u32,
    before: u32,
}

/// Places by task and route: those of a task lie side by side, and as a rule each route has room of
/// its own there. A later place takes the room of an earlier one.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
    /// Room of each task.
    ways: usize,
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
        let nothing = Entry { stamp: 0, cost: 0, gap: NONE, depot: NONE, before: 0 };
        Self { entries: vec![nothing; ways * data.tasks.len()], ways }
    }

    pub(super) fn is_used(&self) -> bool {
        !self.entries.is_empty()
    }

    #[inline]
    fn slot(&self, (task, car): (u32, u32)) -> usize {
        let (task, car) = (task as usize, car as usize);
        task * self.ways + if car < self.ways { car } else { car % self.ways }
    }

    /// * `stamp`: state of the route of `car`; not 0.
    #[inline]
    pub(super) fn find(&self, stamp: u64, task: u32, car: u32) -> Known {
        let entry = &self.entries[self.slot((task, car))];
        if entry.stamp != stamp {
            return Known::Nothing;
        }
        if entry.gap == NONE {
            return Known::AtLeast(entry.cost);
        }
        let (gap, cost) = (entry.gap as usize, entry.cost);
        let spot = Spot { car, gap, cost, low: 0, high: 0, lies: Trial::default() };
        let depot = (entry.depot != NONE).then_some((entry.depot, entry.before as usize));
        Known::Best(cost, Move { task, spot, depot })
    }

    /// Remembers the cheapest place, or that none costs less than `limit`.
    #[inline]
    fn note(&mut self, stamp: u64, at: (u32, u32), best: Option<&(i64, Move)>, limit: i64) {
        let slot = self.slot(at);
        let index = |at: usize| u32::try_from(at).unwrap_or(NONE);
        let bound = Entry { stamp, cost: limit, gap: NONE, depot: NONE, before: 0 };
        self.entries[slot] = best.map_or(bound, |&(cost, Move { spot, depot, .. })| {
            let (depot, before) = depot.map_or((NONE, 0), |(place, at)| (place, index(at)));
            Entry { cost, gap: index(spot.gap), depot, before, ..bound }
        });
    }
}

impl Builder<'_, '_> {
    /// The best place in a route, looked for only if it is not known.
    ///
    /// * `probe`: the task on any car.
    pub(super) fn try_known(&mut self, (task, car): (u32, u32), probe: &Probe, limit: i64) {
        // A route that this step has changed is hardly ever seen again as it is now.
        let passing = self.plan.is_changed(car);
        let stamp = if passing { 0 } else { self.plan.stamp(car) };
        let room = self.kept.first().map_or(limit, |best| best.0);
        let known = if stamp == 0 { Known::Nothing } else { self.cache.find(stamp, task, car) };
        let best = match known {
            Known::AtLeast(cost) | Known::Best(cost, _) if cost >= room => return,
            Known::Best(cost, found) => (cost, found),
            _ => {
                let Some(probe) = probe.on(self.data, car) else { return };
                let below = if stamp == 0 { room } else { limit.max(FREE) };
                let blink = std::mem::replace(&mut self.blink, 0);
                std::mem::swap(&mut self.kept, &mut self.here);
                self.kept.clear();
                self.try_car(&probe, below);
                std::mem::swap(&mut self.kept, &mut self.here);
                self.blink = blink;
                if stamp != 0 {
                    self.cache.note(stamp, (task, car), self.here.first(), below);
                }
                match self.here.first() {
                    Some(&best) if best.0 < room => best,
                    _ => return,
                }
            }
        };
        if self.blink == 0 || !self.chance.one_in(self.blink) {
            self.kept.clear();
            self.kept.push(best);
        }
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
