//! The instance as a model: one shift per caregiver, visits for services or pairs of them.

use std::collections::HashMap;

use super::instance::{Caregiver, Instance, Patient, Synchronization, Weight};
use crate::formats::cases::{Case, Names};
use crate::formats::faults::Faults;
use crate::formats::{json, planar};
use crate::optimize::Model;
use crate::optimize::model::{
    Break, CrewRole, Link, Matrix, Shift, ShiftRates, Visit, Weights, Window,
};
use crate::problem::{HeldSkill, Leg, Role, SkillNeed, Technician, Wishes};
use crate::units::{Moment, PlaceIdx, Seconds, SkillIdx, TechnicianIdx, VisitIdx};

/// Cost components that the model carries.
const COMPONENTS: [&str; 9] = [
    "travel_time",
    "total_tardiness",
    "highest_tardiness",
    "total_waiting_time",
    "total_extra_time",
    "max_idle_time",
    "caregiver_preferences",
    "optional_patients",
    "missed_lunch_break",
];

/// Reads an instance; its cost components have the weights it says, a component that it does not
/// name is not counted.
///
/// Incompatible caregivers are excluded. Two services at once are one visit with a crew, called
/// `patient/service+service`; others are visits of their own.
///
/// # Errors
/// What is no JSON of this kind; every reference to nothing, faulty number and unknown component.
///
/// Source: Ceschia, Di Gaspero, Rosati, Schaerf (2026), doi 10.1111/itor.70140.
pub fn read(text: &str) -> Result<Case, Faults> {
    let instance: Instance = json::read(text)?;
    let mut reader = Reader::new(&instance);
    reader.components();
    let matrix = reader.matrix();
    for caregiver in &instance.caregivers {
        reader.caregiver(caregiver);
    }
    for patient in &instance.patients {
        reader.patient(patient);
    }
    let Reader { mut model, mut names, faults, .. } = reader;
    names.places = vec![String::new(); matrix.place_count()];
    let places =
        instance.terminal_points.iter().map(|point| (&point.id, point.distance_matrix_index));
    let patients = instance.patients.iter().map(|it| (&it.id, it.distance_matrix_index));
    for (id, place) in places.chain(patients) {
        if let Some(name) = names.places.get_mut(place) {
            name.clone_from(id);
        }
    }
    model.matrices.push(matrix);
    let case = Case { names, ..Case::new(model) };
    faults.or(case)
}

struct Reader<'a> {
    instance: &'a Instance,
    model: Model,
    names: Names,
    skills: HashMap<&'a str, SkillIdx>,
    technicians: HashMap<&'a str, TechnicianIdx>,
    faults: Faults,
}

impl<'a> Reader<'a> {
    fn new(instance: &'a Instance) -> Self {
        let skills = instance.services.iter().map(|service| service.id.as_str());
        let people = instance.caregivers.iter().map(|caregiver| caregiver.id.as_str());
        let weight = |name: &str| instance.metadata.weight(name);
        let weights = Weights {
            drive_second: weight("travel_time"),
            waiting_second: weight("total_waiting_time"),
            overtime_second: weight("total_extra_time"),
            largest_late_second: weight("highest_tardiness"),
            largest_idle_second: weight("max_idle_time"),
            ..Weights::none()
        };
        Self {
            instance,
            model: Model { weights, ..Model::default() },
            names: Names::default(),
            skills: skills.zip((0..).map(SkillIdx)).collect(),
            technicians: people.zip((0..).map(TechnicianIdx)).collect(),
            faults: Faults::default(),
        }
    }

    fn components(&mut self) {
        for (name, weight) in &self.instance.metadata.cost_components {
            let at = format!("metadata.cost_components.{name}");
            match weight {
                Weight::Number(weight) if *weight < 0 => self.faults.add(at, "negative weight"),
                Weight::Number(weight) if *weight > 0 && !COMPONENTS.contains(&name.as_str()) => {
                    self.faults.add(at, "this component is not known");
                }
                Weight::Word(word) if word != "HARD" => {
                    self.faults.add(at, format!("{word:?}; expected a number or HARD"));
                }
                _ => {}
            }
        }
    }

