//! Which organization a command is about.

use clap::Args;

use super::error::CliError;
use crate::app::{App, organizations};
use crate::domain::actors::Actor;
use crate::domain::id::OrganizationId;
use crate::domain::organizations::Organization;
use crate::domain::records::Record;

#[derive(Debug, Args)]
pub(super) struct OrganizationArgs {
    /// Short name of the organization; may be left out if there is only one
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

impl OrganizationArgs {
    /// Whether somebody named one.
    pub(super) fn is_named(&self) -> bool {
        self.organization.is_some()
    }

    /// Roundsman itself, acting in the organization.
    ///
    /// # Errors
    /// If there is none, or several and nobody named one, or the name is unknown.
    pub(super) async fn actor(&self, app: &App) -> Result<Actor, CliError> {
        Ok(Actor::system(self.find(app).await?.id))
    }

    async fn find(&self, app: &App) -> Result<Record<OrganizationId, Organization>, CliError> {
        let all = organizations::all(app).await;
        let mut all = all.map_err(|error| CliError::fault("cannot read organizations", &error))?;
        let slugs: Vec<String> = all.iter().map(|it| it.value.slug.clone()).collect();
        let slugs = slugs.join(", ");
        match &self.organization {
            Some(slug) => {
                let found = all.into_iter().find(|it| it.value.slug == *slug);
                let message = format!("no organization `{slug}`; there are: {slugs}");
                found.ok_or(CliError::Usage(message))
            }
            None if all.len() > 1 => Err(CliError::Usage(format!(
                "there are several organizations; choose with --organization: {slugs}"
            ))),
            None => all.pop().ok_or_else(|| {
                CliError::Usage(
                    "there is no organization yet; `roundsman user add --found NAME` makes one \
                     with its owner, `roundsman import FILE` reads one"
                        .to_owned(),
                )
            }),
        }
    }
}
