//! The instance: patients, caregivers, one office, distances that are times too.

use std::collections::HashMap;

use serde::Deserialize;

use super::{TICKS, TICKS_DECIMAL};
use crate::formats::cases::{Case, Names};
use crate::formats::faults::Faults;
use crate::formats::{decimals, json, planar};
use crate::optimize::Model;
use crate::optimize::model::{CrewRole, Link, Matrix, Shift, Visit, Weights, Window};
use crate::problem::{HeldSkill, Leg, Role, SkillNeed, Technician};
use crate::units::{Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx};

#[derive(Deserialize)]
struct Instance {
    patients: Vec<Patient>,
    caregivers: Vec<Caregiver>,
    distances: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Patient {
    id: String,
    time_window: (f64, f64),
    required_caregivers: Vec<Need>,
    synchronization: Option<Synchronization>,
}

#[derive(Deserialize)]
struct Need {
    service: String,
    duration: f64,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Synchronization {
    Simultaneous,
    Sequential { distance: (f64, f64) },
}

#[derive(Deserialize)]
struct Caregiver {
    id: String,
    abilities: Vec<String>,
}

/// Reads an instance in the JSON of Ceschia, Di Gaspero and Schaerf's collection.
///
/// Cost is (driving + lateness of every service + the largest lateness) / 3; a window's opening is
/// hard, its end is not. Services are visits called `patient/service`; two at once are one visit
/// with a crew of two.
///
/// # Errors
/// What is no JSON of this kind; every faulty number and distance row.
///
/// Source: Mankowska, Meisel, Bierwirth (2014), "The home health care routing and scheduling
/// problem with interdependent services".
pub fn read(text: &str) -> Result<Case, Faults> {
    let instance: Instance = json::read(text)?;
    let mut reader = Reader { skills: HashMap::new(), faults: Faults::default() };
    let matrix = reader.matrix(&instance);
    let mut model = Model {
        weights: Weights { drive_second: 1, largest_late_second: 1, ..Weights::none() },
        ..Model::default()
    };
    let mut names = Names::default();
    for (place, patient) in (1..).zip(&instance.patients) {
        reader.patient(&mut model, &mut names, patient, PlaceIdx(place));
    }
    let end = end(&model, &matrix);
    for (at, caregiver) in (0..).zip(&instance.caregivers) {
        let skill = |name: &String| HeldSkill::lasting(reader.skill(name), 1);
        model.technicians.push(Technician {
            skills: caregiver.abilities.iter().map(skill).collect(),
            ..Technician::new(u128::from(at))
        });
        model.shifts.push(Shift {
            start_place: Some(PlaceIdx(0)),
            end_place: Some(PlaceIdx(0)),
            ..Shift::new(TechnicianIdx(at), Moment(0), end)
        });
        names.technicians.push(caregiver.id.clone());
        names.shifts.push(caregiver.id.clone());
    }
    names.places = vec!["office".to_owned()];
    names.places.extend(instance.patients.iter().map(|patient| patient.id.clone()));
    model.matrices.push(matrix);
    let case = Case { names, cost_scale: 3 * TICKS, time_scale: TICKS, ..Case::new(model) };
    reader.faults.or(case)
}

struct Reader {
    skills: HashMap<String, SkillIdx>,
    faults: Faults,
}

impl Reader {
    fn skill(&mut self, name: &str) -> SkillIdx {
        let next = SkillIdx(u32::try_from(self.skills.len()).unwrap_or(u32::MAX));
        *self.skills.entry(name.to_owned()).or_insert(next)
    }

    fn ticks(&mut self, at: &str, value: f64) -> i64 {
        let ticks = decimals::round(value * TICKS_DECIMAL).filter(|ticks| *ticks >= 0);
        ticks.unwrap_or_else(|| {
            self.faults.add(at, format!("{value} is not allowed; expected a number from 0"));
            0
        })
    }

