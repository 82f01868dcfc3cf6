//! Why something was not read or written.

use sqlx::error::ErrorKind;

/// Why something was not read or written. Whatever it is, nothing of the transaction is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The caller sees no such row: it is not there, or not for him to know of. The two are not told apart.
    #[error("no such row for this caller")]
    NotFound,
    /// The caller sees the row, and the rules do not let him do this.
    #[error("the rules do not let this caller do it")]
    Denied,
    /// It is there already, or was changed meanwhile.
    #[error("it is there already, or was changed meanwhile")]
    Conflict,
    /// The caller was an admin for a while, and that while is over: it ended, or it was withdrawn.
    #[error("the right by which this was asked for has ended")]
    Lapsed,
    /// As much as one may have is used up. Later there is more.
    #[error("as much as this caller may have is used up")]
    Exhausted,
    /// What is to be written is longer than there is room for, or of another form.
    #[error("a value is too long, or not of the form that is kept")]
    Invalid,
    /// The database does not answer, or not in time: a later try may succeed.
    #[error("the database does not answer")]
    Unavailable(#[source] sqlx::Error),
    /// Anything else.
    #[error("the database refused a statement")]
    Broken(#[source] sqlx::Error),
}

// === impl DatabaseError ===

impl DatabaseError {
    /// Whether a later try of the same may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(refusal) => {
                let code = refusal.code();
                match refusal.kind() {
                    ErrorKind::UniqueViolation => Self::Conflict,
                    ErrorKind::ForeignKeyViolation => Self::NotFound,
                    ErrorKind::CheckViolation | ErrorKind::NotNullViolation => Self::Invalid,
                    // A text with a NUL in it, which PostgreSQL does not keep.
                    _ if code.as_deref() == Some("22021") => Self::Invalid,
                    _ if is_denial(code.as_deref(), refusal.message()) => Self::Denied,
                    _ if is_passing(code.as_deref()) => Self::Unavailable(error),
                    _ => Self::Broken(error),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error),
            _ => Self::Broken(error),
        }
    }
}

/// PostgreSQL's `insufficient_privilege`, and what the triggers of `policies/sqlite.sql` raise (`SQLITE_CONSTRAINT_TRIGGER`).
fn is_denial(code: Option<&str>, message: &str) -> bool {
    code == Some("42501") || (code == Some("1811") && message.contains("row-level security"))
}

/// Whether it is the state of the server, and nothing about the statement (PostgreSQL, appendix A: classes 08, 40, 53, 57 and 58;
/// `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_IOERR`, `SQLITE_FULL` and what extends them).
fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 10 | 13),
        _ => matches!(code.get(..2), Some("08" | "40" | "53" | "57" | "58")) || code == "55P03",
    }
}
