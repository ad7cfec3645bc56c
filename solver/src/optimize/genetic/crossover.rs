//! How two plans make a third: selective route exchange.

use super::individual::Individual;
use crate::optimize::plain::Problem;
use crate::optimize::search::{Chance, narrow};

/// A child: routes per vehicle, and the visits none of them has.
#[derive(Debug, Default, Clone)]
pub(super) struct Child {
    pub(super) routes: Vec<Vec<u32>>,
    pub(super) missing: Vec<u32>,
    /// Routes that are not as they were in the first parent.
    pub(super) changed: Vec<bool>,
}

/// Neighbouring routes of the first parent give way to the routes of the second that share the
/// most visits with them.
///
/// Of a visit that then stands twice either the new copy (first child) or the old one (second)
/// is dropped. Visits of the given-up routes that stand nowhere are left to be inserted.
///
/// Source: Nagata, Kobayashi (2010), "A memetic algorithm for the pickup and delivery problem
/// with time windows using selective route exchange crossover".
pub(super) fn exchange_routes(
    problem: &Problem,
    parents: (&Individual, &Individual),
    chance: &mut Chance,
) -> [Child; 2] {
    let (first, second) = parents;
    let visits = problem.visit_count();
    let mut route_of = vec![0; visits];
    for (route, list) in first.routes.iter().enumerate() {
        for &visit in list {
            route_of[visit as usize] = route;
        }
    }
    let used = first.routes.iter().filter(|route| !route.is_empty()).count();
    let others = second.routes.iter().filter(|route| !route.is_empty()).count();
    // More than half would be the same as less than half with the parents exchanged.
    let most = used.min(others).div_ceil(2).max(1);
    let given_up = neighbouring(problem, &route_of, 1 + chance.below(most), chance);
    let mut in_old = vec![false; visits];
    for &visit in given_up.iter().flat_map(|&route| &first.routes[route]) {
        in_old[visit as usize] = true;
    }
    let taken = sharing(second, &in_old, given_up.len());
    let mut in_new = vec![false; visits];
    for &visit in taken.iter().flat_map(|&route| &second.routes[route]) {
        in_new[visit as usize] = true;
    }
    let missing: Vec<u32> = (0..narrow(visits))
        .filter(|&visit| in_old[visit as usize] && !in_new[visit as usize])
        .collect();
    let mut changed = vec![false; first.routes.len()];
    for &route in &given_up {
        changed[route] = true;
    }
    let mut keep_old =
        Child { routes: first.routes.clone(), missing: missing.clone(), changed: changed.clone() };
    let mut keep_new = Child { routes: first.routes.clone(), missing, changed };
    for (list, changed) in keep_new.routes.iter_mut().zip(&mut keep_new.changed) {
        if !*changed {
            let length = list.len();
            list.retain(|&visit| !in_new[visit as usize]);
            *changed = list.len() < length;
        }
    }
    for (place, route) in given_up.iter().enumerate() {
        let new: &[u32] = taken.get(place).map_or(&[], |&other| &second.routes[other]);
        keep_new.routes[*route] = new.to_vec();
        keep_old.routes[*route] =
            new.iter().copied().filter(|&visit| in_old[visit as usize]).collect();
    }
    [keep_new, keep_old]
}

/// `count` routes around a random visit.
fn neighbouring(
    problem: &Problem,
    route_of: &[usize],
    count: usize,
    chance: &mut Chance,
) -> Vec<usize> {
    let seed = narrow(chance.below(route_of.len()));
    let mut routes = vec![route_of[seed as usize]];
    for &visit in problem.neighbours.of(seed) {
        if routes.len() >= count {
            break;
        }
        let route = route_of[visit as usize];
        if !routes.contains(&route) {
            routes.push(route);
        }
    }
    routes
}

/// The routes with the most visits among those marked.
fn sharing(plan: &Individual, marked: &[bool], count: usize) -> Vec<usize> {
    let mut shared: Vec<(usize, usize)> = plan
        .routes
        .iter()
        .enumerate()
        .map(|(route, list)| {
            let common = list.iter().filter(|&&visit| marked[visit as usize]).count();
            (common, route)
        })
        .filter(|&(common, _)| common > 0)
        .collect();
    shared.sort_unstable_by_key(|&(common, route)| (std::cmp::Reverse(common), route));
    shared.truncate(count);
    shared.into_iter().map(|(_, route)| route).collect()
}
