//! A plain problem, laid out for the search.

use std::sync::Arc;

use super::legs::LARGEST;
use super::neighbours::Neighbours;
use super::{Legs, PlainError};
use crate::optimize::search::narrow;

/// A visit as given.
#[derive(Debug, Clone, Copy)]
pub struct Visit {
    /// Where it is.
    pub place: u32,
    /// How long it takes.
    pub service: i32,
    /// It starts not before this time.
    pub earliest: i32,
    /// It starts not after this time.
    pub latest: i32,
    /// What it takes of the vehicle's capacity.
    pub load: i32,
    /// What it costs to leave it out.
    pub skip_cost: i64,
    /// Whether leaving it out is a fault and not a choice.
    pub required: bool,
}

/// A vehicle, or a shift of a technician, as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vehicle {
    /// Where it begins; `None`: at its first visit.
    pub start: Option<u32>,
    /// Where it ends; `None`: at its last visit.
    pub end: Option<u32>,
    /// It leaves not before this time.
    pub earliest: i32,
    /// It is back not after this time.
    pub latest: i32,
    /// How much load it takes.
    pub capacity: i32,
    /// What it costs to use it at all.
    pub fixed_cost: i64,
}

/// A vehicle with its ends as nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) earliest: i32,
    pub(crate) latest: i32,
    pub(crate) capacity: i32,
    pub(crate) fixed_cost: i64,
    /// Vehicles that are the same in everything have the same kind.
    pub(crate) kind: u32,
}

/// What the hot loops ask about a node, together in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stay {
    pub(crate) earliest: i32,
    pub(crate) latest: i32,
    pub(crate) service: i32,
    pub(crate) load: i32,
}

impl Stay {
    fn of(visit: &Visit) -> Self {
        let Visit { earliest, latest, service, load, .. } = *visit;
        Self { earliest, latest, service, load }
    }
}

/// A plain problem: flat arrays by node. Nodes are the visits, then the ends of vehicles.
///
/// Memory: 8 bytes per pair of nodes if legs cost what they take and are the same both ways, up to
/// 16 otherwise, and 4 bytes for each visit and neighbour.
#[derive(Debug, Clone)]
pub struct Problem {
    visits: Arc<[Visit]>,
    pub(crate) nodes: usize,
    /// `[from * nodes + to]`.
    cost: Arc<[i32]>,
    /// `[to * nodes + from]`: one row holds all that lead to a node. The same memory as `cost` if
    /// legs are the same both ways.
    cost_into: Arc<[i32]>,
    time: Arc<[i32]>,
    time_into: Arc<[i32]>,
    /// What a visit asks for, by node; the ends ask for nothing.
    stays: Vec<Stay>,
    /// Shortest leg into, and out of, each visit: no place can be reached sooner.
    pub(crate) nearest_into: Vec<i32>,
    pub(crate) nearest_out: Vec<i32>,
    pub(crate) shifts: Vec<Shift>,
    /// Vehicles of each kind.
    pub(crate) kinds: Vec<Vec<u32>>,
    pub(crate) neighbours: Arc<Neighbours>,
}

