//! The plan in force as a plan of the optimizer, so that both are judged by one book of rules.

use std::collections::HashMap;

use roundsman_solver::optimize::Solution;
use roundsman_solver::optimize::model::{Break, Shift};
use roundsman_solver::optimize::solution::{Route, RouteStop, StopKind};
use roundsman_solver::problem::Leg;
use roundsman_solver::schedule::timetable;
use roundsman_solver::units::{Metres, Moment, Seconds, ShiftIdx, VisitIdx};

use crate::domain::id::{TechnicianId, VisitId};
use crate::planning::days::StopOf;
use crate::planning::optimizing::drafting::Problem;
use crate::planning::plan::{Plan, Route as Live};

/// The plan in force of a problem that was made of `plan`.
pub(super) fn standing(problem: &Problem, plan: &Plan) -> Solution {
    let numbers: HashMap<VisitId, usize> =
        problem.visits.iter().enumerate().map(|(at, key)| (key.visit_id, at)).collect();
    let mut done = vec![false; problem.visits.len()];
    let mut routes = Vec::new();
    for (number, key) in (0..).zip(&problem.shifts) {
        let live = &plan.routes[key.route];
        let shift = &problem.model.shifts[key_at(number)];
        let stay = |of: &StopOf| match of {
            StopOf::Visit(id) => numbers.get(id).copied(),
            _ => None,
        };
        let stays: Vec<Option<usize>> = live.day.stops.iter().map(stay).collect();
        if stays.iter().flatten().next().is_none() {
            continue;
        }
        stays.iter().flatten().for_each(|at| done[*at] = true);
        let items = items(problem, live, (shift, key.technician_id), &stays);
        routes.push(driven(ShiftIdx(number), shift, live, items));
    }
    let left = done.iter().enumerate().filter(|(_, done)| !**done);
    let unassigned = left.map(|(at, _)| VisitIdx(u32::try_from(at).unwrap_or(u32::MAX))).collect();
    Solution { routes, unassigned, ..Solution::default() }
}

fn key_at(number: u32) -> usize {
    number as usize
}

/// Something in a route, before its drives.
struct Item {
    kind: StopKind,
    start: Moment,
    duration: Seconds,
    /// The drive to it; none for a break on the way.
    leg: Option<Leg>,
}

/// Stops and breaks of a route in order of time.
fn items(
    problem: &Problem,
    live: &Live,
    (shift, technician_id): (&Shift, TechnicianId),
    stays: &[Option<usize>],
) -> Vec<Item> {
    let row = live.day.shift.shift();
    let mut items: Vec<Item> = Vec::with_capacity(row.stops.len() + shift.breaks.len());
    let mut placed = shift.breaks.iter().enumerate().filter(|(_, one)| one.place.is_some());
    for (stop, stay) in row.stops.iter().zip(stays) {
        let kind = match stay {
            Some(at) => StopKind::Visit {
                visit: VisitIdx(u32::try_from(*at).unwrap_or(u32::MAX)),
                role: problem.role(*at, technician_id),
            },
            // Absences and breaks at a place are listed in the order of the stops.
            None => match placed.next() {
                Some((index, _)) => StopKind::Break { index },
                None => continue,
            },
        };
        let (start, duration) = (stop.planned_start, stop.duration);
        items.push(Item { kind, start, duration, leg: Some(stop.leg_in) });
    }
    let times = timetable(row);
    let mut taken: Vec<Moment> = times.iter().flat_map(|t| &t.pauses).map(|p| p.start).collect();
    for (index, pause) in shift.breaks.iter().enumerate().filter(|(_, one)| one.place.is_none()) {
        let Some(start) = start_of(pause, &mut taken) else { continue };
        let (kind, duration) = (StopKind::Break { index }, pause.duration);
        items.push(Item { kind, start, duration, leg: None });
    }
    items.sort_by_key(|item| item.start);
    items
}

/// When a break is taken: when the timetable says, or else as soon as it may.
fn start_of(pause: &Break, taken: &mut Vec<Moment>) -> Option<Moment> {
    let fits = |at: &Moment| pause.starts.iter().any(|(from, until)| from <= at && at <= until);
    if let Some(at) = taken.iter().position(fits) {
        return Some(taken.swap_remove(at));
    }
    let first = pause.starts.first().map(|(from, _)| *from);
    first.filter(|_| pause.missed_cost.is_none())
}

