//! Which turns a junction allows and what each costs.

use rustc_hash::FxHashMap;

use crate::geo::{Fixed, Point};
use crate::graph::Turn;
use crate::network::{BanKind, Directed, Network, Piece};
use crate::profile::access::RESTRICTED_S;
use crate::profile::turns::{angle, crossing_s, turn_s, u_turn_s};
use crate::units::{NONE, idx, round};

/// How far into a piece its direction is measured; nearer, drawn kinks would count as turns.
const LOOK_M: f64 = 12.0;

/// Vertices before connectivity is known: one per open direction of a piece.
#[derive(Debug)]
pub(crate) struct Expanded {
    pub(crate) vertices: Vec<Directed>,
    /// By piece: its forward and backward vertex or [`NONE`].
    pub(crate) of_piece: Vec<[u32; 2]>,
    /// By vertex: turns out of it.
    pub(crate) turns: Vec<Vec<Turn>>,
}

/// Restrictions on two steps, by the first.
#[derive(Default)]
struct TurnRules {
    forbidden: FxHashMap<Directed, Vec<Directed>>,
    ordered: FxHashMap<Directed, Vec<Directed>>,
}

impl TurnRules {
    fn new(network: &Network) -> Self {
        let mut rules = Self::default();
        for ban in &network.bans {
            if let [first, last] = ban.path[..] {
                let by_kind = match ban.kind {
                    BanKind::No => &mut rules.forbidden,
                    BanKind::Only => &mut rules.ordered,
                };
                by_kind.entry(first).or_default().push(last);
            }
        }
        rules
    }

    fn allow(&self, first: Directed, last: Directed) -> bool {
        let lists = |rules: &FxHashMap<Directed, Vec<Directed>>| {
            rules.get(&first).map(|listed| listed.contains(&last))
        };
        lists(&self.forbidden) != Some(true) && lists(&self.ordered) != Some(false)
    }
}

/// Expands a network into vertices and allowed turns. Cost: linear in the turns.
pub(crate) fn expand(network: &Network) -> Expanded {
    let rules = TurnRules::new(network);
    let mut vertices = Vec::new();
    let mut of_piece = vec![[NONE; 2]; network.pieces.len()];
    for (piece, record) in network.pieces.iter().enumerate() {
        for reverse in [false, true] {
            if record.is_open(reverse) {
                of_piece[piece][usize::from(reverse)] = idx(vertices.len());
                vertices.push(Directed { piece: idx(piece), reverse });
            }
        }
    }
    let junctions = Junctions::new(network, &vertices);
    let bearings: Vec<[f64; 2]> = vertices.iter().map(|step| bearings(network, *step)).collect();
    let choices: Vec<Choice> =
        vertices.iter().map(|step| junctions.choice(network, &rules, &vertices, *step)).collect();
    let exits = without_traps(choices);
    let turns = vertices
        .iter()
        .zip(exits)
        .enumerate()
        .map(|(vertex, (step, exits))| {
            let price = |exit: &u32| {
                let (next, leaving) = (vertices[*exit as usize], bearings[*exit as usize][0]);
                let seconds = junctions.cost_s(network, *step, next, bearings[vertex][1], leaving);
                Turn { vertex: *exit, tenths: round(seconds * 10.0) }
            };
            exits.iter().map(price).collect()
        })
        .collect();
    Expanded { vertices, of_piece, turns }
}

/// What may follow a step.
#[derive(Default)]
struct Choice {
    onward: Vec<u32>,
    /// Turning round: only where nothing else leads anywhere.
    back: Vec<u32>,
}

