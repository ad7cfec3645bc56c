//! A calendar of everything, stored without asking any server.

use std::collections::BTreeMap;

use roundsman::domain::calendars::{
    Calendar, CalendarAccount, CalendarConflict, CalendarFeed, CalendarProvider, CalendarStatus,
    ConflictKind, ConflictStatus,
};
use roundsman::domain::id::{OrganizationId, VisitId};
use roundsman::store::calendars::{accounts, conflicts, feeds, insert};
use uuid::Uuid;

use crate::support::apps::TestApp;

/// Stores an account of the business with a calendar, a conflict and a feed of nobody, without asking
/// any server; their ids by the names that addresses have for them.
pub(crate) async fn stored(
    app: &TestApp,
    organization: &str,
    visit: &str,
) -> BTreeMap<String, String> {
    let organization_id: OrganizationId = organization.parse().unwrap();
    let visit_id: VisitId = visit.parse().unwrap();
    let ids: Vec<Uuid> = (0..4).map(|_| app.new_id()).collect();
    let now = app.now();
    let account = CalendarAccount {
        id: ids[0].into(),
        revision: 1,
        technician_id: None,
        provider: CalendarProvider::Caldav,
        name: "Office".to_owned(),
        url: "https://dav.example".to_owned(),
        login: "office".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let calendar = Calendar {
        id: ids[1].into(),
        revision: 1,
        account_id: account.id,
        technician_id: None,
        remote_id: "/office/".to_owned(),
        name: "Office".to_owned(),
        writable: true,
        blocks: false,
        receives: false,
        status: CalendarStatus::Pending,
        error: String::new(),
        synced_at: None,
        full_synced_at: None,
        failures: 0,
        cursor: None,
    };
    let conflict = CalendarConflict {
        id: ids[2].into(),
        calendar_id: calendar.id,
        technician_id: None,
        visit_id,
        kind: ConflictKind::Deleted,
        planned_start: now,
        start: None,
        end: None,
        status: ConflictStatus::Open,
        created_at: now,
        decided_at: None,
    };
    let feed = CalendarFeed {
        id: ids[3].into(),
        technician_id: None,
        team_id: None,
        created_at: now,
        rotated_at: now,
        used_at: None,
    };
    let mut tx = app.db().write().await.unwrap();
    accounts::insert(&mut tx, organization_id, &account, "x").await.unwrap();
    insert(&mut tx, organization_id, &calendar, now).await.unwrap();
    conflicts::insert(&mut tx, organization_id, &conflict).await.unwrap();
    let hash = feed.id.to_string();
    feeds::insert(&mut tx, organization_id, &feed, &hash).await.unwrap();
    tx.commit().await.unwrap();
    let names = ["calendar_account_id", "calendar_id", "calendar_conflict_id", "calendar_feed_id"];
    names.into_iter().zip(ids).map(|(name, id)| (name.to_owned(), id.to_string())).collect()
}
