//! Puts a policy of one's own behind a gate, beside Palisade's.
//!
//! Run with `cargo run -p example-custom-policy`, then
//! `curl -i -X POST http://127.0.0.1:3002/` and read the refusal: security headers and a body for free.

use std::error::Error;

use axum::{Router, routing::get};
use http::{Method, request::Parts};
use palisade::{
    core::{
        Code, Enforce, GateLayer, Policies, Policy, Rejection, RejectionKind, SecurityContext,
        Verdict,
    },
    problem::ProblemLayer,
    secure_headers::SecureHeadersPolicy,
};

const MAINTENANCE: Code = Code::new("maintenance", "Nothing can be changed at the moment");

/// Lets nothing be changed while the service is under maintenance.
#[derive(Debug)]
struct ReadOnly;

/// Says which requests a stricter rule would refuse, before it is switched on.
#[derive(Debug)]
struct OnlyModernBrowsers;

impl Policy for ReadOnly {
    fn name(&self) -> &'static str {
        "read-only"
    }

    fn check(&self, head: &mut Parts, _context: &SecurityContext) -> Verdict {
        if matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Verdict::Pass;
        }
        Rejection::new(RejectionKind::Unavailable, MAINTENANCE)
            .retry_after(std::time::Duration::from_secs(600))
            .into()
    }
}

impl Policy for OnlyModernBrowsers {
    fn name(&self) -> &'static str {
        "only-modern-browsers"
    }

    fn check(&self, head: &mut Parts, _context: &SecurityContext) -> Verdict {
        if head.headers.contains_key("sec-fetch-site") {
            return Verdict::Pass;
        }
        Rejection::new(
            RejectionKind::Forbidden,
            Code::new("old-browser", "This browser is too old"),
        )
        .into()
    }
}

fn app() -> Router {
    // The new rule only reports: its refusals are in the log, where a subscriber of `tracing` writes one, with
    // `enforced=false`.
    let policies = SecureHeadersPolicy::api()
        .then(OnlyModernBrowsers.enforce(Enforce::ReportOnly))
        .then(ReadOnly);
    Router::new()
        .route("/", get(async || "hello\n").post(async || "changed\n"))
        .layer(GateLayer::new(policies))
        .layer(ProblemLayer::new())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3002").await?;
    axum::serve(listener, app()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn nothing_can_be_changed_and_the_refusal_is_complete() {
        let request = Request::post("/").body(Body::empty()).unwrap();
        let answer = app().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "600");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("content-security-policy"));
        let request = Request::get("/").body(Body::empty()).unwrap();
        assert_eq!(
            app().oneshot(request).await.unwrap().status(),
            200,
            "the rule that only reports refuses nobody"
        );
    }
}
