//! The `messages` table: everything that is told to somebody outside.

pub mod attempts;
pub mod list;

use chrono::{DateTime, Utc};

use crate::domain::id::{MessageId, OrganizationId, VisitId};
use crate::domain::messages::{Channel, Message, MessageKind, MessageStatus};
use crate::store::rows::{from_json, id, moment, optional_id, optional_moment, stored, to_json};
use crate::store::sql::{Query, Value};
use crate::store::{StoreError, Tx};

/// The columns that [`MessageRow`] reads, of `messages m`.
pub(crate) const COLUMNS: &str = "m.id, m.kind, m.channel, m.status, m.due_s, m.visit_id, \
    m.booking_id, m.customer_id, m.technician_id, m.webhook_id, m.body, m.attempts, \
    m.provider_id, m.error, m.created_s, m.updated_s, m.sent_s";

#[derive(sqlx::FromRow)]
pub(crate) struct MessageRow {
    pub(crate) id: String,
    kind: String,
    channel: String,
    status: String,
    due_s: i64,
    visit_id: Option<String>,
    booking_id: Option<String>,
    customer_id: Option<String>,
    technician_id: Option<String>,
    webhook_id: Option<String>,
    body: String,
    attempts: i64,
    provider_id: String,
    error: String,
    pub(crate) created_s: i64,
    updated_s: i64,
    sent_s: Option<i64>,
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            kind: word(&MessageKind::ALL, MessageKind::as_str, &row.kind)?,
            channel: word(&Channel::ALL, Channel::as_str, &row.channel)?,
            status: word(&MessageStatus::ALL, MessageStatus::as_str, &row.status)?,
            due_at: moment(row.due_s)?,
            visit_id: optional_id(row.visit_id.as_deref())?,
            booking_id: optional_id(row.booking_id.as_deref())?,
            customer_id: optional_id(row.customer_id.as_deref())?,
            technician_id: optional_id(row.technician_id.as_deref())?,
            webhook_id: optional_id(row.webhook_id.as_deref())?,
            content: from_json(&row.body)?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            provider_id: row.provider_id,
            error: row.error,
            created_at: moment(row.created_s)?,
            updated_at: moment(row.updated_s)?,
            sent_at: optional_moment(row.sent_s)?,
        })
    }
}

/// The value of a word in a column.
pub(crate) fn word<T: Copy>(
    all: &[T],
    as_str: fn(T) -> &'static str,
    text: &str,
) -> Result<T, StoreError> {
    let found = all.iter().copied().find(|one| as_str(*one) == text);
    found.ok_or_else(|| StoreError::Corrupt { what: "word", detail: text.to_owned() })
}

/// Where a new message stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What makes it the same message.
    pub unique_key: String,
    /// Its lane.
    pub lane: String,
    /// Its place among those of the lane with the same turn.
    pub seq: i64,
}

/// Stores a new message; whether there was none with its key before.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx,
    organization_id: OrganizationId,
    message: &Message,
    place: &Place,
) -> Result<bool, StoreError> {
    let mut query = Query::new(
        "insert into messages (id, organization_id, unique_key, lane, turn_s, seq, kind, channel, status, \
         due_s, visit_id, booking_id, customer_id, technician_id, webhook_id, body, attempts, \
         provider_id, error, created_s, updated_s) values ",
    );
    let values: [Value; 21] = [
        message.id.into(),
        organization_id.into(),
        place.unique_key.as_str().into(),
        place.lane.as_str().into(),
        message.due_at.into(),
        place.seq.into(),
        message.kind.as_str().into(),
        message.channel.as_str().into(),
        message.status.as_str().into(),
        message.due_at.into(),
        message.visit_id.into(),
        message.booking_id.into(),
        message.customer_id.into(),
        message.technician_id.into(),
        message.webhook_id.into(),
        to_json(&message.content)?.into(),
        0_i64.into(),
        message.provider_id.as_str().into(),
        message.error.as_str().into(),
        message.created_at.into(),
        message.updated_at.into(),
    ];
    query.push_tuple(values);
    query.push(" on conflict (organization_id, unique_key) do nothing");
    Ok(query.execute(tx).await? > 0)
}

