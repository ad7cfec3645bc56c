//! Travel by straight line, fixed and on the embedded roads; places, pairs and what is remembered.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
use roundsman::domain::places::Place;
use roundsman::domain::travel::{Leg, OsrmFallback, OsrmServer, TravelMode};
use roundsman::travel::cache::{Cache, PlaceKey, Way};
use roundsman::travel::errors::TravelError;
use roundsman::travel::factors::{HourFactors, HourSpan};
use roundsman::travel::legs::LegRaw;
use roundsman::travel::places::PlaceTable;
use roundsman::travel::{Ask, Travel, TravelSettings};
use roundsman_roads::{Point, Profile, Roads};

const STRAIGHT: TravelMode = TravelMode::StraightLine { detour_factor: 1.5, speed_kmh: 36.0 };

/// A small piece of the demo region, read once.
pub(crate) fn roads() -> Arc<Roads> {
    static ROADS: OnceLock<Arc<Roads>> = OnceLock::new();
    let read = || {
        let file = "data/region/seltjarnarnes-vesturbaer.roads.osm.pbf";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        Arc::new(Roads::import(&path, &Profile::car()).unwrap())
    };
    Arc::clone(ROADS.get_or_init(read))
}

pub(crate) fn ask(mode: TravelMode) -> Ask {
    Ask { mode, snap_limit_m: 1000, osrm: None, hours: HourSpan::default() }
}

pub(crate) fn on_roads() -> Travel {
    Travel::new(TravelSettings::default(), Some(roads()))
}

/// Places in the west of Reykjavík, near roads.
pub(crate) fn town(count: u32) -> Vec<Place> {
    let place = |n: u32| {
        let (row, column) = (f64::from(n % 10), f64::from(n / 10 % 10));
        Place::at(64.142_5 + row * 0.000_8, -21.972 + column * 0.002_8)
    };
    (0..count).map(place).collect()
}

#[tokio::test]
async fn a_straight_line_is_the_great_circle_times_the_detour_at_one_speed() {
    // 0.1 degrees of latitude on a sphere of radius 6,371,008.8 m: 0.1 x pi/180 x R = 11,119.51 m.
    // Times 1.5 = 16,679.26 m, rounded up 16,680 m; at 10 m/s 1,667.9 s, rounded up 1,668 s.
    let travel = Travel::new(TravelSettings::default(), None);
    let pair = (Place::at(64.0, -21.0), Place::at(64.1, -21.0));
    let (legs, fallback) = travel.legs(&ask(STRAIGHT), &[pair]).await.unwrap();
    assert_eq!(legs, [Some(Leg { seconds: 1668, metres: 16_680 })]);
    assert_eq!(fallback, None);
}

#[tokio::test]
async fn a_straight_line_takes_the_short_way_across_the_date_line() {
    // 0.2 degrees of longitude on the equator: 22,239.02 m x 1.5 = 33,358.5 m.
    let travel = Travel::new(TravelSettings::default(), None);
    let pair = (Place::at(0.0, 179.9), Place::at(0.0, -179.9));
    let (legs, _) = travel.legs(&ask(STRAIGHT), &[pair]).await.unwrap();
    assert_eq!(legs, [Some(Leg { seconds: 3336, metres: 33_359 })]);
}

#[tokio::test]
async fn fixed_travel_has_no_legs() {
    let travel = Travel::new(TravelSettings::default(), None);
    let fixed = ask(TravelMode::Fixed { before_min: 30, after_min: 30 });
    let rows = travel.rows(&fixed, &Place::at(64.0, -21.0), &town(2)).await.unwrap();
    assert_eq!(rows.to, [Some(Leg::default()); 2]);
    assert_eq!(rows.from, [Some(Leg::default()); 2]);
}

#[tokio::test]
async fn legs_by_road_are_those_of_the_graph() {
    let (travel, roads) = (on_roads(), roads());
    let places = town(30);
    let home = &places[0];
    let rows = travel.rows(&ask(TravelMode::Road), home, &places).await.unwrap();
    let snap =
        |place: &Place| roads.snap(Point { lat: place.lat, lon: place.lon }, 1000.0).unwrap();
    let mut differ = 0;
    for (at, place) in places.iter().enumerate() {
        let leg = |leg: Option<roundsman_roads::Leg>| {
            leg.map(|leg| Leg { seconds: leg.seconds.into(), metres: leg.metres.into() })
        };
        assert_eq!(rows.to[at], leg(roads.leg(&snap(place), &snap(home))));
        assert_eq!(rows.from[at], leg(roads.leg(&snap(home), &snap(place))));
        differ += usize::from(rows.to[at] != rows.from[at]);
    }
    assert!(differ > 10, "there and back by road should seldom be the same: {differ}");
}

