//! A document as a model: ids become positions, money becomes grains.

mod people;
mod rules;
mod work;

use std::collections::HashMap;

use super::problem::{Amounts, Problem};
use crate::formats::cases::{Case, Coordinates, Names, Travel};
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::{PLACES_MAX, VISITS_MAX};
use crate::optimize::Model;
use crate::optimize::model::{Matrix, ModelFault, PER_HOUR, PER_KILOMETRE, UNIT};
use crate::problem::Leg;
use crate::units::PlaceIdx;

/// The model of a document.
///
/// * `faults`: those of its form.
pub(super) fn case(problem: &Problem, faults: Faults) -> Result<Case, Faults> {
    let mut build = Build::new(problem, faults);
    build.matrices();
    people::build(&mut build);
    work::build(&mut build);
    rules::build(&mut build);
    let Build { model, names, mut faults, coordinates, .. } = build;
    let travel = if problem.matrices.is_empty() {
        Travel::Asked(coordinates.iter().copied().flatten().collect())
    } else {
        Travel::Given
    };
    let dates = problem.shifts.iter().any(|shift| shift.start.is_date);
    let case = Case { names, travel, coordinates, cost_scale: UNIT, dates, ..Case::new(model) };
    if !faults.0.is_empty() {
        let of_whole = clear_faults(&case, &faults);
        faults.0.extend(of_whole.0);
    }
    faults.or(case)
}

/// Faults that only the whole shows, as far as no reference to nothing has a part in them.
fn clear_faults(case: &Case, faults: &Faults) -> Faults {
    let Err(mut found) = case.model.check() else { return Faults::default() };
    let lacks = |what: &str| {
        let message = format!("there is no {what} ");
        faults.0.iter().any(|fault| fault.message.starts_with(&message))
    };
    let (no_technician, no_visit) = (lacks("technician"), lacks("visit"));
    found.0.retain(|fault| match fault {
        ModelFault::Overlap { .. } => !no_technician,
        ModelFault::Cycle { .. } | ModelFault::SelfLink { .. } | ModelFault::Crews { .. } => {
            !no_visit
        }
        // Names have been looked up already, and there may be no drives yet.
        ModelFault::Unknown { .. } | ModelFault::WrongLength { .. } => false,
        _ => true,
    });
    Faults::of_model(found, case)
}

/// Ids of one kind and their positions.
#[derive(Default)]
pub(super) struct Ids {
    positions: HashMap<String, u32>,
    names: Vec<String>,
}

impl Ids {
    /// The position of a name, new or known.
    fn any(&mut self, name: &str) -> u32 {
        if let Some(position) = self.positions.get(name) {
            return *position;
        }
        let position = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.positions.insert(name.to_owned(), position);
        self.names.push(name.to_owned());
        position
    }

    /// The ids of a list, in order; a second one of a kind is a fault.
    fn listed<'a>(what: &str, ids: impl Iterator<Item = &'a String>, faults: &mut Faults) -> Self {
        let mut found = Self::default();
        for (number, id) in ids.enumerate() {
            let position = u32::try_from(number).unwrap_or(u32::MAX);
            if found.positions.insert(id.clone(), position).is_some() {
                faults.add(format!("{what}[{number}]"), format!("{id:?} is there twice"));
            }
            found.names.push(id.clone());
        }
        found
    }
}

/// What is being built.
pub(super) struct Build<'a> {
    pub problem: &'a Problem,
    pub model: Model,
    pub names: Names,
    pub faults: Faults,
    pub coordinates: Vec<Option<Coordinates>>,
    pub places: Ids,
    pub technicians: Ids,
    pub shifts: Ids,
    pub visits: Ids,
    pub pools: Ids,
    pub skills: Ids,
    pub zones: Ids,
    pub tools: Ids,
}

impl<'a> Build<'a> {
    fn new(problem: &'a Problem, mut faults: Faults) -> Self {
        let places = Ids::listed("places", problem.places.iter().map(|it| &it.id), &mut faults);
        let people = problem.technicians.iter().map(|it| &it.id);
        let technicians = Ids::listed("technicians", people, &mut faults);
        let shifts = Ids::listed("shifts", problem.shifts.iter().map(|it| &it.id), &mut faults);
        let visits = Ids::listed("visits", problem.visits.iter().map(|it| &it.id), &mut faults);
        let pools = Ids::listed("pools", problem.pools.iter().map(|it| &it.id), &mut faults);
        for (name, count, most) in [
            ("places", problem.places.len(), PLACES_MAX),
            ("visits", problem.visits.len(), VISITS_MAX),
            ("shifts", problem.shifts.len(), VISITS_MAX),
        ] {
            if count > most {
                faults.add(name, format!("{count} entries; at most {most}"));
            }
        }
        let spot =
            |place: &super::problem::Place| Some(Coordinates { lat: place.lat?, lon: place.lon? });
        let names = Names {
            places: places.names.clone(),
            technicians: technicians.names.clone(),
            shifts: shifts.names.clone(),
            visits: visits.names.clone(),
            pools: pools.names.clone(),
            ..Names::default()
        };
        Self {
            problem,
            model: Model { loads: problem.loads.clone(), ..Model::default() },
            names,
            faults,
            coordinates: problem.places.iter().map(spot).collect(),
            places,
            technicians,
            shifts,
            visits,
            pools,
            skills: Ids::default(),
            zones: Ids::default(),
            tools: Ids::default(),
        }
    }

