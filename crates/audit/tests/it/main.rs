//! The audit log: what it keeps, what it finds, what it forgets.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod checkpoints;
mod contract;
mod erasure;
mod file_log;
mod fuzzed;
mod keys;
mod laws;
mod records;
mod tampering;
mod vectors;

#[expect(unreachable_pub, reason = "it is a target for fuzzing as well")]
#[path = "../../../../fuzz/src/audit.rs"]
mod target;

use self::contract::scene;
