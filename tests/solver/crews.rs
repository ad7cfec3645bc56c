//! Crews with roles and pooled equipment are found exactly when trying everyone finds them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roundsman_solver::problem::{
    Caps, Coverage, HeldSkill, HeldZone, Pool, PoolNeed, PoolUse, Request, Role, Shift, SkillNeed,
    Snapshot, Technician, Weights, ZoneLevel,
};
use roundsman_solver::slots::{Crew, SearchOptions, Slot, Workspace, search};
use roundsman_solver::units::{
    EquipmentIdx, Moment, PoolIdx, Seconds, SkillIdx, Span, TechnicianIdx, ZoneIdx,
};

use crate::chance::Chance;
use crate::plans;

/// A case with several technicians.
#[derive(Clone)]
pub struct Case {
    pub technicians: Vec<Technician>,
    pub shifts: Vec<(u32, Shift)>,
    pub pools: Vec<(u32, Vec<PoolUse>)>,
    pub request: Request,
}

impl Case {
    pub fn snapshot(&self) -> Snapshot {
        let entries = self.shifts.iter().map(|(who, s)| plans::entry(*who, s.clone())).collect();
        let pools = self.pools.iter().map(|(units, uses)| Pool::new(*units, uses)).collect();
        Snapshot::new(self.technicians.clone(), entries, pools).unwrap()
    }

    pub fn search(&self, options: SearchOptions) -> Vec<Slot> {
        search(&self.snapshot(), &self.request, options, &mut Workspace::default()).unwrap()
    }
}

fn technician(chance: &mut Chance, key: u128) -> Technician {
    let mut technician = Technician::new(key);
    for skill in 0..2 {
        if chance.happens(2, 3) {
            let mut held = HeldSkill::lasting(SkillIdx(skill), chance.within(1, 2) as u8);
            if chance.happens(1, 5) {
                held.valid_from = Some(Moment(chance.within(0, 9)));
            }
            if chance.happens(1, 5) {
                held.valid_until = Some(Moment(chance.within(6, 18)));
            }
            technician.skills.push(held);
        }
    }
    if chance.happens(1, 2) {
        technician.carried.push(EquipmentIdx(0));
    }
    if chance.happens(1, 3) {
        let level = if chance.happens(1, 2) { ZoneLevel::Primary } else { ZoneLevel::Secondary };
        let zone = ZoneIdx(chance.within(0, 1) as u32);
        technician.coverage = Coverage::Zones(vec![HeldZone { zone, level }]);
    }
    technician.caps = Caps { drive_per_leg: None, ..plans::caps(chance) };
    technician
}

fn role(chance: &mut Chance) -> Role {
    let mut role = Role::default();
    for skill in 0..2 {
        if chance.happens(1, 3) {
            let level_min = chance.within(1, 2) as u8;
            role.skills.push(SkillNeed { skill: SkillIdx(skill), level_min });
        }
    }
    if chance.happens(1, 6) {
        role.carried.push(EquipmentIdx(0));
    }
    role
}

pub fn case(chance: &mut Chance, crew: usize) -> Case {
    let count = chance.count(crew, 5);
    let technicians: Vec<_> = (0..count).map(|at| technician(chance, 100 - at as u128)).collect();
    let mut shifts = Vec::new();
    for who in 0..count as u32 {
        shifts.push((who, plans::shift(chance, 2, 1)));
    }
    let mut request = plans::request(chance);
    request.roles = (0..crew).map(|_| role(chance)).collect();
    if chance.happens(1, 2) {
        request.zones = Some(vec![ZoneIdx(0)]);
    }
    for who in 0..count as u32 {
        match chance.within(0, 9) {
            0 if request.wishes.required.len() < crew => {
                request.wishes.required.push(TechnicianIdx(who));
            }
            1 => request.wishes.excluded.push(TechnicianIdx(who)),
            2 => request.wishes.preferred.push((TechnicianIdx(who), chance.within(1, 3))),
            _ => {}
        }
    }
    let mut pools = Vec::new();
    if chance.happens(1, 2) {
        let uses = (0..chance.count(0, 3)).map(|_| pool_use(chance)).collect();
        pools.push((chance.within(1, 3) as u32, uses));
        request.pools.push(PoolNeed {
            pool: PoolIdx(0),
            units: chance.within(1, 2) as u32,
            lead: Seconds(chance.within(0, 2)),
            trail: Seconds(chance.within(0, 2)),
        });
    }
    request.weights = Weights {
        travel_second: chance.within(0, 2),
        overtime_second: chance.within(0, 2),
        secondary_zone: chance.within(0, 2),
        technician: (0..count).map(|_| chance.within(0, 4)).collect(),
        ..Weights::default()
    };
    Case { technicians, shifts, pools, request }
}