    /// The position of an id, or a fault.
    pub(super) fn find(&mut self, of: Of, at: &str, id: &str) -> u32 {
        let ids = match of {
            Of::Place => &self.places,
            Of::Technician => &self.technicians,
            Of::Shift => &self.shifts,
            Of::Visit => &self.visits,
            Of::Pool => &self.pools,
        };
        let found = ids.positions.get(id).copied();
        found.unwrap_or_else(|| {
            self.faults.add(at, format!("there is no {} {id:?}", of.name()));
            0
        })
    }

    pub(super) fn place(&mut self, at: &str, id: Option<&String>) -> Option<PlaceIdx> {
        id.map(|id| PlaceIdx(self.find(Of::Place, at, id)))
    }

    /// Amounts by kind of load; empty if none is named.
    pub(super) fn amounts(&mut self, at: &str, amounts: &Amounts) -> Vec<i64> {
        if amounts.is_empty() {
            return Vec::new();
        }
        let mut found = vec![0; self.problem.loads.len()];
        for (name, amount) in amounts {
            match self.problem.loads.iter().position(|load| load == name) {
                Some(kind) => found[kind] = *amount,
                None => self.faults.add(at, format!("there is no kind of load {name:?}")),
            }
        }
        found
    }

    pub(super) fn money(&mut self) -> Money<'_> {
        Money { faults: &mut self.faults }
    }

    fn matrices(&mut self) {
        let places = self.problem.places.len();
        if self.problem.matrices.is_empty() {
            for (number, spot) in self.coordinates.iter().enumerate() {
                if spot.is_none() {
                    let message = "needs lat and lon, since there are no matrices";
                    self.faults.add(format!("places[{number}]"), message);
                }
            }
        }
        for (number, given) in self.problem.matrices.iter().enumerate() {
            let at = format!("matrices[{number}]");
            let mut sizes = vec![("seconds", square(&given.seconds, places))];
            sizes.extend(given.metres.as_ref().map(|rows| ("metres", square(rows, places))));
            sizes.extend(given.costs.as_ref().map(|rows| ("costs", square(rows, places))));
            let wrong: Vec<&str> =
                sizes.iter().filter(|(_, is_square)| !is_square).map(|(name, _)| *name).collect();
            for name in &wrong {
                let message = format!("expected {places} rows of {places} numbers");
                self.faults.add(format!("{at}.{name}"), message);
            }
            if wrong.is_empty() {
                self.model.matrices.extend(matrix(given, places));
            }
        }
    }
}

fn square<T>(rows: &[Vec<T>], size: usize) -> bool {
    rows.len() == size && rows.iter().all(|row| row.len() == size)
}

fn matrix(given: &super::problem::Matrix, places: usize) -> Option<Matrix> {
    let mut legs = Vec::with_capacity(places * places);
    for (from, row) in given.seconds.iter().enumerate() {
        for (to, seconds) in row.iter().enumerate() {
            let metres = given.metres.as_ref().map_or(0, |rows| rows[from][to]);
            legs.push(seconds.map_or(Leg::UNREACHABLE, |seconds| Leg::new(seconds, metres)));
        }
    }
    let matrix = Matrix::new(places, legs)?;
    match &given.costs {
        None => Some(matrix),
        Some(rows) => {
            matrix.with_costs(rows.iter().flatten().map(|cost| i64::from(*cost) * UNIT).collect())
        }
    }
}

/// What an id names.
#[derive(Clone, Copy)]
pub(super) enum Of {
    Place,
    Technician,
    Shift,
    Visit,
    Pool,
}

impl Of {
    const fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Technician => "technician",
            Self::Shift => "shift",
            Self::Visit => "visit",
            Self::Pool => "pool",
        }
    }
}

/// Money to grains.
pub(super) struct Money<'a> {
    faults: &'a mut Faults,
}

/// Most money a rate or cost may be.
const MONEY_MAX: f64 = 1e9;

impl Money<'_> {
    pub(super) fn per_hour(&mut self, at: &str, money: f64) -> i64 {
        self.grains(at, money, PER_HOUR)
    }

    pub(super) fn per_km(&mut self, at: &str, money: f64) -> i64 {
        self.grains(at, money, PER_KILOMETRE)
    }

    pub(super) fn units(&mut self, at: &str, money: f64) -> i64 {
        self.grains(at, money, UNIT)
    }

    fn grains(&mut self, at: &str, money: f64, unit: i64) -> i64 {
        let unit = i32::try_from(unit).map_or(1.0, f64::from);
        let grains = (money.abs() <= MONEY_MAX).then(|| decimals::round(money * unit)).flatten();
        grains.unwrap_or_else(|| {
            self.faults.add(at, format!("a cost of {money}; at most {MONEY_MAX}"));
            0
        })
    }
}
