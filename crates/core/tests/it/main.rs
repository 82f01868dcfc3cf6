//! What users of the gate and of the facts can rely on.
#![expect(clippy::unwrap_used, reason = "tests")]

mod address_key;
mod atomic_file;
mod bodies;
mod clock;
mod context;
mod credential;
mod extractors;
mod gate;
mod log;
mod policies;
mod refusal;
mod shadow;
mod waiting;
