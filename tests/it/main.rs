//! Whole-stack behaviour, in process.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod bodies;
mod cors;
mod order;
mod site;
