//! Lists of Microsoft Graph: views with all occurrences, and delta queries.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::vendors::graph::calls::{Call, refusal};
use crate::support::vendors::graph::times::{occurrences, shown};
use crate::support::vendors::graph::{Calendar, World, shown_id};
use crate::support::vendors::oauth::field;
use crate::support::vendors::{Reply, page};

type Window = (DateTime<Utc>, DateTime<Utc>);

/// What a delta or skip token stands for.
struct Token {
    since: Option<u64>,
    until: u64,
    from: usize,
    window: Window,
}

impl Call {
    /// The window of a view.
    fn window(&self) -> Result<Window, Reply> {
        let time = |wanted: &str| {
            let found = self.query.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.and_then(|(_, text)| {
                let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok();
                // Without a zone it is UTC.
                zoned.or_else(|| {
                    text.parse().map(|civil: chrono::NaiveDateTime| civil.and_utc()).ok()
                })
            })
        };
        if let (Some(from), Some(until)) = (time("startDateTime"), time("endDateTime")) {
            Ok((from, until))
        } else {
            let words = "This request requires a time window specified by the query string \
                         parameters StartDateTime and EndDateTime.";
            Err(refusal(400, "ErrorInvalidParameter", words))
        }
    }

    pub(crate) fn view(&self, world: &World, id: &str) -> Result<Reply, Reply> {
        let id = self.opened(world, id, false)?;
        let window = self.window()?;
        let calendar = &world.calendars[&id];
        let mut all = Vec::new();
        for (number, stored) in calendar.events.iter().filter(|(_, its)| !its.deleted) {
            let body = stored.shown_as(*number, self.immutable);
            for (start, end) in occurrences(&body).into_iter().filter(|its| meets(*its, window)) {
                let mut one = body.clone();
                one["start"] = shown(start);
                one["end"] = shown(end);
                if !body["recurrence"].is_null() {
                    one["id"] = json!(occurrence_id(*number, start, self.immutable));
                    one["seriesMasterId"] = body["id"].clone();
                    one["type"] = json!("occurrence");
                    one["recurrence"] = Value::Null;
                }
                all.push(one);
            }
        }
        all.sort_by_key(|one| one["start"]["dateTime"].as_str().unwrap().to_owned());
        let from = field(&self.query, "$skip").parse().unwrap_or(0);
        let size = field(&self.query, "$top").parse().unwrap_or(10);
        let (value, next) = page(&all, from, size);
        let mut body = json!({"@odata.context": "$metadata#Collection(event)", "value": value});
        if let Some(next) = next {
            let moment = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ");
            body["@odata.nextLink"] = json!(format!(
                "{}/v1.0/me/calendars/{id}/calendarView?startDateTime={}&endDateTime={}&$top={size}&$skip={next}",
                self.base,
                moment(window.0),
                moment(window.1)
            ));
        }
        Ok(Reply(200, Some(body)))
    }

    pub(crate) fn delta(&self, world: &mut World, id: &str) -> Result<Reply, Reply> {
        let id = self.opened(world, id, false)?;
        let forbidden = ["$select", "$filter", "$expand", "$orderby", "$search"];
        if self.query.iter().any(|(name, _)| forbidden.contains(&name.to_lowercase().as_str())) {
            let words = "The following parameters are not supported with change tracking over \
                         the 'CalendarView' resource";
            return Err(refusal(400, "ErrorInvalidUrlQuery", words));
        }
        let token = self.token(world)?;
        let rows = rows(world.calendars.get_mut(&id).unwrap(), &token, self.immutable);
        let (value, next) = page(&rows, token.from, self.page_size());
        let link = |name: &str, token: String| {
            let address = format!("{}/v1.0/me/calendars/{id}/calendarView/delta", self.base);
            format!("{address}?${name}={token}")
        };
        let mut body = json!({"@odata.context": "$metadata#Collection(event)", "value": value});
        if let Some(next) = next {
            let token = Token { from: next, ..token };
            body["@odata.nextLink"] = json!(link("skiptoken", token.text()));
        } else {
            let token = Token { since: Some(token.until), from: 0, ..token };
            body["@odata.deltaLink"] = json!(link("deltatoken", token.text()));
        }
        Ok(Reply(200, Some(body)))
    }

