//! The settings of a server: what they are, where they come from, and every fault in them at once.

mod faults;
mod messages;
mod parse;
mod reference;
mod settings;
mod sources;
mod vendors;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

pub use faults::{ConfigError, ConfigFault};
pub use messages::{EmailConfig, PushConfig, SmsConfig, WebhooksConfig, WhatsappConfig};
pub use parse::ROAD_CLASSES;
pub use reference::{effective, reference};
pub use settings::{Kind, SETTINGS, Setting};
pub use sources::{Origin, Sources};
pub use vendors::{GoogleConfig, MicrosoftConfig};

/// Every setting, checked. `docs/configuration.md` describes each with its unit and default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// How the server talks to its clients.
    pub server: ServerConfig,
    /// Where files are kept, and what for how long.
    pub data: DataConfig,
    /// Which database holds everything.
    pub database: DatabaseConfig,
    /// The background work.
    pub workers: WorkersConfig,
    /// Runs of the optimizer.
    pub optimizer: OptimizerConfig,
    /// Logins of members.
    pub sessions: SessionsConfig,
    /// The embedded road graph.
    pub roads: RoadsConfig,
    /// The base map of pages.
    pub map: MapConfig,
    /// The addresses of the region.
    pub addresses: AddressesConfig,
    /// OSRM servers that organizations bring.
    pub osrm: OsrmConfig,
    /// Secrets at rest.
    pub secrets: SecretsConfig,
    /// People's calendars.
    pub calendars: CalendarsConfig,
    /// Messages to customers, technicians and programs.
    pub email: EmailConfig,
    /// Text messages.
    pub sms: SmsConfig,
    /// `WhatsApp`.
    pub whatsapp: WhatsappConfig,
    /// Notifications of browsers.
    pub push: PushConfig,
    /// Webhooks.
    pub webhooks: WebhooksConfig,
    /// Our application at Google.
    pub google: GoogleConfig,
    /// Our application at Microsoft.
    pub microsoft: MicrosoftConfig,
    /// What the server tells about itself.
    pub log: LogConfig,
}

/// How the server talks to its clients.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// Address and port to accept connections on.
    pub listen: SocketAddr,
    /// How clients reach the server from outside; `None` means at `listen`.
    pub public_url: Option<Url>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins of other sites whose pages may call the public operations; `*` for all.
    pub cors_origins: Vec<String>,
    /// Largest request body, bytes.
    pub body_limit_bytes: usize,
    /// Longest time for one request, seconds.
    pub request_timeout_s: u64,
    /// Longest wait for running requests at shutdown, seconds.
    pub shutdown_grace_s: u64,
    /// Public booking requests allowed per minute and client address.
    pub public_requests_per_minute: u32,
    /// What other machines must send to read the metrics; `None` shuts them out.
    pub metrics_token: Option<String>,
    /// What keys for links and for what is encrypted are derived from; `None` means a file in the
    /// data folder.
    pub secret_key: Option<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            body_limit_bytes: 8 * 1024 * 1024,
            request_timeout_s: 30,
            shutdown_grace_s: 30,
            public_requests_per_minute: 60,
            metrics_token: None,
            secret_key: None,
        }
    }
}

/// Where files are kept, and what for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct DataConfig {
    /// Folder for the `SQLite` file and prepared road graphs.
    pub dir: PathBuf,
    /// How long audit entries are kept, days.
    pub audit_days: u32,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { dir: PathBuf::from("var"), audit_days: 400 }
    }
}

/// Which database holds everything.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://..`; `None` means a file in the data folder.
    pub url: Option<String>,
    /// Most connections at once.
    pub pool_size: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: None, pool_size: 8 }
    }
}

/// The background work.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkersConfig {
    /// Whether this process takes jobs from the queue.
    pub enabled: bool,
    /// Jobs done at the same time.
    pub count: u32,
}

impl Default for WorkersConfig {
    fn default() -> Self {
        Self { enabled: true, count: 2 }
    }
}

