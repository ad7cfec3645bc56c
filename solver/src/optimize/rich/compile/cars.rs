//! Shifts and units of pools as cars.

use std::collections::HashMap;

use crate::optimize::model::Shift;
use crate::optimize::rich::data::{Car, Data, Limit, NONE, OUT, Rest, index, narrow};
use crate::optimize::rich::travel::Travel;
use crate::units::{Moment, PlaceIdx};

/// No limit.
const FREE: i64 = i64::MAX / 4;

impl Data<'_> {
    pub(super) fn add_shifts(&mut self) {
        let mut sums: HashMap<(bool, u32, u32), u32> = HashMap::new();
        for shift in &self.model.shifts {
            let who = shift.technician.0;
            let caps = &self.model.technicians[who as usize].caps;
            let seconds = |cap: Option<crate::units::Seconds>| cap.map_or(FREE, |cap| cap.0);
            let visits = |cap: Option<u32>| cap.map_or(FREE, i64::from);
            let day = Limit {
                visits: visits(caps.visits_per_day),
                onsite: seconds(caps.onsite_per_day),
                drive: seconds(caps.drive_per_day),
            };
            let week = Limit {
                visits: visits(caps.visits_per_week),
                onsite: seconds(caps.onsite_per_week),
                drive: FREE,
            };
            let mut sum = |key, limit| {
                *sums.entry(key).or_insert_with(|| {
                    self.limits.push(limit);
                    index(self.limits.len() - 1)
                })
            };
            let (day, week) =
                (sum((false, who, shift.day), day), sum((true, who, shift.week), week));
            let travel = self.travel_of(shift);
            let leg_max = caps.drive_per_leg.map_or(OUT - 1, |cap| narrow(cap.0));
            let mut car = self.car_of(shift);
            (car.day, car.week, car.travel, car.leg_max) = (day, week, travel, leg_max);
            self.cars.push(car);
        }
        if self.travels.is_empty() {
            self.travels.push(Travel::new(self.model.matrices.first(), 100, (0, 0)));
        }
        let people = self.model.technicians.len();
        self.shares = if self.model.shares.is_empty() {
            vec![1; people]
        } else {
            self.model.shares.iter().map(|&share| i64::from(share)).collect()
        };
    }

    fn travel_of(&mut self, shift: &Shift) -> usize {
        let weights = &self.model.weights;
        let rates = (
            weights.drive_second + shift.rates.drive_second,
            weights.drive_metre + shift.rates.metre,
        );
        let travel =
            Travel::new(self.model.matrices.get(shift.profile), shift.drive_percent, rates);
        if let Some(found) = self.travels.iter().position(|other| other.same(&travel)) {
            return found;
        }
        self.travels.push(travel);
        self.travels.len() - 1
    }

    /// The hard end, but for overtime that would run into the technician's next shift.
    fn last_return(&self, shift: &Shift) -> Moment {
        let later = self.model.shifts.iter().filter(|other| {
            other.technician == shift.technician
                && other.start >= shift.end
                && !std::ptr::eq(*other, shift)
        });
        let next = later.map(|other| other.start).min();
        next.map_or(shift.hard_end(), |next| next.min(shift.hard_end()))
    }

    fn car_of(&self, shift: &Shift) -> Car {
        let weights = &self.model.weights;
        let place = |place: Option<PlaceIdx>| place.map_or(NONE, |place| place.0);
        let overtime = shift.overtime_limit.0 > 0;
        let overtime_second = weights.overtime_second + shift.rates.overtime_second;
        let earliest = self.model.from.map_or(shift.start, |from| from.max(shift.start));
        let timed = shift.rates.paid_second != 0
            || weights.waiting_second != 0
            || (overtime && overtime_second != 0)
            || shift.paid_max.is_some()
            || shift.work_limit.is_some()
            || weights.risk.second != 0;
        Car {
            technician: shift.technician.0,
            pool: NONE,
            start: self.time(earliest),
            first_start: self.time(shift.start),
            idle: narrow((shift.end - shift.start).0),
            soft_end: self.time(shift.end),
            hard_end: self.time(self.last_return(shift)),
            start_place: place(shift.start_place),
            ready_place: place(shift.start_place.filter(|_| shift.set_up)),
            end_place: place(shift.end_place),
            rests: self.rests_of(shift),
            placed: Vec::new(),
            must: Vec::new(),
            travel: 0,
            leg_max: OUT - 1,
            drive_max: shift.drive_max.map_or(FREE, |most| most.0),
            metres_max: shift.metres_max.map_or(FREE, |most| most.0),
            visits_max: shift.visits_max.map_or(FREE, i64::from),
            paid_max: shift.paid_max.map_or(FREE, |most| most.0),
            day: NONE,
            week: NONE,
            paid_second: shift.rates.paid_second,
            onsite_second: shift.rates.onsite_second,
            overtime_second,
            used: shift.rates.used + weights.shift_used,
            timed,
            simple: shift.work_limit.is_none() && weights.risk.second == 0,
            loaded: !shift.capacity.is_empty() || !shift.stock.is_empty() || self.uses_tools(),
            picky: shift.breaks.iter().any(|it| it.place.is_none() && !it.load_max.is_empty()),
        }
    }

    fn uses_tools(&self) -> bool {
        self.model.visits.iter().any(|visit| !visit.tools.is_empty())
    }

    fn rests_of(&self, shift: &Shift) -> Vec<Rest> {
        let mut rests: Vec<Rest> = Vec::new();
        for (at, pause) in shift.breaks.iter().enumerate() {
            if pause.place.is_some() {
                continue;
            }
            rests.push(Rest {
                index: index(at),
                starts: pause.starts.iter().map(|&(a, b)| (self.time(a), self.time(b))).collect(),
                duration: narrow(pause.duration.0),
                padded: pause.padded,
                paid: pause.paid,
                missed: pause.missed_cost,
                load_max: pause.load_max.clone(),
            });
        }
        rests.sort_by_key(|rest| {
            (rest.starts.last().map(|&(_, last)| last), rest.starts.first().copied(), rest.index)
        });
        rests
    }

    /// One car per unit of every pool.
    pub(super) fn add_units(&mut self) {
        for (pool, stock) in (0_u32..).zip(&self.model.pools) {
            let first = index(self.cars.len());
            // More units than tasks that could want one are never needed.
            let wanted: u64 = self
                .model
                .visits
                .iter()
                .flat_map(|visit| &visit.pools)
                .filter(|need| need.pool.0 == pool)
                .map(|need| u64::from(need.units))
                .sum();
            let taken: u64 = stock.taken.iter().map(|taken| u64::from(taken.units)).sum();
            let count = u64::from(stock.units).min(wanted + taken);
            for _ in 0..count {
                self.cars.push(unit(pool));
            }
            self.units.push((first, index(self.cars.len())));
        }
    }
}

fn unit(pool: u32) -> Car {
    Car {
        technician: NONE,
        pool,
        start: -OUT / 2,
        first_start: -OUT / 2,
        soft_end: OUT / 2,
        hard_end: OUT / 2,
        start_place: NONE,
        ready_place: NONE,
        end_place: NONE,
        rests: Vec::new(),
        placed: Vec::new(),
        must: Vec::new(),
        travel: 0,
        leg_max: OUT - 1,
        drive_max: FREE,
        metres_max: FREE,
        visits_max: FREE,
        paid_max: FREE,
        day: NONE,
        week: NONE,
        paid_second: 0,
        onsite_second: 0,
        overtime_second: 0,
        used: 0,
        idle: 0,
        timed: false,
        simple: false,
        loaded: false,
        picky: false,
    }
}
