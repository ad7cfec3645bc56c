//! Speed of `roundsman-roads`, one thread; prints medians beside their targets.
//!
//! Times are processor time of the thread, so that other work on the machine does not count, and beside it the lowest
//! time by the clock on the wall.
//!
//! `cargo bench -p roundsman-roads` measures the demo region. `ROADS_MAP=country.osm.pbf cargo bench -p roundsman-roads`
//! measures another map as well, without targets. `ROADS_ROUNDS=5` sets how often each figure is taken.

#![expect(clippy::print_stdout, reason = "the figures are the result")]
#![expect(clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use roundsman_roads::{Point, Profile, Roads, Snap};
use rustix::time::{ClockId, clock_gettime};

/// Nearest road accepted, in metres.
const LIMIT_M: f64 = 1000.0;

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/region");
    let region = data.join("reykjavik-region.roads.osm.pbf");
    let pairs = std::fs::read_to_string(data.join("golden_pairs_osrm_valhalla.csv")).unwrap();
    let points: Vec<Point> = pairs.lines().skip(1).flat_map(ends).collect();
    println!("demo region");
    Bench { map: region, targets: true }.run(&points);
    if let Some(map) = std::env::var_os("ROADS_MAP") {
        println!("\n{}", map.display());
        Bench { map: PathBuf::from(map), targets: false }.run(&points);
    }
}

/// The two points of a line of the reference pairs.
fn ends(line: &str) -> [Point; 2] {
    let number: Vec<f64> = line.split(',').take(4).map(|field| field.parse().unwrap()).collect();
    [0, 2].map(|place| Point { lat: number[place], lon: number[place + 1] })
}

struct Bench {
    map: PathBuf,
    targets: bool,
}

impl Bench {
    fn run(&self, points: &[Point]) {
        let before = resident();
        let car = Profile::car();
        self.line(
            "map to ready",
            1_500_000.0,
            &times(rounds(3), || Roads::import(&self.map, &car)),
        );
        let roads = Roads::import(&self.map, &car).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let saved = folder.path().join("saved.roads");
        roads.save(&saved).unwrap();
        self.line("mapped start", 20_000.0, &times(rounds(9), || Roads::open(&saved, None)));
        self.line(
            "mapped start, with the hash of the map",
            20_000.0,
            &times(rounds(9), || Roads::open_or_import(&self.map, &saved, &car)),
        );
        let snaps = spread(&roads, points, 2000);
        self.single(&roads, points, &snaps);
        for (count, target) in [(100, 2e3), (500, 15e3), (1000, 40e3), (2000, 110e3)] {
            let (from, to) = (&snaps[..count], &snaps[..count]);
            let took = times(rounds(5), || roads.matrix(from, to));
            self.line(&format!("seconds and metres {count} x {count}"), target, &took);
        }
        self.rows(&roads, &snaps);
        let took = times(rounds(5), || roads.isochrone(&snaps[0], &[600, 1200, 1800]));
        self.line("isochrone of 10, 20 and 30 minutes", f64::NAN, &took);
        let size = roads.size();
        println!("  {size:?}, file {:.1} MB", megabytes(std::fs::metadata(&saved).unwrap().len()));
        drop(roads);
        let target = if self.targets { "  target 100 MB" } else { "" };
        println!("  peak memory of the process {:.0} MB{target}", megabytes(peak()));
        let opened = Roads::open(&saved, None).unwrap();
        black_box(opened.matrix(&snaps[..500], &snaps[..500]));
        println!(
            "  resident {:.0} MB before anything, {:.0} MB with mapped roads after a matrix",
            megabytes(before),
            megabytes(resident())
        );
    }

