//! What can go wrong with a calendar at its provider.

use std::time::Duration;

/// Why a provider did not do what was asked. No text holds addresses with secrets, names or bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// The credentials are wrong, or access was revoked.
    #[error("the calendar server refuses the credentials: {0}")]
    Refused(String),
    /// The credentials are right but do not allow this.
    #[error("the account may not do this: {0}")]
    Forbidden(String),
    /// The calendar or item is not there.
    #[error("it is not there any more: {0}")]
    Gone(String),
    /// The item has another version than the one that is known.
    #[error("it was changed in the calendar meanwhile")]
    Changed,
    /// An item with this id is there already.
    #[error("an event with this id is there already")]
    Exists,
    /// The list of changes does not reach back to the cursor.
    #[error("the list of changes does not reach back so far")]
    CursorExpired,
    /// The provider wants to be left alone for a while.
    #[error("the calendar server is busy{}", .retry_after.map(|wait| format!("; again in {} s", wait.as_secs())).unwrap_or_default())]
    Busy {
        /// How long, if it says so.
        retry_after: Option<Duration>,
    },
    /// The server stands where it must not be called.
    #[error("the address {0} is private; allow it in `calendars.allowed_networks`")]
    PrivateAddress(String),
    /// The address is none that can be called.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// The server points to another server; credentials are not carried there.
    #[error("the server points to another server, {0}; give that address if you trust it")]
    Redirected(String),
    /// The server did not answer, or not in time; whether a change was made is not known.
    #[error("the calendar server did not answer: {0}")]
    Unreachable(String),
    /// The answer makes no sense.
    #[error("the answer of the calendar server cannot be read: {0}")]
    Malformed(String),
    /// The answer is a refusal of a kind of its own.
    #[error("the calendar server answered {status}: {detail}")]
    Answer {
        /// The status.
        status: u16,
        /// The name of the condition, or the first words.
        detail: String,
    },
    /// The provider cannot do this.
    #[error("this kind of calendar cannot do this: {0}")]
    Unsupported(String),
}

impl SyncError {
    /// Whether the credentials have to be given anew before anything can work again.
    pub fn needs_reconnect(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// Whether it may work later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unreachable(_) => true,
            Self::Answer { status, .. } => *status >= 500,
            _ => false,
        }
    }
}