impl Problem {
    /// Lays out a problem; places beyond those that visits and vehicles name are not looked at.
    ///
    /// Cost: O(visits^2) time and memory.
    ///
    /// # Errors
    /// All kinds of [`PlainError`] but [`PlainError::WrongSize`]; the first fault found.
    pub fn new<L: Legs + ?Sized>(
        legs: &L,
        visits: Vec<Visit>,
        vehicles: &[Vehicle],
    ) -> Result<Self, PlainError> {
        Self::check(legs, &visits, vehicles)?;
        let mut node_places: Vec<Option<u32>> =
            visits.iter().map(|visit| Some(visit.place)).collect();
        let shifts = shifts(vehicles, visits.len(), &mut node_places);
        let nodes = node_places.len();
        let (cost, cost_into) = lay_out(&node_places, |from, to| legs.cost(from, to))?;
        let (time, time_into) = if legs.cost_is_time() {
            (Arc::clone(&cost), Arc::clone(&cost_into))
        } else {
            lay_out(&node_places, |from, to| legs.time(from, to))?
        };
        let mut stays: Vec<Stay> = visits.iter().map(Stay::of).collect();
        stays.resize(nodes, Stay { earliest: 0, latest: i32::MAX, service: 0, load: 0 });
        let nearest = |matrix: &[i32], node: usize| {
            let row = matrix[node * nodes..][..nodes].iter().enumerate();
            row.filter(|&(other, _)| other != node).map(|(_, &time)| time).min().unwrap_or(0)
        };
        let kind_count = shifts.iter().map(|shift| shift.kind as usize + 1).max().unwrap_or(0);
        let mut kinds = vec![Vec::new(); kind_count];
        for (vehicle, shift) in shifts.iter().enumerate() {
            kinds[shift.kind as usize].push(narrow(vehicle));
        }
        let mut problem = Self {
            nearest_into: (0..visits.len()).map(|node| nearest(&time_into, node)).collect(),
            nearest_out: (0..visits.len()).map(|node| nearest(&time, node)).collect(),
            visits: visits.into(),
            nodes,
            cost,
            cost_into,
            time,
            time_into,
            stays,
            shifts,
            kinds,
            neighbours: Arc::default(),
        };
        problem.neighbours = Arc::new(Neighbours::new(&problem));
        Ok(problem)
    }

    /// Looks for faults of visits and vehicles; legs are looked at when they are laid out.
    ///
    /// # Errors
    /// As [`new`](Self::new), without [`PlainError::BadLeg`].
    pub fn check<L: Legs + ?Sized>(
        legs: &L,
        visits: &[Visit],
        vehicles: &[Vehicle],
    ) -> Result<(), PlainError> {
        let places = legs.place_count();
        check_visits(places, visits)?;
        check_vehicles(places, vehicles)
    }

    /// How many visits there are.
    pub fn visit_count(&self) -> usize {
        self.visits.len()
    }

    /// How many vehicles there are.
    pub fn vehicle_count(&self) -> usize {
        self.shifts.len()
    }

    /// A visit as it was given.
    #[inline]
    pub fn visit(&self, visit: u32) -> &Visit {
        &self.visits[visit as usize]
    }

    /// What a node asks for.
    #[inline]
    pub(crate) fn stay(&self, node: u32) -> Stay {
        self.stays[node as usize]
    }

    /// What the leg between two nodes costs.
    #[inline]
    pub(crate) fn cost(&self, from: u32, to: u32) -> i32 {
        self.cost[from as usize * self.nodes + to as usize]
    }

    /// How long the leg between two nodes takes.
    #[inline]
    pub(crate) fn time(&self, from: u32, to: u32) -> i32 {
        self.time[from as usize * self.nodes + to as usize]
    }

    /// What a vehicle costs that serves this visit alone.
    pub(crate) fn cost_of_alone(&self, visit: u32, vehicle: u32) -> i64 {
        let shift = &self.shifts[vehicle as usize];
        let legs = self.cost(shift.start, visit) + self.cost(visit, shift.end);
        i64::from(legs) + shift.fixed_cost
    }

    /// What a vehicle's route costs; nothing without visits.
    pub(crate) fn route_cost(&self, vehicle: u32, visits: &[u32]) -> i64 {
        let shift = &self.shifts[vehicle as usize];
        let (Some(&first), Some(&last)) = (visits.first(), visits.last()) else { return 0 };
        let ends = i64::from(self.cost(shift.start, first)) + i64::from(self.cost(last, shift.end));
        let legs = visits.windows(2).map(|pair| i64::from(self.cost(pair[0], pair[1])));
        shift.fixed_cost + ends + legs.sum::<i64>()
    }

    /// Costs from every node to this one.
    #[inline]
    pub(crate) fn cost_into(&self, node: u32) -> &[i32] {
        &self.cost_into[node as usize * self.nodes..][..self.nodes]
    }

    /// Costs from this node to every node.
    #[inline]
    pub(crate) fn cost_out(&self, node: u32) -> &[i32] {
        &self.cost[node as usize * self.nodes..][..self.nodes]
    }

