//! For axum: access declared with the handler, and one matcher for the gate and the dispatch.

mod access_router;
mod dispatch;
mod extract;
mod matched;

pub(crate) use self::matched::Matched;
pub use self::{
    access_router::AccessRouter,
    dispatch::{Dispatch, DispatchFuture},
};
