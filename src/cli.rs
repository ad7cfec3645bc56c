//! The command line: one file per command below, shared flags and exit codes here.

mod check;
mod config;
mod demo;
mod error;
mod export;
mod files;
mod import;
mod key;
mod migrate;
mod names;
mod organization;
mod output;
mod password;
mod roads;
mod serve;
mod settings;
mod slots;
mod solve;
mod user;
mod wiring;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use settings::SettingsArgs;

/// Field-service dispatch: true slots on real roads, held and booked.
#[derive(Debug, Parser)]
#[command(name = "roundsman", version, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes: 0 done, 1 something failed, 2 a flag, argument, file or setting is wrong; 3 solve leaves
mandatory work out, or the plan it checks breaks rules.
Answers go to stdout, messages and logs to stderr.";

/// One variant per file.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Slots(slots::SlotsArgs),
    Solve(solve::SolveArgs),
    Check(check::CheckArgs),
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    User(user::UserArgs),
    Key(key::KeyArgs),
    Migrate(migrate::MigrateArgs),
    Roads(roads::RoadsArgs),
    Config(config::ConfigArgs),
}

/// Runs the command that the arguments of this process name.
pub fn run() -> ExitCode {
    let Cli { settings, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            output::complain(&one_line(&error.render().to_string()));
            return ExitCode::from(2);
        }
        // Help and version.
        Err(error) => error.exit(),
    };
    let done = match command {
        Command::Demo(args) => demo::run(&settings, &args),
        Command::Serve(args) => serve::run(&settings, &args),
        Command::Slots(args) => slots::run(&settings, &args),
        Command::Solve(args) => solve::run(&settings, &args),
        Command::Check(args) => check::run(&settings, &args),
        Command::Import(args) => import::run(&settings, &args),
        Command::Export(args) => export::run(&settings, &args),
        Command::User(args) => user::run(&settings, &args),
        Command::Key(args) => key::run(&settings, &args),
        Command::Migrate(args) => migrate::run(&settings, &args),
        Command::Roads(args) => roads::run(&settings, &args),
        Command::Config(args) => config::run(&settings, &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error.to_string());
            error.exit_code()
        }
    }
}

/// What is wrong with the arguments, without the usage that would follow it.
fn one_line(rendered: &str) -> String {
    let told = rendered.split("\nUsage:").next().unwrap_or(rendered);
    let told = told.split("\nFor more information").next().unwrap_or(told);
    let words: Vec<&str> = told.split_whitespace().collect();
    let text = words.join(" ");
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    format!("{text}; --help shows what there is")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_flag_is_told_in_one_line() {
        let told = |arguments: &[&str]| {
            let error = Cli::try_parse_from(arguments).unwrap_err();
            one_line(&error.render().to_string())
        };
        let flag = told(&["roundsman", "check", "--frob", "a.json"]);
        assert!(flag.starts_with("unexpected argument '--frob' found"), "{flag}");
        let value = told(&["roundsman", "check", "--as", "cars", "a.json"]);
        let expected = "invalid value 'cars' for '--as <NOUN>' [possible values: technicians, \
            customers, sites]; --help shows what there is";
        assert_eq!(value, expected);
        let missing = told(&["roundsman", "key", "add"]);
        assert!(missing.contains("not provided: --scope <SCOPE> <NAME>"), "{missing}");
        assert!(![flag, value, missing].iter().any(|text| text.contains('\n')));
    }

    #[test]
    fn every_command_and_flag_has_a_help_text() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} has no help text");
            for arg in command.get_arguments() {
                let id = arg.get_id();
                assert!(arg.get_help().is_some(), "{name} {id} has no help text");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
