//! Proposals: what runs suggest, applied whole and by line, taken back, rejected, gone stale.

use roundsman::app::visits::{self, VisitRequest};
use roundsman::app::{optimizations, proposals};
use roundsman::domain::error::AppError;
use roundsman::domain::id::VisitId;
use roundsman::domain::proposals::{LineKind, ProposalStatus};
use roundsman::domain::visits::Lock;
use serde_json::json;

use crate::support::company::monday;
use crate::support::databases::databases;
use crate::support::town::{Town, homes, near};

#[tokio::test]
async fn a_run_suggests_shorter_drives_which_apply_puts_into_the_plan_and_undo_takes_back() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let before = (town.day(town.north).await, town.day(town.south).await);
        let proposal = town.optimized(&db, json!({})).await;
        assert_eq!(proposal.status, ProposalStatus::Open);
        assert_eq!(proposal.summary.moved_visits, 6, "{proposal:?}");
        // The homes are 16 km apart and the visits of each at most one: nobody crosses the town.
        let summary = proposal.summary;
        assert!(summary.drive_after_s * 3 < summary.drive_before_s, "{summary:?}");
        assert_eq!((summary.windows_broken, summary.customers_to_tell), (0, 0));
        assert_eq!((town.day(town.north).await, town.day(town.south).await), before);
        let applied = town.apply(&proposal, &[]).await.unwrap();
        assert_eq!(applied.status, ProposalStatus::Applied);
        for line in &applied.lines {
            let stand = line.after.as_ref().unwrap();
            let theirs = town.day(stand.technician_ids[0]).await;
            assert!(theirs.contains(&(line.visit_id, stand.start)), "{line:?} in {theirs:?}");
        }
        let again = town.apply(&proposal, &[]).await;
        assert!(matches!(again, Err(AppError::Conflict(_))), "{again:?}");
        let undone = proposals::undo(town.app(), town.actor(), proposal.id).await.unwrap();
        assert_eq!(undone.status, ProposalStatus::Undone);
        assert_eq!((town.day(town.north).await, town.day(town.south).await), before);
        // What was taken back can be had again, whole or by line, until the plan is another.
        let applied: Vec<u32> = applied.lines.iter().map(|line| line.number).collect();
        let again = town.apply(&proposal, &applied).await.unwrap();
        assert_eq!(again.status, ProposalStatus::Applied);
        assert_ne!((town.day(town.north).await, town.day(town.south).await), before);
        proposals::undo(town.app(), town.actor(), proposal.id).await.unwrap();
        let other = town.waiting(&near(&homes().0, 9), None).await;
        town.put(other, "15:30", &[town.north]).await;
        let late = town.apply(&proposal, &[]).await;
        assert!(matches!(late, Err(AppError::Stale { noun: "plan", .. })), "{late:?}");
        let kept = proposals::get(town.app(), town.actor(), proposal.id).await.unwrap();
        assert_eq!((kept.status, kept.replaced_by), (ProposalStatus::Undone, None));
    }
}

#[tokio::test]
async fn visits_that_wait_are_given_to_whoever_is_near_and_a_rejected_proposal_changes_nothing() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (up, down) = homes();
        let one = town.waiting(&near(&up, 1), None).await;
        let other = town.waiting(&near(&down, 1), Some(("13:00", "15:00"))).await;
        let proposal = town.optimized(&db, json!({})).await;
        let of = |id: VisitId| proposal.lines.iter().find(|line| line.visit_id == id).unwrap();
        assert_eq!(of(one).kind, LineKind::Assign);
        assert_eq!(of(one).after.as_ref().unwrap().technician_ids, [town.north]);
        let stand = of(other).after.as_ref().unwrap();
        assert_eq!(stand.technician_ids, [town.south]);
        assert!(monday("13:00") <= stand.start && stand.start <= monday("15:00"));
        let rejected = proposals::reject(town.app(), town.actor(), proposal.id).await.unwrap();
        assert_eq!(rejected.status, ProposalStatus::Rejected);
        assert!(matches!(town.apply(&proposal, &[]).await, Err(AppError::Conflict(_))));
        assert_eq!(town.day(town.north).await, []);
        let none = town.optimized(&db, json!({"include_unassigned": false})).await;
        assert_eq!(none.lines, []);
    }
}

