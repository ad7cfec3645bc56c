//! `roundsman key`: API keys for programs.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::organization::OrganizationArgs;
use super::settings::SettingsArgs;
use super::user::refused;
use super::{output, wiring};
use crate::app::api_keys;
use crate::app::permissions::SCOPES;
use crate::domain::id::ApiKeyId;

/// Make, list and revoke API keys for programs
#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    Add(AddArgs),
    List(ListArgs),
    Revoke(RevokeArgs),
}

/// Make a key; it is shown once, on standard output
#[derive(Debug, Args)]
struct AddArgs {
    /// What the key is for
    name: String,
    /// What it allows; may be given many times
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scopes())]
    scopes: Vec<String>,
    #[command(flatten)]
    organization: OrganizationArgs,
}

/// List the keys, without their secrets
#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    organization: OrganizationArgs,
}

/// Make a key useless for ever
#[derive(Debug, Args)]
struct RevokeArgs {
    /// The id of the key
    id: ApiKeyId,
    #[command(flatten)]
    organization: OrganizationArgs,
}

fn scopes() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(SCOPES)
}

pub(super) fn run(settings: &SettingsArgs, args: &KeyArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    let text = wiring::block_on(async {
        let app = wiring::app(&config).await?;
        match &args.command {
            KeyCommand::Add(args) => {
                let actor = args.organization.actor(&app).await?;
                let scopes: BTreeSet<String> = args.scopes.iter().cloned().collect();
                let made = api_keys::create(&app, &actor, &args.name, &scopes).await;
                made.map(|(_, secret)| secret).map_err(refused)
            }
            KeyCommand::List(args) => {
                let actor = args.organization.actor(&app).await?;
                let keys = api_keys::list(&app, &actor).await.map_err(refused)?;
                Ok(keys.iter().map(line).collect::<Vec<_>>().join("\n"))
            }
            KeyCommand::Revoke(args) => {
                let actor = args.organization.actor(&app).await?;
                let revoked = api_keys::revoke(&app, &actor, args.id).await;
                revoked.map(|()| format!("Revoked {}.", args.id)).map_err(refused)
            }
        }
    })?;
    output::answer(&text)
}

fn line(key: &api_keys::ApiKey) -> String {
    let scopes = key.scopes.iter().cloned().collect::<Vec<_>>().join(" ");
    let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
    format!("{}  {}..  {state}  {}  {scopes}", key.id, key.prefix, key.name)
}
