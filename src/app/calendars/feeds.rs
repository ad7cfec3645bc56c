//! Feeds: secret addresses at which calendar programs read the visits of a technician or a team.
//!
//! A convenience only: programs read them when they like, some once a day.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::calendars::accounts::is_seen;
use crate::app::calendars::drafts;
use crate::app::permissions::{Operation, Sight, permit};
use crate::app::secrets::{token_hash, token_of_128_bits};
use crate::app::{App, audit, catalogue};
use crate::calendar::ics::write::{self, IcsEvent};
use crate::domain::actors::Actor;
use crate::domain::calendars::CalendarFeed;
use crate::domain::error::AppError;
use crate::domain::faults::{Faults, Validate};
use crate::domain::id::{CalendarFeedId, OrganizationId, TeamId, TechnicianId, VisitId};
use crate::domain::teams::Team;
use crate::domain::technicians::Technician;
use crate::store::calendars::feeds as rows;
use crate::store::{Tx, assignments, organizations, records};
use crate::text::Locale;

/// How far back and ahead a feed reaches.
const BEHIND: TimeDelta = TimeDelta::days(7);
const AHEAD: TimeDelta = TimeDelta::days(60);
/// How often programs are asked to read it again, in minutes.
const REFRESH_MINUTES: u32 = 15;
/// Times of reading are noted this often.
const NOTED: TimeDelta = TimeDelta::hours(1);

/// Whose visits a feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedOf {
    /// Those of a technician; one's own for technicians.
    #[serde(default)]
    pub technician_id: Option<TechnicianId>,
    /// Or those of a team; for dispatchers.
    #[serde(default)]
    pub team_id: Option<TeamId>,
}

/// A feed as its address gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedText {
    /// iCalendar text.
    pub text: String,
    /// Its version.
    pub etag: String,
}

impl Validate for FeedOf {
    fn validate(&self, faults: &mut Faults) {
        let one = self.technician_id.is_some() != self.team_id.is_some();
        faults.check(one, "technician_id", "", "name a technician or a team, one of the two");
    }
}

/// Makes a feed; its secret is returned here and nowhere else.
///
/// # Errors
/// [`AppError::Invalid`]; [`AppError::Forbidden`].
#[tracing::instrument(skip_all)]
pub async fn create(
    app: &App,
    actor: &Actor,
    of: FeedOf,
) -> Result<(CalendarFeed, String), AppError> {
    let of = match permit(actor, Operation::CalendarFeedsWrite)? {
        Sight::Own(own) if of.team_id.is_none() && of.technician_id.is_none_or(|id| id == own) => {
            FeedOf { technician_id: Some(own), team_id: None }
        }
        Sight::Own(_) => {
            let message = "technicians make feeds of their own visits only";
            return Err(AppError::Forbidden(message.to_owned()));
        }
        _ => of,
    };
    let mut faults = Faults::default();
    of.validate(&mut faults);
    let mut references = catalogue::References::default();
    if let Some(id) = of.technician_id {
        references.add("technician_id", catalogue::Kind::Technician, id);
    }
    if let Some(id) = of.team_id {
        references.add("team_id", catalogue::Kind::Team, id);
    }
    let secret = token_of_128_bits();
    let now = app.now();
    let feed = CalendarFeed {
        id: CalendarFeedId(app.new_id()),
        technician_id: of.technician_id,
        team_id: of.team_id,
        created_at: now,
        rotated_at: now,
        used_at: None,
    };
    let mut tx = app.db.write().await?;
    catalogue::check(&mut tx, actor.organization_id, &references, &mut faults).await?;
    faults.into_result()?;
    rows::insert(&mut tx, actor.organization_id, &feed, &token_hash(&secret)).await?;
    let action = audit::Action { noun: "calendar_feeds", verb: "create", id: feed.id.into() };
    let after = json!({"technician_id": feed.technician_id, "team_id": feed.team_id});
    audit::note(app, &mut tx, actor, action, (Value::Null, after)).await?;
    tx.commit().await?;
    Ok((feed, secret))
}

/// The feeds that the actor may see, oldest first.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<CalendarFeed>, AppError> {
    let own = match permit(actor, Operation::CalendarFeedsRead)? {
        Sight::Own(own) => Some(own),
        _ => None,
    };
    let mut tx = app.db.read().await?;
    Ok(rows::list(&mut tx, actor.organization_id, own).await?)
}

