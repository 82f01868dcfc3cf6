//! Admin rights for a while, in a transaction: the statements, and whether the caller's own right counts.

use super::{ElevationFilter, ElevationRow, ElevationState, Elevations, Lent};
use crate::{Act, DatabaseError, Engine};

const MINUTE: i64 = 60_000;
/// How long one waits to be approved.
const WAITS: i64 = 60 * MINUTE;
/// In which so much and so often is counted.
const DAY: i64 = 24 * 60 * MINUTE;

/// What is held of the right by which somebody acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hold {
    Nothing,
    /// Nobody ends it before the transaction does.
    UntilTheEnd,
}

// === impl Elevations ===

impl Elevations for Act {
    async fn ask_elevation(
        &mut self,
        id: &str,
        reason: &str,
        minutes: i64,
    ) -> Result<(), DatabaseError> {
        let user = self.caller().user_id().filter(|_| !self.caller().is_admin());
        let user = user.ok_or(DatabaseError::Denied)?.to_owned();
        self.has_room(&user, minutes).await?;
        let now = self.now();
        let sql = "INSERT INTO elevations (id, user_id, reason, minutes, state, asked_at, ends_at) VALUES ($1, $2, $3, $4, 'pending', $5, $6)";
        sqlx::query(sql)
            .bind(id.to_owned())
            .bind(user)
            .bind(reason.to_owned())
            .bind(minutes)
            .bind(now)
            .bind(now.saturating_add(WAITS))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn elevation(&mut self, id: &str) -> Result<ElevationRow, DatabaseError> {
        let now = self.now();
        let found = sqlx::query("SELECT * FROM elevations WHERE id = $1").bind(id.to_owned());
        let row = found.fetch_optional(self.connection()).await?;
        ElevationRow::of(&row.ok_or(DatabaseError::NotFound)?, now)
    }

    async fn elevations(
        &mut self,
        filter: &ElevationFilter,
        behind: Option<(i64, String)>,
        most: u32,
    ) -> Result<Vec<ElevationRow>, DatabaseError> {
        let now = self.now();
        let sql = "SELECT * FROM elevations
            WHERE ($1 = '' OR user_id = $1) AND ($2 = '' OR state = $2) AND (asked_at < $3 OR (asked_at = $3 AND id < $4))
            ORDER BY asked_at DESC, id DESC LIMIT $5";
        let (time, id) = behind.unwrap_or((i64::MAX, String::new()));
        let rows = sqlx::query(sql)
            .bind(filter.user.clone().unwrap_or_default())
            .bind(filter.state.as_ref().map(ToString::to_string).unwrap_or_default())
            .bind(time)
            .bind(id)
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.iter().map(|row| ElevationRow::of(row, now)).collect()
    }

    async fn approve_elevation(&mut self, id: &str, minutes: i64) -> Result<(), DatabaseError> {
        let asked = self.undecided(id).await?;
        if !(1..=asked.minutes).contains(&minutes) {
            return Err(DatabaseError::Invalid);
        }
        self.has_time(&asked.user_id, minutes).await?;
        let (by, now) = (self.acting_id()?, self.now());
        let sql = "UPDATE elevations SET state = 'approved', approved_by = $2, approved_at = $3, granted = $4, ends_at = $5
            WHERE id = $1 AND state = 'pending' RETURNING id";
        let approved = sqlx::query(sql)
            .bind(id.to_owned())
            .bind(by)
            .bind(now)
            .bind(minutes)
            .bind(now.saturating_add(minutes.saturating_mul(MINUTE)))
            .fetch_optional(self.connection())
            .await?;
        approved.map(drop).ok_or(DatabaseError::Conflict)
    }

    async fn refuse_elevation(&mut self, id: &str) -> Result<(), DatabaseError> {
        self.undecided(id).await?;
        let sql = "UPDATE elevations SET state = 'refused', ended_by = $2, ended_at = $3 WHERE id = $1 AND state = 'pending' RETURNING id";
        self.end(sql, id).await
    }

    async fn withdraw_elevation(&mut self, id: &str) -> Result<(), DatabaseError> {
        let found = self.elevation(id).await?;
        let is_own = self.caller().user_id() == Some(&found.user_id);
        if !is_own && !self.decides(&found) {
            return Err(DatabaseError::Denied);
        }
        if !found.is_open() {
            return Err(DatabaseError::Conflict);
        }
        let sql = "UPDATE elevations SET state = 'withdrawn', ended_by = $2, ended_at = $3
            WHERE id = $1 AND state IN ('pending', 'approved') RETURNING id";
        self.end(sql, id).await
    }

    async fn lapsed_elevations(&mut self, most: u32) -> Result<Vec<ElevationRow>, DatabaseError> {
        let now = self.now();
        let sql = "SELECT * FROM elevations WHERE state IN ('pending', 'approved') AND ends_at <= $1 ORDER BY ends_at LIMIT $2";
        let rows = sqlx::query(sql).bind(now).bind(i64::from(most));
        let rows = rows.fetch_all(self.connection()).await?;
        rows.iter().map(|row| ElevationRow::of(row, now)).collect()
    }

    async fn expire_elevation(&mut self, id: &str) -> Result<bool, DatabaseError> {
        let now = self.now();
        let sql = "UPDATE elevations SET state = 'expired', ended_at = ends_at
            WHERE id = $1 AND state IN ('pending', 'approved') AND ends_at <= $2 RETURNING id";
        let expired = sqlx::query(sql).bind(id.to_owned()).bind(now);
        Ok(expired.fetch_optional(self.connection()).await?.is_some())
    }

    async fn clear_elevations(&mut self, before: i64) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM elevations WHERE ended_at < $1";
        sqlx::query(sql).bind(before).execute(self.connection()).await?;
        Ok(())
    }

