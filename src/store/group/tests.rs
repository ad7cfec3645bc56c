//! What happens to a group when its members, or SQLite itself, let it down.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Executor as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

use crate::store::StoreError;
use crate::store::group::{GroupTx, Writer};

const TABLES: &str = "create table parents (id integer primary key); \
    create table children (id integer primary key, parent integer references parents (id))";

async fn open() -> (TempDir, Arc<Writer>) {
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("test.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true);
    let writer = Writer::open(&options, Duration::from_secs(10)).await.unwrap();
    let mut tx = writer.begin().await.unwrap();
    tx.connection().unwrap().execute(sqlx::raw_sql(TABLES)).await.unwrap();
    tx.commit().await.unwrap();
    (folder, Arc::new(writer))
}

async fn add(tx: &mut GroupTx, parent: i64) -> Result<(), StoreError> {
    let query = sqlx::query("insert into parents (id) values ($1)").bind(parent);
    tx.connection()?.execute(query).await?;
    Ok(())
}

async fn parents(writer: &Writer) -> Vec<i64> {
    let mut tx = writer.begin().await.unwrap();
    let query = sqlx::query_scalar("select id from parents order by id");
    query.fetch_all(tx.connection().unwrap()).await.unwrap()
}

/// Lets `first` be released into a group that stays open until `second` has had its turn.
async fn together(
    writer: &Arc<Writer>,
    first: i64,
    second: impl AsyncFnOnce(GroupTx),
) -> Result<(), StoreError> {
    let mut one = writer.begin().await.unwrap();
    add(&mut one, first).await.unwrap();
    let other = Arc::clone(writer);
    // In line before the first one commits, so that the group waits for it.
    let line = tokio::spawn(async move { other.begin().await });
    while writer.shared.waiting.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let commit = tokio::spawn(one.commit());
    let two = line.await.unwrap().unwrap();
    assert_eq!(two.state.as_ref().unwrap().group.as_ref().unwrap().members.len(), 1);
    second(two).await;
    commit.await.unwrap()
}

#[tokio::test]
async fn members_of_a_group_commit_together() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        add(&mut two, 2).await.unwrap();
        two.commit().await.unwrap();
    });
    first.await.unwrap();
    assert_eq!(parents(&writer).await, [1, 2]);
}

#[tokio::test]
async fn a_member_that_gives_up_takes_nobody_along() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        add(&mut two, 2).await.unwrap();
        drop(two);
    });
    first.await.unwrap();
    assert_eq!(parents(&writer).await, [1]);
}

#[tokio::test]
async fn a_member_that_panics_takes_nobody_along() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        add(&mut two, 2).await.unwrap();
        let panicked = tokio::spawn(async move {
            let _two = two;
            panic!("as planned");
        });
        assert!(panicked.await.is_err());
    });
    first.await.unwrap();
    assert_eq!(parents(&writer).await, [1]);
}

#[tokio::test]
async fn a_refused_statement_spoils_neither_its_own_transaction_nor_the_group() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        assert!(matches!(add(&mut two, 1).await, Err(StoreError::Taken { .. })));
        add(&mut two, 2).await.unwrap();
        two.commit().await.unwrap();
    });
    first.await.unwrap();
    assert_eq!(parents(&writer).await, [1, 2]);
}

#[tokio::test]
async fn a_failed_commit_fails_every_member() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        // A check put off to the outer commit, which then refuses.
        let orphan = "pragma defer_foreign_keys = on; insert into children values (1, 99)";
        two.connection().unwrap().execute(sqlx::raw_sql(orphan)).await.unwrap();
        assert!(matches!(two.commit().await, Err(StoreError::NotDurable(_))));
    });
    assert!(matches!(first.await, Err(StoreError::NotDurable(_))));
    assert!(parents(&writer).await.is_empty());
    // And the next one is not bothered.
    let mut tx = writer.begin().await.unwrap();
    add(&mut tx, 3).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(parents(&writer).await, [3]);
}

#[tokio::test]
async fn nothing_is_stored_after_sqlite_has_dropped_the_transaction() {
    let (_folder, writer) = open().await;
    let first = together(&writer, 1, async |mut two| {
        // What SQLite does by itself when the disk is full.
        two.connection().unwrap().execute(sqlx::raw_sql("rollback")).await.unwrap();
        // Without a transaction, this statement would be stored by itself.
        assert!(add(&mut two, 2).await.is_err());
        assert!(matches!(two.commit().await, Err(StoreError::NotDurable(_))));
    });
    assert!(matches!(first.await, Err(StoreError::NotDurable(_))));
    assert!(parents(&writer).await.is_empty());
}

#[tokio::test]
async fn a_group_is_committed_although_the_next_in_line_gives_up() {
    let (_folder, writer) = open().await;
    let mut one = writer.begin().await.unwrap();
    add(&mut one, 1).await.unwrap();
    let other = Arc::clone(&writer);
    let line = tokio::spawn(async move { other.begin().await.map(drop) });
    while writer.shared.waiting.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let commit = tokio::spawn(one.commit());
    line.abort();
    tokio::time::timeout(Duration::from_secs(5), commit).await.unwrap().unwrap().unwrap();
    assert_eq!(parents(&writer).await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_aborted_anywhere_leave_whole_transactions_and_a_working_database() {
    let (_folder, writer) = open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..400_i64 {
        let writer = Arc::clone(&writer);
        tasks.spawn(async move {
            // Each writes two rows; a third of them is cut off after 0 to 2 ms.
            let work = async {
                let mut tx = writer.begin().await?;
                add(&mut tx, 2 * number).await?;
                add(&mut tx, 2 * number + 1).await?;
                tx.commit().await
            };
            if number % 3 == 0 {
                let patience = Duration::from_micros((number.unsigned_abs() * 37) % 2000);
                let end = tokio::time::timeout(patience, work).await;
                (number, matches!(end, Ok(Ok(()))))
            } else {
                work.await.unwrap();
                (number, true)
            }
        });
    }
    let acknowledged = tasks.join_all().await;
    let stored = parents(&writer).await;
    for (number, acknowledged) in acknowledged {
        let rows = stored.iter().filter(|id| **id / 2 == number).count();
        // Half a transaction is never there; what was acknowledged is there.
        assert!(rows == 2 || (rows == 0 && !acknowledged), "{number}: {rows} {acknowledged}");
    }
}
