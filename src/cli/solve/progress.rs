//! One line on a terminal that says how far a search is.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::Duration;

use crate::planning::solving::State;

/// Time between two pictures.
const PAUSE: Duration = Duration::from_millis(200);
/// Cells of the bar.
const WIDTH: usize = 30;

/// The line; nothing is shown where stderr is no terminal.
pub(super) struct Line {
    limit: Option<Duration>,
    /// What the search said last; `None` where nothing is shown.
    told: Option<Mutex<Option<State>>>,
}

impl Line {
    /// A line for a search of at most `limit`, if only time ends it.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        let told = io::stderr().is_terminal().then(|| Mutex::new(None));
        Self { limit, told }
    }

    /// Takes note of what the search says; it speaks up when it has found something better.
    pub(super) fn hear(&self, state: &State) {
        let Some(told) = &self.told else { return };
        let Ok(mut told) = told.lock() else { return };
        *told = Some(state.clone());
    }

    /// Draws the line again and again, until it is dropped.
    ///
    /// * `elapsed`: time since the search began.
    pub(super) async fn keep(&self, elapsed: impl Fn() -> Duration) {
        let Some(told) = &self.told else { return };
        loop {
            tokio::time::sleep(PAUSE).await;
            let Some(state) = told.lock().ok().and_then(|told| told.clone()) else { continue };
            let state = State { elapsed: elapsed(), ..state };
            // Nobody is left to tell if stderr is closed.
            let _ = write!(io::stderr().lock(), "\r\x1b[K{}", picture(&state, self.limit));
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        if self.told.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

fn picture(state: &State, limit: Option<Duration>) -> String {
    let seconds = state.elapsed.as_secs();
    let time = limit.map_or_else(
        || format!("{seconds} s"),
        |limit| {
            let limit_ms = limit.as_millis().max(1);
            let cells = (state.elapsed.as_millis() * WIDTH as u128 / limit_ms).min(WIDTH as u128);
            let cells = usize::try_from(cells).unwrap_or(WIDTH);
            let (done, open) = ("#".repeat(cells), ".".repeat(WIDTH - cells));
            format!("[{done}{open}] {seconds} of {} s", limit.as_secs())
        },
    );
    let left_out =
        if state.unserved > 0 { format!(", unserved {}", state.unserved) } else { String::new() };
    // Not every search counts its steps.
    let steps = if state.steps > 0 { format!(", {} steps", state.steps) } else { String::new() };
    format!("{time}, cost {}{left_out}{steps}", state.cost)
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
        let text = picture(&state, Some(Duration::from_secs(10)));
        assert!(text.starts_with(&format!("[{}{}] 5 of 10 s", "#".repeat(15), ".".repeat(15))));
        assert!(text.ends_with("cost 12.5, unserved 2, 7 steps"));
        assert_eq!(picture(&state, None), "5 s, cost 12.5, unserved 2, 7 steps");
    }
}
