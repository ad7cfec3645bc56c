//! What is offered can be booked at once, and no sequence of bookings and cancellations breaks a plan.

use std::sync::Arc;

use proptest::prelude::*;
use roundsman_solver::check::{verify_overlaps, verify_pool, verify_shift};
use roundsman_solver::placing::{Placement, apply, place};
use roundsman_solver::problem::{
    Caps, Grid, Leg, Pool, PoolNeed, PoolUse, Request, Role, Shift, ShiftEntry, Snapshot, Stop,
    Technician, Usage,
};
use roundsman_solver::schedule::{PreparedShift, insert, remove};
use roundsman_solver::slots::{SearchOptions, Workspace, search};
use roundsman_solver::units::{Moment, PlaceIdx, PoolIdx, Seconds, Span, TechnicianIdx};

use crate::chance::Chance;
use crate::crews;
use crate::plans;

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_crew_offered_can_be_booked_and_the_checker_agrees(seed: u64, crew in 1_usize..=3) {
        let mut chance = Chance::new(seed);
        let mut case = crews::case(&mut chance, crew);
        case.request.window = Seconds(chance.within(0, 3));
        let snapshot = case.snapshot();
        for slot in case.search(SearchOptions { crews_per_slot: 5 }) {
            for crew in &slot.crews {
                let placement = apply(&snapshot, &case.request, slot.start, crew);
                prop_assert!(placement.is_some(), "{:?} at {:?}", crew, slot.start);
                let placement = placement.unwrap();
                for (member, (at, insertion)) in crew.members.iter().zip(&placement.changes) {
                    let caps = &snapshot.technician(member.technician).caps;
                    let faults = verify_shift(&insertion.shift, caps, &Usage::default());
                    prop_assert!(faults.is_empty(), "{:?} in {:?}", faults, insertion.shift);
                    prop_assert_eq!(insertion.shift.stops[insertion.position].planned_start, crew.planned_start);
                    prop_assert_eq!(insertion.added_travel, member.added_travel());
                    prop_assert!(member.overtime <= insertion.overtime);
                    let before = snapshot.entry(*at).shift.shift();
                    let grown = insertion.shift.drive() - before.drive();
                    prop_assert_eq!(grown, member.added_travel());
                }
                let people: Vec<TechnicianIdx> = crew.members.iter().map(|m| m.technician).collect();
                let again = place(&snapshot, &case.request, slot.start, &people).unwrap();
                prop_assert!(again.is_some());
            }
        }
    }

    #[test]
    fn stops_that_need_not_move_do_not_move(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 3, 2);
        let entry = plans::entry(0, shift);
        let shift = entry.shift.shift();
        // Start from a plan that is sound as it stands.
        if !verify_shift(shift, &Caps::default(), &Usage::default()).is_empty() {
            return Ok(());
        }
        let request = plans::request(&mut chance);
        let snapshot = plans::solo(shift.clone());
        for slot in search(&snapshot, &request, SearchOptions::ALL, &mut Workspace::default()).unwrap() {
            let placement = apply(&snapshot, &request, slot.start, &slot.crews[0]).unwrap();
            let insertion = &placement.changes[0].1;
            let pinned = plans::with_stop(shift, &request, insertion.position, slot.start.0);
            let stays = verify_shift(&pinned, &Caps::default(), &Usage::default()).is_empty();
            prop_assert_eq!(insertion.moved.is_empty(), stays, "{:?}", insertion);
            for moved in &insertion.moved {
                let is_before = moved.stop < insertion.position;
                // Only a pause that has to go elsewhere may push a stop the other way.
                let is_away = is_before == (moved.to < moved.from);
                prop_assert!(is_away || !shift.pauses.is_empty());
            }
        }
    }
}

/// A random plan of several days that is booked into, checked after every step.
struct Book {
    technicians: Vec<Technician>,
    shifts: Vec<(u32, Shift)>,
    uses: Vec<PoolUse>,
    legs: Vec<Vec<Leg>>,
    /// Start of each booked visit and the people and uses that belong to it.
    booked: Vec<(Moment, Vec<usize>, Option<PoolUse>)>,
}

