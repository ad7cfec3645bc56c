//! The demo company: the same from the same seed, whole, and without faults.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use roundsman::demo::orders::{DAYS_AHEAD, DAYS_BACK, Outcome, Work, orders};
use roundsman::demo::region::Region;
use roundsman::demo::{SEED, company, midnight};

fn a_friday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

#[test]
fn the_same_seed_and_date_give_the_same_company_and_orders() {
    let region = Region::embedded().unwrap();
    let first = company(SEED, a_friday(), &region);
    let second = company(SEED, a_friday(), &region);
    assert_eq!(first, second);
    assert_eq!(orders(&first, SEED, a_friday()), orders(&second, SEED, a_friday()));
    let other = company(SEED + 1, a_friday(), &region);
    assert_ne!(first.technicians, other.technicians);
}

#[test]
fn the_company_is_as_large_as_promised() {
    let region = Region::embedded().unwrap();
    let company = company(SEED, a_friday(), &region);
    let counts = [
        ("locations", company.locations.len(), 3),
        ("skills", company.skills.len(), 12),
        ("technicians", company.technicians.len(), 24),
        ("services", company.services.len(), 10),
        ("packages", company.packages.len(), 2),
        ("members", company.members.len(), 27),
        ("zones", company.zones.len(), 12),
        // 8 agencies with 26 listings each, 250 households.
        ("customers", company.customers.len(), 258),
        ("sites", company.sites.len(), 458),
    ];
    for (noun, count, expected) in counts {
        assert_eq!(count, expected, "{noun}");
    }
    for technician in &company.technicians {
        let home = technician.value.home.as_ref().unwrap();
        assert!(!home.address.street.is_empty(), "{} lives nowhere", technician.value.name);
        assert!(!technician.value.skills.is_empty());
    }
    let names: BTreeSet<_> = company.technicians.iter().map(|item| &item.value.name).collect();
    assert_eq!(names.len(), 24, "two technicians have one name");
}

#[test]
fn orders_fill_three_weeks_and_are_made_before_today() {
    let region = Region::embedded().unwrap();
    let company = company(SEED, a_friday(), &region);
    let orders = orders(&company, SEED, a_friday());
    assert!(orders.len() > 500, "{} orders", orders.len());
    assert!(orders.is_sorted_by_key(|order| order.made_at));
    for order in &orders {
        let days = (order.date - a_friday()).num_days();
        assert!((-DAYS_BACK..=DAYS_AHEAD).contains(&days));
        assert!(order.made_at < midnight(a_friday()));
        assert!(order.made_at < midnight(order.date));
    }
    let wanted: BTreeSet<_> = orders.iter().map(|order| format!("{:?}", order.work)).collect();
    assert_eq!(wanted.len(), 12, "each of ten services and two packages is ordered");
    for outcome in [Outcome::Completed, Outcome::NoShow, Outcome::Cancelled] {
        assert!(orders.iter().any(|order| order.outcome == outcome));
    }
    assert!(orders.iter().any(|order| matches!(order.work, Work::Package(_))));
}
