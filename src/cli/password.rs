//! Passwords from a prompt, from standard input or from the environment; never from a flag, which
//! everybody on the machine could read.

use std::env;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;

use super::error::CliError;

/// The variable that may hold the password.
const VARIABLE: &str = "ROUNDSMAN_PASSWORD";

#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArgs {
    /// The password: from standard input if asked, else from the variable, else from a prompt.
    ///
    /// # Errors
    /// If there is none, or the two typed ones differ.
    pub(super) fn read(&self) -> Result<String, CliError> {
        if self.password_stdin {
            return line();
        }
        if let Some(password) = env::var_os(VARIABLE).filter(|text| !text.is_empty()) {
            let refused = |_| CliError::Usage(format!("{VARIABLE} is not UTF-8"));
            return password.into_string().map_err(refused);
        }
        if !io::stdin().is_terminal() {
            return Err(CliError::Usage(format!(
                "no password: type it at a terminal, set {VARIABLE}, or use --password-stdin"
            )));
        }
        let first = prompt("Password: ")?;
        if first != prompt("Once more: ")? {
            return Err(CliError::Usage("the two passwords differ".to_owned()));
        }
        Ok(first)
    }
}

fn prompt(words: &str) -> Result<String, CliError> {
    let fault = |error: io::Error| CliError::fault("cannot ask for the password", &error);
    let mut stderr = io::stderr();
    write!(stderr, "{words}").and_then(|()| stderr.flush()).map_err(fault)?;
    let hidden = Hidden::begin().map_err(fault)?;
    let typed = line();
    drop(hidden);
    writeln!(stderr).map_err(fault)?;
    typed
}

fn line() -> Result<String, CliError> {
    let mut text = String::new();
    let read = io::stdin().lock().read_line(&mut text);
    read.map_err(|error| CliError::fault("cannot read the password", &error))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(CliError::Usage("the password is empty".to_owned()));
    }
    Ok(password.to_owned())
}

/// While it lives, the terminal does not show what is typed.
#[cfg(unix)]
struct Hidden(rustix::termios::Termios);

#[cfg(unix)]
impl Hidden {
    fn begin() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // Nothing better can be done with a terminal that is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}

#[cfg(not(unix))]
struct Hidden;

#[cfg(not(unix))]
impl Hidden {
    fn begin() -> io::Result<Self> {
        let message = "passwords cannot be hidden here; use --password-stdin";
        Err(io::Error::new(io::ErrorKind::Unsupported, message))
    }
}
