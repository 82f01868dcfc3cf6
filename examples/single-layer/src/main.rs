//! Puts one layer, a rate limit, in front of one axum service.
//!
//! Run with `cargo run -p example-single-layer`, then ask `http://127.0.0.1:3001/` three times within a second.

use std::{error::Error, net::SocketAddr};

use axum::{Router, routing::get};
use palisade::{
    client_ip::ClientIpPolicy,
    core::{GateLayer, Policies},
    peer_of_connect_info,
    problem::ProblemLayer,
    ratelimit::{Quota, RateLimitPolicy, Scope},
};

fn app() -> Result<Router, Box<dyn Error>> {
    // A limit by address needs an address; both policies share one gate.
    let client_ip = ClientIpPolicy::new().peer_from(peer_of_connect_info);
    let rate_limit =
        RateLimitPolicy::builder().global(Scope::Everything, Quota::per_second(2)?).build()?;
    Ok(Router::new()
        .route("/", get(async || "hello\n"))
        .layer(GateLayer::new(client_ip.then(rate_limit)))
        .layer(ProblemLayer::new()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3001").await?;
    axum::serve(listener, app()?.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::ConnectInfo, http::Request};
    use tower::Service;

    use super::*;

    #[tokio::test]
    async fn the_third_request_of_a_second_is_refused() {
        let mut app = app().unwrap();
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4711))));
            statuses.push(app.call(request).await.unwrap().status().as_u16());
        }
        assert_eq!(statuses, [200, 200, 429]);
    }
}