#[tokio::test]
async fn a_proposal_that_went_stale_is_refused_named_and_computed_anew() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let ids = town.crossed().await;
        let proposal = town.optimized(&db, json!({})).await;
        town.put(ids[5], "14:00", &[town.north]).await;
        let refused = town.apply(&proposal, &[]).await;
        let Err(AppError::Stale { noun, visits, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(noun, "plan");
        assert!(visits.contains(&ids[5].0), "{visits:?}");
        let (app, actor) = (town.app(), town.actor());
        let stale = proposals::get(app, actor, proposal.id).await.unwrap();
        assert_eq!(stale.status, ProposalStatus::Stale);
        let run = optimizations::get(app, actor, stale.replaced_by.unwrap()).await.unwrap();
        let newer = town.finished(&db, &run).await;
        let applied = town.apply(&newer, &[]).await.unwrap();
        assert_eq!(applied.status, ProposalStatus::Applied);
        town.day(town.north).await;
    }
}

#[tokio::test]
async fn a_line_is_applied_with_those_whose_places_it_takes() {
    for db in databases().await {
        let town = Town::new(&db).await;
        town.crossed().await;
        let proposal = town.optimized(&db, json!({})).await;
        let bound = proposal.lines.iter().find(|line| !line.moves_with.is_empty());
        // All six starts are taken at both ends, so some line needs another's place.
        let first = bound.unwrap_or_else(|| panic!("{proposal:?}"));
        let wanted = proposal.together(&[first.number]);
        assert!(wanted.len() > 1, "{wanted:?}");
        let partly = town.apply(&proposal, &[first.number]).await.unwrap();
        let applied = partly.lines.iter().filter(|line| line.applied).map(|line| line.number);
        assert_eq!(applied.collect::<Vec<_>>(), wanted);
        let rest = town.apply(&partly, &[]).await;
        if wanted.len() < proposal.lines.len() {
            assert_eq!(rest.unwrap().status, ProposalStatus::Applied);
        } else {
            assert_eq!(partly.status, ProposalStatus::Applied);
        }
        let unknown = town.apply(&proposal, &[99]).await;
        assert!(matches!(unknown, Err(AppError::Invalid(_) | AppError::Conflict(_))));
    }
}

#[tokio::test]
async fn what_is_locked_frozen_or_promised_stays() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let (up, _) = homes();
        let (app, actor) = (town.app(), town.actor());
        let early = town.waiting(&near(&up, 0), Some(("08:40", "08:50"))).await;
        town.put(early, "08:45", &[town.south]).await;
        let locked = town.waiting(&near(&up, 1), None).await;
        town.put(locked, "10:30", &[town.south]).await;
        visits::lock(app, actor, (locked, None), Lock::Both).await.unwrap();
        let who = town.waiting(&near(&up, 2), None).await;
        town.put(who, "12:30", &[town.south]).await;
        visits::lock(app, actor, (who, None), Lock::Technician).await.unwrap();
        let promised = town.waiting(&near(&up, 3), Some(("14:00", "14:30"))).await;
        town.put(promised, "14:20", &[town.south]).await;
        // So that there is something to do whatever the rest is worth.
        let new = town.waiting(&near(&up, 4), None).await;
        let freeze = json!({"freeze_until": monday("09:00")});
        let proposal = town.optimized(&db, freeze).await;
        assert!(proposal.lines.iter().any(|line| line.visit_id == new), "{proposal:?}");
        let line = |id| proposal.lines.iter().find(|line| line.visit_id == id);
        assert!(line(early).is_none() && line(locked).is_none(), "{proposal:?}");
        if let Some(stand) = line(who).and_then(|line| line.after.as_ref()) {
            assert_eq!(stand.technician_ids, [town.south]);
        }
        if let Some(stand) = line(promised).and_then(|line| line.after.as_ref()) {
            assert!(monday("14:00") <= stand.start && stand.start <= monday("14:30"));
        }
        town.apply(&proposal, &[]).await.unwrap();
        assert_eq!(town.day(town.south).await[0], (early, monday("08:45")));
    }
}

