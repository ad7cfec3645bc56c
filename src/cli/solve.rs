//! `roundsman solve`: plan whole days from a file, or check a plan made elsewhere.

mod crews;
mod drives;
mod progress;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use self::drives::Ways;
use super::error::CliError;
use super::files;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::planning::solving::{
    self, Answer, Drawing, Effort, Problem, ProblemFaults, ProblemFormat, Rounding, Travel, Watch,
};
use crate::shutdown::Shutdown;

/// Plan whole days from a file, or check a plan made elsewhere
///
/// The plan goes to stdout, what is to be said about it to stderr. Ctrl-C ends the search and prints
/// the best plan so far; a second one ends at once. Exit codes: 0 done; 1 something failed; 2 a
/// flag or the file is wrong, all faults are named; 3 mandatory visits are left out, or the checked
/// plan breaks rules (with --format vroom both are told in the answer, with 0).
#[derive(Debug, Args)]
pub(super) struct SolveArgs {
    /// The problem, or - for standard input
    #[arg(required_unless_present_any = ["schema", "check"])]
    file: Option<PathBuf>,
    /// What the file is
    #[arg(long, value_enum, default_value = "native")]
    format: FormatArg,
    /// How coordinates on a plane become distances [default: what is usual in the format]
    #[arg(long, value_enum)]
    rounding: Option<RoundingArg>,
    /// Map (.osm.pbf) or prepared graph for drives, if the file has no matrices [default: the
    /// setting roads.file; without one, straight lines]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Seconds to search [default: 10, without limit where steps are limited]
    #[arg(long, value_parser = seconds, value_name = "SECONDS")]
    time: Option<Duration>,
    /// Most steps to search, for each thread; without a time limit the plan is the same every time
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,
    /// End after so many steps without a better plan, for each thread
    #[arg(long, value_name = "STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    steps_unimproved: Option<u64>,
    /// Same seed and number of threads: same search
    #[arg(long, default_value = "1")]
    seed: u64,
    /// Threads to search with
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: u16,
    /// A plan to start from: JSON, or lines such as `Route #1: 4 7 2`
    #[arg(long, value_name = "PLAN")]
    initial: Option<PathBuf>,
    /// Do not search: time this plan and name every rule it breaks; with --format vroom the steps
    /// of the vehicles are the plan
    #[arg(long, short = 'c', num_args = 0..=1, value_name = "PLAN", conflicts_with = "initial")]
    check: Option<Vec<PathBuf>>,
    /// How to print the plan
    #[arg(long, value_enum, default_value = "json")]
    output: OutputArg,
    /// Draw the drives on the roads: `geometry` of VROOM's routes, and the lines of GeoJSON
    #[arg(long, short)]
    geometry: bool,
    /// Say what the plan costs by rule, and for each visit left out why, technician by technician;
    /// plans as JSON tell of a few such visits also without this
    #[arg(long)]
    explain: bool,
    /// Print the JSON Schema of problems instead
    #[arg(long)]
    schema: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// Our own JSON, see docs/solve.md
    Native,
    /// VROOM's JSON
    Vroom,
    /// Solomon's text format
    Solomon,
    /// VRPLIB, as CVRPLIB has it
    Vrplib,
    /// Technicians with skills, tools and spare parts
    Trsp,
    /// Home health care with pairs of services
    Hhcrsp,
    /// Unified home health care
    Uhhc,
    /// Crews formed by day, as in the ROADEF challenge of 2007: a folder with instance, `interv_list`
    /// and `tech_list`, or a file with all three; --output routes prints `interv_dates` and `tech_teams`
    Roadef,
}

