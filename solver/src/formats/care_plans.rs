//! Plans of the two collections of care at home, as [`super::hhcrsp`] and [`super::uhhc`] write them.

use std::collections::HashMap;

use serde::Deserialize;

use crate::formats::cases::Case;
use crate::formats::decimals;
use crate::formats::faults::Faults;
use crate::formats::native::{self, Plan, PlanRoute, PlanStop, Time};
use crate::optimize::Solution;

#[derive(Deserialize)]
struct Tours {
    routes: Vec<Tour>,
}

#[derive(Deserialize)]
struct Tour {
    caregiver_id: String,
    locations: Vec<Stay>,
}

#[derive(Deserialize)]
struct Stay {
    /// Left out for lunch at either end of the day.
    #[serde(default)]
    patient: Option<String>,
    service: String,
    #[serde(alias = "arrival_time")]
    start_time: f64,
}

/// What stands for lunch among the services.
const LUNCH: &str = "lunch_break";

/// Reads a plan; each stay starts as told.
///
/// # Errors
/// Every caregiver, patient and service that is not there, and every service done twice.
pub(super) fn read(case: &Case, text: &str) -> Result<Solution, Faults> {
    let tours: Tours = serde_json::from_str(text).map_err(|error| {
        Faults::one(format!("line {}, column {}", error.line(), error.column()), error.to_string())
    })?;
    let mut places = places(case);
    let mut faults = Faults::default();
    let mut plan = Plan { format: native::PLAN_FORMAT.to_owned(), version: 1, ..Plan::default() };
    for (tour_at, tour) in tours.routes.iter().enumerate() {
        let mut stops = Vec::new();
        for (at, stay) in tour.locations.iter().enumerate() {
            let at = format!("routes[{tour_at}].locations[{at}]");
            let ticks = decimals::round(stay.start_time * scale(case));
            let Some(seconds) = ticks else {
                faults.add(at, format!("{} is no time", stay.start_time));
                continue;
            };
            let start = Some(Time { seconds, is_date: false });
            if stay.service == LUNCH {
                stops.push(PlanStop { pause: Some(0), start, ..PlanStop::default() });
                continue;
            }
            let patient = stay.patient.as_deref().unwrap_or_default();
            let found = places.get_mut(&(patient, stay.service.as_str())).and_then(Vec::pop);
            match found {
                Some((visit, role)) => {
                    let visit = Some(visit.to_owned());
                    stops.push(PlanStop { visit, role, start, ..PlanStop::default() });
                }
                None => faults.add(
                    at,
                    format!("nothing is left of service {} of patient {patient}", stay.service),
                ),
            }
        }
        if !stops.is_empty() {
            let shift = tour.caregiver_id.clone();
            plan.routes.push(PlanRoute {
                shift,
                technician: None,
                departure: None,
                arrival: None,
                drive_home_s: None,
                distance_home_m: None,
                stops,
            });
        }
    }
    match native::read_timed(case, &plan) {
        Ok(solution) => faults.or(solution),
        Err(more) => {
            faults.0.extend(more.0);
            Err(faults)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
fn scale(case: &Case) -> f64 {
    case.time_scale as f64
}

/// Visits and roles by patient and service.
type Places<'a> = HashMap<(&'a str, &'a str), Vec<(&'a str, Option<u8>)>>;

/// By patient and service: visits and roles of that, the first one last.
fn places(case: &Case) -> Places<'_> {
    let mut places = Places::new();
    for name in case.names.visits.iter().rev() {
        let Some((patient, services)) = name.rsplit_once('/') else { continue };
        let services: Vec<&str> = services.split('+').collect();
        for (role, service) in services.iter().enumerate().rev() {
            let role = u8::try_from(role).ok().filter(|_| services.len() > 1);
            places.entry((patient, *service)).or_default().push((name.as_str(), role));
        }
    }
    places
}
