//! Admin rights for a while: asked for, given, and ended.

mod act;
mod row;

pub(crate) use self::act::Hold;
pub use self::row::{ElevationFilter, ElevationRow, ElevationState, Lent};
use crate::DatabaseError;

/// Admin rights for a while. A user asks for them and sees his own; an admin, who is somebody else and is one for good, gives or refuses
/// them; either takes them back. Nothing makes them longer: who needs more time asks again, and of one user at most
/// [`MOST_MINUTES`](Self::MOST_MINUTES) count in any 24 hours.
pub trait Elevations {
    /// The longest that is given at once, in minutes.
    const LONGEST: i64 = 60;
    /// So many minutes one user may have in any 24 hours.
    const MOST_MINUTES: i64 = 240;
    /// So often one user may ask in any 24 hours.
    const MOST_ASKED: i64 = 20;

    /// Asks for them, for the caller himself: `minutes` of them, at most [`LONGEST`](Self::LONGEST), for a `reason` of 10 to 500
    /// characters. Unless it is approved within an hour, it ends.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no user, or an admin already; [`Conflict`](DatabaseError::Conflict) where one
    /// of his is open; [`Exhausted`](DatabaseError::Exhausted) where so much would be more than he may have, or he asked too often;
    /// [`Invalid`](DatabaseError::Invalid) for a reason or a time out of these bounds.
    fn ask_elevation(
        &mut self,
        id: &str,
        reason: &str,
        minutes: i64,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The one with this id.
    ///
    /// # Errors
    ///
    /// [`NotFound`](DatabaseError::NotFound) if there is none that the caller may know of.
    fn elevation(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<ElevationRow, DatabaseError>> + Send;

    /// Up to `most` that fit, the latest first, behind the one that was asked for at a time and has an id.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn elevations(
        &mut self,
        filter: &ElevationFilter,
        behind: Option<(i64, String)>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<ElevationRow>, DatabaseError>> + Send;

    /// Gives what was asked for, or less of it: from now on, for `minutes`.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever asked for it, is no admin, or one for a while; [`Conflict`](DatabaseError::Conflict)
    /// if it is decided or has ended; [`Invalid`](DatabaseError::Invalid) for more than was asked for;
    /// [`Exhausted`](DatabaseError::Exhausted) if it would be more than the user may have.
    fn approve_elevation(
        &mut self,
        id: &str,
        minutes: i64,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Refuses what was asked for.
    ///
    /// # Errors
    ///
    /// As [`approve_elevation`](Self::approve_elevation).
    fn refuse_elevation(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Ends it, approved or not: by whoever asked for it, and by those who could have refused it.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for anybody else, [`Conflict`](DatabaseError::Conflict) if it has ended.
    fn withdraw_elevation(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Up to `most` whose time is over, and of which nobody has said so yet. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn lapsed_elevations(
        &mut self,
        most: u32,
    ) -> impl Future<Output = Result<Vec<ElevationRow>, DatabaseError>> + Send;

    /// Says of one that its time is over. Whether it was, and nobody else said so. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn expire_elevation(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// Forgets those that ended before this time, in milliseconds since 1970. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn clear_elevations(
        &mut self,
        before: i64,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The rights that count now.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn lent_rights(&mut self) -> impl Future<Output = Result<Vec<Lent>, DatabaseError>> + Send;

    /// When the next of all that is open ends, in milliseconds since 1970; none if nothing is.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn next_lapse(&mut self) -> impl Future<Output = Result<Option<i64>, DatabaseError>> + Send;

    /// A number that grows with every step of any of them, by whichever process. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn elevations_revision(&mut self) -> impl Future<Output = Result<i64, DatabaseError>> + Send;
}
