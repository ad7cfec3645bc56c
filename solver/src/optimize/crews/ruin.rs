//! What is taken out of a plan before it is put together again.

use super::data::Data;
use super::state::State;
use crate::optimize::search::{Chance, narrow, whole};

/// Most visits taken out, of large plans.
const MOST: usize = 40;
/// Share of the visits that may be taken out at once.
const SHARE: f64 = 0.35;

/// Takes visits out of a plan.
#[derive(Debug, Default)]
pub(super) struct Ruins {
    /// Visits that were taken out.
    pub(super) open: Vec<u32>,
    candidates: Vec<u32>,
}

impl Ruins {
    /// Takes out some visits with all that depends on them, and sends members home who are not
    /// needed any more.
    pub(super) fn ruin(&mut self, data: &Data<'_>, state: &mut State, chance: &mut Chance) {
        self.open.clear();
        let planned = state.crew_of.iter().filter(|&&crew| crew != super::state::NONE).count();
        let most = whole(SHARE * crate::optimize::search::real_count(planned)).clamp(2, MOST);
        let wanted = 1 + chance.below(most);
        match chance.below(8) {
            0 => self.scattered(data, state, wanted, chance),
            1 | 2 => self.crews(data, state, wanted, chance),
            3 => self.late(data, state, wanted, chance),
            4 => self.day(data, state, wanted, chance),
            5 => self.swap(data, state, wanted, chance),
            _ => self.near(data, state, wanted, chance),
        }
        if state.spent > 0 || state.outsourced.contains(&true) {
            self.take_back(data, state, chance);
        }
        state.tidy(data);
        release(data, state, chance);
    }

    fn take(&mut self, data: &Data<'_>, state: &mut State, visit: u32) {
        if !state.is_planned(visit) {
            return;
        }
        state.remove(visit);
        self.open.push(visit);
        for &later in &data.descendants[visit as usize] {
            if state.is_planned(later) {
                state.remove(later);
                self.open.push(later);
            }
        }
    }

    fn any(&mut self, state: &State, chance: &mut Chance) -> Option<u32> {
        self.candidates.clear();
        let all = 0..narrow(state.crew_of.len());
        self.candidates.extend(all.filter(|&visit| state.is_planned(visit)));
        (!self.candidates.is_empty()).then(|| self.candidates[chance.below(self.candidates.len())])
    }

    fn scattered(
        &mut self,
        data: &Data<'_>,
        state: &mut State,
        wanted: usize,
        chance: &mut Chance,
    ) {
        while self.open.len() < wanted {
            let Some(visit) = self.any(state, chance) else { return };
            self.take(data, state, visit);
        }
    }

    /// Whole crews of one day and the days around.
    fn crews(&mut self, data: &Data<'_>, state: &mut State, wanted: usize, chance: &mut Chance) {
        let Some(seed) = self.any(state, chance) else { return };
        let day = state.day_of(seed);
        let mut crew = state.crew_of[seed as usize];
        for _ in 0..wanted {
            while let Some(&visit) = state.crews[crew as usize].stops.first() {
                self.take(data, state, visit);
            }
            if self.open.len() >= wanted {
                return;
            }
            let other = (day + chance.below(3)).saturating_sub(1).min(state.days.len() - 1);
            let crews = &state.days[other].crews;
            if crews.is_empty() {
                return;
            }
            crew = crews[chance.below(crews.len())];
        }
    }

    /// What ends last of one priority, and crews of days before.
    fn late(&mut self, data: &Data<'_>, state: &mut State, wanted: usize, chance: &mut Chance) {
        let Some(seed) = self.any(state, chance) else { return };
        let priority = data.priority[seed as usize];
        let ends = |visit: &u32| state.end(data, *visit);
        let mut alike: Vec<u32> = self.candidates.clone();
        alike.retain(|&visit| data.priority[visit as usize] == priority);
        alike.sort_by_key(|visit| std::cmp::Reverse(ends(visit)));
        let last = ends(&alike[0]);
        let step = if chance.one_in(2) { 0 } else { data.day_length / 2 };
        let late: Vec<u32> =
            alike.into_iter().take_while(|visit| ends(visit) + step >= last).collect();
        let day = state.day_of(late[0]);
        for visit in late.into_iter().take(wanted) {
            self.take(data, state, visit);
        }
        while self.open.len() < wanted {
            let other = day.saturating_sub(chance.below(3)).min(state.days.len() - 1);
            let crews = &state.days[other].crews;
            let stops = crews.iter().flat_map(|&crew| &state.crews[crew as usize].stops);
            self.candidates.clear();
            self.candidates.extend(stops);
            if self.candidates.is_empty() {
                return;
            }
            let visit = self.candidates[chance.below(self.candidates.len())];
            let crew = state.crew_of[visit as usize];
            while let Some(&visit) = state.crews[crew as usize].stops.first() {
                self.take(data, state, visit);
            }
        }
    }