    fn matrix(&mut self) -> Matrix {
        let places = self.instance.distances.len();
        let mut legs = Vec::with_capacity(places * places);
        for (at, row) in self.instance.distances.iter().enumerate() {
            if row.len() != places {
                let message = format!("{} numbers; expected {places}", row.len());
                self.faults.add(format!("distances[{at}]"), message);
            }
            for (to, minutes) in row.iter().enumerate() {
                legs.push(planar::leg(*minutes, 0).unwrap_or_else(|| {
                    self.faults.add(format!("distances[{at}][{to}]"), format!("{minutes}"));
                    Leg::ZERO
                }));
            }
        }
        Matrix::new(places, legs).unwrap_or_default()
    }

    fn place(&mut self, at: &str, index: usize) -> Option<PlaceIdx> {
        let places = self.instance.distances.len();
        if index >= places {
            self.faults.add(at, format!("place {index}, but there are only {places}"));
        }
        u32::try_from(index).ok().map(PlaceIdx)
    }

    fn terminal(&mut self, at: &str, id: &str) -> Option<PlaceIdx> {
        let found = self.instance.terminal_points.iter().find(|point| point.id == id);
        let Some(point) = found else {
            self.faults.add(at, format!("there is no terminal point {id:?}"));
            return None;
        };
        self.place(at, point.distance_matrix_index)
    }

    fn caregiver(&mut self, caregiver: &'a Caregiver) {
        let at = format!("caregiver {}", caregiver.id);
        let technician = TechnicianIdx(u32::try_from(self.model.shifts.len()).unwrap_or(u32::MAX));
        let mut skills = Vec::new();
        for ability in &caregiver.abilities {
            match self.skills.get(ability.as_str()) {
                Some(skill) => skills.push(HeldSkill::lasting(*skill, 1)),
                None => self.faults.add(&at, format!("there is no service {ability:?}")),
            }
        }
        self.model.technicians.push(Technician { skills, ..Technician::new(technician.0.into()) });
        let leaves = self.terminal(&at, &caregiver.departing_point);
        let arrives = caregiver.arrival_point.as_deref();
        let arrives = arrives.map_or(leaves, |id| self.terminal(&at, id));
        let (start, end) = (caregiver.working_shift.start, caregiver.working_shift.end);
        if start < 0 || end < start {
            self.faults.add(&at, format!("works from {start} to {end}"));
        }
        let longest = self.instance.distances.iter().flatten().max().copied().unwrap_or(0);
        self.model.shifts.push(Shift {
            start_place: leaves,
            end_place: arrives,
            overtime_limit: Seconds(end.saturating_sub(start) + 2 * longest.max(0)),
            breaks: self.lunch(caregiver).into_iter().collect(),
            rates: ShiftRates::default(),
            ..Shift::new(technician, Moment(start), Moment(end))
        });
        self.names.technicians.push(caregiver.id.clone());
        self.names.shifts.push(caregiver.id.clone());
    }

    fn lunch(&self, caregiver: &Caregiver) -> Option<Break> {
        let lunch = self.instance.lunch_breaks.as_ref().filter(|_| caregiver.lunch_break)?;
        let at_end = self.instance.metadata.is_met_at_end();
        let latest = if at_end { lunch.end - lunch.min_duration } else { lunch.end };
        Some(Break {
            missed_cost: Some(self.instance.metadata.weight("missed_lunch_break")),
            ..Break::floating(Moment(lunch.start), Moment(latest), Seconds(lunch.min_duration))
        })
    }

    fn patient(&mut self, patient: &'a Patient) {
        let at = format!("patient {}", patient.id);
        let place = self.place(&at, patient.distance_matrix_index);
        let roles: Vec<CrewRole> =
            patient.required_services.iter().filter_map(|need| self.role(&at, need)).collect();
        if roles.is_empty() || roles.len() > 2 {
            self.faults.add(&at, format!("{} services; expected one or two", roles.len()));
        }
        let wishes = self.wishes(&at, patient);
        let first = self.model.visits.len();
        let even = roles.windows(2).all(|pair| pair[0].duration == pair[1].duration);
        let together = matches!(patient.synchronization, Some(Synchronization::Simultaneous));
        let services: Vec<&str> =
            patient.required_services.iter().map(|need| need.service.as_str()).collect();
        let groups = if together && even {
            vec![(roles, services.join("+"))]
        } else {
            let services = services.into_iter().map(str::to_owned);
            roles.into_iter().map(|role| vec![role]).zip(services).collect()
        };
        for (roles, services) in groups {
            let duration = roles.iter().filter_map(|role| role.duration).max();
            let mut visit = Visit::new(place, duration.unwrap_or(Seconds::ZERO));
            visit.windows = self.windows(&at, patient, visit.duration, roles.len());
            visit.crew = roles;
            visit.wishes = wishes.clone();
            if patient.optional {
                visit.mandatory = 0;
                // A patient is missed once, however many services that leaves undone.
                let is_first = self.model.visits.len() == first;
                let prize = self.instance.metadata.weight("optional_patients");
                visit.prize = if is_first { prize } else { 0 };
            }
            self.model.visits.push(visit);
            self.names.visits.push(format!("{}/{services}", patient.id));
        }
        if self.model.visits.len() == first + 2 {
            self.links(patient, first);
        }
    }

