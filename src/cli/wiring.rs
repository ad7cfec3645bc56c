//! From settings to the parts that commands share: the runtime, the database, travel.

use std::fs;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use rand::Rng as _;

use super::error::CliError;
use super::roads;
use crate::addresses::AddressBook;
use crate::app::App;
use crate::app::calendars::{CalendarRules, Calendars};
use crate::app::outside::Outside;
use crate::app::secrets::vault::Vault;
use crate::clock::{Clock, SystemClock, SystemIds};
use crate::config::{CalendarTravel, Config, GoogleConfig, MicrosoftConfig};
use crate::notify::email::{EmailSettings, SmtpServer};
use crate::notify::push::{self, PushSettings};
use crate::notify::sms::SmsSettings;
use crate::notify::whatsapp::WhatsappSettings;
use crate::notify::{Notify, NotifySettings};
use crate::store::{Db, DbSettings};
use crate::sync::google::GoogleSettings;
use crate::sync::microsoft::MicrosoftSettings;
use crate::sync::oauth::OAuthClient;
use crate::sync::{Sync, SyncSettings, Vendors};
use crate::travel::factors::HourFactors;
use crate::travel::osrm::{OsrmSettings, Roots};
use crate::travel::{Travel, TravelSettings};

/// Runs asynchronous work to its end.
///
/// # Errors
/// Its own, or that the system gives no threads.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::fault("cannot start threads", &error))?;
    runtime.block_on(work)
}

/// Connects to the database of the settings and brings its tables up to date.
///
/// # Errors
/// If the data folder cannot be made, the database not reached or its tables not changed.
pub(super) async fn database(config: &Config) -> Result<Db, CliError> {
    let mut settings = DbSettings::new(config.database_url());
    settings.connections_max = config.database.pool_size;
    if config.database.url.is_none() {
        let dir = &config.data.dir;
        let doing = format!("cannot make the data folder {}", dir.display());
        fs::create_dir_all(dir).map_err(|error| CliError::fault(&doing, &error))?;
    }
    let shown = config.database_shown();
    let connecting = format!("cannot open the database {shown}");
    let db = Db::connect(&settings).await.map_err(|error| CliError::fault(&connecting, &error))?;
    let migrating = format!("cannot bring the tables of {shown} up to date");
    db.migrate().await.map_err(|error| CliError::fault(&migrating, &error))?;
    Ok(db)
}

/// Travel as the settings say. Cost: milliseconds for a prepared graph, about a second for the map
/// of a city the first time.
///
/// # Errors
/// If there is a road file or a file of certificates that cannot be used.
pub(super) fn travel(config: &Config) -> Result<Travel, CliError> {
    // The settings were checked against the range of the factors.
    let hour_factors = HourFactors::new(config.roads.percent_by_hour()).unwrap_or_default();
    let osrm = OsrmSettings {
        connect_timeout: Duration::from_millis(config.osrm.connect_timeout_ms),
        timeout: Duration::from_millis(config.osrm.timeout_ms),
        allowed_networks: config.osrm.allowed_networks.clone(),
        roots: roots(config)?,
        ..OsrmSettings::default()
    };
    let settings = TravelSettings { hour_factors, osrm, ..TravelSettings::default() };
    Ok(Travel::new(settings, roads::open(config)?.map(Arc::new)))
}

/// The certificate authorities of the settings.
fn roots(config: &Config) -> Result<Roots, CliError> {
    let Some(file) = &config.osrm.root_certificates else { return Ok(Roots::default()) };
    let unusable = |why: String| {
        let (key, file) = ("osrm.root_certificates", file.display());
        CliError::Usage(format!("the setting {key} names {file}, which cannot be used: {why}"))
    };
    let text = fs::read(file).map_err(|error| unusable(error.to_string()))?;
    Roots::from_pem(&text).map_err(unusable)
}

/// Everything that use cases need, over the database and the roads of the settings.
///
/// # Errors
/// As [`database`] and [`travel`].
pub(super) async fn app(config: &Config) -> Result<App, CliError> {
    let travel = travel(config)?;
    app_over(config, database(config).await?, travel)
}

