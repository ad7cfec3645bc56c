//! The whole server under load, over HTTP on this machine.
//!
//! `cargo bench --bench load` runs everything (some minutes); `-- slots`, `-- bookings` or
//! `-- optimizer` one part.
//! PostgreSQL takes part if `TEST_POSTGRES_URL` names a server.
#![expect(clippy::print_stdout, reason = "a bench tells its numbers")]

#[path = "load/bookings.rs"]
mod bookings;
#[path = "load/busy.rs"]
mod busy;
#[path = "load/optimizer.rs"]
mod optimizer;
#[path = "load/pace.rs"]
mod pace;
#[path = "load/server.rs"]
mod server;
#[path = "load/slots.rs"]
mod slots;

use std::error::Error;

/// What goes wrong ends the bench.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|it| it == part);
    if cfg!(debug_assertions) {
        println!("This is a debug build: the numbers mean little. Use `cargo bench --bench load`.");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if wants("slots") {
            slots::run().await?;
        }
        if wants("bookings") {
            bookings::run().await?;
        }
        if wants("optimizer") {
            optimizer::run().await?;
        }
        Ok(())
    })
}
