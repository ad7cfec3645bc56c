//! One route: its stops, and for each how early it can end and how late it may, by breaks taken.

use crate::optimize::rich::data::{Data, NONE, OUT, snap_down, snap_up};
use crate::optimize::rich::rests::{Between, arrive, clear_after, clear_before, leave};

/// What stands in a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The start or the end place.
    Edge,
    /// A task of a visit or of a unit.
    Work,
    /// A break with a place.
    Pause,
    /// A depot, where stock and tools are fetched.
    Depot,
}

/// One stop, the start or the end of a route.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) task: u32,
    pub(super) place: u32,
    /// Place of the last visit up to here.
    pub(super) last_place: u32,
    /// Time at the stop.
    pub(super) dur: i32,
    pub(super) setup: i32,
    /// First and last start.
    pub(super) from: i32,
    pub(super) to: i32,
    pub(super) pad_before: i32,
    pub(super) pad_after: i32,
    pub(super) windows: (u32, u32),
    /// Drive to here from the stop before.
    pub(super) hop: i32,
    pub(super) hop_cost: i64,
    pub(super) role: Role,
    pub(super) settled: bool,
    pub(super) forced: bool,
    pub(super) coupled: bool,
}

impl Node {
    fn edge(place: u32, from: i32, to: i32) -> Self {
        Self {
            task: NONE,
            place,
            last_place: NONE,
            dur: 0,
            setup: 0,
            from,
            to,
            pad_before: 0,
            pad_after: 0,
            windows: (0, 0),
            hop: 0,
            hop_cost: 0,
            role: Role::Edge,
            settled: false,
            forced: false,
            coupled: false,
        }
    }

    /// A stop at a depot.
    pub(super) fn depot(place: u32, dur: i32) -> Self {
        Self { dur, role: Role::Depot, ..Self::edge(place, -OUT, OUT) }
    }

    /// A task on a car, setup included.
    pub(super) fn new(data: &Data, task: u32, car: u32) -> Self {
        let of = &data.tasks[task as usize];
        let job = &data.jobs[of.job as usize];
        let windows = data.windows_of(task, car);
        let list = data.window_list(windows);
        let (from, to) = match (list.first(), list.last()) {
            (Some(first), Some(last)) => (first.0, last.1),
            _ => (OUT, -OUT),
        };
        let is_break = matches!(job.kind, crate::optimize::rich::data::Kind::Break(_));
        Self {
            task,
            place: of.place,
            last_place: of.place,
            dur: of.setup + data.service_of(task, car) + of.exit,
            setup: of.setup,
            from,
            to,
            pad_before: of.pad_before,
            pad_after: of.pad_after,
            windows,
            hop: 0,
            hop_cost: 0,
            role: if is_break { Role::Pause } else { Role::Work },
            settled: job.settled,
            forced: job.forced,
            coupled: job.coupled,
        }
    }

    /// First start at or after an arrival; `OUT` if too late.
    #[inline]
    pub(super) fn start_after(&self, data: &Data, arrival: i32) -> i32 {
        if self.forced {
            return self.from;
        }
        let mut start = arrival.max(self.from);
        if self.windows.1 > self.windows.0 + 1 {
            start = snap_up(data.window_list(self.windows), start);
        }
        if start <= self.to { start } else { OUT }
    }

    /// Last start that ends by `end`; `-OUT` if there is none.
    #[inline]
    pub(super) fn start_before(&self, data: &Data, end: i32) -> i32 {
        if self.forced {
            return self.from;
        }
        let mut start = (end - self.dur).min(self.to);
        if self.windows.1 > self.windows.0 + 1 {
            start = snap_down(data.window_list(self.windows), start);
        }
        if start >= self.from { start } else { -OUT }
    }
}

/// What lies between two nodes with a drive of so many seconds.
#[inline]
pub(super) fn between(before: &Node, after: &Node, drive: i32) -> Between {
    let both = before.role == Role::Work && after.role == Role::Work;
    let pads = if both { before.pad_after + after.pad_before } else { 0 };
    Between { travel: drive.max(pads), pad_after: before.pad_after, pad_before: after.pad_before }
}

/// The route of one car.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) car: u32,
    /// The start, the stops, the end.
    pub(super) nodes: Vec<Node>,
    /// Earliest end of node `i` with `k` breaks taken before: `ends[i * stride + k]`.
    pub(super) ends: Vec<i32>,
    /// Latest end of node `i` with `k` breaks taken before.
    pub(super) lates: Vec<i32>,
    /// Breaks of the car that are taken, in order.
    pub(super) rests: Vec<u8>,
    /// Largest load up to and from each node on, by kind (see `loads`).
    pub(super) peaks: Vec<(i64, i64)>,
    pub(super) coupled: bool,
    /// Drives that cannot or may not be.
    pub(super) bad_legs: i64,
    pub(super) visits: i64,
    pub(super) drive: i64,
    pub(super) metres: i64,
    pub(super) onsite: i64,
    /// Cost that does not depend on times.
    pub(super) fixed_cost: i64,
    /// All costs.
    pub(super) cost: i64,
    pub(super) max_late: i32,
    /// Seconds with nothing to do.
    pub(super) idle: i32,
    /// `cost`, `max_late` and `idle` are out of date.
    pub(super) stale: bool,
    /// Where the log last saved it.
    pub(super) saved: usize,
}

