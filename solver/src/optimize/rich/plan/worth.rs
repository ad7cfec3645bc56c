//! How good a plan is as a whole.

use crate::optimize::rich::data::{Data, NONE};
use crate::optimize::rich::plan::Plan;
use crate::optimize::rich::price::{Crews, Price};
use crate::optimize::rich::route::Route;

/// Compared in the order of the fields; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::optimize::rich) struct Worth {
    pub(in crate::optimize::rich) unserved: i64,
    pub(in crate::optimize::rich) cost: i64,
}

impl Plan {
    /// Prices all routes whose times changed; returns whether all keep their limits.
    pub(in crate::optimize::rich) fn reprice(&mut self, data: &Data) -> bool {
        let mut stale = std::mem::take(&mut self.stale);
        let mut fine = true;
        while let Some(car) = stale.pop() {
            if !self.routes[car as usize].stale {
                continue;
            }
            self.save(car);
            if data.timed {
                self.routes[car as usize].join(data);
            }
            let crews = Crews::new(&self.at, &self.span);
            let route = &self.routes[car as usize];
            let price =
                self.pricing.price(data, route, crews, (self.lenient, data.careful_below(false)));
            let Some(price) = price else {
                stale.push(car);
                fine = false;
                break;
            };
            debug_assert!(
                self.pricing.agrees(data, &self.routes[car as usize], crews, price),
                "segments tell the same as the stops one by one"
            );
            let route = &mut self.routes[car as usize];
            self.total += price.cost - route.cost;
            (route.cost, route.max_late, route.stale) = (price.cost, price.max_late, false);
            (route.idle, route.over) = (price.idle, price.over);
            self.stamps += 1;
            route.stamp = self.stamps;
        }
        self.stale = stale;
        fine
    }

    /// Weight left out and cost; all routes must be priced.
    pub(in crate::optimize::rich) fn worth(&self, data: &Data) -> Worth {
        let mut cost = self.total + self.left_out.1;
        cost += self.largest_late(data) + self.largest_idle(data);
        cost += self.technicians_used(data) + self.imbalance(data);
        Worth { unserved: self.left_out.0, cost }
    }

    /// Weight left out and cost with the cheapest times of each route.
    pub(in crate::optimize::rich) fn best_worth(&mut self, data: &Data) -> Worth {
        let mut worth = self.worth(data);
        let weights = &data.model.weights;
        worth.cost -= self.largest_late(data) + self.largest_idle(data);
        let (mut late, mut idle) = (0, 0);
        for car in 0..crate::optimize::rich::data::index(data.shifts) {
            let price = self.best_price(data, car);
            worth.cost += price.cost - self.routes[car as usize].cost;
            (late, idle) = (late.max(price.max_late), idle.max(price.idle));
        }
        worth.cost += weights.largest_late_second * i64::from(late);
        worth.cost += weights.largest_idle_second * i64::from(idle);
        worth
    }

    /// Price of a route with its cheapest times, remembered while the route is as it was.
    fn best_price(&mut self, data: &Data, car: u32) -> Price {
        let stamp = self.stamp(car);
        let route = &self.routes[car as usize];
        let Route { cost, max_late, idle, over, .. } = *route;
        let usual = Price { cost, max_late, idle, over };
        if route.visits == 0 || route.rests.is_empty() {
            return usual;
        }
        if self.best_prices.is_empty() {
            self.best_prices.resize(data.shifts, (0, usual));
        }
        if self.best_prices[car as usize].0 != stamp {
            let crews = Crews::new(&self.at, &self.span);
            let below = data.careful_below(true);
            let price = self.pricing.price(data, route, crews, (true, below));
            self.best_prices[car as usize] = (stamp, price.unwrap_or(usual));
        }
        self.best_prices[car as usize].1
    }

    /// Gives each route its cheapest times.
    pub(in crate::optimize::rich) fn take_best_times(&mut self, data: &Data) {
        for car in 0..crate::optimize::rich::data::index(data.shifts) {
            let price = self.best_price(data, car);
            let route = &mut self.routes[car as usize];
            self.total += price.cost - route.cost;
            (route.cost, route.max_late, route.idle) = (price.cost, price.max_late, price.idle);
        }
    }

    pub(in crate::optimize::rich) fn largest_late(&self, data: &Data) -> i64 {
        let rate = data.model.weights.largest_late_second;
        if rate == 0 {
            return 0;
        }
        let late = self.routes.iter().map(|route| route.max_late).max().unwrap_or(0);
        i64::from(late) * rate
    }

    pub(in crate::optimize::rich) fn largest_idle(&self, data: &Data) -> i64 {
        let rate = data.model.weights.largest_idle_second;
        if rate == 0 {
            return 0;
        }
        let idle = self.routes[..data.shifts].iter().map(|route| route.idle).max().unwrap_or(0);
        i64::from(idle.max(0)) * rate
    }

    pub(in crate::optimize::rich) fn technicians_used(&self, data: &Data) -> i64 {
        let rate = data.model.weights.technician_used;
        if rate == 0 {
            return 0;
        }
        let mut used = vec![false; data.model.technicians.len()];
        for route in self.routes[..data.shifts].iter().filter(|route| route.visits > 0) {
            used[data.cars[route.car as usize].technician as usize] = true;
        }
        let count = used.iter().filter(|&&used| used).count();
        i64::try_from(count).unwrap_or(0) * rate
    }

    /// Cost of work beyond the fair shares.
    pub(in crate::optimize::rich) fn imbalance(&self, data: &Data) -> i64 {
        let rate = data.model.weights.balance_second;
        if rate == 0 {
            return 0;
        }
        let shares: i64 = data.shares.iter().sum();
        if shares == 0 {
            return 0;
        }
        let mut work = vec![0_i64; data.model.technicians.len()];
        for (who, done) in data.model.history.iter().enumerate() {
            work[who] = done.0;
        }
        for route in self.routes[..data.shifts].iter().filter(|route| route.visits > 0) {
            let who = data.cars[route.car as usize].technician;
            if who != NONE {
                work[who as usize] += route.onsite + route.drive;
            }
        }
        let all: i64 = work.iter().sum();
        let beyond = work.iter().zip(&data.shares);
        let beyond = beyond.map(|(&done, &share)| (done - all * share / shares).max(0));
        beyond.sum::<i64>() * rate
    }
}