    /// A day from a random crew on.
    fn day(&mut self, data: &Data<'_>, state: &mut State, wanted: usize, chance: &mut Chance) {
        let Some(seed) = self.any(state, chance) else { return };
        let mut crews = state.days[state.day_of(seed)].crews.clone();
        chance.shuffle(&mut crews);
        for crew in crews {
            while let Some(&visit) = state.crews[crew as usize].stops.first() {
                self.take(data, state, visit);
            }
            if self.open.len() >= wanted.max(4) {
                return;
            }
        }
    }

    /// One visit and others of its length, wherever they are.
    fn swap(&mut self, data: &Data<'_>, state: &mut State, wanted: usize, chance: &mut Chance) {
        let Some(seed) = self.any(state, chance) else { return };
        let duration = data.duration[seed as usize];
        self.candidates.retain(|&visit| data.duration[visit as usize] == duration);
        let mut alike = std::mem::take(&mut self.candidates);
        chance.shuffle(&mut alike);
        self.take(data, state, seed);
        for &visit in alike.iter().take(wanted.min(8)) {
            self.take(data, state, visit);
        }
        self.candidates = alike;
    }

    /// Visits of the same and neighbouring days.
    fn near(&mut self, data: &Data<'_>, state: &mut State, wanted: usize, chance: &mut Chance) {
        let Some(seed) = self.any(state, chance) else { return };
        let day = state.day_of(seed);
        let width = chance.below(3);
        self.candidates.retain(|&visit| state.day_of(visit).abs_diff(day) <= width);
        let mut around = std::mem::take(&mut self.candidates);
        chance.shuffle(&mut around);
        self.take(data, state, seed);
        for &visit in around.iter().take(wanted) {
            self.take(data, state, visit);
        }
        self.candidates = around;
    }

    /// Some of what others do becomes ours to plan again.
    fn take_back(&mut self, data: &Data<'_>, state: &mut State, chance: &mut Chance) {
        let share = 1 + chance.below(4);
        for visit in 0..narrow(state.outsourced.len()) {
            let own = visit as usize;
            let free = data.before[own].iter().all(|&it| !state.outsourced[it as usize]);
            if state.outsourced[own] && free && chance.one_in(share) {
                state.outsourced[own] = false;
                state.spent -= data.problem.visits[own].outsourcing;
                self.open.push(visit);
            }
        }
    }
}

/// Lets members go whom no visit of their crew needs; now and then they stay.
fn release(data: &Data<'_>, state: &mut State, chance: &mut Chance) {
    if chance.one_in(8) {
        return;
    }
    for day in 0..state.days.len() {
        for at in 0..state.days[day].crews.len() {
            let crew = state.days[day].crews[at];
            let mut index = state.crews[crew as usize].members.len();
            while index > 0 {
                index -= 1;
                let member = state.crews[crew as usize].members[index];
                if state.crews[crew as usize].members.len() > 1 && spare(data, state, crew, member)
                {
                    state.leave(data, crew, member);
                }
            }
        }
    }
}

/// Whether a crew can do its work without a member.
fn spare(data: &Data<'_>, state: &State, crew: u32, member: u32) -> bool {
    let own = &state.crews[crew as usize];
    let row = member as usize * data.kinds;
    own.stops.iter().all(|&visit| {
        data.needs[visit as usize].iter().all(|&(kind, count)| {
            own.able[kind as usize] - u32::from(data.able[row + kind as usize]) >= count
        })
    })
}
