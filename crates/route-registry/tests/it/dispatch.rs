//! The gate and the dispatch of axum agree.

use axum::{
    body::Body,
    extract::State,
    response::Response,
    routing::{any, delete, get, post},
};
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use palisade_core::{
    Access, Code, Enforce, Gate, Policies, Policy, Rejection, RejectionKind, RouteTag,
    SecurityContext, Verdict,
};
use palisade_route_registry::{AccessRouter, Declare, Dispatch, PathParams, Registry, RoutePolicy};
use tower::ServiceExt as _;
use tower_service::Service;

/// Lets in who asks with the header `x-role: admin`, as authentication would.
struct Guard;

const NO_ADMIN: Code = Code::new("insufficient-role", "Not for you");

impl Policy for Guard {
    fn name(&self) -> &'static str {
        "guard"
    }

    fn check(&self, head: &mut http::request::Parts, context: &SecurityContext) -> Verdict {
        let admin = head.headers.get("x-role").is_some_and(|role| role == "admin");
        match context.route().map(palisade_core::Route::access) {
            Some(Access::Public | Access::Protected) => Verdict::Pass,
            Some(_) if admin => Verdict::Pass,
            _ => Rejection::new(RejectionKind::Forbidden, NO_ADMIN).into(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) code: Option<&'static str>,
    allow: Option<String>,
    pub(crate) text: String,
}

pub(crate) fn gate((registry, dispatch): (Registry, Dispatch)) -> Gate<Dispatch, impl Policies> {
    Gate::new(dispatch, RoutePolicy::new(registry).then(Guard))
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut cx) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("waits"),
    }
}

pub(crate) fn ask<S>(service: S, method: Method, path: &str, role: &str) -> Answer
where
    S: Service<Request<Body>, Response = Response, Error = std::convert::Infallible>,
{
    let request = Request::builder().method(method).uri(path).header("x-role", role);
    let request = request.body(Body::empty()).unwrap();
    let Ok(answer) = block_on(service.oneshot(request));
    let (head, body) = answer.into_parts();
    let text = block_on(body.collect()).unwrap().to_bytes();
    Answer {
        status: head.status,
        code: head.extensions.get::<Rejection>().map(|rejection| rejection.code().as_str()),
        allow: head.headers.get(header::ALLOW).map(|allow| allow.to_str().unwrap().to_owned()),
        text: String::from_utf8(text.to_vec()).unwrap(),
    }
}

fn router() -> AccessRouter {
    let posts = AccessRouter::new()
        .public("/post/:id", get(|params: PathParams| async move { format!("post {params:?}") }))
        .route(
            Declare::admin("/api/analytics").methods([Method::GET]).tag(RouteTag::API),
            get(|| async { "rows" }),
        )
        .route(
            Declare::admin("/api/analytics").methods([Method::DELETE]),
            delete(|| async { "cleared" }),
        );
    AccessRouter::new()
        .public(
            "/feed.xml",
            get(|params: PathParams| async move { format!("feed {}", params.is_empty()) }),
        )
        .admin("/admin/{*rest}", any(|| async { "admin" }))
        .merge(posts)
}

