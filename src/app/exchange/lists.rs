//! The lists of a document: their names here and elsewhere, and the least each record needs.

use serde_json::{Value, json};

use crate::app::exchange::read::{Lists, item, record};
use crate::domain::exchange::Document;
use crate::domain::organizations::Organization;
use crate::domain::travel::TravelMode;

/// What the reader knows about one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListSpec {
    /// Its name in the document.
    pub(super) name: &'static str,
    /// Names that other products give it.
    pub(super) aliases: &'static [&'static str],
    /// The fields that a record must have, with values that fit; stands in for faulty ones while
    /// the other faults of a record are looked for.
    pub(super) sample: fn() -> Value,
}

const ID: &str = "00000000-0000-0000-0000-000000000000";

/// All lists, in the order of the document.
pub(super) const LISTS: &[ListSpec] = &[
    ListSpec {
        name: "locations",
        aliases: &["business_units", "offices"],
        sample: || json!({"name": "-", "time_zone": "UTC", "place": place()}),
    },
    ListSpec {
        name: "skills",
        aliases: &["characteristics", "tags", "skillsets"],
        sample: || json!({"name": "-"}),
    },
    ListSpec { name: "equipment", aliases: &["assets", "tools"], sample: || json!({"name": "-"}) },
    ListSpec {
        name: "zones",
        aliases: &["territories", "service_areas", "regions"],
        sample: || json!({"name": "-", "shape": {"kind": "postcodes", "postcodes": ["-"]}}),
    },
    ListSpec {
        name: "technicians",
        aliases: &["resources", "vehicles", "photographers", "staff"],
        sample: || json!({"name": "-", "location_id": ID}),
    },
    ListSpec { name: "teams", aliases: &["groups"], sample: || json!({"name": "-"}) },
    ListSpec {
        name: "members",
        aliases: &["users", "agents"],
        sample: || json!({"name": "-", "email": "a@b", "role": "dispatcher"}),
    },
    ListSpec {
        name: "services",
        aliases: &["work_types", "meeting_types", "event_types"],
        sample: || json!({"name": "-", "duration_min": 1}),
    },
    ListSpec {
        name: "packages",
        aliases: &["bundles"],
        sample: || json!({"name": "-", "service_ids": [ID]}),
    },
    ListSpec {
        name: "message_templates",
        aliases: &[],
        sample: || json!({"name": "-", "kind": "reminder", "channel": "sms", "locale": "en", "text": "-"}),
    },
    ListSpec {
        name: "absences",
        aliases: &["time_off", "unavailabilities"],
        sample: || json!({"technician_id": ID, "start": instant(0), "end": instant(1)}),
    },
    ListSpec {
        name: "customers",
        aliases: &["contacts", "clients", "leads"],
        sample: || json!({"name": "-"}),
    },
    ListSpec {
        name: "sites",
        aliases: &["properties", "listings"],
        sample: || json!({"customer_id": ID, "place": place()}),
    },
    ListSpec {
        name: "jobs",
        aliases: &["work_orders", "projects"],
        sample: || json!({"location_id": ID, "service_ids": [ID], "title": "-"}),
    },
    ListSpec {
        name: "visits",
        aliases: &["service_appointments", "tasks", "shipments"],
        sample: visit,
    },
    ListSpec { name: "assignments", aliases: &["allocations"], sample: assignment },
    ListSpec { name: "equipment_uses", aliases: &[], sample: equipment_use },
    ListSpec { name: "bookings", aliases: &["appointments", "reservations"], sample: booking },
];

/// The rules of messages, which are no list either.
pub(super) fn message_settings() -> ListSpec {
    ListSpec { name: "message_settings", aliases: &[], sample: || json!({}) }
}

/// The one record that must be there, and is no list.
pub(super) fn organization() -> ListSpec {
    let sample =
        || json!({"name": "-", "slug": "-", "time_zone": "UTC", "travel": {"mode": "road"}});
    ListSpec { name: "organization", aliases: &[], sample }
}

/// An organization that stands in while the real one has faults.
pub(super) fn nobody() -> Organization {
    Organization {
        name: "-".to_owned(),
        slug: "-".to_owned(),
        time_zone: chrono_tz::UTC,
        locale: "en".to_owned(),
        travel: TravelMode::Road,
        hold_min: 10,
        snap_limit_m: 1000,
        osrm: None,
        booking_page: crate::domain::booking_pages::BookingPage::default(),
    }
}

/// Moves all lists from `root` into the document.
pub(super) fn read_all(document: &mut Document, mut lists: Lists<'_>) {
    let list = |name: &str| LISTS.iter().find(|list| list.name == name).unwrap_or(&LISTS[0]);
    document.locations = lists.take(list("locations"), item);
    document.skills = lists.take(list("skills"), item);
    document.equipment = lists.take(list("equipment"), item);
    document.zones = lists.take(list("zones"), item);
    document.technicians = lists.take(list("technicians"), item);
    document.teams = lists.take(list("teams"), item);
    document.members = lists.take(list("members"), item);
    document.services = lists.take(list("services"), item);
    document.packages = lists.take(list("packages"), item);
    document.message_templates = lists.take(list("message_templates"), item);
    document.absences = lists.take(list("absences"), item);
    document.customers = lists.take(list("customers"), item);
    document.sites = lists.take(list("sites"), item);
    document.jobs = lists.take(list("jobs"), item);
    document.visits = lists.take(list("visits"), record);
    document.assignments = lists.take(list("assignments"), record);
    document.equipment_uses = lists.take(list("equipment_uses"), record);
    document.bookings = lists.take(list("bookings"), record);
}

fn place() -> Value {
    json!({"lat": 0.0, "lon": 0.0})
}

fn instant(hour: u32) -> String {
    format!("2000-01-01T0{hour}:00:00Z")
}

fn visit() -> Value {
    json!({
        "id": ID, "job_id": ID, "location_id": ID, "revision": 1, "place": place(),
        "needs": {
            "service_ids": [ID], "setup_s": 0, "work_s": 1, "exit_s": 0,
            "crew": [{"role": "", "skills": []}], "crew_mode": "together", "equipment": [],
            "travel": {"mode": "road"},
        },
        "status": "planned", "lock": "none", "promised": null, "planned_start": null,
        "actual": {
            "en_route_at": null, "arrived_at": null, "started_at": null, "finished_at": null,
            "extra_s": 0,
        },
    })
}

fn assignment() -> Value {
    let (start, end) = (instant(0), instant(1));
    json!({
        "visit_id": ID, "technician_id": ID, "role": 0, "start": start, "end": end,
        "assigned_at": start,
    })
}

fn equipment_use() -> Value {
    let (start, end) = (instant(0), instant(1));
    json!({
        "visit_id": ID, "equipment_id": ID, "location_id": ID, "units": 1,
        "start": start, "end": end,
    })
}

fn booking() -> Value {
    json!({
        "id": ID, "revision": 1, "code": "-", "visit_id": ID, "job_id": ID, "location_id": ID,
        "customer_id": null, "site_id": null, "status": "scheduled", "title": "-",
        "description": "", "window": {"from": instant(0), "until": instant(1)}, "source": "api",
        "cancel_reason": "", "decision": null, "created_at": instant(0), "updated_at": instant(0),
    })
}