impl Route {
    /// A route without stops.
    pub(super) fn new(data: &Data, car: u32) -> Self {
        let of = &data.cars[car as usize];
        let start = Node::edge(of.start_place, of.start, of.start);
        let end = Node::edge(of.end_place, -OUT, of.hard_end);
        let rests = (0..of.rests.len()).filter_map(|at| u8::try_from(at).ok()).collect();
        Self {
            car,
            nodes: vec![start, end],
            ends: Vec::new(),
            lates: Vec::new(),
            rests,
            peaks: Vec::new(),
            coupled: false,
            bad_legs: 0,
            visits: 0,
            drive: 0,
            metres: 0,
            onsite: 0,
            fixed_cost: 0,
            cost: 0,
            max_late: 0,
            idle: of.idle,
            stale: false,
            saved: usize::MAX,
        }
    }

    /// Becomes like another without new memory.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.nodes.clear();
        self.nodes.extend_from_slice(&other.nodes);
        self.ends.clear();
        self.ends.extend_from_slice(&other.ends);
        self.lates.clear();
        self.lates.extend_from_slice(&other.lates);
        self.rests.clear();
        self.rests.extend_from_slice(&other.rests);
        self.peaks.clear();
        self.peaks.extend_from_slice(&other.peaks);
        self.car = other.car;
        (self.coupled, self.bad_legs) = (other.coupled, other.bad_legs);
        (self.visits, self.drive, self.metres) = (other.visits, other.drive, other.metres);
        (self.onsite, self.fixed_cost, self.cost) = (other.onsite, other.fixed_cost, other.cost);
        (self.max_late, self.idle) = (other.max_late, other.idle);
        (self.stale, self.saved) = (other.stale, other.saved);
    }

    /// Breaks taken at most, plus one.
    #[inline]
    pub(super) fn stride(&self) -> usize {
        self.rests.len() + 1
    }

    /// Position of the last node.
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.nodes.len() - 1
    }

    /// Position of a task.
    pub(super) fn find(&self, task: u32) -> Option<usize> {
        self.nodes.iter().position(|node| node.task == task)
    }

    /// Lengths of stays, drives and sums; returns whether every leg can be driven.
    pub(super) fn measure(&mut self, data: &Data) -> bool {
        let car = &data.cars[self.car as usize];
        let travel = &data.travels[car.travel];
        let (mut drive, mut metres, mut onsite, mut fixed) = (0, 0, 0, 0);
        let (mut visits, mut bad_legs, mut coupled) = (0, 0, false);
        let early = self.nodes[1].settled;
        let start = if early { car.first_start } else { car.start };
        (self.nodes[0].from, self.nodes[0].to) = (start, start);
        let end = self.end();
        self.nodes[end].to = if self.nodes[end - 1].forced { OUT } else { car.hard_end };
        let mut before = (self.nodes[0].place, NONE);
        for node in &mut self.nodes[1..] {
            let hop = travel.hop(before.0, node.place);
            let bad = if node.forced { hop.seconds >= OUT } else { hop.seconds > car.leg_max };
            bad_legs += i64::from(bad);
            (node.hop, node.hop_cost) = (hop.seconds, hop.cost);
            drive += i64::from(hop.seconds);
            metres += hop.metres;
            fixed += hop.cost;
            if node.role == Role::Work {
                let of = &data.tasks[node.task as usize];
                let again = node.place != NONE && node.place == before.1;
                node.setup = if again { 0 } else { of.setup };
                if of.pool == NONE {
                    node.dur = node.setup + data.service_of(node.task, self.car) + of.exit;
                    onsite += i64::from(node.dur);
                    fixed += data.fit(node.task, self.car);
                }
                coupled |= node.coupled;
                visits += 1;
                before.1 = node.place;
            }
            node.last_place = before.1;
            before.0 = node.place;
        }
        if !car.rests.is_empty() {
            self.carry_pads();
        }
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

    /// Absences lie clear of the pads of visits also where another stop comes in between.
    fn carry_pads(&mut self) {
        let end = self.end();
        let mut pad = 0;
        for node in &mut self.nodes[1..end] {
            match node.role {
                Role::Work => pad = node.pad_after,
                _ => node.pad_after = pad,
            }
        }
        let mut pad = 0;
        for node in self.nodes[1..end].iter_mut().rev() {
            match node.role {
                Role::Work => pad = node.pad_before,
                _ => node.pad_before = pad,
            }
        }
    }

    /// Cost of breaks that are left out.
    pub(super) fn missed(&self, data: &Data) -> i64 {
        let car = &data.cars[self.car as usize];
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

    /// Earliest ends; returns whether the end is reached in time.
    pub(super) fn forward(&mut self, data: &Data) -> bool {
        let stride = self.stride();
        let mut ends = std::mem::take(&mut self.ends);
        ends.clear();
        ends.resize(self.nodes.len() * stride, OUT);
        // Breaks may be over before the departure.
        let rests = &data.cars[self.car as usize].rests;
        let home = Between { travel: 0, pad_after: 0, pad_before: 0 };
        for (taken, end) in ends[..stride].iter_mut().enumerate() {
            let free = arrive(rests, &self.rests[..taken], -OUT, home, |_, _| {});
            *end = free.max(self.nodes[0].to);
        }
        let done = self.forward_into(data, &mut ends);
        self.ends = ends;
        done
    }

    fn forward_into(&self, data: &Data, ends: &mut [i32]) -> bool {
        let stride = self.stride();
        let rests = &data.cars[self.car as usize].rests;
        for at in 1..self.nodes.len() {
            let (before, node) = (&self.nodes[at - 1], &self.nodes[at]);
            let lies = between(before, node, node.hop);
            let (done, open) = ends.split_at_mut(at * stride);
            let last = &done[(at - 1) * stride..];
            let mut any = false;
            for (until, open) in open[..stride].iter_mut().enumerate() {
                let mut best = OUT;
                for (first, &end) in last.iter().enumerate().take(until + 1) {
                    if end >= OUT {
                        continue;
                    }
                    let mut arrival = if first == until {
                        end + lies.travel
                    } else {
                        arrive(rests, &self.rests[first..until], end, lies, |_, _| {})
                    };
                    if at == 1 && first > 0 {
                        arrival = arrival.max(self.clear_start(data, first, node));
                    }
                    let start = node.start_after(data, arrival);
                    if start < OUT {
                        best = best.min(start + node.dur);
                    }
                }
                *open = best;
                any |= best < OUT;
            }
            if !any {
                return false;
            }
        }
        true
    }

    /// First start after the breaks that are over before the departure.
    pub(super) fn clear_start(&self, data: &Data, taken: usize, first: &Node) -> i32 {
        let rests = &data.cars[self.car as usize].rests;
        clear_after(rests, &self.rests[..taken]).max(-OUT) + first.pad_before
    }

    /// Latest ends, from the end of the shift back; returns whether the route can be driven.
    pub(super) fn backward(&mut self, data: &Data) -> bool {
        let stride = self.stride();
        let rests = &data.cars[self.car as usize].rests;
        let mut lates = std::mem::take(&mut self.lates);
        lates.clear();
        lates.resize(self.nodes.len() * stride, -OUT);
        let end = self.end();
        for taken in 0..stride {
            // Breaks that are left are taken after the return.
            let lies = Between { travel: 0, pad_after: 0, pad_before: 0 };
            let latest = leave(rests, &self.rests[taken..], OUT, lies);
            lates[end * stride + taken] = latest.min(self.nodes[end].to);
        }
        for at in (0..end).rev() {
            let (node, next) = (&self.nodes[at], &self.nodes[at + 1]);
            let lies = between(node, next, next.hop);
            let (open, done) = lates.split_at_mut((at + 1) * stride);
            for first in 0..stride {
                let mut best = -OUT;
                for (until, &late) in done[..stride].iter().enumerate().skip(first) {
                    if late <= -OUT {
                        continue;
                    }
                    let start = next.start_before(data, late);
                    if start <= -OUT {
                        continue;
                    }
                    let mut end = if first == until {
                        start - lies.travel
                    } else {
                        leave(rests, &self.rests[first..until], start, lies)
                    };
                    if at + 1 == self.end() && until + 1 < stride {
                        let clear = clear_before(rests, &self.rests[until..]);
                        end = end.min(clear - node.pad_after);
                    }
                    if at == 0 && first > 0 && self.clear_start(data, first, next) > start {
                        continue;
                    }
                    best = best.max(end);
                }
                open[at * stride + first] = if node.forced && best > -OUT { OUT } else { best };
            }
        }
        let starts = self.ends[..stride].iter().zip(&lates[..stride]);
        let feasible = { starts }.any(|(&end, &late)| end < OUT && end <= late);
        self.lates = lates;
        feasible
    }

    /// Earliest start of a node over all numbers of breaks.
    pub(super) fn earliest(&self, at: usize) -> i32 {
        let stride = self.stride();
        let ends = self.ends[at * stride..(at + 1) * stride].iter().copied().min();
        ends.unwrap_or(OUT) - self.nodes[at].dur
    }

    /// Latest start of a node over all numbers of breaks.
    pub(super) fn latest(&self, data: &Data, at: usize) -> i32 {
        let stride = self.stride();
        let lates = self.lates[at * stride..(at + 1) * stride].iter().copied().max();
        self.nodes[at].start_before(data, lates.unwrap_or(-OUT))
    }

    /// Position of the first depot stop.
    pub(super) fn depot(&self) -> Option<usize> {
        self.nodes.iter().position(|node| node.role == Role::Depot)
    }

    /// Place of the last visit before a gap after node `at`.
    pub(super) fn place_before(&self, at: usize) -> u32 {
        self.nodes[at].last_place
    }
}
