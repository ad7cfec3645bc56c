//! CPU seconds of this thread, so that other programs on the machine do not distort a limit.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time between two looks at the system.
const PAUSE: Duration = Duration::from_micros(500);

/// A clock that counts CPU time where the system tells it, else the time on the wall.
pub struct Clock {
    begin: Duration,
    last: Mutex<(Instant, Duration)>,
}

impl Clock {
    /// A clock at zero. Only the thread that starts it is counted.
    pub fn start() -> Self {
        let begin = used().unwrap_or_default();
        Self { begin, last: Mutex::new((Instant::now(), Duration::ZERO)) }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        let mut last = self.last.lock().unwrap();
        let now = Instant::now();
        let passed = now - last.0;
        if passed >= PAUSE {
            let elapsed = used().map_or(last.1 + passed, |used| used.saturating_sub(self.begin));
            *last = (now, elapsed);
        }
        last.1
    }
}

/// Nanoseconds on the CPU of the first thread of this process.
fn used() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
