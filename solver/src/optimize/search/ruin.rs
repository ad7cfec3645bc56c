//! Which visits to take out: strings of neighbouring routes mostly, and a few other kinds.

use super::{Chance, Order, Place, Routes, real_count, whole};

/// How much is taken out at a time.
///
/// The first four as in Christiaens and Vanden Berghe (2020), section 5.2, with their values.
#[derive(Debug, Clone, Copy)]
pub struct RuinSettings {
    /// Visits removed per step on average, if routes are long enough.
    pub average_removed: f64,
    /// Longest string taken out of one route.
    pub longest_string: f64,
    /// Chance that a string leaves some visits in its middle where they are.
    pub split_chance: f64,
    /// Chance that one more visit is left in the middle.
    pub split_growth: f64,
    /// One in so many ruins is not of strings; 0: all are.
    pub other_one_in: usize,
}

impl Default for RuinSettings {
    fn default() -> Self {
        Self {
            average_removed: 10.0,
            longest_string: 10.0,
            split_chance: 0.5,
            split_growth: 0.5,
            other_one_in: 40,
        }
    }
}

/// Picks visits to remove and removes them; keeps its memory between steps.
#[derive(Debug)]
pub struct Ruins {
    settings: RuinSettings,
    /// `touched[route]` is the last tick in which a string was cut from the route.
    touched: Vec<u64>,
    /// `taken[visit]` is the last tick in which the visit was removed.
    taken: Vec<u64>,
    tick: u64,
}

impl Ruins {
    /// Ready for plans shaped like `routes`.
    pub fn new<R: Routes>(routes: &R, settings: RuinSettings) -> Self {
        Self {
            settings,
            touched: vec![0; routes.route_count()],
            taken: vec![0; routes.visit_count()],
            tick: 0,
        }
    }

    /// Removes some visits and appends them to `removed`, which holds none yet.
    pub fn ruin<R: Routes>(&mut self, routes: &mut R, removed: &mut Vec<u32>, chance: &mut Chance) {
        if routes.visit_count() == 0 {
            return;
        }
        self.tick += 1;
        let others = self.settings.other_one_in;
        if others > 0 && chance.one_in(others) {
            match chance.below(4) {
                0 => self.scattered(routes, removed, chance),
                1 => self.around(routes, removed, chance),
                2 => self.same_time(routes, removed, chance),
                _ => self.whole_route(routes, removed, chance),
            }
            removed.retain(|&visit| routes.is_served(visit));
            routes.remove(removed);
        } else {
            self.strings(routes, removed, chance);
        }
        // What must stay has stayed.
        removed.retain(|&visit| !routes.is_served(visit));
    }

    /// Strings from the routes around a random visit.
    fn strings<R: Routes>(&mut self, routes: &mut R, removed: &mut Vec<u32>, chance: &mut Chance) {
        let settings = self.settings;
        let visit_count = routes.visit_count();
        let seed = super::narrow(chance.below(visit_count));
        // The average length is taken from the route at hand: cheap, and right where routes differ.
        let average = routes
            .place_of(seed)
            .map_or(settings.longest_string, |place| real_count(routes.route(place.route).len()));
        let longest = settings.longest_string.min(average.max(1.0));
        let most = 4.0 * settings.average_removed / (1.0 + longest) - 1.0;
        let strings = whole(1.0 + chance.unit() * most.max(0.0)).max(1);
        let mut cut = 0;
        let mut next = 0;
        let mut visit = seed;
        loop {
            if let Some(route) = routes.route_of(visit)
                && self.touched[route] != self.tick
                && let Some(place) = routes.place_of(visit)
            {
                self.touched[place.route] = self.tick;
                let first = removed.len();
                self.string(routes, place, longest, removed, chance);
                routes.remove(&removed[first..]);
                cut += 1;
            }
            if cut >= strings || next >= routes.neighbours(seed).len() {
                return;
            }
            visit = routes.neighbours(seed)[next];
            next += 1;
        }
    }

    /// One string through `place`, whole or with visits left in its middle.
    fn string<R: Routes>(
        &mut self,
        routes: &R,
        place: Place,
        longest: f64,
        removed: &mut Vec<u32>,
        chance: &mut Chance,
    ) {
        let visits = routes.route(place.route);
        let longest = longest.min(real_count(visits.len()));
        let length = whole(1.0 + chance.unit() * longest).clamp(1, visits.len());
        let mut kept = 0;
        if length > 1 && length < visits.len() && chance.unit() < self.settings.split_chance {
            kept = 1;
            while length + kept < visits.len() && chance.unit() < self.settings.split_growth {
                kept += 1;
            }
        }
        let span = length + kept;
        let lowest = (place.position + 1).saturating_sub(span);
        let highest = place.position.min(visits.len() - span);
        let from = lowest + chance.below(highest - lowest + 1);
        let gap = if kept > 0 { from + 1 + chance.below(length - 1) } else { from + span };
        for position in (from..gap).chain(gap + kept..from + span) {
            self.take(visits[position], removed);
        }
    }

    /// Single visits anywhere.
    fn scattered<R: Routes>(&mut self, routes: &R, removed: &mut Vec<u32>, chance: &mut Chance) {
        for _ in 0..self.amount(chance) {
            self.take(super::narrow(chance.below(routes.visit_count())), removed);
        }
    }

    /// A visit and its closest neighbours.
    fn around<R: Routes>(&mut self, routes: &R, removed: &mut Vec<u32>, chance: &mut Chance) {
        let seed = super::narrow(chance.below(routes.visit_count()));
        self.take(seed, removed);
        let amount = self.amount(chance);
        for &visit in routes.neighbours(seed).iter().take(amount) {
            self.take(visit, removed);
        }
    }

    /// Of a visit's neighbours those whose windows open at about the same time.
    ///
    /// Source: Pisinger and Ropke (2007), "A general heuristic for vehicle routing problems",
    /// time-oriented removal.
    fn same_time<R: Routes>(&mut self, routes: &R, removed: &mut Vec<u32>, chance: &mut Chance) {
        let seed = super::narrow(chance.below(routes.visit_count()));
        self.take(seed, removed);
        let amount = self.amount(chance);
        let opens = routes.rank(Order::Earliest, seed);
        let distance = |visit: u32| (routes.rank(Order::Earliest, visit) - opens).unsigned_abs();
        let mut near: Vec<u32> = routes.neighbours(seed).iter().copied().take(4 * amount).collect();
        near.sort_by_key(|&visit| distance(visit));
        for &visit in near.iter().take(amount) {
            self.take(visit, removed);
        }
    }

    /// A whole route if it is short, else its half.
    fn whole_route<R: Routes>(&mut self, routes: &R, removed: &mut Vec<u32>, chance: &mut Chance) {
        let seed = super::narrow(chance.below(routes.visit_count()));
        let Some(place) = routes.place_of(seed) else { return };
        let visits = routes.route(place.route);
        let most = whole(4.0 * self.settings.average_removed).max(1);
        let from = if visits.len() > most { chance.below(visits.len() - most) } else { 0 };
        for &visit in visits.iter().skip(from).take(most) {
            self.take(visit, removed);
        }
    }

    fn amount(&self, chance: &mut Chance) -> usize {
        1 + chance.below(whole(2.0 * self.settings.average_removed).max(1))
    }

    fn take(&mut self, visit: u32, removed: &mut Vec<u32>) {
        if std::mem::replace(&mut self.taken[visit as usize], self.tick) != self.tick {
            removed.push(visit);
        }
    }
}
