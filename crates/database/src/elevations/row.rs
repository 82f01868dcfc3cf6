//! What is kept of admin rights for a while.

use std::fmt;

use sqlx::{Row, any::AnyRow};

use crate::DatabaseError;

/// Admin rights for a while: who asked for them, and what became of it. Times are in milliseconds since 1970.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ElevationRow {
    /// Its id.
    pub id: String,
    /// Who asked for it, and has it.
    pub user_id: String,
    /// Why, in his words.
    pub reason: String,
    /// For how long, in minutes.
    pub minutes: i64,
    /// What became of it.
    pub state: ElevationState,
    /// When it was asked for.
    pub asked_at: i64,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<i64>,
    /// For how long, in minutes.
    pub granted: Option<i64>,
    /// When it ends by itself: the right, or the time in which it can be approved.
    pub ends_at: i64,
    /// Who refused or withdrew it.
    pub ended_by: Option<String>,
    /// When it was refused, withdrawn or over.
    pub ended_at: Option<i64>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ElevationState {
    /// Nobody has decided yet.
    Pending,
    /// It counts.
    Approved,
    /// It never counted.
    Refused,
    /// It was taken back, before its end.
    Withdrawn,
    /// Its time is over.
    Expired,
}

/// Which are asked for: those that fit all that is said.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ElevationFilter {
    /// Whose.
    pub user: Option<String>,
    /// In which state.
    pub state: Option<ElevationState>,
}

/// A right that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lent {
    /// The id of the elevation.
    pub id: String,
    /// Who has it.
    pub user_id: String,
    /// Until when, in milliseconds since 1970.
    pub ends_at: i64,
}

// === impl ElevationRow ===

impl ElevationRow {
    /// Whether it can still be withdrawn.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// As a row says it, by the time of `now`: what is over is over, also where nobody has said so yet.
    pub(super) fn of(row: &AnyRow, now: i64) -> Result<Self, DatabaseError> {
        let ends_at = row.try_get("ends_at")?;
        let state = ElevationState::of(&row.try_get::<String, _>("state")?);
        let is_over = state.is_open() && ends_at <= now;
        Ok(Self {
            id: row.try_get("id")?,
            user_id: row.try_get("user_id")?,
            reason: row.try_get("reason")?,
            minutes: row.try_get("minutes")?,
            state: if is_over { ElevationState::Expired } else { state },
            asked_at: row.try_get("asked_at")?,
            approved_by: row.try_get("approved_by")?,
            approved_at: row.try_get("approved_at")?,
            granted: row.try_get("granted")?,
            ends_at,
            ended_by: row.try_get("ended_by")?,
            ended_at: row.try_get("ended_at")?,
        })
    }
}

// === impl ElevationFilter ===

impl ElevationFilter {
    /// All that the caller may know of.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of one user.
    #[must_use]
    pub fn of_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// In one state.
    #[must_use]
    pub fn in_state(mut self, state: ElevationState) -> Self {
        self.state = Some(state);
        self
    }
}

// === impl ElevationState ===

impl ElevationState {
    fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Approved)
    }

    /// What a row says. The table holds no other words, and nothing counts for one it should not hold.
    fn of(text: &str) -> Self {
        match text {
            "pending" => Self::Pending,
            "approved" => Self::Approved,
            "refused" => Self::Refused,
            "withdrawn" => Self::Withdrawn,
            _ => Self::Expired,
        }
    }
}

impl fmt::Display for ElevationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        })
    }
}

// === impl Lent ===

impl From<(String, String, i64)> for Lent {
    fn from((id, user_id, ends_at): (String, String, i64)) -> Self {
        Self { id, user_id, ends_at }
    }
}
