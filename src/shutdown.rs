//! One signal that tells everything to finish: servers, workers and open event streams.

use std::io;
use std::sync::Arc;

use tokio::sync::watch;

/// Hears whether the process should end; every part has its own clone.
#[derive(Debug, Clone)]
pub struct Shutdown {
    begun: watch::Receiver<bool>,
}

/// Tells all [`Shutdown`]s to begin. They also begin when the last of its clones is gone.
#[derive(Debug, Clone)]
pub struct Trigger {
    begin: Arc<watch::Sender<bool>>,
}

impl Trigger {
    /// Tells everything to finish; again has no further effect.
    pub fn begin(&self) {
        self.begin.send_replace(true);
    }
}

impl Shutdown {
    /// One that begins when its trigger says so.
    pub fn by_trigger() -> (Trigger, Self) {
        let (begin, begun) = watch::channel(false);
        (Trigger { begin: Arc::new(begin) }, Self { begun })
    }

    /// One that begins at SIGTERM or SIGINT; a second signal ends the process at once, for people
    /// who do not want to wait.
    ///
    /// # Errors
    /// If the system does not let us listen to signals.
    pub fn by_signal() -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let (trigger, shutdown) = Self::by_trigger();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!("Got {name}: finishing what runs; a second signal ends at once");
            trigger.begin();
            let name = signals.next().await;
            tracing::warn!("Got {name} again: ending at once");
            // What a shell reports for a program that a signal ended.
            std::process::exit(130);
        });
        Ok(shutdown)
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        *self.begun.borrow() || self.begun.has_changed().is_err()
    }

    /// The same as a value that turns true, for those who wait for several things at once.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.begun.clone()
    }

    /// Waits until it begins; returns at once if it has.
    pub async fn begun(mut self) {
        // An error means the trigger is gone, and with it whoever could end us properly.
        let _ = self.begun.wait_for(|begun| *begun).await;
    }
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_hears_the_trigger_once_it_is_pulled() {
        let (trigger, shutdown) = Shutdown::by_trigger();
        let waiting = tokio::spawn(shutdown.clone().begun());
        assert!(!shutdown.has_begun());
        trigger.begin();
        waiting.await.unwrap();
        assert!(shutdown.has_begun());
        shutdown.begun().await;
    }

    #[tokio::test]
    async fn a_lost_trigger_counts_as_a_shutdown() {
        let (trigger, shutdown) = Shutdown::by_trigger();
        drop(trigger);
        assert!(shutdown.has_begun());
        shutdown.begun().await;
    }
}
