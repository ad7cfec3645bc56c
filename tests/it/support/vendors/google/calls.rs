//! What each call of Google Calendar does.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::vendors::google::answers::{event_body, fault, is_busy, is_id, refusal};
use crate::support::vendors::google::times::{instances, joined, moment, span};
use crate::support::vendors::google::{Calendar, Channel, World};
use crate::support::vendors::oauth::{Fields, Grant, field};
use crate::support::vendors::{Reply, merge, page};

/// One call: who, and with what.
pub(crate) struct Call {
    pub(crate) grant: Grant,
    pub(crate) query: Fields,
    pub(crate) if_match: Option<String>,
    pub(crate) body: Value,
}

type Done = Result<Reply, Reply>;

/// What a synchronization or page token stands for.
struct Token {
    /// Changes after this one; all events if none.
    since: Option<u64>,
    /// The state of the calendar that the answer shows.
    until: u64,
    from: usize,
    single: bool,
    window: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl Call {
    /// Refuses a token without one of these scopes.
    fn needs(&self, scopes: &[&str]) -> Result<(), Reply> {
        let has = |name: &str| {
            self.grant.scopes.contains(&format!("https://www.googleapis.com/auth/{name}"))
        };
        if scopes.iter().copied().any(has) || has("calendar") {
            return Ok(());
        }
        let words = "Request had insufficient authentication scopes.";
        Err(refusal(403, "insufficientPermissions", words))
    }

    /// The calendar, if the account has it in its list.
    fn calendar<'a>(&self, world: &'a World, id: &str) -> Result<(String, &'a Calendar), Reply> {
        let id = if id == "primary" { self.grant.account.as_str() } else { id };
        let found = world.calendars.get(id).filter(|its| its.account == self.grant.account);
        found.map(|its| (id.to_owned(), its)).ok_or(refusal(404, "notFound", "Not Found"))
    }

    /// The calendar, if its events may be read, or written.
    fn opened(&self, world: &World, id: &str, writes: bool) -> Result<String, Reply> {
        let (id, calendar) = self.calendar(world, id)?;
        let owned = calendar.role == "owner";
        let mut scopes = vec!["calendar.events"];
        if owned {
            scopes.push("calendar.events.owned");
        }
        if !writes {
            scopes.extend(["calendar.events.readonly", "calendar.readonly"]);
            if owned {
                scopes.push("calendar.events.owned.readonly");
            }
        }
        self.needs(&scopes)?;
        let right = match calendar.role.as_str() {
            "owner" | "writer" => true,
            "reader" => !writes,
            _ => false,
        };
        if right { Ok(id) } else { Err(refusal(403, "forbidden", "Forbidden")) }
    }

