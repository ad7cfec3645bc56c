//! An organization whose plan is full of visits: for loads of known size.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use roundsman::clock::{IdSource as _, SeededIds, TestClock};
use roundsman::demo::region::Region;
use roundsman::domain::bookings::{Booking, BookingStatus};
use roundsman::domain::exchange::{Document, Item, PlannedAssignment};
use roundsman::domain::hours::{CivilSpan, WeeklySpan, WorkingHours};
use roundsman::domain::id::{LocationId, OrganizationId, ServiceId, TechnicianId};
use roundsman::domain::jobs::Job;
use roundsman::domain::locations::Location;
use roundsman::domain::organizations::Organization;
use roundsman::domain::places::Place;
use roundsman::domain::services::{Crew, CrewMode, Service, SlotRules};
use roundsman::domain::technicians::{DayEdge, Limits, Technician};
use roundsman::domain::travel::TravelMode;
use roundsman::domain::visits::{
    ActualTimes, ArrivalWindow, Assignment, Lock, RoleNeed, Visit, VisitNeeds, VisitStatus,
};

/// How large the organization is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Technicians, all at one location.
    pub(crate) technicians: usize,
    /// Dates with visits, from the first one.
    pub(crate) days: i64,
    /// Visits of each technician on each date.
    pub(crate) visits: i64,
    /// How travel is reckoned.
    pub(crate) travel: TravelMode,
}

/// Minutes of each planned visit on site.
const VISIT_MIN: i64 = 40;
/// Minutes between the ends of the shift, 8 to 17.
const SHIFT_MIN: i64 = 9 * 60;
/// Least minutes between two visits; drives inside of a town take less.
const GAP_MIN: i64 = 20;

/// The organization with its plan from `first` on; the same arguments give the same document.
///
/// The visits of a day lie near the technician's home and are promised to the minute.
pub(crate) fn organization(slug: &str, size: Size, first: NaiveDate, region: &Region) -> Document {
    let start = first.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
    let seed = slug.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31) + u64::from(byte));
    let ids = SeededIds::new(std::sync::Arc::new(TestClock::at(start)), seed);
    let mut document = Document::of(OrganizationId(ids.next_id()), settings(slug, size.travel));
    let homes = homes(region);
    let location_id = LocationId(ids.next_id());
    document.locations.push(Item { id: location_id, value: location(homes[0].clone()) });
    let service_id = ServiceId(ids.next_id());
    document.services.push(Item { id: service_id, value: service() });
    let mut chance = Chance(seed);
    for number in 0..size.technicians {
        let home = homes[chance.below(homes.len())].clone();
        let id = TechnicianId(ids.next_id());
        let value = technician(number, location_id, home.clone());
        document.technicians.push(Item { id, value });
        for day in 0..size.days {
            let mut at = start + TimeDelta::days(day) + TimeDelta::hours(8);
            let mut spare =
                (SHIFT_MIN - size.visits * VISIT_MIN) / 5 - (size.visits + 1) * GAP_MIN / 5;
            for _ in 0..size.visits {
                let extra =
                    i64::try_from(chance.below(usize::try_from(spare / 2).unwrap_or(0) + 1));
                let extra = extra.unwrap_or(0);
                spare -= extra;
                at += TimeDelta::minutes(GAP_MIN + 5 * extra);
                let place = near(&homes, &home, &mut chance);
                let stay = Stay { location_id, service_id, technician_id: id, place, start: at };
                add_visit(&mut document, &ids, stay, size.travel);
                at += TimeDelta::minutes(VISIT_MIN);
            }
        }
    }
    document
}

/// One stay of one technician.
struct Stay {
    location_id: LocationId,
    service_id: ServiceId,
    technician_id: TechnicianId,
    place: Place,
    start: DateTime<Utc>,
}

