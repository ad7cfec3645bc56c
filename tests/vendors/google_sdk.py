"""Google's own libraries against our stand-in, unchanged: it is faithful as far as they can tell.

Usage: google_sdk.py BASE CLIENT_ID CLIENT_SECRET
"""

import datetime
import os
import sys
import uuid
from base64 import b32hexencode
from urllib.parse import parse_qs, urlsplit

import requests
from google.auth.exceptions import RefreshError
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

base, client_id, client_secret = sys.argv[1:4]
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback speaks plain HTTP
os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"  # scopes come back in another order
SCOPES = [
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.freebusy",
]


def refused(status, reason, call):
    """The call is refused in this way, as the library reads it."""
    try:
        call.execute()
    except HttpError as error:
        details = error.error_details[0]
        assert error.resp.status == status, error
        assert details["reason"] == reason, details
    else:
        raise AssertionError(f"{reason} was not refused")


def connect():
    """Code with PKCE by Google's own flow, consent by a plain browser."""
    web = {
        "client_id": client_id,
        "client_secret": client_secret,
        "auth_uri": f"{base}/o/oauth2/v2/auth",
        "token_uri": f"{base}/token",
    }
    back = "http://127.0.0.1:1/back"
    flow = Flow.from_client_config(
        {"web": web}, SCOPES, redirect_uri=back, autogenerate_code_verifier=True
    )
    url, state = flow.authorization_url(access_type="offline", prompt="consent")
    answer = requests.get(url, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == [state]
    flow.fetch_token(code=query["code"][0])
    credentials = flow.credentials
    assert credentials.refresh_token and credentials.valid
    # A code works once.
    try:
        flow.fetch_token(code=query["code"][0])
    except Exception as error:
        assert "invalid_grant" in str(error), error
    else:
        raise AssertionError("the code worked twice")
    return credentials


credentials = connect()
options = {"api_endpoint": f"{base}/calendar/v3/"}
service = build(
    "calendar", "v3", credentials=credentials, client_options=options, static_discovery=True
)
calendars = service.calendarList().list().execute()["items"]
primary = next(its for its in calendars if its.get("primary"))
mine = primary["id"]
events = service.events()

name = b32hexencode(uuid.UUID(int=7).bytes + b"\1").decode().lower().rstrip("=")
body = {
    "id": name,
    "summary": "Boiler service",
    "location": "Hauptstr. 1, Berlin",
    "start": {"dateTime": "2027-03-01T09:00:00Z"},
    "end": {"dateTime": "2027-03-01T10:00:00Z"},
    "extendedProperties": {"private": {"roundsmanVisit": "7"}},
}
made = events.insert(calendarId=mine, body=body, sendUpdates="none").execute()
assert made["id"] == name and made["status"] == "confirmed" and made["etag"]
refused(409, "duplicate", events.insert(calendarId=mine, body=body))
refused(400, "invalid", events.insert(calendarId=mine, body={**body, "id": "no-z"}))
refused(400, "required", events.insert(calendarId=mine, body={"start": body["start"]}))
found = events.list(calendarId=mine, privateExtendedProperty="roundsmanVisit=7").execute()
assert [its["id"] for its in found["items"]] == [name]
assert "nextSyncToken" not in found

asked = {
    "timeMin": "2027-03-01T00:00:00Z",
    "timeMax": "2027-03-02T00:00:00Z",
    "items": [{"id": mine}, {"id": "nobody@example.com"}],
}
answer = service.freebusy().query(body=asked).execute()["calendars"]
assert answer[mine]["busy"] == [{"start": "2027-03-01T09:00:00Z", "end": "2027-03-01T10:00:00Z"}]
assert answer["nobody@example.com"]["errors"][0]["reason"] == "notFound"

# Lists: pages, a token, what changed since, and a token that has run out.
weekly = {
    "summary": "Football",
    "start": {"dateTime": "2027-03-22T18:00:00", "timeZone": "Europe/London"},
    "end": {"dateTime": "2027-03-22T19:30:00", "timeZone": "Europe/London"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/London:20270405T180000"],
}
series = events.insert(calendarId=mine, body=weekly).execute()
pages, request = [], events.list(
    calendarId=mine, singleEvents=True, maxResults=1, timeMin="2027-02-01T00:00:00Z"
)
while request is not None:
    page = request.execute()
    pages.append(page)
    request = events.list_next(request, page)
assert len(pages) == 3, len(pages)
starts = [its["start"]["dateTime"] for page in pages for its in page["items"]]
utc = [datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc) for text in starts]
# The clocks go forward on 28 March; 5 April is left out.
assert sorted(when.strftime("%d %H:%M") for when in utc) == ["01 09:00", "22 18:00", "29 17:00"]
token = pages[-1]["nextSyncToken"]
assert all("nextSyncToken" not in page for page in pages[:-1])
since = events.list(calendarId=mine, singleEvents=True, syncToken=token).execute()
assert since["items"] == []
refused(
    400, "badRequest", events.list(calendarId=mine, syncToken=token, timeMin="2027-01-01T00:00:00Z")
)

# Writes: with the tag that was seen, and with another.
change = events.patch(calendarId=mine, eventId=name, body={"summary": "Boiler repair"})
change.headers["If-Match"] = '"0"'
refused(412, "conditionNotMet", change)
change = events.patch(calendarId=mine, eventId=name, body={"summary": "Boiler repair"})
change.headers["If-Match"] = made["etag"]
changed = change.execute()
assert changed["summary"] == "Boiler repair" and changed["location"] == body["location"]
events.delete(calendarId=mine, eventId=series["id"]).execute()
since = events.list(calendarId=mine, singleEvents=True, syncToken=token).execute()
assert [its["status"] for its in since["items"]].count("cancelled") == 2, since["items"]
assert "confirmed" in [its["status"] for its in since["items"]]

events.delete(calendarId=mine, eventId=name).execute()
refused(410, "deleted", events.delete(calendarId=mine, eventId=name))
refused(409, "duplicate", events.insert(calendarId=mine, body=body))
refused(404, "notFound", events.get(calendarId=mine, eventId="absent00"))
assert events.get(calendarId=mine, eventId=name).execute()["status"] == "cancelled"

# Channels.
channel = {"id": str(uuid.uuid4()), "type": "web_hook", "address": "https://example.com/push"}
watched = events.watch(calendarId=mine, body={**channel, "token": "t"}).execute()
assert watched["kind"] == "api#channel" and watched["resourceId"]
refused(
    400,
    "push.webhookUrlNotHttps",
    events.watch(calendarId=mine, body={**channel, "address": "http://example.com"}),
)
stop = {"id": channel["id"], "resourceId": watched["resourceId"]}
service.channels().stop(body=stop).execute()
refused(404, "notFound", service.channels().stop(body=stop))

# The library renews by itself when the token has run out; after revocation it cannot.
old, credentials.token = credentials.token, "run-out"
assert service.calendarList().list().execute()["items"]
assert credentials.token not in (old, "run-out")
assert requests.post(
    f"{base}/revoke", data={"token": credentials.refresh_token}, timeout=10
).status_code == 200
try:
    service.calendarList().list().execute()
except RefreshError as error:
    assert "invalid_grant" in str(error), error
else:
    raise AssertionError("revoked, and still let in")
print("google-api-python-client and google-auth: all as expected")
