//! The audit log: what it keeps, what it finds, what it forgets.

mod checkpoints;
mod contract;
mod erasure;
mod file_log;
mod fuzzed;
mod keys;
mod laws;
mod records;
mod scene;
mod tampering;
mod vectors;

#[expect(unreachable_pub, reason = "it is a target for fuzzing as well")]
#[path = "../../../../fuzz/src/audit.rs"]
mod target;
