"""How quickly visits reach calendars, and how long many calendars take to read.

`scripts/bench-calendars.sh` starts both sides and runs this. It drives a running server (for instance
`roundsman demo --port 9200`) and a CalDAV server (for instance one of `scripts/calendars.sh start`) from
outside, as a technician's program and a dispatcher would:

    calendars.py --base http://127.0.0.1:9200 --caldav http://LOGIN:PASSWORD@127.0.0.1:PORT/HOME/ \\
        --bookings 100 --calendars 200 --events 300

With `--pid` and `--caldav-pid` it also tells the CPU seconds that each step costs the two servers.
The server has to run with `calendars.allowed_networks=127.0.0.1`. Needs Python alone.
"""

import argparse
import base64
import datetime as dt
import http.cookiejar
import json
import os
import re
import statistics
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

parser = argparse.ArgumentParser()
parser.add_argument("--base", required=True)
parser.add_argument("--caldav", required=True)
parser.add_argument("--email", default="owner@hraun.example")
parser.add_argument("--password", default="demo-hraun-64")
parser.add_argument("--service", default="")
parser.add_argument("--bookings", type=int, default=50)
parser.add_argument("--calendars", type=int, default=200)
parser.add_argument("--events", type=int, default=300)
parser.add_argument("--pid", type=int, default=0)
parser.add_argument("--caldav-pid", type=int, default=0)
said = parser.parse_args()

jar = urllib.request.build_opener(
    urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
)


