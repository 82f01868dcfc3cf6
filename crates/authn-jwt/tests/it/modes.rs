//! The three modes and the admin check, over every class of route.

use palisade_authn_jwt::{AdminOnly, LenientAuth, OptionalAuth, ProtectedRoutes, StrictAuth};
use palisade_core::{
    Access, Identity, IdentityKind, ManualClock, Policies, Route, RouteTag, SecurityContext,
};
use palisade_test_support::Ask;
use serde_json::json;

use crate::fixture::{NOW, claims, claims_with, token, verifier};

const CLASSES: [Option<Access>; 5] = [
    Some(Access::Public),
    Some(Access::Protected),
    Some(Access::Authenticated),
    Some(Access::Admin),
    None,
];

/// The statuses over public, protected, authenticated, admin and unknown routes.
fn statuses<P: Policies>(policies: impl Fn() -> P, token: Option<&str>) -> [u16; 5] {
    CLASSES.map(|access| {
        let context = SecurityContext::new(ManualClock::new().now());
        if let Some(access) = access {
            context.learn_route(Route::new("x", access));
        }
        let ask = Ask::get("/").context(&context);
        let ask = match token {
            Some(token) => ask.bearer(token),
            None => ask,
        };
        ask.policies(policies()).status().as_u16()
    })
}

fn user() -> String {
    token(&claims())
}

fn admin() -> String {
    token(&claims_with(json!({"roles": ["admin"]})))
}

fn expired() -> String {
    token(&claims_with(json!({"exp": NOW - 1})))
}

#[test]
fn optional_lets_anonymous_requests_into_public_routes() {
    let policies = || OptionalAuth::new(verifier()).then(AdminOnly::new());
    assert_eq!(statuses(policies, None), [200, 401, 401, 401, 401]);
    assert_eq!(statuses(policies, Some(&user())), [200, 200, 200, 403, 200]);
    assert_eq!(statuses(policies, Some(&admin())), [200; 5]);
    assert_eq!(statuses(policies, Some(&expired())), [401; 5]);
    assert_eq!(statuses(policies, Some("garbage")), [401; 5]);
}

#[test]
fn optional_lets_anonymous_requests_into_protected_routes_if_told() {
    let policies = || {
        let auth = OptionalAuth::new(verifier());
        auth.protected_routes(ProtectedRoutes::LetAnonymousIn).then(AdminOnly::new())
    };
    assert_eq!(statuses(policies, None), [200, 200, 401, 401, 200]);
    assert_eq!(statuses(policies, Some(&user())), [200, 200, 200, 403, 200]);
    assert_eq!(statuses(policies, Some(&expired())), [401; 5]);
}

#[test]
fn strict_lets_nobody_in_without_a_token() {
    let policies = || StrictAuth::new(verifier());
    assert_eq!(statuses(policies, None), [401; 5]);
    assert_eq!(statuses(policies, Some(&user())), [200; 5]);
    assert_eq!(statuses(policies, Some(&expired())), [401; 5]);
}

#[test]
fn lenient_takes_an_invalid_token_for_none() {
    let policies = || LenientAuth::new(verifier()).then(AdminOnly::new());
    assert_eq!(statuses(policies, None), [200, 401, 401, 401, 401]);
    assert_eq!(statuses(policies, Some(&user())), [200, 200, 200, 403, 200]);
    assert_eq!(statuses(policies, Some(&expired())), [200, 401, 401, 401, 401]);
    let open = || {
        let auth = LenientAuth::new(verifier());
        auth.protected_routes(ProtectedRoutes::LetAnonymousIn).then(AdminOnly::new())
    };
    assert_eq!(statuses(open, Some(&expired())), [200, 200, 401, 401, 200]);
}

