//! Problems from files: solved, judged and written in the words of the file.

pub mod crews;
mod naming;
mod reports;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use roundsman_solver::check::plans;
use roundsman_solver::formats::{Faults, Format, native, vroom};
use roundsman_solver::optimize::model::{Current, Lock};
use roundsman_solver::optimize::solution::{Rule, StopKind};
use roundsman_solver::optimize::{Control, Options, Solution};
use roundsman_solver::problem::Leg;

pub use reports::{geojson, table};
pub use roundsman_solver::formats::Format as ProblemFormat;
pub use roundsman_solver::formats::{Case, Coordinates, Rounding, Travel};
pub use roundsman_solver::formats::{Document as Problem, Faults as ProblemFaults};

/// How long and how hard to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Time limit.
    pub time: Option<Duration>,
    /// Most steps for each thread.
    pub steps: Option<u64>,
    /// Most steps for each thread without a better plan.
    pub steps_unimproved: Option<u64>,
    /// Same seed and threads: same search.
    pub seed: u64,
    /// Threads.
    pub threads: usize,
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Since the start.
    pub elapsed: Duration,
    /// Steps so far.
    pub steps: u64,
    /// Weight of mandatory work left out.
    pub unserved: i64,
    /// Cost in the words of the problem.
    pub cost: String,
}

/// What a search watches.
pub struct Watch<'a> {
    /// Time since the start.
    pub elapsed: &'a (dyn Fn() -> Duration + Sync),
    /// Set to true to stop with the best plan so far.
    pub cancel: &'a AtomicBool,
    /// Told how far it is, from any thread.
    pub progress: &'a (dyn Fn(&State) + Sync),
}

/// A plan and what is to be said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The plan.
    solution: Solution,
    /// Rules it breaks, a sentence each.
    pub faults: Vec<String>,
    /// By visit: why it is left out; empty unless asked for.
    reasons: Vec<Vec<String>>,
}

impl Answer {
    /// How many mandatory visits are left out.
    pub fn missing(&self, problem: &Problem) -> usize {
        let visits = &problem.case().model.visits;
        let left = self.solution.unassigned.iter();
        left.filter(|visit| visits[visit.at()].mandatory > 0).count()
    }
}

/// Whether work has begun in the plan in force: it stays where it is, whatever rules it breaks.
pub fn has_begun(problem: &Problem) -> bool {
    problem.case().model.current.iter().flatten().any(|current| current.started)
}

impl From<Effort> for Options {
    fn from(effort: Effort) -> Self {
        let Effort { time, steps, steps_unimproved, seed, threads } = effort;
        Self { time, steps, steps_unimproved, seed, threads }
    }
}

/// Gives a problem the drives it asked for, by row.
///
/// * `legs`: seconds and metres; `None` = no way.
pub fn drive(problem: &mut Problem, legs: &[Option<(u32, u32)>]) -> bool {
    let leg = |leg: &Option<(u32, u32)>| {
        leg.map_or(Leg::UNREACHABLE, |(seconds, metres)| Leg::new(seconds, metres))
    };
    problem.case_mut().drive(legs.iter().map(leg).collect())
}

/// What stands at a place, by its position: the first visit there, else the first shift that
/// begins or ends there, else the place itself; by the names of the file.
pub fn who_is_at(problem: &Problem, place: usize) -> String {
    naming::who_is_at(problem.case(), place)
}

/// Every fault of a problem that only the whole of it shows.
///
/// # Errors
/// All of them.
pub fn check(problem: &Problem) -> Result<(), Faults> {
    problem.case().model.check().map_err(|found| Faults::of_model(found, problem.case()))
}

/// Pairs of a visit left out and a technician that are explained unasked: 0.3 s on a day of 1,000
/// visits, far less on most.
const REASONS_FREE: usize = 250;

/// Solves a problem whose drives are known.
///
/// * `explain`: say why visits are left out however many they are; else only if that takes no more
///   than a blink.
///
/// # Errors
/// Every fault of the model.
pub fn solve(
    problem: &Problem,
    effort: Effort,
    watch: &Watch<'_>,
    explain: bool,
) -> Result<Answer, Faults> {
    let case = problem.case();
    let options = Options::from(effort);
    let progress = |state: roundsman_solver::optimize::Progress| {
        (watch.progress)(&State {
            elapsed: state.elapsed,
            steps: state.steps,
            unserved: state.score.unserved,
            cost: case.cost_text(state.score.cost),
        });
    };
    let control = Control { elapsed: watch.elapsed, cancel: watch.cancel, progress: &progress };
    let found = roundsman_solver::optimize::solve(&case.model, &options, &control)?;
    Ok(judged(problem, found.solution, explain))
}

/// A plan made elsewhere: its faults, its cost, and why what it leaves out does not fit.
///
/// # Errors
/// Every fault of the text.
pub fn judge(problem: &Problem, text: &str, explain: bool) -> Result<Answer, Faults> {
    let mut solution = problem.read_plan(text)?;
    let model = &problem.case().model;
    solution.score = plans::score(model, &solution);
    solution.costs = plans::costs(model, &solution);
    Ok(judged(problem, solution, explain))
}

