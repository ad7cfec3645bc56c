//! The receiving side of messages by libraries that are not ours; see tests/receivers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// Longest wait for an answer.
const WAIT: Duration = Duration::from_mins(1);

/// The python that has the libraries, if `TEST_RECEIVERS_PYTHON` names one.
pub(crate) fn python() -> Option<PathBuf> {
    std::env::var_os("TEST_RECEIVERS_PYTHON").map(PathBuf::from)
}

/// A file of the project.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Asks one question; without blocking the servers of the test.
pub(crate) async fn ask(python: &Path, command: &'static str, question: Value) -> Value {
    let python = python.to_owned();
    let asking = move || {
        let mut child = Command::new(python)
            .arg(file("tests/receivers/receive.py"))
            .arg(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{command}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    tokio::task::spawn_blocking(asking).await.unwrap()
}

/// A mail server that says what came; it ends when this is dropped.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    lines: Receiver<Value>,
    child: Child,
    _input: ChildStdin,
}

impl MailServer {
    /// Without TLS, or with the files of a certificate and its key.
    pub(crate) fn start(python: &Path, files: &[PathBuf]) -> Self {
        let mut child = Command::new(python)
            .arg(file("tests/receivers/receive.py"))
            .arg("smtp")
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        let first: Value = lines.recv_timeout(WAIT).unwrap();
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap();
        Self { port, lines, child, _input: input }
    }

    /// The next e-mails that came.
    pub(crate) fn take(&self, count: usize) -> Vec<Value> {
        (0..count).map(|_| self.lines.recv_timeout(WAIT).unwrap()).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