fn pool_use(chance: &mut Chance) -> PoolUse {
    let from = chance.within(-2, 15);
    let until = from + chance.within(0, 6);
    PoolUse { span: Span::new(Moment(from), Moment(until)), units: chance.within(1, 2) as u32 }
}

/// Whether one technician can take one role at one planned start, all by itself.
fn can(case: &Case, free: &[BTreeSet<i64>], who: usize, role: &Role, start: i64) -> bool {
    let technician = &case.technicians[who];
    let skilled = role.skills.iter().all(|need| {
        technician.skills.iter().any(|held| {
            held.skill == need.skill
                && held.level >= need.level_min
                && held.valid_from.is_none_or(|from| from.0 <= start)
                && held.valid_until.is_none_or(|until| start < until.0)
        })
    });
    let carries = role.carried.iter().all(|kind| technician.carried.contains(kind));
    let covers = match (&technician.coverage, &case.request.zones) {
        (Coverage::Zones(held), Some(zones)) => held.iter().any(|h| zones.contains(&h.zone)),
        _ => true,
    };
    let index = TechnicianIdx(who as u32);
    skilled
        && carries
        && covers
        && !case.request.wishes.excluded.contains(&index)
        && free[who].contains(&start)
}

/// Every crew, as technicians in role order, that can start at a moment.
fn crews_at(case: &Case, free: &[BTreeSet<i64>], start: i64) -> BTreeSet<Vec<usize>> {
    let mut crews = vec![Vec::new()];
    for role in &case.request.roles {
        let mut longer = Vec::new();
        for crew in &crews {
            for who in 0..case.technicians.len() {
                if !crew.contains(&who) && can(case, free, who, role, start) {
                    let mut next = crew.clone();
                    next.push(who);
                    longer.push(next);
                }
            }
        }
        crews = longer;
    }
    let required = &case.request.wishes.required;
    let all = |crew: &Vec<usize>| required.iter().all(|who| crew.contains(&who.at()));
    crews.into_iter().filter(all).collect()
}

/// The members of a crew, whatever their roles.
fn people(crew: &Crew) -> Vec<usize> {
    let mut people: Vec<usize> = crew.members.iter().map(|m| m.technician.at()).collect();
    people.sort_unstable();
    people
}

fn pool_is_free(case: &Case, start: i64) -> bool {
    let duration = case.request.duration.0;
    case.request.pools.iter().all(|need| {
        let (units, uses) = &case.pools[need.pool.at()];
        (start - need.lead.0..start + duration + need.trail.0).all(|second| {
            let used: u32 =
                uses.iter().filter(|u| u.span.contains(Moment(second))).map(|u| u.units).sum();
            used + need.units <= *units
        })
    })
}

