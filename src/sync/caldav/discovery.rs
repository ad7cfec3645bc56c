//! From an address to the calendars of an account (RFC 4791, 5397, 6764).

use url::Url;

use crate::domain::calendars::remote::RemoteCalendar;
use crate::sync::SyncError;
use crate::sync::caldav::xml::{CALDAV, DAV, Node, Response, multistatus};
use crate::sync::caldav::{CalDav, refusal};
use crate::sync::http::Answer;

const WHO: &str = "<d:current-user-principal/><d:resourcetype/><c:calendar-home-set/>";
const CALENDAR_PROPS: &str = "<d:resourcetype/><d:displayname/><d:current-user-privilege-set/>\
    <c:supported-calendar-component-set/>";

/// The calendars of the account that hold events. An address of one calendar gives that one alone, and
/// nothing while its server is busy: what it stands for is not known then.
pub(super) async fn calendars(dav: &CalDav) -> Result<Vec<RemoteCalendar>, SyncError> {
    let mut homes = Vec::new();
    let mut failure = None;
    for start in starts(dav)? {
        let given = !names_server(dav) && start == dav.base;
        match at(dav, start).await {
            Ok(Found::Calendar(calendar)) => return Ok(vec![calendar]),
            Ok(Found::Homes(found)) if !found.is_empty() => {
                homes = found;
                break;
            }
            Ok(Found::Homes(_)) => {}
            Err(error @ (SyncError::Refused(_) | SyncError::PrivateAddress(_))) => {
                return Err(error);
            }
            Err(error) if given && error.is_passing() => return Err(error),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    if homes.is_empty() {
        let none = || SyncError::Address("no calendars of this login are found there".to_owned());
        return Err(failure.unwrap_or_else(none));
    }
    let mut calendars: Vec<RemoteCalendar> = Vec::new();
    for home in homes {
        for response in listed(dav.propfind(home, 1, CALENDAR_PROPS).await?)? {
            let found = calendar(dav, &response)?;
            let is_new = |one: &RemoteCalendar| {
                calendars.iter().all(|known| known.remote_id != one.remote_id)
            };
            if let Some(found) = found.filter(is_new) {
                calendars.push(found);
            }
        }
    }
    calendars.sort_by(|one, other| one.remote_id.cmp(&other.remote_id));
    if let Some(main) = calendars.iter_mut().find(|calendar| calendar.writable) {
        main.primary = true;
    }
    calendars.sort_by_key(|calendar| !calendar.primary);
    Ok(calendars)
}

/// Where to ask: the address itself and, since it may name only the server, where servers say where
/// to ask.
fn starts(dav: &CalDav) -> Result<Vec<Url>, SyncError> {
    let known = dav.url("/.well-known/caldav")?;
    Ok(if names_server(dav) {
        vec![known, dav.base.clone()]
    } else {
        vec![dav.base.clone(), known]
    })
}

/// Whether the address names a server and nothing on it.
fn names_server(dav: &CalDav) -> bool {
    matches!(dav.base.path(), "" | "/")
}

enum Found {
    Calendar(RemoteCalendar),
    Homes(Vec<Url>),
}

/// What an address leads to: through the principal of the login to the home of its calendars.
async fn at(dav: &CalDav, url: Url) -> Result<Found, SyncError> {
    let props = format!("{WHO}{CALENDAR_PROPS}");
    let responses = listed(dav.propfind(url, 0, &props).await?)?;
    let Some(response) = responses.into_iter().next() else { return Ok(Found::Homes(Vec::new())) };
    if let Some(calendar) = calendar(dav, &response)? {
        return Ok(Found::Calendar(RemoteCalendar { primary: true, ..calendar }));
    }
    let own = homes(dav, &response.props)?;
    let principal = response.props.href_in(DAV, "current-user-principal");
    let (true, Some(principal)) = (own.is_empty(), principal) else { return Ok(Found::Homes(own)) };
    let url = dav.url(principal)?;
    let responses = listed(dav.propfind(url, 0, "<c:calendar-home-set/>").await?)?;
    let found = responses.first().map(|response| homes(dav, &response.props)).transpose()?;
    Ok(Found::Homes(found.unwrap_or_default()))
}

fn listed(answer: Answer) -> Result<Vec<Response>, SyncError> {
    if answer.status.as_u16() != 207 {
        return Err(refusal(&answer));
    }
    Ok(multistatus(&answer.body)?.0)
}

fn homes(dav: &CalDav, props: &Node) -> Result<Vec<Url>, SyncError> {
    let Some(set) = props.child(CALDAV, "calendar-home-set") else { return Ok(Vec::new()) };
    set.all(DAV, "href").map(|href| dav.url(href.text().trim())).collect()
}

/// The calendar that a response describes; none if it is something else or holds no events.
fn calendar(dav: &CalDav, response: &Response) -> Result<Option<RemoteCalendar>, SyncError> {
    let props = &response.props;
    let is_calendar = props
        .child(DAV, "resourcetype")
        .is_some_and(|kinds| kinds.child(CALDAV, "calendar").is_some());
    if !is_calendar {
        return Ok(None);
    }
    let holds = props.child(CALDAV, "supported-calendar-component-set");
    let events = holds.is_none_or(|set| set.all(CALDAV, "comp").any(|comp| comp.label == "VEVENT"));
    if !events {
        return Ok(None);
    }
    let remote_id = dav.url(&response.href)?.path().to_owned();
    let name = props.text_of(DAV, "displayname");
    let last = remote_id.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let name = if name.is_empty() { last } else { name };
    // Servers that do not tell rights are tried.
    let rights = props.child(DAV, "current-user-privilege-set");
    let may = ["write", "all", "bind", "write-content"];
    let writable = rights.is_none_or(|rights| may.into_iter().any(|right| rights.mentions(right)));
    let name = name.chars().take(200).collect();
    Ok(Some(RemoteCalendar { remote_id, name, writable, primary: false }))
}
