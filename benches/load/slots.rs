//! Slot searches at a steady pace on a plan full of visits, by road, on SQLite.

use std::sync::Arc;

use chrono::Days;
use roundsman::demo::region::Region;
use roundsman::domain::travel::TravelMode;
use serde_json::json;

use crate::Failure;
use crate::busy::{Chance, Size, homes, organization};
use crate::pace::steady;
use crate::server::{Server, answer, roads, today};

const PER_SECOND: u32 = 50;
const COUNT: u32 = 500;

/// 50 technicians, 14 days, 6 visits a day: searches for an hour anywhere in the capital, for all 14
/// days, each at a place that no earlier search asked for.
pub(crate) async fn run() -> Result<(), Failure> {
    let region = Region::embedded()?;
    let size = Size { technicians: 50, days: 14, visits: 6, travel: TravelMode::Road };
    let first = today() + Days::new(1);
    let document = organization("slots", size, first, &region);
    let service_id = document.services[0].id;
    let server = Arc::new(Server::start(None, Some(roads()?), vec![document]).await?);
    let homes = homes(&region);
    let mut chance = Chance(11);
    let bodies: Vec<_> = (0..COUNT + 20)
        .map(|_| {
            let place = &homes[chance.below(homes.len())];
            json!({
                "service_ids": [service_id],
                "place": {"lat": place.lat, "lon": place.lon},
                "from": first,
                "until": first + Days::new(13),
            })
        })
        .collect();
    let mut starts = 0;
    // The first request prepares the plan; that is not what a busy server does.
    for body in &bodies[COUNT as usize..] {
        let (status, found) = answer(server.post("slots", "slots:search", body)).await?;
        if !status.is_success() {
            return Err(format!("{status}: {found}").into());
        }
        let days = found["days"].as_array().map_or(&[][..], Vec::as_slice);
        starts +=
            days.iter().filter_map(|day| day["slots"].as_array()).map(Vec::len).sum::<usize>();
    }
    let begin = std::time::Instant::now();
    let times = steady(PER_SECOND, COUNT, |number| {
        let request = server.post("slots", "slots:search", &bodies[number as usize]);
        async move {
            match answer(request).await {
                Ok((status, _)) if status.is_success() => {}
                other => println!("failed: {other:?}"),
            }
        }
    })
    .await;
    let seconds = begin.elapsed().as_secs_f64();
    println!("slots:search, 50 technicians x 14 days x 6 visits by road, SQLite, HTTP");
    println!("  {} starts a search on average", starts / 20);
    println!("  {PER_SECOND} a second for {seconds:.1} s: {}", times.summary());
    Ok(())
}
