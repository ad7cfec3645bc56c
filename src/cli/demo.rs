//! `roundsman demo`: the demo company on a real map, seeded once, served at once.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;

use super::error::CliError;
use super::settings::SettingsArgs;
use super::{output, serve, wiring};
use crate::addresses::AddressBook;
use crate::app::App;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Origin, Sources};
use crate::demo;
use crate::demo::region::{ADDRESSES, MAP, ROADS, Region};
use crate::demo::seeding::{self, MakeApp, Seeded};
use crate::demo::tour::{self, Tour};
use crate::domain::error::AppError;
use crate::store::Db;
use crate::travel::Travel;
use crate::web::{Example, Fact, Home, Login, Map};

/// Says what the folder holds, and from which day.
const MARK: &str = "demo.json";

/// Requests a minute that the demo takes from one address; people try things.
const PUBLIC_REQUESTS: u32 = 600;

/// Settings that the demo decides itself, and what to do instead of setting them.
const DECIDED: [(&str, &str); 6] = [
    ("server.listen", "choose the port with --port; others than this machine get no answer"),
    ("server.public_url", "the demo answers only this machine"),
    ("data.dir", "choose the folder with --data"),
    ("database.url", "the demo keeps its data in its own folder, so that it touches no other"),
    ("roads.file", "the demo has a map of its own"),
    ("addresses.file", "the demo has addresses of its own"),
];

/// Log filter of the demo unless the settings name one: seeding books hundreds of visits, and a line
/// for each would push what to open and to try out of sight.
const QUIET: &str = "info,roundsman::app=warn";

/// Start the demo company: 24 technicians around Reykjavik and three weeks of their work
///
/// The first start seeds the data folder, which takes some seconds; later ones find it. The company
/// is invented from today's date: with --fresh an older one makes room for a new one. Listens on
/// this machine only.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Port to listen on; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// Folder for the demo's data
    #[arg(long, value_name = "DIR", default_value = "var/demo")]
    data: PathBuf,
    /// Throw the demo's data away and seed anew
    #[arg(long)]
    fresh: bool,
}

/// What the mark in the folder says.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Mark {
    /// The day that the company was invented for.
    seeded_on: NaiveDate,
    /// Whether its bookings are all there.
    complete: bool,
}

pub(super) fn run(settings: &SettingsArgs, args: &DemoArgs) -> Result<(), CliError> {
    let (mut config, sources) = settings.load(&[])?;
    ignored(&sources)?;
    config.server.listen = SocketAddr::from(([127, 0, 0, 1], args.port));
    config.server.public_url = None;
    if sources.origin("server.public_requests_per_minute").is_none() {
        config.server.public_requests_per_minute = PUBLIC_REQUESTS;
    }
    config.data.dir.clone_from(&args.data);
    // The demo never touches a database in earnest, whatever the settings say.
    config.database.url = None;
    if config.log.level == Config::default().log.level {
        QUIET.clone_into(&mut config.log.level);
    }
    let numbers = serve::logged(&config)?;
    let now = SystemClock.now();
    let mark = prepare(&args.data, args.fresh, now)?;
    config.roads.file = Some(map(&args.data)?);
    if config.email.server.is_none() && config.email.outbox.is_none() {
        // Nobody is written to; what would be sent can be read.
        config.email.outbox = Some(args.data.join("outbox"));
    }
    wiring::block_on(async {
        // Whoever cannot have the port should not wait for the seeding first.
        let (listener, config) = serve::listen(config).await?;
        let travel = wiring::travel(&config)?;
        let db = wiring::database(&config).await?;
        if !mark.complete {
            seed(&config, (&db, &travel), mark.seeded_on, now).await?;
        }
        let addresses = AddressBook::read(ADDRESSES)
            .map_err(|error| CliError::fault("cannot read the addresses", &error))?;
        let app = wiring::app_over(&config, db.clone(), travel)?.with_open_outbox();
        let app = app.with_addresses(Arc::new(addresses));
        let mut tour = tour::tour(&app, &config.public_url(), now).await.map_err(failed)?;
        tour.examples.push(from_terminal(&config));
        output::answer(&tour.text(stale(&mark, now).as_deref()))?;
        let pages = (home(tour), Map::Embedded(MAP));
        serve::until_signal(&config, (db, app), pages, listener, numbers).await
    })
}

/// Refuses flags for what the demo decides itself, and says which settings of a file or of the
/// environment, made for a server in earnest, do not count here.
fn ignored(sources: &Sources) -> Result<(), CliError> {
    for (key, instead) in DECIDED {
        match sources.origin(key) {
            Some(Origin::Flag(flag)) => {
                let message = format!("{flag} {key} has no effect on the demo; {instead}");
                return Err(CliError::Usage(message));
            }
            Some(origin) => output::warn(&format!("{origin}: {key} is not for the demo; ignored")),
            None => {}
        }
    }
    Ok(())
}