const UNITS: u32 = 2;
const PLACE_COUNT: usize = 12;

impl Book {
    fn new(chance: &mut Chance) -> Self {
        let legs = (0..PLACE_COUNT)
            .map(|from| {
                let leg = |to| {
                    let seconds = chance.within(2, 30) as u32 * 60;
                    if from == to { Leg::ZERO } else { Leg::new(seconds, seconds * 12) }
                };
                (0..PLACE_COUNT).map(leg).collect()
            })
            .collect();
        let technicians = (0..4).map(|key| Technician {
            caps: Caps {
                visits_per_day: Some(5),
                drive_per_day: Some(Seconds::hours(3)),
                ..Caps::default()
            },
            ..Technician::new(key)
        });
        let mut shifts = Vec::new();
        for who in 0..4 {
            for day in 0..3 {
                let start = Moment(day * 86_400 + 8 * 3600);
                let mut shift = Shift::new(start, start + Seconds::hours(9));
                shift.overtime_limit = Seconds::minutes(30);
                shift.start_place = Some(PlaceIdx(who));
                shift.end_place = Some(PlaceIdx(who));
                let noon = start + Seconds::hours(4);
                shift.pauses = vec![roundsman_solver::problem::Pause::floating(
                    noon - Seconds::hours(1),
                    noon + Seconds::hours(1),
                    Seconds::minutes(30),
                )];
                shifts.push((who, shift));
            }
        }
        let technicians = technicians.collect();
        Self { technicians, shifts, uses: vec![], legs, booked: vec![] }
    }

    fn snapshot(&self) -> Snapshot {
        let entry = |(who, shift): &(u32, Shift)| ShiftEntry {
            technician: TechnicianIdx(*who),
            shift: Arc::new(PreparedShift::new(shift.clone()).unwrap()),
            elsewhere: Usage::default(),
        };
        let entries = self.shifts.iter().map(entry).collect();
        Snapshot::new(self.technicians.clone(), entries, vec![Pool::new(UNITS, &self.uses)])
            .unwrap()
    }

    fn request(&self, chance: &mut Chance) -> Request {
        let place = chance.count(4, PLACE_COUNT - 1);
        let grid = (0..3 * 48).map(|half| Moment(half * 1800)).collect();
        let range = Span::new(Moment(0), Moment(3 * 86_400));
        let mut request =
            Request::simple(Seconds::minutes(chance.within(2, 12) * 10), range, Grid::Listed(grid));
        request.place = Some(PlaceIdx(place as u32));
        request.travel = Some(roundsman_solver::problem::TravelRows {
            to_place: (0..PLACE_COUNT).map(|from| self.legs[from][place]).collect(),
            from_place: self.legs[place].clone(),
        });
        request.window = Seconds::hours(chance.within(0, 2));
        request.roles = vec![Role::default(); chance.count(1, 2)];
        if chance.happens(1, 3) {
            let lead = Seconds::minutes(20);
            let units = chance.within(1, 2) as u32;
            request.pools = vec![PoolNeed { pool: PoolIdx(0), units, lead, trail: lead }];
        }
        request
    }

    fn book(&mut self, request: &Request, placement: &Placement) {
        let mut rows = Vec::new();
        for (at, insertion) in &placement.changes {
            self.shifts[at.at()].1 = insertion.shift.clone();
            rows.push(at.at());
        }
        let planned = placement.crew.planned_start;
        let taken = request.pools.first().map(|need| PoolUse {
            span: Pool::blocked(planned, request.duration, need.lead, need.trail),
            units: need.units,
        });
        self.uses.extend(taken);
        self.booked.push((placement.start, rows, taken));
    }

