//! Services for estate agents: photographs, films, plans and models of houses.

use crate::demo::catalogue::words::{
    CAMERA_3D, DRONE, DRONE_LICENCE, FLOOR_PLANS, PHOTOGRAPHY, SCANNING, TWILIGHT, VIDEO,
};
use crate::demo::catalogue::{asked, needs, one_of, pair, service};
use crate::domain::exchange::Document;
use crate::domain::policies::{AssignmentPolicy, FairPeriod, PolicyKind};
use crate::domain::services::{CrewMode, Service};

/// Names of the media services.
pub(super) const NAMES: [&str; 7] = [
    "Listing photos",
    "Property video",
    "Drone photos",
    "Floor plan",
    "3D tour",
    "Twilight photos",
    "Large property photos",
];

/// Name, description and services of each package.
pub(super) const PACKAGES: [(&str, &str, &[&str]); 2] = [
    ("Listing starter", "Photos and a floor plan in one visit.", &["Listing photos", "Floor plan"]),
    (
        "Listing complete",
        "Photos, video and a 3D tour in one visit.",
        &["Listing photos", "Property video", "3D tour"],
    ),
];

/// The seven media services.
pub(super) fn services(document: &Document) -> Vec<Service> {
    let [photos, video, drone, plan, tour, twilight, large] = NAMES;
    let mut photos =
        service(photos, "Up to 30 photos of a home, ready for the listing.", [5, 60, 5]);
    photos.skills = needs(document, &[(PHOTOGRAPHY, 3)]);
    photos.customer_may_choose = true;
    photos.questions = asked::of_photos();

    let mut video = service(video, "A film of two minutes through the home.", [10, 60, 5]);
    video.skills = needs(document, &[(VIDEO, 3)]);
    video.policy = measured(PolicyKind::LeastRecent);

    let mut drone = service(drone, "Eight photos from the air.", [10, 30, 10]);
    drone.skills = needs(document, &[(DRONE_LICENCE, 1), (PHOTOGRAPHY, 2)]);
    drone.equipment = one_of(document, DRONE);
    // A flight has to be announced the day before.
    drone.slots.notice_min = 24 * 60;

    let mut plan = service(plan, "A floor plan to scale, with areas.", [5, 40, 5]);
    plan.skills = needs(document, &[(FLOOR_PLANS, 1)]);
    plan.policy = measured(PolicyKind::LeastTravel);

    let mut tour = service(tour, "A model to walk through on the screen.", [10, 75, 5]);
    tour.skills = needs(document, &[(SCANNING, 2)]);
    tour.equipment = one_of(document, CAMERA_3D);
    tour.policy = measured(PolicyKind::MostFree);

    let mut twilight = service(twilight, "Twelve photos at dusk.", [10, 50, 5]);
    twilight.skills = needs(document, &[(TWILIGHT, 1), (PHOTOGRAPHY, 5)]);
    twilight.policy = AssignmentPolicy { tiers: true, ..AssignmentPolicy::default() };
    twilight.slots.visits_per_day = Some(4);

    let mut large = service(
        large,
        "Two photographers halve the time in a large home or a hotel.",
        [10, 180, 10],
    );
    large.skills = needs(document, &[(PHOTOGRAPHY, 3)]);
    large.crew = pair(CrewMode::Split, Vec::new());
    vec![photos, video, drone, plan, tour, twilight, large]
}

fn measured(kind: PolicyKind) -> AssignmentPolicy {
    AssignmentPolicy { kind, period: FairPeriod::Week, ..AssignmentPolicy::default() }
}
