//! Use cases: one function per verb of a noun; each asks for permission first and owns its transaction.

mod absences;
pub mod addresses;
pub mod api_keys;
pub mod areas;
pub mod audit;
pub mod booking_pages;
pub mod bookings;
pub mod calendars;
pub mod catalogue;
pub mod drafts;
pub mod events;
pub mod exchange;
pub mod following;
pub mod health;
pub mod holds;
pub mod idempotency;
pub mod links;
mod live;
pub mod manage;
pub mod members;
pub mod messages;
pub mod optimizations;
pub mod organizations;
pub mod outside;
pub mod permissions;
mod placing;
pub mod plans;
pub mod proposals;
pub mod reader;
pub mod replanning;
pub mod secrets;
pub mod sessions;
pub mod slots;
pub mod technicians;
pub mod travel;
pub mod uploads;
pub mod visit_notes;
pub mod visits;
pub mod waitlist_entries;
pub mod webhooks;

use std::sync::Arc;

use chrono::{DateTime, SubsecRound as _, Utc};
use uuid::Uuid;

use crate::addresses::AddressBook;
use crate::clock::{Clock, IdSource};
use crate::notify::Notify;
use crate::store::Db;
use crate::travel::Travel;

/// What use cases work with; clones share everything but an idempotency key.
#[derive(Debug, Clone)]
pub struct App {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) travel: Travel,
    pub(crate) live: Arc<live::Live>,
    /// The idempotency key of the request it serves, if that has one.
    pub(crate) once: Option<Arc<idempotency::Once>>,
    /// The client whose request it serves, if anyone may send it.
    pub(crate) client: Option<Arc<str>>,
    pub(crate) optimizer: optimizations::OptimizerLimits,
    pub(crate) outside: outside::Outside,
    /// Opens and keeps secrets that have to be read again.
    pub(crate) vault: secrets::vault::Vault,
    pub(crate) notify: Notify,
    pub(crate) calendars: calendars::Calendars,
    /// The addresses of the region.
    pub(crate) addresses: Arc<AddressBook>,
}

/// Who sent a request that anyone may send: tells one client from others, for instance by its address.
#[derive(Debug, Clone)]
pub struct Client(pub Arc<str>);

impl App {
    /// An application over a migrated database.
    pub fn new(db: Db, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>, travel: Travel) -> Self {
        Self {
            db,
            clock,
            ids,
            travel,
            live: Arc::default(),
            once: None,
            client: None,
            optimizer: optimizations::OptimizerLimits::default(),
            outside: outside::Outside::unnamed(),
            vault: secrets::vault::Vault::default(),
            notify: Notify::default(),
            calendars: calendars::Calendars::new(
                crate::sync::Sync::new(crate::sync::SyncSettings::default()),
                calendars::CalendarRules::default(),
            ),
            addresses: Arc::default(),
        }
    }

    /// The same with another way to people's calendars.
    #[must_use]
    pub fn with_calendars(self, calendars: calendars::Calendars) -> Self {
        Self { calendars, ..self }
    }

    /// The same with keys for secrets at rest.
    #[must_use]
    pub fn with_vault(self, vault: secrets::vault::Vault) -> Self {
        Self { vault, ..self }
    }

    /// The same for a request that anyone may send.
    ///
    /// * `client`: tells one client from others, for instance its address.
    #[must_use]
    pub fn for_client(self, client: &str) -> Self {
        Self { client: Some(client.into()), ..self }
    }

    /// The same with other limits for runs of the optimizer.
    #[must_use]
    pub fn with_optimizer(self, optimizer: optimizations::OptimizerLimits) -> Self {
        Self { optimizer, ..self }
    }

    /// The same, reached from outside at an address, with a secret for its links.
    #[must_use]
    pub fn with_outside(self, outside: outside::Outside) -> Self {
        Self { outside, ..self }
    }

    /// The same, sending messages in some way.
    #[must_use]
    pub fn with_notify(self, notify: Notify) -> Self {
        Self { notify, ..self }
    }

    /// The same, showing everybody what is sent; for people who are invented.
    #[must_use]
    pub fn with_open_outbox(self) -> Self {
        let settings = self.notify.settings().clone();
        let settings = crate::notify::NotifySettings { open_outbox: true, ..settings };
        Self { notify: Notify::new(settings), ..self }
    }

    /// The same with the addresses of a region.
    #[must_use]
    pub fn with_addresses(self, addresses: Arc<AddressBook>) -> Self {
        Self { addresses, ..self }
    }

    /// The current moment, in whole seconds, as the store keeps it.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(0)
    }

    /// A new id that nobody can foresee.
    pub fn new_id(&self) -> Uuid {
        self.ids.next_id()
    }
}