    fn matrix(&mut self, instance: &Instance) -> Matrix {
        let places = instance.patients.len() + 1;
        let rows = instance.distances.len();
        if rows != places {
            self.faults.add("distances", format!("{rows} rows for {places} places"));
        }
        let mut legs = Vec::with_capacity(places * places);
        for (at, row) in instance.distances.iter().enumerate() {
            if row.len() != places {
                let message = format!("{} numbers; expected {places}", row.len());
                self.faults.add(format!("distances[{at}]"), message);
            }
            for (to, distance) in row.iter().enumerate() {
                let at = format!("distances[{at}][{to}]");
                let ticks = self.ticks(&at, *distance);
                legs.push(planar::leg(ticks, ticks).unwrap_or_else(|| {
                    self.faults.add(at, "too far");
                    Leg::ZERO
                }));
            }
        }
        Matrix::new(places, legs).unwrap_or_default()
    }

    fn patient(
        &mut self,
        model: &mut Model,
        names: &mut Names,
        patient: &Patient,
        place: PlaceIdx,
    ) {
        let at = format!("patient {}", patient.id);
        let (from, to) = patient.time_window;
        let (from, to) = (self.ticks(&at, from), self.ticks(&at, to));
        let window = |services: i64| Window {
            late_second: Some(services),
            ..Window::hard(Moment(from), Moment(to.max(from)))
        };
        let mut roles = Vec::new();
        for need in &patient.required_caregivers {
            let duration = Seconds(self.ticks(&at, need.duration));
            let skills = vec![SkillNeed { skill: self.skill(&need.service), level_min: 1 }];
            let needs = Role { skills, carried: Vec::new() };
            roles.push(CrewRole { needs, duration: Some(duration) });
        }
        if roles.is_empty() || roles.len() > 2 {
            self.faults.add(&at, format!("{} services; expected one or two", roles.len()));
        }
        let service = |role: &CrewRole| role.duration.unwrap_or(Seconds::ZERO);
        let visit = |roles: Vec<CrewRole>, services: i64| Visit {
            windows: vec![window(services)],
            crew: roles.clone(),
            ..Visit::new(Some(place), roles.iter().map(service).max().unwrap_or(Seconds::ZERO))
        };
        if let Some(Synchronization::Simultaneous) = patient.synchronization {
            model.visits.push(visit(roles, 2));
            let services: Vec<&str> =
                patient.required_caregivers.iter().map(|need| need.service.as_str()).collect();
            names.visits.push(format!("{}/{}", patient.id, services.join("+")));
            return;
        }
        let first = VisitIdx(u32::try_from(model.visits.len()).unwrap_or(u32::MAX));
        for (role, need) in roles.into_iter().zip(&patient.required_caregivers) {
            model.visits.push(visit(vec![role], 1));
            names.visits.push(format!("{}/{}", patient.id, need.service));
        }
        if let Some(Synchronization::Sequential { distance: (least, most) }) =
            patient.synchronization
        {
            let second = VisitIdx(first.0 + 1);
            let (min, max) = (self.ticks(&at, least), self.ticks(&at, most));
            let (min, max) = (Seconds(min), Some(Seconds(max)));
            model.links.push(Link::Starts { before: first, after: second, min, max });
            model.links.push(Link::DifferentTechnicians { first, second });
        }
    }
}

/// A moment that no sensible plan passes: there is no end of the day in this problem.
fn end(model: &Model, matrix: &Matrix) -> Moment {
    let longest = matrix.legs().iter().map(|leg| leg.travel().0).max().unwrap_or(0);
    let close = model.visits.iter().flat_map(|visit| &visit.windows);
    let close = close.map(|window| window.latest.0).max().unwrap_or(0);
    let work = model.visits.iter().map(|visit| 2 * (visit.duration.0 + longest)).sum::<i64>();
    Moment((close + work + longest).min(i64::from(Leg::SECONDS_MAX)))
}
