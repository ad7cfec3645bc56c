//! A plan as the search holds it, with earliest and latest times.

use super::data::Data;
use super::problem::{CrewDay, CrewPlan, CrewStop};
use crate::optimize::search::narrow;

/// No crew.
pub(super) const NONE: u32 = u32::MAX;

/// A crew of a day.
#[derive(Debug, Default)]
pub(super) struct Crew {
    pub(super) day: usize,
    pub(super) members: Vec<u32>,
    /// Visits in order.
    pub(super) stops: Vec<u32>,
    /// How many members are of each kind.
    pub(super) able: Vec<u32>,
}

/// A day.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) crews: Vec<u32>,
    /// Technicians who are there and in no crew.
    pub(super) free: Vec<u32>,
}

/// Where a visit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) cost: i64,
    pub(super) day: usize,
    /// [`NONE`] = a new crew.
    pub(super) crew: u32,
    pub(super) position: usize,
    /// Start in the day.
    pub(super) start: i32,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) crews: Vec<Crew>,
    /// Crews without work, to be used again.
    spare: Vec<u32>,
    pub(super) days: Vec<Day>,
    pub(super) crew_of: Vec<u32>,
    /// Start in the day, and the latest one that nothing else forbids.
    pub(super) start: Vec<i32>,
    pub(super) latest: Vec<i32>,
    pub(super) outsourced: Vec<bool>,
    pub(super) spent: i64,
    /// Last end by priority, and of all.
    pub(super) last: Vec<i32>,
    pub(super) last_of_all: i32,
    /// Scratch: the visits of a day.
    order: Vec<u32>,
}

impl State {
    pub(super) fn new(data: &Data<'_>) -> Self {
        let count = data.visit_count();
        Self {
            crew_of: vec![NONE; count],
            start: vec![0; count],
            latest: vec![0; count],
            outsourced: vec![false; count],
            last: vec![0; data.weight.len()],
            ..Self::default()
        }
    }

    /// A plan that breaks no rule, each visit as early as its order allows.
    pub(super) fn of(data: &Data<'_>, plan: &CrewPlan) -> Self {
        let mut state = Self::new(data);
        for &visit in &plan.outsourced {
            state.outsourced[visit] = true;
            state.spent += data.problem.visits[visit].outsourcing;
        }
        for day in &plan.crews {
            state.open_day(data, day.day);
            let crew = state.new_crew(data, day.day);
            for &member in &day.members {
                state.join(data, crew, narrow(member));
            }
            for stop in &day.stops {
                state.crews[crew as usize].stops.push(narrow(stop.visit));
                state.crew_of[stop.visit] = crew;
                state.start[stop.visit] = i32::try_from(stop.start).unwrap_or(i32::MAX / 4);
            }
        }
        state.tidy(data);
        state
    }

    /// Becomes a copy, without new memory where it can be helped.
    pub(super) fn copy(&mut self, from: &Self) {
        self.crews.resize_with(from.crews.len(), Crew::default);
        for (own, other) in self.crews.iter_mut().zip(&from.crews) {
            own.day = other.day;
            own.members.clone_from(&other.members);
            own.stops.clone_from(&other.stops);
            own.able.clone_from(&other.able);
        }
        self.days.resize_with(from.days.len(), Day::default);
        for (own, other) in self.days.iter_mut().zip(&from.days) {
            own.crews.clone_from(&other.crews);
            own.free.clone_from(&other.free);
        }
        self.spare.clone_from(&from.spare);
        self.crew_of.clone_from(&from.crew_of);
        self.start.clone_from(&from.start);
        self.latest.clone_from(&from.latest);
        self.outsourced.clone_from(&from.outsourced);
        self.spent = from.spent;
        self.last.clone_from(&from.last);
        self.last_of_all = from.last_of_all;
    }

    pub(super) fn is_planned(&self, visit: u32) -> bool {
        self.crew_of[visit as usize] != NONE
    }

    /// The day a visit is planned on.
    pub(super) fn day_of(&self, visit: u32) -> usize {
        self.crews[self.crew_of[visit as usize] as usize].day
    }

    /// End from the beginning of the first day.
    pub(super) fn end(&self, data: &Data<'_>, visit: u32) -> i32 {
        let at = visit as usize;
        narrow(self.day_of(visit)).cast_signed() * data.day_length
            + self.start[at]
            + data.duration[at]
    }

