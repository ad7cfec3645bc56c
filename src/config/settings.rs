//! The table of settings: the one place to add a setting, its text and its limits.

mod calendars;
mod messages;
mod vendors;

use std::fmt::Display;

use super::Config;
use super::parse::{
    allowed_origin, assign, choice, class_factor, database_url, hour_percent, list, log_filter,
    network, optional, path, plain, secret, web_url, within, without_password,
};

/// How a setting is written and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value.
    Single,
    /// Any number of members.
    List,
    /// One value that is never shown.
    Secret,
}

/// One setting. The default is what `show` tells of `Config::default()`.
#[derive(Debug)]
pub struct Setting {
    /// Section and name, as in the file: `server.listen`.
    pub key: &'static str,
    /// What it does, with its unit.
    pub about: &'static str,
    /// What values it takes; a range of numbers is written `A to B`.
    pub allowed: &'static str,
    /// A value it takes that is not the default.
    pub example: &'static str,
    /// How it is written and shown.
    pub kind: Kind,
    /// Puts a value in its place, or says why not.
    pub(super) set: fn(&mut Config, &str) -> Result<(), String>,
    /// The value as text that `set` would take.
    pub(super) show: fn(&Config) -> String,
}

impl Setting {
    /// The part of the key before the point.
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }

    /// The part of the key behind the point.
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }

    /// A value of this setting as people may see it.
    pub(super) fn disguised(&self, text: &str) -> String {
        match self.kind {
            Kind::Secret if !text.is_empty() => "***".to_owned(),
            _ => without_password(text),
        }
    }

    /// The variable of the environment that sets it.
    pub fn variable(&self) -> String {
        format!("ROUNDSMAN_{}", self.key.replace('.', "_").to_uppercase())
    }
}

