//! What the rules say: about a day's plan, about a change, and about one visit.

use roundsman::app::catalogue;
use roundsman::app::plans::{self, Comparison, Hypothesis};
use roundsman::app::visits::{self, MoveRequest, VisitRequest};
use roundsman::domain::id::{ServiceId, TechnicianId, VisitId};
use roundsman::domain::places::Place;
use roundsman::domain::scores::AmountUnit;
use roundsman::domain::slots::Change;
use roundsman::domain::technicians::Technician;
use serde_json::json;

use crate::support::company::{Company, march, monday};
use crate::support::databases::databases;

async fn placed(
    company: &Company,
    (service, place): (ServiceId, &Place),
    time: &str,
    who: &[TechnicianId],
) -> VisitId {
    let request: VisitRequest = serde_json::from_value(json!({
        "service_ids": [service], "location_id": company.location_id, "place": place,
    }))
    .unwrap();
    let (app, actor) = (&company.app, &company.actor);
    let id = visits::create(app, actor, &request).await.unwrap().visit.id;
    if !who.is_empty() {
        let technician_ids = who.to_vec();
        let request =
            MoveRequest { start: monday(time), technician_ids, plan_version: None, force: true };
        visits::place(app, actor, id, &request).await.unwrap();
    }
    id
}

fn lives(home: &Place) -> serde_json::Value {
    json!({"home": home, "start": "home", "end": "home"})
}

#[tokio::test]
async fn a_score_sums_what_its_matches_say_and_they_name_who_and_how_much() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home = Place::at(64.10, -21.90);
        let who = company.technician("Anna", lives(&home)).await;
        let service = company.service("Repair", json!({})).await;
        // 0.1 degrees of latitude are 11.1 km; times 1.3 at 40 km/h that is 1301 s each way.
        let there = Place::at(64.20, -21.90);
        let id = placed(&company, (service, &there), "10:00", &[who]).await;
        let (app, actor) = (&company.app, &company.actor);
        let score = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert_eq!(score.broken, Vec::<String>::new());
        let driving = score.rules.iter().find(|rule| rule.rule == "driving").unwrap();
        assert_eq!(driving.matches.len(), 1, "{driving:?}");
        let found = &driving.matches[0];
        assert_eq!((found.technician_id, found.unit), (Some(who), AmountUnit::Seconds));
        let (least, most) = (2 * 1295, 2 * 1305);
        assert!((least..=most).contains(&found.amount), "{found:?}");
        // 30 units an hour.
        assert_eq!(found.weight_milli, 30_000);
        assert_eq!(found.cost_milli, (found.amount * 30_000 + 1800) / 3600);
        assert_eq!(found.sentence, "Anna drives 44 min");
        let sum: i64 =
            score.rules.iter().flat_map(|rule| &rule.matches).map(|m| m.cost_milli).sum();
        assert_eq!(score.cost_milli, sum);
        let late = placed(&company, (service, &home), "16:30", &[who]).await;
        let score = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert!(!score.broken.is_empty(), "a visit that ends after the shift: {score:?}");
        assert_ne!(id, late);
    }
}

#[tokio::test]
async fn a_check_tells_each_rule_before_and_after() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (up, down) = (Place::at(64.20, -21.90), Place::at(64.10, -21.90));
        let near = company.technician("Near", lives(&up)).await;
        let far = company.technician("Far", lives(&down)).await;
        let service = company.service("Repair", json!({})).await;
        let id = placed(&company, (service, &up), "10:00", &[far]).await;
        let ask = |who: TechnicianId| Hypothesis {
            visit_id: id,
            start: monday("10:00"),
            technician_ids: vec![who],
        };
        let checked = plans::check(&company.app, &company.actor, &ask(near)).await.unwrap();
        assert!(checked.feasible, "{checked:?}");
        let driving = checked.rules.iter().find(|change| change.rule == "driving").unwrap();
        // Two drives of 1301 s at 30 units an hour before, none after.
        assert!((21_000..22_000).contains(&driving.before_milli), "{driving:?}");
        assert_eq!(driving.after_milli, 0);
        let stays = plans::check(&company.app, &company.actor, &ask(far)).await.unwrap();
        assert!(stays.rules.iter().all(|change| change.before_milli == change.after_milli));
    }
}

