//! The settings as a document and as a list of what is in force.

use std::fmt::Write as _;

use super::Config;
use super::settings::{Kind, SETTINGS, Setting};
use super::sources::Sources;

/// `docs/configuration.md`: every setting with unit, default, allowed values and an example.
pub fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    let default = Config::default();
    let mut section = "";
    for setting in SETTINGS {
        if setting.section() != section {
            section = setting.section();
            let _ = write!(text, "\n## [{section}]\n");
        }
        let Setting { key, about, allowed, example, .. } = setting;
        let (variable, value) = (setting.variable(), (setting.show)(&default));
        let value = if value.is_empty() { "empty".to_owned() } else { format!("`{value}`") };
        let _ = write!(
            text,
            "\n### `{key}`\n\n{about}\n\n- Allowed: {allowed}\n- Default: {value}\n\
             - Example: `{example}`\n- Environment: `{variable}`\n"
        );
    }
    text
}

const INTRODUCTION: &str = "\
# Settings

The stronger source wins: flags (`--set KEY=VALUE`), then the environment, then the file, then the
defaults. The file is TOML: the one `--config` or `ROUNDSMAN_CONFIG` names, otherwise
`roundsman.toml` in the working folder if it is there. In the environment and in flags a list has
commas between its members; in the file it is a TOML array. An empty text means \"not set\".

`roundsman config` shows what is in force and where it comes from. A value that is refused stops
the start; all of them are reported together.

This file is written by `roundsman config --reference`; a test keeps it in step with the program.
";

/// What is in force, as a TOML file, with the origin of each value behind it. Passwords are blotted
/// out.
pub fn effective(config: &Config, sources: &Sources) -> String {
    let mut text = String::new();
    let mut section = "";
    for setting in SETTINGS {
        if setting.section() != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            section = setting.section();
            let _ = writeln!(text, "{gap}[{section}]");
        }
        let origin = sources.origin_of(setting).map_or("default".to_owned(), ToString::to_string);
        let value = toml_value(setting, &setting.disguised(&(setting.show)(config)));
        let _ = writeln!(text, "{} = {value} # {origin}", setting.name());
    }
    text
}

fn toml_value(setting: &Setting, shown: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    if setting.kind == Kind::List {
        let members = shown.split(',').filter(|member| !member.is_empty());
        return format!("[{}]", members.map(quoted).collect::<Vec<_>>().join(", "));
    }
    // A telephone number or a long id of digits is no number: read back, it would be another text.
    let is_number = shown.parse::<i64>().is_ok_and(|number| number.to_string() == shown)
        || (shown.contains('.') && shown.parse::<f64>().is_ok());
    let bare = is_number || shown.parse::<bool>().is_ok();
    if bare { shown.to_owned() } else { quoted(shown) }
}
