//! What this crate promises.