    fn role(&mut self, at: &str, need: &super::instance::Need) -> Option<CrewRole> {
        let service = self.instance.services.iter().find(|service| service.id == need.service);
        let skill = self.skills.get(need.service.as_str());
        let (Some(service), Some(&skill)) = (service, skill) else {
            self.faults.add(at, format!("there is no service {:?}", need.service));
            return None;
        };
        let duration = need.duration.or(service.default_duration);
        let Some(duration) = duration.filter(|minutes| *minutes >= 0) else {
            self.faults.add(at, format!("service {:?} has no duration from 0", need.service));
            return None;
        };
        let needs = Role { skills: vec![SkillNeed { skill, level_min: 1 }], carried: Vec::new() };
        Some(CrewRole { needs, duration: Some(Seconds(duration)) })
    }

    fn wishes(&mut self, at: &str, patient: &Patient) -> Wishes {
        let mut known = |ids: &[String]| {
            let mut found = Vec::new();
            for id in ids {
                match self.technicians.get(id.as_str()) {
                    Some(technician) => found.push(*technician),
                    None => self.faults.add(at, format!("there is no caregiver {id:?}")),
                }
            }
            found
        };
        let preferred = known(&patient.preferred_caregivers);
        let excluded = known(&patient.incompatible_caregivers);
        let weight = self.instance.metadata.weight("caregiver_preferences");
        let mut wishes = Wishes { excluded, ..Wishes::default() };
        if !preferred.is_empty() && weight > 0 {
            let all = (0..).map(TechnicianIdx).take(self.instance.caregivers.len());
            let others = all.filter(|technician| !preferred.contains(technician));
            // Everybody else costs, so that the cost of a plan is the set's own.
            wishes.preferred = others.map(|technician| (technician, -weight)).collect();
        }
        wishes
    }

    /// Windows of the start: opening hard, closing at a cost per service.
    fn windows(
        &mut self,
        at: &str,
        patient: &Patient,
        stay: Seconds,
        services: usize,
    ) -> Vec<Window> {
        let stay = if self.instance.metadata.is_met_at_end() { stay.0 } else { 0 };
        let late = self.instance.metadata.weight("total_tardiness");
        let late = late * i64::try_from(services).unwrap_or(1);
        let mut windows: Vec<Window> = Vec::new();
        for times in &patient.time_windows {
            let (from, to) = (times.start, times.end);
            if from < 0 || to < from {
                self.faults.add(at, format!("window {from} to {to} is not allowed"));
            }
            // From the opening of the next window on, that one counts.
            if let Some(last) = windows.last_mut() {
                if last.earliest >= Moment(from) {
                    self.faults.add(at, format!("window {from} to {to} is out of order"));
                }
                last.latest = last.latest.min(Moment(from - 1));
            }
            let (from, to) = (Moment(from), Moment((to - stay).max(from)));
            windows.push(Window { late_second: Some(late), ..Window::hard(from, to) });
        }
        windows
    }

    fn links(&mut self, patient: &Patient, first: usize) {
        let index = |at: usize| VisitIdx(u32::try_from(at).unwrap_or(u32::MAX));
        let (first, second) = (index(first), index(first + 1));
        let gap = match &patient.synchronization {
            Some(Synchronization::Simultaneous) => Some((0, 0)),
            Some(Synchronization::Sequential { distance }) => Some((distance.min, distance.max)),
            Some(Synchronization::Independent) | None => None,
        };
        if let Some((min, max)) = gap {
            let (min, max) = (Seconds(min), Some(Seconds(max)));
            self.model.links.push(Link::Starts { before: first, after: second, min, max });
            self.model.links.push(Link::DifferentTechnicians { first, second });
        }
        self.model.links.push(Link::Both { first, second });
    }
}
