//! The demo company: a field-service business around Reykjavík, invented from a seed and a date.
//!
//! [`company`] gives what such a business has set up, [`orders::orders`] what its customers ask
//! for over three weeks. The bookings themselves are made by the real use cases.

pub mod catalogue;
pub mod crew;
pub mod customers;
mod dice;
pub mod names;
pub mod orders;
pub mod places;
pub mod region;
pub mod seeding;
pub mod tour;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::clock::{IdSource, SeededIds, TestClock};
use crate::demo::region::Region;
use crate::domain::booking_pages::BookingPage;
use crate::domain::exchange::Document;
use crate::domain::id::OrganizationId;
use crate::domain::organizations::Organization;
use crate::domain::travel::TravelMode;

/// The seed of the company that `roundsman demo` sets up.
pub const SEED: u64 = 64;

/// The name of the company in addresses of web pages.
pub const SLUG: &str = "hraun";

/// The password of every member of the demo company; it is printed at the start and guards
/// nothing but invented data.
pub const PASSWORD: &str = "demo-hraun-64";

/// The demo company without its bookings: 24 technicians at three locations, what they can do and
/// when, what they sell, and customers with sites at real addresses.
///
/// The same arguments give the same document. Dates are relative to `today`.
pub fn company(seed: u64, today: NaiveDate, region: &Region) -> Document {
    let ids = ids(seed, today);
    let mut document = Document::of(OrganizationId(ids.next_id()), organization());
    places::add(&mut document, &ids, region, today);
    catalogue::add(&mut document, &ids);
    crew::add(&mut document, &ids, region, seed, today);
    customers::add(&mut document, &ids, region, seed);
    document
}

/// Midnight at the start of a date; the company's zone keeps UTC all year.
pub fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

fn ids(seed: u64, today: NaiveDate) -> SeededIds {
    let founded = midnight(today) - TimeDelta::days(30);
    SeededIds::new(Arc::new(TestClock::at(founded)), seed)
}

fn organization() -> Organization {
    Organization {
        name: "Hraun Property Services".to_owned(),
        slug: SLUG.to_owned(),
        time_zone: chrono_tz::Atlantic::Reykjavik,
        locale: "en".to_owned(),
        travel: TravelMode::Road,
        hold_min: 10,
        snap_limit_m: 1000,
        osrm: None,
        booking_page: booking_page(),
    }
}

/// What the company tells its customers.
fn booking_page() -> BookingPage {
    BookingPage {
        intro:
            "Photos, plans and repairs, by people who live around here. Choose what you need and \
                see at once when somebody can come."
                .to_owned(),
        phone: Some("+354 555 0164".to_owned()),
        email: Some("hello@hraun.example".to_owned()),
        policy:
            "You can move or cancel free of charge until four hours before we come. Later than \
                 that, please call us."
                .to_owned(),
        outside:
            "We work between Akranes, Reykjanes and Selfoss. For a house farther out, leave us \
                  your name: we drive out when several customers there ask for us."
                .to_owned(),
        change_notice_h: 4,
        frame_origins: Vec::new(),
    }
}
