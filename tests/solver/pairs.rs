//! Days of people who go alone and in pairs: what is shared is moved by one of them at a time.

use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{CrewRole, Link, Matrix, Shift, Visit, Weights, Window};
use roundsman_solver::problem::{HeldSkill, Leg, Role, SkillNeed, Technician};
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx};

use crate::chance::Chance;
use crate::rich_laws::assert_sound;
use crate::rich_models::solved;

const MINUTE: i64 = 60;
const PLACES: i64 = 36;
const SKILLS: u32 = 4;
const PEOPLE: u32 = 9;

/// One visit at each place, one in three of them for two who start together, and some followed by
/// another one of somebody else; windows may be missed at a cost, the worst delay costs once more.
fn day(seed: u64) -> Model {
    let mut chance = Chance::new(seed);
    let spots: Vec<(i64, i64)> =
        (0..=PLACES).map(|_| (chance.within(0, 40), chance.within(0, 40))).collect();
    let mut legs = Vec::new();
    for from in &spots {
        for to in &spots {
            let minutes = (from.0 - to.0).abs().max((from.1 - to.1).abs());
            let seconds = u32::try_from(MINUTE * minutes).unwrap();
            legs.push(Leg::new(seconds, seconds));
        }
    }
    let mut model = Model {
        matrices: vec![Matrix::new(spots.len(), legs).unwrap()],
        weights: Weights { drive_second: 1, largest_late_second: 1, ..Weights::none() },
        ..Model::default()
    };
    for who in 0..PEOPLE {
        let mut skills = vec![HeldSkill::lasting(SkillIdx(who % SKILLS), 1)];
        skills.push(HeldSkill::lasting(SkillIdx((who + 1) % SKILLS), 1));
        model.technicians.push(Technician { skills, ..Technician::new(u128::from(who)) });
        model.shifts.push(Shift {
            start_place: Some(PlaceIdx(0)),
            end_place: Some(PlaceIdx(0)),
            ..Shift::new(TechnicianIdx(who), Moment(0), Moment(2000 * MINUTE))
        });
    }
    for place in 1..=u32::try_from(PLACES).unwrap() {
        let open = chance.within(0, 360) * MINUTE;
        let role = |skill: i64| {
            let skill = SkillIdx(u32::try_from(skill).unwrap());
            let skills = vec![SkillNeed { skill, level_min: 1 }];
            CrewRole { needs: Role { skills, carried: Vec::new() }, duration: None }
        };
        let mut visit = |persons: usize| {
            let late_second = Some(i64::try_from(persons).unwrap());
            let window =
                Window { late_second, ..Window::hard(Moment(open), Moment(open + 90 * MINUTE)) };
            let mut crew = Vec::new();
            crew.resize_with(persons, || role(chance.within(0, i64::from(SKILLS) - 1)));
            Visit {
                windows: vec![window],
                crew,
                ..Visit::new(Some(PlaceIdx(place)), Seconds(12 * MINUTE))
            }
        };
        if place % 3 == 0 {
            model.visits.push(visit(2));
        } else if place % 6 == 1 {
            let first = VisitIdx(u32::try_from(model.visits.len()).unwrap());
            let second = VisitIdx(first.0 + 1);
            let both = [visit(1), visit(1)];
            model.visits.extend(both);
            let (min, max) = (Seconds(15 * MINUTE), Some(Seconds(40 * MINUTE)));
            model.links.push(Link::Starts { before: first, after: second, min, max });
            model.links.push(Link::DifferentTechnicians { first, second });
        } else {
            model.visits.push(visit(1));
        }
    }
    model
}

#[test]
fn days_of_pairs_are_whole_and_cost_what_the_verifier_says_after_small_moves() {
    for seed in 1..=6 {
        let model = day(seed);
        let solution = solved(&model, 60, seed);
        assert_sound(&model, &solution, &format!("day {seed}"));
        assert_eq!(solution.score.unserved, 0, "day {seed}");
        assert_eq!(solved(&model, 60, seed), solution, "day {seed} again");
    }
}