    async fn lent_rights(&mut self) -> Result<Vec<Lent>, DatabaseError> {
        let now = self.now();
        let sql =
            "SELECT id, user_id, ends_at FROM elevations WHERE state = 'approved' AND ends_at > $1";
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as(sql).bind(now).fetch_all(self.connection()).await?;
        Ok(rows.into_iter().map(Lent::from).collect())
    }

    async fn next_lapse(&mut self) -> Result<Option<i64>, DatabaseError> {
        let sql = "SELECT min(ends_at) FROM elevations WHERE state IN ('pending', 'approved')";
        Ok(sqlx::query_scalar(sql).fetch_one(self.connection()).await?)
    }

    async fn elevations_revision(&mut self) -> Result<i64, DatabaseError> {
        let sql = "SELECT revision FROM revisions WHERE name = 'elevations'";
        Ok(sqlx::query_scalar(sql).fetch_one(self.connection()).await?)
    }
}

impl Act {
    /// Fails where the caller is an admin for a while, and that while is over.
    pub(crate) async fn counts(&mut self, hold: Hold) -> Result<(), DatabaseError> {
        let Some(elevation) = self.caller().elevation().map(str::to_owned) else { return Ok(()) };
        let (user, now) = (self.acting_id()?, self.now());
        // Who withdraws it waits for who acts by it, or is waited for.
        let sql = match (hold, self.engine()) {
            (Hold::UntilTheEnd, Engine::Postgres) => {
                "SELECT id FROM elevations WHERE id = $1 AND user_id = $2 AND state = 'approved' AND ends_at > $3 FOR SHARE"
            }
            // Here whoever writes is alone.
            _ => {
                "SELECT id FROM elevations WHERE id = $1 AND user_id = $2 AND state = 'approved' AND ends_at > $3"
            }
        };
        let right = sqlx::query(sql).bind(elevation).bind(user).bind(now);
        let right = right.fetch_optional(self.connection()).await?;
        right.map(drop).ok_or(DatabaseError::Lapsed)
    }

    fn acting_id(&self) -> Result<String, DatabaseError> {
        self.caller().user_id().map(str::to_owned).ok_or(DatabaseError::Denied)
    }

    /// The rules would let a step that is not one's to make pass without effect, or without a word: here it is said.
    fn decides(&self, asked: &ElevationRow) -> bool {
        let caller = self.caller();
        let is_for_good = caller.is_admin() && caller.elevation().is_none();
        is_for_good && caller.user_id().is_some_and(|own| own != asked.user_id)
    }

    async fn undecided(&mut self, id: &str) -> Result<ElevationRow, DatabaseError> {
        let asked = self.elevation(id).await?;
        if !self.decides(&asked) {
            return Err(DatabaseError::Denied);
        }
        if asked.state != ElevationState::Pending {
            return Err(DatabaseError::Conflict);
        }
        Ok(asked)
    }

    async fn end(&mut self, sql: &'static str, id: &str) -> Result<(), DatabaseError> {
        let (by, now) = (self.acting_id()?, self.now());
        let ended = sqlx::query(sql).bind(id.to_owned()).bind(by).bind(now);
        ended.fetch_optional(self.connection()).await?.map(drop).ok_or(DatabaseError::Conflict)
    }

    /// Whether a user may ask once more, for so many minutes.
    async fn has_room(&mut self, user: &str, minutes: i64) -> Result<(), DatabaseError> {
        let since = self.now().saturating_sub(DAY);
        let sql = "SELECT count(*) FROM elevations WHERE user_id = $1 AND asked_at > $2";
        let asked: i64 = sqlx::query_scalar(sql)
            .bind(user.to_owned())
            .bind(since)
            .fetch_one(self.connection())
            .await?;
        if asked >= <Self as Elevations>::MOST_ASKED {
            return Err(DatabaseError::Exhausted);
        }
        self.has_time(user, minutes).await
    }

    /// Whether a user may have so many minutes from now on: in no 24 hours more than are allowed. Those that count most are the ones
    /// that end with these minutes.
    async fn has_time(&mut self, user: &str, minutes: i64) -> Result<(), DatabaseError> {
        let end = self.now().saturating_add(minutes.saturating_mul(MINUTE));
        let start = end.saturating_sub(DAY);
        let sql = "SELECT approved_at, coalesce(ended_at, ends_at) FROM elevations
            WHERE user_id = $1 AND approved_at IS NOT NULL AND coalesce(ended_at, ends_at) > $2";
        let had: Vec<(i64, i64)> = sqlx::query_as(sql)
            .bind(user.to_owned())
            .bind(start)
            .fetch_all(self.connection())
            .await?;
        let lasted = |(from, to): &(i64, i64)| to.saturating_sub(*from.max(&start)).max(0);
        let had = had.iter().map(lasted).fold(0, i64::saturating_add);
        let all = had.saturating_add(minutes.saturating_mul(MINUTE));
        if all > <Self as Elevations>::MOST_MINUTES.saturating_mul(MINUTE) {
            return Err(DatabaseError::Exhausted);
        }
        Ok(())
    }
}