    /// Cancels a booking: takes its stops out, and its use of equipment.
    fn cancel(&mut self, which: usize) {
        let (start, rows, taken) = self.booked.remove(which);
        for row in rows {
            let shift = &self.shifts[row].1;
            // Within one shift no two visits share promise and length, or either may go.
            let at = shift.stops.iter().position(|stop| stop.earliest == start).unwrap();
            let place = |at: Option<usize>, edge| at.map_or(edge, |at| shift.stops[at].place);
            let before = place(at.checked_sub(1), shift.start_place).unwrap();
            let next = (at + 1 < shift.stops.len()).then_some(at + 1);
            let after = place(next, shift.end_place).unwrap();
            let leg = self.legs[before.at()][after.at()];
            self.shifts[row].1 = remove(shift, at, leg);
        }
        if let Some(taken) = taken {
            let at = self.uses.iter().position(|other| *other == taken).unwrap();
            self.uses.remove(at);
        }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (who, shift) in &self.shifts {
            let caps = &self.technicians[*who as usize].caps;
            let found = verify_shift(shift, caps, &Usage::default());
            faults.extend(found.iter().map(|fault| format!("{who}: {fault:?}")));
        }
        for who in 0..4 {
            let own: Vec<&Shift> =
                self.shifts.iter().filter(|(owner, _)| *owner == who).map(|(_, s)| s).collect();
            let found = verify_overlaps(TechnicianIdx(who), &own);
            faults.extend(found.iter().map(|fault| format!("{fault:?}")));
        }
        let found = verify_pool(PoolIdx(0), UNITS, &self.uses);
        faults.extend(found.iter().map(|fault| format!("{fault:?}")));
        faults
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bookings_and_cancellations_leave_a_sound_plan(seed: u64) {
        let mut chance = Chance::new(seed);
        let mut book = Book::new(&mut chance);
        let mut workspace = Workspace::default();
        for _ in 0..50 {
            if !book.booked.is_empty() && chance.happens(1, 4) {
                let which = chance.count(0, book.booked.len() - 1);
                book.cancel(which);
            } else {
                let snapshot = book.snapshot();
                let request = book.request(&mut chance);
                let slots = search(&snapshot, &request, SearchOptions::default(), &mut workspace).unwrap();
                if slots.is_empty() {
                    continue;
                }
                let slot = &slots[chance.count(0, slots.len() - 1)];
                let crew = &slot.crews[chance.count(0, slot.crews.len() - 1)];
                let placement = apply(&snapshot, &request, slot.start, crew).unwrap();
                book.book(&request, &placement);
            }
            let faults = book.faults();
            prop_assert!(faults.is_empty(), "{:?}", faults);
        }
    }
}

#[test]
fn neighbours_move_only_as_far_as_needed() {
    // 9:00 A (promised 8:30-9:30, 60 minutes), 11:00 B (promised 10:30-12:00, 60 minutes).
    // A new visit of 75 minutes at 10:00 without travel runs to 11:15: B moves by 15 minutes, A not.
    let at = |hour: i64, minute: i64| Moment(hour * 3600 + minute * 60);
    let mut shift = Shift::new(at(8, 0), at(17, 0));
    let window = |start, earliest, latest| Stop {
        earliest,
        latest,
        ..Stop::exact(start, Seconds::hours(1))
    };
    shift.stops =
        vec![window(at(9, 0), at(8, 30), at(9, 30)), window(at(11, 0), at(10, 30), at(12, 0))];
    let new = Stop::exact(at(10, 0), Seconds::minutes(75));
    let insertion = insert(&shift, 1, new, Leg::ZERO).unwrap();
    assert_eq!(insertion.moved.len(), 1);
    assert_eq!((insertion.moved[0].stop, insertion.moved[0].to), (1, at(11, 15)));
    // At 9:45 instead, A must start 15 minutes earlier; B stays, as 9:45 + 75 is exactly 11:00.
    let new = Stop::exact(at(9, 45), Seconds::minutes(75));
    let insertion = insert(&shift, 1, new, Leg::ZERO).unwrap();
    assert_eq!(insertion.moved.len(), 1);
    assert_eq!((insertion.moved[0].stop, insertion.moved[0].to), (0, at(8, 45)));
    // At 9:20 A would have to start at 8:20, ten minutes before its promise.
    assert!(insert(&shift, 1, Stop::exact(at(9, 20), Seconds::minutes(75)), Leg::ZERO).is_none());
}
