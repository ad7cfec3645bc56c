//! Explanations agree with the search, and the smallest change is exactly the smallest.

use std::collections::BTreeSet;
use std::mem::discriminant;

use proptest::prelude::*;
use roundsman_solver::explain::{
    Change, Explanation, Obstacle, Question, Reason, Remedy, Rule, Verdict, explain,
};
use roundsman_solver::problem::{
    Coverage, Day, HeldSkill, HeldZone, Leg, Limits, Pause, Shift, SkillNeed, Stop, TravelRows,
    ZoneLevel,
};
use roundsman_solver::schedule::tidied;
use roundsman_solver::slots::SearchOptions;
use roundsman_solver::units::{Moment, PlaceIdx, Seconds, SkillIdx, Span, TechnicianIdx};

use crate::chance::Chance;
use crate::crews::{self, Case};
use crate::plans;

fn ask(case: &Case, question: Question) -> Explanation {
    explain(&case.snapshot(), &case.request, question).unwrap()
}

fn about(case: &Case, who: TechnicianIdx, start: i64) -> Verdict {
    ask(case, Question::Start(Moment(start))).verdicts[who.at()].clone()
}

/// A crew case with bounds and limits on top, and for some technicians a second shift.
fn case(chance: &mut Chance, crew: usize) -> Case {
    let mut case = crews::case(chance, crew);
    let bounds = &mut case.request.bounds;
    let some = |chance: &mut Chance, low, high| {
        chance.happens(1, 5).then(|| Moment(chance.within(low, high)))
    };
    bounds.notice = some(chance, -2, 6);
    bounds.freeze = some(chance, -2, 6);
    bounds.horizon = some(chance, 10, 22);
    if chance.happens(1, 4) {
        let from = chance.within(0, 15);
        bounds.blackouts = vec![Span::new(Moment(from), Moment(from + chance.within(1, 6)))];
    }
    if chance.happens(1, 3) {
        let middle = Moment(chance.within(4, 16));
        let day = |from, until, used| Day {
            span: Span::new(from, until),
            count_used: used,
            seconds_used: Seconds(i64::from(used) * 2),
        };
        let (first, second) = (chance.within(0, 2) as u32, chance.within(0, 2) as u32);
        case.request.days = vec![day(Moment(-2), middle, first), day(middle, Moment(23), second)];
        case.request.limits = Limits {
            count_per_day: chance.happens(1, 2).then_some(1),
            seconds_per_day: chance.happens(1, 2).then(|| Seconds(chance.within(1, 5))),
        };
    }
    for who in 0..case.technicians.len() as u32 {
        if chance.happens(1, 4) {
            case.shifts.push((who, plans::shift(chance, 1, 1)));
        }
    }
    // Raising a limit must not bring back a break that the shift had no room for.
    for (_, shift) in &mut case.shifts {
        *shift = tidied(shift);
    }
    case.request.window = Seconds(chance.within(0, 2));
    case
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn those_without_a_reason_are_those_in_some_crew(seed: u64, crew in 1_usize..=3) {
        let mut chance = Chance::new(seed);
        let case = case(&mut chance, crew);
        let slots = case.search(SearchOptions::ALL);
        let people = |from: i64, until: i64| -> BTreeSet<TechnicianIdx> {
            let inside = slots.iter().filter(|slot| (from..until).contains(&slot.start.0));
            inside.flat_map(|slot| &slot.crews).flat_map(|crew| &crew.members).map(|m| m.technician).collect()
        };
        let able = |explanation: &Explanation| -> BTreeSet<TechnicianIdx> {
            let fit = explanation.verdicts.iter().filter(|verdict| verdict.rule.is_none());
            fit.map(|verdict| verdict.technician).collect()
        };
        for start in -2..=22 {
            let explanation = ask(&case, Question::Start(Moment(start)));
            prop_assert_eq!(able(&explanation), people(start, start + 1), "start {}", start);
            let failing = explanation.verdicts.iter().filter(|v| v.rule.is_some()).count();
            let counted: u32 = explanation.counts.iter().map(|(_, count)| count).sum();
            prop_assert_eq!(counted as usize, failing);
        }
        let span = Span::new(Moment(-2), Moment(23));
        prop_assert_eq!(able(&ask(&case, Question::During(span))), people(-2, 23));
    }

    #[test]
    fn the_change_named_is_enough_and_one_unit_less_is_not(seed: u64, crew in 1_usize..=2) {
        let mut chance = Chance::new(seed);
        let case = case(&mut chance, crew);
        let start = chance.within(-1, 20);
        for verdict in ask(&case, Question::Start(Moment(start))).verdicts {
            let (Some(rule), Some(reason), Some(change)) = (verdict.rule, &verdict.reason, &verdict.change) else { continue };
            let who = verdict.technician;
            let passes = |case: &Case| passes(&about(case, who, start), rule, reason);
            match change {
                Change::Start { .. } => check_start(&case, &verdict, start)?,
                Change::Other => {}
                _ => {
                    let enough = changed(&case, &verdict, reason, change, 0);
                    // The same rule may then be told of another shift, which has limits of its own.
                    let elsewhere = about(&enough, who, start).shift != verdict.shift;
                    prop_assert!(passes(&enough) || elsewhere, "{:?} -> {:?}", verdict, about(&enough, who, start));
                    if matches!(change, Change::Count { .. } | Change::Seconds { .. } | Change::Units { .. }) {
                        let less = changed(&case, &verdict, reason, change, 1);
                        prop_assert!(!passes(&less), "{:?}", verdict);
                    }
                }
            }
        }
    }

    #[test]
    fn the_changes_named_together_make_it_fit_and_without_a_remedy_a_rule_is_named(
        seed: u64,
        crew in 1_usize..=3,
        anywhen: bool,
    ) {
        let mut chance = Chance::new(seed);
        let case = case(&mut chance, crew);
        let start = chance.within(-1, 20);
        let day = Span::new(Moment(-2), Moment(23));
        let question =
            if anywhen { Question::During(day) } else { Question::Start(Moment(start)) };
        for verdict in ask(&case, question).verdicts {
            let Some(Remedy(changes)) = &verdict.remedy else {
                // Nothing small helps: the last rule in the way asks for more, or for another start
                // that was tried already.
                let last = verdict.further.last().map(|step| &step.change).or(verdict.change.as_ref());
                let helpless = |change: &Change| matches!(change, Change::Other | Change::Start { .. });
                // A shift that does not exist yet has no overtime that could be allowed.
                let reasons = verdict.further.iter().map(|step| &step.reason).chain(&verdict.reason);
                let is_new = reasons.into_iter().any(|reason| *reason == Reason::NoShift);
                let is_free = verdict.rule.is_none() || is_new;
                prop_assert!(is_free || last.is_some_and(helpless), "{:?}", verdict);
                continue;
            };
            if changes.iter().any(|(reason, _)| *reason == Reason::NoShift) {
                continue;
            }
            let mut new = case.clone();
            let mut question = question;
            for (reason, change) in changes {
                match change {
                    Change::Start { earlier, later } => {
                        question = Question::Start(later.or(*earlier).unwrap());
                    }
                    Change::Wish => wished(&mut new, verdict.technician),
                    _ => {
                        // Overtime is asked of the shift that came nearest.
                        let shift = verdict.further.iter().map(|step| (step.shift, &step.reason));
                        let shift = shift.chain([(verdict.shift, verdict.reason.as_ref().unwrap())]);
                        let shift = shift.filter(|(_, known)| *known == reason).map(|(at, _)| at).next();
                        let about = Verdict { shift: shift.flatten(), ..verdict.clone() };
                        new = changed(&new, &about, reason, change, 0);
                    }
                }
            }
            let now = ask(&new, question).verdicts[verdict.technician.at()].clone();
            prop_assert_eq!(now.rule, None, "{:?} -> {:?}", verdict, now);
        }
    }
}

