//! Bookings: uniqueness, revisions, filters, searches.

use roundsman::domain::bookings::{Booking, BookingStatus};
use roundsman::domain::customers::Customer;
use roundsman::domain::id::{CustomerId, OrganizationId, ZoneId};
use roundsman::domain::places::Place;
use roundsman::domain::zones::{Zone, ZoneShape};
use roundsman::store::bookings::list::{BookingFilter, BookingSort, list};
use roundsman::store::pages::PageQuery;
use roundsman::store::{Db, StoreError, assignments, bookings, records, visits};

use crate::support::databases::databases;
use crate::support::samples::{at, id, sample};

async fn titles(db: &Db, organization_id: OrganizationId, filter: &BookingFilter) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let order = (BookingSort::Window, false);
    let page = list(&mut tx, organization_id, filter, order, &PageQuery::default()).await.unwrap();
    page.items.into_iter().map(|booking| booking.title).collect()
}

#[tokio::test]
async fn a_code_and_a_visit_belong_to_one_booking() {
    for db in databases().await {
        let sample = sample(&db).await;
        let other = self::sample(&db).await;
        let mut tx = db.write().await.unwrap();
        let first = sample.book(&mut tx, at(9), &[]).await.unwrap();
        let visit = sample.place(&mut tx, at(10), &[]).await.unwrap();
        tx.commit().await.unwrap();
        let new = sample.booking(&visit, "Photos");
        let cases = [
            ("id", Booking { id: first.id, ..new.clone() }),
            ("code", Booking { code: first.code.clone(), ..new.clone() }),
            ("visit", Booking { visit_id: first.visit_id, ..new.clone() }),
        ];
        for (expected, booking) in cases {
            let mut tx = db.write().await.unwrap();
            let refused = bookings::insert(&mut tx, sample.organization_id, &booking, "").await;
            let Err(StoreError::Taken { field }) = refused else { panic!("{refused:?}") };
            assert_eq!(field, expected, "{}", db.kind());
        }
        // Another organization may use the code.
        let mut tx = db.write().await.unwrap();
        let visit = other.place(&mut tx, at(10), &[]).await.unwrap();
        let same = Booking { code: first.code.clone(), ..other.booking(&visit, "Photos") };
        bookings::insert(&mut tx, other.organization_id, &same, "").await.unwrap();
        let found = bookings::by_code(&mut tx, other.organization_id, &first.code).await.unwrap();
        assert_eq!(found.unwrap().id, same.id);
        let found = bookings::get(&mut tx, other.organization_id, first.id).await.unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn a_stored_booking_comes_back_and_a_stale_change_is_refused() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        let booking = sample.book(&mut tx, at(9), &[]).await.unwrap();
        let stored = bookings::get(&mut tx, sample.organization_id, booking.id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&booking));
        let status = BookingStatus::Cancelled;
        let cancelled = Booking { status, cancel_reason: "ill".to_owned(), ..booking.clone() };
        let cancelled = bookings::update(&mut tx, sample.organization_id, &cancelled, "", at(1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((cancelled.revision, cancelled.updated_at), (2, at(1)));
        let refused = bookings::update(&mut tx, sample.organization_id, &booking, "", at(2)).await;
        assert!(matches!(refused, Err(StoreError::Stale { expected: 1, actual: 2, .. })));
        let stored = bookings::of_visit(&mut tx, sample.organization_id, booking.visit_id).await;
        assert_eq!(stored.unwrap(), Some(cancelled));
    }
}

#[tokio::test]
async fn filters_and_searches_find_the_right_bookings() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let anna = sample.technician_ids[0];
        let (zone_id, customer_id): (ZoneId, CustomerId) = (id(), id());
        let mut tx = db.write().await.unwrap();
        let shape = ZoneShape::Radius { centre: Place::at(64.1, -21.9), metres: 1000 };
        let zone = Zone { name: "Centre".to_owned(), shape };
        records::insert(&mut tx, organization_id, zone_id, &zone, at(0)).await.unwrap();
        let customer = Customer {
            name: "Þórdís Ægisdóttir".to_owned(),
            phone: Some("+354 555 1234".to_owned()),
            ..Customer::default()
        };
        records::insert(&mut tx, organization_id, customer_id, &customer, at(0)).await.unwrap();
        for (hour, title) in [(9, "Kitchen"), (10, "Garden"), (11, "Garage")] {
            let crew = if hour == 10 { vec![] } else { vec![anna] };
            let visit = sample.place(&mut tx, at(hour), &crew).await.unwrap();
            if hour == 10 {
                visits::set_zones(&mut tx, organization_id, visit.id, &[zone_id]).await.unwrap();
            }
            if hour == 11 {
                assignments::end(&mut tx, organization_id, visit.id).await.unwrap();
            }
            let mut booking = sample.booking(&visit, title);
            booking.customer_id = (hour == 9).then_some(customer_id);
            if hour == 11 {
                booking.status = BookingStatus::Cancelled;
            }
            let address = if hour == 10 { "Bankastræti 5" } else { "" };
            bookings::insert(&mut tx, organization_id, &booking, address).await.unwrap();
        }
        tx.commit().await.unwrap();
        let all = BookingFilter::default();
        let text = |text: &str| BookingFilter { text: text.to_owned(), ..all.clone() };
        let open = vec![BookingStatus::Scheduled, BookingStatus::Confirmed];
        let cases: [(BookingFilter, &[&str]); 12] = [
            (all.clone(), &["Kitchen", "Garden", "Garage"]),
            (BookingFilter { statuses: open, ..all.clone() }, &["Kitchen", "Garden"]),
            (BookingFilter { from: Some(at(10)), ..all.clone() }, &["Garden", "Garage"]),
            (BookingFilter { until: Some(at(10)), ..all.clone() }, &["Kitchen"]),
            (
                BookingFilter { technician_id: Some(anna), ..all.clone() },
                // The called-off one too.
                &["Kitchen", "Garage"],
            ),
            (BookingFilter { zone_id: Some(zone_id), ..all.clone() }, &["Garden"]),
            (BookingFilter { customer_id: Some(customer_id), ..all.clone() }, &["Kitchen"]),
            (BookingFilter { location_id: Some(id()), ..all.clone() }, &[]),
            (text("ÆGISDÓTTIR kit"), &["Kitchen"]),
            (text("3545551234"), &["Kitchen"]),
            (text("bankastræti"), &["Garden"]),
            (text("GAR"), &["Garden", "Garage"]),
        ];
        for (filter, expected) in cases {
            assert_eq!(titles(&db, organization_id, &filter).await, expected, "{filter:?}");
            let nobody = titles(&db, id(), &filter).await;
            assert!(nobody.is_empty());
        }
    }
}

#[tokio::test]
async fn pages_of_bookings_are_complete_in_every_order() {
    for db in databases().await {
        let sample = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        for number in 0..23 {
            // Several start at the same time, and all were made at the same time.
            sample.book(&mut tx, at(number / 4), &[]).await.unwrap();
        }
        tx.commit().await.unwrap();
        for order in [BookingSort::Window, BookingSort::Created] {
            for descending in [false, true] {
                let mut seen = Vec::new();
                let mut query = PageQuery::first(5);
                let mut tx = db.read().await.unwrap();
                let filter = BookingFilter::default();
                loop {
                    let order = (order, descending);
                    let page = list(&mut tx, sample.organization_id, &filter, order, &query)
                        .await
                        .unwrap();
                    seen.extend(page.items.iter().map(|one| (one.window.from, one.id)));
                    let Some(next) = query.after(&page) else { break };
                    query = next;
                }
                let mut distinct = seen.clone();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!((seen.len(), distinct.len()), (23, 23));
                if descending {
                    distinct.reverse();
                }
                if order == BookingSort::Window {
                    assert_eq!(seen, distinct);
                }
            }
        }
    }
}
