//! Services for people at home: heating and appliances.

use crate::demo::catalogue::words::{
    APPLIANCES, ELECTRICAL, HEATING, PLUMBING, REFRIGERANT_KIT, REFRIGERANTS, TROLLEY,
};
use crate::demo::catalogue::{asked, needs, one_of, pair, service};
use crate::domain::exchange::Document;
use crate::domain::policies::{AssignmentPolicy, BlendWeights, PolicyKind};
use crate::domain::services::{CrewMode, CrewRole, Service};
use crate::domain::travel::TravelMode;

/// Names of the home services.
pub(super) const NAMES: [&str; 3] =
    ["Heating inspection", "Heat pump repair", "Appliance installation"];

/// The three home services.
pub(super) fn services(document: &Document) -> Vec<Service> {
    let [inspection, repair, installation] = NAMES;
    let mut inspection =
        service(inspection, "The yearly inspection of radiators, valves and pump.", [5, 50, 5]);
    inspection.skills = needs(document, &[(HEATING, 2)]);
    inspection.slots.arrival_window_min = 180;
    inspection.slots.step_min = 60;
    inspection.policy = AssignmentPolicy {
        kind: PolicyKind::Blend,
        blend: BlendWeights { fairness: 40, recency: 10, travel: 40, free_time: 10 },
        ..AssignmentPolicy::default()
    };

    let mut repair = service(repair, "Search of the fault and repair on the spot.", [10, 90, 10]);
    repair.skills = needs(document, &[(HEATING, 5), (REFRIGERANTS, 1)]);
    repair.equipment = one_of(document, REFRIGERANT_KIT);
    repair.slots.arrival_window_min = 120;
    repair.slots.notice_min = 60;
    repair.questions = asked::of_repair();
    repair.policy =
        AssignmentPolicy { kind: PolicyKind::LeastTravel, ..AssignmentPolicy::default() };
    // Parts are fetched on the way, so that no drive to a repair is shorter than this.
    repair.travel = Some(TravelMode::MaxFixedRoad { before_min: 15, after_min: 10 });

    let mut installation = service(
        installation,
        "Delivery up the stairs, connection and test of a washer, dryer or oven.",
        [10, 70, 10],
    );
    let lead = needs(document, &[(ELECTRICAL, 5), (PLUMBING, 2)]);
    installation.skills = needs(document, &[(APPLIANCES, 1)]);
    installation.crew = pair(
        CrewMode::Together,
        vec![
            CrewRole { name: "lead".to_owned(), skills: lead },
            CrewRole { name: "helper".to_owned(), skills: Vec::new() },
        ],
    );
    installation.equipment = one_of(document, TROLLEY);
    installation.slots.arrival_window_min = 120;
    installation.questions = asked::of_installation();
    installation.slots.minutes_per_day = Some(480);
    vec![inspection, repair, installation]
}