    /// Makes sure that the day exists.
    pub(super) fn open_day(&mut self, data: &Data<'_>, day: usize) {
        while self.days.len() <= day {
            let new = self.days.len();
            let people = 0..data.problem.technicians.len();
            let free = people.filter(|&who| !data.is_off(who, new)).map(narrow).collect();
            self.days.push(Day { crews: Vec::new(), free });
        }
    }

    /// Puts a visit in, with more members for its crew.
    pub(super) fn insert(&mut self, data: &Data<'_>, visit: u32, spot: Spot, added: &[u32]) {
        let crew = if spot.crew == NONE { self.new_crew(data, spot.day) } else { spot.crew };
        for &member in added {
            self.join(data, crew, member);
        }
        self.crews[crew as usize].stops.insert(spot.position, visit);
        self.crew_of[visit as usize] = crew;
        self.start[visit as usize] = spot.start;
        self.retime(data, spot.day);
        self.note_ends(data, spot.day);
    }

    fn new_crew(&mut self, data: &Data<'_>, day: usize) -> u32 {
        let crew = self.spare.pop().unwrap_or_else(|| {
            self.crews.push(Crew::default());
            narrow(self.crews.len() - 1)
        });
        let own = &mut self.crews[crew as usize];
        own.day = day;
        own.members.clear();
        own.stops.clear();
        own.able.clear();
        own.able.resize(data.kinds, 0);
        self.days[day].crews.push(crew);
        crew
    }

    fn join(&mut self, data: &Data<'_>, crew: u32, member: u32) {
        let own = &mut self.crews[crew as usize];
        own.members.push(member);
        let row = member as usize * data.kinds;
        for (count, &able) in own.able.iter_mut().zip(&data.able[row..row + data.kinds]) {
            *count += u32::from(able);
        }
        self.days[own.day].free.retain(|&free| free != member);
    }

    /// Sends a member of a crew away, who is free then.
    pub(super) fn leave(&mut self, data: &Data<'_>, crew: u32, member: u32) {
        let own = &mut self.crews[crew as usize];
        own.members.retain(|&other| other != member);
        let row = member as usize * data.kinds;
        for (count, &able) in own.able.iter_mut().zip(&data.able[row..row + data.kinds]) {
            *count -= u32::from(able);
        }
        self.days[own.day].free.push(member);
    }

    /// Takes a visit out; times are reckoned anew by [`Self::tidy`].
    pub(super) fn remove(&mut self, visit: u32) {
        let crew = std::mem::replace(&mut self.crew_of[visit as usize], NONE);
        self.crews[crew as usize].stops.retain(|&stop| stop != visit);
    }

    /// Dissolves crews without work and reckons times and last ends.
    pub(super) fn tidy(&mut self, data: &Data<'_>) {
        for day in 0..self.days.len() {
            let mut at = 0;
            while at < self.days[day].crews.len() {
                let crew = self.days[day].crews[at];
                if !self.crews[crew as usize].stops.is_empty() {
                    at += 1;
                    continue;
                }
                self.days[day].crews.swap_remove(at);
                let members = std::mem::take(&mut self.crews[crew as usize].members);
                self.days[day].free.extend(members);
                self.spare.push(crew);
            }
            self.retime(data, day);
        }
        self.last.fill(0);
        self.last_of_all = 0;
        for day in 0..self.days.len() {
            self.note_ends(data, day);
        }
    }

    fn note_ends(&mut self, data: &Data<'_>, day: usize) {
        let begin = narrow(day).cast_signed() * data.day_length;
        for &crew in &self.days[day].crews {
            for &visit in &self.crews[crew as usize].stops {
                let at = visit as usize;
                let end = begin + self.start[at] + data.duration[at];
                let last = &mut self.last[data.priority[at]];
                *last = end.max(*last);
                self.last_of_all = end.max(self.last_of_all);
            }
        }
    }

