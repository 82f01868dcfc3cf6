//! The policy behind a gate.

use http::{Method, StatusCode};
use palisade_core::{Access, Enforce, Policies, Rejection, Route, RouteTag};
use palisade_route_registry::{PathParams, Registry, RouteLayer, RoutePolicy};
use palisade_test_support::{Ask, Echo, context};
use tower_layer::Layer;

use crate::{documented, registry};

#[test]
fn the_route_and_its_parameters_are_learnt() {
    let context = context();
    let policy = RoutePolicy::new(documented::registry());
    let answer =
        Ask::get("/user/u%20v/pages/s.email.html?token=x").context(&context).policies(policy);
    assert_eq!(answer.status(), StatusCode::OK);
    let route = context.route().unwrap();
    assert_eq!((route.id(), route.access()), ("/user/:id/pages/:slug.email.html", Access::Public));
    let params: PathParams = context.attached().unwrap();
    assert_eq!(params.iter().collect::<Vec<_>>(), [("id", "u v"), ("slug", "s")]);
}

#[test]
fn a_literal_route_attaches_no_parameters() {
    let context = context();
    Ask::get("/feed.xml").context(&context).policies(RoutePolicy::new(documented::registry()));
    assert!(context.attached::<PathParams>().is_none());
    assert!(context.route().is_some());
}

#[test]
fn an_ambiguous_path_ends_at_the_gate() {
    let context = context();
    let echo = Echo::default();
    let mut service = RouteLayer::new(RoutePolicy::new(documented::registry())).layer(echo.clone());
    let answer = Ask::get("/embed/..%2fadmin").context(&context).send(&mut service);
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.code().as_str(), "ambiguous-path.encoded-separator");
    assert_eq!(rejection.policy(), Some("route"));
    assert_eq!(echo.calls(), 0);
    assert_eq!(context.route().unwrap().id(), "unmatched");
}

#[test]
fn a_watched_policy_lets_an_ambiguous_path_through_as_unmatched() {
    let context = context();
    let policy = RoutePolicy::new(documented::registry()).enforce(Enforce::ReportOnly);
    let answer = Ask::get("//feed.xml").context(&context).policies(policy);
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(context.route().unwrap().id(), "unmatched");
    assert_eq!(context.trail().to_string(), "route?ambiguous-path.empty-segment");
}

#[test]
fn an_escape_that_hides_the_literal_of_another_route_is_refused() {
    let registry = registry(&["/@me", "/:user", "/x/@{name}", "/files/:name"]);
    let status = |path: &str| Ask::get(path).policies(RoutePolicy::new(registry.clone())).status();
    assert_eq!(status("/@me"), StatusCode::OK);
    assert_eq!(status("/%40me"), StatusCode::BAD_REQUEST);
    assert_eq!(status("/x/%40bob"), StatusCode::BAD_REQUEST);
    assert_eq!(status("/%40you"), StatusCode::OK);
    assert_eq!(status("/files/%40me"), StatusCode::OK);
    assert_eq!(status("/files/100%25"), StatusCode::OK);
}

#[test]
fn an_escape_that_hides_a_tagged_prefix_is_refused() {
    let registry = Registry::builder().public("/:a/:b").tag_prefix("/@in/", RouteTag::API);
    let registry = registry.build().unwrap();
    let status = |path: &str| Ask::get(path).policies(RoutePolicy::new(registry.clone())).status();
    assert_eq!(status("/@in/x"), StatusCode::OK);
    assert_eq!(status("/%40in/x"), StatusCode::BAD_REQUEST);
    assert_eq!(status("/%40out/x"), StatusCode::OK);
}

#[test]
fn targets_of_other_forms_name_no_route() {
    let policy = || RoutePolicy::new(documented::registry());
    let ask = |method: Method, target: &str| {
        let context = context();
        let answer = Ask::method(method, target).context(&context).policies(policy());
        (answer.status(), context.route().unwrap().id().to_owned())
    };
    let refused = (StatusCode::BAD_REQUEST, "unmatched".to_owned());
    assert_eq!(ask(Method::OPTIONS, "*"), refused);
    assert_eq!(ask(Method::CONNECT, "example.org:443"), refused);
    // RFC 9112 section 3.2.2: a server must accept the absolute form, and HTTP/2 always looks like it.
    let absolute = ask(Method::GET, "https://example.org/feed.xml?a=/x");
    assert_eq!(absolute, (StatusCode::OK, "/feed.xml".to_owned()));
    assert_eq!(ask(Method::GET, "https://example.org/a//b"), refused);
}

#[test]
fn the_route_that_was_learnt_first_holds() {
    let context = context();
    context.learn_route(Route::new("outer", Access::Admin));
    let answer =
        Ask::get("/post/7.md").context(&context).policies(RoutePolicy::new(documented::registry()));
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(context.route().unwrap().id(), "outer");
    assert!(context.attached::<PathParams>().is_none());
    let answer =
        Ask::get("//").context(&context).policies(RoutePolicy::new(documented::registry()));
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_parameter_that_does_not_parse_names_nothing() {
    let registry = registry(&["/post/:id"]);
    let params = registry.resolve(&Method::GET, "/post/7").params();
    assert_eq!(params.parse::<u32>("id").unwrap(), 7);
    let params = registry.resolve(&Method::GET, "/post/x").params();
    assert_eq!(params.parse::<u32>("id").unwrap_err().code().as_str(), "not-found");
    assert_eq!(params.parse::<u32>("slug").unwrap_err().code().as_str(), "internal-error");
}
