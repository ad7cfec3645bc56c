//! Which location does some work at a place: the nearest whose people cover it.

use roundsman::app::areas::{self, Reach};
use roundsman::app::catalogue;
use roundsman::app::slots::{search, search_public};
use roundsman::domain::actors::Actor;
use roundsman::domain::id::{LocationId, ServiceId};
use roundsman::domain::locations::Location;
use roundsman::domain::slots::SlotQuery;
use serde_json::json;

use crate::support::company::{Company, monday, place, starts};
use crate::support::databases::databases;

/// One more branch where the first one is.
async fn branch(company: &Company, name: &str) -> LocationId {
    branch_at(company, name, 64.14).await
}

async fn branch_at(company: &Company, name: &str, lat: f64) -> LocationId {
    let body = json!({"name": name, "time_zone": "Atlantic/Reykjavik",
        "place": {"lat": lat, "lon": -21.92}});
    let location: Location = serde_json::from_value(body).unwrap();
    catalogue::create(&company.app, &company.actor, &location).await.unwrap().id
}

/// A question that leaves it open which location does it.
fn anywhere(company: &Company, service_id: ServiceId) -> SlotQuery {
    SlotQuery { location_id: None, ..company.query(service_id, 1, 1) }
}

#[tokio::test]
async fn of_two_branches_at_one_place_the_one_with_the_skill_serves_the_customer() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let second = branch(&company, "Second").await;
        let drone = company.skill("Drone").await;
        let near = company.zone("Near", &place(3), 5_000).await;
        let zones = json!([{"zone_id": near, "level": "primary"}]);
        // The first has people there, but none with the skill; its only pilot works elsewhere.
        company.technician("Anna", json!({"zones": zones})).await;
        let far = company.zone("Far", &place(11), 500).await;
        let held = json!([{"skill_id": drone, "level": 5}]);
        company
            .technician(
                "Björn",
                json!({"zones": [{"zone_id": far, "level": "primary"}], "skills": held}),
            )
            .await;
        let more = json!({"zones": zones, "skills": held, "location_id": second});
        let pilot = company.technician("Cecilía", more).await;
        let needs = json!({"skills": [{"skill_id": drone, "level_min": 3}]});
        let flight = company.service("Flight", needs).await;
        let public = Actor::public(company.organization_id);
        let area = areas::check(&company.app, &public, (&[flight], None), &place(3)).await.unwrap();
        assert_eq!((area.reach, area.location_id), (Reach::Inside, second));
        let query = anywhere(&company, flight);
        let offered = search_public(&company.app, &public, &query).await.unwrap();
        assert_eq!(offered.location_id, second);
        let found = search(&company.app, &company.actor, &query).await.unwrap();
        assert!(starts(&found).contains(&"10:00".to_owned()), "{found:?}");
        let mut choice = company.choice(flight, monday("10:00"));
        choice.location_id = None;
        let booked = company.book(choice).await.unwrap();
        assert_eq!(booked.visit.location_id, second);
        assert_eq!(booked.assignments[0].technician_id, pilot);
        // What both can do stays with the first.
        let photos = company.service("Photos", json!({})).await;
        let area = areas::check(&company.app, &public, (&[photos], None), &place(3)).await.unwrap();
        assert_eq!((area.reach, area.location_id), (Reach::Inside, company.location_id));
    }
}

#[tokio::test]
async fn a_crew_that_no_branch_can_muster_comes_to_nobody() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let second = branch(&company, "Second").await;
        company.technician("Anna", json!({})).await;
        let crew = json!({"crew": {"size": 2, "mode": "together", "roles": []}});
        let film = company.service("Film", crew).await;
        let public = Actor::public(company.organization_id);
        let place = place(3);
        let ask =
            || areas::check(&company.app, &public, (std::slice::from_ref(&film), None), &place);
        assert_eq!(ask().await.unwrap().reach, Reach::Outside);
        // One more of the other branch does not help; two there do.
        company.technician("Björn", json!({"location_id": second})).await;
        assert_eq!(ask().await.unwrap().reach, Reach::Outside);
        company.technician("Cecilía", json!({"location_id": second})).await;
        let area = ask().await.unwrap();
        assert_eq!((area.reach, area.location_id), (Reach::Inside, second));
    }
}

#[tokio::test]
async fn who_has_no_zones_goes_where_the_own_branch_is_the_nearest_and_no_farther() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let far = branch_at(&company, "Far", 64.05).await;
        let elsewhere = company.zone("Elsewhere", &place(11), 500).await;
        let zones = json!([{"zone_id": elsewhere, "level": "primary"}]);
        company.technician("Anna", json!({"zones": zones})).await;
        company.technician("Björn", json!({"location_id": far})).await;
        let photos = company.service("Photos", json!({})).await;
        let public = Actor::public(company.organization_id);
        let place = place(3);
        let asked = [photos];
        let ask = || areas::check(&company.app, &public, (&asked, None), &place);
        assert_eq!(ask().await.unwrap().reach, Reach::Outside);
        let here = company.zone("Here", &place, 5_000).await;
        let zones = json!([{"zone_id": here, "level": "primary"}]);
        company.technician("Cecilía", json!({"zones": zones, "location_id": far})).await;
        let area = ask().await.unwrap();
        assert_eq!((area.reach, area.location_id), (Reach::Inside, far));
    }
}