    /// Times from every node to this one.
    #[inline]
    pub(crate) fn time_into(&self, node: u32) -> &[i32] {
        &self.time_into[node as usize * self.nodes..][..self.nodes]
    }

    /// Times from this node to every node.
    #[inline]
    pub(crate) fn time_out(&self, node: u32) -> &[i32] {
        &self.time[node as usize * self.nodes..][..self.nodes]
    }
}

/// The vehicles with their ends as nodes behind the visits, the same place only once.
fn shifts(vehicles: &[Vehicle], visits: usize, places: &mut Vec<Option<u32>>) -> Vec<Shift> {
    let mut kinds: std::collections::HashMap<Vehicle, u32> = std::collections::HashMap::new();
    let mut ends: std::collections::HashMap<Option<u32>, u32> = std::collections::HashMap::new();
    debug_assert_eq!(places.len(), visits, "the visits come first");
    let mut node = |place: Option<u32>| {
        *ends.entry(place).or_insert_with(|| {
            places.push(place);
            narrow(places.len() - 1)
        })
    };
    vehicles
        .iter()
        .map(|&vehicle| {
            let kind = narrow(kinds.len());
            Shift {
                start: node(vehicle.start),
                end: node(vehicle.end),
                earliest: vehicle.earliest,
                latest: vehicle.latest,
                capacity: vehicle.capacity,
                fixed_cost: vehicle.fixed_cost,
                kind: *kinds.entry(vehicle).or_insert(kind),
            }
        })
        .collect()
}

type Square = Arc<[i32]>;

/// A matrix by node and its transpose, in the same memory if they are equal. No place: no way.
fn lay_out(
    places: &[Option<u32>],
    leg: impl Fn(u32, u32) -> i32,
) -> Result<(Square, Square), PlainError> {
    let nodes = places.len();
    let mut matrix = vec![0; nodes * nodes];
    for (row, &from) in matrix.chunks_exact_mut(nodes.max(1)).zip(places) {
        let Some(from) = from else { continue };
        for (entry, &to) in row.iter_mut().zip(places) {
            let Some(to) = to else { continue };
            *entry = leg(from, to);
            if !(0..=LARGEST).contains(entry) {
                return Err(PlainError::BadLeg { from: from as usize, to: to as usize });
            }
        }
    }
    let symmetric =
        (0..nodes).all(|a| (0..a).all(|b| matrix[a * nodes + b] == matrix[b * nodes + a]));
    let matrix: Square = matrix.into();
    if symmetric {
        return Ok((Arc::clone(&matrix), matrix));
    }
    let transpose: Square = (0..nodes)
        .flat_map(|to| (0..nodes).map(move |from| (from, to)))
        .map(|(from, to)| matrix[from * nodes + to])
        .collect();
    Ok((matrix, transpose))
}

fn check_visits(places: usize, visits: &[Visit]) -> Result<(), PlainError> {
    let fine = |number: i32| (0..=LARGEST).contains(&number);
    for (index, visit) in visits.iter().enumerate() {
        if visit.place as usize >= places {
            return Err(PlainError::UnknownVisitPlace { visit: index, place: visit.place, places });
        }
        let times = [visit.earliest, visit.latest, visit.service, visit.load];
        if !times.into_iter().all(fine) || visit.latest < visit.earliest || visit.skip_cost < 0 {
            return Err(PlainError::OutOfRange { what: "visit", index });
        }
    }
    Ok(())
}

fn check_vehicles(places: usize, vehicles: &[Vehicle]) -> Result<(), PlainError> {
    let fine = |number: i32| (0..=LARGEST).contains(&number);
    for (index, vehicle) in vehicles.iter().enumerate() {
        for place in [vehicle.start, vehicle.end].into_iter().flatten() {
            if place as usize >= places {
                return Err(PlainError::UnknownVehiclePlace { vehicle: index, place, places });
            }
        }
        let times = [vehicle.earliest, vehicle.latest, vehicle.capacity];
        if !times.into_iter().all(fine) || vehicle.latest < vehicle.earliest {
            return Err(PlainError::OutOfRange { what: "vehicle", index });
        }
    }
    Ok(())
}
