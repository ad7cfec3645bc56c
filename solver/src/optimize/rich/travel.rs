//! Travel of one kind of car: seconds, metres and grains between two places.

use crate::optimize::model::Matrix;
use crate::optimize::rich::data::{NONE, OUT, index};
use crate::optimize::search::Chance;
use crate::problem::Leg;
use crate::units::PlaceIdx;

/// One drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) seconds: i32,
    pub(super) metres: i64,
    pub(super) cost: i64,
}

/// A drive without its metres, as tables hold it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    pub(super) seconds: i32,
    pub(super) cost: i32,
}

/// Drives between two places, there and back; side by side, for a scan along a route needs both of
/// each stop.
#[derive(Debug, Clone, Copy)]
struct Both {
    into: Short,
    out: Short,
}

/// Most places for which drives are kept in tables of their own, 4 to 16 bytes per pair.
const TABLES_MAX: usize = 2500;
/// The same where 2 bytes per pair will do.
const BRIEF_MAX: usize = 4000;

/// A matrix seen with the speed and the rates of a shift.
#[derive(Debug, Clone)]
pub(super) struct Travel<'m> {
    matrix: Option<&'m Matrix>,
    legs: &'m [Leg],
    places: usize,
    percent: u32,
    second: i64,
    metre: i64,
    own_costs: bool,
    /// Position of each place in the tables: places that are near each other lie side by side there.
    spots: Vec<u32>,
    /// Seconds by place, then by the other one, where every drive is like the one back and only time
    /// costs something; empty if there are too many.
    times: Vec<i32>,
    /// The same instead, where all drives are short: a scan along routes has to fetch half as much.
    brief: Vec<u16>,
    /// Drives in the same order, where metres cost something too; empty if some are too dear.
    alike: Vec<Short>,
    /// The same where they are not.
    both: Vec<Both>,
    /// Somebody's metres are limited.
    pub(super) metres_count: bool,
}

/// All drives to and from one place.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    travel: &'a Travel<'a>,
    place: u32,
    times: &'a [i32],
    brief: &'a [u16],
    alike: &'a [Short],
    both: &'a [Both],
}

impl Rows<'_> {
    /// The drive from a place: seconds and grains.
    ///
    /// * `from`: as [`Travel::spot`] has it.
    #[inline]
    pub(super) fn here(&self, from: u32) -> (i32, i64) {
        if let Some(&seconds) = self.brief.get(from as usize) {
            return (i32::from(seconds), i64::from(seconds) * self.travel.second);
        }
        if let Some(&seconds) = self.times.get(from as usize) {
            return (seconds, i64::from(seconds) * self.travel.second);
        }
        if let Some(short) = self.alike.get(from as usize) {
            return (short.seconds, i64::from(short.cost));
        }
        match self.both.get(from as usize) {
            Some(both) => (both.into.seconds, i64::from(both.into.cost)),
            None => self.travel.short(from, self.place),
        }
    }

    /// The drives from one place and to another one: seconds, and grains of both.
    #[inline]
    pub(super) fn between(&self, from: u32, to: u32) -> ((i32, i32), i64) {
        let (into, away) = (self.brief.get(from as usize), self.brief.get(to as usize));
        if let (Some(&into), Some(&away)) = (into, away) {
            let drives = (i32::from(into), i32::from(away));
            return (drives, i64::from(drives.0 + drives.1) * self.travel.second);
        }
        let (into, away) = (self.here(from), self.away(to));
        ((into.0, away.0), into.1 + away.1)
    }

    /// The drive to a place: seconds and grains.
    ///
    /// * `to`: as [`Travel::spot`] has it.
    #[inline]
    pub(super) fn away(&self, to: u32) -> (i32, i64) {
        if let Some(&seconds) = self.brief.get(to as usize) {
            return (i32::from(seconds), i64::from(seconds) * self.travel.second);
        }
        if let Some(&seconds) = self.times.get(to as usize) {
            return (seconds, i64::from(seconds) * self.travel.second);
        }
        if let Some(short) = self.alike.get(to as usize) {
            return (short.seconds, i64::from(short.cost));
        }
        match self.both.get(to as usize) {
            Some(both) => (both.out.seconds, i64::from(both.out.cost)),
            None => self.travel.short(self.place, to),
        }
    }
}

