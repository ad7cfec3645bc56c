//! Crews that are formed in the morning and stay together for the day.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::crews::{CrewFault, cost, verify};
use roundsman_solver::formats::roadef;
use roundsman_solver::optimize::crews::{
    CrewDay, CrewOutcome, CrewPlan, CrewProblem, CrewStop, CrewTechnician, CrewVisit, CrewWeights,
    solve,
};
use roundsman_solver::optimize::search::Chance;
use roundsman_solver::optimize::{Control, Options};

/// Two domains with two levels; the first two visits need both technicians who have domain 1.
const INSTANCE: &str = "\
name domains level techs interv abandon
own 2 2 3 4 50
number time preds prio cost d1_1 d1_2 d2_1 d2_2
1 60 [ ] 1 100 2 0 0 0
2 60 [ 1 ] 2 100 1 1 0 0
3 120 [ ] 3 100 0 0 1 0
4 90 [ ] 4 50 0 0 1 0
tech d1 d2 dispo
1 2 0 [ ]
2 1 0 [ 3 ]
3 0 1 [ ]
";

fn searched(problem: &CrewProblem, steps: u64, threads: usize) -> CrewOutcome {
    let cancel = AtomicBool::new(false);
    let control = Control { elapsed: &|| Duration::ZERO, cancel: &cancel, progress: &|_| {} };
    let options = Options { time: None, steps: Some(steps), threads, ..Options::default() };
    solve(problem, &options, &control)
}

#[test]
fn crews_end_urgent_visits_first_and_outsource_what_the_budget_allows() {
    let problem = roadef::read(INSTANCE).unwrap();
    let found = searched(&problem, 300, 1);
    assert_eq!(verify(&problem, &found.plan), []);
    // Visit 1 ends at 60, visit 2 after it at 120, visit 3 at 120; visit 4 is given away:
    // 28 * 60 + 14 * 120 + 4 * 120 + 120.
    assert_eq!(found.plan.outsourced, [3]);
    assert_eq!((found.plan.cost, cost(&problem, &found.plan)), (3960, 3960));
}

#[test]
fn a_written_plan_reads_back_as_it_was() {
    let problem = roadef::read(INSTANCE).unwrap();
    let plan = searched(&problem, 300, 1).plan;
    let text = roadef::write(&problem, &plan);
    // Technicians 1 and 2 do the visits 1 and 2, technician 3 the other; nobody is idle.
    assert_eq!(text, "1 1 0 1\n2 1 60 1\n3 1 0 2\n1 [ ] [ 1 2 ] [ 3 ]\n");
    let back = roadef::read_plan(&problem, &text).unwrap();
    assert_eq!((&back.crews, &back.outsourced), (&plan.crews, &plan.outsourced));
    let back = roadef::read_plan(&problem, &roadef::write_json(&problem, &back)).unwrap();
    assert_eq!((back.crews, back.outsourced), (plan.crews.clone(), plan.outsourced.clone()));
    let faults =
        roadef::read_plan(&problem, "1 1 0 7\n9 1 0 1\nx [ 1 ]\n1 [ ] [ 1 ]\n").unwrap_err();
    assert_eq!(faults.0.len(), 3, "{faults}");
}

#[test]
fn every_fault_of_an_instance_is_named() {
    let text = INSTANCE
        .replace("1 60 [ ] 1 100", "1 130 [ ] 1 100")
        .replace("[ 1 ] 2", "[ 8 ] 2")
        .replace("3 120 [ ] 3", "3 120 [ ] 5")
        .replace("3 0 1 [ ]", "3 0 [ ]");
    let faults = roadef::read(&text).unwrap_err();
    // The visits behind a faulty line are counted wrongly too, so at least these four.
    let lines: Vec<&str> = faults.0.iter().map(|fault| fault.at.as_str()).collect();
    assert!(
        ["line 4", "line 5", "line 6", "line 11"].iter().all(|it| lines.contains(it)),
        "{faults}"
    );
    let ring = INSTANCE.replace("1 60 [ ]", "1 60 [ 2 ]");
    assert_eq!(roadef::read(&ring).unwrap_err().0.len(), 1);
    assert!(roadef::read("").is_err());
}

