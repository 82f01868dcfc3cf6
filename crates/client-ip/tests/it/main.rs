//! The client-ip policy, asked as a gate asks it.

#![expect(clippy::unwrap_used, reason = "a wrong setup is a mistake of the test")]

mod asking;
mod config;
mod headers;
mod properties;
mod proxy_addr;
mod scheme;
mod threats;
