//! The facts of `tests/cases/slot-cases.json` that the solver alone can answer.

use chrono::{DateTime, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use roundsman_solver::assign::{Candidate, Policy, Standing, Work, decide};
use roundsman_solver::problem::{
    Bounds, Day, Grid, Limits, Pause, Request, Role, Shift, ShiftEntry, Snapshot, Stop, Technician,
};
use roundsman_solver::slots::{SearchOptions, Workspace, search};
use roundsman_solver::units::{Moment, Seconds, Span, TechnicianIdx};
use serde_json::Value;

use crate::plans;

fn cases(kind: &str) -> Vec<Value> {
    let text = include_str!("../cases/slot-cases.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let cases: Vec<Value> =
        all["cases"].as_array().unwrap().iter().filter(|c| c["kind"] == kind).cloned().collect();
    assert!(!cases.is_empty(), "no case of kind {kind}");
    cases
}

/// Runs `check` on each case of a kind and names the case that fails.
#[expect(clippy::print_stdout, reason = "shown only when a case fails, to name it")]
fn each(kind: &str, check: impl Fn(&Value, &Value)) {
    for case in cases(kind) {
        println!("{}: {}", case["id"], case["source_test"]);
        // Where rounding in the location's own zone differs, that is the fact to keep.
        let newer = case.get("expect_new");
        check(&case["input"], newer.unwrap_or(&case["expect"]));
    }
}

fn moment(value: &Value) -> Moment {
    let time: DateTime<Utc> = value.as_str().unwrap().parse().unwrap();
    Moment(time.timestamp())
}

/// A span whose end may be written as the last second (or millisecond) inside it.
fn span(value: &Value) -> Span {
    let until = moment(&value[1]);
    let until = if until.0 % 60 == 59 { until + Seconds(1) } else { until };
    Span::new(moment(&value[0]), until)
}

fn spans(value: &Value) -> Vec<Span> {
    value.as_array().unwrap().iter().map(span).collect()
}

fn minutes(value: &Value) -> Seconds {
    Seconds::minutes(value.as_i64().unwrap())
}

fn offset(zone: &str, at: Moment) -> Vec<(Moment, Seconds)> {
    let zone: Tz = zone.parse().unwrap();
    let time = Utc.timestamp_opt(at.0, 0).unwrap().with_timezone(&zone);
    vec![(Moment(i64::MIN), Seconds(i64::from(time.offset().fix().local_minus_utc())))]
}

/// One technician per list, one shift per span.
fn snapshot(lists: &[Vec<Span>]) -> Snapshot {
    let technicians = (0..lists.len()).map(|at| Technician::new(at as u128)).collect();
    let mut entries: Vec<ShiftEntry> = Vec::new();
    for (who, list) in (0..).zip(lists) {
        entries.extend(list.iter().map(|s| plans::entry(who, Shift::new(s.from, s.until))));
    }
    Snapshot::new(technicians, entries, vec![]).unwrap()
}

fn starts(snapshot: &Snapshot, request: &Request) -> Vec<Moment> {
    let found = search(snapshot, request, SearchOptions::default(), &mut Workspace::default());
    found.unwrap().iter().map(|slot| slot.start).collect()
}

/// Free time as spans, measured with visits of one minute at every minute of `range`.
fn free_time(snapshot: &Snapshot, mut request: Request, range: Span) -> Vec<Span> {
    let grid = (range.from.0..range.until.0).step_by(60).map(Moment).collect();
    request.grid = Grid::Listed(grid);
    request.bounds = Bounds::within(range);
    request.duration = Seconds(60);
    let mut free: Vec<Span> = Vec::new();
    for start in starts(snapshot, &request) {
        match free.last_mut() {
            Some(last) if last.until == start => last.until = start + Seconds(60),
            _ => free.push(Span::new(start, start + Seconds(60))),
        }
    }
    free
}

fn around(lists: &[Vec<Span>]) -> Span {
    let all = lists.iter().flatten();
    let from = all.clone().map(|s| s.from).min().unwrap();
    Span::new(from, all.map(|s| s.until).max().unwrap())
}

/// A visit for everybody at once.
fn together(count: usize) -> Request {
    let empty = Span::new(Moment(0), Moment(0));
    let mut request = Request::simple(Seconds(60), empty, Grid::Listed(vec![]));
    request.roles = vec![Role::default(); count];
    request.wishes.required = (0..count as u32).map(TechnicianIdx).collect();
    request
}

#[test]
fn slots_of_free_spans() {
    each("slots", |input, expect| {
        let now = moment(&input["now"]);
        let free = spans(&input["free"]);
        let range = Span::new(Moment(0), Moment(i64::from(u32::MAX)));
        let zone = input["booker_tz"].as_str().unwrap();
        let grid = Grid::anchored(minutes(&input["interval_min"]), offset(zone, free[0].from));
        let mut request = Request::simple(minutes(&input["duration_min"]), range, grid);
        request.bounds.notice = Some(now + minutes(&input["min_notice_min"]));
        let starts = starts(&snapshot(&[free]), &request);
        if let Some(count) = expect["count"].as_u64() {
            assert_eq!(starts.len() as u64, count);
        }
        if let Some(expected) = expect["starts"].as_array() {
            assert_eq!(starts, expected.iter().map(moment).collect::<Vec<_>>());
        }
        if !expect["last"].is_null() {
            assert_eq!(*starts.last().unwrap(), moment(&expect["last"]));
        }
        if !expect["first_not_before"].is_null() {
            assert!(starts[0] >= moment(&expect["first_not_before"]));
        }
    });
}

#[test]
fn free_time_of_groups() {
    each("aggregate", |input, expect| {
        let members = input["members"].as_array().unwrap();
        let lists: Vec<Vec<Span>> = members.iter().map(|m| spans(&m["free"])).collect();
        let fixed: Vec<TechnicianIdx> = (0..)
            .zip(members)
            .filter(|(_, member)| member["fixed"] == true)
            .map(|(at, _)| TechnicianIdx(at))
            .collect();
        // Everybody who must be there, and one of the others if there are any.
        let crew = fixed.len() + usize::from(fixed.len() < members.len());
        let mut request = together(crew);
        request.wishes.required = fixed;
        let snapshot = snapshot(&lists);
        let whole = |span: &Span| {
            let mut request = request.clone();
            request.duration = span.length();
            request.grid = Grid::Listed(vec![span.from]);
            request.bounds = Bounds::within(Span::new(span.from, span.until));
            !starts(&snapshot, &request).is_empty()
        };
        if !expect["free"].is_null() {
            let expected = spans(&expect["free"]);
            assert_eq!(free_time(&snapshot, request.clone(), around(&lists)), expected);
            assert!(expected.iter().all(whole));
        }
        for (field, expected) in [("covers", true), ("not_covers", false)] {
            for span in expect[field].as_array().into_iter().flatten().map(span) {
                assert_eq!(whole(&span), expected, "{field} {span:?}");
            }
        }
    });
}

#[test]
fn time_in_which_all_are_free() {
    each("intersect", |input, expect| {
        let lists: Vec<Vec<Span>> = input["lists"].as_array().unwrap().iter().map(spans).collect();
        let free = free_time(&snapshot(&lists), together(lists.len()), around(&lists));
        assert_eq!(free, spans(&expect["free"]));
    });
}

#[test]
fn time_left_by_absences() {
    each("subtract", |input, expect| {
        let free = spans(&input["free"]);
        let mut shift = Shift::new(free[0].from, free[0].until);
        shift.pauses =
            spans(&input["busy"]).iter().map(|s| Pause::absence(s.from, s.until)).collect();
        assert_eq!(free_time(&plans::solo(shift), together(1), free[0]), spans(&expect["free"]));
    });
}

#[test]
fn conflicts_with_absences() {
    each("conflict", |input, expect| {
        let start = moment(&input["start"]);
        let day = Span::new(start - Seconds::hours(10), start + Seconds::hours(14));
        let mut shift = Shift::new(day.from, day.until);
        shift.pauses =
            spans(&input["busy"]).iter().map(|s| Pause::absence(s.from, s.until)).collect();
        let grid = Grid::Listed(vec![start]);
        let request = Request::simple(minutes(&input["duration_min"]), day, grid);
        let is_free = !starts(&plans::solo(shift), &request).is_empty();
        assert_eq!(is_free, expect["conflict"] == false);
    });
}

#[test]
fn limits_per_day() {
    each("limits", |input, expect| {
        let zone: Tz = input["tz"].as_str().unwrap().parse().unwrap();
        let date: NaiveDate = input["day"].as_str().unwrap().parse().unwrap();
        let midnight = |date: NaiveDate| {
            let local = zone.from_local_datetime(&date.and_time(NaiveTime::MIN));
            Moment(local.unwrap().timestamp())
        };
        let day = Span::new(midnight(date), midnight(date.succ_opt().unwrap()));
        let duration = minutes(&input["duration_min"]);
        // Written as 00:00 to 23:59, meant as the whole day.
        let mut shift = Shift::new(day.from, day.until);
        let booked = spans(&input["bookings"]);
        shift.stops = booked.iter().map(|s| Stop::exact(s.from, s.length())).collect();
        let offsets = offset(input["tz"].as_str().unwrap(), day.from);
        let mut request = Request::simple(duration, day, Grid::anchored(duration, offsets));
        let seconds = booked.iter().map(|s| s.length().0).sum();
        request.days = vec![Day {
            span: day,
            count_used: booked.len() as u32,
            seconds_used: Seconds(seconds),
        }];
        request.limits = Limits {
            count_per_day: input["limit"]["count_per_day"].as_u64().map(|n| n as u32),
            seconds_per_day: input["limit"]["minutes_per_day"].as_i64().map(Seconds::minutes),
        };
        let count = starts(&plans::solo(shift), &request).len() as u64;
        assert_eq!(count, expect["count"].as_u64().unwrap());
    });
}

#[test]
fn pads_of_booked_visits_block_time() {
    each("busy", |input, expect| {
        let booking = span(&input["booking"]);
        let day = Span::new(booking.from - Seconds::hours(4), booking.until + Seconds::hours(4));
        let mut shift = Shift::new(day.from, day.until);
        let booked = &input["booked_event"];
        shift.stops = vec![Stop {
            pad_before: minutes(&booked["buffer_before_min"]),
            pad_after: minutes(&booked["buffer_after_min"]),
            ..Stop::exact(booking.from, booking.length())
        }];
        let mut request = together(1);
        request.pad_before = minutes(&input["new_event"]["buffer_before_min"]);
        request.pad_after = minutes(&input["new_event"]["buffer_after_min"]);
        let free = free_time(&plans::solo(shift), request, day);
        let busy: Vec<Span> = free.windows(2).map(|p| Span::new(p[0].until, p[1].from)).collect();
        assert_eq!(busy, spans(&expect["busy"]));
    });
}

#[test]
fn slots_of_weekly_hours_and_bookings() {
    each("schedule", |input, expect| {
        let zone: Tz = input["booker_tz"].as_str().unwrap().parse().unwrap();
        let window = span(&input["window"]);
        let event = &input["event"];
        let local_day = Utc.timestamp_opt(window.from.0, 0).unwrap().with_timezone(&zone);
        let at = |time: &Value| {
            let time = NaiveTime::parse_from_str(time.as_str().unwrap(), "%H:%M").unwrap();
            let local = local_day.date_naive().and_time(time);
            Moment(zone.from_local_datetime(&local).unwrap().timestamp())
        };
        let members = input["members"].as_array().unwrap();
        let entries = (0..).zip(members).map(|(who, member)| {
            // Every case asks about one day in the members' own zone, on which all of them work.
            assert_eq!(member["tz"], input["booker_tz"]);
            let hours = &member["weekly"][0];
            let mut shift = Shift::new(at(&hours["start"]), at(&hours["end"]));
            let bookings = input["bookings"].as_array().unwrap();
            let own = bookings.iter().filter(|booking| booking["member"] == member["id"]);
            shift.stops = own
                .map(|booking| {
                    let (start, end) = (moment(&booking["start"]), moment(&booking["end"]));
                    Stop::exact(start, end - start)
                })
                .collect();
            plans::entry(who, shift)
        });
        let count = members.len();
        let technicians = (0..count).map(|at| Technician::new(at as u128)).collect();
        let snapshot = Snapshot::new(technicians, entries.collect(), vec![]).unwrap();
        let duration = minutes(&event["duration_min"]);
        let step = event["interval_min"].as_i64().map_or(duration, Seconds::minutes);
        let zone_name = input["booker_tz"].as_str().unwrap();
        let grid = Grid::anchored(step, offset(zone_name, window.from));
        let mut request = Request::simple(duration, window, grid);
        request.bounds.notice = Some(moment(&input["now"]) + minutes(&event["min_notice_min"]));
        if event["mode"] == "collective" {
            request.roles = vec![Role::default(); count];
        }
        let expected = expect["starts"].as_array().unwrap();
        let expected: Vec<Moment> = expected.iter().map(moment).collect();
        assert_eq!(starts(&snapshot, &request), expected);
    });
}

#[test]
fn who_gets_the_visit() {
    each("assign", |input, expect| {
        let members = input["members"].as_array().unwrap();
        let position = |id: &Value| members.iter().position(|m| m["id"] == *id).unwrap();
        let standings: Vec<Standing> = members
            .iter()
            .map(|member| Standing {
                key: u128::from(member["id"].as_u64().unwrap()),
                weight: member["weight"].as_u64().unwrap_or(100) as u32,
                priority: member["priority"].as_u64().unwrap_or(2) as u8,
                joined: moment(&member["added"]),
                last_assigned: member["last_booked"]
                    .as_str()
                    .map(|_| moment(&member["last_booked"])),
                absences: input["days_off"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|off| off["member"] == member["id"])
                    .map(|off| Span::new(moment(&off["start"]), moment(&off["end"])))
                    .collect(),
                planned: Seconds::ZERO,
            })
            .collect();
        let work: Vec<Work> = input["bookings_in_interval"]
            .as_array()
            .unwrap()
            .iter()
            .map(|b| Work { member: position(&b[0]), at: moment(&b[1]), amount: 1 })
            .collect();
        let candidates: Vec<Candidate> = (0..members.len())
            .map(|member| Candidate {
                member,
                added_travel: Seconds::ZERO,
                overtime: Seconds::ZERO,
            })
            .collect();
        let weighted = input["weights_enabled"] == true;
        let policy = if weighted { Policy::RoundRobin } else { Policy::Priority };
        let decision = decide(policy, &standings, &work, &candidates);
        assert_eq!(decision.chosen(), Some(position(&expect["member"])));
    });
}