#[tokio::test]
async fn why_names_who_else_could_and_what_keeps_the_others() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let skill = company.skill("Roofs").await;
        let (up, down) = (Place::at(64.20, -21.90), Place::at(64.10, -21.90));
        let with = |home: &Place| {
            let mut body = lives(home);
            body["skills"] = json!([{"skill_id": skill, "level": 3}]);
            body
        };
        let near = company.technician("Near", with(&up)).await;
        let far = company.technician("Far", with(&down)).await;
        let other = company.technician("Other", lives(&up)).await;
        let needs = json!({"skills": [{"skill_id": skill, "level_min": 2}]});
        let service = company.service("Repair", needs).await;
        let id = placed(&company, (service, &up), "10:00", &[far]).await;
        let (app, actor) = (&company.app, &company.actor);
        let why = visits::why(app, actor, id, None).await.unwrap();
        assert_eq!(why.crews.len(), 2);
        assert_eq!((why.crews[0].technician_ids[0], why.crews[0].current), (near, false));
        assert_eq!((why.crews[1].technician_ids[0], why.crews[1].current), (far, true));
        let reason = why.reasons.iter().find(|one| one.technician_id == Some(other)).unwrap();
        assert_eq!(reason.sentence, "Other lacks Roofs");
        let never = json!({"skills": [{"skill_id": skill, "level_min": 9}]});
        let hard = company.service("Spire", never).await;
        let waiting = placed(&company, (hard, &up), "", &[]).await;
        let why = visits::why(app, actor, waiting, Some(march(1))).await.unwrap();
        assert_eq!((why.stand, why.crews.len(), why.starts.len()), (None, 0, 0));
        assert_eq!(why.reasons.len(), 3);
        let missing = why.reasons.iter().find(|one| one.technician_id == Some(near)).unwrap();
        assert_eq!(missing.rule, "skill_too_low");
        assert!(missing.change.is_some(), "{missing:?}");
    }
}

#[tokio::test]
async fn two_plans_are_compared_by_rule_and_what_does_not_fit_is_named() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (up, down) = (Place::at(64.20, -21.90), Place::at(64.10, -21.90));
        let near = company.technician("Near", lives(&up)).await;
        let far = company.technician("Far", lives(&down)).await;
        let service = company.service("Repair", json!({})).await;
        let id = placed(&company, (service, &up), "10:00", &[far]).await;
        let other = placed(&company, (service, &up), "12:00", &[near]).await;
        let (app, actor) = (&company.app, &company.actor);
        let ask = |before, after| -> Comparison {
            serde_json::from_value(json!({
                "location_id": company.location_id, "from": march(1),
                "before": before, "after": after,
            }))
            .unwrap()
        };
        let to = |id, time, who: &[TechnicianId]| json!({"changes": [{"visit_id": id, "start": monday(time), "technician_ids": who}]});
        let better = ask(json!({}), to(id, "10:00", &[near]));
        let found = plans::compare(app, actor, &better).await.unwrap();
        let driving = found.rules.iter().find(|rule| rule.rule == "driving").unwrap();
        // Two drives of 1301 s at 30 units an hour before, none after.
        assert!((21_000..22_000).contains(&driving.before_milli), "{driving:?}");
        assert_eq!((driving.after_milli, found.after.drive_s), (0, 0));
        assert_eq!(found.before.drive_s, 2602, "{found:?}");
        let sum: i64 = found.rules.iter().map(|rule| rule.before_milli).sum();
        assert_eq!(found.before.cost_milli, sum);
        // The other way round the same numbers change sides.
        let back = ask(to(id, "10:00", &[near]), json!({}));
        let back = plans::compare(app, actor, &back).await.unwrap();
        assert_eq!((&back.before, &back.after), (&found.after, &found.before));
        // Where somebody else is already, it does not fit; nothing is changed by asking.
        let clash = ask(json!({}), to(id, "12:30", &[near]));
        let clash = plans::compare(app, actor, &clash).await.unwrap();
        assert_eq!(clash.after.misfits[0].visit_id, id);
        assert!(!clash.after.misfits[0].reasons.is_empty());
        assert!(clash.before.misfits.is_empty());
        let gone = ask(json!({}), json!({"changes": [{"visit_id": other}]}));
        assert!(plans::compare(app, actor, &gone).await.unwrap().after.misfits.is_empty());
        let still = visits::get(app, actor, id).await.unwrap();
        assert_eq!(still.assignments[0].technician_id, far);
        let mut wrong = ask(json!({"lines": [1]}), to(id, "10:00", &[]));
        wrong.until = Some(march(1) - chrono::Days::new(1));
        let refused = plans::compare(app, actor, &wrong).await.unwrap_err();
        let roundsman::domain::error::AppError::Invalid(faults) = refused else { panic!() };
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["until", "before.lines"]);
    }
}

