//! All endpoints, in the order of the documentation.

use axum::Router;

use crate::api::routes::Routes;
use crate::api::state::Api;
use crate::api::{
    absences, addresses, api_keys, audit, bookings, calendar_accounts, calendar_conflicts,
    calendar_consents, calendar_feeds, calendar_providers, calendar_pushes, calendars, callbacks,
    customers, docs, document, equipment, events, exchange, health, holds, jobs, locations,
    members, message_channels, messages, optimizations, organizations, packages, plans, proposals,
    public, services, sessions, sites, skills, slots, teams, technicians, travel, uploads,
    visit_notes, visits, waitlist_entries, webhooks, zones,
};

/// The router of all endpoints; publishes the OpenAPI document in `api`.
pub(crate) fn all(api: &Api) -> Router<Api> {
    let mut routes = Routes::new(api, document::head(&api.settings().base_url));
    health::add(&mut routes);
    document::add(&mut routes);
    docs::add(&mut routes);
    sessions::add(&mut routes);
    organizations::add(&mut routes);
    members::add(&mut routes);
    api_keys::add(&mut routes);
    locations::add(&mut routes);
    teams::add(&mut routes);
    skills::add(&mut routes);
    technicians::add(&mut routes);
    absences::add(&mut routes);
    equipment::add(&mut routes);
    zones::add(&mut routes);
    services::add(&mut routes);
    packages::add(&mut routes);
    customers::add(&mut routes);
    sites::add(&mut routes);
    jobs::add(&mut routes);
    addresses::add(&mut routes);
    slots::add(&mut routes);
    holds::add(&mut routes);
    bookings::add(&mut routes);
    waitlist_entries::add(&mut routes);
    uploads::add(&mut routes);
    visits::add(&mut routes);
    visit_notes::add(&mut routes);
    plans::add(&mut routes);
    travel::add(&mut routes);
    optimizations::add(&mut routes);
    proposals::add(&mut routes);
    calendar_providers::add(&mut routes);
    calendar_accounts::add(&mut routes);
    calendar_consents::add(&mut routes);
    calendars::add(&mut routes);
    calendar_conflicts::add(&mut routes);
    calendar_feeds::add(&mut routes);
    calendar_pushes::add(&mut routes);
    message_channels::add(&mut routes);
    messages::add(&mut routes);
    webhooks::add(&mut routes);
    callbacks::add(&mut routes);
    events::add(&mut routes);
    audit::add(&mut routes);
    exchange::add(&mut routes);
    public::add(&mut routes);
    // The document is made of strings and maps; turning it into JSON cannot fail.
    api.publish(serde_json::to_value(&routes.document).unwrap_or_default());
    routes.router
}
