//! `roundsman slots`: when could somebody come, asked from the command line.

mod question;
mod table;

use clap::{Args, ValueEnum};

use super::error::CliError;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::{App, exchange, slots};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::slots::PartOfDay;
use question::Question;

/// Ask when somebody could come
///
/// Times are those of the location. Without dates the next seven days are searched.
#[derive(Debug, Args)]
pub(super) struct SlotsArgs {
    /// A service by name or id; may be given many times, in order of work
    #[arg(long = "service", value_name = "NAME", required_unless_present = "package")]
    services: Vec<String>,
    /// A package by name or id, instead of services
    #[arg(long, value_name = "NAME", conflicts_with = "services")]
    package: Option<String>,
    /// Where: LAT,LON, or an address of the demo region such as "Skeifan 15, 108"
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    at: String,
    /// The location that does it, by name or id [default: the nearest that offers it]
    #[arg(long, value_name = "NAME")]
    location: Option<String>,
    /// First date, YYYY-MM-DD [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<chrono::NaiveDate>,
    /// Last date [default: six days after the first]
    #[arg(long, value_name = "DATE")]
    until: Option<chrono::NaiveDate>,
    /// Only with this technician, by name or id
    #[arg(long, value_name = "NAME")]
    technician: Option<String>,
    /// Only with technicians of this team, by name or id
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    /// Only in this part of the day
    #[arg(long, value_enum)]
    part: Option<Part>,
    /// A few good starts, at most this many, instead of all
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    /// Also say for each technician and date why there is no start
    #[arg(long)]
    explain: bool,
    /// Print JSON, as the API answers
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    organization: OrganizationArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// Before 12:00
    Morning,
    /// From 12:00 to before 17:00
    Afternoon,
    /// From 17:00
    Evening,
}

impl From<Part> for PartOfDay {
    fn from(part: Part) -> Self {
        match part {
            Part::Morning => Self::Morning,
            Part::Afternoon => Self::Afternoon,
            Part::Evening => Self::Evening,
        }
    }
}

pub(super) fn run(settings: &SettingsArgs, args: &SlotsArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    let text = wiring::block_on(async {
        let app = wiring::app(&config).await?;
        let actor = args.organization.actor(&app).await?;
        ask(&app, &actor, args).await
    })?;
    output::answer(&text)
}

async fn ask(app: &App, actor: &Actor, args: &SlotsArgs) -> Result<String, CliError> {
    let catalogue = exchange::set_up(app, actor).await.map_err(refused)?;
    let Question { query, locations, names } = Question::of(args, &catalogue, app.now())?;
    let mut answer = slots::search(app, actor, &query).await.map_err(refused)?;
    if args.explain && answer.explanation.is_none() {
        let why = slots::explain(app, actor, &query, None, query.wishes.technician_id).await;
        answer.explanation = Some(why.map_err(refused)?);
    }
    if args.json {
        let broken = |error| CliError::fault("cannot write the answer", &error);
        return serde_json::to_string_pretty(&answer).map_err(broken);
    }
    // Reasons for everybody are long: without being asked for, the counts will do.
    if !args.explain
        && let Some(explanation) = &mut answer.explanation
    {
        explanation.reasons.clear();
    }
    let location = locations.get(&answer.location_id).map_or("", String::as_str);
    Ok(table::answer(&answer, location, &names))
}

/// Faults of the question are the user's; everything else went wrong.
fn refused(error: AppError) -> CliError {
    match error {
        AppError::Invalid(faults) => {
            let lines: Vec<String> = faults.iter().map(super::files::line).collect();
            CliError::Usage(lines.join("\n"))
        }
        other => CliError::fault("cannot search", &other),
    }
}
