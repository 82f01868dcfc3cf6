//! Which answers no cache may keep.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use http::{Method, Request, Response, StatusCode};
use palisade_core::{Access, Identity, IdentityKind, Policy, Route};
use palisade_secure_headers::{
    CacheControl, HeaderSet, RouteMatch, SecureHeadersLayer, SecureHeadersPolicy,
};
use palisade_test_support::{Ask, Body, context, head, head_of};
use tower::{Layer, Service};

use crate::{answer, answer_of, lines};

const PRIVATE: Option<&str> = Some("private, no-store");

fn cache_control(policy: &SecureHeadersPolicy, kind: &'static str) -> Option<String> {
    lines(&answer(policy, &[("content-type", kind)]), "cache-control")
}

#[test]
fn h4_a_page_with_a_nonce_is_not_kept() {
    let policy = SecureHeadersPolicy::polymech();
    for kind in [
        "text/html",
        "text/html; charset=utf-8",
        "text/html;charset=utf-8",
        "TEXT/HTML;x",
        "application/xhtml+xml",
        "image/svg+xml",
        " text/html ,",
        "text/plain, text/html",
        "text/plain; charset=\"a\", text/html; charset=utf-8",
    ] {
        assert_eq!(cache_control(&policy, kind).as_deref(), PRIVATE, "{kind}");
    }
    for kind in ["application/json", "text/htmlx", "text/plain", "image/png", "application/rss+xml"]
    {
        assert_eq!(cache_control(&policy, kind), None, "{kind}");
    }
    let two = [("content-type", "text/plain"), ("content-type", "text/html")];
    assert_eq!(lines(&answer(&policy, &two), "cache-control").as_deref(), PRIVATE);
}

#[test]
fn h4_an_answer_whose_type_a_browser_guesses_is_not_kept() {
    let nonce = || HeaderSet::empty().csp("script-src 'nonce'".parse().unwrap());
    let guessed = SecureHeadersPolicy::new(nonce().cache_control(CacheControl::WherePrivate));
    let status = |policy: &SecureHeadersPolicy, status: StatusCode| {
        let context = context();
        let _passed = policy.check(&mut head("/"), &context);
        let (mut parts, ()) = http::Response::new(()).into_parts();
        parts.status = status;
        policy.finish(&context, &mut parts);
        parts.headers.get("cache-control").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(status(&guessed, StatusCode::OK).as_deref(), PRIVATE);
    assert_eq!(status(&guessed, StatusCode::NOT_FOUND).as_deref(), PRIVATE);
    for empty in [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED, StatusCode::SWITCHING_PROTOCOLS]
    {
        assert_eq!(status(&guessed, empty), None, "{empty} has nothing to guess at");
    }
    // With `nosniff` nothing is guessed to be a page, whoever says so.
    assert_eq!(status(&SecureHeadersPolicy::polymech(), StatusCode::OK), None);
    let own = answer(&guessed, &[("x-content-type-options", "nosniff")]);
    assert_eq!(lines(&own, "cache-control"), None);
}

#[test]
fn h4_head_and_errors_say_what_the_page_says() {
    for (method, status) in
        [(Method::GET, 404), (Method::HEAD, 200), (Method::HEAD, 404), (Method::POST, 500)]
    {
        let page = Page { status: StatusCode::from_u16(status).unwrap() };
        let mut service = SecureHeadersLayer::new(SecureHeadersPolicy::polymech()).layer(page);
        let answer = Ask::method(method.clone(), "/nowhere").send(&mut service);
        assert_eq!(answer.status(), status);
        assert_eq!(lines(&answer, "cache-control").as_deref(), PRIVATE, "{method} {status}");
        let csp = lines(&answer, "content-security-policy").unwrap();
        assert!(csp.contains("'nonce-"), "{method} {status}: {csp}");
    }
}

/// Answers every request with a page.
#[derive(Clone, Debug)]
struct Page {
    status: StatusCode,
}

impl<B> Service<Request<B>> for Page {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        let page = Response::builder().status(self.status).header("content-type", "text/html");
        ready(Ok(page.body(Body::default()).unwrap()))
    }
}