/// Gives a feed a new secret; the old address opens nothing any more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn rotate(
    app: &App,
    actor: &Actor,
    id: CalendarFeedId,
) -> Result<(CalendarFeed, String), AppError> {
    let mut tx = app.db.write().await?;
    let feed = owned(&mut tx, actor, id).await?;
    let (secret, now) = (token_of_128_bits(), app.now());
    rows::rotate(&mut tx, actor.organization_id, id, &token_hash(&secret), now).await?;
    let action = audit::Action { noun: "calendar_feeds", verb: "rotate", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok((CalendarFeed { rotated_at: now, ..feed }, secret))
}

/// Revokes a feed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`].
pub async fn revoke(app: &App, actor: &Actor, id: CalendarFeedId) -> Result<(), AppError> {
    let mut tx = app.db.write().await?;
    owned(&mut tx, actor, id).await?;
    rows::delete(&mut tx, actor.organization_id, id).await?;
    let action = audit::Action { noun: "calendar_feeds", verb: "revoke", id: id.into() };
    audit::note(app, &mut tx, actor, action, (Value::Null, Value::Null)).await?;
    tx.commit().await?;
    Ok(())
}

async fn owned(tx: &mut Tx, actor: &Actor, id: CalendarFeedId) -> Result<CalendarFeed, AppError> {
    let sight = permit(actor, Operation::CalendarFeedsWrite)?;
    let all = rows::list(tx, actor.organization_id, None).await?;
    let found = all.into_iter().find(|feed| feed.id == id);
    let found = found.filter(|feed| is_seen(sight, feed.technician_id));
    found.ok_or_else(|| AppError::not_found("calendar feed", id))
}

/// The text behind a secret.
///
/// # Errors
/// [`AppError::NotFound`] for a secret that opens nothing.
pub async fn text(app: &App, secret: &str) -> Result<FeedText, AppError> {
    let mut tx = app.db.read().await?;
    let found = rows::find(&mut tx, &token_hash(secret)).await?;
    let (organization_id, feed) =
        found.ok_or_else(|| AppError::not_found("calendar feed", "at this address"))?;
    let now = app.now();
    let (name, people) = whose(&mut tx, organization_id, &feed).await?;
    let organization = organizations::get(&mut tx, organization_id).await?;
    let tag = organization.map_or_else(|| "en".to_owned(), |one| one.value.locale);
    let locale = Locale::from_tag(&tag).unwrap_or_default();
    let mut ids: Vec<VisitId> = Vec::new();
    let (from, until) = (now - BEHIND, now + AHEAD);
    for technician_id in people {
        let theirs =
            assignments::of_technician(&mut tx, organization_id, technician_id, from, until)
                .await?;
        ids.extend(theirs.iter().map(|one| one.assignment.visit_id));
    }
    ids.sort_unstable();
    ids.dedup();
    let drafts = drafts::load(app, &mut tx, organization_id, &ids).await?;
    drop(tx);
    let events: Vec<IcsEvent> = drafts
        .into_values()
        .map(|draft| {
            let event = draft.event_of(feed.technician_id);
            // The same in every reading, as long as the visit is.
            let stamp = event.modified.unwrap_or(event.start);
            IcsEvent { stamp, private: false, ..event }
        })
        .collect();
    let name = locale.text("calendar.feed", &[("value", &name)]);
    let text = write::feed(&name, REFRESH_MINUTES, &events);
    if feed.used_at.is_none_or(|used| now - used > NOTED) {
        let mut tx = app.db.write().await?;
        rows::touch(&mut tx, feed.id, now).await?;
        tx.commit().await?;
    }
    let etag = format!("\"{}\"", &token_hash(&text)[..32]);
    Ok(FeedText { text, etag })
}

/// The name of a technician or team, and who belongs to it.
async fn whose(
    tx: &mut Tx,
    organization_id: OrganizationId,
    feed: &CalendarFeed,
) -> Result<(String, Vec<TechnicianId>), AppError> {
    if let Some(id) = feed.team_id {
        let team = records::get::<Team>(tx, organization_id, id).await?;
        return Ok(team
            .map(|team| (team.value.name, team.value.technician_ids))
            .unwrap_or_default());
    }
    let Some(id) = feed.technician_id else { return Ok(Default::default()) };
    let technician = records::get::<Technician>(tx, organization_id, id).await?;
    let name = technician.map(|technician| technician.value.name).unwrap_or_default();
    Ok((name, vec![id]))
}
