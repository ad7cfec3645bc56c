//! The settings keep what their texts promise.

use super::*;

fn with_flag(key: &str, text: &str) -> Result<Config, ConfigError> {
    let mut sources = Sources::default();
    sources.flag("--set", key, text);
    Config::from_sources(&sources)
}

#[test]
fn every_setting_takes_its_example_and_shows_it_again() {
    for setting in SETTINGS {
        let config = with_flag(setting.key, setting.example).unwrap();
        assert_ne!(config, Config::default(), "{} changes nothing", setting.key);
        let again = with_flag(setting.key, &(setting.show)(&config)).unwrap();
        assert_eq!(again, config, "{}", setting.key);
    }
}

#[test]
fn every_setting_takes_back_its_default() {
    for setting in SETTINGS {
        let default = Config::default();
        let shown = (setting.show)(&default);
        assert_eq!(with_flag(setting.key, &shown).unwrap(), default, "{}", setting.key);
    }
}

#[test]
fn every_range_of_numbers_is_the_documented_one() {
    let mut ranges = 0;
    for setting in SETTINGS {
        let Some((low, high)) = setting.allowed.split_once(" to ") else { continue };
        let (Ok(low), Ok(high)) = (low.parse::<i64>(), high.parse::<i64>()) else { continue };
        ranges += 1;
        let takes =
            |number: i64| (setting.set)(&mut Config::default(), &number.to_string()).is_ok();
        assert!(takes(low) && takes(high), "{} refuses its limits", setting.key);
        assert!(!takes(low - 1) && !takes(high + 1), "{} goes beyond them", setting.key);
        assert!(!takes_text(setting, "ten"), "{} takes a word", setting.key);
    }
    assert!(ranges >= 10, "only {ranges} settings are ranges");
}

fn takes_text(setting: &Setting, text: &str) -> bool {
    (setting.set)(&mut Config::default(), text).is_ok()
}

#[test]
fn every_field_has_exactly_one_setting() {
    // One leaf a line: `name: value,` where the value opens no further struct or list.
    let shown = format!("{:#?}", Config::default());
    let leaves = shown.lines().filter(|line| line.contains(": ") && !line.ends_with('{')).count();
    assert_eq!(leaves, SETTINGS.len());
    let mut keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), SETTINGS.len());
}

#[test]
fn the_document_describes_the_settings_as_they_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written == reference(), "run: cargo run -- config --reference > docs/configuration.md");
}

#[test]
fn flags_beat_the_environment_which_beats_the_file() {
    let mut sources = Sources::default();
    sources.file(
        "a.toml",
        "[sessions]\nlifetime_minutes = 5\n[workers]\ncount = 1\n[database]\npool_size = 1",
    );
    let variable = |name: &str| (format!("ROUNDSMAN_{name}"), "2".to_owned());
    sources.environment([variable("WORKERS_COUNT"), variable("DATABASE_POOL_SIZE")]);
    sources.flag("--set", "database.pool_size", "3");
    let config = Config::from_sources(&sources).unwrap();
    let got = (config.sessions.lifetime_minutes, config.workers.count, config.database.pool_size);
    assert_eq!(got, (5, 2, 3));
}

#[test]
fn all_faults_come_at_once_with_value_origin_and_advice() {
    let mut sources = Sources::default();
    sources.file("a.toml", "[server]\nlisten = \"8080\"\nlisen = \"x\"\n[workers]\ncount = 0");
    sources.environment([("ROUNDSMAN_LOG_FORMAT".to_owned(), "xml".to_owned())]);
    let error = Config::from_sources(&sources).unwrap_err();
    assert_eq!(
        error.to_string(),
        "server.lisen (file a.toml): no such setting; did you mean server.listen? `roundsman \
         config --reference` lists all\n\
         server.listen = \"8080\" (file a.toml): invalid socket address syntax; must be \
         address:port, for instance 0.0.0.0:8080\n\
         workers.count = \"0\" (file a.toml): out of range; must be 1 to 64, for instance 4\n\
         log.format = \"xml\" (environment ROUNDSMAN_LOG_FORMAT): unknown word; must be text or \
         json, for instance json"
    );
}