#[test]
fn lenient_says_in_the_trail_what_it_ignored_and_names_the_error_where_it_matters() {
    let ask = |access| {
        let context = SecurityContext::new(ManualClock::new().now());
        context.learn_route(Route::new("x", access));
        let ask = Ask::get("/").bearer(&expired()).context(&context);
        let _answer = ask.policies(LenientAuth::new(verifier()));
        context.trail().to_string()
    };
    assert_eq!(ask(Access::Public), "lenient-auth:invalid-token-ignored lenient-auth");
    assert_eq!(ask(Access::Protected), "lenient-auth!invalid-token.expired");
    assert_eq!(ask(Access::Admin), "lenient-auth!invalid-token.expired");
}

#[test]
fn lenient_does_not_guess_between_two_credentials() {
    let context = SecurityContext::new(ManualClock::new().now());
    context.learn_route(Route::new("x", Access::Public));
    let ask = Ask::get("/").bearer(&user()).header("x-api-key", "k").context(&context);
    assert_eq!(ask.policies(LenientAuth::new(verifier())).status(), 400);
}

#[test]
fn each_refusal_is_made_by_the_policy_whose_business_it_is() {
    let trail = |access, token: Option<&str>| {
        let context = SecurityContext::new(ManualClock::new().now());
        context.learn_route(Route::new("x", access));
        let ask = Ask::get("/").context(&context);
        let ask = if let Some(token) = token { ask.bearer(token) } else { ask };
        let _answer = ask.policies(OptionalAuth::new(verifier()).then(AdminOnly::new()));
        context.trail().to_string()
    };
    assert_eq!(trail(Access::Protected, None), "optional-auth!credentials-required");
    assert_eq!(trail(Access::Admin, None), "optional-auth admin!credentials-required");
    assert_eq!(trail(Access::Admin, Some(&user())), "optional-auth admin!insufficient-role");
}

#[test]
fn the_admin_check_can_ask_for_another_role_and_everywhere() {
    let editor = token(&claims_with(json!({"role": "editor"})));
    let policies = || {
        let admin = AdminOnly::role("editor").expect("a role").everywhere();
        OptionalAuth::new(verifier()).protected_routes(ProtectedRoutes::LetAnonymousIn).then(admin)
    };
    assert_eq!(statuses(policies, None), [401; 5]);
    assert_eq!(statuses(policies, Some(&admin())), [403; 5]);
    assert_eq!(statuses(policies, Some(&editor)), [200; 5]);
    assert!(AdminOnly::role(" ").is_err());
}

#[test]
fn an_identity_that_is_known_passes_and_an_api_key_is_left_alone() {
    let context = SecurityContext::new(ManualClock::new().now());
    context.learn_identity(Identity::new("service", IdentityKind::ApiKey));
    let ask = Ask::get("/").header("x-api-key", "k").context(&context);
    assert_eq!(ask.policies(StrictAuth::new(verifier())).status(), 200);
    let ask = Ask::get("/").header("x-api-key", "k");
    assert_eq!(ask.policies(StrictAuth::new(verifier())).status(), 401);
}

#[test]
fn a_token_in_the_query_counts_on_streams_alone() {
    let ask = |route: Route| {
        let context = SecurityContext::new(ManualClock::new().now());
        context.learn_route(route);
        let ask = Ask::get(&format!("/?token={}", user())).context(&context);
        ask.policies(OptionalAuth::new(verifier())).status().as_u16()
    };
    let route = || Route::new("logs", Access::Authenticated);
    assert_eq!(ask(route().with_tags([RouteTag::STREAM])), 200);
    assert_eq!(ask(route()), 401);
}

#[test]
fn the_layers_are_services_that_can_be_shared() {
    fn is_service<T: Clone + Send + Sync + 'static>(_: &T) {}
    use tower_layer::Layer as _;
    let layer = palisade_authn_jwt::OptionalAuthLayer::new(OptionalAuth::new(verifier()));
    is_service(&layer.layer(palisade_test_support::Echo::default()));
    is_service(&palisade_authn_jwt::StrictAuthLayer::new(StrictAuth::new(verifier())));
    is_service(&palisade_authn_jwt::LenientAuthLayer::new(LenientAuth::new(verifier())));
    is_service(&palisade_authn_jwt::AdminOnlyLayer::new(AdminOnly::new()));
}