/// The route with its drives, arrivals, departure and return; it departs as late as it can.
fn driven(number: ShiftIdx, shift: &Shift, live: &Live, items: Vec<Item>) -> Route {
    let row = live.day.shift.shift();
    let departure = departure(shift, &items);
    let mut stops: Vec<RouteStop> = Vec::with_capacity(items.len());
    let mut clock = departure;
    // Breaks since the last stop at a place; they hold the drive up.
    let mut rests: Vec<(Moment, Seconds)> = Vec::new();
    let last = items.iter().rposition(|item| item.leg.is_some());
    for item in &items {
        let drive = item.leg.filter(|leg| leg.is_reachable()).unwrap_or(Leg::ZERO);
        let (start, end) = (item.start, item.start + item.duration);
        let arrival = if item.leg.is_none() {
            // What begins before the departure is taken at the start place.
            if !stops.iter().all(is_rest) || start >= departure {
                rests.push((start, item.duration));
            }
            start
        } else {
            // Breaks are listed before the stop, so somebody is there when they are over.
            let arrival = arrive(clock, drive.travel(), &rests);
            rests.clear();
            clock = end;
            arrival
        };
        let metres = Metres(drive.distance().0);
        stops.push(RouteStop {
            kind: item.kind,
            drive: drive.travel(),
            metres,
            arrival,
            start,
            end,
        });
    }
    let home = if row.leg_out.is_reachable() { row.leg_out } else { Leg::ZERO };
    let rests = last.map_or(&[][..], |_| rests.as_slice());
    Route {
        shift: number,
        departure,
        stops,
        drive_home: home.travel(),
        metres_home: Metres(home.distance().0),
        arrival: arrive(clock, home.travel(), on_the_way(clock, home.travel(), rests)),
    }
}

fn is_rest(stop: &RouteStop) -> bool {
    matches!(stop.kind, StopKind::Break { .. })
}

/// The arrival after a drive that begins at once, and after these breaks.
fn arrive(left: Moment, drive: Seconds, rests: &[(Moment, Seconds)]) -> Moment {
    let (mut now, mut ahead) = (left, drive);
    for (start, duration) in rests {
        let free = Seconds((*start - now).0.max(0));
        ahead -= Seconds(free.0.min(ahead.0));
        now = (*start).max(now) + *duration;
    }
    now + ahead
}

/// The breaks before the end of the last drive; who is home by then takes the others there.
fn on_the_way(left: Moment, drive: Seconds, rests: &[(Moment, Seconds)]) -> &[(Moment, Seconds)] {
    let beyond = (0..rests.len()).find(|at| arrive(left, drive, &rests[..*at]) <= rests[*at].0);
    &rests[..beyond.unwrap_or(rests.len())]
}

/// The latest departure that reaches the first stop in time.
fn departure(shift: &Shift, items: &[Item]) -> Moment {
    let Some(first) = items.iter().position(|item| item.leg.is_some()) else { return shift.start };
    let leg = items[first].leg.filter(|leg| leg.is_reachable()).unwrap_or(Leg::ZERO);
    let mut departure = items[first].start - leg.travel();
    for rest in items[..first].iter().rev() {
        if rest.start + rest.duration <= departure {
            break;
        }
        departure = departure - rest.duration;
    }
    departure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_arrives_takes_the_breaks_before_and_those_after_the_last_drive_at_home() {
        let rests = [(Moment(100), Seconds(50)), (Moment(400), Seconds(30))];
        // 80 s until the first break, 50 s of it, 70 s to go: there at 220.
        assert_eq!(arrive(Moment(20), Seconds(150), &rests[..1]), Moment(220));
        // The second break is listed before the stop, too: there when it is over.
        assert_eq!(arrive(Moment(20), Seconds(150), &rests), Moment(430));
        assert_eq!(on_the_way(Moment(20), Seconds(150), &rests), &rests[..1]);
        // Home at 100, just when the first begins.
        assert_eq!(on_the_way(Moment(20), Seconds(80), &rests), &rests[..0]);
    }
}