#[tokio::test]
async fn the_longer_of_fixed_and_road_has_the_legs_of_the_road() {
    let travel = on_roads();
    let places = town(5);
    let both = ask(TravelMode::MaxFixedRoad { before_min: 30, after_min: 0 });
    let road = travel.rows(&ask(TravelMode::Road), &places[0], &places).await.unwrap();
    assert_eq!(travel.rows(&both, &places[0], &places).await.unwrap(), road);
}

#[tokio::test]
async fn a_place_off_the_road_is_refused_with_its_distance() {
    let travel = on_roads();
    let (sea, town) = (Place::at(64.20, -22.10), town(2));
    let error = travel.rows(&ask(TravelMode::Road), &sea, &town).await.unwrap_err();
    let TravelError::OffRoad { distance_m, limit_m: 1000 } = error else { panic!("{error}") };
    assert!((3_000..12_000).contains(&distance_m), "{distance_m}");
    assert!(travel.check_place(&ask(STRAIGHT), &sea).is_ok());
    // As one of many it only has no way.
    let others = [sea, town[1].clone()];
    let rows = travel.rows(&ask(TravelMode::Road), &town[0], &others).await.unwrap();
    assert!(rows.to[0].is_none() && rows.to[1].is_some());
    let nowhere = travel.check_place(&ask(TravelMode::Road), &Place::at(91.0, 0.0));
    assert!(matches!(nowhere, Err(TravelError::NotOnEarth { .. })), "{nowhere:?}");
}

#[tokio::test]
async fn travel_without_what_it_needs_says_so() {
    let travel = Travel::new(TravelSettings::default(), None);
    let place = Place::at(64.0, -21.0);
    let road = travel.rows(&ask(TravelMode::Road), &place, &[]).await;
    assert_eq!(road.unwrap_err(), TravelError::NoRoads);
    let osrm = travel.rows(&ask(TravelMode::Osrm), &place, &[]).await;
    assert_eq!(osrm.unwrap_err(), TravelError::NoOsrm);
}

#[tokio::test]
async fn the_worst_hour_of_the_shift_slows_down_roads_and_nothing_else() {
    let mut percent = [100; 24];
    (percent[8], percent[17]) = (150, 200);
    let hour_factors = HourFactors::new(percent).unwrap();
    let settings = TravelSettings { hour_factors, ..TravelSettings::default() };
    let (slow, plain) = (Travel::new(settings, Some(roads())), on_roads());
    let places = town(10);
    let road = Ask { hours: HourSpan { from: 7, until: 16 }, ..ask(TravelMode::Road) };
    let slowed = slow.rows(&road, &places[0], &places).await.unwrap();
    let usual = plain.rows(&road, &places[0], &places).await.unwrap();
    for (slowed, usual) in slowed.from.iter().zip(&usual.from) {
        let (slowed, usual) = (slowed.unwrap(), usual.unwrap());
        assert_eq!(slowed.seconds, (usual.seconds * 150 + 99) / 100);
        assert_eq!(slowed.metres, usual.metres);
    }
    let line = slow.rows(&ask(STRAIGHT), &places[0], &places).await.unwrap();
    assert_eq!(line, plain.rows(&ask(STRAIGHT), &places[0], &places).await.unwrap());
}

#[tokio::test]
async fn a_table_of_places_says_the_same_as_asking_for_pairs() {
    let mut percent = [100; 24];
    percent[8] = 130;
    let hour_factors = HourFactors::new(percent).unwrap();
    let settings = TravelSettings { hour_factors, ..TravelSettings::default() };
    let travel = Travel::new(settings, Some(roads()));
    let mut places = town(100);
    places.push(Place::at(64.20, -22.10));
    let table = PlaceTable::new(travel.clone(), 1000);
    let numbers: Vec<u32> = places.iter().map(|place| table.intern(place)).collect();
    assert_eq!(numbers, (0..101).collect::<Vec<u32>>());
    assert_eq!(table.intern(&places[7]), 7);
    let fixed = TravelMode::Fixed { before_min: 30, after_min: 30 };
    for mode in [TravelMode::Road, STRAIGHT, fixed] {
        let rows = table.rows(&ask(mode), &places[42]).await.unwrap();
        let asked = travel.rows(&ask(mode), &places[42], &places).await.unwrap();
        let legs = |row: &[LegRaw]| row.iter().map(|leg| leg.leg()).collect::<Vec<_>>();
        assert_eq!(legs(&rows.to), asked.to, "{mode:?}");
        assert_eq!(legs(&rows.from), asked.from, "{mode:?}");
        let pairs: Vec<(u32, u32)> = (0..101).map(|number| (number, 42)).collect();
        let (found, _) = table.legs(&ask(mode), &pairs).await.unwrap();
        assert_eq!(found, rows.to, "{mode:?}");
    }
    let (unknown, _) = table.legs(&ask(STRAIGHT), &[(0, 500)]).await.unwrap();
    assert_eq!(unknown, [LegRaw::UNREACHABLE]);
}

