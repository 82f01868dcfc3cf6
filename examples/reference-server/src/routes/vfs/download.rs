//! The content of a file on its way, for as long as whoever asked may have it.

use std::{
    fmt,
    future::{Future, pending},
    ops::Range,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use axum::body::{Body, Bytes};
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use palisade::{
    core::{Moment, Rejection},
    vfs_acl::Standing,
};
use palisade_vfs_store::ReadError;
use tokio::select;

use super::{allowed::Allowed, membership::Membership, record};
use crate::{app::Shared, stream_guard::StreamGuard};

/// What is longer is ended also while nobody reads it, as streams are, of which one user has not too many open. Of what is
/// shorter no piece more is sent.
const LONG: u64 = 1 << 20;
/// As often as this it is asked at most whether the client would be let in: a fast one takes thousands of pieces a second.
const AGAIN: Duration = Duration::from_millis(250);

/// Ends when who asked would not be let in any more.
pub(super) type Over = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is left of a download.
pub(super) struct Download {
    shared: Arc<Shared>,
    allowed: Allowed,
    pieces: BoxStream<'static, Result<Bytes, ReadError>>,
    standing: Standing,
    /// When it was last asked whether who asked would be let in.
    asked: Moment,
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
        let (standing, asked) = (allowed.standing(shared), allowed.context.arrived());
        Ok(Self { shared: Arc::clone(shared), allowed, pieces, standing, asked, over })
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
        if !self.may_go_on() {
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

    fn may_go_on(&mut self) -> bool {
        let now = self.shared.clock.now();
        if !self.standing.holds(now.wall()) {
            return false;
        }
        if now.since(self.asked) < AGAIN {
            return true;
        }
        self.asked = now;
        self.allowed.is_still_let_in(&self.shared, now)
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
