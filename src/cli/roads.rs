//! `roundsman roads`: maps into road graphs, ahead of time; and how every command opens them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};
use roundsman_roads::{Profile, RoadClass, Roads, RoadsError, Size};

use super::error::CliError;
use super::output;
use super::settings::SettingsArgs;
use crate::config::{Config, ROAD_CLASSES};

/// Prepare maps for drive times on real roads
#[derive(Debug, Args)]
pub(super) struct RoadsArgs {
    #[command(subcommand)]
    command: RoadsCommand,
}

#[derive(Debug, Subcommand)]
enum RoadsCommand {
    Import(ImportArgs),
}

/// Read an OpenStreetMap extract and save the prepared road graph
///
/// The server does the same at its first start with a new map or new class factors; doing it ahead
/// makes that start quick. Name the written file or the map in the setting `roads.file`.
#[derive(Debug, Args)]
struct ImportArgs {
    /// The extract (.osm.pbf)
    file: PathBuf,
    /// Where to write the graph [default: roads/NAME.roads in the data folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(settings: &SettingsArgs, args: &RoadsArgs) -> Result<(), CliError> {
    let (config, _) = settings.load(&[])?;
    let RoadsCommand::Import(ImportArgs { file, out }) = &args.command;
    let out = out.clone().unwrap_or_else(|| prepared(&config, file));
    make_folder_of(&out)?;
    let begin = Instant::now();
    let roads = Roads::import(file, &profile(&config)?)
        .map_err(|error| CliError::Usage(error.to_string()))?;
    roads.save(&out).map_err(refused)?;
    let Size { pieces, directed_pieces, turns, shortcuts_and_turns } = roads.size();
    output::answer(&format!(
        "Prepared {pieces} stretches of road ({directed_pieces} directions, {turns} turns, \
         {shortcuts_and_turns} arcs) in {:.1} s\nWrote {}",
        begin.elapsed().as_secs_f64(),
        out.display()
    ))
}

/// Opens the setting `roads.file`: a prepared graph, or a map, whose graph is kept in the data
/// folder. `None` if it is not set.
///
/// # Errors
/// If the file cannot be read, is no map or graph, or is damaged.
pub(super) fn open(config: &Config) -> Result<Option<Roads>, CliError> {
    let Some(file) = &config.roads.file else { return Ok(None) };
    if !is_map(file) {
        return Roads::open(file, None).map(Some).map_err(refused);
    }
    let saved = prepared(config, file);
    make_folder_of(&saved)?;
    Roads::open_or_import(file, &saved, &profile(config)?).map(Some).map_err(refused)
}

/// Where the graph of a map is kept.
fn prepared(config: &Config, map: &Path) -> PathBuf {
    let name = map.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".pbf").trim_end_matches(".osm").trim_end_matches(".roads");
    config.roads_dir().join(format!("{name}.roads"))
}

fn is_map(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "pbf")
}

fn profile(config: &Config) -> Result<Profile, CliError> {
    let factors = &config.roads.class_factors;
    factors.iter().try_fold(Profile::car(), |profile, (name, factor)| {
        // The settings know only these names, and a test holds them against the classes.
        let at = ROAD_CLASSES.iter().position(|class| class == name).unwrap_or_default();
        profile.with_class_factor(RoadClass::ALL[at], *factor).map_err(refused)
    })
}

fn make_folder_of(file: &Path) -> Result<(), CliError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let doing = format!("cannot make the folder {}", folder.display());
    fs::create_dir_all(folder).map_err(|error| CliError::fault(&doing, &error))
}

fn refused(error: RoadsError) -> CliError {
    // The text names the file and what is wrong with it.
    CliError::Fault(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_classes_in_settings_are_those_of_the_roads() {
        let names = RoadClass::ALL.map(|class| {
            let name = format!("{class:?}");
            let word = name.chars().flat_map(|c| {
                let gap = c.is_uppercase().then_some('_');
                gap.into_iter().chain(c.to_lowercase())
            });
            word.collect::<String>().trim_start_matches('_').to_owned()
        });
        assert_eq!(names, ROAD_CLASSES);
    }

    #[test]
    fn a_graph_is_kept_under_the_name_of_its_map() {
        let kept = prepared(&Config::default(), Path::new("maps/city.roads.osm.pbf"));
        assert_eq!(kept, Path::new("var/roads/city.roads"));
    }
}