#[tokio::test]
async fn rows_that_were_kept_grow_with_the_table() {
    let table = PlaceTable::new(on_roads(), 1000);
    let places = town(20);
    for place in &places[..10] {
        table.intern(place);
    }
    let road = ask(TravelMode::Road);
    let few = table.rows(&road, &places[3]).await.unwrap();
    assert!(Arc::ptr_eq(&few, &table.rows(&road, &places[3]).await.unwrap()));
    for place in &places {
        table.intern(place);
    }
    let more = table.rows(&road, &places[3]).await.unwrap();
    assert_eq!((few.to.len(), more.to.len()), (10, 20));
    assert_eq!(more.to[..10], few.to[..]);
    let fresh = PlaceTable::new(on_roads(), 1000);
    for place in &places {
        fresh.intern(place);
    }
    assert_eq!(*more, *fresh.rows(&road, &places[3]).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_tables_leave_the_thread_and_say_the_same() {
    let table = PlaceTable::new(on_roads(), 1000);
    let spread = |n: u32| Place::at(64.142 + f64::from(n) * 0.000_02, -21.97);
    let places: Vec<Place> = (0..600).map(spread).collect();
    let tasks: Vec<_> = places
        .chunks(150)
        .map(|part| {
            let (table, part) = (table.clone(), part.to_vec());
            tokio::spawn(async move {
                for place in &part {
                    table.intern(place);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(table.len(), 600);
    let rows = table.rows(&ask(TravelMode::Road), &places[0]).await.unwrap();
    let travel = on_roads();
    for place in places.iter().step_by(97) {
        let pair = (place.clone(), places[0].clone());
        let (leg, _) = travel.legs(&ask(TravelMode::Road), &[pair]).await.unwrap();
        assert_eq!(rows.to[table.intern(place) as usize].leg(), leg[0]);
    }
}

#[test]
fn places_are_one_within_a_millionth_of_a_degree() {
    let key = |lat, lon| PlaceKey::of(&Place::at(lat, lon));
    assert_eq!(key(64.141_000_2, -21.9), key(64.140_999_8, -21.9));
    assert_ne!(key(64.141_001, -21.9), key(64.141, -21.9));
    assert_eq!(key(90.0, -180.0).degrees(), (90.0, -180.0));
}

#[test]
fn ways_of_travel_are_never_taken_for_each_other() {
    let server = |url: &str, profile: &str| OsrmServer {
        url: url.into(),
        profile: profile.into(),
        fallback: OsrmFallback::default(),
    };
    let cache = Cache::new(100);
    let key = PlaceKey::of(&Place::at(1.0, 2.0));
    cache.insert(Way::road(1000), key, 1);
    cache.insert(Way::road(500), key, 2);
    cache.insert(Way::osrm(&server("http://a", "car")), key, 3);
    cache.insert(Way::osrm(&server("http://a", "van")), key, 4);
    assert_eq!(cache.get(Way::road(1000), &key), Some(1));
    assert_eq!(cache.get(Way::osrm(&server("http://a", "car")), &key), Some(3));
    assert_eq!(cache.get(Way::osrm(&server("http://ac", "ar")), &key), None);
    assert_eq!(cache.len(), 4);
}

proptest! {
    #[test]
    fn a_cache_stays_small_and_never_says_something_else(
        entries in 0..200_usize,
        uses in prop::collection::vec((0..300_i32, proptest::bool::ANY), 0..2000),
    ) {
        let cache = Cache::new(entries);
        let key = |n: i32| PlaceKey::of(&Place::at(0.0, f64::from(n) / 1e6));
        for (n, write) in uses {
            if write {
                cache.insert(Way::road(1), key(n), n);
            }
            let found = cache.get(Way::road(1), &key(n));
            prop_assert!(found.is_none() || found == Some(n));
            prop_assert!(!write || entries == 0 || found.is_some());
            // 16 shards, each with two halves rounded up.
            prop_assert!(cache.len() <= entries.div_ceil(32) * 32);
        }
    }

    #[test]
    fn the_highest_factor_is_that_of_one_of_the_hours(
        percent in prop::array::uniform24(10..1000_u16),
        from in 0..24_u8,
        length in 1..=24_u8,
    ) {
        let factors = HourFactors::new(percent).unwrap();
        let hours = HourSpan { from, until: (from + length - 1) % 24 + 1 };
        let all = (0..length).map(|hour| percent[usize::from((from + hour) % 24)]);
        prop_assert_eq!(factors.highest(hours), all.max().unwrap());
    }
}
