//! The feasible starts of one technician are exactly those that trying everything finds.

use proptest::prelude::*;
use roundsman_solver::problem::{Caps, Request, Shift, Snapshot, Technician};
use roundsman_solver::schedule::timetable;
use roundsman_solver::slots::{SearchOptions, Workspace, earliest, search};
use roundsman_solver::units::Seconds;

use crate::chance::Chance;
use crate::plans;

fn starts(shift: &Shift, caps: Caps, request: &Request, options: SearchOptions) -> Vec<i64> {
    let technician = Technician { caps, ..Technician::new(7) };
    let snapshot =
        Snapshot::new(vec![technician], vec![plans::entry(0, shift.clone())], vec![]).unwrap();
    let slots = search(&snapshot, request, options, &mut Workspace::default()).unwrap();
    slots.iter().map(|slot| slot.start.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exact_starts_equal_brute_force(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 3, 3);
        let caps = plans::caps(&mut chance);
        let request = plans::request(&mut chance);
        // The checker wants pauses clipped and joined, which preparing does.
        let tidy = plans::entry(0, shift.clone()).shift.shift().clone();
        let expected = plans::brute_force(&tidy, &caps, &request);
        prop_assert_eq!(starts(&shift, caps, &request, SearchOptions::default()), &expected[..]);
        prop_assert_eq!(starts(&shift, caps, &request, SearchOptions::ALL), expected);
    }

    #[test]
    fn a_window_is_promised_exactly_if_some_moment_in_it_is_feasible(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 2, 2);
        let mut request = plans::request(&mut chance);
        let exact = starts(&shift, Caps::default(), &request, SearchOptions::default());
        request.window = Seconds(chance.within(1, 4));
        let meets = |start: &i64| exact.iter().any(|at| (*start..=start + request.window.0).contains(at));
        // Starts after the last one on the grid could still be meant by a window that begins before it.
        let expected: Vec<i64> = (-2..=22).filter(meets).collect();
        prop_assert_eq!(starts(&shift, Caps::default(), &request, SearchOptions::default()), &expected[..]);
        prop_assert_eq!(starts(&shift, Caps::default(), &request, SearchOptions::ALL), expected);
    }

    #[test]
    fn every_run_of_starts_begins_with_an_earliest_one_and_all_of_these_are_feasible(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 3, 3);
        let caps = plans::caps(&mut chance);
        let request = plans::request(&mut chance);
        let exact = starts(&shift, caps, &request, SearchOptions::default());
        let technician = Technician { caps, ..Technician::new(7) };
        let snapshot =
            Snapshot::new(vec![technician], vec![plans::entry(0, shift)], vec![]).unwrap();
        let first: Vec<i64> =
            earliest(&snapshot, &request, 1).unwrap().iter().map(|slot| slot.start.0).collect();
        // The grid of these requests holds every moment from -2 to 22.
        prop_assert!(first.iter().filter(|at| (-2..=22).contains(*at)).all(|at| exact.contains(at)));
        let begins = exact.iter().filter(|at| **at > -2 && !exact.contains(&(**at - 1)));
        for at in begins {
            prop_assert!(first.contains(at), "{at} of {exact:?} in {first:?}");
        }
    }

    #[test]
    fn the_overtime_shown_is_the_least_that_will_do(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 2, 3);
        let shift = plans::entry(0, Shift { overtime_limit: Seconds(4), ..shift }).shift.shift().clone();
        let request = plans::request(&mut chance);
        let snapshot = plans::solo(shift.clone());
        for slot in search(&snapshot, &request, SearchOptions::ALL, &mut Workspace::default()).unwrap() {
            let member = slot.crews[0].members[0];
            let does = |overtime_limit| {
                let visit = plans::with_stop(&shift, &request, member.position, slot.start.0);
                plans::can_be_timed(&Shift { overtime_limit, ..visit }, &Caps::default())
            };
            prop_assert!(does(member.overtime));
            prop_assert!(member.overtime == Seconds::ZERO || !does(member.overtime - Seconds(1)));
        }
    }

    #[test]
    fn a_timetable_exists_exactly_if_brute_force_finds_one(seed: u64) {
        let mut chance = Chance::new(seed);
        let shift = plans::shift(&mut chance, 3, 3);
        let entry = plans::entry(0, shift);
        let exists = plans::can_be_timed(entry.shift.shift(), &Caps::default());
        prop_assert_eq!(entry.shift.is_feasible(), exists);
        prop_assert_eq!(timetable(entry.shift.shift()).is_some(), exists);
    }
}
