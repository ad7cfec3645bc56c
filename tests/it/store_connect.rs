//! Databases that cannot be reached say why, in plain words.

use std::time::Duration;

use roundsman::store::{Db, DbSettings};

/// Why nothing can be reached at an address.
async fn complaint(url: String) -> String {
    let settings = DbSettings { wait_max: Duration::from_secs(2), ..DbSettings::new(url) };
    Db::connect(&settings).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named_without_the_drivers_details() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let path = file.join("data.db");
    let said = complaint(format!("sqlite:{}", path.display())).await;
    assert!(said.contains(&path.display().to_string()), "{said}");
    assert!(said.contains("unable to open database file"), "{said}");
    assert!(!said.contains("code:"), "{said}");
}

#[tokio::test]
async fn a_server_that_does_not_run_is_named_with_the_reason() {
    // Nobody listens on port 1.
    let said = complaint("postgres://nobody:secret@127.0.0.1:1/none".to_owned()).await;
    assert!(said.starts_with("cannot reach PostgreSQL at 127.0.0.1:1: "), "{said}");
    assert!(said.contains("refused"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}
