//! Lengths and costs of a route that do not depend on times.

use crate::optimize::rich::data::{Car, Data, NONE, OUT};
use crate::optimize::rich::loads;
use crate::optimize::rich::route::node::UNKNOWN;
use crate::optimize::rich::route::times::Dirty;
use crate::optimize::rich::route::{Node, Role, Route};

impl Route {
    /// Lengths of stays, drives and sums, as far as they have changed; returns whether every leg can
    /// be driven.
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
        self.add_up(data, car);
        debug_assert!(self.is_added_up(data, car), "sums that were kept are still right");
        if !car.rests.is_empty() {
            self.carry_pads();
        }
        if car.picky {
            self.bar_rests(data, car);
        }
        let Sums { mut fixed, mut drive, mut metres, onsite, visits, bad_legs, coupled } =
            self.sums;
        if visits == 0 || car.is_unit() {
            // A shift without work is not driven, even if it has a break somewhere.
            (fixed, drive, metres) = (0, 0, 0);
        } else {
            fixed += car.used + onsite * car.onsite_second + self.missed(data);
        }
        (self.drive, self.metres, self.onsite, self.visits) = (drive, metres, onsite, visits);
        (self.fixed_cost, self.coupled, self.bad_legs) = (fixed, coupled > 0, bad_legs);
        bad_legs == 0
    }

    /// Measures the nodes that are new, and those after them as far as that changes anything there.
    fn add_up(&mut self, data: &Data, car: &Car) {
        let Dirty { from, to } = std::mem::replace(&mut self.sums_dirty, Dirty::CLEAN);
        let (travel, end) = (&data.travels[car.travel], self.end());
        if from == 0 {
            self.row[0].place = travel.spot(self.nodes[0].place);
        }
        let mut at = from.max(1);
        while at <= end {
            let before = (self.nodes[at - 1].place, self.nodes[at - 1].last_place);
            let node = &mut self.nodes[at];
            let (last, is_new) = (node.last_place, node.hop_from == UNKNOWN);
            self.sums.take(node);
            let changed = node.come_from(data, car, before);
            self.sums.add(node);
            let same = node.last_place == last;
            (self.row[at].cost, self.row[at].dur) = (node.hop_cost, node.dur);
            if is_new {
                self.row[at].place = travel.spot(node.place);
            }
            if changed {
                self.mark(at);
            }
            at += 1;
            if at > to && same && self.nodes.get(at).is_none_or(|next| next.hop_from != UNKNOWN) {
                break;
            }
        }
    }

    /// Whether measuring all nodes again gives the same.
    fn is_added_up(&self, data: &Data, car: &Car) -> bool {
        let mut copy = self.clone();
        copy.sums = Sums::default();
        copy.nodes.iter_mut().for_each(|node| node.hop_from = UNKNOWN);
        copy.sums_dirty = Dirty { from: 0, to: self.nodes.len() };
        copy.add_up(data, car);
        let row = |route: &Self| {
            route.row.iter().map(|leg| (leg.cost, leg.place, leg.dur)).collect::<Vec<_>>()
        };
        let stays = |route: &Self| route.nodes.iter().map(|node| node.dur).collect::<Vec<_>>();
        copy.sums == self.sums && row(&copy) == row(self) && stays(&copy) == stays(self)
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
        if self.sums.visits == i64::try_from(end - 1).unwrap_or(0) {
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

/// What the nodes of a route add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    drive: i64,
    metres: i64,
    onsite: i64,
    fixed: i64,
    visits: i64,
    bad_legs: i64,
    coupled: i64,
}

impl Sums {
    #[inline]
    fn add(&mut self, node: &Node) {
        self.count(node, 1);
    }

    /// Leaves a node out again, if it is in.
    #[inline]
    pub(super) fn take(&mut self, node: &Node) {
        if node.hop_from != UNKNOWN {
            self.count(node, -1);
        }
    }

    #[inline]
    fn count(&mut self, node: &Node, sign: i64) {
        self.bad_legs += sign * i64::from(node.bad);
        self.drive += sign * i64::from(node.hop);
        self.metres += sign * node.hop_metres;
        self.fixed += sign * node.hop_cost;
        if node.role == Role::Work {
            if node.person {
                self.onsite += sign * i64::from(node.dur);
                self.fixed += sign * node.fit;
            }
            self.coupled += sign * i64::from(node.coupled);
            self.visits += sign;
        }
    }
}

impl Node {
    /// Measures drive and stay; tells whether they have changed.
    ///
    /// * `before`: place of the stop before, and of the visit before.
    #[inline]
    fn come_from(&mut self, data: &Data, car: &Car, before: (u32, u32)) -> bool {
        let mut changed = false;
        if self.hop_from != before.0 {
            let back = self.hop_from == UNKNOWN;
            let hop = data.travels[car.travel].drive(before.0, self.place, back);
            (self.hop, self.hop_cost, self.hop_metres) = (hop.seconds, hop.cost, hop.metres);
            self.hop_from = before.0;
            changed = true;
        }
        self.bad = if self.forced { self.hop >= OUT } else { self.hop > car.leg_max };
        self.last_place = before.1;
        if self.role == Role::Work {
            let again = self.place != NONE && self.place == before.1;
            self.setup = if again { 0 } else { self.setup_full };
            if self.person {
                let dur = self.setup + self.work;
                changed |= self.dur != dur;
                self.dur = dur;
            }
            self.last_place = self.place;
        }
        changed
    }
}