impl FormatArg {
    /// The format of a problem with places and routes; `None` = crews formed by day.
    const fn of_routes(self) -> Option<ProblemFormat> {
        Some(match self {
            Self::Native => ProblemFormat::Native,
            Self::Vroom => ProblemFormat::Vroom,
            Self::Solomon => ProblemFormat::Solomon,
            Self::Vrplib => ProblemFormat::Vrplib,
            Self::Trsp => ProblemFormat::Trsp,
            Self::Hhcrsp => ProblemFormat::Hhcrsp,
            Self::Uhhc => ProblemFormat::Uhhc,
            Self::Roadef => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoundingArg {
    /// One decimal, truncated; cost is distance
    Dimacs,
    /// As exact as can be; fewest vehicles first
    Exact,
    /// To the nearest whole number
    Nearest,
    /// Truncated to a whole number
    Truncated,
}

impl From<RoundingArg> for Rounding {
    fn from(rounding: RoundingArg) -> Self {
        match rounding {
            RoundingArg::Dimacs => Self::Dimacs,
            RoundingArg::Exact => Self::Exact,
            RoundingArg::Nearest => Self::Nearest,
            RoundingArg::Truncated => Self::Truncated,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputArg {
    /// As the format has it, else our own JSON
    Json,
    /// A line per stop
    Table,
    /// `Route #1: 4 7 2` lines and `Cost`
    Routes,
    /// A line per route and a point per stop
    Geojson,
    /// The problem itself as VROOM's JSON; nothing is solved
    Vroom,
    /// The problem itself as our own JSON; nothing is solved
    Native,
}

/// How long to search where nobody says.
const TIME: Duration = Duration::from_secs(10);

/// A time from a thousandth of a second to a month.
fn seconds(text: &str) -> Result<Duration, String> {
    let value = text.parse::<f64>().map_err(|_| "expected a number of seconds".to_owned())?;
    if !(0.001..=2_678_400.0).contains(&value) {
        return Err("allowed are 0.001 to 2678400 seconds".to_owned());
    }
    Ok(Duration::from_secs_f64(value))
}

pub(super) fn run(settings: &SettingsArgs, args: &SolveArgs) -> Result<(), CliError> {
    if args.schema {
        return output::answer(&solving::schema());
    }
    // Whoever writes `-c FILE` means the problem that brings its plan along.
    let plan = args.check.as_deref().and_then(<[PathBuf]>::first).map(PathBuf::as_path);
    let (file, plan) = match (args.file.as_deref(), plan) {
        (Some(file), plan) => (file, plan),
        (None, Some(file)) => (file, None),
        (None, None) => return Err(CliError::Usage("name the file with the problem".to_owned())),
    };
    let Some(format) = args.format.of_routes() else { return crews::run(args, file) };
    let text = read(file)?;
    let read = Problem::read(format, &text, args.rounding.map(Rounding::from));
    let mut problem = read.map_err(|faults| refused(args, file, &faults))?;
    drop(text);
    let asked = matches!(problem.case().travel, Travel::Asked(_));
    if args.map.is_some() && !asked && !args.geometry {
        output::warn("the file has drives of its own; --map is not needed");
    }
    let needed = asked || args.geometry;
    let ways = if needed { Ways::open(settings, args.map.as_deref())? } else { Ways::default() };
    ways.fill(&mut problem)?;
    solving::check(&problem).map_err(|faults| refused(args, file, &faults))?;
    if let Some(converted) = converted(args.output, &problem) {
        return output::answer(&converted);
    }
    let (path, polyline) = (|stops: &_| ways.path(stops), |stops: &_| ways.polyline(stops));
    let drawing = Drawing { path: &path, polyline: &polyline };
    let drawing = args.geometry.then_some(drawing);
    if args.geometry && !are_known(&problem.case().coordinates) {
        return Err(nowhere());
    }
    match &args.check {
        Some(_) => check(args, &problem, plan, drawing),
        None => solve(args, &mut problem, drawing),
    }
}

/// Whether it is known of every place where it is.
fn are_known<T>(coordinates: &[Option<T>]) -> bool {
    !coordinates.is_empty() && coordinates.iter().all(Option::is_some)
}

fn nowhere() -> CliError {
    CliError::Usage("the file does not say where its places are on the Earth".to_owned())
}

/// The problem in another format's words, if that was asked for.
fn converted(output: OutputArg, problem: &Problem) -> Option<String> {
    let ((text, lost), whose) = match output {
        OutputArg::Vroom => (solving::to_vroom(problem), "VROOM has"),
        OutputArg::Native => (solving::to_native(problem), "our own JSON has"),
        _ => return None,
    };
    for what in lost {
        output::warn(&format!("{whose} no words for {what}"));
    }
    Some(text)
}

fn read(file: &Path) -> Result<String, CliError> {
    let bytes = files::bytes(file)?;
    let shown = file.display();
    String::from_utf8(bytes)
        .map_err(|error| CliError::Usage(format!("{shown} is not UTF-8 text: {error}")))
}

/// All faults of a file, one a line; VROOM's clients read theirs from stdout.
fn refused(args: &SolveArgs, file: &Path, faults: &ProblemFaults) -> CliError {
    if args.format == FormatArg::Vroom
        && let Err(error) = output::answer(&solving::vroom_error(faults))
    {
        return error;
    }
    let (count, file) = (faults.0.len(), file.display());
    let noun = if count == 1 { "fault" } else { "faults" };
    CliError::Usage(format!("{file}: {count} {noun}\n{faults}"))
}

fn check(
    args: &SolveArgs,
    problem: &Problem,
    plan: Option<&Path>,
    drawing: Option<Drawing<'_>>,
) -> Result<(), CliError> {
    let Some(file) = plan else {
        let answer = solving::check_steps(problem, drawing, args.explain).ok_or_else(|| {
            let message = "name the plan to check: --check PLAN (only vehicles of --format vroom \
                           bring steps along)";
            CliError::Usage(message.to_owned())
        })?;
        return output::answer(&answer);
    };
    let judged = solving::judge(problem, &read(file)?, args.explain);
    let answer = judged.map_err(|faults| refused(args, file, &faults))?;
    tell(args, problem, &answer, drawing)?;
    if !answer.faults.is_empty() {
        let count = answer.faults.len();
        let lines = answer.faults.join("\n");
        return Err(CliError::Incomplete(format!("the plan breaks {count} rules\n{lines}")));
    }
    complete(args, problem, &answer)
}

fn solve(
    args: &SolveArgs,
    problem: &mut Problem,
    drawing: Option<Drawing<'_>>,
) -> Result<(), CliError> {
    problem.start_from_steps();
    if let Some(plan) = &args.initial {
        let started = solving::start_from(problem, &read(plan)?);
        started.map_err(|faults| refused(args, plan, &faults))?;
    }
    let answer = search(args, problem)?;
    if !answer.faults.is_empty() {
        let (count, faults) = (answer.faults.len(), answer.faults.join("\n"));
        if !solving::has_begun(problem) {
            let message = format!("the search broke a rule, please report this\n{faults}");
            return Err(CliError::Fault(message));
        }
        tell(args, problem, &answer, drawing)?;
        let why = "work that has begun stays where it is";
        return Err(CliError::Incomplete(format!(
            "the plan breaks {count} rules: {why}\n{faults}"
        )));
    }
    tell(args, problem, &answer, drawing)?;
    complete(args, problem, &answer)
}

fn effort(args: &SolveArgs) -> Effort {
    let SolveArgs { steps, steps_unimproved, seed, threads, .. } = *args;
    Effort { time: time(args), steps, steps_unimproved, seed, threads: threads.into() }
}

fn time(args: &SolveArgs) -> Option<Duration> {
    let by_steps = args.steps.is_some() || args.steps_unimproved.is_some();
    args.time.or((!by_steps).then_some(TIME))
}

fn search(args: &SolveArgs, problem: &Problem) -> Result<Answer, CliError> {
    let work = |watch: &Watch<'_>| solving::solve(problem, effort(args), watch, args.explain);
    searching(args, work)?.map_err(|faults| CliError::Usage(faults.to_string()))
}

/// Searches on threads of its own until the time is over or a signal comes.
fn searching<T>(args: &SolveArgs, work: impl FnOnce(&Watch<'_>) -> T) -> Result<T, CliError> {
    let cancel = Arc::new(AtomicBool::new(false));
    let by_signal = Arc::clone(&cancel);
    let begin = Instant::now();
    let line = Arc::new(progress::Line::new(time(args)));
    let watch = Watch {
        elapsed: &|| begin.elapsed(),
        cancel: &cancel,
        progress: &|state| line.hear(state),
    };
    let found = wiring::block_on(async {
        let shutdown = Shutdown::by_signal();
        let shutdown =
            shutdown.map_err(|error| CliError::fault("cannot listen to signals", &error))?;
        tokio::spawn(async move {
            shutdown.begun().await;
            by_signal.store(true, Ordering::Relaxed);
        });
        let drawn = Arc::clone(&line);
        let drawing = tokio::spawn(async move { drawn.keep(|| begin.elapsed()).await });
        // Signals are heard, and the line is drawn, on the other threads of the runtime.
        let found = tokio::task::block_in_place(|| work(&watch));
        drawing.abort();
        Ok(found)
    });
    line.clear();
    found
}

/// Prints a plan.
fn tell(
    args: &SolveArgs,
    problem: &Problem,
    answer: &Answer,
    drawing: Option<Drawing<'_>>,
) -> Result<(), CliError> {
    let text = match args.output {
        OutputArg::Json | OutputArg::Vroom | OutputArg::Native => {
            solving::write(problem, answer, drawing)
        }
        OutputArg::Table => solving::table(problem, answer),
        OutputArg::Routes => solving::write_routes(problem, answer),
        OutputArg::Geojson => solving::geojson(problem, answer, drawing).ok_or_else(nowhere)?,
    };
    if args.explain {
        for line in solving::explanation(problem, answer) {
            output::say(&line);
        }
    }
    output::answer(&text)
}

fn complete(args: &SolveArgs, problem: &Problem, answer: &Answer) -> Result<(), CliError> {
    let missing = answer.missing(problem);
    if missing == 0 || args.format == FormatArg::Vroom {
        return Ok(());
    }
    let noun = if missing == 1 { "visit is" } else { "visits are" };
    Err(CliError::Incomplete(format!("{missing} mandatory {noun} left out")))
}
