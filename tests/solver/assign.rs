//! Laws of the assignment policies.

use proptest::prelude::*;
use roundsman_solver::assign::{Blend, Candidate, Policy, Standing, Work, decide, shares, weights};
use roundsman_solver::slots::SearchOptions;
use roundsman_solver::units::{Moment, Seconds, Span};

use crate::chance::Chance;
use crate::crews;

fn standing(key: u128, weight: u32) -> Standing {
    Standing {
        key,
        weight,
        priority: 2,
        joined: Moment(0),
        last_assigned: None,
        absences: vec![],
        planned: Seconds::ZERO,
    }
}

fn everybody(standings: &[Standing]) -> Vec<Candidate> {
    let candidate =
        |member| Candidate { member, added_travel: Seconds::ZERO, overtime: Seconds::ZERO };
    (0..standings.len()).map(candidate).collect()
}

/// Gives pieces of work, one a day from `from` on, each to whoever round robin chooses.
fn hand_out(standings: &mut [Standing], work: &mut Vec<Work>, from: i64, amounts: &[i64]) {
    for (day, &amount) in (from..).zip(amounts) {
        let at = Moment(day * 86_400);
        let is_there = |standing: &Standing| {
            standing.joined <= at && !standing.absences.iter().any(|span| span.contains(at))
        };
        let present: Vec<Candidate> =
            everybody(standings).into_iter().filter(|c| is_there(&standings[c.member])).collect();
        let decision = decide(Policy::RoundRobin, standings, work, &present);
        let member = decision.scores[0].member;
        work.push(Work { member, at, amount });
        standings[member].last_assigned = Some(at);
    }
}

fn done(work: &[Work], member: usize) -> i64 {
    work.iter().filter(|piece| piece.member == member).map(|piece| piece.amount).sum()
}

fn random(chance: &mut Chance) -> (Vec<Standing>, Vec<Work>) {
    let count = chance.count(1, 5);
    let standings = (0..count).map(|at| {
        let away = chance.within(0, 80);
        Standing {
            weight: chance.within(0, 3) as u32 * 50,
            priority: chance.within(0, 4) as u8,
            joined: Moment(chance.within(-50, 50)),
            last_assigned: chance.happens(2, 3).then(|| Moment(chance.within(0, 9) * 3600)),
            absences: vec![Span::new(Moment(away), Moment(away + chance.within(0, 40)))],
            planned: Seconds(chance.within(0, 5)),
            ..standing(50 - at as u128, 100)
        }
    });
    let standings: Vec<Standing> = standings.collect();
    let work = (0..chance.count(0, 12)).map(|_| Work {
        member: chance.count(0, count - 1),
        at: Moment(chance.within(0, 100)),
        amount: chance.within(0, 90),
    });
    let work = work.collect();
    (standings, work)
}

fn policies(chance: &mut Chance) -> Vec<Policy> {
    let blend = Blend {
        travel_second: chance.within(0, 3),
        overtime_second: chance.within(0, 3),
        ahead_unit: chance.within(0, 3),
        planned_second: chance.within(0, 3),
        recent_hour: chance.within(0, 3),
        tier: chance.within(0, 3),
    };
    vec![
        Policy::RoundRobin,
        Policy::LeastRecent,
        Policy::Priority,
        Policy::LeastTravel,
        Policy::MostFree,
        Policy::Blend(blend),
    ]
}

#[test]
fn round_robin_follows_the_weights() {
    let mut standings = vec![standing(1, 300), standing(2, 100), standing(3, 200)];
    let mut work = Vec::new();
    hand_out(&mut standings, &mut work, 1, &[60; 60]);
    // 60 pieces of 60 by 3 : 1 : 2.
    assert_eq!([0, 1, 2].map(|member| done(&work, member)), [1800, 600, 1200]);
}

#[test]
fn long_work_counts_for_more_than_short_work() {
    let mut standings = vec![standing(1, 100), standing(2, 100)];
    let mut work = Vec::new();
    // The first takes 240; the second takes 60 four times before it is the first one's turn.
    hand_out(&mut standings, &mut work, 1, &[240, 60, 60, 60, 60, 30]);
    let who: Vec<usize> = work.iter().map(|piece| piece.member).collect();
    assert_eq!(who, [0, 1, 1, 1, 1, 0]);
}