/// The technician is wanted as well; where others fill the crew already, instead of them.
fn wished(case: &mut Case, who: TechnicianIdx) {
    let wishes = &mut case.request.wishes;
    wishes.excluded.retain(|other| *other != who);
    if let Some(only) = &mut wishes.only {
        only.push(who);
    }
    if wishes.required.len() >= case.request.roles.len() && !wishes.required.contains(&who) {
        wishes.required.clear();
    }
}

/// Whether a rule no longer fails for the same reason. (Some rules have several numbers, tried in turn.)
fn passes(now: &Verdict, rule: Rule, reason: &Reason) -> bool {
    let is_other = |now: &Reason| discriminant(now) != discriminant(reason);
    now.rule.is_none_or(|now| now > rule)
        || now.rule == Some(rule) && now.reason.as_ref().is_some_and(is_other)
}

/// The named starts pass the rule, and none nearer does.
fn check_start(case: &Case, verdict: &Verdict, start: i64) -> Result<(), TestCaseError> {
    let Some(Change::Start { earlier, later }) = verdict.change else { unreachable!() };
    let rule = verdict.rule.unwrap();
    let reason = verdict.reason.as_ref().unwrap();
    let is_other = |now: &Reason| discriminant(now) != discriminant(reason);
    // For a time that does not fit, the starts named keep every rule but the one about crews.
    let fits = |at: i64| {
        let now = about(case, verdict.technician, at);
        if rule == Rule::Time {
            now.rule.is_none_or(|rule| rule == Rule::Crew)
        } else {
            now.reason.as_ref().is_none_or(is_other)
        }
    };
    for named in [earlier, later].into_iter().flatten() {
        prop_assert!(
            fits(named.0),
            "{:?}: {:?}",
            verdict,
            about(case, verdict.technician, named.0)
        );
    }
    if rule == Rule::Time {
        // Only starts on the day asked about are named.
        let day = case.request.day_of(Moment(start)).map(|day| case.request.days[day].span);
        let day = day.unwrap_or(Span::new(Moment(-2), Moment(23)));
        let from = earlier.map_or(day.from.0, |at| at.0 + 1);
        let until = later.map_or(day.until.0, |at| at.0);
        for at in from..until {
            prop_assert!(!fits(at), "{:?}: {} is nearer", verdict, at);
        }
    } else if let Some(later) = later {
        prop_assert!(about(case, verdict.technician, later.0 - 1).rule.is_some());
    }
    Ok(())
}