#[test]
fn h4_in_strict_a_handler_cannot_have_a_page_with_a_nonce_kept() {
    let own = [("cache-control", "public, max-age=60"), ("content-type", "text/html")];
    let page = answer(&SecureHeadersPolicy::strict(), &own);
    assert_eq!(lines(&page, "cache-control").as_deref(), PRIVATE);
    let asset = [("cache-control", "public, max-age=60"), ("content-type", "text/css")];
    let asset = answer(&SecureHeadersPolicy::strict(), &asset);
    assert_eq!(lines(&asset, "cache-control").as_deref(), Some("public, max-age=60"));
}

#[test]
fn a_page_without_a_nonce_may_be_kept() {
    assert_eq!(cache_control(&SecureHeadersPolicy::api(), "text/html"), None);
    let of_files = SecureHeadersPolicy::new(HeaderSet::strict_static());
    assert_eq!(cache_control(&of_files, "text/html"), None);
    // Also where other routes have pages with one.
    let mixed = SecureHeadersPolicy::strict()
        .override_for(RouteMatch::Id("about".into()), |_| Ok(HeaderSet::strict_static()))
        .unwrap();
    let about = Route::new("about", Access::Public);
    let own = [("cache-control", "public, max-age=60"), ("content-type", "text/html")];
    let (about, _) = answer_of(&mixed, Ask::get("/about"), Some(about), &own);
    assert_eq!(lines(&about, "cache-control").as_deref(), Some("public, max-age=60"));
    assert_eq!(cache_control(&mixed, "text/html").as_deref(), PRIVATE);
}

#[test]
fn h7_an_answer_that_sets_a_cookie_is_not_kept() {
    // Caches keep and hand out `Set-Cookie` as any other header (RFC 9111 section 7.3).
    for policy in [SecureHeadersPolicy::polymech(), SecureHeadersPolicy::api()] {
        let own = [("set-cookie", "id=1; HttpOnly"), ("content-type", "application/json")];
        assert_eq!(lines(&answer(&policy, &own), "cache-control").as_deref(), PRIVATE);
    }
}

#[test]
fn h7_an_answer_to_a_credential_is_not_kept() {
    let policy = SecureHeadersPolicy::api();
    let check = |ask| {
        let (answer, _) = answer_of(&policy, ask, None, &[("content-type", "application/json")]);
        let value = lines(&answer, "cache-control");
        assert_eq!(value.as_deref(), PRIVATE);
        // Each of these would let a shared cache keep an answer to `Authorization` (RFC 9111 section 3.5).
        for sharing in ["must-revalidate", "public", "s-maxage"] {
            assert!(!value.as_deref().unwrap().contains(sharing));
        }
    };
    check(Ask::get("/").bearer("a.b.c"));
    check(Ask::get("/").header("x-api-key", "key"));
    check(Ask::get("/").header("authorization", "Basic dTpw"));
    check(Ask::get("/").bearer("a").header("x-api-key", "key"));
}

#[test]
fn h7_what_inner_layers_learn_of_a_credential_counts() {
    let policy = SecureHeadersPolicy::api();
    let finish = |learn: &dyn Fn(&palisade_core::SecurityContext)| {
        let context = context();
        let _passed = policy.check(&mut head("/"), &context);
        learn(&context);
        let (mut parts, ()) = http::Response::new(()).into_parts();
        policy.finish(&context, &mut parts);
        parts.headers.get("cache-control").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(finish(&|_| ()), None);
    let presented = |context: &palisade_core::SecurityContext| {
        context.credential(&head_of(Ask::get("/").bearer("a.b.c")));
    };
    assert_eq!(finish(&presented).as_deref(), PRIVATE);
    let nothing = |context: &palisade_core::SecurityContext| {
        context.credential(&head("/"));
    };
    assert_eq!(finish(&nothing), None);
    let proven = |context: &palisade_core::SecurityContext| {
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    };
    assert_eq!(finish(&proven).as_deref(), PRIVATE);
}

#[test]
fn h7_a_handlers_own_cache_control_stays() {
    let own = [("cache-control", "public, max-age=60"), ("content-type", "text/html")];
    let ask = Ask::get("/").bearer("a.b.c");
    let (answer, _) = answer_of(&SecureHeadersPolicy::polymech(), ask, None, &own);
    assert_eq!(lines(&answer, "cache-control").as_deref(), Some("public, max-age=60"));
}

#[test]
fn every_answer_can_be_private() {
    let headers = HeaderSet::api().cache_control(CacheControl::Always);
    assert_eq!(cache_control(&SecureHeadersPolicy::new(headers), "text/css").as_deref(), PRIVATE);
}