/// Runs of the optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerConfig {
    /// Runs done at the same time; 0 leaves them to other processes.
    pub runs: u32,
    /// Threads of one run at most.
    pub threads: u32,
}

impl Default for OptimizerConfig {
    fn default() -> Self {
        Self { runs: 1, threads: 1 }
    }
}

/// Logins of members.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionsConfig {
    /// How long a login lasts, minutes.
    pub lifetime_minutes: u32,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { lifetime_minutes: 12 * 60 }
    }
}

/// The embedded road graph.
#[derive(Debug, Clone, PartialEq)]
pub struct RoadsConfig {
    /// An `.osm.pbf` file or a prepared graph; `None` means no travel by road.
    pub file: Option<PathBuf>,
    /// Multiplies the speeds on roads of a class, before the graph is prepared.
    pub class_factors: Vec<(String, f32)>,
    /// What all drive times are multiplied by, percent.
    pub drive_time_percent: u16,
    /// What drive times are multiplied by in an hour of the civil day, 0 to 23, percent; comes on
    /// top of the one for all.
    pub hour_percent: Vec<(u8, u16)>,
}

/// The addresses of the region.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressesConfig {
    /// A table of addresses; `None` means that customers set a pin on the map.
    pub file: Option<PathBuf>,
}

/// The base map of pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapConfig {
    /// A `PMTiles` file of vector tiles; `None` means that maps have an empty ground.
    pub file: Option<PathBuf>,
}

impl Default for RoadsConfig {
    fn default() -> Self {
        Self {
            file: None,
            class_factors: Vec::new(),
            drive_time_percent: 100,
            hour_percent: Vec::new(),
        }
    }
}

impl RoadsConfig {
    /// What drive times are multiplied by in each hour of the civil day, percent.
    pub fn percent_by_hour(&self) -> [u16; 24] {
        let mut percent = [self.drive_time_percent; 24];
        for (hour, its) in &self.hour_percent {
            let both = u32::from(self.drive_time_percent) * u32::from(*its) / 100;
            percent[usize::from(*hour % 24)] = u16::try_from(both).unwrap_or(u16::MAX);
        }
        percent
    }
}

/// OSRM servers that organizations bring.
#[derive(Debug, Clone, PartialEq)]
pub struct OsrmConfig {
    /// Longest wait for a connection, milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for an answer, milliseconds.
    pub timeout_ms: u64,
    /// Private networks that may be asked; all others of them are refused.
    pub allowed_networks: Vec<IpNet>,
    /// A PEM file with certificate authorities that are trusted besides the machine's.
    pub root_certificates: Option<PathBuf>,
}

impl Default for OsrmConfig {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 1000,
            timeout_ms: 3000,
            allowed_networks: Vec::new(),
            root_certificates: None,
        }
    }
}

/// Secrets at rest.
#[derive(Clone, PartialEq, Default)]
pub struct SecretsConfig {
    /// Members `ID=KEY` between commas; the first encrypts.
    pub keys: String,
}

impl std::fmt::Debug for SecretsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = if self.keys.is_empty() { "" } else { "***" };
        f.debug_struct("SecretsConfig").field("keys", &keys).finish()
    }
}

/// What events in people's calendars say of the drive to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarTravel {
    /// Nothing.
    None,
    /// Its minutes, and when to leave.
    Text,
}

/// People's calendars.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarsConfig {
    /// How often each calendar is asked for changes, seconds.
    pub poll_s: u32,
    /// How far ahead busy times are read, days.
    pub days_ahead: u32,
    /// Calendars read or written at the same time; 0 leaves them to other processes.
    pub tasks: u32,
    /// Longest wait for a connection, milliseconds.
    pub connect_timeout_ms: u64,
    /// Longest wait for an answer, milliseconds.
    pub timeout_ms: u64,
    /// Longest wait of a booking for calendars to be read again, milliseconds.
    pub reread_timeout_ms: u64,
    /// How old the last reading of a calendar that cannot be read may be, minutes.
    pub trust_minutes: u32,
    /// Whether visits are written as private events.
    pub private_events: bool,
    /// What events say of the drive to them.
    pub travel: CalendarTravel,
    /// Whether providers are asked to tell of changes at once.
    pub push: bool,
    /// Private networks in which a server may stand; all others of them are refused.
    pub allowed_networks: Vec<IpNet>,
}

