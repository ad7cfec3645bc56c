//! Time of slot search, one thread, medians.
//!
//! Run with `cargo bench -p roundsman-solver --bench slots`; a word after `--` runs only the parts
//! whose name contains it. Plans are made from a fixed seed; travel rows come from straight lines
//! (detour 1.3, 40 km/h) and are given to the search, not measured.
//!
//! (a) no travel: Monday to Friday 9-17 in New York, March 2027, five busy blocks per
//! technician-day, a 60-minute job on a 60-minute grid, round robin;
//! (b) road: six visits, a break and 30 minutes of overtime per technician-day, a 60-minute job on a
//! 30-minute grid, with the choice of the three best technicians per slot;
//! (c) as (b), for a crew of two with a shared device;
//! (d) memory of 1000 technicians x 30 days;
//! (e) growth with technicians, days and visits;
//! (f) one day as the board asks about it: everybody's starts, and the earliest in every gap.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "made-up plans are small"
)]
#![expect(clippy::cast_precision_loss, reason = "coordinates of made-up places need no precision")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use roundsman_solver::assign::{Policy, Standing, Work, weights};
use roundsman_solver::problem::{
    Bounds, Day, Grid, Leg, Pause, Pool, PoolNeed, PoolUse, Request, Role, Shift, ShiftEntry,
    Snapshot, Stop, Technician, TravelRows, Usage,
};
use roundsman_solver::schedule::PreparedShift;
use roundsman_solver::slots::{SearchOptions, Workspace, earliest, search};
use roundsman_solver::units::{Moment, PlaceIdx, PoolIdx, Seconds, Span, TechnicianIdx};

const DAY: i64 = 86_400;
/// Monday, 1 March 2027, 00:00 in New York (UTC-5).
const MARCH: i64 = 1_803_877_200;
/// Sunday, 14 March 2027, 02:00 in New York: clocks go forward by an hour.
const SUMMER: i64 = MARCH + 13 * DAY + 2 * 3600;

fn main() {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    let parts: [(&str, fn()); 6] = [
        ("a-no-travel", no_travel),
        ("b-road", road),
        ("c-crew", crew),
        ("d-memory", memory),
        ("e-growth", growth),
        ("f-board", board),
    ];
    for (name, part) in parts.into_iter().filter(|(name, _)| name.contains(&only)) {
        println!("({name})");
        part();
    }
}

/// `SplitMix64`: repeatable made-up plans.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % limit.unsigned_abs()).cast_signed()
    }
}

