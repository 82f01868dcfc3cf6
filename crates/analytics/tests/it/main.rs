//! What the analytics promise, one file per promise.

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

mod bounds;
mod config;
mod contract;
mod ending;
mod exclusions;
mod faulty;
mod health;
mod kept_back;
mod lines;
mod location;
mod memory_store;
mod pages;
mod privacy;
mod record;
mod scene;
mod session;
