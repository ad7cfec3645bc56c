//! News that wait for the end of quiet hours: newer ones take their place, and say the whole difference
//! to what was heard last.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::messages::writing::drop_unsent;
use crate::domain::error::AppError;
use crate::domain::id::{OrganizationId, VisitId};
use crate::domain::messages::{Message, MessageStatus};
use crate::store::Tx;
use crate::store::messages as rows;

/// What is said of a message in whose place a newer one goes out.
const REPLACED: &str = "something newer is told instead";

/// News of one reader that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unheard<T> {
    /// What the reader knew before; none if nothing.
    pub(super) before: Option<T>,
    /// The event that they follow from.
    pub(super) seq: i64,
    /// How many messages they are, one for each way to the reader.
    pub(super) count: usize,
}

/// Drops what waits of some news; whether none of it was heard, so that the reader knows what was known
/// before. What was tried already may have come through: it stays.
///
/// * `is_theirs`: whether a message is one of these news, if it follows from the same event.
///
/// # Errors
/// If the store fails.
pub(super) async fn take_back<T: Sync>(
    app: &App,
    tx: &mut Tx,
    (organization_id, visit_id): (OrganizationId, VisitId),
    news: &Unheard<T>,
    is_theirs: impl Fn(&Message) -> bool,
) -> Result<bool, AppError> {
    let unsent = rows::unsent_of_visit(tx, organization_id, visit_id).await?;
    let mut dropped = 0;
    for (place, message) in unsent {
        let waits = message.status == MessageStatus::Waiting && message.attempts == 0;
        if !waits || place.seq != news.seq || !is_theirs(&message) {
            continue;
        }
        if drop_unsent(app, tx, organization_id, &message, REPLACED).await? {
            dropped += 1;
        }
    }
    Ok(dropped == news.count)
}
