//! What the analytics promise, one file per promise.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests"
)]

mod bounds;
mod config;
mod counts;
mod exclusions;
mod lines;
mod live;
mod pages;
mod record;
mod scene;
mod session;
