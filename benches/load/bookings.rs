//! Bookings by many clients at once, and whether anybody was booked twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate, TimeDelta};
use roundsman::demo::region::Region;
use roundsman::domain::id::ServiceId;
use roundsman::domain::travel::TravelMode;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::task::JoinSet;

use crate::Failure;
use crate::busy::{Chance, Size, organization};
use crate::pace::Times;
use crate::server::{Server, answer, today};

const CLIENTS: u64 = 50;
const SPAN: Duration = Duration::from_secs(10);
/// Booked at most, so that the plan never gets full.
const TRIES_MAX: u64 = 20_000;

/// Pairs of assignments of one technician that overlap.
const OVERLAPS: &str = "select count(*) from assignments a join assignments b \
    on a.technician_id = b.technician_id and a.start_s < b.end_s and b.start_s < a.end_s \
    and (a.visit_id < b.visit_id) where not a.ended and not b.ended";

/// What the clients got.
#[derive(Debug, Default)]
struct Counts {
    tried: AtomicU64,
    booked: AtomicU64,
    taken: AtomicU64,
    failed: AtomicU64,
}

/// 50 clients book hours at random starts of 30 days with 50 technicians.
pub(crate) async fn run() -> Result<(), Failure> {
    on(None).await?;
    if let Ok(server) = std::env::var("TEST_POSTGRES_URL") {
        return on(Some(&server)).await;
    }
    println!("bookings on PostgreSQL: left out, TEST_POSTGRES_URL names no server");
    Ok(())
}

async fn on(postgres: Option<&str>) -> Result<(), Failure> {
    let region = Region::embedded()?;
    let travel = TravelMode::StraightLine { detour_factor: 1.3, speed_kmh: 60.0 };
    let size = Size { technicians: 50, days: 0, visits: 0, travel };
    let first = today() + Days::new(1);
    let document = organization("bookings", size, first, &region);
    let service_id = document.services[0].id;
    let place = document.locations[0].value.place.clone();
    let server = Arc::new(Server::start(postgres, None, vec![document]).await?);
    let counts = Arc::new(Counts::default());
    let mut clients = JoinSet::new();
    let begin = Instant::now();
    for number in 0..CLIENTS {
        let place = json!({"lat": place.lat, "lon": place.lon});
        let client = Client {
            server: Arc::clone(&server),
            counts: Arc::clone(&counts),
            chance: Chance(number),
            service_id,
            place,
            first,
        };
        clients.spawn(client.book_until(begin + SPAN));
    }
    let mut times = Vec::new();
    while let Some(done) = clients.join_next().await {
        times.extend(done?);
    }
    let seconds = begin.elapsed().as_secs_f64();
    let times: Times = times.into_iter().collect();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (booked, taken) = (count(&counts.booked), count(&counts.taken));
    let kind = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("bookings, {CLIENTS} clients, 50 technicians x 30 days, {kind}, HTTP");
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = booked as f64 / seconds;
    println!("  {booked} booked in {seconds:.1} s: {rate:.0} a second; {taken} lost their slot");
    println!("  {}", times.summary());
    let (overlaps, stored) = (scalar(&server.url, OVERLAPS).await?, stored(&server.url).await?);
    println!("  {stored} bookings stored, {overlaps} overlaps");
    let failed = count(&counts.failed);
    if failed > 0 || overlaps > 0 || u64::try_from(stored) != Ok(booked) {
        return Err(format!("{failed} requests failed, {overlaps} overlaps").into());
    }
    Ok(())
}

/// One of the clients.
struct Client {
    server: Arc<Server>,
    counts: Arc<Counts>,
    chance: Chance,
    service_id: ServiceId,
    place: Value,
    first: NaiveDate,
}

impl Client {
    async fn book_until(mut self, end: Instant) -> Vec<Duration> {
        let mut times = Vec::new();
        while Instant::now() < end {
            if self.counts.tried.fetch_add(1, Ordering::Relaxed) >= TRIES_MAX {
                break;
            }
            let begin = Instant::now();
            self.book().await;
            times.push(begin.elapsed());
        }
        times
    }

    async fn book(&mut self) {
        let day = u64::try_from(self.chance.below(30)).unwrap_or(0);
        let step = i64::try_from(self.chance.below(16)).unwrap_or(0);
        let midnight = (self.first + Days::new(day)).and_time(chrono::NaiveTime::MIN).and_utc();
        let start = midnight + TimeDelta::minutes(8 * 60 + 30 * step);
        let body = json!({
            "slot": {"service_ids": [self.service_id], "place": self.place, "start": start},
            "customer": {"name": "Load", "email": "load@example.com"},
        });
        let counter = match answer(self.server.post("bookings", "bookings", &body)).await {
            Ok((status, _)) if status == 201 => &self.counts.booked,
            Ok((status, _)) if status == 409 => &self.counts.taken,
            other => {
                if self.counts.failed.load(Ordering::Relaxed) < 3 {
                    println!("failed: {other:?}");
                }
                &self.counts.failed
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

async fn stored(url: &str) -> Result<i64, Failure> {
    scalar(url, "select count(*) from bookings").await
}

/// The one number that SQL gives, past all of the program's code.
async fn scalar(url: &str, sql: &str) -> Result<i64, Failure> {
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await?;
        Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?)
    } else {
        let mut connection = PgConnection::connect(url).await?;
        Ok(sqlx::query_scalar(sql).fetch_one(&mut connection).await?)
    }
}