/// The exits of each vertex: onward where that leads anywhere, else back.
///
/// Whatever leads nowhere at all, like a one-way road out of the map, is no exit, so that who stands before it may turn
/// round. Cost: linear in the turns.
fn without_traps(mut choices: Vec<Choice>) -> Vec<Vec<u32>> {
    let mut before = vec![Vec::new(); choices.len()];
    for (vertex, choice) in choices.iter().enumerate() {
        for exit in choice.onward.iter().chain(&choice.back) {
            before[*exit as usize].push(idx(vertex));
        }
    }
    let is_trap = |choice: &Choice| choice.onward.is_empty() && choice.back.is_empty();
    let mut traps: Vec<u32> =
        (0..idx(choices.len())).filter(|vertex| is_trap(&choices[*vertex as usize])).collect();
    while let Some(trap) = traps.pop() {
        for vertex in &before[trap as usize] {
            let choice = &mut choices[*vertex as usize];
            let had_exits = !is_trap(choice);
            choice.onward.retain(|exit| *exit != trap);
            choice.back.retain(|exit| *exit != trap);
            if had_exits && is_trap(choice) {
                traps.push(*vertex);
            }
        }
    }
    let exits = |choice: Choice| {
        if choice.onward.is_empty() { choice.back } else { choice.onward }
    };
    choices.into_iter().map(exits).collect()
}

/// What meets at each junction.
struct Junctions {
    leaving: Vec<Vec<u32>>,
    piece_count: Vec<u32>,
}

impl Junctions {
    fn new(network: &Network, vertices: &[Directed]) -> Self {
        let mut leaving = vec![Vec::new(); network.junctions.len()];
        let mut piece_count = vec![0; network.junctions.len()];
        for (vertex, step) in vertices.iter().enumerate() {
            leaving[network.tail(*step) as usize].push(idx(vertex));
        }
        for end in network.pieces.iter().flat_map(|piece| piece.ends) {
            piece_count[end as usize] += 1;
        }
        Self { leaving, piece_count }
    }

    /// Vertices that may follow a step.
    fn choice(
        &self,
        network: &Network,
        rules: &TurnRules,
        vertices: &[Directed],
        step: Directed,
    ) -> Choice {
        let junction = network.head(step) as usize;
        let is_blocked = network.junctions[junction].blocked;
        let mut choice = Choice::default();
        for vertex in &self.leaving[junction] {
            let next = vertices[*vertex as usize];
            if !rules.allow(step, next) {
                continue;
            }
            if is_way_back(step, next) {
                choice.back.push(*vertex);
            } else if !is_blocked {
                choice.onward.push(*vertex);
            }
        }
        choice
    }

    /// Seconds of passing the junction from one step to the next.
    fn cost_s(
        &self,
        network: &Network,
        step: Directed,
        next: Directed,
        arriving: f64,
        leaving: f64,
    ) -> f64 {
        let junction = network.head(step) as usize;
        let (before, after) = (piece(network, step).kind, piece(network, next).kind);
        let mut seconds = f64::from(network.junctions[junction].penalty_s);
        if is_way_back(step, next) {
            seconds += u_turn_s();
        } else if self.piece_count[junction] > 2 {
            let turned = angle(arriving, leaving);
            let angle = if network.left_hand { -turned } else { turned };
            seconds += if before.roundabout || after.roundabout {
                turn_s(angle.abs())
            } else {
                turn_s(angle) + crossing_s(angle)
            };
        }
        if after.restricted && !before.restricted {
            seconds += f64::from(RESTRICTED_S);
        }
        seconds
    }
}

fn piece(network: &Network, step: Directed) -> &Piece {
    &network.pieces[step.piece as usize]
}

fn is_way_back(step: Directed, next: Directed) -> bool {
    step.piece == next.piece && step.reverse != next.reverse
}

/// Bearings of a directed piece where it starts and where it ends.
fn bearings(network: &Network, step: Directed) -> [f64; 2] {
    let points = &piece(network, step).points;
    let forward = || points.iter().copied();
    let backward = || points.iter().rev().copied();
    let (first, into) = if step.reverse { look(backward()) } else { look(forward()) };
    let (last, before) = if step.reverse { look(forward()) } else { look(backward()) };
    [first.bearing(into), before.bearing(last)]
}

/// The first point of a line and the point [`LOOK_M`] further on.
fn look(mut line: impl Iterator<Item = Fixed>) -> (Point, Point) {
    let first = line.next().map_or(Point { lat: 0.0, lon: 0.0 }, Fixed::point);
    let mut at = first;
    let mut left = LOOK_M;
    for next in line.map(Fixed::point) {
        let step = at.distance_m(next);
        if step >= left && step > 0.0 {
            return (first, at.towards(next, left / step));
        }
        left -= step;
        at = next;
    }
    (first, at)
}
