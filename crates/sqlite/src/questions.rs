//! What is asked, in SQL. Nothing is gathered in memory but the answer: `SQLite` sorts what is large on disk.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use palisade_analytics::{Counts, Cursor, Dimension, Filter, Page, Step, Summary};
use rusqlite::{Connection, Error, Row, types::Value};

use crate::{codes::Codes, condition::Condition, row};

const TOTALS: &str = include_str!("sql/totals.sql");
const PERCENTILES: &str = include_str!("sql/percentiles.sql");
const KEYS: &str = include_str!("sql/keys.sql");
const STEPS: &str = include_str!("sql/steps.sql");

/// One page, newest first.
pub(crate) fn page(
    connection: &Connection,
    codes: &Codes,
    filter: &Filter,
    (before, limit): (Option<Cursor>, usize),
) -> Result<Page, Error> {
    if limit == 0 {
        return Ok(Page::new(Vec::new(), None));
    }
    let mut condition = Condition::of(filter);
    let before = before.map(|cursor| i64::try_from(cursor.number()).unwrap_or(i64::MAX));
    condition.and("id < ?", before.map(Value::from));
    let sql = format!(
        "SELECT {} FROM requests {} ORDER BY id DESC LIMIT ?",
        row::COLUMNS,
        condition.sql()
    );
    // One more tells whether there are more.
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(condition.values([asked]))?;
    let (mut records, mut last) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        if records.len() == limit {
            return Ok(Page::new(records, Some(Cursor::new(last))));
        }
        let (number, record) = row::read(row, codes)?;
        last = number;
        records.push(Arc::new(record));
    }
    Ok(Page::new(records, None))
}

/// How many records match.
pub(crate) fn count(connection: &Connection, filter: &Filter) -> Result<u64, Error> {
    let condition = Condition::of(filter);
    let sql = format!("SELECT count(*) FROM requests {}", condition.sql());
    connection.query_row(&sql, condition.values([]), |row| number(row, 0))
}

/// Totals, and percentiles by nearest rank.
pub(crate) fn summary(connection: &Connection, filter: &Filter) -> Result<Summary, Error> {
    let condition = Condition::of(filter);
    let sql = condition.put_into(TOTALS);
    let (summary, max) = connection.query_row(&sql, condition.values([]), |row| {
        let mut summary = Summary::default();
        summary.requests = number(row, 0)?;
        summary.refused = number(row, 1)?;
        summary.aborted = number(row, 2)?;
        summary.bytes = number(row, 3)?;
        summary.sessions = number(row, 4)?;
        summary.users = number(row, 5)?;
        summary.addresses = number(row, 6)?;
        Ok((summary, row.get::<_, Option<i64>>(7)?.unwrap_or_default()))
    })?;
    let ranks = [50, 90, 99].map(|percent| rank(summary.requests, percent));
    let [p50, p90, p99] = times_at(connection, &condition, ranks)?;
    Ok(summary.response_times([p50, p90, p99, row::duration(max)]))
}

/// The most frequent keys.
pub(crate) fn count_by(
    connection: &Connection,
    filter: &Filter,
    dimension: Dimension,
    limit: usize,
) -> Result<Counts, Error> {
    let condition = Condition::of(filter);
    let (column, shown) = column(dimension);
    let total: i64 = {
        let sql = format!("SELECT count({column}) FROM requests {}", condition.sql());
        connection.query_row(&sql, condition.values([]), |row| row.get(0))?
    };
    let sql = condition.put_into(KEYS).replace("{shown}", shown).replace("{column}", column);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(condition.values([limit]), |row| {
        Ok((row.get::<_, String>(0)?, number(row, 1)?))
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let told = rows.iter().fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
    Ok(Counts::new(rows, u64::try_from(total).unwrap_or_default().saturating_sub(told)))
}

/// What arrived in each step of time.
pub(crate) fn over_time(
    connection: &Connection,
    filter: &Filter,
    step: Duration,
    limit: usize,
) -> Result<Vec<Step>, Error> {
    let condition = Condition::of(filter);
    let seconds = step.as_secs().max(1);
    let nanoseconds = i64::try_from(Duration::from_secs(seconds).as_nanos()).unwrap_or(i64::MAX);
    // A number of ours, and no text: so that the one to divide by stands before those of the condition.
    let sql = condition.put_into(STEPS).replace("{step}", &nanoseconds.to_string());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(&sql)?;
    let steps = statement.query_map(condition.values([limit]), |row| {
        let from = Duration::from_secs(number(row, 0)?.saturating_mul(seconds));
        let mut step = Step::at(UNIX_EPOCH.checked_add(from).unwrap_or(UNIX_EPOCH));
        step.requests = number(row, 1)?;
        step.refused = number(row, 2)?;
        step.sessions = number(row, 3)?;
        Ok(step)
    })?;
    let mut steps: Vec<_> = steps.collect::<Result<_, _>>()?;
    steps.reverse();
    Ok(steps)
}

/// The column by which a dimension is grouped, and how its keys are shown.
fn column(dimension: Dimension) -> (&'static str, &'static str) {
    match dimension {
        Dimension::Address => ("address", "address"),
        Dimension::Route => ("route", "route"),
        Dimension::Status => ("status", "CAST(status AS TEXT)"),
        Dimension::User => ("user", "user"),
        Dimension::Method => ("method", "method"),
        Dimension::Country => ("country", "country"),
        Dimension::Code => ("code", "code"),
        Dimension::Session => ("session", "lower(hex(session))"),
        Dimension::Ended => ("ended", "ended"),
        Dimension::Path => ("path", "path"),
        // A dimension that this version does not know has no keys.
        _ => ("NULL", "NULL"),
    }
}

/// The place of a percentile among so many, from 1 on.
fn rank(count: u64, percent: u64) -> i64 {
    let rank = u128::from(count).saturating_mul(u128::from(percent)).div_ceil(100);
    i64::try_from(rank).unwrap_or(i64::MAX)
}

/// The response times at these places, shortest first.
fn times_at(
    connection: &Connection,
    condition: &Condition,
    ranks: [i64; 3],
) -> Result<[Duration; 3], Error> {
    let sql = condition.put_into(PERCENTILES);
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(condition.values(ranks), |row| {
        Ok((row.get::<_, i64>(0)?, row::duration(row.get(1)?)))
    })?;
    let times: Vec<_> = rows.collect::<Result<_, _>>()?;
    Ok(ranks.map(|rank| {
        let time = times.iter().find(|(place, _)| *place == rank);
        time.map_or(Duration::ZERO, |(_, time)| *time)
    }))
}

fn number(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
