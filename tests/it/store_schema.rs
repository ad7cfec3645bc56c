//! Both databases have the same tables and columns.

use std::collections::BTreeSet;

use crate::support::databases::databases;

const SQLITE: &str = "select m.name || '.' || c.name || case when c.\"notnull\" or c.pk then '' \
    else '?' end from sqlite_master m join pragma_table_info(m.name) c \
    where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like '\\_sqlx%' escape '\\'";

const POSTGRES: &str = "select table_name || '.' || column_name || \
    case when is_nullable = 'NO' then '' else '?' end from information_schema.columns \
    where table_schema = current_schema() and table_name not like '\\_sqlx%'";

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_nulls() {
    let mut found = Vec::new();
    for db in databases().await {
        let sql = if db.kind() == "sqlite" { SQLITE } else { POSTGRES };
        let columns: BTreeSet<String> = db.raw_column(sql).await.into_iter().collect();
        assert!(columns.contains("assignments.technician_id"), "{columns:?}");
        assert!(columns.contains("visits.start_s?"), "{columns:?}");
        found.push(columns);
    }
    for pair in found.windows(2) {
        assert_eq!(pair[0], pair[1]);
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    for db in databases().await {
        db.migrate().await.unwrap();
    }
}
