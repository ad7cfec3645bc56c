//! The vendors' own libraries, unchanged, against the stand-ins: what those answer is what the
//! vendors' clients expect.

use std::path::Path;
use std::process::Command;

use crate::support::vendors::google::Google;
use crate::support::vendors::graph::Graph;
use crate::support::vendors::oauth::{CLIENT_ID, CLIENT_SECRET};

/// Runs a script of `tests/vendors` against an address, in the environment of `scripts/vendors.sh`.
async fn run(script: &str, base: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("scripts/vendors.sh"));
    let script = format!("tests/vendors/{script}");
    command.args(["run", script.as_str(), base, CLIENT_ID, CLIENT_SECRET]).current_dir(root);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_own_client_works_with_the_stand_in() {
    let google = Google::start().await;
    run("google_sdk.py", &google.base).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn microsofts_own_client_works_with_the_stand_in() {
    let graph = Graph::start().await;
    run("graph_sdk.py", &graph.base).await;
}
