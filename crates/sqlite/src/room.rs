//! Keeps the file as small as it must be: what is too old goes, then the oldest.

use std::time::{Duration, SystemTime};

use palisade_core::{Clock, Moment};
use rusqlite::{Connection, Error, TransactionBehavior};

use crate::{connection::pragma, row::nanoseconds};

/// The most records that go in one transaction: a store that is asked to add some must not wait long.
const PORTION: u64 = 2000;
/// The most records, or pages, that go in one turn, and about how long one is.
const TURN: u64 = 20_000;
const TIME: Duration = Duration::from_millis(250);

/// So much is done at once; then others have their turn.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    clock: &'a Clock,
    begun: Moment,
    done: u64,
    is_over: bool,
}

// === impl Turn ===

impl<'a> Turn<'a> {
    pub(crate) fn begin(clock: &'a Clock) -> Self {
        Self { clock, begun: clock.now(), done: 0, is_over: false }
    }

    /// Whether it ended before all was done.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes note of what was done; whether there is time for more.
    fn goes_on(&mut self, done: u64) -> bool {
        self.done = self.done.saturating_add(done);
        self.is_over = self.done >= TURN || self.clock.since(self.begun) >= TIME;
        !self.is_over
    }
}

/// Bytes of pages that hold something.
fn used(connection: &Connection) -> Result<u64, Error> {
    let pages =
        pragma(connection, "page_count")?.saturating_sub(pragma(connection, "freelist_count")?);
    let bytes = pages.saturating_mul(pragma(connection, "page_size")?);
    Ok(u64::try_from(bytes).unwrap_or_default())
}

/// Deletes what arrived before `oldest`, as long as the turn is; returns how many records that were.
pub(crate) fn drop_old(
    connection: &mut Connection,
    oldest: SystemTime,
    turn: &mut Turn<'_>,
) -> Result<u64, Error> {
    let mut gone = 0_u64;
    loop {
        let sql = "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE time < ? ORDER BY time LIMIT ?)";
        let portion = i64::try_from(PORTION).unwrap_or(i64::MAX);
        let deleted = in_transaction(connection, |connection| {
            connection.execute(sql, [nanoseconds(oldest), portion])
        })?;
        gone = gone.saturating_add(deleted);
        if deleted < PORTION || !turn.goes_on(deleted) {
            return Ok(gone);
        }
    }
}

/// Deletes the oldest, if there is more than `most` bytes: a little more than it must, so that the next record does not need
/// the same again; as long as the turn is. Returns how many records that were.
pub(crate) fn drop_oldest(
    connection: &mut Connection,
    most: u64,
    turn: &mut Turn<'_>,
) -> Result<u64, Error> {
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
        if now > target && !turn.goes_on(deleted) {
            break;
        }
    }
    Ok(gone)
}

/// How many of `span` numbers to delete, if all of them take `now` bytes.
fn portion(span: u64, now: u64, target: u64) -> u64 {
    let excess = u128::from(now.saturating_sub(target)).saturating_mul(u128::from(span));
    let share = excess.checked_div(u128::from(now)).unwrap_or_default();
    u64::try_from(share).unwrap_or(u64::MAX).saturating_add(1).min(PORTION)
}

/// Gives pages that are free back to the file system, if they are many, as long as the turn is; few are used again.
pub(crate) fn give_back(connection: &Connection, turn: &mut Turn<'_>) -> Result<(), Error> {
    let free = || pragma(connection, "freelist_count");
    if free()? <= pragma(connection, "page_count")?.checked_div(8).unwrap_or_default() {
        return Ok(());
    }
    while free()? > 0 {
        // One transaction, that gives one page back with each step.
        step_through(connection, &format!("PRAGMA incremental_vacuum({PORTION})"))?;
        if free()? > 0 && !turn.goes_on(PORTION) {
            break;
        }
    }
    Ok(())
}

/// Gives all pages that are free back to the file system.
pub(crate) fn shrink(connection: &Connection) -> Result<(), Error> {
    step_through(connection, "PRAGMA incremental_vacuum")
}

fn step_through(connection: &Connection, sql: &str) -> Result<(), Error> {
    let mut statement = connection.prepare(sql)?;
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
