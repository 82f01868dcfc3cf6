//! What users of the storage can rely on.

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

mod contract;
mod events;
mod faults;
mod folder;
mod ids;
mod killed;
mod links;
mod locations;
mod ranges;
mod rewraps;
mod stage;
mod sweeps;
mod tampering;
mod uploads;
