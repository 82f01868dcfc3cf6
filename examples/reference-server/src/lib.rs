//! Runs the whole documented security stack as one server, with demo content to try it on.
//!
//! The binary `palisade-server` is a thin shell around this library, so that tests and one's own servers can take the
//! parts: [`Settings`] say how, [`App`] assembles the layers ([`palisade::stack()`] fixes their order), and [`serve()`]
//! runs it on a socket.

pub mod app;
pub mod check_config;
pub mod cli;
pub mod demo;
mod first_bytes;
pub mod issuer;
pub mod logs;
pub mod oracle;
mod render;
mod routes;
pub mod serve;
pub mod settings;
pub mod token;

pub use self::{app::App, serve::serve, settings::Settings};