/// The same question as anyone's, asked with this program; it needs the demo's folder and map.
fn from_terminal(config: &Config) -> (String, String) {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let program = std::env::current_exe().unwrap_or_else(|_| "roundsman".into());
    let map = config.roads.file.as_deref().map(whole).unwrap_or_default();
    let command = format!(
        "'{}' slots --set 'data.dir={}' \\\n  --set 'roads.file={}' \\\n  --service '{}' --at \
         'Skeifan 15, 108' --limit 5",
        program.display(),
        whole(&config.data.dir).display(),
        map.display(),
        tour::SERVICE,
    );
    ("In the terminal: when could a photographer come?".to_owned(), command)
}

/// Makes the folder ready: a whole company, or none and a mark that says so.
fn prepare(dir: &Path, fresh: bool, now: DateTime<Utc>) -> Result<Mark, CliError> {
    let making = format!("cannot make the folder {}", dir.display());
    fs::create_dir_all(dir).map_err(|error| CliError::fault(&making, &error))?;
    let marked = fs::read_to_string(dir.join(MARK)).ok();
    let mark: Option<Mark> = marked.and_then(|text| serde_json::from_str(&text).ok());
    let database = dir.join("roundsman.db");
    match mark {
        Some(mark) if mark.complete && !fresh && database.exists() => return Ok(mark),
        // The mark shows that the data is the demo's own.
        Some(_) => remove(dir)?,
        None if database.exists() => {
            return Err(CliError::Usage(format!(
                "{} holds a database that is no demo; choose another folder with --data",
                dir.display()
            )));
        }
        None => {}
    }
    let mark = Mark { seeded_on: now.date_naive(), complete: false };
    write_mark(dir, &mark)?;
    Ok(mark)
}

fn remove(dir: &Path) -> Result<(), CliError> {
    for name in ["roundsman.db", "roundsman.db-wal", "roundsman.db-shm"] {
        let file = dir.join(name);
        let doing = format!("cannot remove {}", file.display());
        match fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CliError::fault(&doing, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn write_mark(dir: &Path, mark: &Mark) -> Result<(), CliError> {
    let file = dir.join(MARK);
    let doing = format!("cannot write {}", file.display());
    let text = serde_json::to_string(mark).map_err(|error| CliError::fault(&doing, &error))?;
    fs::write(&file, text).map_err(|error| CliError::fault(&doing, &error))
}

/// The map of the region as a file, which the road graph is prepared from.
fn map(dir: &Path) -> Result<PathBuf, CliError> {
    let folder = dir.join("roads");
    let file = folder.join("reykjavik-region.osm.pbf");
    let doing = format!("cannot write {}", file.display());
    let there = fs::read(&file).is_ok_and(|bytes| bytes == ROADS);
    if !there {
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, ROADS));
        written.map_err(|error| CliError::fault(&doing, &error))?;
    }
    Ok(file)
}

/// Seeds an empty database and marks the folder as complete.
async fn seed(
    config: &Config,
    (db, travel): (&Db, &Travel),
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), CliError> {
    let begin = Instant::now();
    let region = Region::embedded();
    let region = region.map_err(|error| CliError::fault("cannot read the region", &error))?;
    let (db, travel) = (db.clone(), travel.clone());
    let make: Arc<MakeApp> =
        Arc::new(move |clock, ids| App::new(db.clone(), clock, ids, travel.clone()));
    let seeded = seeding::seed(make, &region, demo::SEED, (today, now)).await.map_err(failed)?;
    write_mark(&config.data.dir, &Mark { seeded_on: today, complete: true })?;
    let Seeded { booked, refused } = seeded;
    let seconds = begin.elapsed().as_secs_f64();
    tracing::info!("Seeded {booked} bookings in {seconds:.1} s; {refused} orders found no slot");
    Ok(())
}

/// A hint if the company's three weeks are about to end.
fn stale(mark: &Mark, now: DateTime<Utc>) -> Option<String> {
    let days = (now.date_naive() - mark.seeded_on).num_days();
    (days > 6).then(|| {
        format!("The company is {days} days old; start with --fresh for one around today.")
    })
}

fn home(tour: Tour) -> Home {
    Home {
        title: tour.title,
        booking: Some(format!("/book/{}", demo::SLUG)),
        base_url: tour.base_url,
        facts: tour.facts.into_iter().map(|(name, value)| Fact { name, value }).collect(),
        logins: tour
            .logins
            .into_iter()
            .map(|(role, email)| Login { role, email, password: demo::PASSWORD.to_owned() })
            .collect(),
        examples: tour
            .examples
            .into_iter()
            .map(|(title, command)| Example { title, command })
            .collect(),
    }
}

fn failed(error: AppError) -> CliError {
    let AppError::Invalid(faults) = &error else {
        return CliError::fault("cannot set up the demo company", &error);
    };
    let lines: Vec<String> = faults.iter().map(super::files::line).collect();
    CliError::Fault(format!("cannot set up the demo company\n{}", lines.join("\n")))
}
