//! The problem layer, over services that refuse, fail and pass.

#![expect(clippy::unwrap_used, reason = "a wrong setup is a mistake of the test")]

mod asking;
mod bare_errors;
mod body;
#[cfg(feature = "grpc")]
mod grpc;
mod problem_json;
mod renderers;
mod request_id;
mod tower;