/// The case with a change made, `less` units short of it.
fn changed(case: &Case, verdict: &Verdict, reason: &Reason, change: &Change, less: i64) -> Case {
    let mut new = Case {
        technicians: case.technicians.clone(),
        shifts: case.shifts.clone(),
        pools: case.pools.clone(),
        request: case.request.clone(),
    };
    let who = verdict.technician;
    let technician = &mut new.technicians[who.at()];
    match change {
        Change::Wish => {
            let wishes = &mut new.request.wishes;
            wishes.excluded.retain(|other| *other != who);
            wishes.required.clear();
            wishes.only = None;
        }
        Change::Skills { needs } => {
            technician
                .skills
                .extend(needs.iter().map(|n| HeldSkill::lasting(n.skill, n.level_min)));
        }
        Change::Carry { equipment } => technician.carried.extend(equipment),
        Change::Zone { zones } => {
            let level = ZoneLevel::Secondary;
            let held = zones.iter().map(|&zone| HeldZone { zone, level }).take(1).collect();
            technician.coverage = Coverage::Zones(held);
        }
        Change::Units { more } => {
            let (pool, units) = more[0];
            new.pools[pool.at()].0 += units - less as u32;
        }
        Change::Count { more } => {
            let more = *more - less as u32;
            match reason {
                Reason::DayCount { limit, .. } => {
                    new.request.limits.count_per_day = Some(limit + more);
                }
                Reason::VisitsPerDay { cap, .. } => {
                    technician.caps.visits_per_day = Some(cap + more);
                }
                Reason::VisitsPerWeek { cap, .. } => {
                    technician.caps.visits_per_week = Some(cap + more);
                }
                other => panic!("{other:?} has no count"),
            }
        }
        Change::Seconds { more } => {
            let more = *more - Seconds(less);
            match *reason {
                Reason::DaySeconds { limit, .. } => {
                    new.request.limits.seconds_per_day = Some(limit + more);
                }
                Reason::OnsitePerDay { cap, .. } => {
                    technician.caps.onsite_per_day = Some(cap + more);
                }
                Reason::OnsitePerWeek { cap, .. } => {
                    technician.caps.onsite_per_week = Some(cap + more);
                }
                Reason::DrivePerLeg { cap, .. } => technician.caps.drive_per_leg = Some(cap + more),
                Reason::DrivePerDay { cap, .. } => technician.caps.drive_per_day = Some(cap + more),
                Reason::Overtime { .. } => {
                    new.shifts[verdict.shift.unwrap().at()].1.overtime_limit += more;
                }
                ref other => panic!("{other:?} has no seconds"),
            }
        }
        Change::Start { .. } | Change::Other => panic!("nothing to change"),
    }
    new
}

