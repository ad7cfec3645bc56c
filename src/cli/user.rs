//! `roundsman user`: members with their logins, from the command line.

use chrono_tz::Tz;
use clap::{Args, Subcommand, ValueEnum};

use super::error::CliError;
use super::organization::OrganizationArgs;
use super::password::PasswordArgs;
use super::settings::SettingsArgs;
use super::{output, wiring};
use crate::app::{App, exchange, members, organizations};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::id::{MemberId, TechnicianId};
use crate::domain::members::{Member, Role};
use crate::domain::organizations::Organization;
use crate::domain::travel::TravelMode;

/// Add people who may log in, and set their passwords
#[derive(Debug, Args)]
pub(super) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    Add(AddArgs),
    Password(SetPasswordArgs),
}

/// Add a member, with --found also the organization
///
/// The password comes from a prompt, from the variable `ROUNDSMAN_PASSWORD` or from standard input,
/// never from a flag.
#[derive(Debug, Args)]
struct AddArgs {
    /// E-mail address to log in with
    email: String,
    /// The person's name [default: the e-mail address]
    #[arg(long)]
    name: Option<String>,
    /// What the member may do
    #[arg(long, value_enum, default_value_t = RoleName::Owner)]
    role: RoleName,
    /// The technician whom the member is, by name or id; needed for the role technician
    #[arg(long, value_name = "NAME")]
    technician: Option<String>,
    /// Found an organization of this name, with the member as its owner
    #[arg(long, value_name = "NAME", conflicts_with_all = ["organization", "technician"])]
    found: Option<String>,
    /// IANA zone of the new organization
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "found")]
    time_zone: Tz,
    #[command(flatten)]
    organization: OrganizationArgs,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Set a member's password; ends all sessions of the member
#[derive(Debug, Args)]
struct SetPasswordArgs {
    /// E-mail address of the member
    email: String,
    #[command(flatten)]
    organization: OrganizationArgs,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Everything, members and keys included
    Owner,
    /// Plans, bookings and set-up
    Dispatcher,
    /// The own day
    Technician,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Dispatcher => Self::Dispatcher,
            RoleName::Technician => Self::Technician,
        }
    }
}

pub(super) fn run(settings: &SettingsArgs, args: &UserArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    match &args.command {
        UserCommand::Add(args) => {
            if args.found.is_some() && args.role != RoleName::Owner {
                let message = "the first member of an organization is its owner".to_owned();
                return Err(CliError::Usage(message));
            }
            if args.role == RoleName::Technician && args.technician.is_none() {
                let message = "the role technician needs --technician NAME".to_owned();
                return Err(CliError::Usage(message));
            }
            let password = args.password.read()?;
            let text = wiring::block_on(async {
                let app = wiring::app(&config).await?;
                add(&app, args, &password).await
            })?;
            output::answer(&text)
        }
        UserCommand::Password(args) => {
            let password = args.password.read()?;
            wiring::block_on(async {
                let app = wiring::app(&config).await?;
                set_password(&app, args, &password).await
            })?;
            output::answer(&format!("{} has a new password.", args.email))
        }
    }
}

async fn add(app: &App, args: &AddArgs, password: &str) -> Result<String, CliError> {
    let mut member = Member {
        name: args.name.clone().unwrap_or_else(|| args.email.clone()),
        email: args.email.clone(),
        role: args.role.into(),
        technician_id: None,
        locale: None,
        active: true,
    };
    let id = if let Some(name) = &args.found {
        let organization = organization(name, args.time_zone);
        let founded = organizations::found(app, &organization, &member, password).await;
        founded.map_err(refused)?.1
    } else {
        let actor = args.organization.actor(app).await?;
        if let Some(name) = &args.technician {
            member.technician_id = Some(technician(app, &actor, name).await?);
        }
        members::create(app, &actor, &member, Some(password)).await.map_err(refused)?.id
    };
    Ok(format!("Added {} as {}, id {id}.", member.email, member.role.as_str()))
}

async fn set_password(app: &App, args: &SetPasswordArgs, password: &str) -> Result<(), CliError> {
    let actor = args.organization.actor(app).await?;
    let known = exchange::set_up(app, &actor).await.map_err(refused)?;
    let is_it = |email: &str| email.eq_ignore_ascii_case(&args.email);
    let found = known.members.iter().find(|item| is_it(&item.value.email));
    let unknown = || CliError::Usage(format!("nobody has the address {}", args.email));
    let id: MemberId = found.ok_or_else(unknown)?.id;
    members::set_password(app, &actor, id, password, None).await.map_err(refused)
}

async fn technician(app: &App, actor: &Actor, text: &str) -> Result<TechnicianId, CliError> {
    let known = exchange::set_up(app, actor).await.map_err(refused)?;
    super::names::named("technician", text, &known.technicians, |it| &it.name)
}

fn organization(name: &str, time_zone: Tz) -> Organization {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let slug: String = name.chars().map(plain).collect();
    let parts: Vec<&str> = slug.split('-').filter(|part| !part.is_empty()).collect();
    Organization {
        name: name.to_owned(),
        slug: parts.join("-"),
        time_zone,
        locale: "en".to_owned(),
        travel: TravelMode::StraightLine { detour_factor: 1.3, speed_kmh: 40.0 },
        osrm: None,
        booking_page: crate::domain::booking_pages::BookingPage::default(),
        hold_min: 10,
        snap_limit_m: 1000,
    }
}

/// Faults of the input are the user's; everything else went wrong.
pub(super) fn refused(error: AppError) -> CliError {
    match error {
        AppError::Invalid(faults) => {
            let lines: Vec<String> = faults.iter().map(super::files::line).collect();
            CliError::Usage(lines.join("\n"))
        }
        other => CliError::fault("that did not work", &other),
    }
}
