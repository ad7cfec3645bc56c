//! Speed of what a slot search reads: shifts, grid, rows of travel, zones. One thread; prints medians.
//!
//! `cargo bench -p roundsman --bench inputs`

#![expect(clippy::print_stdout, reason = "the figures are the result")]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono_tz::America::New_York;
use roundsman::calendar::grid::day_grid;
use roundsman::calendar::shifts::shifts;
use roundsman::domain::hours::DateSpan;
use roundsman::domain::id::{LocationId, TechnicianId, ZoneId};
use roundsman::domain::places::Place;
use roundsman::domain::technicians::Technician;
use roundsman::domain::travel::TravelMode;
use roundsman::domain::zones::Zone;
use roundsman::travel::factors::HourSpan;
use roundsman::travel::places::PlaceTable;
use roundsman::travel::zones::ZoneIndex;
use roundsman::travel::{Ask, Travel, TravelSettings};
use roundsman_roads::{Profile, Roads};
use serde_json::{Value, json};
use uuid::Uuid;

/// How often each figure is taken.
const ROUNDS: usize = 15;

fn main() {
    calendar();
    let region = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/region");
    let roads = region.join("reykjavik-region.roads.osm.pbf");
    let roads = Roads::import(&roads, &Profile::car()).unwrap();
    let travel = Travel::new(TravelSettings::default(), Some(Arc::new(roads)));
    let pairs = std::fs::read_to_string(region.join("golden_pairs_osrm_valhalla.csv")).unwrap();
    let places: Vec<Place> = pairs.lines().skip(1).flat_map(ends).collect();
    rows(&travel, &places);
    zones(&travel, &region, &places);
}

fn calendar() {
    let breaks = json!([{"earliest": "11:30", "latest": "13:00", "duration_min": 30}]);
    let days = json!(["Mon", "Tue", "Wed", "Thu", "Fri"]);
    let hours = json!({"weekly": [{"days": days, "from": "09:00", "until": "17:00"}]});
    let location_id = LocationId(Uuid::from_u128(1));
    let one: Technician = serde_json::from_value(json!({
        "name": "Anna", "location_id": location_id, "working_hours": hours, "breaks": breaks,
    }))
    .unwrap();
    let people: Vec<_> =
        (0..1000).map(|number| (TechnicianId(Uuid::from_u128(number)), one.clone())).collect();
    let dates =
        DateSpan { from: "2027-03-01".parse().unwrap(), until: "2027-03-30".parse().unwrap() };
    let lay = || shifts(New_York, dates, people.iter().map(|(id, one)| (*id, one))).len();
    figure("shifts of 1000 technicians x 30 days", lay);
    figure("grid of 30 days, every 15 minutes", || day_grid(New_York, dates, (15, 0)).len());
}

fn rows(travel: &Travel, known: &[Place]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let straight = TravelMode::StraightLine { detour_factor: 1.3, speed_kmh: 40.0 };
    for count in [350, 2000, 20_000] {
        let table = PlaceTable::new(travel.clone(), 1000);
        let places: Vec<Place> = (0..count).map(|number| place(known, number)).collect();
        let started = Instant::now();
        for place in &places {
            table.intern(place);
        }
        let took = started.elapsed() / count;
        println!("{:56}{took:>12.1?}", "intern and snap a new place");
        for (name, mode) in [("straight line", straight), ("road", TravelMode::Road)] {
            let ask = Ask { mode, snap_limit_m: 1000, osrm: None, hours: HourSpan::default() };
            // A new place each time, so that no kept row answers.
            let mut number = 0;
            let ask_once = || {
                number += 1;
                let place = place(known, 1_000_000 + number);
                runtime.block_on(table.rows(&ask, &place)).unwrap().to.len()
            };
            figure(&format!("rows to and from {count} places, {name}"), ask_once);
            let again = || runtime.block_on(table.rows(&ask, &places[0])).unwrap().to.len();
            figure(&format!("the same place again, {name}"), again);
        }
    }
}

fn zones(travel: &Travel, region: &Path, places: &[Place]) {
    let text = std::fs::read_to_string(region.join("reykjavik-region.zones.geojson")).unwrap();
    let collection: Value = serde_json::from_str(&text).unwrap();
    let zone = |feature: &Value| -> Zone {
        let shape = json!({"kind": "polygon", "geometry": feature["geometry"]});
        serde_json::from_value(json!({"name": "Zone", "shape": shape})).unwrap()
    };
    let features = collection["features"].as_array().unwrap();
    let zones: Vec<_> = (0..)
        .zip(features)
        .map(|(number, feature)| (ZoneId(Uuid::from_u128(number)), zone(feature)))
        .collect();
    let index = ZoneIndex::new(&zones, travel, 1000);
    let all = || places.iter().take(1000).map(|place| index.containing(place).len()).sum();
    figure(&format!("{} polygons of the region for 1000 places", zones.len()), all);
}

/// The two places of a line of the reference pairs.
fn ends(line: &str) -> [Place; 2] {
    let number: Vec<f64> = line.split(',').take(4).map(|field| field.parse().unwrap()).collect();
    [0, 2].map(|at| Place::at(number[at], number[at + 1]))
}

/// A place near one of the known ones; a different one for each number.
fn place(known: &[Place], number: u32) -> Place {
    let base = &known[number as usize % known.len()];
    let step = f64::from(number % 997) * 2e-6;
    Place::at(base.lat + step, base.lon - step)
}

/// Prints the median time of `work`.
fn figure(name: &str, mut work: impl FnMut() -> usize) {
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            started.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("{name:56}{:>12.1?}", took[ROUNDS / 2]);
}
