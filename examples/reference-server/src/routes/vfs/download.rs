//! The content of a file on its way, for as long as whoever asked may have it.

use std::{
    fmt,
    future::{Future, pending},
    ops::Range,
    pin::Pin,
    sync::Arc,
};

use axum::body::{Body, Bytes};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use palisade::{core::Rejection, vfs_acl::Standing};
use palisade_vfs_store::ReadError;
use tokio::select;

use super::{allowed::Allowed, membership::Membership, record};
use crate::{app::Shared, stream_guard::StreamGuard};

/// What is longer is watched as streams are: the user's token may be taken back while it runs.
const LONG: u64 = 1 << 20;

/// Ends when who asked would not be let in any more.
pub(super) type Over = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is left of a download.
pub(super) struct Download {
    shared: Arc<Shared>,
    allowed: Allowed,
    pieces: BoxStream<'static, Result<Bytes, ReadError>>,
    standing: Standing,
    over: Over,
}

/// Why the content ends before its end. The client sees a connection that breaks off.
#[derive(Debug)]
enum Cut {
    /// It is not allowed any more.
    Revoked,
    /// What is kept is not what was written, or nobody answers.
    Unread(ReadError),
}

// === impl Download ===

impl Download {
    /// The `pieces` of the range, for who was allowed to read them.
    ///
    /// # Errors
    ///
    /// If he has too many under way.
    pub(super) fn new(
        shared: &Arc<Shared>,
        allowed: Allowed,
        pieces: BoxStream<'static, Result<Bytes, ReadError>>,
        range: Range<u64>,
    ) -> Result<Self, Rejection> {
        let is_long = range.end.saturating_sub(range.start) > LONG;
        let over = if is_long { over(shared, &allowed)? } else { Box::pin(pending()) };
        let standing = allowed.standing(shared);
        Ok(Self { shared: Arc::clone(shared), allowed, pieces, standing, over })
    }

    /// Sends it.
    pub(super) fn into_body(self) -> Body {
        let pieces = stream::try_unfold(self, async |mut download| {
            let next = download.next().await?;
            Ok::<_, Cut>(next.map(|piece| (piece, download)))
        });
        Body::from_stream(pieces)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        let piece = select! {
            biased;
            () = &mut self.over => return Err(Cut::Revoked),
            piece = self.pieces.next() => piece,
        };
        let Some(piece) = piece else { return Ok(None) };
        // Behind the wait: it is asked at the moment at which it would be sent.
        if !self.standing.holds(self.shared.clock.now().wall()) {
            return Err(Cut::Revoked);
        }
        match piece {
            Ok(piece) => Ok(Some(piece)),
            Err(error) => {
                if !matches!(error, ReadError::Unavailable(_)) {
                    drop(record::damaged(&self.shared, &self.allowed));
                }
                Err(Cut::Unread(error))
            }
        }
    }
}

/// Ends when who asked would not be let in any more, or not for his organisation.
///
/// # Errors
///
/// If he has too many under way.
pub(super) fn over(shared: &Arc<Shared>, allowed: &Allowed) -> Result<Over, Rejection> {
    if allowed.context.identity().is_none() {
        return Ok(Box::pin(pending()));
    }
    let guard = StreamGuard::new(shared, &allowed.context)?;
    let membership = Membership::of(shared, allowed);
    Ok(Box::pin(async move {
        let left = async {
            match membership {
                Some(membership) => membership.end().await,
                None => pending().await,
            }
        };
        select! {
            _ending = guard.end() => {}
            () = left => {}
        }
    }))
}

// === impl Cut ===

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoked => f.write_str("the permission to read it has ended"),
            Self::Unread(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Cut {}