/// The message with this id.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn get(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let text =
        format!("select {COLUMNS} from messages m where m.organization_id = $1 and m.id = $2");
    let row = Query::new(text).bind(organization_id).bind(id).first::<MessageRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

/// The lane of a message.
///
/// # Errors
/// If the database fails.
pub async fn lane_of(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: MessageId,
) -> Result<Option<String>, StoreError> {
    let text = "select lane from messages where organization_id = $1 and id = $2";
    let row = Query::new(text).bind(organization_id).bind(id).first::<(String,)>(tx).await?;
    Ok(row.map(|(lane,)| lane))
}

/// The next message of a lane that waits or whose attempt ended without a word.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn next_of_lane(
    tx: &mut Tx,
    organization_id: OrganizationId,
    lane: &str,
) -> Result<Option<Message>, StoreError> {
    let text = format!(
        "select {COLUMNS} from messages m where m.organization_id = $1 and m.lane = $2 \
         and m.status in ('waiting', 'sending') \
         order by m.turn_s, m.seq, m.id limit 1"
    );
    let row = Query::new(text).bind(organization_id).bind(lane).first::<MessageRow>(tx).await?;
    row.map(TryInto::try_into).transpose()
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    unique_key: String,
    lane: String,
    seq: i64,
    #[sqlx(flatten)]
    message: MessageRow,
}

/// Messages about a visit that have not gone out, waiting or held, by moment; each with its place.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn unsent_of_visit(
    tx: &mut Tx,
    organization_id: OrganizationId,
    visit_id: VisitId,
) -> Result<Vec<(Place, Message)>, StoreError> {
    let text = format!(
        "select m.unique_key, m.lane, m.seq, {COLUMNS} from messages m \
         where m.organization_id = $1 and m.visit_id = $2 \
         and m.status in ('waiting', 'held') order by m.due_s, m.seq, m.id"
    );
    let query = Query::new(text).bind(organization_id).bind(visit_id);
    let placed = |row: PlacedRow| {
        let PlacedRow { unique_key, lane, seq, message } = row;
        Ok((Place { unique_key, lane, seq }, message.try_into()?))
    };
    query.all::<PlacedRow>(tx).await?.into_iter().map(placed).collect()
}

/// Visits of which a dispatcher was asked since a moment whether to tell that they are late, and has
/// not answered; by id.
///
/// Cost: a look at the messages since then.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn late_held(
    tx: &mut Tx,
    organization_id: OrganizationId,
    since: DateTime<Utc>,
) -> Result<Vec<VisitId>, StoreError> {
    let text = "select distinct m.visit_id from messages m where m.organization_id = $1 \
        and m.created_s >= $2 and m.status = 'held' and m.kind = 'running_late' and m.visit_id is not null \
        order by m.visit_id";
    let query = Query::new(text).bind(organization_id).bind(stored(since));
    let found = query.all::<(String,)>(tx).await?;
    found.iter().map(|(text,)| id(text)).collect()
}

/// Whether there is a message about a visit whose unique key begins so, other than those dropped for
/// one reason.
///
/// # Errors
/// If the database fails.
pub async fn any_but(
    tx: &mut Tx,
    (organization_id, visit_id): (OrganizationId, VisitId),
    base: &str,
    dropped_because: &str,
) -> Result<bool, StoreError> {
    let text = "select m.id from messages m where m.organization_id = $1 \
        and m.visit_id = $2 and substr(m.unique_key, 1, cast($3 as integer)) = $4 \
        and not (m.status = 'dropped' and m.error = $5) limit 1";
    let length = i64::try_from(base.chars().count()).unwrap_or(i64::MAX);
    let query = Query::new(text).bind(organization_id).bind(visit_id).bind(length);
    Ok(!query.bind(base).bind(dropped_because).all::<(String,)>(tx).await?.is_empty())
}

