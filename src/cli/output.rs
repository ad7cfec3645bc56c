//! What a command prints: its answer on stdout, its complaints on stderr.

use std::io::{self, Write as _};

use super::error::CliError;

/// Prints an answer; ends it with a line break if it has none.
///
/// # Errors
/// If stdout takes nothing more, but not if its reader simply left, as `head` does.
pub(super) fn answer(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.map_err(|error| CliError::fault("cannot write to stdout", &error)),
    }
}

/// Says on stderr what went wrong, each line marked.
pub(super) fn complain(text: &str) {
    let mut stderr = io::stderr().lock();
    for line in text.lines() {
        // Nobody is left to tell if stderr is closed.
        let _ = writeln!(stderr, "error: {line}");
    }
}

/// Says on stderr what somebody should look at.
pub(super) fn warn(text: &str) {
    let _ = writeln!(io::stderr().lock(), "warning: {text}");
}

/// Says a line on stderr.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
