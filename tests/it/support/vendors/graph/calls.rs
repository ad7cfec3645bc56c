//! What each call of Microsoft Graph does with calendars and events.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::vendors::graph::rows::meets;
use crate::support::vendors::graph::times::{moment, occurrences, shown, span, zone};
use crate::support::vendors::graph::{Calendar, World, shown_id};
use crate::support::vendors::oauth::{Fields, Grant, field};
use crate::support::vendors::{Reply, merge, stamp};

/// One call: who, and with what.
pub(crate) struct Call {
    pub(crate) grant: Grant,
    pub(crate) query: Fields,
    pub(crate) prefers: Vec<String>,
    pub(crate) immutable: bool,
    pub(crate) if_match: Option<String>,
    pub(crate) body: Value,
    pub(crate) base: String,
}

type Done = Result<Reply, Reply>;

/// The body of a refusal.
pub(crate) fn error(code: &str, message: &str) -> Value {
    let inner = json!({"date": "2027-01-01T00:00:00", "request-id": "r", "client-request-id": "r"});
    json!({"error": {"code": code, "message": message, "innerError": inner}})
}

/// A refusal in Graph's form.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, Some(error(code, message)))
}

/// The whole event that comes of what a client sent, but for id and etag.
pub(crate) fn event_body(number: u64, sent: &Value, account: &str) -> Value {
    let organizer = json!({"emailAddress": {"name": account, "address": account}});
    let mut body = json!({
        "createdDateTime": stamp(number).to_rfc3339(),
        "categories": [], "transactionId": null, "originalStartTimeZone": "UTC",
        "originalEndTimeZone": "UTC", "iCalUId": format!("0400000082{number:08X}"),
        "reminderMinutesBeforeStart": 15, "isReminderOn": true, "hasAttachments": false,
        "subject": "", "bodyPreview": "", "importance": "normal", "sensitivity": "normal",
        "isAllDay": false, "isCancelled": false, "isOrganizer": true, "responseRequested": true,
        "seriesMasterId": null, "showAs": "busy", "type": "singleInstance",
        "webLink": format!("https://outlook.office365.com/owa/?itemid={number}"),
        "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
        "body": {"contentType": "html", "content": ""}, "location": {"displayName": ""},
        "attendees": [], "organizer": organizer, "recurrence": null,
    });
    merge(&mut body, sent);
    if !body["recurrence"].is_null() {
        body["type"] = json!("seriesMaster");
    }
    in_utc(&mut body);
    body
}

/// Times as the service gives them out unless it is asked for another zone. The zone that a whole
/// day was written in stays known, as its midnights belong to it.
fn in_utc(body: &mut Value) {
    if body["isAllDay"] == true {
        return;
    }
    for name in ["start", "end"] {
        if let Some(moment) = moment(&body[name]) {
            body[name] = shown(moment);
        }
    }
}

impl Call {
    pub(crate) fn needs(&self, writes: bool) -> Result<(), Reply> {
        let mut scopes = vec!["Calendars.ReadWrite", "Calendars.ReadWrite.Shared"];
        if !writes {
            scopes.push("Calendars.Read");
        }
        let granted = |name: &str| {
            let long = format!("https://graph.microsoft.com/{name}");
            self.grant.scopes.contains(name) || self.grant.scopes.contains(&long)
        };
        if scopes.iter().copied().any(granted) {
            return Ok(());
        }
        let words = "Access is denied. Check credentials and try again.";
        Err(refusal(403, "ErrorAccessDenied", words))
    }

    /// The calendar with this id, the main one if it is empty.
    pub(crate) fn opened(&self, world: &World, id: &str, writes: bool) -> Result<String, Reply> {
        self.needs(writes)?;
        let mut mine = world.calendars.iter().filter(|(_, its)| its.account == self.grant.account);
        let found = mine.find(|(name, its)| *name == id || (id.is_empty() && its.is_default));
        let missing = "The specified object was not found in the store.";
        let (name, calendar) = found.ok_or(refusal(404, "ErrorItemNotFound", missing))?;
        if writes && !calendar.can_edit {
            return Err(refusal(403, "ErrorAccessDenied", "Access is denied."));
        }
        Ok(name.clone())
    }