impl Default for CalendarsConfig {
    fn default() -> Self {
        Self {
            poll_s: 120,
            days_ahead: 120,
            tasks: 4,
            connect_timeout_ms: 5000,
            timeout_ms: 30_000,
            reread_timeout_ms: 1500,
            trust_minutes: 24 * 60,
            private_events: false,
            travel: CalendarTravel::None,
            push: false,
            allowed_networks: Vec::new(),
        }
    }
}

/// What the server tells about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct LogConfig {
    /// One JSON object a line, instead of text.
    pub json: bool,
    /// What to log: a level, or levels by module.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { json: false, level: "info".to_owned() }
    }
}

impl Config {
    /// Merges all sources, the strongest last: defaults, file, environment, flags.
    ///
    /// Returns the settings, and for each one that was set, who set it.
    ///
    /// # Errors
    /// Every value that is refused and every key that does not exist, together.
    ///
    /// ```
    /// use roundsman::config::{Config, Sources};
    ///
    /// let mut sources = Sources::default();
    /// sources.file("roundsman.toml", "[workers]\ncount = 5");
    /// sources.environment([("ROUNDSMAN_WORKERS_COUNT".to_owned(), "15".to_owned())]);
    /// assert_eq!(Config::from_sources(&sources).unwrap().workers.count, 15);
    /// ```
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut faults = sources.faults().to_vec();
        for value in sources.values() {
            if let Err(problem) = (value.setting.set)(&mut config, &value.text) {
                faults.push(ConfigFault::refused(value, &problem));
            }
        }
        config.check_together(&mut faults);
        if faults.is_empty() { Ok(config) } else { Err(ConfigError(faults)) }
    }

    /// Where the database is; a file in the data folder if nobody said otherwise.
    pub fn database_url(&self) -> String {
        let in_data_dir = || format!("sqlite:{}", self.data.dir.join("roundsman.db").display());
        self.database.url.clone().unwrap_or_else(in_data_dir)
    }

    /// [`Config::database_url`] without its password, for people.
    pub fn database_shown(&self) -> String {
        parse::without_password(&self.database_url())
    }

    /// The base of all links to the server, without a slash at the end.
    pub fn public_url(&self) -> String {
        let given = self.server.public_url.as_ref().map(Url::to_string);
        let url = given.unwrap_or_else(|| format!("http://{}", self.server.listen));
        url.trim_end_matches('/').to_owned()
    }

    /// Folder for prepared road graphs.
    pub fn roads_dir(&self) -> PathBuf {
        Path::new(&self.data.dir).join("roads")
    }

    /// Faults that no setting has alone.
    fn check_together(&self, faults: &mut Vec<ConfigFault>) {
        if self.osrm.connect_timeout_ms > self.osrm.timeout_ms {
            faults.push(ConfigFault::together(format!(
                "osrm.connect_timeout_ms = {} is longer than osrm.timeout_ms = {}, of which it is \
                 a part: lower the first or raise the second",
                self.osrm.connect_timeout_ms, self.osrm.timeout_ms
            )));
        }
        let percent = self.roads.percent_by_hour();
        let wrong = |hour: &usize| !(10..=1000).contains(&percent[*hour]);
        if let Some(hour) = (0..24).find(wrong) {
            faults.push(ConfigFault::together(format!(
                "roads.drive_time_percent = {} and roads.hour_percent make {} percent of drive \
                 times at {hour} h: together they must stay within 10 to 1000",
                self.roads.drive_time_percent, percent[hour]
            )));
        }
    }
}

#[cfg(test)]
mod tests;
