"""Judges iCalendar text with readers that have nothing to do with Roundsman: icalendar, vobject, and
ical.js where TEST_ICAL_JS names a folder that holds it."""

import os
import subprocess
import sys

import icalendar
import vobject

path = sys.argv[1]
raw = open(path, "rb").read()
for line in raw.split(b"\r\n"):
    assert len(line) <= 75, f"a line of {len(line)} octets"
assert b"\n" not in raw.replace(b"\r\n", b""), "a line end without its carriage return"

calendar = icalendar.Calendar.from_ical(raw)
assert not calendar.errors, calendar.errors
assert not calendar.get_missing_tzids(), calendar.get_missing_tzids()
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors
    assert event["UID"] and event["DTSTAMP"] and event["DTSTART"] and event["DTEND"]

read = vobject.readOne(raw.decode())
read.validate(raiseException=True)
titles = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]
events = [child for child in read.components() if child.name == "VEVENT"]
assert titles == [event.summary.value for event in events], "the two read different titles"

folder = os.environ.get("TEST_ICAL_JS")
if folder:
    script = """
const ICAL = require('ical.js').default || require('ical.js');
const text = require('fs').readFileSync(process.argv[1], 'utf8');
const calendar = new ICAL.Component(ICAL.parse(text));
const events = calendar.getAllSubcomponents('vevent').map(one => new ICAL.Event(one));
console.log(JSON.stringify(events.map(one => [one.summary, one.startDate.toJSDate().getTime()])));
"""
    done = subprocess.run(["node", "-e", script, path], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    import json

    theirs = json.loads(done.stdout)
    ours = [
        [str(event["SUMMARY"]), event["DTSTART"].dt.timestamp() * 1000]
        for event in calendar.walk("VEVENT")
    ]
    assert theirs == ours, f"ical.js read {theirs}, icalendar {ours}"
