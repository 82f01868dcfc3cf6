//! What users of the gate and of the facts can rely on.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod address_key;
mod atomic_file;
mod bodies;
mod clock;
mod context;
mod credential;
mod extractors;
mod follow;
mod gate;
mod header;
mod log;
mod policies;
mod realm;
mod refusal;
mod shadow;
mod waiting;
