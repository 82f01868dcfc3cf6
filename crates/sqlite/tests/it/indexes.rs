//! What is counted is read from an index, and not from whole rows.

use std::{fs, path::Path};

use palisade_analytics::{Dimension, Filter, Store};
use palisade_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::contract::record;

const TOTALS: &str = include_str!("../../src/sql/totals.sql");
const PERCENTILES: &str = include_str!("../../src/sql/percentiles.sql");
const KEYS: &str = include_str!("../../src/sql/keys.sql");
const STEPS: &str = include_str!("../../src/sql/steps.sql");

/// 300 000 requests, one a second.
fn filled(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path, SqliteOptions::default()).unwrap();
    let other = Connection::open(path).unwrap();
    other
        .execute_batch(
            "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 299999)
             INSERT INTO requests (time, request_id, method, path, route, address, user_agent, session, user, status,
                 response_time, bytes, ended)
             SELECT n * 1000000000, randomblob(16), 'GET', '/posts/' || n, '/posts/:id', '192.0.2.' || (n % 250),
                 'a browser with a name of usual length, compatible with all others', randomblob(16), 'user-' || (n % 999),
                 200, n * 7919 % 1000003, 512, 'whole' FROM n",
        )
        .unwrap();
    store
}

/// How `SQLite` would go about a question.
fn plan(connection: &Connection, sql: &str) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", sql.replace("{step}", "60000000000"));
    let mut statement = connection.prepare(&sql).unwrap();
    let mut rows = statement.raw_query();
    let mut plan = String::new();
    while let Some(row) = rows.next().unwrap() {
        plan += &row.get::<_, String>("detail").unwrap();
        plan.push('\n');
    }
    plan
}

#[test]
fn numbers_of_many_records_are_read_from_an_index_that_has_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = filled(&path);
    let connection = Connection::open(&path).unwrap();
    for question in [TOTALS, PERCENTILES, STEPS] {
        for (condition, covered) in [
            ("", "USING COVERING INDEX requests_in_numbers"),
            ("WHERE time >= 5", "USING COVERING INDEX requests_in_numbers"),
            ("WHERE time >= 5 AND route = 'x'", "USING COVERING INDEX requests_in_numbers"),
            (
                "WHERE time >= 5 AND time < 9 AND country = 'DE'",
                "USING COVERING INDEX requests_in_numbers",
            ),
            ("WHERE user = 'x'", "USING INDEX requests_by_user"),
            ("WHERE session = x'00'", "USING INDEX requests_by_session"),
        ] {
            let plan = plan(&connection, &question.replace("{where}", condition));
            assert!(plan.contains(covered), "{question} {condition}: {plan}");
        }
    }
    for column in
        ["route", "status", "user", "address", "country", "session", "code", "ended", "method"]
    {
        let sql = KEYS.replace("{shown}", column).replace("{column}", column);
        let sql = sql.replace("{where}", "WHERE time >= 5");
        let plan = plan(&connection, &sql);
        assert!(plan.contains("COVERING INDEX requests_in_numbers"), "{column}: {plan}");
    }
    for column in ["user", "session"] {
        let plan = plan(&connection, &format!("DELETE FROM requests WHERE {column} = 'x'"));
        assert!(plan.contains(&format!("INDEX requests_by_{column}")), "{plan}");
    }
    let day = Filter::new().since(record(300_000 - 86_400, "").time);
    let summary = store.summary(&day).unwrap();
    assert_eq!((summary.requests, summary.sessions, summary.users), (86_400, 86_400, 999));
    assert_eq!(store.count_by(&day, Dimension::User, 5).unwrap().rows.len(), 5);
    assert!(fs::metadata(&path).unwrap().len() < 200 << 20);
}