#[test]
fn a_broken_file_is_named_with_the_line() {
    let mut sources = Sources::default();
    sources.file("a.toml", "[server]\nlisten = ");
    let text = Config::from_sources(&sources).unwrap_err().to_string();
    assert!(text.starts_with("file a.toml: is no TOML at line 2"), "{text}");
}

#[test]
fn an_unknown_variable_warns_and_does_not_stop_the_start() {
    let mut sources = Sources::default();
    let names = ["ROUNDSMAN_PORT", "ROUNDSMAN_CONFIG", "ROUNDSMAN_TEST_POSTGRES_DIR", "HOME"];
    sources.environment(names.map(|name| (name.to_owned(), "x".to_owned())));
    assert_eq!(sources.warnings(), ["ROUNDSMAN_PORT: no setting is called so; ignored"]);
    assert!(Config::from_sources(&sources).is_ok());
}

#[test]
fn passwords_are_never_shown() {
    let mut sources = Sources::default();
    sources.flag("--set", "database.url", "postgres://me:s3cret@db/roundsman");
    let config = Config::from_sources(&sources).unwrap();
    let shown = effective(&config, &sources);
    assert!(shown.contains("url = \"postgres://me:***@db/roundsman\" # flag --set"), "{shown}");
    sources.flag("--set", "server.metrics_token", "0123456789abcdef");
    let config = Config::from_sources(&sources).unwrap();
    let shown = effective(&config, &sources);
    assert!(shown.contains("metrics_token = \"***\" # flag --set"), "{shown}");
    let refused = with_flag("server.metrics_token", "s3cret").unwrap_err().to_string();
    assert!(!refused.contains("s3cret") && refused.contains("too short"), "{refused}");
    let refused = with_flag("database.url", "mysql://me:s3cret@db/x").unwrap_err().to_string();
    assert!(!refused.contains("s3cret"), "{refused}");
}

#[test]
fn what_is_in_force_can_be_used_as_a_file() {
    let mut sources = Sources::default();
    for setting in SETTINGS.iter().filter(|setting| setting.kind != Kind::Secret) {
        sources.flag("--set", setting.key, setting.example);
    }
    let config = Config::from_sources(&sources).unwrap();
    let mut again = Sources::default();
    again.file("shown.toml", &effective(&config, &sources));
    assert_eq!(Config::from_sources(&again).unwrap(), config);
}

#[test]
fn what_follows_from_other_settings_follows_them() {
    let config = with_flag("data.dir", "/srv/r").unwrap();
    assert_eq!(config.database_url(), "sqlite:/srv/r/roundsman.db");
    let config = with_flag("server.public_url", "https://example.com/r/").unwrap();
    assert_eq!(config.public_url(), "https://example.com/r");
    assert_eq!(Config::default().public_url(), "http://127.0.0.1:8080");
}

#[test]
fn timeouts_that_contradict_each_other_are_refused() {
    let text = with_flag("osrm.timeout_ms", "20").unwrap_err().to_string();
    assert!(text.contains("osrm.connect_timeout_ms = 1000"), "{text}");
}

#[test]
fn factors_of_drives_have_limits_and_names() {
    for wrong in ["24=100", "8", "8=9", "8=1001", "x=100"] {
        assert!(with_flag("roads.hour_percent", wrong).is_err(), "takes {wrong}");
    }
    for wrong in ["lane=1", "service=0.09", "service=3.1", "service=NaN"] {
        assert!(with_flag("roads.class_factors", wrong).is_err(), "takes {wrong}");
    }
    let allowed = SETTINGS.iter().find(|setting| setting.key == "roads.class_factors").unwrap();
    assert!(ROAD_CLASSES.iter().all(|class| allowed.allowed.contains(class)));
}

#[test]
fn the_factor_of_an_hour_comes_on_top_of_the_one_for_all() {
    let mut sources = Sources::default();
    sources.flag("--set", "roads.drive_time_percent", "120");
    sources.flag("--set", "roads.hour_percent", "8=150, 23=50");
    let percent = Config::from_sources(&sources).unwrap().roads.percent_by_hour();
    // 120 x 150 / 100 and 120 x 50 / 100.
    assert_eq!((percent[7], percent[8], percent[23]), (120, 180, 60));
    sources.flag("--set", "roads.drive_time_percent", "1000");
    let text = Config::from_sources(&sources).unwrap_err().to_string();
    assert!(text.contains("1500 percent of drive times at 8 h"), "{text}");
}