impl<'m> Travel<'m> {
    /// * `rates`: grains per second and per metre.
    pub(super) fn new(matrix: Option<&'m Matrix>, percent: u32, rates: (i64, i64)) -> Self {
        Self {
            legs: matrix.map_or(&[], Matrix::legs),
            places: matrix.map_or(0, Matrix::place_count),
            own_costs: matrix.is_some_and(Matrix::has_costs),
            matrix,
            percent,
            second: rates.0,
            metre: rates.1,
            spots: Vec::new(),
            times: Vec::new(),
            brief: Vec::new(),
            alike: Vec::new(),
            both: Vec::new(),
            metres_count: false,
        }
    }

    /// Writes all drives into tables, if there are not too many.
    pub(super) fn fill_tables(&mut self) {
        if self.places > TABLES_MAX {
            if self.places <= BRIEF_MAX {
                self.fill_brief();
            }
            return;
        }
        let order = self.chain();
        let mut out = Vec::with_capacity(self.places * self.places);
        for &from in &order {
            for &to in &order {
                let hop = self.hop(from, to);
                let Ok(cost) = i32::try_from(hop.cost) else { return };
                out.push(Short { seconds: hop.seconds, cost });
            }
        }
        self.take_order(&order);
        let at = |from: usize, to: usize| out[from * self.places + to];
        let like = |from: usize, to: usize| {
            let (there, back) = (at(from, to), at(to, from));
            (there.seconds, there.cost) == (back.seconds, back.cost)
        };
        if (0..self.places).all(|from| (0..from).all(|to| like(from, to))) {
            if self.metre == 0 && !self.own_costs {
                let brief = out.iter().map(|short| u16::try_from(short.seconds).ok());
                if let Some(brief) = brief.collect() {
                    self.brief = brief;
                } else {
                    self.times = out.iter().map(|short| short.seconds).collect();
                }
            } else {
                self.alike = out;
            }
            return;
        }
        self.both = both_ways(&out, self.places);
    }

    /// Writes all drives into the smallest table, if it can hold them.
    fn fill_brief(&mut self) {
        /// So many places tell as a rule whether drives are like those back.
        const SAMPLE: u32 = 64;
        let mut pairs = (0..SAMPLE).flat_map(|one| (0..one).map(move |other| (one, other)));
        let like = |(one, other)| self.seconds(one, other) == self.seconds(other, one);
        if self.metre != 0 || self.own_costs || !pairs.all(like) {
            return;
        }
        let order = self.chain();
        let mut brief: Vec<u16> = Vec::with_capacity(self.places * self.places);
        for (row, &from) in order.iter().enumerate() {
            for (column, &to) in order.iter().enumerate() {
                let Ok(seconds) = u16::try_from(self.seconds(from, to)) else { return };
                if column < row && brief[column * self.places + row] != seconds {
                    return;
                }
                brief.push(seconds);
            }
        }
        self.take_order(&order);
        self.brief = brief;
    }

    fn take_order(&mut self, order: &[u32]) {
        self.spots = vec![0; self.places];
        for (at, &place) in (0..).zip(order) {
            self.spots[place as usize] = at;
        }
    }

    /// All places, each followed by the nearest one of those that are left.
    ///
    /// Cost: O(places squared).
    fn chain(&self) -> Vec<u32> {
        let mut left: Vec<u32> = (0..index(self.places)).collect();
        let mut chain = Vec::with_capacity(self.places);
        let mut here = 0;
        while !left.is_empty() {
            let nearest = (0..left.len()).min_by_key(|&at| self.seconds(here, left[at]));
            here = left.swap_remove(nearest.unwrap_or(0));
            chain.push(here);
        }
        chain
    }

    /// What a place is called in scans.
    #[inline]
    pub(super) fn spot(&self, place: u32) -> u32 {
        self.spots.get(place as usize).copied().unwrap_or(place)
    }

    /// Whether detours hardly ever save anything, as far as some thousand triples of places tell.
    pub(super) fn is_metric(&self) -> bool {
        const TRIPLES: usize = 4000;
        let mut chance = Chance::new(1);
        let mut place = || index(chance.below(self.places.max(1)));
        let shorter = (0..TRIPLES).filter(|_| {
            let (from, by, to) = (place(), place(), place());
            self.places > 2
                && self.short(from, by).1 + self.short(by, to).1 < self.short(from, to).1
        });
        shorter.count() * 50 < TRIPLES
    }