    /// Earliest and latest starts of a day.
    ///
    /// The old starts give the order in which one pass mostly suffices.
    fn retime(&mut self, data: &Data<'_>, day: usize) {
        let mut order = std::mem::take(&mut self.order);
        order.clear();
        for &crew in &self.days[day].crews {
            order.extend_from_slice(&self.crews[crew as usize].stops);
        }
        let passes = order.len() + 1;
        for _ in 0..passes {
            order.sort_by_key(|&visit| self.start[visit as usize]);
            let mut changed = false;
            for &visit in &order {
                let start = self.ready(data, visit, day).max(self.end_before(data, visit));
                changed |= std::mem::replace(&mut self.start[visit as usize], start) != start;
            }
            if !changed {
                break;
            }
        }
        order.sort_by_key(|&visit| self.start[visit as usize]);
        for &visit in order.iter().rev() {
            self.latest[visit as usize] = self.latest_start(data, visit, day);
        }
        self.order = order;
    }

    /// When all that must come before has ended, in time of the day; `0` if on days before.
    pub(super) fn ready(&self, data: &Data<'_>, visit: u32, day: usize) -> i32 {
        let before = data.before[visit as usize].iter();
        let same_day = before.filter(|&&it| self.is_planned(it) && self.day_of(it) == day);
        let ends = same_day.map(|&it| self.start[it as usize] + data.duration[it as usize]);
        ends.max().unwrap_or(0)
    }

    fn end_before(&self, data: &Data<'_>, visit: u32) -> i32 {
        let stops = &self.crews[self.crew_of[visit as usize] as usize].stops;
        let mut before = None;
        for &stop in stops {
            if stop == visit {
                break;
            }
            before = Some(stop);
        }
        before.map_or(0, |stop| self.start[stop as usize] + data.duration[stop as usize])
    }

    fn latest_start(&self, data: &Data<'_>, visit: u32, day: usize) -> i32 {
        let stops = &self.crews[self.crew_of[visit as usize] as usize].stops;
        let mut end = data.day_length;
        let mut rest = stops.iter().skip_while(|&&stop| stop != visit).skip(1);
        if let Some(&next) = rest.next() {
            end = end.min(self.latest[next as usize]);
        }
        for &later in &data.after[visit as usize] {
            if self.is_planned(later) && self.day_of(later) == day {
                end = end.min(self.latest[later as usize]);
            }
        }
        end - data.duration[visit as usize]
    }

    /// Search cost of the whole.
    pub(super) fn cost(&self, data: &Data<'_>) -> i64 {
        let lasts =
            self.last.iter().zip(&data.weight).map(|(&last, weight)| i64::from(last) * weight);
        let mut cost = lasts.sum::<i64>() + i64::from(self.last_of_all) * data.whole;
        for (day, own) in (0..).zip(&self.days) {
            let begin = day * data.day_length;
            for &crew in &own.crews {
                for &visit in &self.crews[crew as usize].stops {
                    let at = visit as usize;
                    let end = begin + self.start[at] + data.duration[at];
                    cost += i64::from(end) * data.average[at];
                }
            }
        }
        cost
    }

    /// Cost as the problem has it.
    pub(super) fn true_cost(&self, data: &Data<'_>) -> i64 {
        let weights = &data.problem.weights;
        let lasts = self.last.iter().zip(&weights.by_priority);
        let lasts: i64 = lasts.map(|(&last, weight)| i64::from(last) * weight).sum();
        lasts + i64::from(self.last_of_all) * weights.whole
    }

    /// The plan for the outside.
    pub(super) fn plan(&self, data: &Data<'_>) -> CrewPlan {
        let mut crews = Vec::new();
        for (day, own) in self.days.iter().enumerate() {
            for &crew in &own.crews {
                let crew = &self.crews[crew as usize];
                let mut members: Vec<usize> = crew.members.iter().map(|&it| it as usize).collect();
                members.sort_unstable();
                let stop = |&visit: &u32| CrewStop {
                    visit: visit as usize,
                    start: i64::from(self.start[visit as usize]),
                };
                crews.push(CrewDay { day, members, stops: crew.stops.iter().map(stop).collect() });
            }
        }
        crews.sort_by_key(|crew| (crew.day, crew.members.first().copied()));
        let outsourced = (0..data.visit_count()).filter(|&visit| self.crew_of[visit] == NONE);
        CrewPlan { crews, outsourced: outsourced.collect(), cost: self.true_cost(data) }
    }
}
