//! Runs the whole documented security stack as one server, with demo content to try it on.
//!
//! The binary `palisade-server` is a thin shell around this library, so that tests and one's own servers can take the
//! parts: [`Settings`] say how, [`App`] assembles the layers ([`palisade::stack()`] fixes their order), and [`serve()`]
//! runs it on a socket.

pub mod admin_changes;
mod answer_body;
pub mod api_key;
mod api_key_file;
pub mod api_key_table;
pub mod app;
pub mod audit;
pub mod audit_command;
pub mod audit_headers;
pub mod audit_log;
pub mod audit_table;
mod background;
mod bans;
pub mod check_config;
mod checkpoints;
pub mod cli;
mod connection;
pub mod content_cache;
pub mod database;
mod database_health;
pub mod demo;
pub mod directory;
pub mod elevation_step;
mod elevations;
mod elevations_watch;
mod following;
mod front;
pub mod grant_admin;
mod instances;
pub mod issuer;
pub mod kept;
mod life;
mod limits;
mod listener;
mod live;
mod locations;
pub mod logs;
pub mod metrics;
mod open_files;
mod openapi;
pub mod oracle;
mod orders;
mod output;
mod paced;
mod places;
mod pulse;
mod records;
mod reference;
mod render;
mod report_desk;
mod request_body;
mod routes;
mod same_origin;
mod secrets;
mod security_headers;
pub mod serve;
mod server_id;
pub mod settings;
pub mod sign_outs;
mod stream_guard;
mod streams;
mod ticket_seal;
pub mod tickets;
mod timer;
pub mod tls;
pub mod token;
pub mod traces;
pub mod users_table;
mod verifying;
pub mod vfs;
mod writable;

pub use self::{app::App, serve::serve, settings::Settings};
