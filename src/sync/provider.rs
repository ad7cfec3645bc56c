//! What every provider can do.

use crate::domain::calendars::Credentials;
use crate::domain::calendars::remote::{
    Changes, EventDraft, RemoteCalendar, RemoteItem, Window, WrittenEvent,
};
use crate::sync::SyncError;

/// An account at a provider of calendars.
///
/// Calendars are named by [`RemoteCalendar::remote_id`], items by [`RemoteItem::remote_id`]. Every
/// call can be repeated: nothing that is done twice happens twice.
pub trait Provider {
    /// The calendars of the account that hold events, the main one first.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    fn calendars(&self) -> impl Future<Output = Result<Vec<RemoteCalendar>, SyncError>> + Send;

    /// What has changed since `cursor`, or all there is in the window if there is none.
    ///
    /// * `known`: remote ids and etags of the items that were seen before, for providers without a
    ///   list of changes: they tell what is new by comparing.
    ///
    /// # Errors
    /// [`SyncError::CursorExpired`] if the list of changes does not reach back so far: ask again
    /// without a cursor.
    fn changes(
        &self,
        calendar: &str,
        cursor: Option<&str>,
        known: &[(String, String)],
        window: Window,
    ) -> impl Future<Output = Result<Changes, SyncError>> + Send;

    /// Everything that has a part in a short span, as it is right now.
    ///
    /// # Errors
    /// If the provider does not answer or refuses; [`SyncError::Unsupported`] if it cannot be asked
    /// for a part.
    fn span(
        &self,
        calendar: &str,
        window: Window,
    ) -> impl Future<Output = Result<Vec<RemoteItem>, SyncError>> + Send;

    /// What stands in the calendar for a draft: the event as it was written, or what an attempt
    /// without an answer has left; none if nothing does.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    fn find(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: Option<&WrittenEvent>,
    ) -> impl Future<Output = Result<Option<RemoteItem>, SyncError>> + Send;

    /// Writes an event that is not there yet.
    ///
    /// # Errors
    /// [`SyncError::Exists`] if one with its id is; then [`Provider::find`] tells what it is.
    fn create(
        &self,
        calendar: &str,
        draft: &EventDraft,
    ) -> impl Future<Output = Result<WrittenEvent, SyncError>> + Send;

    /// Writes over an event, if it still has the version that is known. Without a known etag,
    /// whatever version it has.
    ///
    /// # Errors
    /// [`SyncError::Changed`] if it has another version; [`SyncError::Gone`] if it is not there.
    fn update(
        &self,
        calendar: &str,
        draft: &EventDraft,
        known: &WrittenEvent,
    ) -> impl Future<Output = Result<WrittenEvent, SyncError>> + Send;

    /// Takes an event away; it is fine if it is not there any more.
    ///
    /// # Errors
    /// If the provider does not answer or refuses.
    fn delete(
        &self,
        calendar: &str,
        known: &WrittenEvent,
    ) -> impl Future<Output = Result<(), SyncError>> + Send;

    /// New credentials for ones that have run out or are about to; none if they do not run out. The
    /// caller stores them before it uses them.
    ///
    /// # Errors
    /// [`SyncError::Refused`] if access was revoked.
    fn renew(&self) -> impl Future<Output = Result<Option<Credentials>, SyncError>> + Send {
        async { Ok(None) }
    }
}
