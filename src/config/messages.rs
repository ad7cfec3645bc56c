//! What messages are sent with.

use std::path::PathBuf;

use ipnet::IpNet;

/// E-mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmailConfig {
    /// The server, with user and password; `None` sends nothing.
    pub server: Option<String>,
    /// The sender's address.
    pub from: Option<String>,
    /// A folder for e-mails when there is no server.
    pub outbox: Option<PathBuf>,
    /// A PEM file with an authority that is trusted besides the machine's.
    pub root_certificates: Option<PathBuf>,
}

/// Text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsConfig {
    /// The account; `None` sends nothing.
    pub account: Option<String>,
    /// Its secret.
    pub token: Option<String>,
    /// The number, name or messaging service that sends.
    pub from: Option<String>,
    /// Where the API is.
    pub api_url: String,
}

/// `WhatsApp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatsappConfig {
    /// The id of the number that sends; `None` sends nothing.
    pub phone_number_id: Option<String>,
    /// The secret to send with.
    pub access_token: Option<String>,
    /// The secret that callbacks are signed with.
    pub app_secret: Option<String>,
    /// The word that callbacks are asked for with.
    pub verify_token: Option<String>,
    /// Where the API is, with its version.
    pub api_url: String,
}

/// Notifications of browsers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PushConfig {
    /// The key; `None` means a file in the data folder.
    pub key: Option<String>,
    /// Whom push services may write to.
    pub contact: Option<String>,
}

/// Webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebhooksConfig {
    /// Private networks that may be called; all others of them are refused.
    pub allowed_networks: Vec<IpNet>,
}

impl Default for SmsConfig {
    fn default() -> Self {
        let api_url = "https://api.twilio.com".to_owned();
        Self { account: None, token: None, from: None, api_url }
    }
}

impl Default for WhatsappConfig {
    fn default() -> Self {
        Self {
            phone_number_id: None,
            access_token: None,
            app_secret: None,
            verify_token: None,
            api_url: "https://graph.facebook.com/v23.0".to_owned(),
        }
    }
}
