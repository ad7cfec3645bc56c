//! Many clients at once: exactly as many bookings as there are people, and no fault of ours.

use std::collections::BTreeSet;
use std::sync::Arc;

use roundsman::app::bookings;
use roundsman::domain::error::AppError;
use roundsman::domain::id::ServiceId;
use serde_json::json;

use crate::support::company::{Company, booked, monday};
use crate::support::databases::databases;

/// Lets clients book starts of Monday, each its own, at once; how many got one.
async fn stampede(company: &Arc<Company>, service: ServiceId, times: &[&str]) -> usize {
    let clients: Vec<_> = times
        .iter()
        .map(|time| {
            let (company, start) = (Arc::clone(company), monday(time));
            tokio::spawn(async move { company.book(company.choice(service, start)).await })
        })
        .collect();
    let mut count = 0;
    for client in clients {
        match client.await.unwrap() {
            Ok(_) => count += 1,
            Err(AppError::SlotTaken { .. }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shared_equipment_and_limits_a_day_hold_for_everybody_at_once() {
    for db in databases().await {
        let company = Arc::new(Company::new(&db).await);
        company.technicians(8).await;
        let crane = company.equipment("Crane", 3).await;
        let needs = json!([{"equipment_id": crane, "units": 1}]);
        let lifting = company.service("Lifting", json!({"equipment": needs})).await;
        assert_eq!(stampede(&company, lifting, &["09:00"; 20]).await, 3);
        let rules = json!({"visits_per_day": 2});
        let rare = company.service("Rare", json!({"slots": rules})).await;
        let times = ["11:00", "11:30", "12:00", "12:30", "13:00", "13:30", "14:00", "14:30"];
        assert_eq!(stampede(&company, rare, &[times, times].concat()).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn crews_that_share_people_never_wait_for_each_other_in_a_ring() {
    for db in databases().await {
        let company = Arc::new(Company::new(&db).await);
        company.technicians(5).await;
        let crew = json!({"size": 2, "mode": "together", "roles": []});
        let service = company.service("Piano", json!({"crew": crew})).await;
        // Five people make two crews of two at each of the times.
        let times = ["09:00", "11:00", "13:00"];
        assert_eq!(stampede(&company, service, &times.repeat(10)).await, 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_clients_for_one_slot_of_seven_people() {
    const PEOPLE: usize = 7;
    for db in databases().await {
        let company = Arc::new(Company::new(&db).await);
        company.technicians(PEOPLE).await;
        let service = company.service("Photos", json!({})).await;
        let clients: Vec<_> = (0..100)
            .map(|_| {
                let company = Arc::clone(&company);
                tokio::spawn(async move {
                    let request = booked(company.choice(service, monday("10:00")));
                    bookings::create(&company.app, &company.actor, &request).await
                })
            })
            .collect();
        let mut who = BTreeSet::new();
        let mut refused = 0;
        for client in clients {
            match client.await.unwrap() {
                Ok(details) => assert!(who.insert(details.assignments[0].technician_id)),
                Err(AppError::SlotTaken { alternatives, .. }) => {
                    assert_eq!(alternatives.len(), 3);
                    refused += 1;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((who.len(), refused), (PEOPLE, 100 - PEOPLE));
    }
}