    /// Questions of a few microseconds: a thousand or more per measurement.
    fn single(&self, roads: &Roads, points: &[Point], snaps: &[Snap]) {
        let took = times(rounds(9), || {
            points.iter().filter(|point| roads.snap(**point, LIMIT_M).is_ok()).count()
        });
        self.line("snap", 10.0, &each(&took, points.len()));
        let half = snaps.len() / 2;
        let pairs = || snaps[..half].iter().zip(&snaps[half..]);
        let took = times(rounds(9), || pairs().filter_map(|(a, b)| roads.leg(a, b)).count());
        self.line("pair", 20.0, &each(&took, half));
        let took = times(rounds(3), || pairs().filter_map(|(a, b)| roads.route(a, b)).count());
        self.line("pair with its line", f64::NAN, &each(&took, half));
    }

    fn rows(&self, roads: &Roads, snaps: &[Snap]) {
        let many: Vec<Snap> = snaps.iter().cycle().take(20_000).copied().collect();
        let took = times(rounds(9), || roads.row_from(&snaps[7], &many));
        self.line("row to 20,000 targets", f64::NAN, &took);
        let took = times(rounds(9), || roads.row_to(&snaps[7], &many));
        self.line("row from 20,000 sources", f64::NAN, &took);
        let took = times(rounds(9), || roads.row_from(&snaps[7], &snaps[..50]));
        self.line("row to 50 targets", f64::NAN, &took);
    }

    /// Prints the median of the processor times, the lowest time by the wall clock and the target.
    fn line(&self, what: &str, target: f64, took: &[Took]) {
        let mut processor: Vec<f64> = took.iter().map(|took| took.processor).collect();
        processor.sort_by(f64::total_cmp);
        let median = processor[processor.len() / 2];
        let wall = took.iter().map(|took| took.wall).fold(f64::INFINITY, f64::min);
        let target = match target {
            target if target.is_nan() || !self.targets => String::new(),
            target => {
                let verdict = if median <= target { "met" } else { "MISSED" };
                format!("target {:>10}  {verdict}", human(target))
            }
        };
        println!("  {what:<40} {:>10}  (wall {:>10})  {target}", human(median), human(wall));
    }
}

/// Places spread over the map: the given points as far as they are near roads, and their neighbourhoods.
fn spread(roads: &Roads, points: &[Point], count: usize) -> Vec<Snap> {
    let shifted = (0..).flat_map(|round| {
        points.iter().map(move |point| {
            let shift = f64::from(round) * 0.0007;
            Point { lat: point.lat + shift, lon: point.lon - shift }
        })
    });
    shifted.filter_map(|point| roads.snap(point, LIMIT_M).ok()).take(count).collect()
}

/// Microseconds of one measurement.
#[derive(Clone, Copy)]
struct Took {
    processor: f64,
    wall: f64,
}

/// Measures each round; one more round goes first and is not counted.
fn times<T>(rounds: u32, mut work: impl FnMut() -> T) -> Vec<Took> {
    black_box(work());
    (0..rounds)
        .map(|_| {
            let (start, processor) = (Instant::now(), processor());
            let answer = black_box(work());
            let took = Took {
                processor: self::processor() - processor,
                wall: start.elapsed().as_secs_f64() * 1e6,
            };
            drop(answer);
            took
        })
        .collect()
}

/// Microseconds of processor time this thread has used.
fn processor() -> f64 {
    let time = std::time::Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    time.as_secs_f64() * 1e6
}

/// How often to measure: the given number or `ROADS_ROUNDS`.
fn rounds(usual: u32) -> u32 {
    std::env::var("ROADS_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

/// The share of one of `count` questions in each measurement.
fn each(took: &[Took], count: usize) -> Vec<Took> {
    let count = f64::from(u32::try_from(count).unwrap());
    let share = |took: &Took| Took { processor: took.processor / count, wall: took.wall / count };
    took.iter().map(share).collect()
}

fn human(micros: f64) -> String {
    if micros < 1e3 { format!("{micros:.1} us") } else { format!("{:.2} ms", micros / 1e3) }
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap()) / 1024.0
}

/// Bytes of memory in use now; 0 where the system does not say.
fn resident() -> u64 {
    status("VmRSS:")
}

/// Most bytes of memory in use so far; 0 where the system does not say.
fn peak() -> u64 {
    status("VmHWM:")
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0) * 1024
}
