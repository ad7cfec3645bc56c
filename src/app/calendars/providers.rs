//! Which providers this server can connect accounts of.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::calendars::CalendarProvider;
use crate::domain::error::AppError;

/// How an account of a provider is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectBy {
    /// With the address of the server, a name and a password.
    Login,
    /// With a secret address alone.
    Address,
    /// On the provider's own page.
    Consent,
}

/// A provider, and whether this server can connect accounts there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProviderState {
    /// Which.
    pub provider: CalendarProvider,
    /// How an account is connected.
    pub connect_by: ConnectBy,
    /// Whether it can be connected now.
    pub available: bool,
    /// Settings of the server that an administrator has to set first; empty if it is available.
    pub missing: Vec<String>,
}

/// All providers, and whether this server can connect accounts there.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn list(app: &App, actor: &Actor) -> Result<Vec<ProviderState>, AppError> {
    permit(actor, Operation::CalendarsRead)?;
    let state = |provider| {
        let connect_by = match provider {
            CalendarProvider::Caldav => ConnectBy::Login,
            CalendarProvider::Ics => ConnectBy::Address,
            CalendarProvider::Google | CalendarProvider::Microsoft => ConnectBy::Consent,
        };
        let mut missing = Vec::new();
        if !app.vault.has_keys() {
            missing.push("secrets.keys".to_owned());
        }
        if connect_by == ConnectBy::Consent && !app.calendars.sync.is_set_up(provider) {
            let name = provider.as_str();
            missing.push(format!("{name}.client_id"));
            missing.push(format!("{name}.client_secret"));
        }
        ProviderState { provider, connect_by, available: missing.is_empty(), missing }
    };
    Ok(CalendarProvider::ALL.map(state).to_vec())
}
