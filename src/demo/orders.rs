//! What the demo company's customers ask for over three weeks, in the order they ask.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc, Weekday};

use crate::demo::dice::Dice;
use crate::demo::{customers, midnight};
use crate::domain::exchange::Document;
use crate::domain::id::{CustomerId, LocationId, PackageId, ServiceId, SiteId};
use crate::domain::slots::PartOfDay;

/// What one customer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// When the customer calls.
    pub made_at: DateTime<Utc>,
    /// The location that does it.
    pub location_id: LocationId,
    /// What is wanted.
    pub work: Work,
    /// Who asks.
    pub customer_id: CustomerId,
    /// Where.
    pub site_id: SiteId,
    /// The date wanted; one of the following four will do.
    pub date: NaiveDate,
    /// The part of the day wanted, if it matters.
    pub part_of_day: Option<PartOfDay>,
    /// How the order comes in: `web`, `phone` or `api`.
    pub source: &'static str,
    /// What becomes of it once the day is over.
    pub outcome: Outcome,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// One service.
    Service(ServiceId),
    /// One package.
    Package(PackageId),
}

/// What becomes of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done.
    Completed,
    /// Nobody opens the door.
    NoShow,
    /// The customer calls it off.
    Cancelled,
}

/// Days before today that have bookings.
pub const DAYS_BACK: i64 = 7;
/// Days after today that have bookings.
pub const DAYS_AHEAD: i64 = 13;

/// Names of services and packages, and how often each is ordered.
const DEMAND: [(&str, usize); 12] = [
    ("Listing photos", 15),
    ("Property video", 6),
    ("Drone photos", 6),
    ("Floor plan", 6),
    ("3D tour", 6),
    ("Twilight photos", 5),
    ("Large property photos", 3),
    ("Heating inspection", 22),
    ("Heat pump repair", 16),
    ("Appliance installation", 11),
    ("Listing starter", 5),
    ("Listing complete", 4),
];

/// Orders on each working day at each location, when the day is full.
const PER_DAY: [i64; 3] = [38, 12, 12];

/// The orders of three weeks around today, those made first first.
///
/// Days farther ahead have fewer; nobody calls after the start of today, so that the company
/// does not depend on the time of day at which it is set up.
pub fn orders(document: &Document, seed: u64, today: NaiveDate) -> Vec<Order> {
    let mut dice = Dice::new(seed, "orders");
    let mut orders = Vec::new();
    for days in -DAYS_BACK..=DAYS_AHEAD {
        let date = today + TimeDelta::days(days);
        for (location, full) in PER_DAY.into_iter().enumerate() {
            // Full until today; three quarters of that tomorrow, a fifth at the end.
            let share = if days > 0 { 78 - days * 58 / DAYS_AHEAD } else { 100 };
            let count = match date.weekday() {
                Weekday::Sun => 0,
                Weekday::Sat => full / 6,
                _ => full * share / 100 - dice.between(0, 2),
            };
            let asked =
                (0..count).filter_map(|_| order(document, &mut dice, location, date, today));
            orders.extend(asked);
        }
    }
    orders.sort_by_key(|order| order.made_at);
    orders
}

fn order(
    document: &Document,
    dice: &mut Dice,
    location: usize,
    date: NaiveDate,
    today: NaiveDate,
) -> Option<Order> {
    let there: Vec<_> = document
        .sites
        .iter()
        .filter(|site| customers::location_of(&site.value.place.address.postcode) == Some(location))
        .collect();
    let site = dice.pick(&there)?;
    let lead = TimeDelta::minutes(dice.between(24 * 60, 9 * 24 * 60));
    // Calls come from 8 to 18, to the minute.
    let called = midnight(date) - lead;
    let called = midnight(called.date_naive()) + TimeDelta::minutes(dice.between(480, 1080));
    let latest = midnight(today) - TimeDelta::minutes(dice.between(1, 3000));
    let part_of_day = match dice.below(10) {
        0..2 => Some(PartOfDay::Morning),
        2..4 => Some(PartOfDay::Afternoon),
        _ => None,
    };
    let outcome = match dice.below(100) {
        0..4 => Outcome::NoShow,
        4..11 => Outcome::Cancelled,
        _ => Outcome::Completed,
    };
    let source = ["web", "phone", "api"];
    Some(Order {
        made_at: called.min(latest),
        location_id: document.locations[location].id,
        work: work(document, dice)?,
        customer_id: site.value.customer_id,
        site_id: site.id,
        date,
        part_of_day,
        source: dice.pick(&source).copied()?,
        outcome,
    })
}

fn work(document: &Document, dice: &mut Dice) -> Option<Work> {
    let name = dice.pick_weighted(&DEMAND)?;
    let service = document.services.iter().find(|item| item.value.name == *name);
    let package = document.packages.iter().find(|item| item.value.name == *name);
    service
        .map(|item| Work::Service(item.id))
        .or_else(|| package.map(|item| Work::Package(item.id)))
}
