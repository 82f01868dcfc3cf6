//! What the store promises, one file per promise.

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
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

/// The laws of every store, beside the trait.
#[path = "../../../analytics/tests/it/contract.rs"]
mod contract;
mod deletion;
mod figures;
mod files;
mod indexes;
mod laws;
mod outages;
mod retention;
mod shared;
mod turns;