#[tokio::test]
async fn a_sound_day_with_a_break_breaks_no_rule_and_other_days_do_not_count() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let home = Place::at(64.10, -21.90);
        let mut body = lives(&home);
        let lunch = json!({"earliest": "12:00", "latest": "12:00", "duration_min": 30});
        body["breaks"] = json!([lunch]);
        // A limit a week makes the other days of the week part of the question.
        body["limits"] = json!({"visits_per_week": 20});
        let who = company.technician("Anna", body).await;
        let service = company.service("Repair", json!({})).await;
        let there = Place::at(64.20, -21.90);
        // There at 11:22, before lunch; the drive to the first one ends with nobody at lunch.
        placed(&company, (service, &home), "10:00", &[who]).await;
        placed(&company, (service, &there), "12:30", &[who]).await;
        let (app, actor) = (&company.app, &company.actor);
        let alone = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert_eq!(alone.broken, Vec::<String>::new());
        let request: VisitRequest = serde_json::from_value(json!({
            "service_ids": [service], "location_id": company.location_id, "place": there,
        }))
        .unwrap();
        let other = visits::create(app, actor, &request).await.unwrap().visit.id;
        let tuesday = monday("14:00") + chrono::TimeDelta::days(1);
        let to = MoveRequest {
            start: tuesday,
            technician_ids: vec![who],
            plan_version: None,
            force: false,
        };
        visits::place(app, actor, other, &to).await.unwrap();
        let again = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert_eq!((again.rules, again.cost_milli), (alone.rules, alone.cost_milli));
        // The only visit of Tuesday comes after a break that is over before the departure.
        let day = plans::score(app, actor, company.location_id, march(2)).await.unwrap();
        assert_eq!(day.broken, Vec::<String>::new());
        assert!(day.rules.iter().all(|rule| rule.rule != "later_days"), "{day:?}");
    }
}

/// Somebody is ill all day.
async fn ill(company: &Company, who: TechnicianId, (from, until): (&str, &str)) {
    let (start, end) = (monday(from), monday(until));
    let body = json!({"technician_id": who, "start": start, "end": end, "kind": "sick"});
    let absence: roundsman::domain::absences::Absence = serde_json::from_value(body).unwrap();
    catalogue::create(&company.app, &company.actor, &absence).await.unwrap();
}

