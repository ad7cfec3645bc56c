//! Which unit of equipment does what in the plan in force: it says only how many are needed.

use std::collections::HashMap;

use crate::optimize::rich::data::{Data, Kind, NONE, index};

/// One use of a unit: from its lead to its trail.
struct Use {
    from: i32,
    until: i32,
    task: u32,
}

/// A unit for each task of the plan in force that needs one, and for each use of other reasons.
///
/// Uses in the order of their beginnings, each on the unit that became free last: as spans of time
/// are intervals, this needs no more units than there are at one time. A task for which there is
/// none is left out.
pub(in crate::optimize::rich) fn units_in_force(data: &Data) -> HashMap<u32, u32> {
    let mut units = HashMap::new();
    if data.units.is_empty() || data.model.current.iter().all(Option::is_none) {
        return units;
    }
    let mut uses = uses(data);
    uses.sort_by_key(|one| (one.from, one.until, one.task));
    let mut free: Vec<i32> = vec![i32::MIN; data.cars.len()];
    for one in &uses {
        let (first, last) = data.units[data.tasks[one.task as usize].pool as usize];
        let job = data.tasks[one.task as usize].job;
        let own = |car: u32| {
            data.job_tasks(job).any(|other| units.get(&other).is_some_and(|&taken| taken == car))
        };
        let free_now = (first..last).filter(|&car| free[car as usize] <= one.from && !own(car));
        if let Some(car) = free_now.max_by_key(|&car| (free[car as usize], std::cmp::Reverse(car)))
        {
            free[car as usize] = one.until;
            units.insert(one.task, car);
        }
    }
    units
}

fn uses(data: &Data) -> Vec<Use> {
    let lengths = lengths(data);
    let mut uses = Vec::new();
    for (at, job) in data.jobs.iter().enumerate() {
        let start = match (job.kind, data.model.current.get(at)) {
            (Kind::Taken, _) => job.outer.0,
            (Kind::Visit, Some(Some(current))) => data.time(current.start),
            _ => continue,
        };
        for task in data.job_tasks(index(at)).filter(|&task| data.tasks[task as usize].pool != NONE)
        {
            let of = &data.tasks[task as usize];
            let length =
                if job.persons > 0 { lengths[at] } else { of.setup + of.service + of.exit };
            uses.push(Use {
                from: start - of.pad_before,
                until: start + length + of.pad_after,
                task,
            });
        }
    }
    uses
}

/// How long each visit of the plan in force keeps its equipment: until its last member is done.
fn lengths(data: &Data) -> Vec<i32> {
    let mut rows: Vec<Vec<(i64, u32)>> = vec![Vec::new(); data.shifts];
    for (job, current) in (0_u32..).zip(&data.model.current) {
        let Some(current) = current else { continue };
        for (role, shift) in current.shifts.iter().enumerate() {
            rows[shift.at()].push((current.start.0, data.jobs[job as usize].first + index(role)));
        }
    }
    let mut lengths = vec![0; data.jobs.len()];
    for (car, row) in rows.iter_mut().enumerate() {
        row.sort_unstable();
        let mut last = data.cars[car].ready_place;
        for &(_, task) in row.iter() {
            let of = &data.tasks[task as usize];
            let (setup, service) = data.times_of(task, index(car));
            let setup = if of.place != NONE && of.place == last { 0 } else { setup };
            let length = &mut lengths[of.job as usize];
            *length = (*length).max(setup + service + of.exit);
            last = of.place;
        }
    }
    lengths
}
