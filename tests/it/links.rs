//! Links in messages open what they were made for, and nothing else.

use roundsman::app::links::{self, Purpose};
use roundsman::app::outside::Outside;
use roundsman::domain::actors::Actor;
use roundsman::domain::error::AppError;
use roundsman::domain::id::OrganizationId;
use serde_json::json;

use crate::support::company::{Company, monday};
use crate::support::databases::databases;

fn token(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_link_opens_its_booking_for_its_purpose_until_it_is_taken_back() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technician("Ása", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("09:00"))).await.unwrap();
        let (app, id) = (&company.app, booked.booking.id);
        let links = links::get(app, &company.actor, id).await.unwrap();
        assert!(links.manage.starts_with("http://127.0.0.1:8080/manage/"), "{}", links.manage);
        assert_eq!(links, links::get(app, &company.actor, id).await.unwrap());

        let opened = links::open_booking(app, Purpose::Manage, token(&links.manage)).await.unwrap();
        assert_eq!((opened.organization_id, opened.booking_id), (company.organization_id, id));
        let opened = links::open_booking(app, Purpose::Track, token(&links.track)).await.unwrap();
        assert_eq!(opened.booking_id, id);
        for (purpose, text) in [
            (Purpose::Manage, token(&links.track)),
            (Purpose::Track, token(&links.manage)),
            (Purpose::OptOut, token(&links.manage)),
            (Purpose::Manage, "nothing"),
            (Purpose::Manage, &token(&links.manage)[1..]),
        ] {
            let refused = links::open_booking(app, purpose, text).await;
            assert!(matches!(refused, Err(AppError::NotFound { .. })), "{purpose:?} {text}");
        }
        // A server with another secret knows none of them.
        let other = app.clone().with_outside(Outside::new("http://other", b"another secret"));
        assert!(links::open_booking(&other, Purpose::Manage, token(&links.manage)).await.is_err());

        let fresh = links::revoke(app, &company.actor, id).await.unwrap();
        assert_ne!(fresh, links);
        assert!(links::open_booking(app, Purpose::Manage, token(&links.manage)).await.is_err());
        assert!(links::open_booking(app, Purpose::Track, token(&links.track)).await.is_err());
        links::open_booking(app, Purpose::Manage, token(&fresh.manage)).await.unwrap();
    }
}

#[tokio::test]
async fn another_organization_has_no_links_of_a_booking() {
    for db in databases().await {
        let company = Company::new(&db).await;
        company.technician("Ása", json!({})).await;
        let service = company.service("Photos", json!({})).await;
        let booked = company.book(company.choice(service, monday("09:00"))).await.unwrap();
        let stranger = Actor::system(OrganizationId(company.app.new_id()));
        let refused = links::get(&company.app, &stranger, booked.booking.id).await;
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
        assert!(links::revoke(&company.app, &stranger, booked.booking.id).await.is_err());
    }
}
