//! Keeps the file as small as it must be: what is too old goes, then the oldest.

use std::time::SystemTime;

use rusqlite::{Connection, Error, TransactionBehavior};

use crate::{connection::pragma, row::nanoseconds};

/// The most records that go in one transaction: a store that is asked to add some must not wait long.
const PORTION: u64 = 20_000;

/// Bytes of pages that hold something.
fn used(connection: &Connection) -> Result<u64, Error> {
    let pages =
        pragma(connection, "page_count")?.saturating_sub(pragma(connection, "freelist_count")?);
    let bytes = pages.saturating_mul(pragma(connection, "page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// Deletes what arrived before `oldest`; returns how many records that were.
pub(crate) fn drop_old(connection: &mut Connection, oldest: SystemTime) -> Result<u64, Error> {
    let mut gone = 0_u64;
    loop {
        let sql = "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE time < ? ORDER BY time LIMIT ?)";
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        let deleted = in_transaction(connection, |connection| {
            connection.execute(sql, [nanoseconds(oldest), portion])
        })?;
        gone = gone.saturating_add(deleted);
        if deleted < PORTION {
            return Ok(gone);
        }
    }
}

/// Deletes the oldest, if there is more than `most` bytes: a little more than it must, so that the next record does not need
/// the same again. Returns how many records that were.
pub(crate) fn drop_oldest(connection: &mut Connection, most: u64) -> Result<u64, Error> {
    let mut gone = 0_u64;
    let target = most.saturating_sub(most.checked_div(64).unwrap_or_default());
    let mut now = used(connection)?;
    if now <= most {
        return Ok(0);
    }
    while now > target {
        let sql = "SELECT min(id), max(id) FROM requests";
        let ends: (Option<i64>, Option<i64>) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (Some(first), Some(last)) = ends else { break };
        let portion = portion(last.abs_diff(first).saturating_add(1), now, target);
        let end = first.saturating_add(i64::try_from(portion).unwrap_or(i64::MAX));
        let deleted = in_transaction(connection, |connection| {
            connection.execute("DELETE FROM requests WHERE id < ?", [end])
        })?;
        gone = gone.saturating_add(deleted);
        now = used(connection)?;
    }
    Ok(gone)
}

/// How many of `span` numbers to delete, if all of them take `now` bytes.
fn portion(span: u64, now: u64, target: u64) -> u64 {
    let excess = u128::from(now.saturating_sub(target)).saturating_mul(u128::from(span));
    let share = excess.checked_div(u128::from(now)).unwrap_or_default();
    u64::try_from(share).unwrap_or(u64::MAX).saturating_add(1).min(PORTION)
}

/// Gives pages that are free back to the file system, if they are many; few are used again.
pub(crate) fn give_back(connection: &Connection) -> Result<(), Error> {
    let free = pragma(connection, "freelist_count")?;
    if free > pragma(connection, "page_count")?.checked_div(8).unwrap_or_default() {
        shrink(connection)?;
    }
    Ok(())
}

/// Gives all pages that are free back to the file system.
pub(crate) fn shrink(connection: &Connection) -> Result<(), Error> {
    // It gives one page back with each step.
    let mut statement = connection.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Writes what stands ahead into the file, and empties it. Whether that came to an end: a reader may be in the way.
pub(crate) fn settle(connection: &Connection) -> Result<bool, Error> {
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Does it in a transaction that nobody else's comes in between.
pub(crate) fn in_transaction(
    connection: &mut Connection,
    act: impl FnOnce(&Connection) -> Result<usize, Error>,
) -> Result<u64, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let rows = act(&transaction)?;
    transaction.commit()?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}