/// Use cases by the machine's clock.
///
/// # Errors
/// If there is no secret and none can be kept in the data folder.
pub(super) fn app_over(config: &Config, db: Db, travel: Travel) -> Result<App, CliError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids = Arc::new(SystemIds::new(Arc::clone(&clock)));
    let outside = Outside::new(&config.public_url(), secret(config)?.as_bytes());
    let notify = Notify::new(senders(config)?);
    let unusable = |why: String| CliError::Usage(format!("the setting secrets.keys: {why}"));
    let vault = Vault::new(&config.secrets.keys).map_err(unusable)?;
    // Without keys of their own, secrets are kept under one that is derived from the server's.
    let vault = vault.and("server", outside.key("vault"));
    let app = App::new(db, clock, ids, travel).with_outside(outside).with_notify(notify);
    let app = app.with_vault(vault).with_calendars(calendars(config));
    Ok(app.with_addresses(Arc::new(addresses(config)?)))
}

/// What messages are sent with.
fn senders(config: &Config) -> Result<NotifySettings, CliError> {
    let unusable = |key: &str, why: String| CliError::Usage(format!("the setting {key}: {why}"));
    let roots = match &config.email.root_certificates {
        None => Vec::new(),
        Some(file) => fs::read(file).map_err(|error| {
            unusable("email.root_certificates", format!("{}: {error}", file.display()))
        })?,
    };
    let server = config.email.server.as_deref().map(|url| SmtpServer::from_url(url, &roots));
    let server = server.transpose().map_err(|why| unusable("email.server", why))?;
    let base = config.public_url();
    let url = base.parse::<url::Url>().ok();
    // An address by number is no domain of e-mail.
    let domain = url.as_ref().and_then(url::Url::domain).unwrap_or("roundsman.localhost");
    let domain = domain.to_owned();
    let from = config.email.from.clone().unwrap_or_else(|| format!("noreply@{domain}"));
    let contact = config.push.contact.clone().unwrap_or_else(|| format!("mailto:{from}"));
    let sms = match (&config.sms.account, &config.sms.token, &config.sms.from) {
        (Some(account), Some(token), Some(from)) => Some(SmsSettings {
            api_url: config.sms.api_url.clone(),
            account: account.clone(),
            token: token.clone(),
            from: from.clone(),
            // Providers call no private addresses, so that a server without a name gets no reports.
            callback: match &config.server.public_url {
                Some(_) => format!("{base}/callbacks/sms"),
                None => String::new(),
            },
        }),
        _ => None,
    };
    let whatsapp = match (&config.whatsapp.phone_number_id, &config.whatsapp.access_token) {
        (Some(phone_number_id), Some(access_token)) => Some(WhatsappSettings {
            api_url: config.whatsapp.api_url.clone(),
            phone_number_id: phone_number_id.clone(),
            access_token: access_token.clone(),
            app_secret: config.whatsapp.app_secret.clone().unwrap_or_default(),
            verify_token: config.whatsapp.verify_token.clone().unwrap_or_default(),
        }),
        _ => None,
    };
    let outbox = config.email.outbox.clone();
    Ok(NotifySettings {
        email: EmailSettings { server, from, domain, outbox },
        sms,
        whatsapp,
        push: PushSettings { key: push_key(config)?, subject: contact },
        allowed_networks: config.webhooks.allowed_networks.clone(),
        ..NotifySettings::default()
    })
}

/// The key of the settings, or the one in the data folder, which is made if it is missing.
fn push_key(config: &Config) -> Result<Vec<u8>, CliError> {
    let text = match &config.push.key {
        Some(key) => key.clone(),
        None => kept(config, ("push.key", "push.key"), || {
            push::new_key().map(|key| STANDARD.encode(key))
        })?,
    };
    let wrong = || CliError::Usage("the setting push.key is no key in base64".to_owned());
    STANDARD.decode(text.trim()).map_err(|_| wrong())
}