    pub(crate) fn calendar_list(&self, world: &World) -> Done {
        self.needs(&[
            "calendar.readonly",
            "calendar.calendarlist",
            "calendar.calendarlist.readonly",
        ])?;
        let mine = world.calendars.iter().filter(|(_, its)| its.account == self.grant.account);
        let items = mine.map(|(id, its)| {
            let mut item = json!({
                "kind": "calendar#calendarListEntry", "etag": "\"1\"", "id": id,
                "summary": its.summary, "timeZone": "UTC", "accessRole": its.role,
                "selected": true, "defaultReminders": [],
            });
            if its.primary {
                item["primary"] = json!(true);
            }
            item
        });
        let items: Vec<Value> = items.collect();
        let from = field(&self.query, "pageToken").parse().unwrap_or(0);
        let size = field(&self.query, "maxResults").parse().unwrap_or(100);
        let (items, next) = page(&items, from, size);
        let mut body = json!({"kind": "calendar#calendarList", "etag": "\"1\"", "items": items});
        match next {
            Some(next) => body["nextPageToken"] = json!(next.to_string()),
            None => body["nextSyncToken"] = json!("list"),
        }
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn free_busy(&self, world: &World) -> Done {
        self.needs(&["calendar.readonly", "calendar.freebusy", "calendar.events.freebusy"])?;
        let time = |name: &str| self.body[name].as_str().and_then(|text| text.parse().ok());
        let (Some(from), Some(until)) = (time("timeMin"), time("timeMax")) else {
            return Err(refusal(400, "required", "Missing timeMin or timeMax parameter."));
        };
        let window: (DateTime<Utc>, DateTime<Utc>) = (from, until);
        let mut calendars = json!({});
        for item in self.body["items"].as_array().into_iter().flatten() {
            let id = item["id"].as_str().unwrap_or_default();
            let found = self.calendar(world, id).ok().map(|(_, its)| its);
            let errors = match found {
                None => Some("notFound"),
                Some(its) => its.trouble.as_deref(),
            };
            calendars[id] = match (errors, found) {
                (Some(reason), _) => {
                    json!({"errors": [{"domain": "global", "reason": reason}], "busy": []})
                }
                (None, Some(its)) => json!({"busy": joined(busy(its, window))}),
                (None, None) => continue,
            };
        }
        let body = json!({"kind": "calendar#freeBusy", "timeMin": self.body["timeMin"],
            "timeMax": self.body["timeMax"], "calendars": calendars});
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn insert(&self, world: &mut World, calendar: &str) -> Done {
        let calendar = self.opened(world, calendar, true)?;
        let id = match self.body["id"].as_str() {
            Some(id) if is_id(id) => id.to_owned(),
            Some(_) => return Err(refusal(400, "invalid", "Invalid resource id value.")),
            None => format!("made{}", world.seq),
        };
        if let Some(refused) = fault(&self.body) {
            return Err(refused);
        }
        if world.calendars[&calendar].events.contains_key(&id) {
            let words = "The requested identifier already exists.";
            return Err(refusal(409, "duplicate", words));
        }
        let body = event_body(&id, &self.body, &calendar, world.seq + 1);
        world.store(&calendar, &id, body);
        Ok(Reply(200, Some(world.calendars[&calendar].events[&id].body.clone())))
    }

    pub(crate) fn get(&self, world: &World, calendar: &str, id: &str) -> Done {
        let calendar = self.opened(world, calendar, false)?;
        let found = world.calendars[&calendar].events.get(id);
        let found = found.ok_or(refusal(404, "notFound", "Not Found"))?;
        Ok(Reply(200, Some(found.body.clone())))
    }

    /// The event that a write means, if its tag is the one the client saw.
    fn writable(&self, world: &World, calendar: &str, id: &str) -> Result<Value, Reply> {
        let found = world.calendars[calendar].events.get(id);
        let found = found.ok_or(refusal(404, "notFound", "Not Found"))?;
        let etag = found.body["etag"].as_str();
        if self.if_match.as_deref().is_some_and(|seen| seen != "*" && Some(seen) != etag) {
            return Err(refusal(412, "conditionNotMet", "Precondition Failed"));
        }
        Ok(found.body.clone())
    }

    pub(crate) fn update(&self, world: &mut World, calendar: &str, id: &str, whole: bool) -> Done {
        let calendar = self.opened(world, calendar, true)?;
        let mut body = self.writable(world, &calendar, id)?;
        if body["status"] == "cancelled" {
            return Err(refusal(403, "forbidden", "Forbidden"));
        }
        let before = span(&body);
        if whole {
            body = event_body(id, &self.body, &calendar, world.seq + 1);
        } else {
            merge(&mut body, &self.body);
        }
        if let Some(refused) = fault(&body) {
            return Err(refused);
        }
        if before != span(&body) {
            body["sequence"] = json!(body["sequence"].as_i64().unwrap_or(0) + 1);
        }
        world.store(&calendar, id, body);
        Ok(Reply(200, Some(world.calendars[&calendar].events[id].body.clone())))
    }

    pub(crate) fn delete(&self, world: &mut World, calendar: &str, id: &str) -> Done {
        let calendar = self.opened(world, calendar, true)?;
        let mut body = self.writable(world, &calendar, id)?;
        if body["status"] == "cancelled" {
            return Err(refusal(410, "deleted", "Resource has been deleted"));
        }
        body["status"] = json!("cancelled");
        world.store(&calendar, id, body);
        Ok(Reply(204, None))
    }

    pub(crate) fn list(&self, world: &mut World, calendar: &str) -> Done {
        let calendar = self.opened(world, calendar, false)?;
        let token = self.token(world)?;
        let private = field(&self.query, "privateExtendedProperty").to_owned();
        let shows_deleted = field(&self.query, "showDeleted") == "true" || token.since.is_some();
        let mut rows = rows(world, &calendar, &token);
        rows.retain(|body| shows_deleted || body["status"] != "cancelled");
        if let Some((name, value)) = private.split_once('=') {
            rows.retain(|body| body["extendedProperties"]["private"][name] == value);
        }
        let size = field(&self.query, "maxResults").parse().unwrap_or(250);
        let (items, next) = page(&rows, token.from, size);
        let mut body = json!({
            "kind": "calendar#events", "etag": "\"1\"", "summary": calendar, "timeZone": "UTC",
            "accessRole": world.calendars[&calendar].role, "defaultReminders": [],
            "updated": crate::support::vendors::stamp(world.seq).to_rfc3339(), "items": items,
        });
        match next {
            Some(next) => body["nextPageToken"] = json!(token.text(token.since, next)),
            None if private.is_empty() => {
                body["nextSyncToken"] = json!(token.text(Some(token.until), 0));
            }
            None => {}
        }
        Ok(Reply(200, Some(body)))
    }

    /// Where this list starts.
    fn token(&self, world: &World) -> Result<Token, Reply> {
        let get = |name| field(&self.query, name);
        let given = if get("pageToken").is_empty() { get("syncToken") } else { get("pageToken") };
        let time = |name| DateTime::parse_from_rfc3339(get(name)).ok().map(|time| time.to_utc());
        if given.is_empty() {
            let window = (time("timeMin"), time("timeMax"));
            let single = get("singleEvents") == "true";
            return Ok(Token { since: None, until: world.seq, from: 0, single, window });
        }
        let forbidden = [
            "iCalUID",
            "orderBy",
            "privateExtendedProperty",
            "q",
            "timeMin",
            "timeMax",
            "updatedMin",
        ];
        let is_sync = !get("syncToken").is_empty();
        if is_sync && forbidden.iter().any(|name| !get(name).is_empty()) {
            let words = "Sync token cannot be used with the given query parameters.";
            return Err(refusal(400, "badRequest", words));
        }
        let token = Token::read(given);
        let token = token.ok_or(refusal(400, "invalid", "Invalid sync token value."))?;
        if is_sync && token.until < world.tokens_from {
            let words = "Sync token is no longer valid, a full sync is required.";
            return Err(refusal(410, "fullSyncRequired", words));
        }
        // A synchronization token was the end of one list and is the start of the next.
        let until = if is_sync { world.seq } else { token.until };
        Ok(Token { until, ..token })
    }

    pub(crate) fn watch(&self, world: &mut World, calendar: &str) -> Done {
        let calendar = self.opened(world, calendar, false)?;
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        let (id, address) = (text("id"), text("address"));
        if text("type") != "web_hook" || id.is_empty() || id.len() > 64 {
            return Err(refusal(400, "required", "Required"));
        }
        // Google takes https alone; here the machine itself is as good.
        if !address.starts_with("https://") && !address.starts_with("http://127.0.0.1:") {
            let words = format!("WebHook callback must be HTTPS: {address}");
            return Err(refusal(400, "push.webhookUrlNotHttps", &words));
        }
        if world.channels.contains_key(&id) {
            let words = format!("Channel id {id} not unique");
            return Err(refusal(400, "channelIdNotUnique", &words));
        }
        let asked = self.body["expiration"].as_str().and_then(|text| text.parse().ok());
        let expiration_ms = asked.or(self.body["expiration"].as_i64()).unwrap_or_else(|| {
            crate::support::vendors::stamp(world.seq + 7 * 86_400).timestamp_millis()
        });
        let resource = format!("resource-{calendar}");
        let mut channel = Channel {
            calendar,
            resource: resource.clone(),
            address,
            token: text("token"),
            expiration_ms,
            number: 0,
        };
        world.pushes.push(channel.push(&id, "sync"));
        world.channels.insert(id.clone(), channel);
        let body = json!({"kind": "api#channel", "id": id, "resourceId": resource,
            "resourceUri": "https://www.googleapis.com/calendar/v3/calendars/x/events",
            "token": text("token"), "expiration": expiration_ms.to_string()});
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn stop(&self, world: &mut World) -> Done {
        let id = self.body["id"].as_str().unwrap_or_default();
        let fits =
            world.channels.get(id).is_some_and(|its| self.body["resourceId"] == its.resource);
        if !fits {
            let words = format!("Channel '{id}' not found for project");
            return Err(refusal(404, "notFound", &words));
        }
        world.channels.remove(id);
        Ok(Reply(204, None))
    }
}

impl Token {
    fn text(&self, since: Option<u64>, from: usize) -> String {
        let time = |time: Option<DateTime<Utc>>| {
            time.map_or(String::new(), |time| time.timestamp().to_string())
        };
        let (low, high) = (time(self.window.0), time(self.window.1));
        let since = since.map_or(String::new(), |since| since.to_string());
        format!("{since}.{}.{from}.{}.{low}.{high}", self.until, self.single)
    }

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [since, until, from, single, low, high] = parts.as_slice() else { return None };
        let time = |text: &str| DateTime::from_timestamp(text.parse().ok()?, 0);
        Some(Self {
            since: since.parse().ok(),
            until: until.parse().ok()?,
            from: from.parse().ok()?,
            single: *single == "true",
            window: (time(low), time(high)),
        })
    }

    fn shows(&self, body: &Value) -> bool {
        let Some((start, end)) = span(body) else { return true };
        self.window.0.is_none_or(|low| end > low) && self.window.1.is_none_or(|high| start < high)
    }
}

/// The rows of a list: events, or instances, that changed since the token.
fn rows(world: &mut World, calendar: &str, token: &Token) -> Vec<Value> {
    let calendar = world.calendars.get_mut(calendar).unwrap();
    let others: Vec<Value> = calendar.events.values().map(|stored| stored.body.clone()).collect();
    let mut rows = Vec::new();
    for (id, stored) in &mut calendar.events {
        if token.since.is_some_and(|since| stored.seq <= since) {
            continue;
        }
        let body = &stored.body;
        let gone = |id: &str| json!({"kind": "calendar#event", "id": id, "status": "cancelled"});
        let recurs = token.single && body["recurrence"].is_array();
        if body["status"] == "cancelled" && !recurs {
            let mut row = gone(id);
            for name in ["recurringEventId", "originalStartTime"] {
                if !body[name].is_null() {
                    row[name] = body[name].clone();
                }
            }
            rows.push(row);
        } else if recurs {
            let dead = body["status"] == "cancelled";
            let all = if dead { Vec::new() } else { instances(body, &others) };
            let all: Vec<Value> = all.into_iter().filter(|one| token.shows(one)).collect();
            let now = all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
            rows.extend(stored.shown.difference(&now).map(|id| gone(id)));
            stored.shown = now;
            rows.extend(all);
        } else if token.shows(body) {
            rows.push(body.clone());
        }
    }
    rows
}

fn busy(
    calendar: &Calendar,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let others: Vec<Value> = calendar.events.values().map(|stored| stored.body.clone()).collect();
    let all = others.iter().filter(|body| is_busy(body));
    let all = all.flat_map(|body| instances(body, &others));
    let spans = all.filter_map(|body| Some((moment(&body["start"])?, moment(&body["end"])?)));
    let cut = spans.map(|(start, end)| (start.max(from), end.min(until)));
    cut.filter(|(start, end)| start < end).collect()
}
