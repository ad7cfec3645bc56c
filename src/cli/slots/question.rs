//! Flags of `roundsman slots` as a query: names become ids, an address becomes a place.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};

use super::SlotsArgs;
use super::table::Names;
use crate::cli::error::CliError;
use crate::cli::names::named;
use crate::demo::region::Region;
use crate::domain::exchange::Document;
use crate::domain::id::LocationId;
use crate::domain::places::Place;
use crate::domain::slots::{SlotQuery, Wishes};

/// Days searched, the first included, if nobody says how many.
const DAYS: u64 = 7;

/// A query and what its answer is shown with.
pub(super) struct Question {
    pub(super) query: SlotQuery,
    /// Names of locations by id.
    pub(super) locations: BTreeMap<LocationId, String>,
    /// Names of technicians by id.
    pub(super) names: Names,
}

impl Question {
    /// What the flags ask.
    ///
    /// # Errors
    /// If a name fits nothing or several things, or the place is unknown.
    pub(super) fn of(
        args: &SlotsArgs,
        known: &Document,
        now: DateTime<Utc>,
    ) -> Result<Self, CliError> {
        let zone = known.organization.value.time_zone;
        let from = args.from.unwrap_or_else(|| now.with_timezone(&zone).date_naive());
        let service = |name: &String| named("service", name, &known.services, |it| &it.name);
        let package =
            args.package.iter().map(|name| named("package", name, &known.packages, |it| &it.name));
        let location = args
            .location
            .iter()
            .map(|name| named("location", name, &known.locations, |it| &it.name));
        let query = SlotQuery {
            service_ids: args.services.iter().map(service).collect::<Result<_, _>>()?,
            package_id: one(package)?,
            location_id: one(location)?,
            place: place(&args.at)?,
            from,
            until: args.until.unwrap_or(from + Days::new(DAYS - 1)),
            wishes: wishes(args, known)?,
            limit: args.limit,
            crews_per_slot: 1,
        };
        let locations = known.locations.iter().map(|item| (item.id, item.value.name.clone()));
        let names = known.technicians.iter().map(|item| (item.id, item.value.name.clone()));
        Ok(Self { query, locations: locations.collect(), names: names.collect() })
    }
}

fn wishes(args: &SlotsArgs, known: &Document) -> Result<Wishes, CliError> {
    let technician = args
        .technician
        .iter()
        .map(|name| named("technician", name, &known.technicians, |it| &it.name));
    let team = args.team.iter().map(|name| named("team", name, &known.teams, |it| &it.name));
    Ok(Wishes {
        technician_id: one(technician)?,
        team_id: one(team)?,
        part_of_day: args.part.map(Into::into),
        excluded_technician_ids: Vec::new(),
    })
}

/// The first, if there is one.
fn one<I>(mut found: impl Iterator<Item = Result<I, CliError>>) -> Result<Option<I>, CliError> {
    found.next().transpose()
}

/// The place that `LAT,LON` or an address of the demo region means.
fn place(text: &str) -> Result<Place, CliError> {
    if let Some((lat, lon)) = text.split_once(',')
        && let (Ok(lat), Ok(lon)) = (lat.trim().parse(), lon.trim().parse())
    {
        return Ok(Place::at(lat, lon));
    }
    let region = Region::embedded()
        .map_err(|error| CliError::fault("cannot look for the address", &error))?;
    let found = region.find(text).cloned();
    found.ok_or_else(|| {
        CliError::Usage(format!(
            "no address `{text}` in the demo region; write street and number, or LAT,LON"
        ))
    })
}
