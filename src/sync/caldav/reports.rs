//! Reading a calendar: by list of changes, by comparing versions, and by time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use url::Url;

use crate::domain::calendars::remote::{Changes, Content, RemoteItem, Window};
use crate::sync::SyncError;
use crate::sync::caldav::xml::{CALDAV, CS, DAV, Response, escaped, multistatus};
use crate::sync::caldav::{CalDav, XML, method, refusal};
use crate::sync::http::{Answer, Ask};

/// Items asked for in one request.
const ITEMS_MAX: usize = 100;
/// Pages of a list of changes that are followed at most.
const PAGES_MAX: usize = 200;

/// A cursor of a server with lists of changes.
const BY_TOKEN: &str = "sync:";
/// A cursor of a server that only tells whether a calendar has changed.
const BY_TAG: &str = "ctag:";

/// What has changed since the cursor, by whichever way the server has; see
/// [`Provider::changes`](crate::sync::Provider::changes).
pub(super) async fn changes(
    dav: &CalDav,
    calendar: &str,
    cursor: Option<&str>,
    known: &[(String, String)],
    window: Window,
) -> Result<Changes, SyncError> {
    let Some(cursor) = cursor else { return whole(dav, calendar, window).await };
    if let Some(token) = cursor.strip_prefix(BY_TOKEN) {
        return since(dav, calendar, token).await;
    }
    let now = marks(dav, calendar).await?;
    let cursor = cursor.to_owned();
    if cursor == now && cursor != BY_TAG {
        return Ok(Changes { cursor: Some(cursor), ..Changes::default() });
    }
    let items = compared(dav, calendar, known).await?;
    Ok(Changes { items, cursor: Some(now), complete: false })
}

/// Everything in the window, and where changes go on from there.
async fn whole(dav: &CalDav, calendar: &str, window: Window) -> Result<Changes, SyncError> {
    // The mark is read first: what changes meanwhile is read twice rather than never.
    let cursor = Some(marks(dav, calendar).await?);
    match query(dav, calendar, &in_window(window)).await {
        Ok(items) => Ok(Changes { items, cursor, complete: true }),
        // A login that may not see events may still see when they are.
        Err(SyncError::Forbidden(_)) => {
            let items = vec![free_busy(dav, calendar, window).await?];
            Ok(Changes { items, cursor: None, complete: true })
        }
        Err(error) => Err(error),
    }
}

/// When the calendar is busy, without what for.
async fn free_busy(dav: &CalDav, calendar: &str, window: Window) -> Result<RemoteItem, SyncError> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><c:free-busy-query xmlns:c=\"{CALDAV}\">{}\
         </c:free-busy-query>",
        in_window(window)
    );
    let answer = report(dav, dav.url(calendar)?, 1, body).await?;
    if !answer.status.is_success() {
        return Err(refusal(&answer));
    }
    // Servers disagree about its media type, and some answer with a multistatus that says nothing.
    if !answer.body.trim_start().starts_with("BEGIN:VCALENDAR") {
        return Err(SyncError::Malformed("its busy times are no iCalendar text".to_owned()));
    }
    let (remote_id, etag) = ("free-busy".to_owned(), String::new());
    Ok(RemoteItem { remote_id, etag, content: Content::Ics(answer.body) })
}

/// The cursor of this moment.
async fn marks(dav: &CalDav, calendar: &str) -> Result<String, SyncError> {
    let props = "<d:sync-token/><cs:getctag/>";
    let answer = dav.propfind(dav.url(calendar)?, 0, props).await?;
    let (responses, _) = listed(&answer)?;
    let first = responses.first().map(|response| &response.props);
    let token = first.map_or("", |props| props.text_of(DAV, "sync-token"));
    let tag = first.map_or("", |props| props.text_of(CS, "getctag"));
    Ok(if token.is_empty() { format!("{BY_TAG}{tag}") } else { format!("{BY_TOKEN}{token}") })
}

/// Follows the list of changes.
async fn since(dav: &CalDav, calendar: &str, token: &str) -> Result<Changes, SyncError> {
    let url = dav.url(calendar)?;
    let mut token = token.to_owned();
    let mut latest: BTreeMap<String, Option<String>> = BTreeMap::new();
    for _ in 0..PAGES_MAX {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><d:sync-collection xmlns:d=\"DAV:\">\
             <d:sync-token>{}</d:sync-token><d:sync-level>1</d:sync-level>\
             <d:prop><d:getetag/></d:prop></d:sync-collection>",
            escaped(&token)
        );
        let answer = report(dav, url.clone(), 0, body).await?;
        let (responses, next) = listed(&answer)?;
        let mut more = false;
        for response in &responses {
            let path = dav.url(&response.href)?.path().to_owned();
            if path.trim_end_matches('/') == url.path().trim_end_matches('/') {
                // The calendar itself: its list goes on on another page.
                more |= response.status == Some(507);
            } else if response.status == Some(404) {
                latest.insert(path, None);
            } else {
                latest.insert(path, Some(response.props.text_of(DAV, "getetag").to_owned()));
            }
        }
        let Some(next) = next else {
            return Err(SyncError::Malformed("a list of changes without a token".to_owned()));
        };
        let stuck = next == token;
        token = next;
        if !more || stuck {
            break;
        }
    }
    let there = latest.iter().filter(|(_, etag)| etag.is_some()).map(|(path, _)| path.clone());
    let mut items = multiget(dav, calendar, &there.collect::<Vec<_>>()).await?;
    let gone = latest.into_iter().filter(|(_, etag)| etag.is_none());
    items.extend(gone.map(|(path, _)| item_gone(path)));
    Ok(Changes { items, cursor: Some(format!("{BY_TOKEN}{token}")), complete: false })
}