#[test]
fn the_handler_of_the_route_is_called_with_its_parameters() {
    let service = gate(router().into_parts().unwrap());
    assert_eq!(ask(service.clone(), Method::GET, "/feed.xml", "").text, "feed true");
    assert_eq!(ask(service.clone(), Method::GET, "/post/a%20b", "").text, r#"post {"id": "a b"}"#);
    assert_eq!(ask(service.clone(), Method::DELETE, "/api/analytics", "admin").text, "cleared");
    assert_eq!(ask(service, Method::HEAD, "/feed.xml", "").status, StatusCode::OK);
}

#[test]
fn the_gate_decides_before_the_handler() {
    let service = gate(router().into_parts().unwrap());
    for (method, path) in [
        (Method::GET, "/api/analytics"),
        (Method::PATCH, "/api/analytics"),
        (Method::GET, "/admin/a/b"),
        (Method::OPTIONS, "/admin/a"),
        (Method::GET, "/ADMIN/a"),
    ] {
        let answer = ask(service.clone(), method, path, "");
        assert_eq!(
            (answer.status, answer.code),
            (StatusCode::FORBIDDEN, Some("insufficient-role")),
            "{path}"
        );
    }
    assert_eq!(ask(service, Method::GET, "//feed.xml", "admin").status, StatusCode::BAD_REQUEST);
}

#[test]
fn a_method_that_is_not_there_is_405_with_allow() {
    let service = gate(router().into_parts().unwrap());
    let check = |method: Method, path: &str, allow: &str| {
        let answer = ask(service.clone(), method, path, "admin");
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(answer.code, Some("method-not-allowed"), "{path}");
        assert_eq!(answer.allow.as_deref(), Some(allow), "{path}");
    };
    check(Method::POST, "/feed.xml", "GET,HEAD");
    check(Method::PATCH, "/api/analytics", "GET, HEAD, DELETE");
}

#[test]
fn r6_a_method_that_is_not_there_is_405_only_behind_the_gate() {
    let service = gate(router().into_parts().unwrap());
    for method in ["PATCH", "OPTIONS", "QUERY", "TRACE", "get"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let status =
            |role: &str| ask(service.clone(), method.clone(), "/api/analytics", role).status;
        assert_eq!(status(""), StatusCode::FORBIDDEN, "{method}");
        assert_eq!(status("admin"), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
}

#[test]
fn what_a_layer_added_to_a_405_stays() {
    let vary = |mut answer: Response| async {
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("x-layer"));
        answer
    };
    let handler = get(|| async { "" }).layer(axum::middleware::map_response(vary));
    let (registry, dispatch) = AccessRouter::new().public("/x", handler).into_parts().unwrap();
    let request = Request::post("/x").body(Body::empty()).unwrap();
    let Ok(answer) = block_on(gate((registry, dispatch)).oneshot(request));
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(
        answer.extensions().get::<Rejection>().unwrap().code().as_str(),
        "method-not-allowed"
    );
    assert_eq!(answer.headers()[header::VARY], "x-layer");
    assert_eq!(answer.headers()[header::ALLOW], "GET,HEAD");
}

#[test]
fn where_refusals_are_only_reported_an_ambiguous_path_meets_the_fallback() {
    let (registry, dispatch) = router().fallback(|| async { "else" }).into_parts().unwrap();
    let watched = RoutePolicy::new(registry).enforce(Enforce::ReportOnly);
    let answer = ask(Gate::new(dispatch, watched), Method::GET, "//feed.xml", "");
    assert_eq!((answer.status, &*answer.text), (StatusCode::OK, "else"));
}

#[test]
fn what_a_handler_says_itself_stays() {
    let own = || async { (StatusCode::METHOD_NOT_ALLOWED, "own words") };
    let service = gate(AccessRouter::new().public("/x", get(own)).into_parts().unwrap());
    let answer = ask(service.clone(), Method::GET, "/x", "");
    assert_eq!(
        (answer.status, answer.code, &*answer.text),
        (StatusCode::METHOD_NOT_ALLOWED, None, "own words")
    );
    let answer = ask(service, Method::HEAD, "/x", "");
    assert_eq!((answer.status, answer.code), (StatusCode::METHOD_NOT_ALLOWED, None));
}

#[test]
fn a_path_without_a_route_is_404_or_the_fallback() {
    let answer = ask(gate(router().into_parts().unwrap()), Method::GET, "/nothing", "");
    assert_eq!((answer.status, answer.code), (StatusCode::NOT_FOUND, Some("not-found")));
    let service = gate(router().fallback(|| async { "else" }).into_parts().unwrap());
    assert_eq!(ask(service.clone(), Method::POST, "/nothing", "").text, "else");
    assert_eq!(ask(service, Method::GET, "/feed.xml/", "").text, "else");
}

#[test]
fn two_fallbacks_and_two_handlers_of_one_route_are_refused() {
    let with_fallback = || AccessRouter::<()>::new().fallback(|| async { "" });
    assert!(with_fallback().merge(with_fallback()).into_parts().is_err());
    let twice = router().public("/post/{slug}", get(|| async { "" })).into_parts();
    let error = twice.unwrap_err().to_string();
    assert!(error.contains("`/post/:id`") && error.contains("`/post/{slug}`"), "{error}");
}

#[test]
fn without_the_policy_of_the_same_registry_nothing_is_served() {
    let (_, dispatch) = router().into_parts().unwrap();
    let fails = |answer: &Answer| {
        assert_eq!(
            (answer.status, answer.code),
            (StatusCode::INTERNAL_SERVER_ERROR, Some("internal-error"))
        );
    };
    fails(&ask(dispatch.clone(), Method::GET, "/feed.xml", "admin"));
    let (other, _) = router().into_parts().unwrap();
    fails(&ask(gate((other, dispatch.clone())), Method::GET, "/feed.xml", "admin"));
    let plain = Registry::builder().public("/feed.xml").build().unwrap();
    fails(&ask(gate((plain, dispatch)), Method::GET, "/feed.xml", "admin"));
}

#[test]
fn handlers_share_their_state() {
    let counted = |State(state): State<String>| async move { state };
    let router: AccessRouter<String> = AccessRouter::new()
        .public("/a", get(counted))
        .fallback(|State(state): State<String>| async move { format!("no {state}") });
    let service = gate(router.with_state("s".to_owned()).into_parts().unwrap());
    assert_eq!(ask(service.clone(), Method::GET, "/a", "").text, "s");
    assert_eq!(ask(service, Method::GET, "/b", "").text, "no s");
}

#[test]
fn a_parameter_that_does_not_parse_is_404() {
    let show =
        |params: PathParams| async move { params.parse::<u8>("id").map(|id| format!("{id}")) };
    let service = gate(AccessRouter::new().public("/n/:id", get(show)).into_parts().unwrap());
    assert_eq!(ask(service.clone(), Method::GET, "/n/7", "").text, "7");
    let answer = ask(service, Method::GET, "/n/700", "");
    assert_eq!((answer.status, answer.code), (StatusCode::NOT_FOUND, Some("not-found")));
}

#[test]
fn the_gate_and_the_dispatch_name_the_same_route() {
    // Each handler answers the pattern it was declared with; the gate's opinion is asked beside it.
    let patterns = ["/a/b", "/a/{x}.md", "/a/{x}", "/{x}/b", "/a/{*rest}", "/{x}", "/x-{y}.z", "/"];
    let mut router = AccessRouter::new();
    for pattern in patterns {
        router = router.public(pattern, post(move || async move { pattern }));
    }
    let (registry, dispatch) = router.into_parts().unwrap();
    let service = gate((registry.clone(), dispatch));
    for path in [
        "/a/b", "/a/c", "/a/c.md", "/c/b", "/a/b/c", "/q", "/x-1.z", "/", "/a/.md", "/c/d", "/a/",
        "/a/b?/c",
    ] {
        let gate = registry.resolve(&Method::POST, path.split('?').next().unwrap());
        let answer = ask(service.clone(), Method::POST, path, "");
        match gate.declared() {
            Some(declared) => assert_eq!(answer.text, declared.pattern().as_str(), "{path}"),
            None => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}"),
        }
    }
}

#[test]
fn the_services_are_what_servers_need() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    fn sends<T: Send>() {}
    check::<Dispatch>();
    check::<Registry>();
    check::<RoutePolicy>();
    sends::<palisade_route_registry::DispatchFuture>();
}