/// Changes how far a message is, if it still has the status and the number of attempts that the
/// caller saw; whether it had.
///
/// * `seen`: the message as it was read.
///
/// # Errors
/// If the database fails.
pub async fn update(
    tx: &mut Tx,
    organization_id: OrganizationId,
    seen: &Message,
    changed: &Message,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let count = Query::new(
        "update messages set status = $1, due_s = $2, body = $3, attempts = $4, \
         provider_id = $5, error = $6, updated_s = $7, sent_s = $8 \
         where organization_id = $9 and id = $10 and status = $11 and attempts = $12",
    )
    .bind(changed.status.as_str())
    .bind(changed.due_at)
    .bind(to_json(&changed.content)?)
    .bind(i64::from(changed.attempts))
    .bind(changed.provider_id.as_str())
    .bind(changed.error.as_str())
    .bind(stored(now))
    .bind(changed.sent_at)
    .bind(organization_id)
    .bind(seen.id)
    .bind(seen.status.as_str())
    .bind(i64::from(seen.attempts))
    .execute(tx)
    .await?;
    Ok(count > 0)
}

/// Gives a message that waits another turn in its lane.
///
/// # Errors
/// If the database fails.
pub async fn set_turn(
    tx: &mut Tx,
    organization_id: OrganizationId,
    id: MessageId,
    turn: DateTime<Utc>,
) -> Result<(), StoreError> {
    let text = "update messages set turn_s = $1 where organization_id = $2 and id = $3";
    Query::new(text).bind(turn).bind(organization_id).bind(id).execute(tx).await?;
    Ok(())
}

/// Notes what a provider says about a message it has taken; whether it knows such a message.
///
/// # Errors
/// If the database fails.
pub async fn report(
    tx: &mut Tx,
    channel: Channel,
    provider_id: &str,
    (status, error): (MessageStatus, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    // Reports come late and in any order: what is delivered stays so.
    let count = Query::new(
        "update messages set status = $1, error = $2, updated_s = $3 \
         where provider_id = $4 and channel = $5 and status in ('sending', 'sent')",
    )
    .bind(status.as_str())
    .bind(error)
    .bind(now)
    .bind(provider_id)
    .bind(channel.as_str())
    .execute(tx)
    .await?;
    Ok(count > 0)
}

/// Notes that a provider has a message after all whose answer was lost; whether it was such a one.
///
/// # Errors
/// If the database fails.
pub async fn arrived(
    tx: &mut Tx,
    (channel, id): (Channel, MessageId),
    provider_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let count = Query::new(
        "update messages set status = 'sent', provider_id = $1, error = '', updated_s = $2, \
         sent_s = $2 where id = $3 and channel = $4 and status in ('sending', 'unknown')",
    )
    .bind(provider_id)
    .bind(now)
    .bind(id)
    .bind(channel.as_str())
    .execute(tx)
    .await?;
    Ok(count > 0)
}

/// Deletes messages that are over since before a moment; how many.
///
/// # Errors
/// If the database fails.
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    Query::new(
        "delete from messages where updated_s < $1 \
         and status not in ('waiting', 'held', 'sending')",
    )
    .bind(before)
    .execute(tx)
    .await
}

/// The newest messages of all organizations, for an installation that shows them to everybody.
///
/// # Errors
/// If the database fails or holds what this version cannot read.
pub async fn newest(tx: &mut Tx, limit: u32) -> Result<Vec<Message>, StoreError> {
    let text =
        format!("select {COLUMNS} from messages m order by m.created_s desc, m.id desc limit $1");
    let rows = Query::new(text).bind(limit).all::<MessageRow>(tx).await?;
    rows.into_iter().map(TryInto::try_into).collect()
}