    /// All drives to and from a place.
    pub(super) fn rows(&self, place: u32) -> Rows<'_> {
        let (from, count) = ((self.spot(place) as usize).saturating_mul(self.places), self.places);
        if let Some(brief) = self.brief.get(from..from.saturating_add(count))
            && !brief.is_empty()
        {
            return Rows { travel: self, place, times: &[], brief, alike: &[], both: &[] };
        }
        let row = |count_of_table: usize| {
            if count_of_table == 0 || place == NONE { 0..0 } else { from..from + count }
        };
        Rows {
            travel: self,
            place,
            times: &self.times[row(self.times.len())],
            brief: &self.brief[row(self.brief.len())],
            alike: &self.alike[row(self.alike.len())],
            both: &self.both[row(self.both.len())],
        }
    }

    #[inline(never)]
    fn short(&self, from: u32, to: u32) -> (i32, i64) {
        let hop = self.hop(from, to);
        (hop.seconds, hop.cost)
    }

    /// Whether the two see the same roads alike.
    pub(super) fn same(&self, other: &Self) -> bool {
        let same_matrix = match (self.matrix, other.matrix) {
            (Some(one), Some(two)) => std::ptr::eq(one, two),
            (None, None) => true,
            _ => false,
        };
        let rates = (self.percent, self.second, self.metre);
        same_matrix && rates == (other.percent, other.second, other.metre)
    }

    /// Seconds only.
    #[inline]
    pub(super) fn seconds(&self, from: u32, to: u32) -> i32 {
        if from == NONE || to == NONE {
            return 0;
        }
        let leg = self.legs[from as usize * self.places + to as usize];
        self.scaled(leg)
    }

    #[inline]
    fn scaled(&self, leg: Leg) -> i32 {
        if !leg.is_reachable() {
            return OUT;
        }
        let seconds = leg.travel().0;
        let scaled = if self.percent == 100 {
            seconds
        } else {
            (seconds * i64::from(self.percent) + 99) / 100
        };
        i32::try_from(scaled.min(i64::from(OUT))).unwrap_or(OUT)
    }

    /// [`Travel::hop`] as routes need it: from the tables, and without metres that nobody counts.
    ///
    /// * `back`: drives from and to `to` were looked at last: where each is like the one back, that
    ///   row of the table is at hand.
    #[inline]
    pub(super) fn drive(&self, from: u32, to: u32, back: bool) -> Hop {
        let spots = (self.spots.get(from as usize), self.spots.get(to as usize));
        let (Some(&start), Some(&goal), false) = (spots.0, spots.1, self.metres_count) else {
            return self.hop(from, to);
        };
        let row = |one: u32, other: u32| one as usize * self.places + other as usize;
        let at = if back { row(goal, start) } else { row(start, goal) };
        if let Some(&seconds) = self.brief.get(at) {
            let seconds = i32::from(seconds);
            return Hop { seconds, metres: 0, cost: i64::from(seconds) * self.second };
        }
        let both = self.both.get(at).map(|both| if back { both.into } else { both.out });
        match self.alike.get(at).copied().or(both) {
            Some(Short { seconds, cost }) => Hop { seconds, metres: 0, cost: i64::from(cost) },
            None => self.hop(from, to),
        }
    }

    /// The drive between two places; nothing where one of them is `NONE`.
    #[inline]
    pub(super) fn hop(&self, from: u32, to: u32) -> Hop {
        if from == NONE || to == NONE {
            return Hop { seconds: 0, metres: 0, cost: 0 };
        }
        let leg = self.legs[from as usize * self.places + to as usize];
        let seconds = self.scaled(leg);
        if seconds >= OUT {
            return Hop { seconds, metres: 0, cost: 0 };
        }
        let metres = leg.distance().0;
        let cost = if self.own_costs {
            let (from, to) = (Some(PlaceIdx(from)), Some(PlaceIdx(to)));
            self.matrix.and_then(|matrix| matrix.cost(from, to)).unwrap_or(0)
        } else {
            i64::from(seconds) * self.second + metres * self.metre
        };
        Hop { seconds, metres, cost }
    }
}

/// The drives of a table there and back, by place, then by the other one.
fn both_ways(out: &[Short], places: usize) -> Vec<Both> {
    /// Rows at once: those back lie a whole row apart.
    const ROWS: usize = 16;
    let mut both: Vec<Both> = out.iter().map(|&out| Both { into: out, out }).collect();
    for (block, rows) in both.chunks_mut(ROWS * places.max(1)).enumerate() {
        let first = block * ROWS;
        for other in 0..places {
            let back = &out[other * places + first..];
            for (row, &into) in rows.chunks_exact_mut(places).zip(back) {
                row[other].into = into;
            }
        }
    }
    both
}
