//! Requests at a steady pace, and how long they took.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// How long each of many requests took, shortest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// The time that `percent` of 100 requests did not exceed; zero if there were none.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((self.0.len() * percent / 100).min(last)).copied().unwrap_or_default()
    }

    /// The usual ones in one line.
    pub(crate) fn summary(&self) -> String {
        let ms = |percent| self.percentile(percent).as_secs_f64() * 1000.0;
        let count = self.0.len();
        format!(
            "{count} requests: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
            ms(50),
            ms(95),
            ms(99),
            ms(100)
        )
    }
}

impl FromIterator<Duration> for Times {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        let mut times: Vec<Duration> = times.into_iter().collect();
        times.sort_unstable();
        Self(times)
    }
}

/// Sends `count` requests, `per_second` of them each second, whether or not the earlier ones were
/// answered; a slow answer delays nothing, and waiting for it counts.
pub(crate) async fn steady<F, Fut>(per_second: u32, count: u32, request: F) -> Times
where
    F: Fn(u32) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let begin = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..count {
        let due = begin + Duration::from_secs(1) * number / per_second;
        tokio::time::sleep_until(due.into()).await;
        let request = request(number);
        running.spawn(async move {
            request.await;
            due.elapsed()
        });
    }
    running.join_all().await.into_iter().collect()
}