/// What is new, changed or gone, told by the versions of all items.
async fn compared(
    dav: &CalDav,
    calendar: &str,
    known: &[(String, String)],
) -> Result<Vec<RemoteItem>, SyncError> {
    let url = dav.url(calendar)?;
    let answer = dav.propfind(url.clone(), 1, "<d:getetag/><d:resourcetype/>").await?;
    let (responses, _) = listed(&answer)?;
    let mut there: BTreeMap<String, String> = BTreeMap::new();
    for response in &responses {
        let path = dav.url(&response.href)?.path().to_owned();
        let folder = response.props.child(DAV, "resourcetype");
        let folder = folder.is_some_and(|kinds| kinds.child(DAV, "collection").is_some());
        if !folder && path.trim_end_matches('/') != url.path().trim_end_matches('/') {
            there.insert(path, response.props.text_of(DAV, "getetag").to_owned());
        }
    }
    let known: BTreeMap<&str, &str> =
        known.iter().map(|(id, etag)| (id.as_str(), etag.as_str())).collect();
    let changed = there.iter().filter(|(id, etag)| known.get(id.as_str()) != Some(&etag.as_str()));
    let changed: Vec<String> = changed.map(|(id, _)| id.clone()).collect();
    let mut items = multiget(dav, calendar, &changed).await?;
    let gone = known.keys().filter(|id| !there.contains_key(**id));
    items.extend(gone.map(|id| item_gone((*id).to_owned())));
    Ok(items)
}

fn item_gone(remote_id: String) -> RemoteItem {
    RemoteItem { remote_id, etag: String::new(), content: Content::Gone }
}

/// The items at some paths; those that are gone meanwhile are told as such.
async fn multiget(
    dav: &CalDav,
    calendar: &str,
    paths: &[String],
) -> Result<Vec<RemoteItem>, SyncError> {
    let mut items = Vec::new();
    for part in paths.chunks(ITEMS_MAX) {
        let hrefs = part.iter().fold(String::new(), |mut text, path| {
            let _cannot_fail = write!(text, "<d:href>{}</d:href>", escaped(path));
            text
        });
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><c:calendar-multiget xmlns:d=\"DAV:\" \
             xmlns:c=\"{CALDAV}\"><d:prop><d:getetag/><c:calendar-data/></d:prop>{hrefs}\
             </c:calendar-multiget>"
        );
        let answer = report(dav, dav.url(calendar)?, 1, body).await?;
        let (responses, _) = listed(&answer)?;
        let mut missing: BTreeSet<&String> = part.iter().collect();
        for response in &responses {
            if let Some(item) = item(dav, response)? {
                missing.retain(|path| **path != item.remote_id);
                items.push(item);
            }
        }
        items.extend(missing.into_iter().map(|path| item_gone(path.clone())));
    }
    Ok(items)
}

/// A filter for events that have a part in a window, recurring ones included.
fn in_window(window: Window) -> String {
    let stamp = |moment: chrono::DateTime<chrono::Utc>| moment.format("%Y%m%dT%H%M%SZ").to_string();
    format!("<c:time-range start=\"{}\" end=\"{}\"/>", stamp(window.from), stamp(window.until))
}

/// A filter for events with this name across calendars.
pub(super) fn with_uid(uid: &str) -> String {
    format!(
        "<c:prop-filter name=\"UID\"><c:text-match collation=\"i;octet\">{}</c:text-match>\
         </c:prop-filter>",
        escaped(uid)
    )
}

/// Everything that has a part in a span.
pub(super) async fn span(
    dav: &CalDav,
    calendar: &str,
    window: Window,
) -> Result<Vec<RemoteItem>, SyncError> {
    query(dav, calendar, &in_window(window)).await
}

/// The items whose events pass a filter.
pub(super) async fn query(
    dav: &CalDav,
    calendar: &str,
    filter: &str,
) -> Result<Vec<RemoteItem>, SyncError> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><c:calendar-query xmlns:d=\"DAV:\" \
         xmlns:c=\"{CALDAV}\"><d:prop><d:getetag/><c:calendar-data/></d:prop><c:filter>\
         <c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\">{filter}\
         </c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
    );
    let answer = report(dav, dav.url(calendar)?, 1, body).await?;
    let (responses, _) = listed(&answer)?;
    let mut items = Vec::with_capacity(responses.len());
    for response in &responses {
        items.extend(item(dav, response)?);
    }
    Ok(items)
}

async fn report(dav: &CalDav, url: Url, depth: u8, body: String) -> Result<Answer, SyncError> {
    let ask = Ask::new(method(b"REPORT")?, url).header("depth", depth.to_string()).body(XML, body);
    dav.send(ask).await
}

fn listed(answer: &Answer) -> Result<(Vec<Response>, Option<String>), SyncError> {
    if answer.status.as_u16() != 207 {
        return Err(refusal(answer));
    }
    multistatus(&answer.body)
}

/// The item of a response; none if it is not there or no event.
fn item(dav: &CalDav, response: &Response) -> Result<Option<RemoteItem>, SyncError> {
    let Some(text) = response.props.child(CALDAV, "calendar-data") else { return Ok(None) };
    Ok(Some(RemoteItem {
        remote_id: dav.url(&response.href)?.path().to_owned(),
        etag: response.props.text_of(DAV, "getetag").to_owned(),
        content: Content::Ics(text.text().to_owned()),
    }))
}
