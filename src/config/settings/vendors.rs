//! Settings of vendors at which members consent: Google and Microsoft.

use super::super::parse::{assign, choice, optional_secret, tenant, web_url};
use super::{Kind, Setting};

pub(super) const PUSH: Setting = Setting {
    key: "calendars.push",
    about: "Whether Google and Microsoft are asked to tell of changes at once. They must be able to \
            call server.public_url, which has to begin with https. Calendars are asked each \
            calendars.poll_s seconds in any case.",
    allowed: "true or false",
    example: "true",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.calendars.push, choice(text, "false", "true")),
    show: |config| config.calendars.push.to_string(),
};

pub(super) const GOOGLE_CLIENT_ID: Setting = Setting {
    key: "google.client_id",
    about: "Client id of the OAuth client that members connect their Google calendars with. Empty: \
            nobody can. How to make one: docs/calendars/google.md.",
    allowed: "visible signs without blanks",
    example: "1234.apps.googleusercontent.com",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.google.client_id, optional_secret(text)),
    show: |config| config.google.client_id.clone(),
};

pub(super) const GOOGLE_CLIENT_SECRET: Setting = Setting {
    key: "google.client_secret",
    about: "Secret of that OAuth client.",
    allowed: "visible signs without blanks",
    example: "GOCSPX-0123456789abcdef",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.google.client_secret, optional_secret(text)),
    show: |config| config.google.client_secret.clone(),
};

pub(super) const GOOGLE_ACCOUNTS_URL: Setting = Setting {
    key: "google.accounts_url",
    about: "Base of Google's consent page, which browsers open.",
    allowed: "an http or https URL without query",
    example: "https://accounts.example.com/",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.google.accounts_url, url_text(text)),
    show: |config| config.google.accounts_url.clone(),
};

pub(super) const GOOGLE_OAUTH_URL: Setting = Setting {
    key: "google.oauth_url",
    about: "Base of Google's end points for tokens and revocation, for servers behind a proxy.",
    allowed: "an http or https URL without query",
    example: "https://proxy.example.com/oauth2/",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.google.oauth_url, url_text(text)),
    show: |config| config.google.oauth_url.clone(),
};

pub(super) const GOOGLE_API_URL: Setting = Setting {
    key: "google.api_url",
    about: "Base of Google's calendar API, for servers behind a proxy.",
    allowed: "an http or https URL without query",
    example: "https://proxy.example.com/calendar/v3/",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.google.api_url, url_text(text)),
    show: |config| config.google.api_url.clone(),
};

pub(super) const MICROSOFT_CLIENT_ID: Setting = Setting {
    key: "microsoft.client_id",
    about: "Application id of the app registration that members connect their Outlook calendars \
            with. Empty: nobody can. How to make one: docs/calendars/microsoft.md.",
    allowed: "visible signs without blanks",
    example: "00000000-1111-2222-3333-444444444444",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.microsoft.client_id, optional_secret(text)),
    show: |config| config.microsoft.client_id.clone(),
};

pub(super) const MICROSOFT_CLIENT_SECRET: Setting = Setting {
    key: "microsoft.client_secret",
    about: "A client secret of that app registration.",
    allowed: "visible signs without blanks",
    example: "abc8Q~0123456789",
    kind: Kind::Secret,
    set: |config, text| assign(&mut config.microsoft.client_secret, optional_secret(text)),
    show: |config| config.microsoft.client_secret.clone(),
};

pub(super) const MICROSOFT_TENANT: Setting = Setting {
    key: "microsoft.tenant",
    about: "Who may connect: common for everybody, organizations for work and school accounts, \
            consumers for personal ones, or the id or domain of one directory.",
    allowed: "letters, digits, points and hyphens",
    example: "organizations",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.microsoft.tenant, tenant(text)),
    show: |config| config.microsoft.tenant.clone(),
};

pub(super) const MICROSOFT_LOGIN_URL: Setting = Setting {
    key: "microsoft.login_url",
    about: "Base of Microsoft's consent page and token end point; national clouds have others.",
    allowed: "an http or https URL without query",
    example: "https://login.microsoftonline.us/",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.microsoft.login_url, url_text(text)),
    show: |config| config.microsoft.login_url.clone(),
};

pub(super) const MICROSOFT_GRAPH_URL: Setting = Setting {
    key: "microsoft.graph_url",
    about: "Base of Microsoft Graph; national clouds have others.",
    allowed: "an http or https URL without query",
    example: "https://graph.microsoft.us/",
    kind: Kind::Single,
    set: |config, text| assign(&mut config.microsoft.graph_url, url_text(text)),
    show: |config| config.microsoft.graph_url.clone(),
};

/// A web address, as it is written.
fn url_text(text: &str) -> Result<String, String> {
    web_url(text).map(|url| url.to_string())
}
