//! Repairs after disruptions, by request and by the rule of the location.

use roundsman::app::visits::{self, MoveRequest};
use roundsman::app::{bookings, catalogue, optimizations, proposals};
use roundsman::domain::error::AppError;
use roundsman::domain::id::VisitId;
use roundsman::domain::locations::Location;
use roundsman::domain::optimizations::Repair;
use roundsman::domain::proposals::{LineKind, ProposalStatus};
use serde_json::{Value, json};

use crate::support::company::{march, monday};
use crate::support::databases::databases;
use crate::support::town::{Town, homes, near};
use crate::support::work::work;

#[tokio::test]
async fn visits_of_an_absent_technician_go_to_others_and_what_does_not_fit_is_named() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let ids = town.crossed().await;
        let theirs: Vec<VisitId> =
            town.day(town.south).await.into_iter().map(|(id, _)| id).collect();
        let gone = json!({
            "kind": "technician_absent", "technician_id": town.south,
            "absent_from": monday("06:00"), "absent_until": monday("20:00"),
        });
        let proposal = town.repaired(&db, gone).await;
        for id in &theirs {
            let line = proposal.lines.iter().find(|line| line.visit_id == *id).unwrap();
            let stays =
                line.after.as_ref().is_none_or(|stand| stand.technician_ids == [town.north]);
            assert!(stays, "{line:?}");
        }
        // Six hours of work and the drives of one end fit into nine hours, or nearly: whatever is
        // taken out is named with a reason for each technician.
        assert_eq!(
            usize::try_from(proposal.summary.unassigned_visits).unwrap(),
            proposal.left_out.len()
        );
        assert!(proposal.left_out.iter().all(|left| !left.reasons.is_empty()));
        town.apply(&proposal, &[]).await.unwrap();
        assert_eq!(town.day(town.south).await, []);
        assert!(town.day(town.north).await.len() + proposal.left_out.len() == ids.len());
    }
}

