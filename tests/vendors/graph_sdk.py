"""Microsoft's own libraries against our stand-in, unchanged: it is faithful as far as they can tell.

Usage: graph_sdk.py BASE CLIENT_ID CLIENT_SECRET
"""

import asyncio
import datetime
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msal.oauth2cli import Client
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.event import Event
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.single_value_legacy_extended_property import (
    SingleValueLegacyExtendedProperty,
)
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.calendars.item.calendar_view.delta.delta_request_builder import (
    DeltaRequestBuilder,
)
from msgraph.generated.users.item.calendars.item.events.events_request_builder import (
    EventsRequestBuilder,
)

base, client_id, client_secret = sys.argv[1:4]
MARK = "String {d2a9ee4c-6f3b-4e1c-9d1a-52f1a6d7b0aa} Name RoundsmanVisit"


def connect():
    """Code with PKCE by MSAL's own flow, consent by a plain browser; then one renewal."""
    authority = f"{base}/common/oauth2/v2.0"
    server = {
        "authorization_endpoint": f"{authority}/authorize",
        "token_endpoint": f"{authority}/token",
    }
    client = Client(server, client_id, http_client=requests.Session(), client_secret=client_secret)
    flow = client.initiate_auth_code_flow(
        scope=["offline_access", "Calendars.ReadWrite"], redirect_uri="http://127.0.0.1:1/back"
    )
    answer = requests.get(flow["auth_uri"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    back = {name: values[0] for name, values in query.items()}
    tokens = client.obtain_token_by_auth_code_flow(flow, back)
    assert "refresh_token" in tokens, tokens
    renewed = client.obtain_token_by_refresh_token(tokens["refresh_token"])
    assert renewed["refresh_token"] != tokens["refresh_token"]
    spent = client.obtain_token_by_refresh_token(tokens["refresh_token"])
    assert spent["error"] == "invalid_grant", spent
    return renewed["access_token"]


class Tokens(AccessTokenProvider):
    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def at(text, zone="UTC"):
    return DateTimeTimeZone(date_time=text, time_zone=zone)


def with_headers(**headers):
    """A request that asks for ids that stay, and for more."""
    config = RequestConfiguration()
    config.headers.add("Prefer", 'IdType="ImmutableId"')
    for name, value in headers.items():
        config.headers.add(name.replace("_", "-"), value)
    return config


async def refused(status, code, call):
    try:
        await call
    except ODataError as error:
        assert error.response_status_code == status, error
        assert error.error.code == code, error.error
    else:
        raise AssertionError(f"{code} was not refused")


async def main():
    token = connect()
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Tokens(token)))
    adapter.base_url = f"{base}/v1.0"
    me = GraphServiceClient(request_adapter=adapter).me
    calendars = (await me.calendars.get()).value
    main_one = next(its for its in calendars if its.is_default_calendar)
    assert main_one.can_edit and main_one.owner.address
    calendar = me.calendars.by_calendar_id(main_one.id)

    def draft(subject="Boiler service"):
        return Event(
            subject=subject,
            start=at("2027-03-01T09:00:00"),
            end=at("2027-03-01T10:00:00"),
            transaction_id="visit-7-1",
            single_value_extended_properties=[
                SingleValueLegacyExtendedProperty(id=MARK, value="7")
            ],
        )

    made = await calendar.events.post(draft(), with_headers())
    assert made.id and made.transaction_id == "visit-7-1" and made.change_key
    again = await calendar.events.post(draft(), with_headers())
    assert again.id == made.id
    await refused(409, "ErrorDuplicateTransactionId", calendar.events.post(draft("Other")))

    query = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(
        filter=f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq '7')",
        expand=[f"singleValueExtendedProperties($filter=id eq '{MARK}')"],
    )
    config = with_headers()
    config.query_parameters = query
    found = (await calendar.events.get(config)).value
    assert [its.id for its in found] == [made.id]
    assert found[0].single_value_extended_properties[0].value == "7"

    weekly = Event(
        subject="Football",
        start=at("2027-03-22T18:00:00", "GMT Standard Time"),
        end=at("2027-03-22T19:30:00", "GMT Standard Time"),
        recurrence=PatternedRecurrence(
            pattern=RecurrencePattern(
                type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Monday]
            ),
            range=RecurrenceRange(
                type=RecurrenceRangeType.Numbered,
                start_date=datetime.date(2027, 3, 22),
                number_of_occurrences=2,
                recurrence_time_zone="GMT Standard Time",
            ),
        ),
    )
    series = await calendar.events.post(weekly, with_headers())

    # Changes: pages, a link, what is new since, and a link that has run out.
    config = with_headers(Prefer="odata.maxpagesize=2")
    config.query_parameters = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
        start_date_time="2027-02-01T00:00:00Z", end_date_time="2027-05-01T00:00:00Z"
    )
    delta = calendar.calendar_view.delta
    page = await delta.get(config)
    rows = list(page.value)
    while page.odata_next_link:
        page = await delta.with_url(page.odata_next_link).get(with_headers())
        rows += page.value
    spans = sorted(its.start.date_time[:16] for its in rows if str(its.type) != "EventType.SeriesMaster")
    # The clocks go forward on 28 March.
    assert [its[5:] for its in spans] == ["03-01T09:00", "03-22T18:00", "03-29T17:00"], spans
    link = page.odata_delta_link
    page = await delta.with_url(link).get(with_headers())
    assert page.value == []

    change = calendar.events.by_event_id(made.id)
    etag = made.additional_data["@odata.etag"]
    await refused(
        412,
        "ErrorIrresolvableConflict",
        change.patch(Event(subject="Repair"), with_headers(If_Match='W/"0"')),
    )
    changed = await change.patch(Event(subject="Repair"), with_headers(If_Match=etag))
    assert changed.subject == "Repair" and changed.start.date_time.startswith("2027-03-01T09:00")
    await me.events.by_event_id(series.id).delete(with_headers())
    page = await delta.with_url(link).get(with_headers())
    removed = [its for its in page.value if "@removed" in its.additional_data]
    assert len(removed) == 3, [its.additional_data for its in page.value]
    await refused(404, "ErrorItemNotFound", me.events.by_event_id(series.id).delete())

    asked = GetSchedulePostRequestBody(
        schedules=[main_one.owner.address, "nobody@example.com"],
        start_time=at("2027-03-01T08:00:00"),
        end_time=at("2027-03-01T12:00:00"),
        availability_view_interval=60,
    )
    answer = (await me.calendar.get_schedule.post(asked)).value
    assert answer[0].availability_view == "0200", answer[0]
    assert answer[1].error.response_code == "ErrorMailRecipientNotFound"
    print("msgraph-sdk and msal: all as expected")


asyncio.run(main())
