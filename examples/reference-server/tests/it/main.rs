//! The server as a stranger meets it: a process, a socket, a real HTTP client.

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

mod access;
mod admin_changes;
mod analytics;
mod analytics_bounds;
mod analytics_fields;
mod analytics_files;
mod api_keys;
mod api_keys_hidden;
mod audit;
mod audit_headers;
mod audit_looks;
mod audit_trail;
mod bans;
mod browser;
mod clients;
mod codings;
mod command_line;
mod connections;
mod content;
mod content_cache;
mod content_pieces;
mod cors;
mod csp_reports;
mod database;
mod directory;
mod elevations;
mod embed;
mod endpoint;
mod geo;
mod handlers_log;
mod header_scanners;
mod http2;
mod hygiene;
mod in_process;
mod instances;
mod issuers;
mod killed;
mod limits;
mod live_streams;
mod logout;
mod malformed;
mod many_connections;
mod many_streams;
mod metrics;
mod metrics_clients;
mod metrics_page;
mod nonce;
mod oracle;
mod orders;
mod organisations;
mod pages;
mod postgres_restarts;
mod readme;
mod reference;
mod reference_clients;
mod replay;
mod replayed_days;
mod secrets;
mod secrets_of_users;
mod security_headers;
mod security_log;
mod server;
mod settings_page;
mod shutdown;
mod slow_clients;
mod startup;
mod stream;
mod strict_pages;
mod tickets;
mod tls;
mod tls_authority;
mod tls_clients;
mod tls_profile;
mod tls_redirect;
mod tls_reload;
mod tls_resumption;
mod traces;
mod transport_security;
mod traversal;
mod two_servers;
mod unread_streams;
mod uploads;
mod users;
mod vfs_attacks;
mod vfs_files;
mod vfs_followed;
mod vfs_killed;
mod vfs_listings;
mod vfs_open;
mod vfs_rules;
mod vfs_transfers;
mod vfs_traversal;
