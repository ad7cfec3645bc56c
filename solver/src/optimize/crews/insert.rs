//! The best place for a visit: which day, which crew, when, and who joins.

use super::data::{Data, WORTH};
use super::staffing::Staffing;
use super::state::{NONE, Spot, State};
use crate::optimize::search::{Chance, narrow};

/// One in so many crews is not looked at.
const BLINK: usize = 60;

/// Puts visits into a plan.
#[derive(Debug, Default)]
pub(super) struct Inserter {
    staffing: Staffing,
    /// Who joins at the best place so far.
    added: Vec<u32>,
    /// Search cost of a technician of average worth who joins a crew.
    pub(super) price: i64,
}

impl Inserter {
    /// Puts a visit in where it costs least. False: no crew can be made for it.
    pub(super) fn place(
        &mut self,
        data: &Data<'_>,
        state: &mut State,
        visit: u32,
        chance: &mut Chance,
    ) -> bool {
        let before = &data.before[visit as usize];
        let first = before.iter().map(|&it| state.day_of(it)).max().unwrap_or(0);
        let end = state.days.len().max(data.days_off_end).max(first) + 1;
        let mut best: Option<Spot> = None;
        for day in first..=end {
            let ready = state.ready(data, visit, day);
            let soonest = time_cost(data, state, visit, day, ready);
            if best.is_some_and(|best| soonest >= best.cost) {
                break;
            }
            if ready + data.duration[visit as usize] > data.day_length {
                continue;
            }
            state.open_day(data, day);
            for at in 0..state.days[day].crews.len() {
                if !chance.one_in(BLINK) {
                    let crew = state.days[day].crews[at];
                    self.try_crew(data, state, (visit, crew, ready), &mut best, chance);
                }
            }
            self.try_new(data, state, (visit, day, ready), &mut best, chance);
        }
        let Some(spot) = best else { return false };
        state.insert(data, visit, spot, &self.added);
        true
    }

    /// Every position in a crew; those who join are chosen only where it would pay.
    fn try_crew(
        &mut self,
        data: &Data<'_>,
        state: &State,
        (visit, crew, ready): (u32, u32, i32),
        best: &mut Option<Spot>,
        chance: &mut Chance,
    ) {
        let own = &state.crews[crew as usize];
        let duration = data.duration[visit as usize];
        let mut found: Option<Spot> = None;
        let mut start = ready;
        for position in 0..=own.stops.len() {
            if start + duration > data.day_length {
                break;
            }
            let next = own.stops.get(position).copied();
            let fits = next.is_none_or(|next| {
                let next = next as usize;
                // What is ready late could wait for something that waits for `next`.
                start + duration <= state.latest[next] && (ready == 0 || state.start[next] >= ready)
            });
            if fits {
                let cost = time_cost(data, state, visit, own.day, start)
                    + pushed(data, state, &own.stops[position..], (own.day, start + duration));
                if found.is_none_or(|found| cost < found.cost) {
                    found = Some(Spot { cost, day: own.day, crew, position, start });
                }
            }
            if let Some(next) = next {
                start = start.max(state.start[next as usize] + data.duration[next as usize]);
            }
        }
        if let Some(found) = found.filter(|found| best.is_none_or(|best| found.cost < best.cost)) {
            self.staff(data, state, (visit, found), best, chance);
        }
    }

    fn try_new(
        &mut self,
        data: &Data<'_>,
        state: &State,
        (visit, day, ready): (u32, usize, i32),
        best: &mut Option<Spot>,
        chance: &mut Chance,
    ) {
        let cost = time_cost(data, state, visit, day, ready);
        if best.is_none_or(|best| cost < best.cost) {
            let spot = Spot { cost, day, crew: NONE, position: 0, start: ready };
            self.staff(data, state, (visit, spot), best, chance);
        }
    }

    fn staff(
        &mut self,
        data: &Data<'_>,
        state: &State,
        (visit, mut spot): (u32, Spot),
        best: &mut Option<Spot>,
        chance: &mut Chance,
    ) {
        let able: &[u32] =
            if spot.crew == NONE { &[] } else { &state.crews[spot.crew as usize].able };
        let free = &state.days[spot.day].free;
        let Some(worth) = self.staffing.fill(data, visit, able, free, chance) else { return };
        if spot.crew == NONE && self.staffing.added.is_empty() {
            // A visit that needs no skill still needs somebody.
            let Some(&who) = free.iter().min_by_key(|&&who| data.worth[who as usize]) else {
                return;
            };
            self.staffing.added.push(who);
        }
        spot.cost += worth * self.price / WORTH;
        if best.is_none_or(|best| spot.cost < best.cost) {
            *best = Some(spot);
            std::mem::swap(&mut self.added, &mut self.staffing.added);
        }
    }
}

/// What a visit costs that starts at `start`: later last ends, and the average.
fn time_cost(data: &Data<'_>, state: &State, visit: u32, day: usize, start: i32) -> i64 {
    let at = visit as usize;
    let end = narrow(day).cast_signed() * data.day_length + start + data.duration[at];
    let priority = data.priority[at];
    let later = i64::from((end - state.last[priority]).max(0)) * data.weight[priority];
    let whole = i64::from((end - state.last_of_all).max(0)) * data.whole;
    later + whole + i64::from(end) * data.average[at]
}

/// What it costs that the visits behind start later.
fn pushed(data: &Data<'_>, state: &State, stops: &[u32], (day, mut end): (usize, i32)) -> i64 {
    let begin = narrow(day).cast_signed() * data.day_length;
    let mut cost = 0;
    for &stop in stops {
        let at = stop as usize;
        if state.start[at] >= end {
            break;
        }
        cost += i64::from(end - state.start[at]) * data.average[at];
        end += data.duration[at];
        let priority = data.priority[at];
        cost += i64::from((begin + end - state.last[priority]).max(0)) * data.weight[priority];
    }
    cost
}
