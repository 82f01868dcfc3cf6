//! What the analytics promise, one file per promise.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
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
