//! Models that are refused: every fault at once, each with its numbers.

use roundsman_solver::optimize::Model;
use roundsman_solver::optimize::model::{
    Break, CrewRole, Current, Link, Lock, ModelFault, Promise, Relaxation, Shift, Window, WorkLimit,
};
use roundsman_solver::problem::{HeldSkill, SkillNeed};
use roundsman_solver::units::{
    Moment, PlaceIdx, Seconds, ShiftIdx, SkillIdx, TechnicianIdx, VisitIdx,
};

use crate::plan_checks::day;

fn faults(model: &Model) -> Vec<ModelFault> {
    model.check().expect_err("the model has a fault").0
}

/// The name of the only number that is out of range.
fn out_of_range(change: impl Fn(&mut Model)) -> &'static str {
    let mut model = day(1);
    change(&mut model);
    match faults(&model)[..] {
        [ModelFault::OutOfRange { name, .. }] => name,
        ref other => panic!("{other:?}"),
    }
}

fn gap(before: u32, after: u32) -> Link {
    let (before, after) = (VisitIdx(before), VisitIdx(after));
    Link::Gap { before, after, min: Seconds(0), max: None }
}

#[test]
fn a_sound_model_has_no_fault() {
    assert_eq!(day(2).check(), Ok(()));
    assert_eq!(Model::default().check(), Ok(()));
}

#[test]
fn all_faults_are_named_at_once() {
    let mut model = day(1);
    model.visits[0].place = Some(PlaceIdx(7));
    model.visits[1].duration = Seconds(-1);
    model.shifts[0].technician = TechnicianIdx(3);
    model.visits[1].windows = vec![Window::hard(Moment(5), Moment(4))];
    assert_eq!(faults(&model).len(), 4, "{}", model.check().unwrap_err());
}

#[test]
fn a_circle_is_shown_in_order() {
    let mut model = day(1);
    model.visits = vec![model.visits[0].clone(); 5];
    model.links = vec![gap(3, 1), gap(1, 4), gap(4, 3), gap(4, 0), gap(2, 0)];
    let visits = vec![VisitIdx(1), VisitIdx(4), VisitIdx(3)];
    let [ModelFault::Cycle { visits: found }] = &faults(&model)[..] else { panic!() };
    let turned = |by: usize| {
        let mut turned = visits.clone();
        turned.rotate_left(by);
        turned
    };
    assert!((0..3).any(|by| turned(by) == *found), "{found:?}");
}

#[test]
fn starting_together_is_no_circle_but_waiting_on_top_is() {
    let mut model = day(1);
    let together = |before, after, min| Link::Starts {
        before: VisitIdx(before),
        after: VisitIdx(after),
        min: Seconds(min),
        max: None,
    };
    model.links = vec![together(0, 1, 0), together(1, 0, 0)];
    assert_eq!(model.check(), Ok(()));
    model.links[1] = together(1, 0, 1);
    assert!(matches!(faults(&model)[..], [ModelFault::Cycle { .. }]));
}

#[test]
fn links_fit_their_crews() {
    let mut model = day(1);
    let (first, second) = (VisitIdx(0), VisitIdx(1));
    model.visits[0].crew.push(CrewRole::default());
    model.links = vec![
        Link::SameTechnicians { first, second },
        Link::Shipment { first, second },
        Link::Both { first, second: first },
    ];
    assert!(matches!(
        faults(&model)[..],
        [
            ModelFault::Crews { at: 0, first: 2, second: 1, .. },
            ModelFault::Crews { at: 1, .. },
            ModelFault::SelfLink { at: 2, .. },
        ]
    ));
}

#[test]
fn shifts_of_one_technician_do_not_overlap() {
    let mut model = day(1);
    model.shifts.push(Shift::new(TechnicianIdx(0), Moment(999), Moment(2000)));
    let (first, second) = (ShiftIdx(0), ShiftIdx(1));
    assert_eq!(faults(&model), [ModelFault::Overlap { first, second }]);
    model.shifts[1].start = Moment(1000);
    model.shifts[0].overtime_limit = Seconds(500);
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn numbers_stay_in_their_range() {
    assert_eq!(out_of_range(|model| model.weights.moved_visit = -1), "moved_visit");
    assert_eq!(out_of_range(|model| model.weights.drive_metre = i64::MAX), "drive_metre");
    assert_eq!(
        out_of_range(|model| model.shifts[0].drive_percent = 10_001),
        "per cent of driving time"
    );
    assert_eq!(out_of_range(|model| model.visits[0].prize = -5), "prize");
    assert_eq!(out_of_range(|model| model.freeze.notice = Seconds(-1)), "notice");
    assert_eq!(
        out_of_range(|model| {
            let (longest, rest) = (Seconds(10), Seconds(0));
            model.shifts[0].work_limit = Some(WorkLimit { longest, rest });
        }),
        "rest"
    );
    assert_eq!(
        out_of_range(
            |model| model.technicians[0].skills = vec![HeldSkill::lasting(SkillIdx(0), 11)]
        ),
        "level of a skill"
    );
    assert_eq!(
        out_of_range(|model| {
            let need = SkillNeed { skill: SkillIdx(0), level_min: 200 };
            model.visits[0].crew[0].needs.skills = vec![need];
        }),
        "level of a skill"
    );
    assert_eq!(
        out_of_range(|model| {
            model.visits[0].windows = vec![Window::hard(Moment(0), Moment(i64::MAX))];
        }),
        "closing"
    );
}

#[test]
fn weights_that_could_overflow_are_refused_as_a_whole() {
    // 2^50 grains a second are in range; over a shift of 1000 seconds and more they are not.
    let name = out_of_range(|model| model.weights.overtime_second = 1 << 50);
    assert_eq!(name, "largest cost a plan can have");
    let mut model = day(1);
    model.weights.overtime_second = 1 << 40;
    assert_eq!(model.check(), Ok(()));
}

#[test]
fn spans_lists_and_orders_are_checked() {
    let mut model = day(1);
    model.visits[0].promise = Some(Promise { earliest: Moment(5), latest: Moment(4) });
    model.shifts[0].breaks = vec![Break::floating(Moment(9), Moment(8), Seconds(1))];
    model.shifts[0].capacity = vec![1];
    model.freeze.relaxations = vec![(Moment(5), Relaxation::Times), (Moment(5), Relaxation::Order)];
    let shifts = vec![ShiftIdx(0), ShiftIdx(8)];
    let current = Current { start: Moment(0), shifts, lock: Lock::Free, started: false };
    model.current = vec![Some(current), None];
    let found = faults(&model);
    let spans = found.iter().filter(|f| matches!(f, ModelFault::EndsBeforeItStarts { .. }));
    assert_eq!(spans.count(), 2);
    let lengths = found.iter().filter(|f| matches!(f, ModelFault::WrongLength { .. }));
    assert_eq!(lengths.count(), 2);
    let other = found.iter().filter(|f| {
        matches!(f, ModelFault::Unordered { .. } | ModelFault::Unknown { value: 8, .. })
    });
    assert_eq!((other.count(), found.len()), (2, 6));
}