/// All settings, by section.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "server.listen",
        about: "Address and port to accept HTTP connections on; port 0 takes any free one.",
        allowed: "address:port",
        example: "0.0.0.0:8080",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.server.listen, plain(text)),
        show: |config| config.server.listen.to_string(),
    },
    Setting {
        key: "server.public_url",
        about: "How clients reach the server from outside, for links. Empty: http:// and the \
                address it listens on.",
        allowed: "an http or https URL without query",
        example: "https://dispatch.example.com",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.server.public_url, optional(text, web_url)),
        show: |config| show_option(config.server.public_url.as_ref()),
    },
    Setting {
        key: "server.trusted_proxies",
        about: "Reverse proxies whose X-Forwarded-For header is believed when the address of a \
                client is needed, for instance for rate limits.",
        allowed: "addresses or networks in CIDR notation",
        example: "127.0.0.1/32,10.0.0.0/8",
        kind: Kind::List,
        set: |config, text| assign(&mut config.server.trusted_proxies, list(text, network)),
        show: |config| show_list(&config.server.trusted_proxies),
    },
    Setting {
        key: "server.cors_origins",
        about: "Other sites whose pages may call the public operations from a browser.",
        allowed: "origins (scheme, host and port, without a path), or * for all",
        example: "https://www.example.com",
        kind: Kind::List,
        set: |config, text| assign(&mut config.server.cors_origins, list(text, allowed_origin)),
        show: |config| config.server.cors_origins.join(","),
    },
    Setting {
        key: "server.body_limit_bytes",
        about: "Largest request body, in bytes; a larger one is answered with status 413.",
        allowed: "1024 to 1073741824",
        example: "33554432",
        kind: Kind::Single,
        set: |config, text| {
            assign(&mut config.server.body_limit_bytes, within(text, 1024..=1_073_741_824))
        },
        show: |config| config.server.body_limit_bytes.to_string(),
    },
    Setting {
        key: "server.request_timeout_s",
        about: "Longest time for one request, in seconds; then it is answered with status 503.",
        allowed: "1 to 600",
        example: "60",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.server.request_timeout_s, within(text, 1..=600)),
        show: |config| config.server.request_timeout_s.to_string(),
    },
    Setting {
        key: "server.shutdown_grace_s",
        about: "Longest wait, in seconds, for running requests and jobs after SIGTERM or SIGINT.",
        allowed: "0 to 600",
        example: "10",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.server.shutdown_grace_s, within(text, 0..=600)),
        show: |config| config.server.shutdown_grace_s.to_string(),
    },
    Setting {
        key: "server.public_requests_per_minute",
        about: "Requests per minute that one client address may send to public booking without \
                credentials; more are answered with status 429.",
        allowed: "1 to 100000",
        example: "120",
        kind: Kind::Single,
        set: |config, text| {
            assign(&mut config.server.public_requests_per_minute, within(text, 1..=100_000))
        },
        show: |config| config.server.public_requests_per_minute.to_string(),
    },
    Setting {
        key: "server.metrics_token",
        about: "What other machines must send as a bearer token to read /metrics. Empty: only \
                clients on the same machine may read it.",
        allowed: "at least 16 visible ASCII characters",
        example: "long-and-random-1",
        kind: Kind::Secret,
        set: |config, text| assign(&mut config.server.metrics_token, optional(text, secret)),
        show: |config| show_option(config.server.metrics_token.as_ref()),
    },
    Setting {
        key: "server.secret_key",
        about: "What keys for links in messages and for stored secrets are derived from; all \
                processes of one database need the same, and with another one old links open \
                nothing. Empty: the file secret.key in the data folder, made if it is missing.",
        allowed: "at least 16 visible ASCII characters",
        example: "long-and-random-2",
        kind: Kind::Secret,
        set: |config, text| assign(&mut config.server.secret_key, optional(text, secret)),
        show: |config| show_option(config.server.secret_key.as_ref()),
    },
    Setting {
        key: "data.dir",
        about: "Folder for the SQLite file and for prepared road graphs; made if it is missing.",
        allowed: "a path",
        example: "/var/lib/roundsman",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.data.dir, path(text)),
        show: |config| config.data.dir.display().to_string(),
    },
    Setting {
        key: "data.audit_days",
        about: "Days for which entries of the audit log are kept; older ones are deleted within \
                the hour.",
        allowed: "1 to 36500",
        example: "3650",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.data.audit_days, within(text, 1..=36_500)),
        show: |config| config.data.audit_days.to_string(),
    },
    Setting {
        key: "database.url",
        about: "Where everything is kept. Empty: the SQLite file roundsman.db in the data folder.",
        allowed: "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME",
        example: "postgres://roundsman@localhost/roundsman",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.database.url, optional(text, database_url)),
        show: |config| show_option(config.database.url.as_ref()),
    },
    Setting {
        key: "database.pool_size",
        about: "Most database connections at once.",
        allowed: "1 to 1000",
        example: "16",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.database.pool_size, within(text, 1..=1000)),
        show: |config| config.database.pool_size.to_string(),
    },
    Setting {
        key: "workers.enabled",
        about: "Whether this process takes jobs from the queue, such as the end of holds.",
        allowed: "true or false",
        example: "false",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.workers.enabled, choice(text, "false", "true")),
        show: |config| config.workers.enabled.to_string(),
    },
    Setting {
        key: "workers.count",
        about: "Jobs this process does at the same time.",
        allowed: "1 to 64",
        example: "4",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.workers.count, within(text, 1..=64)),
        show: |config| config.workers.count.to_string(),
    },
    Setting {
        key: "optimizer.runs",
        about: "Runs of the optimizer this process does at the same time, organizations in turn; \
                further ones wait. 0 leaves all to other processes.",
        allowed: "0 to 64",
        example: "2",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.optimizer.runs, within(text, 0..=64)),
        show: |config| config.optimizer.runs.to_string(),
    },
    Setting {
        key: "optimizer.threads",
        about: "Threads of one run of the optimizer at most, whatever is asked for. They run at a \
                lower priority than requests.",
        allowed: "1 to 64",
        example: "4",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.optimizer.threads, within(text, 1..=64)),
        show: |config| config.optimizer.threads.to_string(),
    },
    Setting {
        key: "sessions.lifetime_minutes",
        about: "How long a login lasts, in minutes.",
        allowed: "5 to 525600",
        example: "480",
        kind: Kind::Single,
        set: |config, text| {
            assign(&mut config.sessions.lifetime_minutes, within(text, 5..=525_600))
        },
        show: |config| config.sessions.lifetime_minutes.to_string(),
    },
    Setting {
        key: "roads.file",
        about: "OpenStreetMap extract (.osm.pbf), or a graph prepared by `roundsman roads import`. \
                Empty: no travel by road.",
        allowed: "a path",
        example: "city.osm.pbf",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.roads.file, optional(text, path)),
        show: |config| {
            let file = config.roads.file.as_ref();
            file.map(|file| file.display().to_string()).unwrap_or_default()
        },
    },
    Setting {
        key: "roads.class_factors",
        about: "Multiplies the speed on roads of a class. Changes which route is best, so the \
                road graph is prepared anew.",
        allowed: "members CLASS=FACTOR; classes motorway, trunk, primary, secondary, tertiary, \
                  unclassified, residential, living_street, service, ferry; factors 0.1 to 3.0",
        example: "residential=0.8,service=0.7",
        kind: Kind::List,
        set: |config, text| assign(&mut config.roads.class_factors, list(text, class_factor)),
        show: |config| show_pairs(&config.roads.class_factors),
    },
    Setting {
        key: "roads.drive_time_percent",
        about: "What all drive times by road are multiplied by, in percent: 120 makes every drive \
                a fifth longer.",
        allowed: "10 to 1000",
        example: "120",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.roads.drive_time_percent, within(text, 10..=1000)),
        show: |config| config.roads.drive_time_percent.to_string(),
    },
    Setting {
        key: "roads.hour_percent",
        about: "What drive times by road are multiplied by in an hour of the civil day, in \
                percent, on top of roads.drive_time_percent. A slot is searched with the highest \
                of the hours in which its drives may happen.",
        allowed: "members HOUR=PERCENT; hours 0 to 23, percent 10 to 1000",
        example: "7=120,8=140,16=130",
        kind: Kind::List,
        set: |config, text| assign(&mut config.roads.hour_percent, list(text, hour_percent)),
        show: |config| show_pairs(&config.roads.hour_percent),
    },
    Setting {
        key: "map.file",
        about: "Base map of the board and of customers' pages: vector tiles in one file (.pmtiles) \
                with the layers of `data/region`. Empty: maps show routes and places on an empty \
                ground.",
        allowed: "a path",
        example: "city.pmtiles",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.map.file, optional(text, path)),
        show: |config| {
            let file = config.map.file.as_ref();
            file.map(|file| file.display().to_string()).unwrap_or_default()
        },
    },
    Setting {
        key: "addresses.file",
        about: "Addresses of the region, for suggestions while customers type: a table (.csv, or \
                .csv.zst) with the columns lat, lon, street, housenumber, postcode and city. \
                Empty: customers set a pin on the map.",
        allowed: "a path",
        example: "city.addresses.csv.zst",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.addresses.file, optional(text, path)),
        show: |config| {
            let file = config.addresses.file.as_ref();
            file.map(|file| file.display().to_string()).unwrap_or_default()
        },
    },
    Setting {
        key: "osrm.connect_timeout_ms",
        about: "Longest wait for a connection to an organization's OSRM server, in milliseconds.",
        allowed: "10 to 60000",
        example: "500",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.osrm.connect_timeout_ms, within(text, 10..=60_000)),
        show: |config| config.osrm.connect_timeout_ms.to_string(),
    },
    Setting {
        key: "osrm.timeout_ms",
        about: "Longest wait for an answer of an OSRM server, connection included, in milliseconds.",
        allowed: "10 to 600000",
        example: "2000",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.osrm.timeout_ms, within(text, 10..=600_000)),
        show: |config| config.osrm.timeout_ms.to_string(),
    },
    Setting {
        key: "osrm.allowed_networks",
        about: "Private and loopback networks in which an OSRM server may stand. Others of them \
                are refused, so that nobody reaches internal services through this setting.",
        allowed: "addresses or networks in CIDR notation",
        example: "192.168.1.20,10.1.0.0/16",
        kind: Kind::List,
        set: |config, text| assign(&mut config.osrm.allowed_networks, list(text, network)),
        show: |config| show_list(&config.osrm.allowed_networks),
    },
    Setting {
        key: "osrm.root_certificates",
        about: "A PEM file with certificate authorities that are trusted for https to OSRM \
                servers, besides those of the machine. Empty: only those of the machine.",
        allowed: "a path",
        example: "/etc/roundsman/authority.pem",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.osrm.root_certificates, optional(text, path)),
        show: |config| {
            let path = config.osrm.root_certificates.as_ref();
            path.map(|path| path.display().to_string()).unwrap_or_default()
        },
    },
    calendars::KEYS,
    calendars::POLL_S,
    calendars::DAYS_AHEAD,
    calendars::TASKS,
    calendars::CONNECT_TIMEOUT_MS,
    calendars::TIMEOUT_MS,
    calendars::REREAD_TIMEOUT_MS,
    calendars::TRUST_MINUTES,
    calendars::PRIVATE_EVENTS,
    calendars::TRAVEL,
    calendars::ALLOWED_NETWORKS,
    vendors::PUSH,
    vendors::GOOGLE_CLIENT_ID,
    vendors::GOOGLE_CLIENT_SECRET,
    vendors::GOOGLE_ACCOUNTS_URL,
    vendors::GOOGLE_OAUTH_URL,
    vendors::GOOGLE_API_URL,
    vendors::MICROSOFT_CLIENT_ID,
    vendors::MICROSOFT_CLIENT_SECRET,
    vendors::MICROSOFT_TENANT,
    vendors::MICROSOFT_LOGIN_URL,
    vendors::MICROSOFT_GRAPH_URL,
    messages::EMAIL_SERVER,
    messages::EMAIL_FROM,
    messages::EMAIL_OUTBOX,
    messages::EMAIL_ROOTS,
    messages::SMS_ACCOUNT,
    messages::SMS_TOKEN,
    messages::SMS_FROM,
    messages::SMS_API,
    messages::WHATSAPP_NUMBER,
    messages::WHATSAPP_TOKEN,
    messages::WHATSAPP_SECRET,
    messages::WHATSAPP_VERIFY,
    messages::WHATSAPP_API,
    messages::PUSH_KEY,
    messages::PUSH_CONTACT,
    messages::WEBHOOK_NETWORKS,
    Setting {
        key: "log.format",
        about: "How log lines look: for people, or one JSON object a line.",
        allowed: "text or json",
        example: "json",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.log.json, choice(text, "text", "json")),
        show: |config| if config.log.json { "json" } else { "text" }.to_owned(),
    },
    Setting {
        key: "log.level",
        about: "What to log.",
        allowed: "error, warn, info, debug, trace or off; also by module: info,sqlx=warn",
        example: "info,roundsman=debug",
        kind: Kind::Single,
        set: |config, text| assign(&mut config.log.level, log_filter(text)),
        show: |config| config.log.level.clone(),
    },
];

fn show_option<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

fn show_list<T: ToString>(members: &[T]) -> String {
    members.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

fn show_pairs<K: Display, V: Display>(pairs: &[(K, V)]) -> String {
    let shown = pairs.iter().map(|(name, factor)| format!("{name}={factor}"));
    shown.collect::<Vec<_>>().join(",")
}
