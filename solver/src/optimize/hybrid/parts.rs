//! Cuts a large day into parts that are searched on their own: routes that are close together,
//! with the visits nobody serves and the vehicles nobody uses.

use std::cmp::Reverse;

use super::Day;
use crate::optimize::search::{Chance, narrow, real_count};

/// Visits looked at for each centre of a part.
const CANDIDATES: usize = 64;
/// By how much a part may be larger than the average.
const SLACK: f64 = 1.1;

/// A part: its visits and vehicles by their numbers in the day, and the routes it has so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    pub(super) visits: Vec<u32>,
    pub(super) vehicles: Vec<u32>,
    /// The visits of each of `vehicles`, by their numbers in the day.
    pub(super) routes: Vec<Vec<u32>>,
}

/// What goes into a part as a whole.
struct Item {
    place: Option<u32>,
    weight: usize,
    /// Index of the vehicle or visit.
    index: u32,
}

/// Where an item would go.
struct Wish<'a> {
    /// What the second choice is worse by.
    regret: i64,
    /// Distance and index of each part, the closest first.
    parts: Vec<(i64, usize)>,
    item: &'a Item,
}

/// Cuts a plan into `count` parts around random centres far from each other.
///
/// * `routes`: the visits of each vehicle.
///
/// Cost: O((visits + vehicles) * count) legs.
pub(super) fn cut(
    day: &Day<'_>,
    routes: &[Vec<u32>],
    count: usize,
    chance: &mut Chance,
) -> Vec<Part> {
    let mut parts = vec![Part::default(); count];
    let place = |visit: u32| day.visits[visit as usize].place;
    let centres = centres(day, count, chance);
    let mut served = vec![false; day.visits.len()];
    let (mut used, mut unused) = (Vec::new(), Vec::new());
    for (index, list) in (0..).zip(routes) {
        for &visit in list {
            served[visit as usize] = true;
        }
        let vehicle = &day.vehicles[index as usize];
        if list.is_empty() {
            unused.push(Item { place: vehicle.start.or(vehicle.end), weight: 1, index });
        } else {
            let middle = place(list[chance.below(list.len())]);
            used.push(Item { place: Some(middle), weight: list.len(), index });
        }
    }
    let missing: Vec<Item> = (0..narrow(served.len()))
        .filter(|&visit| !served[visit as usize])
        .map(|visit| Item { place: Some(place(visit)), weight: 1, index: visit })
        .collect();
    let fair = real_count(day.visits.len()) / real_count(count) * SLACK;
    let mut room = vec![fair; count];
    for (part, index) in assign(day, &centres, &used, &mut room) {
        let list = &routes[index as usize];
        parts[part].visits.extend_from_slice(list);
        parts[part].vehicles.push(index);
        parts[part].routes.push(list.clone());
    }
    for (part, visit) in assign(day, &centres, &missing, &mut room) {
        parts[part].visits.push(visit);
    }
    // Unused vehicles go where there is more to do.
    let all = real_count(day.visits.len().max(1));
    let share = |part: &Part| real_count(part.visits.len()) / all * real_count(unused.len()) + 1.0;
    let mut room: Vec<f64> = parts.iter().map(share).collect();
    for (part, index) in assign(day, &centres, &unused, &mut room) {
        parts[part].vehicles.push(index);
        parts[part].routes.push(Vec::new());
    }
    // In the order of the day's matrix, which is read row by row.
    for part in &mut parts {
        part.visits.sort_unstable();
    }
    parts
}

/// Places of visits that are far from each other.
fn centres(day: &Day<'_>, count: usize, chance: &mut Chance) -> Vec<u32> {
    let mut centres: Vec<u32> = Vec::with_capacity(count);
    for _ in 0..count {
        let mut best = (-1, 0);
        let draws = if centres.is_empty() { 1 } else { CANDIDATES };
        for _ in 0..draws {
            let place = day.visits[chance.below(day.visits.len())].place;
            let nearest = centres.iter().map(|&centre| apart(day, centre, place)).min();
            best = best.max((nearest.unwrap_or(0), place));
        }
        centres.push(best.1);
    }
    centres
}

/// Gives each item to the closest centre with room; those that would lose most choose first.
fn assign(day: &Day<'_>, centres: &[u32], items: &[Item], room: &mut [f64]) -> Vec<(usize, u32)> {
    let mut wishes: Vec<Wish<'_>> = items
        .iter()
        .map(|item| {
            let distance = |&centre: &u32| item.place.map_or(0, |place| apart(day, centre, place));
            let mut parts: Vec<(i64, usize)> = centres.iter().map(distance).zip(0..).collect();
            parts.sort_unstable();
            let regret = parts.get(1).map_or(0, |second| second.0 - parts[0].0);
            Wish { regret, parts, item }
        })
        .collect();
    wishes.sort_by_key(|wish| (Reverse(wish.regret), wish.item.index));
    wishes
        .into_iter()
        .map(|Wish { parts, item, .. }| {
            let weight = real_count(item.weight);
            let fits = parts.iter().find(|&&(_, part)| room[part] >= weight);
            let fullest_last = || (0..room.len()).max_by(|&a, &b| room[a].total_cmp(&room[b]));
            let part = fits.map(|&(_, part)| part).or_else(fullest_last).unwrap_or(0);
            room[part] -= weight;
            (part, item.index)
        })
        .collect()
}

fn apart(day: &Day<'_>, one: u32, other: u32) -> i64 {
    i64::from(day.legs.cost(one, other)) + i64::from(day.legs.cost(other, one))
}
