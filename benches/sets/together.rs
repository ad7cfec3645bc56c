//! Routing files made harder: some customers need two people at once, others a shared device.
//!
//! As `peers/sync.py` asks OR-Tools: every ninth customer from 5 on for two, of whom the second
//! brings nothing along; every third from 2 on with a device while it is served.

use roundsman_solver::formats::{Case, Rounding, solomon};
use roundsman_solver::optimize::model::{CrewRole, Pool, PoolNeed};
use roundsman_solver::units::{PoolIdx, Seconds};

/// The case of a file.
///
/// * `crews`, `shared`: how many customers; `devices`: how many there are.
pub fn case(text: &str, crews: usize, shared: usize, devices: usize) -> Case {
    let mut case = solomon::read(text, Rounding::Dimacs).unwrap();
    let visits = &mut case.model.visits;
    for customer in (5..).step_by(9).take(crews) {
        if let Some(visit) = visits.get_mut(customer - 1) {
            visit.crew.push(CrewRole::default());
        }
    }
    for customer in (2..).step_by(3).take(shared) {
        if let Some(visit) = visits.get_mut(customer - 1) {
            let pool = PoolIdx(0);
            visit.pools.push(PoolNeed {
                pool,
                units: 1,
                lead: Seconds::ZERO,
                trail: Seconds::ZERO,
            });
        }
    }
    let units = u32::try_from(devices).unwrap();
    case.model.pools.push(Pool { units, taken: Vec::new() });
    case
}
