//! What the server tells about itself: log lines and numbers for Prometheus.

use std::io;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Subscriber;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Upper bounds for every metric whose name ends in `_seconds`.
///
/// From a slot search of a small company (milliseconds) to a request that times out.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The setting `log.level` is not a filter.
    #[error("cannot log by {filter:?}: {source}")]
    Filter {
        /// As given.
        filter: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// Something else in this process already takes the log lines or the numbers.
    #[error("telemetry was started before: {0}")]
    Taken(String),
}

/// Sends log lines to stderr and starts to count; once per process.
///
/// * `json`: one JSON object a line, with the fields of all spans around the event, among them the
///   id of the request; otherwise text for people.
/// * `filter`: a level, or levels by module: `info,sqlx=warn`.
///
/// Returns the numbers; render them for `/metrics`, and run [`upkeep`] beside.
///
/// # Errors
/// If `filter` cannot be read, or on a second call.
pub fn start(json: bool, filter: &str) -> Result<PrometheusHandle, TelemetryError> {
    let taken = |error: &dyn ToString| TelemetryError::Taken(error.to_string());
    subscriber(json, filter, io::stderr)?.try_init().map_err(|error| taken(&error))?;
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| taken(&error))
}

/// Folds what was measured into the histograms every few seconds; without it they would grow
/// for as long as nobody asks for `/metrics`. Never returns.
pub async fn upkeep(numbers: PrometheusHandle) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_secs(5));
    loop {
        ticks.tick().await;
        numbers.run_upkeep();
    }
}

fn subscriber<W>(
    json: bool,
    filter: &str,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let refused = |source| TelemetryError::Filter { filter: filter.to_owned(), source };
    let targets: Targets = filter.parse().map_err(refused)?;
    let lines = fmt::layer().with_writer(writer).with_target(true);
    let lines = if json {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed()
    } else {
        lines.with_ansi(false).boxed()
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(targets)))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool, filter: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(json, filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            let _request = tracing::info_span!("request", request_id = "r-17").entered();
            tracing::info!(visit.id = "v-1", "Accepted visit v-1");
            tracing::debug!("Looked closer");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_has_the_message_its_fields_and_the_request_id() {
        let text = logged(true, "info");
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(line["message"], "Accepted visit v-1");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["visit.id"], "v-1");
        assert_eq!(line["spans"][0]["request_id"], "r-17");
    }

    #[test]
    fn a_text_line_has_the_request_id_too() {
        let text = logged(false, "info");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("r-17") && text.contains("Accepted visit v-1"), "{text}");
    }

    #[test]
    fn the_filter_decides_by_level_and_module() {
        assert_eq!(logged(true, "debug").lines().count(), 2);
        assert_eq!(logged(true, "warn").lines().count(), 0);
        assert_eq!(logged(true, "off,roundsman=debug").lines().count(), 2);
        assert!(subscriber(true, "info,a=b=c", io::stderr).is_err());
    }
}