fn add_visit(document: &mut Document, ids: &SeededIds, stay: Stay, travel: TravelMode) {
    let Stay { location_id, service_id, technician_id, place, start } = stay;
    let window = ArrivalWindow { from: start, until: start };
    let title = place.address.to_string();
    let job = Job {
        location_id,
        customer_id: None,
        site_id: None,
        service_ids: vec![service_id],
        package_id: None,
        title: title.clone(),
        description: String::new(),
    };
    let job = Item::new(ids.next_id(), job);
    let visit = Visit {
        id: ids.next_id().into(),
        job_id: job.id,
        location_id,
        revision: 1,
        place,
        needs: VisitNeeds {
            service_ids: vec![service_id],
            setup_s: 0,
            work_s: VISIT_MIN * 60,
            exit_s: 0,
            crew: vec![RoleNeed::default()],
            crew_mode: CrewMode::Together,
            equipment: Vec::new(),
            travel,
        },
        status: VisitStatus::Planned,
        lock: Lock::None,
        priority: 0,
        promised: Some(window),
        planned_start: Some(start),
        actual: ActualTimes::default(),
    };
    let end = start + TimeDelta::minutes(VISIT_MIN);
    document.assignments.push(PlannedAssignment {
        assignment: Assignment { visit_id: visit.id, technician_id, role: 0, start, end },
        travel_s: 300,
        assigned_at: start - TimeDelta::days(7),
    });
    let number = document.bookings.len() + 1;
    document.bookings.push(Booking {
        id: ids.next_id().into(),
        revision: 1,
        code: format!("B{number:06}"),
        visit_id: visit.id,
        job_id: job.id,
        location_id,
        customer_id: None,
        site_id: None,
        status: BookingStatus::Scheduled,
        title,
        description: String::new(),
        window,
        source: "bench".to_owned(),
        cancel_reason: String::new(),
        answers: Vec::new(),
        campaign: std::collections::BTreeMap::new(),
        decision: serde_json::Value::Null,
        created_at: start - TimeDelta::days(7),
        updated_at: start - TimeDelta::days(7),
    });
    document.jobs.push(job);
    document.visits.push(visit);
}

/// Dwellings of the capital, every twentieth.
pub(crate) fn homes(region: &Region) -> Vec<Place> {
    let capital = |place: &Place| {
        let postcode: u32 = place.address.postcode.parse().unwrap_or(0);
        (101..=225).contains(&postcode) && postcode != 116 && postcode != 190
    };
    let places = region.addresses.iter().filter(|it| it.dwelling).map(|it| &it.place);
    places.filter(|place| capital(place)).step_by(20).cloned().collect()
}

/// A dwelling within about two kilometres.
fn near(homes: &[Place], home: &Place, chance: &mut Chance) -> Place {
    let is_near = |place: &&Place| {
        (place.lat - home.lat).abs() < 0.012 && (place.lon - home.lon).abs() < 0.025
    };
    let near: Vec<&Place> = homes.iter().filter(is_near).collect();
    near.get(chance.below(near.len())).copied().unwrap_or(home).clone()
}

fn settings(slug: &str, travel: TravelMode) -> Organization {
    Organization {
        name: slug.to_owned(),
        slug: slug.to_owned(),
        time_zone: chrono_tz::Atlantic::Reykjavik,
        locale: "en".to_owned(),
        travel,
        osrm: None,
        booking_page: roundsman::domain::booking_pages::BookingPage::default(),
        hold_min: 10,
        snap_limit_m: 1000,
    }
}

fn location(place: Place) -> Location {
    Location {
        name: "Base".to_owned(),
        time_zone: chrono_tz::Atlantic::Reykjavik,
        place,
        opening_hours: WorkingHours::default(),
        closed: Vec::new(),
        replanning: roundsman::domain::replanning::Replanning::default(),
    }
}

fn service() -> Service {
    Service {
        name: "Work of an hour".to_owned(),
        description: String::new(),
        public: true,
        active: true,
        location_ids: Vec::new(),
        team_ids: Vec::new(),
        duration_min: 60,
        setup_min: 0,
        exit_min: 0,
        skills: Vec::new(),
        crew: Crew::default(),
        equipment: Vec::new(),
        travel: None,
        slots: SlotRules::default(),
        priority: 0,
        policy: roundsman::domain::policies::AssignmentPolicy::default(),
        customer_may_choose: true,
        questions: Vec::new(),
    }
}

fn technician(number: usize, location_id: LocationId, home: Place) -> Technician {
    let days = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let time = |hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let span = CivilSpan::new(time(8), time(17));
    let weekly = vec![WeeklySpan { days: days.to_vec(), span }];
    Technician {
        name: format!("Technician {number:03}"),
        location_id,
        active: true,
        time_zone: None,
        home: Some(home),
        start: DayEdge::Home,
        end: DayEdge::Home,
        skills: Vec::new(),
        zones: Vec::new(),
        working_hours: WorkingHours { weekly, ..WorkingHours::default() },
        breaks: Vec::new(),
        carries: Vec::new(),
        limits: Limits::default(),
        round_robin_weight: 100,
        priority: 2,
        joined: None,
    }
}

/// Chance with a memory.
///
/// Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators".
#[derive(Debug, Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// A number from 0 to `end` - 1; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let wide = u128::from(z ^ (z >> 31)) * end as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}
