//! One line on a terminal that says how far a search is.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::Duration;

use crate::planning::solving::State;

/// Least time between two pictures.
const PAUSE: Duration = Duration::from_millis(200);
/// Cells of the bar.
const WIDTH: usize = 30;

/// The line; nothing is shown where stderr is no terminal.
pub(super) struct Line {
    limit: Duration,
    /// When it was last drawn; `None` where nothing is.
    drawn: Option<Mutex<Duration>>,
}

impl Line {
    /// A line for a search of at most `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        let drawn = io::stderr().is_terminal().then(|| Mutex::new(Duration::ZERO));
        Self { limit, drawn }
    }

    /// Draws the state, unless it was drawn just before.
    pub(super) fn show(&self, state: &State) {
        let Some(drawn) = &self.drawn else { return };
        let Ok(mut drawn) = drawn.try_lock() else { return };
        if state.elapsed < *drawn + PAUSE {
            return;
        }
        *drawn = state.elapsed;
        // Nobody is left to tell if stderr is closed.
        let _ = write!(io::stderr().lock(), "\r\x1b[K{}", picture(state, self.limit));
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

fn picture(state: &State, limit: Duration) -> String {
    let limit_ms = limit.as_millis().max(1);
    let cells = (state.elapsed.as_millis() * WIDTH as u128 / limit_ms).min(WIDTH as u128);
    let cells = usize::try_from(cells).unwrap_or(WIDTH);
    let (done, open) = ("#".repeat(cells), ".".repeat(WIDTH - cells));
    let left_out =
        if state.unserved > 0 { format!(", unserved {}", state.unserved) } else { String::new() };
    format!(
        "[{done}{open}] {} of {} s, cost {}{left_out}, {} steps",
        state.elapsed.as_secs(),
        limit.as_secs(),
        state.cost,
        state.steps
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_time_is_half_the_bar() {
        let state = State {
            elapsed: Duration::from_secs(5),
            steps: 7,
            unserved: 2,
            cost: "12.5".to_owned(),
        };
        let text = picture(&state, Duration::from_secs(10));
        assert!(text.starts_with(&format!("[{}{}] 5 of 10 s", "#".repeat(15), ".".repeat(15))));
        assert!(text.ends_with("cost 12.5, unserved 2, 7 steps"));
    }
}
