//! The server as a stranger meets it: a process, a socket, a real HTTP client.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "tests"
)]

mod access;
mod bans;
mod content;
mod embed;
mod limits;
mod malformed;
mod nonce;
mod oracle;
mod readme;
mod replay;
mod server;
mod settings_page;
mod shutdown;
mod startup;
mod stream;
