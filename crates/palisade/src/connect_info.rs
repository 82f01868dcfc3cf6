//! The peer's address as axum's own server tells it.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::Extensions;

/// Finds the peer's address where `into_make_service_with_connect_info::<SocketAddr>()` leaves it.
///
/// For `ClientIpPolicy::peer_from`.
pub fn peer_of_connect_info(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)
}
