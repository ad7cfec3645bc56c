//! Laws of searches that start from a plan in force: what it serves stays served.

use roundsman_solver::check::plans::verify;
use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{Lock, Promise};
use roundsman_solver::units::Seconds;

use crate::chance::Chance;
use crate::rich_laws::assert_sound;
use crate::rich_models::{Rules, model, planned, solved};

/// Random days with their plans in force; visits are promised, locked and dear to move at random.
fn days(count: u64, rules: impl Fn(&mut Chance) -> Rules, mut look: impl FnMut(u64, &Model)) {
    for seed in 0..count {
        let mut chance = Chance::new(seed + 10_000);
        let rules = rules(&mut chance);
        let (people, visits) = (chance.count(2, 5), chance.count(3, 18));
        let mut model = model(&mut chance, people, visits, rules);
        let plan = solved(&model, 60, seed);
        model.current = planned(&model, &plan);
        let locks = [Lock::Free, Lock::Free, Lock::Time, Lock::Technician, Lock::Window];
        for (visit, current) in model.visits.iter_mut().zip(&mut model.current) {
            let Some(current) = current else { continue };
            current.lock = locks[chance.count(0, 4)];
            if chance.happens(1, 3) {
                let earliest = current.start - Seconds(900 * chance.within(0, 4));
                visit.promise = Some(Promise { earliest, latest: earliest + Seconds(3_600) });
            }
        }
        if chance.happens(1, 2) {
            model.weights.moved_technician = chance.within(0, 2_000);
            model.weights.moved_second = chance.within(0, 2);
        }
        if verify(&model, &plan).is_empty() {
            look(seed, &model);
        }
    }
}

/// Fails if a search of so many steps serves less than the plan in force.
fn assert_kept(seed: u64, model: &Model, steps: u64) {
    let served = model.visits.iter().zip(&model.current);
    let before: i64 = served
        .filter(|(_, current)| current.is_none())
        .map(|(visit, _)| i64::from(visit.mandatory))
        .sum();
    let after = solved(model, steps, seed);
    assert_sound(model, &after, &format!("seed {seed}"));
    let lost = after.score.unserved - before;
    assert!(lost <= 0, "seed {seed}: {lost} more is left out after {steps} steps");
}

#[test]
fn a_start_from_a_sound_plan_of_crews_and_devices_never_serves_less() {
    let rules = |chance: &mut Chance| Rules {
        windows: true,
        crews: true,
        pools: true,
        soft: chance.happens(1, 2),
        skills: chance.happens(1, 2),
        wishes: chance.happens(1, 2),
        days: chance.happens(1, 2),
        rates: chance.happens(1, 2),
        breaks: chance.happens(1, 2),
        links: chance.happens(1, 2),
        ..Rules::default()
    };
    let mut count = 0;
    days(400, rules, |seed, model| {
        assert_kept(seed, model, 0);
        assert_kept(seed, model, 40);
        count += 1;
    });
    assert!(count > 200, "only {count} plans were sound with their promises");
}
