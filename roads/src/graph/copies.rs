//! Restrictions over more than one junction, by copying the vertices on their way.

use crate::graph::Turn;
use crate::graph::turns::Expanded;
use crate::network::{Ban, BanKind, Directed, Network};
use crate::profile::turns::u_turn_s;
use crate::units::{NONE, idx, round};

/// Applies every restriction whose path has three steps or more.
///
/// Returns, by vertex, the next copy of the same directed piece or [`NONE`].
pub(crate) fn apply(network: &Network, expanded: &mut Expanded) -> Vec<u32> {
    let mut next_copy = vec![NONE; expanded.vertices.len()];
    for ban in network.bans.iter().filter(|ban| ban.path.len() > 2) {
        let first = ban.path[0];
        let base = expanded.of_piece[first.piece as usize][usize::from(first.reverse)];
        let mut start = base;
        while start != NONE {
            rule(ban, start, expanded, &mut next_copy);
            start = next_copy[start as usize];
        }
    }
    next_copy
}

/// Applies one restriction to those who drive its first step as vertex `start`.
fn rule(ban: &Ban, start: u32, expanded: &mut Expanded, next_copy: &mut Vec<u32>) {
    // All of the path must exist before anything is copied.
    if walk(start, &ban.path[1..], expanded).is_none() {
        return;
    }
    let mut at = start;
    for pair in ban.path[1..].windows(2) {
        let (step, next) = (pair[0], pair[1]);
        let Some(turn) = turn_to(step, at, expanded) else { return };
        let old = expanded.turns[at as usize][turn].vertex;
        let copy = idx(expanded.vertices.len());
        expanded.vertices.push(step);
        expanded.turns.push(expanded.turns[old as usize].clone());
        next_copy.push(next_copy[old as usize]);
        next_copy[old as usize] = copy;
        expanded.turns[at as usize][turn].vertex = copy;
        at = copy;
        // An order binds from the first step on: who takes it must follow the whole way.
        if ban.kind == BanKind::Only {
            retain(expanded, at, |found| found == next);
        }
    }
    if ban.kind == BanKind::No {
        let last = ban.path[ban.path.len() - 1];
        retain(expanded, at, |found| found != last);
        turn_back_if_stuck(expanded, at);
    }
}

/// Who may not take the only exit may turn round, as at any dead end.
fn turn_back_if_stuck(expanded: &mut Expanded, at: u32) {
    let step = expanded.vertices[at as usize];
    let back = expanded.of_piece[step.piece as usize][usize::from(!step.reverse)];
    if expanded.turns[at as usize].is_empty() && back != NONE {
        expanded.turns[at as usize].push(Turn { vertex: back, tenths: round(u_turn_s() * 10.0) });
    }
}

/// The vertex reached by following `steps` from `at`.
fn walk(at: u32, steps: &[Directed], expanded: &Expanded) -> Option<u32> {
    steps.iter().try_fold(at, |at, step| {
        let turn = turn_to(*step, at, expanded)?;
        Some(expanded.turns[at as usize][turn].vertex)
    })
}

/// Which turn out of `at` leads onto `step`.
fn turn_to(step: Directed, at: u32, expanded: &Expanded) -> Option<usize> {
    let is_onto = |turn: &Turn| expanded.vertices[turn.vertex as usize] == step;
    expanded.turns[at as usize].iter().position(is_onto)
}

/// Keeps the turns out of `at` whose next step is wanted.
fn retain(expanded: &mut Expanded, at: u32, wanted: impl Fn(Directed) -> bool) {
    let vertices = &expanded.vertices;
    expanded.turns[at as usize].retain(|turn| wanted(vertices[turn.vertex as usize]));
}