#[test]
fn an_absence_leaves_no_debt_and_no_bonus() {
    let mut standings = vec![standing(1, 100), standing(2, 100)];
    standings[0].absences = vec![Span::new(Moment(86_400), Moment(11 * 86_400))];
    let mut work = Vec::new();
    // Days 1 to 10: only the second is there. Days 11 to 20: both, so five each.
    hand_out(&mut standings, &mut work, 1, &[1; 20]);
    assert_eq!([done(&work, 0), done(&work, 1)], [5, 15]);
}

#[test]
fn who_joins_late_is_not_flooded() {
    let mut standings = vec![standing(1, 100), standing(2, 100)];
    standings[1].joined = Moment(11 * 86_400);
    let mut work = Vec::new();
    hand_out(&mut standings, &mut work, 1, &[1; 20]);
    assert_eq!([done(&work, 0), done(&work, 1)], [15, 5]);
}

#[test]
fn the_decision_shows_the_numbers_of_everybody() {
    let standings = vec![standing(1, 100), standing(2, 300)];
    let work = [Work { member: 0, at: Moment(5), amount: 40 }];
    let decision = decide(Policy::RoundRobin, &standings, &work, &everybody(&standings));
    // 40 units are due 10 : 30, all done by the first: 30 ahead, the other 30 behind.
    let numbers: Vec<_> =
        decision.scores.iter().map(|s| (s.member, s.cost, s.done_milli, s.target_milli)).collect();
    assert_eq!(numbers, [(1, -30_000, 0, 30_000), (0, 30_000, 40_000, 10_000)]);
}

#[test]
fn no_candidate_no_choice() {
    let standings = vec![standing(1, 100)];
    assert_eq!(decide(Policy::MostFree, &standings, &[], &[]).chosen(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortfalls_add_up_to_nothing(seed: u64) {
        let (mut standings, work) = random(&mut Chance::new(seed));
        for standing in &mut standings {
            standing.weight += 1;
        }
        let total: i64 = shares(&standings, &work).iter().map(|share| share.shortfall_milli()).sum();
        // Each of at most five members is rounded by at most half a thousandth.
        prop_assert!(total.abs() <= 3, "{}", total);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(seed: u64) {
        let mut chance = Chance::new(seed);
        let (standings, mut work) = random(&mut chance);
        let mut candidates: Vec<Candidate> = everybody(&standings)
            .into_iter()
            .map(|c| Candidate { added_travel: Seconds(chance.within(0, 3)), ..c })
            .collect();
        for policy in policies(&mut chance) {
            let before: Vec<usize> =
                decide(policy, &standings, &work, &candidates).scores.iter().map(|s| s.member).collect();
            chance.shuffle(&mut candidates);
            chance.shuffle(&mut work);
            let after: Vec<usize> =
                decide(policy, &standings, &work, &candidates).scores.iter().map(|s| s.member).collect();
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_search_with_the_weights_of_a_policy_ranks_like_the_policy(seed: u64) {
        let mut chance = Chance::new(seed);
        let mut case = crews::case(&mut chance, 1);
        case.request.wishes = roundsman_solver::problem::Wishes::default();
        let (_, work) = random(&mut chance);
        let standings: Vec<Standing> = case.technicians.iter().map(|technician| Standing {
            last_assigned: chance.happens(1, 2).then(|| Moment(chance.within(0, 9) * 3600)),
            priority: chance.within(0, 2) as u8,
            planned: Seconds(chance.within(0, 3)),
            ..standing(technician.key, chance.within(1, 3) as u32)
        }).collect();
        for policy in policies(&mut chance) {
            case.request.weights = weights(policy, &standings, &work);
            for slot in case.search(SearchOptions::ALL) {
                let candidates: Vec<Candidate> = slot.crews.iter().map(|crew| Candidate {
                    member: crew.members[0].technician.at(),
                    added_travel: crew.added_travel(),
                    overtime: crew.overtime(),
                }).collect();
                let decision = decide(policy, &standings, &work, &candidates);
                prop_assert_eq!(decision.chosen(), Some(0), "{:?} {:?}", policy, decision);
            }
        }
    }
}