#[tokio::test]
async fn a_promise_that_a_late_day_breaks_is_kept_again_by_somebody_else() {
    for db in databases().await {
        let town = Town::new(&db).await;
        // Between the homes, so that either can come.
        let id = town.waiting(&near(&homes().1, 3), Some(("09:00", "10:00"))).await;
        let late = MoveRequest {
            start: monday("13:00"),
            technician_ids: vec![town.south],
            plan_version: None,
            force: true,
        };
        visits::place(town.app(), town.actor(), id, &late).await.unwrap();
        let proposal = town.repaired(&db, json!({"kind": "overrun", "visit_id": id})).await;
        let line = proposal.lines.iter().find(|line| line.visit_id == id).unwrap();
        let start = line.after.as_ref().unwrap().start;
        assert!(monday("09:00") <= start && start <= monday("10:00"), "{line:?}");
        assert!(line.window_kept);
        town.apply(&proposal, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn an_emergency_comes_in_even_if_another_visit_has_to_make_room() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let fire = town.waiting(&near(&homes().0, 4), Some(("09:00", "10:00"))).await;
        let body = json!({"kind": "emergency", "visit_id": fire, "priority": 100});
        let proposal = town.repaired(&db, body).await;
        let line = proposal.lines.iter().find(|line| line.visit_id == fire).unwrap();
        let start = line.after.as_ref().unwrap().start;
        assert!(monday("09:00") <= start && start <= monday("10:00"));
        town.apply(&proposal, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn an_emergency_that_nothing_was_promised_for_starts_as_soon_as_can_be() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        // On the way of the one who comes there at half past one anyway.
        let fire = town.waiting(&near(&homes().0, 2), None).await;
        let body = json!({
            "kind": "emergency", "visit_id": fire, "priority": 100, "date": march(1),
        });
        let proposal = town.repaired(&db, body).await;
        let line = proposal.lines.iter().find(|line| line.visit_id == fire).unwrap();
        let start = line.after.as_ref().unwrap().start;
        assert!(start < monday("09:00"), "{start}");
        town.apply(&proposal, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn an_emergency_of_this_hour_can_be_accepted_when_the_search_is_over() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.company.wait(4 * 60 + 3);
        let fire = town.waiting(&near(&homes().0, 1), None).await;
        let body = json!({"kind": "emergency", "visit_id": fire, "priority": 100});
        let proposal = town.repaired(&db, body).await;
        // A second of search, then time to look at it.
        town.company.wait(1);
        let applied = town.apply(&proposal, &[]).await.unwrap();
        assert_eq!(applied.status, ProposalStatus::Applied, "{proposal:?}");
        assert_eq!(town.day(town.north).await.first().map(|(id, _)| *id), Some(fire));
    }
}

#[tokio::test]
async fn a_proposal_whose_first_start_is_past_is_made_anew() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.company.wait(4 * 60);
        let fire = town.waiting(&near(&homes().0, 1), None).await;
        let body = json!({"kind": "emergency", "visit_id": fire, "priority": 100});
        let proposal = town.repaired(&db, body).await;
        town.company.wait(30);
        let error = town.apply(&proposal, &[]).await.unwrap_err();
        assert!(matches!(error, AppError::Stale { noun: "proposal", .. }), "{error}");
        let (app, actor) = (town.app(), town.actor());
        let old = proposals::get(app, actor, proposal.id).await.unwrap();
        assert_eq!(old.status, ProposalStatus::Stale);
        let run = optimizations::get(app, actor, old.replaced_by.unwrap()).await.unwrap();
        let newer = town.finished(&db, &run).await;
        town.apply(&newer, &[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_rule_repairs_by_itself_within_its_limits_and_else_only_suggests() {
    for (visits_max, expected) in [(10, ProposalStatus::Applied), (1, ProposalStatus::Open)] {
        for db in databases().await {
            let town = Town::new(&db).await;
            let (up, _) = homes();
            for (number, time) in [(0, "09:00"), (1, "11:00")] {
                let id = town.waiting(&near(&up, number), None).await;
                town.put(id, time, &[town.south]).await;
            }
            rule(&town, json!({"mode": "apply", "visits_max": visits_max, "time_s": 1})).await;
            let (app, actor) = (town.app(), town.actor());
            absent(&town).await;
            assert_eq!(work(app, &db).await, 0);
            town.company.wait(1);
            work(app, &db).await;
            let page = catalogue::PageQuery::default();
            let all = proposals::list(app, actor, None, &page).await.unwrap().items;
            assert_eq!(all.len(), 1);
            assert_eq!(all[0].status, expected, "{:?}", all[0]);
            assert_eq!(all[0].summary.moved_visits, 2);
        }
    }
}

#[tokio::test]
async fn what_somebody_absent_had_on_another_day_is_left_alone() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let id = town.waiting(&near(&homes().0, 0), None).await;
        town.put(id, "09:00", &[town.south]).await;
        absent(&town).await;
        let tuesday = json!({"from": march(2), "until": march(2)});
        assert_eq!(town.optimized(&db, tuesday).await.lines, []);
        let lines = town.optimized(&db, json!({})).await.lines;
        assert_eq!(lines.iter().map(|line| line.visit_id).collect::<Vec<_>>(), [id]);
    }
}

#[tokio::test]
async fn what_a_repair_did_is_taken_back_even_to_somebody_who_is_absent() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let id = town.waiting(&near(&homes().0, 0), None).await;
        town.put(id, "09:00", &[town.south]).await;
        absent(&town).await;
        let proposal = town.optimized(&db, json!({})).await;
        town.apply(&proposal, &[]).await.unwrap();
        let done = proposals::undo(town.app(), town.actor(), proposal.id).await.unwrap();
        assert_eq!(done.status, ProposalStatus::Undone);
        let visit = visits::get(town.app(), town.actor(), id).await.unwrap();
        assert_eq!(visit.assignments[0].technician_id, town.south);
        assert_eq!(visit.visit.planned_start, Some(monday("09:00")));
    }
}

/// The technician in the south is away on Monday.
async fn absent(town: &Town) {
    let absence: roundsman::domain::absences::Absence = serde_json::from_value(json!({
        "technician_id": town.south, "start": monday("07:00"), "end": monday("19:00"),
    }))
    .unwrap();
    catalogue::create(town.app(), town.actor(), &absence).await.unwrap();
}

async fn rule(town: &Town, replanning: Value) {
    use roundsman::domain::locations::Location;
    let (app, actor) = (town.app(), town.actor());
    let id = town.company.location_id;
    let found = catalogue::get::<Location>(app, actor, id).await.unwrap();
    let replanning = serde_json::from_value(replanning).unwrap();
    let location = Location { replanning, ..found.value };
    let seen = (id, found.revision);
    catalogue::update(app, actor, seen, &location).await.unwrap();
}

#[tokio::test]
async fn a_cancellation_lets_a_waiting_visit_fill_the_gap_where_the_rule_says_so() {
    for db in databases().await {
        let town = Town::new(&db).await;
        rule(&town, json!({"mode": "suggest", "time_s": 1})).await;
        let (app, actor) = (town.app(), town.actor());
        let mut choice = town.company.choice(town.service, monday("10:00"));
        choice.technician_ids = vec![town.north];
        let booked = town.company.book(choice).await.unwrap();
        let id = town.waiting(&near(&homes().0, 2), None).await;
        bookings::cancel(app, actor, booked.booking.id, None, "").await.unwrap();
        town.company.wait(1);
        work(app, &db).await;
        let page = catalogue::PageQuery::default();
        let all = proposals::list(app, actor, Some(ProposalStatus::Open), &page).await.unwrap();
        let line = &all.items[0].lines[0];
        assert_eq!((line.visit_id, line.kind), (id, LineKind::Assign));
        assert_eq!(line.after.as_ref().unwrap().technician_ids, [town.north]);
    }
}

#[tokio::test]
async fn who_belongs_to_another_location_is_no_disruption_of_this_plan() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (app, actor) = (town.app(), town.actor());
        let other = json!({"name": "Away", "time_zone": "Atlantic/Reykjavik", "place": homes().0});
        let other: Location = serde_json::from_value(other).unwrap();
        let other = catalogue::create(app, actor, &other).await.unwrap().id;
        let who = town.company.technician("Far", json!({"location_id": other})).await;
        let id = town.waiting(&homes().0, None).await;
        let absent = json!({
            "kind": "technician_absent", "technician_id": who,
            "absent_from": monday("06:00"), "absent_until": monday("20:00"),
        });
        let cancelled = json!({"kind": "cancellation", "technician_ids": [town.north, who]});
        let urgent = json!({"kind": "emergency", "visit_id": id, "priority": 100});
        let here = town.company.location_id;
        for (location, mut body, field) in [
            (here, absent, "technician_id"),
            (here, cancelled, "technician_ids[1]"),
            (other, urgent, "visit_id"),
        ] {
            body["location_id"] = json!(location);
            let repair: Repair = serde_json::from_value(body).unwrap();
            let refused = optimizations::repair(app, actor, &repair).await;
            let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
            let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
            assert_eq!(fields, [field]);
            assert!(faults[0].message.contains("another location"), "{faults:?}");
        }
    }
}
