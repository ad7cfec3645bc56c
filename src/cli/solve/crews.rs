//! `--format roadef`: crews formed by day, from a folder of three files or one file with all of them.

use std::path::Path;

use super::super::error::CliError;
use super::super::output;
use super::{OutputArg, SolveArgs, effort, read, refused, searching};
use crate::planning::solving::crews::{self, CrewPlan, CrewProblem};

/// The files of an instance, and of a plan.
const INSTANCE: [&str; 3] = ["instance", "interv_list", "tech_list"];
const PLAN: [&str; 2] = ["interv_dates", "tech_teams"];

pub(super) fn run(args: &SolveArgs, file: &Path) -> Result<(), CliError> {
    let text = read_all(file, &INSTANCE)?;
    let problem = crews::read(&text).map_err(|faults| refused(args, file, &faults))?;
    if args.map.is_some() || args.explain || args.geometry {
        let message = "--map, --geometry and --explain are not for --format roadef";
        return Err(CliError::Usage(message.to_owned()));
    }
    let read_plan = |plan: &Path| {
        let text = read_all(plan, &PLAN)?;
        crews::read_plan(&problem, &text).map_err(|faults| refused(args, plan, &faults))
    };
    let plan = match &args.check {
        None => {
            let start = args.initial.as_deref().map(read_plan).transpose()?;
            if let Some(start) = &start {
                sound(&problem, start)?;
            }
            searching(args, |watch| crews::solve(&problem, start.as_ref(), effort(args), watch))?
        }
        Some(plan) => {
            read_plan(plan.first().ok_or_else(|| {
                CliError::Usage("name the plan to check: --check PLAN".to_owned())
            })?)?
        }
    };
    let faults = crews::faults(&problem, &plan);
    if faults.is_empty() || args.check.is_none() {
        tell(args, &problem, &plan)?;
    }
    if faults.is_empty() {
        return Ok(());
    }
    let (count, lines) = (faults.len(), faults.join("\n"));
    Err(CliError::Incomplete(format!("the plan breaks {count} rules\n{lines}")))
}

/// Refuses to start from a plan that breaks rules.
fn sound(problem: &CrewProblem, start: &CrewPlan) -> Result<(), CliError> {
    let faults = crews::faults(problem, start);
    if faults.is_empty() {
        return Ok(());
    }
    let (count, lines) = (faults.len(), faults.join("\n"));
    Err(CliError::Usage(format!("the plan to start from breaks {count} rules\n{lines}")))
}

/// A file, or the files of a folder behind one another.
fn read_all(file: &Path, names: &[&str]) -> Result<String, CliError> {
    if !file.is_dir() {
        return read(file);
    }
    let texts = names.iter().map(|name| read(&file.join(name)));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n"))
}

fn tell(args: &SolveArgs, problem: &CrewProblem, plan: &CrewPlan) -> Result<(), CliError> {
    output::answer(&match args.output {
        OutputArg::Json => crews::write_json(problem, plan),
        OutputArg::Table => crews::table(problem, plan),
        OutputArg::Routes => crews::write(problem, plan),
        OutputArg::Geojson | OutputArg::Vroom | OutputArg::Native => {
            let message = "--format roadef has no places: --output json, table or routes";
            return Err(CliError::Usage(message.to_owned()));
        }
    })
}
