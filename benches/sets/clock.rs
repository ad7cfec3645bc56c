//! CPU seconds of this thread, so that other programs on the machine do not distort a limit.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Time between two looks at the system.
const PAUSE: Duration = Duration::from_micros(500);

/// A clock that counts CPU time where the system tells it, else the time on the wall.
pub struct Clock {
    threads: u32,
    begin: Duration,
    last: Mutex<(Instant, Duration)>,
}

impl Clock {
    /// A clock at zero. Only the first thread of the process is counted.
    pub fn start() -> Self {
        Self::start_for(1)
    }

    /// A clock at zero for so many threads: with several, the average of them counts.
    pub fn start_for(threads: u32) -> Self {
        let begin = used(threads).unwrap_or_default();
        Self { threads, begin, last: Mutex::new((Instant::now(), Duration::ZERO)) }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        let mut last = self.last.lock().unwrap();
        let now = Instant::now();
        let passed = now - last.0;
        if passed >= PAUSE {
            let elapsed =
                used(self.threads).map_or(last.1 + passed, |used| used.saturating_sub(self.begin));
            *last = (now, elapsed);
        }
        last.1
    }
}

/// Time on the CPU of the first thread of this process, or of all by their number, ended ones too.
fn used(threads: u32) -> Option<Duration> {
    if threads <= 1 {
        let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
        return text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos);
    }
    // In hundredths of a second, the 14th and 15th number; the second is a name in brackets.
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut numbers = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = numbers.next()?.parse::<u64>().ok()? + numbers.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * ticks) / threads)
}
