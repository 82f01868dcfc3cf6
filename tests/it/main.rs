//! Whole-stack behaviour, in process.

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

mod bodies;
mod coded_bodies;
mod codings;
mod cors;
mod countries;
mod order;
mod page;
mod preflights;
mod request_bodies;
mod said;
mod secrets;
mod site;
mod slow_bodies;
mod vary;
