//! What users of these policies can rely on.

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

mod bounds;
mod cached;
mod config;
mod fixture;
mod known_users;
mod properties;
mod revoked;
mod streams;
mod taken_over;
mod tickets;
mod users;

use palisade_users::{
    CachedDirectory, KnownUsersPolicy, Revocations, RevokedTokensPolicy, StreamTickets,
    TicketPolicy, Users, Watch,
};

fn is_send_sync_clone<T: Send + Sync + Clone + 'static>() {}
fn is_send<T: Send + Unpin + 'static>() {}

#[test]
fn handles_and_policies_are_shared_between_threads() {
    is_send_sync_clone::<Revocations>();
    is_send_sync_clone::<Users>();
    is_send_sync_clone::<StreamTickets>();
    is_send_sync_clone::<CachedDirectory<Users>>();
    is_send_sync_clone::<KnownUsersPolicy<CachedDirectory<Users>>>();
    is_send_sync_clone::<RevokedTokensPolicy>();
    is_send_sync_clone::<TicketPolicy>();
    is_send::<Watch>();
}
