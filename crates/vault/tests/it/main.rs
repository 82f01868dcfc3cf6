//! What users of the vault can rely on.

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

mod commitment;
mod events;
mod ghash;
mod keys;
mod masks;
mod nonces;
mod objects;
mod properties;
mod providers;
mod ring_files;
mod rings;
mod rotation;
mod shake;
mod shapes;
mod stage;
mod stream_keys;
mod stream_properties;
mod stream_tampering;
mod stream_vectors;
mod streams;
mod tampering;
mod vectors;
mod xaes;
