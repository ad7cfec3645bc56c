//! Puts the demo company into a database: everything through the use cases that people use.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use tokio::task::JoinSet;

use crate::app::bookings::{BookingRequest, CustomerChoice, SiteChoice};
use crate::app::holds::SlotChoice;
use crate::app::{App, bookings, exchange, following, members, slots};
use crate::clock::{Clock, IdSource, SeededIds, TestClock};
use crate::demo::dice::Dice;
use crate::demo::orders::{Order, Outcome, Work, orders};
use crate::demo::region::Region;
use crate::demo::{PASSWORD, company, midnight};
use crate::domain::actors::Actor;
use crate::domain::bookings::Booking;
use crate::domain::error::AppError;
use crate::domain::exchange::Document;
use crate::domain::id::{LocationId, OrganizationId};
use crate::domain::places::Place;
use crate::domain::slots::{SlotQuery, Wishes};

mod outcomes;
mod waiting;

/// Days after the wanted one that a customer takes instead.
const PATIENCE: u64 = 4;

/// Starts that a customer is shown.
const OFFERS: u32 = 6;

/// Makes an application that shares a database and roads with others but has its own time and ids.
pub type MakeApp = dyn Fn(Arc<dyn Clock>, Arc<dyn IdSource>) -> App + Send + Sync;

/// What was put into the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Orders that became bookings.
    pub booked: usize,
    /// Orders for which nothing was free.
    pub refused: usize,
}

/// Founds the demo company and lets its customers book, each at the moment of the order.
///
/// What lies before `now` has its outcome. The same seed, date and moment give the same company
/// and plan. The locations are seeded side by side, since their plans do not touch.
///
/// # Errors
/// What a use case refused; then the database is to be thrown away.
pub async fn seed(
    make: Arc<MakeApp>,
    region: &Region,
    seed: u64,
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<Seeded, AppError> {
    let document = company(seed, today, region);
    let orders = orders(&document, seed, today);
    let founded = Arc::new(TestClock::at(midnight(today) - TimeDelta::days(30)));
    let app = app(make.as_ref(), &founded, seed);
    let id = document.organization.id;
    exchange::found(&app, document.clone()).await?;
    let mut work = JoinSet::new();
    for (number, location) in document.locations.iter().enumerate() {
        let its_orders: Vec<Order> =
            orders.iter().filter(|order| order.location_id == location.id).cloned().collect();
        let its_seed = seed.wrapping_add(1 + number as u64);
        let customers = Customers {
            make: Arc::clone(&make),
            document: document.clone(),
            orders: its_orders,
            seed: its_seed,
            now,
        };
        work.spawn(customers.serve(location.id));
    }
    set_passwords(&app, &document, id).await?;
    let mut seeded = Seeded::default();
    while let Some(done) = work.join_next().await {
        let done = done.map_err(|error| AppError::Internal(Box::new(error)))??;
        seeded.booked += done.booked;
        seeded.refused += done.refused;
    }
    // These customers are invented: nobody is to be told of their bookings.
    following::pass_over(&app, id).await?;
    Ok(seeded)
}

fn app(make: &MakeApp, clock: &Arc<TestClock>, seed: u64) -> App {
    let ids = Arc::new(SeededIds::new(Arc::clone(clock) as _, seed));
    make(Arc::clone(clock) as _, ids)
}

/// Lets every member log in.
async fn set_passwords(app: &App, document: &Document, id: OrganizationId) -> Result<(), AppError> {
    let mut work = JoinSet::new();
    for member in &document.members {
        let (app, actor, member_id) = (app.clone(), Actor::system(id), member.id);
        work.spawn(
            async move { members::set_password(&app, &actor, member_id, PASSWORD, None).await },
        );
    }
    while let Some(done) = work.join_next().await {
        done.map_err(|error| AppError::Internal(Box::new(error)))??;
    }
    Ok(())
}

/// The customers of one location.
struct Customers {
    make: Arc<MakeApp>,
    document: Document,
    orders: Vec<Order>,
    seed: u64,
    now: DateTime<Utc>,
}

impl Customers {
    /// Books order after order; then lets happen what happened until now.
    async fn serve(self, location_id: LocationId) -> Result<Seeded, AppError> {
        let Some(first) = self.orders.first() else { return Ok(Seeded::default()) };
        let clock = Arc::new(TestClock::at(first.made_at));
        let app = app(self.make.as_ref(), &clock, self.seed);
        let actor = Actor::system(self.document.organization.id);
        let mut dice = Dice::new(self.seed, "choices");
        let mut seeded = Seeded::default();
        let mut booked: Vec<(Booking, Outcome)> = Vec::new();
        for order in &self.orders {
            clock.set(order.made_at);
            match self.book(&app, &actor, order, &mut dice).await? {
                Some(booking) => booked.push((booking, order.outcome)),
                None => seeded.refused += 1,
            }
        }
        waiting::call(&app, &actor, &self.document, &self.orders).await?;
        seeded.booked = booked.len();
        outcomes::settle(&app, &actor, &clock, &booked, self.now).await?;
        tracing::debug!(location.id = %location_id, "Seeded {} bookings", seeded.booked);
        Ok(seeded)
    }

    /// Takes one of the first starts that are offered; none if nothing is free for days.
    async fn book(
        &self,
        app: &App,
        actor: &Actor,
        order: &Order,
        dice: &mut Dice,
    ) -> Result<Option<Booking>, AppError> {
        let site = self.document.sites.iter().find(|site| site.id == order.site_id);
        let Some(place) = site.map(|site| &site.value.place) else { return Ok(None) };
        for later in 0..=PATIENCE {
            let date = order.date + Days::new(later);
            let answer = slots::search(app, actor, &query(order, place, date)).await?;
            let starts: Vec<DateTime<Utc>> =
                answer.days.iter().flat_map(|day| &day.slots).map(|slot| slot.start).collect();
            let Some(start) = dice.pick(&starts) else { continue };
            let request = request(order, place, *start);
            return bookings::create(app, actor, &request).await.map(|made| Some(made.booking));
        }
        Ok(None)
    }
}

fn query(order: &Order, place: &Place, date: NaiveDate) -> SlotQuery {
    let (service_ids, package_id) = match order.work {
        Work::Service(id) => (vec![id], None),
        Work::Package(id) => (Vec::new(), Some(id)),
    };
    SlotQuery {
        service_ids,
        package_id,
        location_id: Some(order.location_id),
        place: place.clone(),
        from: date,
        until: date,
        wishes: Wishes { part_of_day: order.part_of_day, ..Wishes::default() },
        limit: Some(OFFERS),
        crews_per_slot: 1,
    }
}

fn request(order: &Order, place: &Place, start: DateTime<Utc>) -> BookingRequest {
    let SlotQuery { service_ids, package_id, location_id, .. } = query(order, place, order.date);
    let slot = SlotChoice {
        service_ids,
        package_id,
        location_id,
        place: place.clone(),
        start,
        technician_ids: Vec::new(),
        wishes: Wishes::default(),
    };
    BookingRequest {
        hold_id: None,
        slot: Some(slot),
        customer: Some(CustomerChoice::Known { id: order.customer_id }),
        site: Some(SiteChoice::Known { id: order.site_id }),
        title: String::new(),
        description: String::new(),
        priority: None,
        source: order.source.to_owned(),
        answers: Vec::new(),
        campaign: std::collections::BTreeMap::new(),
    }
}
