//! Over which channels this server can send, and as whom.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::permissions::{Operation, permit};
use crate::domain::actors::Actor;
use crate::domain::error::AppError;
use crate::domain::messages::Channel;
use crate::notify::NotifySettings;

/// A channel, and whether this server sends over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelState {
    /// Which.
    pub channel: Channel,
    /// Whether messages go out over it.
    pub available: bool,
    /// Whether they are only kept in a folder of the server, and reach nobody.
    pub kept: bool,
    /// As whom: an address, or what the provider calls the sender; empty where there is none.
    pub sender: String,
    /// Settings of the server that an administrator has to set first; empty if it is available.
    pub missing: Vec<String>,
}

/// All channels, and whether this server sends over them. No secret is shown.
///
/// # Errors
/// [`AppError::Forbidden`].
pub fn list(app: &App, actor: &Actor) -> Result<Vec<ChannelState>, AppError> {
    permit(actor, Operation::MessageSettingsRead)?;
    let settings = app.notify.settings();
    let states = Channel::ALL.map(|channel| match channel {
        Channel::Email => ChannelState { sender: app.mail_sender(), ..state(settings, channel) },
        _ => state(settings, channel),
    });
    Ok(states.to_vec())
}

fn state(settings: &NotifySettings, channel: Channel) -> ChannelState {
    let email = &settings.email;
    let (there, sender, needed): (bool, &str, &[&str]) = match channel {
        Channel::Email => (email.server.is_some() || email.outbox.is_some(), "", &["email.server"]),
        Channel::Sms => (
            settings.sms.is_some(),
            settings.sms.as_ref().map_or("", |sms| &sms.from),
            &["sms.account", "sms.token", "sms.from"],
        ),
        Channel::Whatsapp => (
            settings.whatsapp.is_some(),
            settings.whatsapp.as_ref().map_or("", |whatsapp| &whatsapp.phone_number_id),
            &["whatsapp.phone_number_id", "whatsapp.access_token"],
        ),
        Channel::Push => (!settings.push.key.is_empty(), &settings.push.subject, &["push.key"]),
        // Where they go is said with each receiver, so the server has nothing to set.
        Channel::Slack | Channel::Webhook => (true, "", &[]),
    };
    let missing = if there { &[] } else { needed };
    ChannelState {
        channel,
        available: there,
        kept: channel == Channel::Email && email.server.is_none() && email.outbox.is_some(),
        sender: sender.to_owned(),
        missing: missing.iter().map(|&name| name.to_owned()).collect(),
    }
}