#[tokio::test]
async fn visits_of_somebody_who_is_away_or_off_break_a_rule_and_their_drives_count() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (up, down) = (Place::at(64.20, -21.90), Place::at(64.10, -21.90));
        let who = company.technician("Anna", lives(&down)).await;
        let service = company.service("Repair", json!({})).await;
        let ids = [
            placed(&company, (service, &up), "10:00", &[who]).await,
            placed(&company, (service, &up), "12:00", &[who]).await,
        ];
        let (app, actor) = (&company.app, &company.actor);
        let sound = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert_eq!(sound.broken, Vec::<String>::new());
        ill(&company, who, ("00:00", "23:00")).await;
        let score = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        // The first makes room for the second as long as nothing is promised.
        let mut away = Vec::new();
        for id in ids {
            let at = visits::get(app, actor, id).await.unwrap().visit.planned_start.unwrap();
            let time = at.format("%H:%M");
            away.push(format!("the visit at {time} stands with Anna, who is away then"));
        }
        away.sort();
        assert_eq!(score.broken, away);
        // The same drives as before: 2602 s at 30 units an hour.
        let driving = |score: &roundsman::domain::scores::PlanScore| {
            score.rules.iter().find(|rule| rule.rule == "driving").map(|rule| rule.cost_milli)
        };
        assert_eq!(driving(&score), driving(&sound));
        assert_eq!(driving(&score), Some(21_683));
        let ask = json!({"location_id": company.location_id, "from": march(1)});
        let ask: Comparison = serde_json::from_value(ask).unwrap();
        let compared = plans::compare(app, actor, &ask).await.unwrap();
        assert_eq!(compared.before.broken, score.broken);
        assert_eq!(compared.before.drive_s, 2602);
        // Out of hours, with nobody absent: the evening.
        let other = company.technician("Bert", lives(&down)).await;
        placed(&company, (service, &up), "20:00", &[other]).await;
        let score = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        let off = "the visit at 20:00 stands with Bert, who does not work then".to_owned();
        away.push(off);
        assert_eq!(score.broken, away);
    }
}

#[tokio::test]
async fn a_fault_is_told_once() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let who = company.technician("Anna", lives(&Place::at(64.10, -21.90))).await;
        let service = company.service("Repair", json!({})).await;
        for time in ["10:00", "11:00"] {
            placed(&company, (service, &Place::at(64.20, -21.90)), time, &[who]).await;
        }
        ill(&company, who, ("09:00", "13:00")).await;
        let (app, actor) = (&company.app, &company.actor);
        let score = plans::score(app, actor, company.location_id, march(1)).await.unwrap();
        assert!(!score.broken.is_empty());
        let different: std::collections::BTreeSet<&String> = score.broken.iter().collect();
        assert_eq!(different.len(), score.broken.len(), "{:?}", score.broken);
    }
}

#[tokio::test]
async fn the_changes_that_why_names_are_enough_for_the_visit_to_fit() {
    for db in databases().await {
        let company = Company::new(&db).await;
        let (roofs, wires) = (company.skill("Roofs").await, company.skill("Wires").await);
        let home = Place::at(64.20, -21.90);
        let skills =
            |level| json!([roofs, wires].map(|id| json!({"skill_id": id, "level": level})));
        let mut able = lives(&home);
        able["skills"] = skills(2);
        let able = company.technician("Able", able).await;
        let other = company.technician("Other", lives(&home)).await;
        let needs = json!([roofs, wires].map(|id| json!({"skill_id": id, "level_min": 2})));
        let service = company.service("Repair", json!({"skills": needs})).await;
        // An hour from half past four on ends half an hour after the shift.
        let id = placed(&company, (service, &home), "16:30", &[able]).await;
        let (app, actor) = (&company.app, &company.actor);
        let why = visits::why(app, actor, id, None).await.unwrap();
        let reason = why.reasons.iter().find(|one| one.technician_id == Some(other)).unwrap();
        assert_eq!((reason.rule.as_str(), &reason.change), ("skill_missing", &None));
        let skill = |skill_id| Change::AddSkill { skill_id, level: 2 };
        let all = [skill(roofs), skill(wires), Change::AllowOvertime { minutes: 30 }];
        assert_eq!(reason.changes, all);
        let besides = "Other would need 30 min more overtime (limit 0, needed 30)";
        assert_eq!(reason.besides, [besides]);
        let record = catalogue::get::<Technician>(app, actor, other).await.unwrap();
        let mut changed = record.value;
        changed.skills = serde_json::from_value(skills(2)).unwrap();
        changed.limits.overtime_min = 30;
        catalogue::update(app, actor, (other, record.revision), &changed).await.unwrap();
        let why = visits::why(app, actor, id, None).await.unwrap();
        assert!(why.reasons.iter().all(|one| one.technician_id != Some(other)), "{why:?}");
    }
}
