//! What requests feel while the optimizer runs, and how soon a drag on a board is judged.

use std::sync::Arc;

use chrono::{DateTime, Days, TimeDelta, Utc};
use roundsman::demo::region::Region;
use roundsman::domain::exchange::Document;
use roundsman::domain::id::ServiceId;
use roundsman::domain::travel::TravelMode;
use serde_json::{Value, json};

use crate::Failure;
use crate::busy::{Chance, Size, homes, organization};
use crate::pace::{Times, steady};
use crate::server::{Server, answer, roads, today};

const PER_SECOND: u32 = 50;
const COUNT: u32 = 500;
const DRAGS: u32 = 200;

/// Slot searches beside a run, then drags.
pub(crate) async fn run() -> Result<(), Failure> {
    searches().await?;
    drags().await
}

/// Searches at a steady pace, first alone, then while a run of the optimizer searches the same days.
async fn searches() -> Result<(), Failure> {
    let region = Region::embedded()?;
    let size = Size { technicians: 50, days: 14, visits: 6, travel: TravelMode::Road };
    let first = today() + Days::new(1);
    let document = organization("beside", size, first, &region);
    let (service_id, location_id) = (document.services[0].id, document.locations[0].id);
    let server = Arc::new(Server::start(None, Some(roads()?), vec![document]).await?);
    println!("slots:search, 50 technicians x 14 days x 6 visits by road, SQLite, HTTP");
    println!("  alone: {}", paced(&server, service_id, &region).await.summary());
    let request = json!({
        "location_ids": [location_id], "from": first, "until": first + Days::new(4),
        "time_s": 600, "threads": 1,
    });
    let (status, run) =
        answer(server.known(reqwest::Method::POST, "plans:optimize", &request)).await?;
    if !status.is_success() {
        return Err(format!("{status}: {run}").into());
    }
    let path = format!("optimizations/{}", run["id"].as_str().unwrap_or_default());
    until(&server, &path, |run| run["progress"]["steps"].as_u64().unwrap_or(0) > 0).await?;
    let beside = paced(&server, service_id, &region).await;
    let cancel = format!("{path}:cancel");
    let (_, before) = answer(server.known(reqwest::Method::POST, &cancel, &json!({}))).await?;
    let run = until(&server, &path, |run| run["status"] == "finished").await?;
    println!("  beside a run of one thread on 5 days: {}", beside.summary());
    println!("  the run: {} and then {}", before["progress"], run["progress"]);
    Ok(())
}

/// Looks at a run until it is as wanted.
async fn until(
    server: &Server,
    path: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Value, Failure> {
    loop {
        let (_, run) = answer(server.known(reqwest::Method::GET, path, &Value::Null)).await?;
        if wanted(&run) {
            return Ok(run);
        }
        if run["status"] == "failed" {
            return Err(run.to_string().into());
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn paced(server: &Arc<Server>, service_id: ServiceId, region: &Region) -> Times {
    let first = today() + Days::new(1);
    let homes = homes(region);
    let mut chance = Chance(11);
    let bodies: Vec<Value> = (0..COUNT)
        .map(|_| {
            let place = &homes[chance.below(homes.len())];
            json!({
                "service_ids": [service_id], "place": {"lat": place.lat, "lon": place.lon},
                "from": first, "until": first + Days::new(13),
            })
        })
        .collect();
    // The first request prepares the plan; that is not what a busy server does.
    let _prepared = answer(server.post("beside", "slots:search", &bodies[0])).await;
    steady(PER_SECOND, COUNT, |number| {
        let request = server.post("beside", "slots:search", &bodies[number as usize]);
        async move {
            match answer(request).await {
                Ok((status, _)) if status.is_success() => {}
                other => println!("failed: {other:?}"),
            }
        }
    })
    .await
}

/// Drags of visits to other people and times on a board of 100 technicians, one after the other.
async fn drags() -> Result<(), Failure> {
    let region = Region::embedded()?;
    let size = Size { technicians: 100, days: 1, visits: 6, travel: TravelMode::Road };
    let first = today() + Days::new(1);
    let document = organization("board", size, first, &region);
    let bodies = dragged(&document);
    let server = Server::start(None, Some(roads()?), vec![document]).await?;
    let mut times = Vec::with_capacity(bodies.len());
    let mut fitting = 0;
    for (number, body) in bodies.iter().enumerate() {
        let begin = std::time::Instant::now();
        let (status, found) =
            answer(server.known(reqwest::Method::POST, "plans:check", body)).await?;
        if !status.is_success() {
            return Err(format!("{status}: {found}").into());
        }
        fitting += u32::from(found["feasible"] == true);
        // The first prepares the plan.
        if number > 0 {
            times.push(begin.elapsed());
        }
    }
    let mut asked = Vec::with_capacity(bodies.len());
    for body in &bodies {
        let body = json!({ "visit_id": body["visit_id"], "date": first });
        let begin = std::time::Instant::now();
        let (status, found) =
            answer(server.known(reqwest::Method::POST, "plans:fits", &body)).await?;
        if !status.is_success() {
            return Err(format!("{status}: {found}").into());
        }
        asked.push(begin.elapsed());
    }
    let asked: Times = asked.into_iter().collect();
    println!("plans:fits, everybody's openings on the same board");
    println!("  {}", asked.summary());
    let times: Times = times.into_iter().collect();
    println!("plans:check, a drag on a board of 100 technicians x 6 visits by road, SQLite, HTTP");
    println!("  {fitting} of {DRAGS} fit; {}", times.summary());
    Ok(())
}

/// Visits put to other people and times, every second one to where it is, which always fits.
fn dragged(document: &Document) -> Vec<Value> {
    let mut chance = Chance(5);
    let drag = |number: u32| {
        let stays = number.is_multiple_of(2);
        let one = &document.assignments[chance.below(document.assignments.len())].assignment;
        let other = document.technicians[chance.below(document.technicians.len())].id;
        let minutes = 15 * i64::try_from(chance.below(8)).unwrap_or(0) - 60;
        let start: DateTime<Utc> = one.start + TimeDelta::minutes(if stays { 0 } else { minutes });
        let who = if stays { one.technician_id } else { other };
        json!({"visit_id": one.visit_id, "start": start, "technician_ids": [who]})
    };
    (0..DRAGS).map(drag).collect()
}
