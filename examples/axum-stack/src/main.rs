//! Puts the whole stack in front of one's own axum service: the program of the README.
//!
//! Run with `cargo run -p example-axum-stack`, then `curl -i http://127.0.0.1:3004/`.

// begin of the README's program
use axum::{Router, routing::get};
use palisade::{
    Stack,
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    client_ip::ClientIpPolicy,
    core::Identity,
    route_registry::Registry,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let routes =
        Registry::builder().public("/").authenticated("/me").admin("/admin/{*rest}").build()?;
    let issuer =
        Issuer::new("https://id.example", Keys::hs256(b"32 bytes or more, from your vault")?)
            .audience("me");
    let stack = Stack::new(routes, OptionalAuth::new(Verifier::new(issuer)?))
        .client_ip(ClientIpPolicy::new().peer_from(palisade::peer_of_connect_info));
    let app = Router::new()
        .route("/", get(async || "hello\n"))
        .route("/me", get(async |who: Identity| who.subject().to_owned()))
        .layer(palisade::stack(stack));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3004").await?;
    Ok(axum::serve(listener, app.into_make_service_with_connect_info::<std::net::SocketAddr>())
        .await?)
}
// end of the README's program
