//! Our applications at vendors of calendars, and where those are.

use std::fmt;

/// Our application at Google, and where Google is.
#[derive(Clone, PartialEq)]
pub struct GoogleConfig {
    /// The application's public name; empty if there is none.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Base of the consent page.
    pub accounts_url: String,
    /// Base of the token and revocation end points.
    pub oauth_url: String,
    /// Base of the calendar API.
    pub api_url: String,
}

impl Default for GoogleConfig {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            client_secret: String::new(),
            accounts_url: "https://accounts.google.com/".to_owned(),
            oauth_url: "https://oauth2.googleapis.com/".to_owned(),
            api_url: "https://www.googleapis.com/calendar/v3/".to_owned(),
        }
    }
}

impl fmt::Debug for GoogleConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleConfig")
            .field("client_id", &self.client_id)
            .field("client_secret", &"***")
            .field("accounts_url", &self.accounts_url)
            .field("oauth_url", &self.oauth_url)
            .field("api_url", &self.api_url)
            .finish()
    }
}

/// Our application at Microsoft, and where Microsoft is.
#[derive(Clone, PartialEq)]
pub struct MicrosoftConfig {
    /// The application's public name; empty if there is none.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Who may connect: `common`, `organizations`, or the id of one tenant.
    pub tenant: String,
    /// Base of the consent page and the token end point.
    pub login_url: String,
    /// Base of the API.
    pub graph_url: String,
}

impl Default for MicrosoftConfig {
    fn default() -> Self {
        Self {
            client_id: String::new(),
            client_secret: String::new(),
            tenant: "common".to_owned(),
            login_url: "https://login.microsoftonline.com/".to_owned(),
            graph_url: "https://graph.microsoft.com/".to_owned(),
        }
    }
}

impl fmt::Debug for MicrosoftConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MicrosoftConfig")
            .field("client_id", &self.client_id)
            .field("client_secret", &"***")
            .field("tenant", &self.tenant)
            .field("login_url", &self.login_url)
            .field("graph_url", &self.graph_url)
            .finish()
    }
}