fn judged(problem: &Problem, solution: Solution, explain: bool) -> Answer {
    let case = problem.case();
    let faults = plans::verify(&case.model, &solution);
    let named = |fault: &plans::PlanFault| naming::named(&fault.to_string(), case);
    let reasons = reasons(problem, &solution, explain);
    Answer { faults: faults.iter().map(named).collect(), solution, reasons }
}

/// Why visits are left out, if that is asked for or takes no more than a blink; else nothing.
fn reasons(problem: &Problem, solution: &Solution, explain: bool) -> Vec<Vec<String>> {
    let case = problem.case();
    let asked = solution.unassigned.len().saturating_mul(case.model.technicians.len());
    if explain || asked <= REASONS_FREE { naming::reasons(case, solution) } else { Vec::new() }
}

/// Makes a plan the one to start from.
///
/// # Errors
/// Every fault of the text.
pub fn start_from(problem: &mut Problem, text: &str) -> Result<(), Faults> {
    let found = problem.read_plan(text)?;
    let case = problem.case_mut();
    let mut current: Vec<Option<Current>> = vec![None; case.model.visits.len()];
    for route in &found.routes {
        for stop in &route.stops {
            let StopKind::Visit { visit, role } = stop.kind else { continue };
            let crew = case.model.visits[visit.at()].crew.len();
            let slot = current[visit.at()].get_or_insert_with(|| Current {
                start: stop.start,
                shifts: vec![route.shift; crew],
                lock: Lock::Free,
                started: false,
            });
            slot.shifts[usize::from(role)] = route.shift;
        }
    }
    case.model.current = current;
    Ok(())
}

/// Draws drives on a map.
#[derive(Clone, Copy)]
pub struct Drawing<'a> {
    /// The line through some places.
    pub path: &'a dyn Fn(&[Coordinates]) -> Vec<Coordinates>,
    /// The same as an encoded polyline with five digits.
    pub polyline: &'a dyn Fn(&[Coordinates]) -> String,
}

/// The plan as the problem's format has it, or as our JSON where that has none of its own.
///
/// * `drawing`: for the geometry of routes in VROOM's JSON, if it is wanted.
pub fn write(problem: &Problem, answer: &Answer, drawing: Option<Drawing<'_>>) -> String {
    if let (Some(vroom), Some(drawing)) = (problem.vroom(), drawing) {
        let told = (answer.reasons.as_slice(), Some(drawing.polyline));
        return vroom.write(problem.case(), &answer.solution, told);
    }
    match problem.format() {
        Format::Solomon | Format::Vrplib | Format::Trsp => {
            native::write_plan(problem.case(), &answer.solution, &answer.reasons)
        }
        _ => problem.write(&answer.solution, &answer.reasons),
    }
}

/// The plan as route lines.
pub fn write_routes(problem: &Problem, answer: &Answer) -> String {
    problem.write_routes(&answer.solution)
}

/// VROOM's plan mode: the steps the problem brings along, timed, with every rule they break.
///
/// * `explain`: as of [`solve`].
pub fn check_steps(
    problem: &Problem,
    drawing: Option<Drawing<'_>>,
    explain: bool,
) -> Option<String> {
    let vroom = problem.vroom().filter(|vroom| vroom.has_steps())?;
    let reasons = reasons(problem, &vroom.given(problem.case()), explain);
    Some(vroom.check(problem.case(), (&reasons, drawing.map(|drawing| drawing.polyline))))
}

/// VROOM's answer to a faulty problem.
pub fn vroom_error(faults: &Faults) -> String {
    vroom::error(faults)
}

/// The JSON Schema of our own problems.
pub fn schema() -> String {
    format!("{:#}\n", native::schema())
}

/// A problem as VROOM's JSON, and what is lost on the way.
pub fn to_vroom(problem: &Problem) -> (String, Vec<String>) {
    vroom::write_problem(problem.case())
}

/// A problem as our own JSON, and what is lost on the way.
pub fn to_native(problem: &Problem) -> (String, Vec<String>) {
    native::write_problem(problem.case())
}

/// The cost of a plan, a line per rule, dearest first; then why visits are left out.
pub fn explanation(problem: &Problem, answer: &Answer) -> Vec<String> {
    let case = problem.case();
    let mut costs: Vec<(Rule, i64)> =
        answer.solution.costs.iter().copied().filter(|(_, cost)| *cost != 0).collect();
    costs.sort_by_key(|(rule, cost)| (-cost.abs(), *rule));
    let rule = |(rule, cost): &(Rule, i64)| {
        format!("{}: {}", native::rule_name(*rule).replace('_', " "), case.cost_text(*cost))
    };
    let mut lines: Vec<String> = costs.iter().map(rule).collect();
    for visit in &answer.solution.unassigned {
        let name = case.names.visits.get(visit.at()).map_or("", String::as_str);
        lines.push(format!("left out: visit {name}"));
        let reasons = answer.reasons.get(visit.at()).into_iter().flatten();
        lines.extend(reasons.map(|reason| format!("  {reason}")));
    }
    lines
}