    pub(crate) fn calendars(&self, world: &World) -> Done {
        self.needs(false)?;
        let mine = world.calendars.iter().filter(|(_, its)| its.account == self.grant.account);
        let value = mine.map(|(id, its)| {
            json!({
                "id": id, "name": its.name, "color": "auto", "changeKey": "1",
                "canShare": true, "canViewPrivateItems": true, "hexColor": "",
                "canEdit": its.can_edit, "isDefaultCalendar": its.is_default,
                "isRemovable": !its.is_default,
                "owner": {"name": its.account, "address": its.account},
            })
        });
        let value: Vec<Value> = value.collect();
        let body = json!({"@odata.context": "$metadata#users('u')/calendars", "value": value});
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn create(&self, world: &mut World, calendar: &str) -> Done {
        let calendar = self.opened(world, calendar, true)?;
        if let Some(refused) = fault(&self.body) {
            return Err(refused);
        }
        let transaction = self.body["transactionId"].as_str().map(str::to_owned);
        let known = transaction.as_ref().and_then(|name| world.transactions.get(name));
        if let Some((number, sent)) = known {
            let stored = &world.calendars[&calendar].events[number];
            if *sent == self.body && !stored.deleted {
                return Ok(Reply(201, Some(stored.shown_as(*number, self.immutable))));
            }
            let words = "The client request for creating an event has already been used to create \
                         a different event.";
            let mut body = error("ErrorDuplicateTransactionId", words);
            body["error"]["@event.existingEventId"] = json!(shown_id(*number, self.immutable));
            return Err(Reply(world.duplicates_as, Some(body)));
        }
        let number = world.insert(&calendar, &self.body);
        if let Some(name) = transaction {
            world.transactions.insert(name, (number, self.body.clone()));
        }
        let stored = &world.calendars[&calendar].events[&number];
        Ok(Reply(201, Some(stored.shown_as(number, self.immutable))))
    }

    /// The event a call is about.
    fn place(&self, world: &World, id: &str, writes: bool) -> Result<(String, u64), Reply> {
        self.needs(writes)?;
        let missing = "The specified object was not found in the store.";
        let found = world.place_of(&self.grant.account, id);
        let found = found.filter(|(its, number)| !world.calendars[its].events[number].deleted);
        let (calendar, number) = found.ok_or(refusal(404, "ErrorItemNotFound", missing))?;
        let stored = &world.calendars[&calendar].events[&number];
        let etag = format!("W/\"{}\"", stored.seq);
        if writes && self.if_match.as_ref().is_some_and(|seen| *seen != etag && seen != "*") {
            let words = "The change key passed in the request does not match the current change \
                         key for the item.";
            return Err(refusal(412, "ErrorIrresolvableConflict", words));
        }
        Ok((calendar, number))
    }

    pub(crate) fn get(&self, world: &World, id: &str) -> Done {
        let (calendar, number) = self.place(world, id, false)?;
        let stored = &world.calendars[&calendar].events[&number];
        Ok(Reply(200, Some(self.visible(stored.shown_as(number, self.immutable)))))
    }

    /// An event with extended properties only where they were asked for.
    fn visible(&self, mut body: Value) -> Value {
        if !field(&self.query, "$expand").starts_with("singleValueExtendedProperties") {
            body.as_object_mut().unwrap().remove("singleValueExtendedProperties");
        }
        body
    }

    /// The events of a calendar, without expansion; filtered by an extended property.
    pub(crate) fn list(&self, world: &World, calendar: &str) -> Done {
        let calendar = self.opened(world, calendar, false)?;
        let filter = field(&self.query, "$filter").to_owned();
        let quoted: Vec<&str> = filter.split('\'').skip(1).step_by(2).collect();
        let fits = |body: &Value| {
            let properties = body["singleValueExtendedProperties"].as_array();
            let mut properties = properties.into_iter().flatten();
            quoted.is_empty()
                || properties.any(|its| its["id"] == quoted[0] && its["value"] == quoted[1])
        };
        let events = world.calendars[&calendar].events.iter().filter(|(_, its)| !its.deleted);
        let bodies = events.map(|(number, its)| its.shown_as(*number, self.immutable));
        let value: Vec<Value> = bodies.filter(fits).map(|body| self.visible(body)).collect();
        let body = json!({"@odata.context": "$metadata#Collection(event)", "value": value});
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn update(&self, world: &mut World, id: &str) -> Done {
        let (calendar, number) = self.place(world, id, true)?;
        let mut body = world.calendars[&calendar].events[&number].body.clone();
        merge(&mut body, &self.body);
        if let Some(refused) = fault(&body) {
            return Err(refused);
        }
        in_utc(&mut body);
        world.store(&calendar, number, body, false);
        let stored = &world.calendars[&calendar].events[&number];
        Ok(Reply(200, Some(self.visible(stored.shown_as(number, self.immutable)))))
    }

    pub(crate) fn delete(&self, world: &mut World, id: &str) -> Done {
        let (calendar, number) = self.place(world, id, true)?;
        let body = world.calendars[&calendar].events[&number].body.clone();
        world.store(&calendar, number, body, true);
        Ok(Reply(204, None))
    }

    /// Free and busy of people, who are named by their addresses.
    pub(crate) fn schedule(&self, world: &World) -> Done {
        self.needs(false)?;
        // The vendor's own library writes the names with capitals.
        let get = |name: &str| {
            let (first, rest) = name.split_at(1);
            let capital = format!("{}{rest}", first.to_uppercase());
            let plain = &self.body[name];
            if plain.is_null() { self.body[capital.as_str()].clone() } else { plain.clone() }
        };
        let (Some(from), Some(until)) = (moment(&get("startTime")), moment(&get("endTime"))) else {
            return Err(refusal(400, "ErrorInvalidParameter", "Invalid time window."));
        };
        let minutes = get("availabilityViewInterval").as_i64().unwrap_or(30);
        let value = get("schedules").as_array().cloned().unwrap_or_default();
        let value = value.iter().map(|name| {
            let mut all = world.calendars.values();
            match all.find(|its| its.is_default && *name == its.account.as_str()) {
                Some(calendar) => schedule_of(calendar, (from, until), minutes),
                None => json!({"scheduleId": name, "availabilityView": "", "scheduleItems": [],
                    "error": {"message": "The recipient was not found.",
                        "responseCode": "ErrorMailRecipientNotFound"}}),
            }
        });
        let value: Vec<Value> = value.collect();
        let context = "$metadata#Collection(microsoft.graph.scheduleInformation)";
        Ok(Reply(200, Some(json!({"@odata.context": context, "value": value}))))
    }
}

fn schedule_of(calendar: &Calendar, window: (DateTime<Utc>, DateTime<Utc>), minutes: i64) -> Value {
    let events = calendar.events.values().filter(|its| !its.deleted);
    let events = events.filter(|its| its.body["showAs"] != "free");
    let spans = events.flat_map(|its| {
        let status = its.body["showAs"].clone();
        occurrences(&its.body).into_iter().map(move |span| (span, status.clone()))
    });
    let spans: Vec<_> = spans.filter(|(span, _)| meets(*span, window)).collect();
    let mut view = String::new();
    let mut at = window.0;
    while at < window.1 {
        let cell = (at, at + TimeDelta::minutes(minutes));
        let busy = spans.iter().find(|(span, _)| meets(*span, cell));
        view.push(match busy.map(|(_, status)| status.as_str().unwrap()) {
            None | Some("workingElsewhere") => '0',
            Some("tentative") => '1',
            Some("oof") => '3',
            Some(_) => '2',
        });
        at = cell.1;
    }
    let items = spans.iter().map(|((start, end), status)| {
        json!({"status": status, "start": shown(*start), "end": shown(*end)})
    });
    let items: Vec<Value> = items.collect();
    json!({"scheduleId": calendar.account, "availabilityView": view, "scheduleItems": items})
}

/// What is wrong with an event that a client sent, if anything is.
fn fault(body: &Value) -> Option<Reply> {
    let civil = |time: &Value| -> Option<NaiveDateTime> {
        time["dateTime"].as_str()?.trim_end_matches('Z').parse().ok()
    };
    for name in ["start", "end"] {
        if civil(&body[name]).is_none() || zone(&body[name]).is_none() {
            return Some(refusal(400, "ErrorInvalidParameter", "Invalid time or time zone."));
        }
    }
    let (start, end) = span(body)?;
    let words = "The end date cannot be before the start date.";
    (end < start).then(|| refusal(400, "ErrorPropertyValidationFailure", words))
}
