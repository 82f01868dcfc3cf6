//! What whoever uses a database can rely on, on both engines.

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
    clippy::too_many_lines,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod api_keys;
mod audit_log;
#[path = "../../../audit/tests/it/contract.rs"]
mod contract;
mod elevations;
mod embedded;
mod orders;
mod organisations;
mod pages;
mod postgres;
mod secrets;
mod sign_outs;
mod stream_tickets;
mod transactions;
mod users;
mod vfs_files;
mod vfs_listing;
mod vfs_mounts;
mod vfs_orphans;
mod vfs_rules;
mod world;