fn at(hour: i64, minute: i64) -> Moment {
    Moment(hour * 3600 + minute * 60)
}

/// One technician, 8:00 to 17:00, and a one-hour visit without travel.
fn office(stops: Vec<Stop>, pauses: Vec<Pause>) -> Case {
    let mut shift = Shift::new(at(8, 0), at(17, 0));
    shift.stops = stops;
    shift.pauses = pauses;
    let range = Span::new(at(0, 0), at(24, 0));
    let grid = roundsman_solver::problem::Grid::Listed((0..48).map(|n| at(0, 30 * n)).collect());
    let technicians = vec![roundsman_solver::problem::Technician::new(1)];
    Case {
        technicians,
        shifts: vec![(0, shift)],
        pools: vec![],
        request: roundsman_solver::problem::Request::simple(Seconds::hours(1), range, grid),
    }
}

fn reason(case: &Case, start: Moment) -> (Reason, Change) {
    let verdict = about(case, TechnicianIdx(0), start.0);
    (verdict.reason.unwrap(), verdict.change.unwrap())
}

#[test]
fn a_visit_that_would_break_a_later_promise_names_it_and_the_lateness() {
    let promised = Stop {
        earliest: at(10, 0),
        latest: at(10, 20),
        ..Stop::exact(at(10, 0), Seconds::hours(1))
    };
    // 9:30 + 1 h = 10:30, ten minutes after the last moment promised.
    let (reason, change) = reason(&office(vec![promised], vec![]), at(9, 30));
    let obstacle = Obstacle::Promise { stop: 0, latest: at(10, 20) };
    assert_eq!(reason, Reason::Time { obstacle, short_by: Seconds::minutes(10) });
    // Before: 9:20. After: the other visit can be over at 11:00 at the earliest.
    let expected = Change::Start { earlier: Some(at(9, 20)), later: Some(at(11, 0)) };
    assert_eq!(change, expected);
}

#[test]
fn a_visit_during_an_absence_names_it() {
    let absence = Pause::absence(at(12, 0), at(14, 0));
    let (reason, change) = reason(&office(vec![], vec![absence]), at(13, 30));
    // It could start at 14:00, half an hour later; before noon it would have to start at 11:00.
    let obstacle = Obstacle::Pause { pause: 0 };
    assert_eq!(reason, Reason::Time { obstacle, short_by: Seconds::minutes(30) });
    let expected = Change::Start { earlier: Some(at(11, 0)), later: Some(at(14, 0)) };
    assert_eq!(change, expected);
}

#[test]
fn before_the_shift_names_its_start() {
    let (reason, change) = reason(&office(vec![], vec![]), at(7, 15));
    let short_by = Seconds::minutes(45);
    assert_eq!(reason, Reason::Time { obstacle: Obstacle::ShiftStart, short_by });
    assert_eq!(change, Change::Start { earlier: None, later: Some(at(8, 0)) });
}

