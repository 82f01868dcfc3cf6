//! Bodies of requests: how large, how they may be coded, how slow. The one place that reads them.

mod error;
mod gunzip;
mod layer;
mod limited;
mod limits;
mod patiences;
mod policy;
mod rules;
mod timer;

pub use self::{
    error::BodyError,
    layer::{BodyFuture, BodyLayer, BodyService},
    limited::LimitedBody,
    limits::BodyLimits,
    policy::BodyLimitPolicy,
    rules::RequestCodings,
    timer::Timer,
};
pub(crate) use self::{patiences::BodyPatiences, rules::BodyRules};