    fn page_size(&self) -> usize {
        let wanted = self.prefers.iter().find_map(|one| one.strip_prefix("odata.maxpagesize="));
        wanted.and_then(|size| size.parse().ok()).unwrap_or(10)
    }

    fn token(&self, world: &World) -> Result<Token, Reply> {
        let (skip, delta) = (field(&self.query, "$skiptoken"), field(&self.query, "$deltatoken"));
        if !skip.is_empty() {
            return Token::read(skip).ok_or(refusal(400, "BadRequest", "Badly formed token."));
        }
        if delta.is_empty() {
            let window = self.window()?;
            return Ok(Token { since: None, until: world.seq, from: 0, window });
        }
        let token = Token::read(delta).ok_or(refusal(400, "BadRequest", "Badly formed token."))?;
        if token.until < world.tokens_from {
            let words = "The sync state generation is not found; a full sync is required.";
            return Err(refusal(410, "SyncStateNotFound", words));
        }
        Ok(Token { until: world.seq, ..token })
    }
}

impl Token {
    fn text(&self) -> String {
        let since = self.since.map_or(String::new(), |since| since.to_string());
        let (low, high) = (self.window.0.timestamp(), self.window.1.timestamp());
        format!("{since}.{}.{}.{low}.{high}", self.until, self.from)
    }

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [since, until, from, low, high] = parts.as_slice() else { return None };
        let time = |text: &str| DateTime::from_timestamp(text.parse().ok()?, 0);
        Some(Self {
            since: since.parse().ok(),
            until: until.parse().ok()?,
            from: from.parse().ok()?,
            window: (time(low)?, time(high)?),
        })
    }
}

pub(crate) fn meets((start, end): Window, (from, until): Window) -> bool {
    start < until && end > from
}

fn occurrence_id(number: u64, start: DateTime<Utc>, immutable: bool) -> String {
    let master = shown_id(number, immutable);
    format!("{}-{}", master.trim_end_matches('='), start.format("%Y%m%d"))
}

/// The rows of a delta query: events in the window that changed since, and what left it.
///
/// Of a series its master comes whole, whether it is in the window or not, and each occurrence with
/// its times alone.
fn rows(calendar: &mut Calendar, token: &Token, immutable: bool) -> Vec<Value> {
    let mut rows = Vec::new();
    for (number, stored) in &mut calendar.events {
        if token.since.is_some_and(|since| stored.seq <= since) {
            continue;
        }
        let body = stored.shown_as(*number, immutable);
        let mut now = Vec::new();
        if !stored.deleted {
            let all = occurrences(&body).into_iter();
            for (start, end) in all.filter(|its| meets(*its, token.window)) {
                let mut one = body.clone();
                if !body["recurrence"].is_null() {
                    one = json!({
                        "@odata.etag": body["@odata.etag"], "type": "occurrence",
                        "seriesMasterId": body["id"],
                        "id": occurrence_id(*number, start, immutable),
                    });
                }
                one["@odata.type"] = json!("#microsoft.graph.event");
                one["start"] = shown(start);
                one["end"] = shown(end);
                now.push(one);
            }
            if !now.is_empty() && !body["recurrence"].is_null() {
                let mut master = body.clone();
                master["@odata.type"] = json!("#microsoft.graph.event");
                now.insert(0, master);
            }
        }
        let ids = now.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let gone = stored.shown.difference(&ids);
        let removed = |id: &String| json!({"id": id, "@removed": {"reason": "deleted"}});
        // The first page asked for is the one that takes back; it is asked for once.
        rows.extend(gone.map(removed));
        stored.shown = ids;
        rows.extend(now);
    }
    rows
}
