//! For axum: access declared with the handler, and one matcher for the gate and the dispatch.

mod access_router;
mod dispatch;
mod extract;
mod matched;
#[cfg(feature = "matched-path")]
mod matched_path;

pub(crate) use self::matched::Matched;
#[cfg(feature = "matched-path")]
pub(crate) use self::matched_path::{matched_path, original_path};
pub use self::{
    access_router::AccessRouter,
    dispatch::{Dispatch, DispatchFuture},
};
