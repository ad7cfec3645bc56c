//! Travel inside plans: equipment that travels, services with ways of their own side by side, the
//! nearest location, and the hours of shifts.

use std::sync::Arc;

use roundsman::app::{catalogue, technicians};
use roundsman::domain::equipment::Equipment;
use roundsman::domain::locations::Location;
use roundsman::domain::places::Place;
use roundsman::domain::slots::SlotQuery;
use roundsman::travel::factors::HourFactors;
use roundsman::travel::{Travel, TravelSettings};
use serde_json::{Value, json};

use crate::support::checker::region_roads;
use crate::support::company::{Company, march, monday, starts};
use crate::support::databases::{databases, sqlite};

/// A place whose great circle from the base, at 64.14 north, is so many kilometres southwards.
fn south(kilometres: f64) -> Place {
    // 6,371.0088 km x pi / 180 is a degree.
    Place::at(64.14 - kilometres / 111.195_08, -21.92)
}

fn straight() -> Value {
    json!({"mode": "straight_line", "detour_factor": 1.0, "speed_kmh": 60.0})
}

async fn company(db: &roundsman::store::Db) -> Company {
    Company::with(db, "Atlantic/Reykjavik", straight(), monday("06:00")).await
}

#[tokio::test]
async fn travelling_equipment_is_out_on_its_way_there_and_back() {
    for db in databases().await {
        let company = company(&db).await;
        company.technicians(2).await;
        let pools = json!([{"location_id": company.location_id, "units": 1}]);
        let needs = |id: roundsman::domain::id::EquipmentId| json!({"equipment": [{"equipment_id": id, "units": 1}], "slots": {"step_min": 5}});
        for (travels, first_free) in [(true, "11:30"), (false, "11:00")] {
            let kind =
                json!({"name": format!("Crane {travels}"), "pools": pools, "travels": travels});
            let kind: Equipment = serde_json::from_value(kind).unwrap();
            let kind = catalogue::create(&company.app, &company.actor, &kind).await.unwrap().id;
            let service = company.service(&format!("Lift {travels}"), needs(kind)).await;
            // Fifteen kilometres at 60 km/h are 15 minutes; the crane at a visit from 10 to 11 is
            // out until 11:15, and leaves for the next, as far away, at the earliest then.
            let mut query = company.query(service, 1, 1);
            query.place = south(15.0);
            let before = company.starts(&query).await;
            assert!(before.contains(&"11:00".to_owned()), "{before:?}");
            let mut choice = company.choice(service, monday("10:00"));
            choice.place = south(15.0);
            let done = company.book(choice).await.unwrap();
            let after = company.starts(&query).await;
            let next = after.iter().find(|start| start.as_str() > "09:00").unwrap();
            assert_eq!(next, first_free, "travels: {travels}, {after:?}");
            // The other technician has no part in it: both kinds have one unit.
            let (app, actor) = (&company.app, &company.actor);
            let id = done.booking.id;
            roundsman::app::bookings::cancel(app, actor, id, None, "").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_fixed_service_and_a_road_service_stand_in_one_plan() {
    for db in databases().await {
        let company = company(&db).await;
        let people = company.technicians(1).await;
        let fixed = json!({"mode": "fixed", "before_min": 20, "after_min": 10});
        let more = json!({"travel": fixed, "slots": {"step_min": 5}});
        let call = company.service("Call", more).await;
        let drive = company.service("Drive", json!({"slots": {"step_min": 5}})).await;
        // A call from 10 to 11, "at" a place 30 km away, keeps 10 minutes free behind it and no drive.
        let mut choice = company.choice(call, monday("10:00"));
        choice.place = south(30.0);
        company.book(choice).await.unwrap();
        let at = |service, kilometres| SlotQuery {
            place: south(kilometres),
            ..company.query(service, 1, 1)
        };
        let after = |starts: Vec<String>| {
            starts.into_iter().find(|start| start.as_str() >= "10:00").unwrap()
        };
        // The road service drives from the place of the call: 29 km at 60 km/h are 29 minutes, in
        // which the ten minutes pass as well.
        let next = company.starts(&at(drive, 1.0)).await;
        assert_eq!(after(next), "11:30");
        // At the same place only the buffer counts.
        assert_eq!(after(company.starts(&at(drive, 30.0)).await), "11:10");
        // Another call keeps both buffers, wherever it is: 10 minutes behind the first and 20 before.
        assert_eq!(after(company.starts(&at(call, 1.0)).await), "11:30");
        let mut choice = company.choice(drive, monday("11:30"));
        choice.place = south(1.0);
        company.book(choice).await.unwrap();
        let day = technicians::day(&company.app, &company.actor, people[0], march(1)).await;
        let shift = &day.unwrap().shifts[0];
        let drives: Vec<_> =
            shift.stops.iter().map(|stop| stop.drive.map(|leg| leg.seconds / 60)).collect();
        // Days start anywhere, so nothing to the first stop; 29 minutes to the second.
        assert_eq!(drives, [Some(0), Some(29)]);
        assert!(shift.feasible);
    }
}

#[tokio::test]
async fn the_nearest_location_that_offers_the_work_does_it() {
    for db in databases().await {
        let company = company(&db).await;
        company.technicians(1).await;
        let far: Location = serde_json::from_value(json!({"name": "South",
            "time_zone": "Atlantic/Reykjavik", "place": south(50.0)}))
        .unwrap();
        let (app, actor) = (&company.app, &company.actor);
        let far = catalogue::create(app, actor, &far).await.unwrap().id;
        let bare: Location = serde_json::from_value(json!({"name": "Nobody's",
            "time_zone": "Atlantic/Reykjavik", "place": south(40.0)}))
        .unwrap();
        let bare = catalogue::create(app, actor, &bare).await.unwrap().id;
        let team = json!({"location_id": far});
        company.technician("Far", team).await;
        let everywhere = company.service("Photos", json!({})).await;
        let only = json!({"location_ids": [company.location_id]});
        let here = company.service("Video", only).await;
        let ask =
            |service, place| SlotQuery { location_id: None, place, ..company.query(service, 1, 1) };
        // Nobody works at the location at 40 km, so the next nearest does it.
        for (service, kilometres, expected) in [
            (everywhere, 2.0, company.location_id),
            (everywhere, 24.0, company.location_id),
            (everywhere, 26.0, far),
            (everywhere, 41.0, far),
            (here, 49.0, company.location_id),
        ] {
            let answer = company.ask(&ask(service, south(kilometres))).await;
            assert_eq!(answer.location_id, expected, "{kilometres} km");
            assert!(!starts(&answer).is_empty());
            let mut choice = company.choice(service, answer.days[0].slots[0].start);
            (choice.location_id, choice.place) = (None, south(kilometres));
            let booked = company.book(choice).await;
            let booked = booked.unwrap().booking.location_id;
            assert_eq!(booked, expected, "{kilometres} km");
            assert_ne!(booked, bare);
        }
    }
}

/// A company on the roads of the region that are twice as slow from 7 to 9.
async fn rushed(db: &roundsman::store::Db, percent: u16) -> Company {
    let mut hours = [100; 24];
    hours[7] = percent;
    hours[8] = percent;
    let hour_factors = HourFactors::new(hours).unwrap();
    let settings = TravelSettings { hour_factors, ..TravelSettings::default() };
    let travel = Travel::new(settings, Some(Arc::clone(&region_roads())));
    Company::over(db, travel, json!({"travel": {"mode": "road"}}), monday("05:00")).await
}

#[tokio::test]
async fn roads_are_as_slow_as_in_the_hours_of_the_shift_that_drives() {
    let db = sqlite().await;
    let hours = |from: &str, until: &str| json!({"weekly": [{"days": ["Mon"], "from": from, "until": until}]});
    let home = json!({"lat": 64.1466, "lon": -21.9426});
    let more = |from: &str, until: &str| json!({"home": home, "start": "home", "end": "home", "working_hours": hours(from, until)});
    let mut drives = Vec::new();
    for percent in [100, 200] {
        let company = rushed(&db, percent).await;
        let early = company.technician("Early", more("07:00", "15:00")).await;
        let late = company.technician("Late", more("09:00", "17:00")).await;
        let service = company.service("Photos", json!({"slots": {"step_min": 60}})).await;
        let mut query = company.query(service, 1, 1);
        query.place = Place::at(64.1030, -21.8900);
        query.crews_per_slot = 5;
        let answer = company.ask(&query).await;
        let noon = answer.days[0].slots.iter().find(|slot| slot.start == monday("12:00"));
        let seconds = |id| {
            let crews = &noon.unwrap().crews;
            crews.iter().find(|crew| crew.technician_ids == [id]).unwrap().drive_before_s
        };
        drives.push((seconds(early), seconds(late)));
        // What is offered is what the day shows afterwards.
        for (id, before) in [(early, seconds(early)), (late, seconds(late))] {
            let mut choice = company.choice(service, monday("12:00"));
            choice.place = query.place.clone();
            choice.technician_ids = vec![id];
            company.book(choice).await.unwrap();
            let day = technicians::day(&company.app, &company.actor, id, march(1)).await.unwrap();
            assert_eq!(day.shifts[0].stops[0].drive.unwrap().seconds, before);
        }
    }
    let [(early, late), (early_slow, late_slow)] = drives[..] else { panic!("{drives:?}") };
    assert!(early > 300, "{early}");
    assert_eq!(early, late);
    // Only the one whose shift touches the slow hours is slowed, exactly by the factor.
    assert_eq!((early_slow, late_slow), (2 * early, late));
}
