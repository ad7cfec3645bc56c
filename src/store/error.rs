//! Why the database did not do it, in words that hold no SQL, and its turn into the application's error.

use crate::domain::error::AppError;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Two assignments of one technician would overlap.
    #[error("a technician already has a visit at this time")]
    Overlap,
    /// More units of equipment would be in use than exist.
    #[error("no unit of the equipment is free at this time")]
    EquipmentOverbooked,
    /// A value that must be unique is taken.
    #[error("this {field} is taken")]
    Taken {
        /// Which one, for instance `email`; `id` if the thing itself is already there.
        field: String,
    },
    /// Something else refers to it, so it stays.
    #[error("the {noun} is still in use by {by}")]
    InUse {
        /// The noun, singular.
        noun: &'static str,
        /// By what, in words.
        by: String,
    },
    /// It refers to something that the organization does not have.
    #[error("{noun} {id} does not exist")]
    Missing {
        /// The noun referred to, singular, if the database says.
        noun: &'static str,
        /// Its id, if the database says.
        id: String,
    },
    /// Somebody changed the thing first.
    #[error("{noun} {id} is at revision {actual}, not {expected}")]
    Stale {
        /// The noun, singular.
        noun: &'static str,
        /// Its id.
        id: String,
        /// What the caller had seen.
        expected: i64,
        /// What is stored.
        actual: i64,
    },
    /// Another worker has the task now; whatever this transaction did must not be kept.
    #[error("the lease of task {0} has run out")]
    LeaseLost(String),
    /// The cursor does not belong to this list.
    #[error("this cursor does not belong to this list; start without one")]
    BadCursor,
    /// The database broke off one of two transactions that stood in each other's way; repeat it.
    #[error("the database asks to repeat the transaction")]
    Contention,
    /// No connection was free in time.
    #[error("the database is too busy")]
    Busy,
    /// A row holds what this version cannot read.
    #[error("a stored {what} cannot be read: {detail}")]
    Corrupt {
        /// Which kind of value.
        what: &'static str,
        /// Why not.
        detail: String,
    },
    /// The database address or its folder does not do.
    #[error("{0}")]
    Setup(String),
    /// Tables could not be created or updated.
    #[error("the tables could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// The group of transactions that this one was written with failed; nothing of it is stored.
    #[error("the transaction could not be made durable: {0}")]
    NotDurable(String),
    /// Any other fault of the database.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

/// The names under which both databases report a broken rule of ours.
const OVERLAP: &str = "assignments_no_overlap";
const CAPACITY: &str = "equipment_uses_capacity";

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(refusal) => from_refusal(refusal),
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Corrupt { what: "row", detail: format!("column {index}: {source}") }
            }
            other => Self::Database(other),
        }
    }
}

fn from_refusal(refusal: Box<dyn sqlx::error::DatabaseError>) -> StoreError {
    let message = refusal.message();
    let rule = refusal.constraint().unwrap_or(message).to_owned();
    if rule.contains(OVERLAP) {
        return StoreError::Overlap;
    }
    if rule.contains(CAPACITY) {
        return StoreError::EquipmentOverbooked;
    }
    // 40001 and 40P01: serialization failure and deadlock; 55P03: lock not available.
    // 53300: the server has no connection left.
    // 5 and 517: another process held SQLite's write lock for longer than we wait.
    match refusal.code().as_deref() {
        Some("40001" | "40P01") => return StoreError::Contention,
        Some("55P03" | "53300" | "5" | "517") => return StoreError::Busy,
        _ => {}
    }
    if refusal.is_unique_violation() {
        return StoreError::Taken { field: unique_field(&rule) };
    }
    if refusal.is_foreign_key_violation() {
        return StoreError::Missing { noun: "something it refers to", id: String::new() };
    }
    StoreError::Database(sqlx::Error::Database(refusal))
}

/// The field behind a broken uniqueness: PostgreSQL names the index (`members_unique_email`),
/// SQLite the columns (`UNIQUE constraint failed: members.email_key`).
fn unique_field(rule: &str) -> String {
    let field = match rule.split_once("_unique_") {
        Some((_, field)) => field,
        None => rule.rsplit('.').next().unwrap_or("id"),
    };
    // A column for comparing, or a reference: people know the field by its plain name.
    let field = field.trim_end_matches("_key");
    // PostgreSQL calls the index of a primary key `<table>_pkey`.
    if field == "id" || field.ends_with("_pkey") {
        return "id".to_owned();
    }
    field.trim_end_matches("_id").to_owned()
}

impl StoreError {
    /// Whether the same transaction may succeed if it is repeated from its start.
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Contention)
    }

    /// A refusal to delete comes from the database as a missing target; says what it means.
    pub(crate) fn or_in_use(self, noun: &'static str) -> Self {
        match self {
            Self::Missing { .. } => Self::InUse { noun, by: users(noun).to_owned() },
            other => other,
        }
    }
}

/// What may refer to a noun, where the database says no more than that something does.
fn users(noun: &str) -> &'static str {
    match noun {
        "location" => "technicians, equipment, visits or bookings",
        "customer" => "sites, jobs or bookings",
        "site" => "jobs or bookings",
        "technician" => "visits or a member",
        "job" => "visits or bookings",
        "visit" => "a booking",
        "pool" | "equipment" => "visits or absences",
        _ => "other records",
    }
}

/// A fault of the database in its own words, without the details of the driver.
pub(crate) fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refusal) => refusal.message().to_owned(),
        sqlx::Error::Io(fault) => fault.to_string(),
        other => other.to_string(),
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overlap | StoreError::EquipmentOverbooked => {
                Self::SlotTaken { reason: error.to_string(), alternatives: Vec::new() }
            }
            StoreError::Taken { .. } | StoreError::InUse { .. } => {
                Self::Conflict(error.to_string())
            }
            StoreError::Missing { noun, id } => Self::NotFound { noun, id },
            StoreError::Stale { noun, id, expected, actual } => {
                Self::Stale { noun, id, expected, actual, visits: Vec::new() }
            }
            StoreError::BadCursor => Self::invalid("cursor", "", error.to_string()),
            StoreError::Busy | StoreError::Contention => {
                Self::Unavailable { service: "database", detail: error.to_string() }
            }
            other => Self::Internal(Box::new(other)),
        }
    }
}
