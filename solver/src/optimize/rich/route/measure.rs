//! Lengths and costs of a route that do not depend on times.

use crate::optimize::rich::data::{Car, Data, NONE, OUT};
use crate::optimize::rich::loads;
use crate::optimize::rich::route::{Leg, Node, Role, Route};

impl Route {
    /// Lengths of stays, drives and sums; returns whether every leg can be driven.
    pub(in crate::optimize::rich) fn measure(&mut self, data: &Data) -> bool {
        let car = &data.cars[self.car as usize];
        let early = self.nodes[1].settled;
        let start = if early { car.first_start } else { car.start };
        let end = self.end();
        let latest = if self.nodes[end - 1].forced { OUT } else { car.hard_end };
        if self.nodes[0].from != start {
            (self.nodes[0].from, self.nodes[0].to) = (start, start);
            self.mark(0);
        }
        if self.nodes[end].to != latest {
            self.nodes[end].to = latest;
            self.mark(end);
        }
        let before = (self.nodes[0].place, car.ready_place);
        let mut sums = Sums { before, ..Sums::default() };
        self.row.clear();
        let travel = &data.travels[car.travel];
        self.row.push(Leg { cost: 0, place: travel.spot(self.nodes[0].place) });
        for at in 1..=end {
            if sums.add(data, car, &mut self.nodes[at]) {
                self.mark(at);
            }
            let node = &self.nodes[at];
            self.row.push(Leg { cost: node.hop_cost, place: travel.spot(node.place) });
        }
        if !car.rests.is_empty() {
            self.carry_pads();
        }
        if car.picky {
            self.bar_rests(data, car);
        }
        let Sums { mut fixed, mut drive, mut metres, onsite, visits, bad_legs, coupled, .. } = sums;
        if visits == 0 || car.is_unit() {
            // A shift without work is not driven, even if it has a break somewhere.
            (fixed, drive, metres) = (0, 0, 0);
        } else {
            fixed += car.used + onsite * car.onsite_second + self.missed(data);
        }
        (self.drive, self.metres, self.onsite, self.visits) = (drive, metres, onsite, visits);
        (self.fixed_cost, self.coupled, self.bad_legs) = (fixed, coupled, bad_legs);
        bad_legs == 0
    }

    /// Which breaks the load forbids where.
    fn bar_rests(&mut self, data: &Data, car: &Car) {
        let barred = loads::barred(data, self, &car.rests);
        // Whatever goes in or out may change what is allowed all along the route.
        if !(barred.is_empty() && self.barred.is_empty()) {
            self.barred = barred;
            self.mark_all();
        }
    }

    /// Absences lie clear of the pads of visits also where another stop comes in between.
    fn carry_pads(&mut self) {
        let end = self.end();
        if self.nodes[1..end].iter().all(|node| node.role == Role::Work) {
            return;
        }
        let mut pad = 0;
        for at in 1..end {
            match self.nodes[at].role {
                Role::Work => pad = self.nodes[at].pad_after,
                _ if self.nodes[at].pad_after != pad => {
                    self.nodes[at].pad_after = pad;
                    self.mark(at);
                }
                _ => {}
            }
        }
        let mut pad = 0;
        for at in (1..end).rev() {
            match self.nodes[at].role {
                Role::Work => pad = self.nodes[at].pad_before,
                _ if self.nodes[at].pad_before != pad => {
                    self.nodes[at].pad_before = pad;
                    self.mark(at);
                }
                _ => {}
            }
        }
    }

    /// Cost of breaks that are left out.
    pub(in crate::optimize::rich) fn missed(&self, data: &Data) -> i64 {
        let car = &data.cars[self.car as usize];
        if car.placed.is_empty() && self.rests.len() == car.rests.len() {
            return 0;
        }
        let rests = car.rests.iter().enumerate();
        let rests =
            rests.filter(|(at, _)| !self.rests.iter().any(|rest| usize::from(*rest) == *at));
        let missed: i64 = rests.filter_map(|(_, rest)| rest.missed).sum();
        missed + self.missed_placed(data)
    }

    fn missed_placed(&self, data: &Data) -> i64 {
        let placed = data.cars[self.car as usize].placed.iter();
        let out = placed.filter(|(task, _)| self.find(*task).is_none());
        out.map(|(_, cost)| cost).sum()
    }
}

/// What a route adds up to.
#[derive(Default)]
struct Sums {
    drive: i64,
    metres: i64,
    onsite: i64,
    fixed: i64,
    visits: i64,
    bad_legs: i64,
    coupled: bool,
    /// Place of the stop before, and of the visit before.
    before: (u32, u32),
}

impl Sums {
    /// Adds a node; tells whether its drive or its stay has changed.
    #[inline]
    fn add(&mut self, data: &Data, car: &Car, node: &mut Node) -> bool {
        let mut changed = false;
        if node.hop_from != self.before.0 {
            let hop = data.travels[car.travel].hop(self.before.0, node.place);
            (node.hop, node.hop_cost, node.hop_metres) = (hop.seconds, hop.cost, hop.metres);
            node.hop_from = self.before.0;
            changed = true;
        }
        let bad = if node.forced { node.hop >= OUT } else { node.hop > car.leg_max };
        self.bad_legs += i64::from(bad);
        self.drive += i64::from(node.hop);
        self.metres += node.hop_metres;
        self.fixed += node.hop_cost;
        if node.role == Role::Work {
            let again = node.place != NONE && node.place == self.before.1;
            node.setup = if again { 0 } else { node.setup_full };
            if node.person {
                let dur = node.setup + node.work;
                changed |= node.dur != dur;
                node.dur = dur;
                self.onsite += i64::from(node.dur);
                self.fixed += node.fit;
            }
            self.coupled |= node.coupled;
            self.visits += 1;
            self.before.1 = node.place;
        }
        node.last_place = self.before.1;
        self.before.0 = node.place;
        changed
    }
}
