//! Catalogue nouns: pages, searches, revisions, references, and walls between organizations.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roundsman::domain::customers::Customer;
use roundsman::domain::id::{CustomerId, MemberId, OrganizationId, SkillId, TechnicianId};
use roundsman::domain::locations::Location;
use roundsman::domain::members::{Member, Role};
use roundsman::domain::services::Service;
use roundsman::domain::skills::{Skill, SkillHeld};
use roundsman::domain::technicians::Technician;
use roundsman::store::pages::PageQuery;
use roundsman::store::records::{Listing, Sort};
use roundsman::store::{Db, StoreError, members, organizations, records};

use crate::support::databases::databases;
use crate::support::samples::{at, id, sample, technician};

async fn add_customers(db: &Db, organization_id: OrganizationId, names: &[&str]) {
    let mut tx = db.write().await.unwrap();
    for (minute, name) in (0..).zip(names) {
        let customer = Customer { name: (*name).to_owned(), ..Customer::default() };
        let customer_id: CustomerId = id();
        let now = at(0) + TimeDelta::minutes(minute / 3);
        records::insert(&mut tx, organization_id, customer_id, &customer, now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn names(db: &Db, organization_id: OrganizationId, listing: &Listing) -> Vec<String> {
    let mut tx = db.read().await.unwrap();
    let page = records::list::<Customer>(&mut tx, organization_id, listing).await.unwrap();
    page.items.into_iter().map(|record| record.value.name).collect()
}

#[tokio::test]
async fn pages_show_every_row_once_in_every_order() {
    for db in databases().await {
        let sample = sample(&db).await;
        // Equal names and moments, so that ties matter.
        let some: Vec<String> = (0..25).map(|number| format!("Name {}", number % 4)).collect();
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        add_customers(&db, sample.organization_id, &some).await;
        for sort in [Sort::Name, Sort::Created, Sort::Updated] {
            for descending in [false, true] {
                let mut query = PageQuery::first(4);
                let mut seen = Vec::new();
                loop {
                    let page = query.clone();
                    let listing = Listing { sort, descending, page, ..Listing::default() };
                    let mut tx = db.read().await.unwrap();
                    let page = records::list::<Customer>(&mut tx, sample.organization_id, &listing)
                        .await
                        .unwrap();
                    seen.extend(
                        page.items.iter().map(|record| (record.value.name.clone(), record.id)),
                    );
                    let Some(next) = query.after(&page) else { break };
                    query = next;
                }
                assert_eq!(seen.len(), 25, "{sort:?} {descending}");
                let distinct: BTreeSet<_> = seen.iter().map(|(_, id)| *id).collect();
                assert_eq!(distinct.len(), 25);
                if sort == Sort::Name {
                    let mut sorted = seen.clone();
                    sorted.sort();
                    if descending {
                        sorted.reverse();
                    }
                    assert_eq!(seen, sorted);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_page_is_not_disturbed_by_rows_that_come_and_go() {
    for db in databases().await {
        let sample = sample(&db).await;
        add_customers(&db, sample.organization_id, &["b", "d", "f", "h"]).await;
        let first = Listing { page: PageQuery::first(2), ..Listing::default() };
        let mut tx = db.read().await.unwrap();
        let page =
            records::list::<Customer>(&mut tx, sample.organization_id, &first).await.unwrap();
        drop(tx);
        // One before the cursor, one after; the last row seen is deleted.
        add_customers(&db, sample.organization_id, &["a", "g"]).await;
        let mut tx = db.write().await.unwrap();
        let gone = page.items[1].id;
        records::delete::<Customer>(&mut tx, sample.organization_id, gone, None).await.unwrap();
        tx.commit().await.unwrap();
        let page = PageQuery { limit: 9, cursor: page.next };
        let rest = Listing { page, ..Listing::default() };
        assert_eq!(names(&db, sample.organization_id, &rest).await, ["f", "g", "h"]);
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    for db in databases().await {
        let sample = sample(&db).await;
        add_customers(&db, sample.organization_id, &["a", "b"]).await;
        let mut tx = db.read().await.unwrap();
        let first = Listing { page: PageQuery::first(1), ..Listing::default() };
        let page =
            records::list::<Customer>(&mut tx, sample.organization_id, &first).await.unwrap();
        for cursor in [page.next.clone(), Some("rubbish!".to_owned()), Some("e30".to_owned())] {
            let page = PageQuery { limit: 1, cursor };
            let listing = Listing { sort: Sort::Created, page, ..Listing::default() };
            let refused =
                records::list::<Customer>(&mut tx, sample.organization_id, &listing).await;
            assert!(matches!(refused, Err(StoreError::BadCursor)), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn a_search_finds_words_of_any_language_whatever_their_case() {
    for db in databases().await {
        let sample = sample(&db).await;
        let all =
            ["Þórdís Ægisdóttir", "JOSÉ Müller", "Анна Каренина", "東京写真館", "Straße 100%"];
        add_customers(&db, sample.organization_id, &all).await;
        let cases = [
            ("þórdís", 0),
            ("ÆGISDOTTIR", 0),
            ("müller jose", 1),
            ("каренина АННА", 2),
            ("写真", 3),
            ("STRASSE", 4),
            ("0%", 4),
        ];
        for (text, expected) in cases {
            let listing = Listing { text: text.to_owned(), ..Listing::default() };
            let found = names(&db, sample.organization_id, &listing).await;
            assert_eq!(found, [all[expected]], "{text}");
        }
        for text in ["%", "_", "anna karenina"] {
            let listing = Listing { text: text.to_owned(), ..Listing::default() };
            let found = names(&db, sample.organization_id, &listing).await;
            assert!(found.len() == usize::from(text == "%"), "{text}: {found:?}");
        }
    }
}

#[tokio::test]
async fn a_stale_revision_is_refused_and_changes_nothing() {
    for db in databases().await {
        let sample = sample(&db).await;
        let anna = sample.technician_ids[0];
        let value = technician("Anna B", sample.location_id);
        let mut tx = db.write().await.unwrap();
        let changed = records::update(&mut tx, sample.organization_id, (anna, 1), &value, at(1));
        let changed = changed.await.unwrap().unwrap();
        assert_eq!((changed.before.revision, changed.after.revision), (1, 2));
        assert_eq!(changed.before.value.name, "Anna");
        let value = technician("Anna C", sample.location_id);
        let refused =
            records::update(&mut tx, sample.organization_id, (anna, 1), &value, at(2)).await;
        assert!(matches!(refused, Err(StoreError::Stale { expected: 1, actual: 2, .. })));
        let refused =
            records::delete::<Technician>(&mut tx, sample.organization_id, anna, Some(1)).await;
        assert!(matches!(refused, Err(StoreError::Stale { expected: 1, actual: 2, .. })));
        let now = records::get::<Technician>(&mut tx, sample.organization_id, anna).await.unwrap();
        assert_eq!(now, Some(changed.after));
    }
}

#[tokio::test]
async fn what_is_referred_to_stays() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let skill_id: SkillId = id();
        let mut tx = db.write().await.unwrap();
        let skill = Skill { name: "Drone".to_owned() };
        records::insert(&mut tx, organization_id, skill_id, &skill, at(0)).await.unwrap();
        let held = SkillHeld { skill_id, level: 3, valid_from: None, valid_until: None };
        let mut anna = technician("Anna", sample.location_id);
        anna.skills = vec![held];
        let key = (sample.technician_ids[0], 1);
        records::update(&mut tx, organization_id, key, &anna, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        // By a column, and by a body.
        let mut tx = db.write().await.unwrap();
        let refused =
            records::delete::<Location>(&mut tx, organization_id, sample.location_id, None).await;
        assert!(matches!(refused, Err(StoreError::InUse { noun: "location", .. })), "{refused:?}");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let refused = records::delete::<Skill>(&mut tx, organization_id, skill_id, None).await;
        assert!(matches!(refused, Err(StoreError::InUse { noun: "skill", .. })), "{refused:?}");
        // Once nobody has the skill, it may go.
        anna.skills.clear();
        let key = (sample.technician_ids[0], 2);
        records::update(&mut tx, organization_id, key, &anna, at(0)).await.unwrap();
        let gone =
            records::delete::<Skill>(&mut tx, organization_id, skill_id, None).await.unwrap();
        assert_eq!(gone.unwrap().value, skill);
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_another_organization_has_does_not_exist() {
    for db in databases().await {
        let ours = sample(&db).await;
        let theirs = sample(&db).await;
        let mut tx = db.write().await.unwrap();
        let anna = ours.technician_ids[0];
        let organization_id = theirs.organization_id;
        assert!(
            records::get::<Technician>(&mut tx, organization_id, anna).await.unwrap().is_none()
        );
        let value = technician("Mallory", theirs.location_id);
        let changed = records::update(&mut tx, organization_id, (anna, 1), &value, at(1)).await;
        assert!(changed.unwrap().is_none());
        let gone = records::delete::<Technician>(&mut tx, organization_id, anna, None).await;
        assert!(gone.unwrap().is_none());
        let page = records::list::<Service>(&mut tx, organization_id, &Listing::default()).await;
        assert!(page.unwrap().items.iter().all(|record| record.id == theirs.service_id));
        // Nor can it be referred to, by a column or by a body.
        let stray: TechnicianId = id();
        let value = technician("Mallory", ours.location_id);
        let refused = records::insert(&mut tx, organization_id, stray, &value, at(1)).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let job = ours.job("Photos");
        let job = roundsman::domain::jobs::Job { location_id: theirs.location_id, ..job };
        let job_id: roundsman::domain::id::JobId = id();
        let refused = records::insert(&mut tx, organization_id, job_id, &job, at(1)).await;
        assert!(matches!(refused, Err(StoreError::Missing { noun: "service", .. })), "{refused:?}");
        drop(tx);
        let mut tx = db.read().await.unwrap();
        let now = records::get::<Technician>(&mut tx, ours.organization_id, anna).await.unwrap();
        assert_eq!(now.unwrap().revision, 1);
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_member_of_the_whole_installation() {
    for db in databases().await {
        let ours = sample(&db).await;
        let theirs = sample(&db).await;
        let member = Member {
            name: "Eva".to_owned(),
            email: "Eva@Example.com".to_owned(),
            role: Role::Owner,
            technician_id: None,
            locale: None,
            active: true,
        };
        let member_id: MemberId = id();
        let mut tx = db.write().await.unwrap();
        records::insert(&mut tx, ours.organization_id, member_id, &member, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await.unwrap();
        let again = Member { email: "eva@example.COM".to_owned(), ..member.clone() };
        let other_id: MemberId = id();
        let refused =
            records::insert(&mut tx, theirs.organization_id, other_id, &again, at(0)).await;
        assert!(
            matches!(&refused, Err(StoreError::Taken { field }) if field == "email"),
            "{refused:?}"
        );
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let set = members::set_password_hash(&mut tx, ours.organization_id, member_id, "hash");
        assert!(set.await.unwrap());
        // A change of the member keeps the password.
        let key = (member_id, 1);
        records::update(&mut tx, ours.organization_id, key, &member, at(1)).await.unwrap();
        let login = members::login(&mut tx, "EVA@example.com").await.unwrap().unwrap();
        assert_eq!(login.member_id, member_id);
        assert_eq!(login.password_hash.as_deref(), Some("hash"));
        assert!(members::login(&mut tx, "adam@example.com").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn only_changes_of_the_catalogue_raise_its_version() {
    for db in databases().await {
        let sample = sample(&db).await;
        let organization_id = sample.organization_id;
        let mut tx = db.write().await.unwrap();
        let before = organizations::catalog_version(&mut tx, organization_id).await.unwrap();
        let skill_id: SkillId = id();
        let skill = Skill { name: "Drone".to_owned() };
        records::insert(&mut tx, organization_id, skill_id, &skill, at(0)).await.unwrap();
        let committed = tx.commit().await.unwrap();
        assert_eq!(committed.catalog_version, Some(before + 1));
        add_customers(&db, organization_id, &["a"]).await;
        let mut tx = db.read().await.unwrap();
        let after = organizations::catalog_version(&mut tx, organization_id).await.unwrap();
        assert_eq!(after, before + 1);
    }
}