/// The way to people's calendars as the settings say.
fn calendars(config: &Config) -> Calendars {
    let said = &config.calendars;
    let sync = SyncSettings {
        connect_timeout: Duration::from_millis(said.connect_timeout_ms),
        timeout: Duration::from_millis(said.timeout_ms),
        allowed_networks: said.allowed_networks.clone(),
    };
    let vendors = Vendors {
        google: google(config),
        microsoft: microsoft(config),
        clock: Arc::new(SystemClock),
    };
    let reread = said.reread_timeout_ms;
    let rules = CalendarRules {
        poll: TimeDelta::seconds(said.poll_s.into()),
        ahead: TimeDelta::days(said.days_ahead.into()),
        reread: (reread > 0).then(|| Duration::from_millis(reread)),
        trust: TimeDelta::minutes(said.trust_minutes.into()),
        private_events: said.private_events,
        travel: said.travel == CalendarTravel::Text,
        links: config.server.public_url.as_ref().map(|_| config.public_url()),
        push: said.push,
    };
    Calendars::new(Sync::new(sync).with_vendors(vendors), rules)
}

/// Our application at Google, if there is one. The addresses were checked with the settings.
fn google(config: &Config) -> Option<GoogleSettings> {
    let GoogleConfig { client_id, client_secret, accounts_url, oauth_url, api_url } =
        config.google.clone();
    let client = OAuthClient { id: client_id, secret: client_secret };
    (!client.id.is_empty() && !client.secret.is_empty()).then_some(())?;
    Some(GoogleSettings {
        client,
        accounts_url: accounts_url.parse().ok()?,
        oauth_url: oauth_url.parse().ok()?,
        api_url: api_url.parse().ok()?,
    })
}

/// Our application at Microsoft, if there is one. The addresses were checked with the settings.
fn microsoft(config: &Config) -> Option<MicrosoftSettings> {
    let MicrosoftConfig { client_id, client_secret, tenant, login_url, graph_url } =
        config.microsoft.clone();
    let client = OAuthClient { id: client_id, secret: client_secret };
    (!client.id.is_empty() && !client.secret.is_empty()).then_some(())?;
    Some(MicrosoftSettings {
        client,
        tenant,
        login_url: login_url.parse().ok()?,
        graph_url: graph_url.parse().ok()?,
    })
}

/// The addresses of the settings; none if no file is named.
fn addresses(config: &Config) -> Result<AddressBook, CliError> {
    let Some(file) = &config.addresses.file else { return Ok(AddressBook::default()) };
    let unusable = |why: String| {
        let (key, file) = ("addresses.file", file.display());
        CliError::Usage(format!("the setting {key} names {file}, which cannot be used: {why}"))
    };
    let table = fs::read(file).map_err(|error| unusable(error.to_string()))?;
    AddressBook::read(&table).map_err(|error| unusable(error.to_string()))
}

/// The secret of the settings, or the one in the data folder, which is made if it is missing.
fn secret(config: &Config) -> Result<String, CliError> {
    if let Some(secret) = &config.server.secret_key {
        return Ok(secret.clone());
    }
    kept(config, ("secret.key", "server.secret_key"), || {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        Ok(STANDARD.encode(bytes))
    })
}

/// The secret in a file of the data folder, which is made if it is missing.
fn kept(
    config: &Config,
    (name, setting): (&str, &str),
    make: impl FnOnce() -> Result<String, String>,
) -> Result<String, CliError> {
    let file = config.data.dir.join(name);
    let doing = format!("cannot keep a secret in {} (or set {setting})", file.display());
    let fault = |error: std::io::Error| CliError::fault(&doing, &error);
    fs::create_dir_all(&config.data.dir).map_err(fault)?;
    if !file.exists() {
        let made = make().map_err(|why| CliError::Fault(format!("{doing}: {why}")))?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&file) {
            Ok(mut opened) => opened.write_all(made.as_bytes()).map_err(fault)?,
            // Another process of the same folder was quicker.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fault(error)),
        }
    }
    let secret = fs::read_to_string(&file).map_err(fault)?.trim().to_owned();
    if secret.len() < 16 {
        let message = format!("{} holds no secret; remove it for a new one", file.display());
        return Err(CliError::Usage(message));
    }
    Ok(secret)
}