#[test]
fn after_the_shift_asks_for_overtime_to_the_second() {
    let (reason, change) = reason(&office(vec![], vec![]), at(16, 20));
    let needed = Seconds::minutes(20);
    assert_eq!(reason, Reason::Overtime { limit: Seconds::ZERO, needed });
    assert_eq!(change, Change::Seconds { more: needed });
}

#[test]
fn a_day_without_a_shift_says_so() {
    let mut case = office(vec![], vec![]);
    case.request.bounds.range = Span::new(at(0, 0), at(96, 0));
    let span = Span::new(at(48, 0), at(72, 0));
    case.request.days = vec![Day::unused(span)];
    let (reason, _) = reason(&case, at(60, 0));
    assert_eq!(reason, Reason::NoShift);
}

/// An office worker without the two skills that a visit needs.
fn unskilled() -> Case {
    let mut case = office(vec![], vec![]);
    let need = |skill| SkillNeed { skill: SkillIdx(skill), level_min: 2 };
    case.request.roles[0].skills = vec![need(0), need(1)];
    case
}

#[test]
fn where_two_rules_are_in_the_way_both_changes_are_named() {
    let verdict = about(&unskilled(), TechnicianIdx(0), at(16, 20).0);
    assert_eq!(verdict.rule, Some(Rule::Skill));
    // 16:20 + 1 h is 20 minutes after the end of the shift.
    let more = Seconds::minutes(20);
    let next: Vec<Rule> = verdict.further.iter().map(|step| step.rule).collect();
    assert_eq!(next, [Rule::Overtime]);
    let Remedy(changes) = verdict.remedy.unwrap();
    assert_eq!(changes[0].1, verdict.change.unwrap());
    assert_eq!(
        changes[1..].iter().map(|it| &it.1).collect::<Vec<_>>(),
        [&Change::Seconds { more }]
    );
}

#[test]
fn where_nothing_small_helps_there_is_no_remedy_but_the_next_rule() {
    let mut case = unskilled();
    let nowhere = vec![Leg::UNREACHABLE];
    case.shifts[0].1.start_place = Some(PlaceIdx(0));
    case.request.travel = Some(TravelRows { to_place: nowhere.clone(), from_place: nowhere });
    let verdict = about(&case, TechnicianIdx(0), at(10, 0).0);
    assert_eq!(verdict.rule, Some(Rule::Skill));
    assert_eq!(verdict.remedy, None);
    assert_eq!(verdict.further[0].reason, Reason::Unreachable);
}

#[test]
fn a_shift_on_a_day_without_one_is_not_all_that_somebody_unskilled_needs() {
    let mut case = unskilled();
    let day = Span::new(at(48, 0), at(72, 0));
    case.request.bounds.range = Span::new(at(0, 0), at(96, 0));
    case.request.days = vec![Day::unused(day)];
    let verdict = about(&case, TechnicianIdx(0), at(60, 0).0);
    assert_eq!(verdict.rule, Some(Rule::Skill));
    let Remedy(changes) = verdict.remedy.unwrap();
    let reasons: Vec<_> = changes.iter().map(|(reason, _)| reason).collect();
    assert_eq!(reasons[1..], [&Reason::NoShift]);
}

#[test]
fn a_start_that_keeps_the_notice_is_one_at_which_the_visit_fits() {
    let busy = Stop::exact(at(9, 0), Seconds::hours(2));
    let mut case = office(vec![Stop { fixed: true, ..busy }], vec![]);
    case.request.bounds.notice = Some(at(9, 30));
    let verdict = about(&case, TechnicianIdx(0), at(8, 0).0);
    assert_eq!(verdict.reason, Some(Reason::Notice { earliest: at(9, 30) }));
    // At 9:30 the technician is busy, until 11:00.
    let Remedy(changes) = verdict.remedy.unwrap();
    let starts: Vec<_> = changes.iter().map(|(_, change)| change.clone()).collect();
    let [Change::Start { later: Some(later), .. }] = starts.as_slice() else {
        panic!("{starts:?}")
    };
    assert_eq!(*later, at(11, 0));
}