def api(method, path, body=None):
    """An answer of the server, as JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "x-requested-with": "bench"}
    request = urllib.request.Request(said.base + "/api/v1" + path, data, headers, method=method)
    try:
        with jar.open(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()[:500]}")


parts = urllib.parse.urlsplit(said.caldav)
home = urllib.parse.urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))
token = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()


def dav(method, url, body="", headers=None):
    """Status and text of an answer of the CalDAV server."""
    headers = {"authorization": "Basic " + token, **(headers or {})}
    request = urllib.request.Request(url, body.encode() or None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def cpu(pid):
    """CPU seconds that a process and those it has waited for have used."""
    if not pid:
        return 0.0
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Load:
    """What a step costs the two servers."""

    def __init__(self):
        self.begin = (time.perf_counter(), cpu(said.pid), cpu(said.caldav_pid))

    def __str__(self):
        begin, ours, theirs = self.begin
        words = f"{time.perf_counter() - begin:.1f} s"
        if said.pid:
            words += f", {cpu(said.pid) - ours:.1f} CPU s of Roundsman"
        if said.caldav_pid:
            words += f", {cpu(said.caldav_pid) - theirs:.1f} CPU s of the CalDAV server"
        return words


def told(name, seconds):
    """Prints the distribution of some times."""
    seconds = sorted(seconds)
    at = lambda part: seconds[min(len(seconds) - 1, int(part * len(seconds)))]
    print(
        f"{name}: {len(seconds)} times, median {statistics.median(seconds) * 1000:.0f} ms, "
        f"p95 {at(0.95) * 1000:.0f} ms, longest {seconds[-1] * 1000:.0f} ms",
        flush=True,
    )


api("POST", "/session", {"email": said.email, "password": said.password})
technicians = []
cursor = ""
while True:
    page = api("GET", "/technicians?limit=100" + cursor)
    technicians += page["items"]
    if not page["next_cursor"]:
        break
    cursor = "&cursor=" + urllib.parse.quote(page["next_cursor"])
run = str(int(time.time()))


def collection(name):
    """A new calendar on the CalDAV server."""
    url = f"{home}bench-{run}-{name}/"
    status, text = dav("MKCALENDAR", url)
    if status != 201:
        raise SystemExit(f"MKCALENDAR {url}: {status} {text[:300]}")
    return url


def connect(url, technician):
    """Connects a calendar for a technician."""
    account = api("POST", "/calendar-accounts", {
        "technician_id": technician["id"], "provider": "caldav", "url": url,
        "login": urllib.parse.unquote(parts.username), "password": parts.password,
    })
    return account["calendars"][0]


def slots(service, place, days):
    """Slots of a service; how long the question took."""
    today = dt.date.today() + dt.timedelta(days=2)
    question = {"service_ids": [service["id"]], "place": place, "from": str(today),
                "until": str(today + dt.timedelta(days=days))}
    begin = time.perf_counter()
    answer = api("POST", "/slots:search", question)
    return [slot for day in answer["days"] for slot in day["slots"]], time.perf_counter() - begin


services = [one for one in api("GET", "/services?limit=100")["items"] if one["active"]]
service = next((one for one in services if one["name"] == said.service), services[0])
place = {"lat": 64.1337, "lon": -21.8770}

# A visit in the calendar: from the answer to the booking to the event on the CalDAV server.
if said.bookings:
    mine = {one["id"]: collection(f"out{number}") for number, one in enumerate(technicians)}
    for one in technicians:
        connect(mine[one["id"]], one)
    time.sleep(5)
    times = []
    load = Load()
    for number in range(said.bookings):
        offered, _ = slots(service, place, 10)
        if not offered:
            break
        start = offered[(number * 7) % len(offered)]["start"]
        booking = api("POST", "/bookings", {
            "slot": {"service_ids": [service["id"]], "place": place, "start": start},
            "customer": {"name": f"Bench {number}"},
        })
        begin = time.perf_counter()
        visit, who = booking["visit"]["id"], booking["assignments"][0]["technician_id"]
        name = f"visit-{visit}_roundsman.ics"
        while dav("GET", mine[who] + name)[0] != 200:
            if time.perf_counter() - begin > 30:
                raise SystemExit(f"the event {name} did not appear")
            time.sleep(0.02)
        times.append(time.perf_counter() - begin)
    told("booking committed -> event on the CalDAV server (p95 wanted: 2000 ms)", times)
    print(f"    all of that: {load}", flush=True)

# Many calendars: read whole, then again when nothing and when a little has changed.
if said.calendars:
    day = dt.datetime.now(dt.timezone.utc).replace(minute=0, second=0, microsecond=0)
    urls = [f"{home}bench-{run}-in{number}/" for number in range(said.calendars)]

    def event(url, number):
        """The lines of an event: five a day from tomorrow on."""
        start = day + dt.timedelta(days=1 + number // 5, hours=number % 5)
        end = start + dt.timedelta(minutes=30)
        return ["BEGIN:VEVENT", f"UID:{url.split('/')[-2]}-{number}", "DTSTAMP:20261101T000000Z",
                f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}",
                "SUMMARY:Busy", "END:VEVENT"]

    def put(url, events):
        """Puts events at an address; status and text of the answer."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//bench//EN", *sum(events, []), "END:VCALENDAR", ""]
        return dav("PUT", url, "\r\n".join(lines), {"content-type": "text/calendar; charset=utf-8"})

    def fill(url):
        """Makes a calendar with so many events: at once where the server takes that, else one by one."""
        if put(url, [event(url, number) for number in range(said.events)])[0] == 201:
            return
        collection(url.split("/")[-2].removeprefix(f"bench-{run}-"))
        for number in range(said.events):
            status, words = put(f"{url}bench-{number}.ics", [event(url, number)])
            if status >= 300:
                raise SystemExit(f"PUT: {status} {words[:300]}")

    def first_event(url):
        """The address of one event of a calendar."""
        status, text = dav("PROPFIND", url, "", {"depth": "1"})
        found = re.search(r"<[^>]*href>([^<]*\.ics)</", text)
        if status != 207 or not found:
            raise SystemExit(f"PROPFIND {url}: {status} {text[:300]}")
        return urllib.parse.urljoin(url, found[1])

    begin = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fill, urls))
    print(f"filled {said.calendars} calendars with {said.events} events each in "
          f"{time.perf_counter() - begin:.0f} s", flush=True)
    before = [slots(service, place, 10)[1] for _ in range(20)]
    load = Load()
    calendars = {}
    for number, url in enumerate(urls):
        calendar = connect(url, technicians[number % len(technicians)])
        calendars[calendar["id"]] = calendar

    def settle(since):
        """Waits until every calendar was read after a moment; slot searches meanwhile."""
        during = []
        while True:
            listed = {one["id"]: one for one in api("GET", "/calendars")["items"]}
            ours = [listed[key] for key in calendars]
            bad = [one for one in ours if one["status"] in ("failing", "gone", "reconnect")]
            if bad:
                raise SystemExit(f"{bad[0]['name']}: {bad[0]['status']} {bad[0]['error']}")
            if all(one["synced_at"] and one["synced_at"] >= since for one in ours):
                return during
            during.append(slots(service, place, 10)[1])

    stamp = lambda: dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    during = settle("")
    print(f"connected and read whole: {load}", flush=True)
    told("slot search before", before)
    told("slot search while calendars are read", during or before)

    def again(name):
        """Asks for all calendars to be read now, and waits."""
        time.sleep(1.1)
        since, load = stamp(), Load()
        for key in calendars:
            api("POST", f"/calendars/{key}:sync", {})
        settle(since)
        print(f"{name}: {load}", flush=True)

    again("read again, nothing changed")
    for url in urls:
        dav("DELETE", first_event(url))
    again("read again, one event less in each")
    accounts = [one for one in api("GET", "/calendar-accounts")["items"]]
    for account in accounts:
        api("DELETE", f"/calendar-accounts/{account['id']}")
sys.exit(0)