#[tokio::test]
async fn crews_start_together_and_shared_equipment_is_never_in_two_places() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let kit = town.company.equipment("Lift", 1).await;
        let crew = json!({"size": 2, "mode": "together", "roles": []});
        let needs = json!({"crew": crew, "equipment": [{"equipment_id": kit, "units": 1}]});
        let pianos = town.company.service("Piano", needs).await;
        let mut ids = Vec::new();
        for number in 0..3 {
            let request: VisitRequest = serde_json::from_value(json!({
                "service_ids": [pianos], "location_id": town.company.location_id,
                "place": near(&homes().0, number),
            }))
            .unwrap();
            let made = visits::create(town.app(), town.actor(), &request).await.unwrap();
            ids.push(made.visit.id);
        }
        let proposal = town.optimized(&db, json!({})).await;
        assert_eq!(proposal.summary.assigned_visits, 3, "{proposal:?}");
        town.apply(&proposal, &[]).await.unwrap();
        let mut spans = Vec::new();
        for id in ids {
            let visit = visits::get(town.app(), town.actor(), id).await.unwrap();
            assert_eq!(visit.assignments.len(), 2);
            assert_eq!(visit.assignments[0].start, visit.assignments[1].start);
            spans.push((visit.assignments[0].start, visit.assignments[0].end));
        }
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{spans:?}");
    }
}

#[tokio::test]
async fn of_more_work_than_fits_the_most_urgent_is_done() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let mut ids = Vec::new();
        // Two people with nine hours each cannot do twenty visits of an hour.
        for number in 0..20 {
            ids.push(town.waiting(&near(&homes().0, number), None).await);
        }
        let (app, actor) = (town.app(), town.actor());
        for id in &ids[17..] {
            let urgent = visits::prioritize(app, actor, (*id, None), 40).await.unwrap();
            assert_eq!(urgent.visit.priority, 40);
        }
        let proposal = town.optimized(&db, json!({})).await;
        let left: Vec<_> = proposal.left_out.iter().map(|left| left.visit_id).collect();
        assert!(!left.is_empty(), "{proposal:?}");
        assert!(ids[17..].iter().all(|id| !left.contains(id)), "{left:?}");
        let beyond = visits::prioritize(app, actor, (ids[0], None), 101).await;
        assert!(matches!(beyond, Err(AppError::Invalid(_))), "{beyond:?}");
        let stale = visits::prioritize(app, actor, (ids[17], Some(1)), 5).await;
        assert!(matches!(stale, Err(AppError::Stale { .. })), "{stale:?}");
    }
}

#[tokio::test]
async fn a_search_without_time_never_makes_a_sound_plan_worse() {
    for db in databases().await {
        let town = Town::new(&db).await;
        let kit = town.company.equipment("Lift", 1).await;
        let crew = json!({"size": 2, "mode": "together", "roles": []});
        let needs = json!({
            "crew": crew, "equipment": [{"equipment_id": kit, "units": 1}],
            "slots": {"step_min": 15, "arrival_window_min": 240},
        });
        let pianos = town.company.service("Piano", needs).await;
        town.crossed().await;
        // Both are free from 14:30 on, one of them half an hour of driving away.
        let request: VisitRequest = serde_json::from_value(json!({
            "service_ids": [pianos], "location_id": town.company.location_id,
            "place": near(&homes().0, 1),
            "promised": {"from": monday("15:10"), "until": monday("15:20")},
        }))
        .unwrap();
        let made = visits::create(town.app(), town.actor(), &request).await.unwrap();
        town.put(made.visit.id, "15:15", &[town.north, town.south]).await;
        let more = json!({"steps": 0, "include_unassigned": false});
        let proposal = town.optimized(&db, more).await;
        assert_eq!((proposal.summary.unassigned_visits, proposal.left_out.len()), (0, 0));
        let sum = |of: fn(&roundsman::domain::proposals::RuleChange) -> i64| -> i64 {
            proposal.rules.iter().map(of).sum()
        };
        assert!(sum(|rule| rule.after_milli) <= sum(|rule| rule.before_milli), "{proposal:?}");
    }
}
