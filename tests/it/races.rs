//! Many clients at once: exactly as many bookings as there are people, and no fault of ours.

use std::collections::BTreeSet;
use std::sync::Arc;

use roundsman::app::bookings;
use roundsman::domain::error::AppError;
use serde_json::json;

use crate::support::company::{Company, booked, monday};
use crate::support::databases::databases;

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