fn free_starts(case: &Case) -> Vec<BTreeSet<i64>> {
    let mut free = vec![BTreeSet::new(); case.technicians.len()];
    for (who, shift) in &case.shifts {
        let tidy = plans::entry(0, shift.clone()).shift.shift().clone();
        let caps = case.technicians[*who as usize].caps;
        free[*who as usize].extend(plans::brute_force(&tidy, &caps, &case.request));
    }
    free
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn starts_and_crews_equal_brute_force(seed: u64, crew in 1_usize..=3) {
        let mut chance = Chance::new(seed);
        let case = case(&mut chance, crew);
        let free = free_starts(&case);
        let slots = case.search(SearchOptions::ALL);
        let found: BTreeSet<i64> = slots.iter().map(|slot| slot.start.0).collect();
        for start in -2..=22 {
            let crews = if pool_is_free(&case, start) { crews_at(&case, &free, start) } else { BTreeSet::new() };
            prop_assert_eq!(found.contains(&start), !crews.is_empty(), "start {}", start);
            let Some(slot) = slots.iter().find(|slot| slot.start.0 == start) else { continue };
            let sorted = |mut crew: Vec<usize>| { crew.sort_unstable(); crew };
            let people: BTreeSet<Vec<usize>> = crews.iter().cloned().map(sorted).collect();
            let listed: BTreeSet<Vec<usize>> = slot.crews.iter().map(self::people).collect();
            prop_assert_eq!(&listed, &people);
            prop_assert_eq!(slot.crews.len(), people.len());
            for crew in &slot.crews {
                let in_roles = crew.members.iter().map(|m| m.technician.at()).collect::<Vec<_>>();
                prop_assert!(crews.contains(&in_roles), "roles of {:?} at {}", in_roles, start);
            }
            prop_assert!(slot.crews.windows(2).all(|pair| pair[0].cost <= pair[1].cost));
        }
    }

    #[test]
    fn a_window_takes_the_best_crews_of_its_moments(seed: u64, crew in 2_usize..=3) {
        let mut chance = Chance::new(seed);
        let mut case = case(&mut chance, crew);
        let exact = case.search(SearchOptions::ALL);
        case.request.window = Seconds(chance.within(1, 5));
        let slots = case.search(SearchOptions::ALL);
        for start in -2..=22 {
            let window = Moment(start)..=Moment(start) + case.request.window;
            let inside = exact.iter().filter(|slot| window.contains(&slot.start));
            let mut best: BTreeMap<Vec<usize>, i64> = BTreeMap::new();
            for crew in inside.flat_map(|slot| &slot.crews) {
                let cost = best.entry(people(crew)).or_insert(crew.cost);
                *cost = crew.cost.min(*cost);
            }
            let slot = slots.iter().find(|slot| slot.start.0 == start);
            let listed = slot.into_iter().flat_map(|slot| &slot.crews);
            let listed: BTreeMap<Vec<usize>, i64> = listed.map(|crew| (people(crew), crew.cost)).collect();
            prop_assert_eq!(listed, best, "start {}", start);
        }
    }

    #[test]
    fn the_few_crews_listed_are_the_cheapest(seed: u64, crew in 1_usize..=3, keep in 1_usize..=4) {
        let mut chance = Chance::new(seed);
        let mut case = case(&mut chance, crew);
        case.request.window = Seconds(chance.within(0, 2));
        let all = case.search(SearchOptions::ALL);
        let few = case.search(SearchOptions { crews_per_slot: keep });
        prop_assert_eq!(all.len(), few.len());
        for (all, few) in all.iter().zip(&few) {
            prop_assert_eq!(all.start, few.start);
            prop_assert_eq!(all.candidate_count, few.candidate_count);
            let costs = |slot: &Slot| slot.crews.iter().take(keep).map(|c| c.cost).collect::<Vec<_>>();
            prop_assert_eq!(costs(all), costs(few));
            prop_assert_eq!(all.score, few.score);
        }
    }

    #[test]
    fn row_order_does_not_matter(seed: u64, crew in 1_usize..=3) {
        let mut chance = Chance::new(seed);
        let case = case(&mut chance, crew);
        let count = case.technicians.len();
        let mut order: Vec<usize> = (0..count).collect();
        chance.shuffle(&mut order);
        let renamed = |who: TechnicianIdx| {
            TechnicianIdx(order.iter().position(|&old| old == who.at()).unwrap() as u32)
        };
        let mut other = Case {
            technicians: order.iter().map(|&old| case.technicians[old].clone()).collect(),
            shifts: case.shifts.iter().map(|(who, s)| (renamed(TechnicianIdx(*who)).0, s.clone())).collect(),
            pools: case.pools.clone(),
            request: case.request.clone(),
        };
        chance.shuffle(&mut other.shifts);
        let wishes = &mut other.request.wishes;
        wishes.required = wishes.required.iter().map(|&who| renamed(who)).collect();
        wishes.excluded = wishes.excluded.iter().map(|&who| renamed(who)).collect();
        wishes.preferred = wishes.preferred.iter().map(|&(who, by)| (renamed(who), by)).collect();
        let costs = &case.request.weights.technician;
        other.request.weights.technician = order.iter().map(|&old| costs[old]).collect();
        let options = SearchOptions { crews_per_slot: 2 };
        let key = |case: &Case, slots: Vec<Slot>| -> Vec<_> {
            slots.into_iter().map(|slot| {
                let crews: Vec<_> = slot.crews.iter().map(|crew| {
                    let keys: Vec<u128> = crew.members.iter().map(|m| case.technicians[m.technician.at()].key).collect();
                    (crew.cost, crew.planned_start, keys)
                }).collect();
                (slot.start, slot.candidate_count, slot.score, slot.rank, crews)
            }).collect()
        };
        prop_assert_eq!(key(&case, case.search(options)), key(&other, other.search(options)));
    }

    #[test]
    fn one_more_technician_or_unit_never_removes_a_slot(seed: u64, crew in 1_usize..=3) {
        let mut chance = Chance::new(seed);
        let mut case = case(&mut chance, crew);
        let before: BTreeSet<i64> =
            case.search(SearchOptions::default()).iter().map(|slot| slot.start.0).collect();
        if case.pools.is_empty() || chance.happens(1, 2) {
            let who = case.technicians.len() as u32;
            case.technicians.push(technician(&mut chance, 1));
            case.shifts.push((who, plans::shift(&mut chance, 2, 1)));
            case.request.weights.technician.push(0);
        } else {
            case.pools[0].0 += 1;
        }
        let after: BTreeSet<i64> =
            case.search(SearchOptions::default()).iter().map(|slot| slot.start.0).collect();
        prop_assert!(before.is_subset(&after), "lost {:?}", before.difference(&after));
    }
}