/// Median and least time of a search, repeated for about a second, and the number of slots found.
///
/// On a machine that does other things as well, the least time is nearer to the truth.
fn measure(mut run: impl FnMut() -> usize) -> ([Duration; 2], usize) {
    let mut times = Vec::new();
    let begun = Instant::now();
    let mut found = run();
    while times.len() < 5 || begun.elapsed() < Duration::from_secs(1) && times.len() < 2000 {
        let start = Instant::now();
        found = std::hint::black_box(run());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    ([times[times.len() / 2], times[0]], found)
}

fn report(what: &str, (times, slots): ([Duration; 2], usize)) {
    let [median, least] = times.map(|time| time.as_secs_f64() * 1000.0);
    println!("  {what:<68} {median:>9.3} ms  (least {least:>9.3})  {slots} slots");
}

// (a)

fn midnight(day: i64) -> i64 {
    let naive = MARCH + day * DAY;
    if naive > SUMMER { naive - 3600 } else { naive }
}

fn office_plan(technicians: i64) -> (Snapshot, Request, Vec<Standing>, Vec<Work>) {
    let mut chance = Chance(1);
    let workdays: Vec<i64> = (0..30).filter(|day| day % 7 < 5).collect();
    let mut entries = Vec::new();
    let mut work = Vec::new();
    for who in 0..technicians {
        for &day in &workdays {
            let nine = midnight(day) + 9 * 3600;
            let mut shift = Shift::new(Moment(nine), Moment(nine + 8 * 3600));
            for block in 0..5 {
                // One block in each fifth of the day, 15 to 60 minutes long.
                let from = nine + block * 5760 + chance.below(8) * 300;
                let length = Seconds::minutes(15 * (1 + chance.below(4)));
                shift.pauses.push(Pause::absence(Moment(from), Moment(from) + length));
            }
            entries.push(entry(who, shift));
        }
        for _ in 0..5 {
            let at = Moment(MARCH - chance.below(30) * DAY);
            work.push(Work { member: who as usize, at, amount: 30 + chance.below(90) });
        }
    }
    let range = Span::new(Moment(MARCH), Moment(midnight(30)));
    let hours = workdays.iter().flat_map(|&day| (9..17).map(move |h| midnight(day) + h * 3600));
    let grid = Grid::Listed(hours.map(Moment).collect());
    let request = Request {
        days: days(range, &|day| midnight(day)),
        ..Request::simple(Seconds::hours(1), range, grid)
    };
    let people: Vec<_> =
        (0..technicians).map(|key| Technician::new(key.unsigned_abs().into())).collect();
    let standing = |key: i64| Standing {
        key: key.unsigned_abs().into(),
        weight: 100,
        priority: 2,
        joined: Moment(0),
        last_assigned: None,
        absences: vec![],
        planned: Seconds::ZERO,
    };
    let standings = (0..technicians).map(standing).collect();
    (Snapshot::new(people, entries, vec![]).expect("a sound plan"), request, standings, work)
}

fn days(range: Span, start: &dyn Fn(i64) -> i64) -> Vec<Day> {
    let all = (0..).map(|day| Span::new(Moment(start(day)), Moment(start(day + 1))));
    all.take_while(|span| span.from < range.until).map(Day::unused).collect()
}

fn entry(who: i64, shift: Shift) -> ShiftEntry {
    let shift = Arc::new(PreparedShift::new(shift).expect("a sound shift"));
    ShiftEntry { technician: TechnicianIdx(who as u32), shift, elsewhere: Usage::default() }
}

fn no_travel() {
    let mut workspace = Workspace::default();
    for technicians in [1, 10, 100, 1000] {
        let (snapshot, request, standings, work) = office_plan(technicians);
        let options = SearchOptions { crews_per_slot: 1 };
        let mut run = || {
            let mut request = request.clone();
            request.weights = weights(Policy::RoundRobin, &standings, &work);
            search(&snapshot, &request, options, &mut workspace).expect("sound").len()
        };
        report(&format!("{technicians} technicians x 30 days, round robin"), measure(&mut run));
    }
}

// (b) and (c)

struct Town {
    places: Vec<(i64, i64)>,
}

impl Town {
    fn place(&mut self, chance: &mut Chance, near: Option<(i64, i64)>) -> PlaceIdx {
        let place = match near {
            Some((x, y)) => (x + chance.below(8000) - 4000, y + chance.below(8000) - 4000),
            None => (chance.below(24_000), chance.below(24_000)),
        };
        self.places.push(place);
        PlaceIdx(self.places.len() as u32 - 1)
    }

    fn between(&self, from: PlaceIdx, to: PlaceIdx) -> Leg {
        leg(self.places[from.at()], self.places[to.at()])
    }

    fn rows(&self, here: (i64, i64)) -> TravelRows {
        TravelRows {
            to_place: self.places.iter().map(|&place| leg(place, here)).collect(),
            from_place: self.places.iter().map(|&place| leg(here, place)).collect(),
        }
    }
}

fn leg(from: (i64, i64), to: (i64, i64)) -> Leg {
    let (dx, dy) = ((from.0 - to.0) as f64, (from.1 - to.1) as f64);
    let metres = dx.hypot(dy) * 1.3;
    Leg::new((metres / 11.1) as u32, metres as u32)
}

/// A technician-day with up to `visits` visits near home, promised within an hour of their plan.
fn round(chance: &mut Chance, town: &mut Town, home: PlaceIdx, day: i64, visits: usize) -> Shift {
    let eight = MARCH + day * DAY + 8 * 3600;
    let mut shift = Shift::new(Moment(eight), Moment(eight + 9 * 3600));
    shift.overtime_limit = Seconds::minutes(30);
    shift.start_place = Some(home);
    shift.end_place = Some(home);
    let noon = Moment(eight + 4 * 3600);
    let half = Seconds::minutes(30);
    shift.pauses = vec![Pause::floating(noon - half, noon + half + half, half)];
    let pace = 8 * 3600 / visits.max(1) as i64;
    let mut last = home;
    for visit in 0..visits as i64 {
        let place = town.place(chance, Some(town.places[home.at()]));
        let planned = Moment(eight + visit * pace + 900 + chance.below(900));
        let duration = Seconds(pace / 2);
        let hour = Seconds::hours(1);
        shift.stops.push(Stop {
            place: Some(place),
            leg_in: town.between(last, place),
            earliest: planned - hour,
            latest: planned + hour,
            ..Stop::exact(planned, duration)
        });
        last = place;
    }
    shift.leg_out = town.between(last, home);
    shift
}

fn road_plan(technicians: i64, day_count: i64, visits: usize) -> (Snapshot, Request) {
    let mut chance = Chance(7);
    let mut town = Town { places: Vec::new() };
    let mut entries = Vec::new();
    for who in 0..technicians {
        let home = town.place(&mut chance, None);
        for day in 0..day_count {
            entries.push(entry(who, round(&mut chance, &mut town, home, day, visits)));
        }
    }
    let range = Span::new(Moment(MARCH), Moment(MARCH + day_count * DAY));
    let halves = (0..day_count).flat_map(|day| (16..34).map(move |half| day * DAY + half * 1800));
    let grid = Grid::Listed(halves.map(|at| Moment(MARCH + at)).collect());
    let request = Request {
        travel: Some(town.rows((12_000, 12_000))),
        days: days(range, &|day| MARCH + day * DAY),
        bounds: Bounds::within(range),
        ..Request::simple(Seconds::hours(1), range, grid)
    };
    let people = (0..technicians).map(|key| Technician::new(key.unsigned_abs().into())).collect();
    let pool = Pool::new(3, &uses(&mut chance, day_count));
    (Snapshot::new(people, entries, vec![pool]).expect("a sound plan"), request)
}

/// Two to three of three devices out for some hours, several times a day.
fn uses(chance: &mut Chance, day_count: i64) -> Vec<PoolUse> {
    let one = |at: i64| {
        let from = Moment(MARCH + at / 6 * DAY + 7 * 3600 + chance.below(10) * 3600);
        PoolUse { span: Span::new(from, from + Seconds::hours(2)), units: 1 }
    };
    (0..day_count * 6).map(one).collect()
}

const SIZES: [(i64, i64); 3] = [(50, 14), (500, 14), (1000, 30)];

fn timed(snapshot: &Snapshot, request: &Request, options: SearchOptions) -> ([Duration; 2], usize) {
    let mut workspace = Workspace::default();
    measure(|| search(snapshot, request, options, &mut workspace).expect("sound").len())
}

fn road() {
    for (technicians, days) in SIZES {
        let (snapshot, mut request) = road_plan(technicians, days, 6);
        let size = format!("{technicians} technicians x {days} days");
        let options = SearchOptions::default();
        report(&format!("{size}, exact start"), timed(&snapshot, &request, options));
        request.window = Seconds::hours(2);
        report(&format!("{size}, window of two hours"), timed(&snapshot, &request, options));
    }
}

fn crew() {
    for (technicians, days) in SIZES {
        let (snapshot, mut request) = road_plan(technicians, days, 6);
        request.roles = vec![Role::default(); 2];
        let quarter = Seconds::minutes(15);
        request.pools =
            vec![PoolNeed { pool: PoolIdx(0), units: 1, lead: quarter, trail: quarter }];
        let size = format!("{technicians} technicians x {days} days, two and a device");
        let options = SearchOptions::default();
        report(&format!("{size}, exact start"), timed(&snapshot, &request, options));
        request.window = Seconds::hours(2);
        report(&format!("{size}, window of two hours"), timed(&snapshot, &request, options));
    }
}

// (f)

fn board() {
    for (crew, people) in [(1, 100), (2, 400)] {
        let (snapshot, mut request) = road_plan(100, 1, 6);
        request.roles = vec![Role::default(); crew];
        let size = format!("100 technicians x 1 day, crew of {crew}");
        let options = SearchOptions { crews_per_slot: people };
        report(&format!("{size}, starts of the grid"), timed(&snapshot, &request, options));
        let gaps = || earliest(&snapshot, &request, 8).expect("sound").len();
        report(&format!("{size}, earliest in every gap"), measure(gaps));
    }
}

// (d)

fn memory() {
    for (name, snapshot) in
        [("no travel", office_plan(1000).0), ("road, six visits", road_plan(1000, 30, 6).0)]
    {
        let bytes: usize = snapshot.entries().iter().map(|entry| entry.shift.memory()).sum();
        let shifts = snapshot.entries().len();
        let megabytes = bytes as f64 / 1e6;
        println!("  {name:<40} {shifts} shifts  {megabytes:.1} MB  {} bytes each", bytes / shifts);
    }
}

// (e)

fn growth() {
    for (technicians, days, visits) in [
        (100, 14, 6),
        (200, 14, 6),
        (400, 14, 6),
        (800, 14, 6),
        (200, 7, 6),
        (200, 28, 6),
        (200, 56, 6),
        (200, 14, 0),
        (200, 14, 3),
        (200, 14, 12),
    ] {
        let (snapshot, request) = road_plan(technicians, days, visits);
        let name = format!("{technicians} technicians x {days} days x {visits} visits");
        report(&name, timed(&snapshot, &request, SearchOptions::default()));
    }
    let mut chance = Chance(3);
    let mut town = Town { places: Vec::new() };
    let home = town.place(&mut chance, None);
    let shift = round(&mut chance, &mut town, home, 0, 6);
    let run = || PreparedShift::new(shift.clone()).expect("sound").visit_count() as usize;
    let ([median, _], _) = measure(run);
    println!("  preparing one shift of six visits {:>33.1} us", median.as_secs_f64() * 1e6);
}