#[test]
fn the_verifier_finds_each_kind_of_fault() {
    let problem = roadef::read(INSTANCE).unwrap();
    let stop = |visit, start| CrewStop { visit, start };
    let crew = |day, members: &[usize], stops: &[CrewStop]| CrewDay {
        day,
        members: members.to_vec(),
        stops: stops.to_vec(),
    };
    let plan = CrewPlan {
        crews: vec![
            // Technician 2 is off on the third day, and visit 2 starts before visit 1 has ended.
            crew(2, &[0, 1], &[stop(0, 0), stop(1, 30)]),
            // Technician 1 is in two crews, has not the skill, and visit 3 ends after the day.
            crew(2, &[0], &[stop(2, 1)]),
        ],
        outsourced: vec![2, 3],
        cost: 0,
    };
    let faults = verify(&problem, &plan);
    assert!(faults.contains(&CrewFault::Off { technician: 1, day: 2 }));
    assert!(faults.contains(&CrewFault::Twice { technician: 0, day: 2 }));
    assert!(faults.contains(&CrewFault::Overlap { first: 0, second: 1 }));
    assert!(faults.contains(&CrewFault::NotAfter { visit: 1, before: 0 }));
    assert!(faults.contains(&CrewFault::Times { visit: 2, times: 2 }));
    assert!(faults.contains(&CrewFault::OverBudget { spent: 150, budget: 50 }));
    assert!(faults.iter().any(|fault| matches!(fault, CrewFault::OutsideDay { visit: 2, .. })));
    assert!(faults.iter().any(|fault| matches!(fault, CrewFault::Unable { visit: 2, .. })));
    assert_eq!(faults.len(), 8, "{faults:?}");
    let unknown = CrewPlan { outsourced: vec![9], ..CrewPlan::default() };
    assert_eq!(verify(&problem, &unknown).len(), 1);
}

/// A random problem that some plan of a few days can do.
fn random(seed: u64) -> CrewProblem {
    let mut chance = Chance::new(seed);
    let mut draw = |count: usize| chance.below(count);
    let technicians: Vec<CrewTechnician> = (0..3 + draw(4))
        .map(|_| CrewTechnician {
            levels: (0..2).map(|_| draw(3) as u32).collect(),
            days_off: (0..5).filter(|_| draw(5) == 0).collect(),
        })
        .collect();
    let able = |domain: usize, level: u32| {
        technicians.iter().filter(|it| it.levels[domain] >= level).count() as u32
    };
    let visits = (0..4 + draw(14))
        .map(|visit| CrewVisit {
            duration: [15, 30, 60, 120][draw(4)],
            after: (0..visit).filter(|_| draw(9) == 0).collect(),
            priority: draw(4),
            outsourcing: 10 + draw(50) as i64,
            needs: (0..2)
                .map(|domain| (1..3).map(|level| able(domain, level).min(draw(3) as u32)).collect())
                .collect(),
        })
        .collect();
    CrewProblem {
        technicians,
        visits,
        day_length: 120,
        budget: 40 * draw(2) as i64,
        weights: CrewWeights { by_priority: vec![28, 14, 4, 0], whole: 1 },
    }
}

#[test]
fn plans_of_random_problems_break_no_rule_and_cost_what_they_say() {
    for seed in 0..60 {
        let problem = random(seed);
        let plan = searched(&problem, 200, 1).plan;
        assert_eq!(verify(&problem, &plan), [], "seed {seed}");
        assert_eq!(cost(&problem, &plan), plan.cost, "seed {seed}");
    }
}

#[test]
fn the_same_seed_and_number_of_threads_give_the_same_plan_and_more_steps_none_worse() {
    for seed in 0..5 {
        let problem = random(seed);
        for threads in [1, 2] {
            let (one, other) = (searched(&problem, 400, threads), searched(&problem, 400, threads));
            assert_eq!(one.plan, other.plan, "seed {seed}");
        }
        let short = searched(&problem, 0, 1).plan.cost;
        assert!(searched(&problem, 2000, 1).plan.cost <= short, "seed {seed}");
    }
}
