//! The scopes of routes, behind a gate.

use http::{Method, StatusCode, header, request};
use palisade_core::{
    Identity, IdentityKind, Policies, Policy, Realm, Rejection, SecurityContext, Verdict,
};
use palisade_route_registry::{Declare, Registry, RoutePolicy, ScopePolicy};
use palisade_test_support::Ask;

/// Proves who is asking, as authentication would.
struct Proven(Option<Identity>);

impl Policy for Proven {
    fn name(&self) -> &'static str {
        "proven"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if let Some(identity) = &self.0 {
            context.learn_identity(identity.clone());
        }
        Verdict::Pass
    }
}

fn with(scopes: &[&str]) -> Option<Identity> {
    let user = Identity::new("user", IdentityKind::Jwt);
    Some(scopes.iter().fold(user, |user, scope| user.scope(*scope)))
}

fn posts() -> Registry {
    Registry::builder()
        .declare(Declare::public("/posts/:id").methods([Method::GET]))
        .declare(
            Declare::authenticated("/posts/:id")
                .methods([Method::PUT])
                .scope("posts:read")
                .scope("posts:write"),
        )
        .build()
        .unwrap()
}

/// The status, the code and the challenge.
fn answer(method: Method, who: Option<Identity>) -> (u16, Option<&'static str>, Option<String>) {
    answer_of(ScopePolicy::new(), method, who)
}

fn answer_of(
    scopes: ScopePolicy,
    method: Method,
    who: Option<Identity>,
) -> (u16, Option<&'static str>, Option<String>) {
    let policies = RoutePolicy::new(posts()).then(Proven(who)).then(scopes);
    let answer = Ask::method(method, "/posts/7").policies(policies);
    let code = answer.extensions().get::<Rejection>().map(|rejection| rejection.code().as_str());
    let challenge = answer.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), code, challenge)
}

#[test]
fn who_has_all_scopes_passes() {
    assert_eq!(answer(Method::PUT, with(&["posts:write", "x", "posts:read"])).0, 200);
}

#[test]
fn who_lacks_one_is_told_what_would_be_enough() {
    let challenge = "Bearer realm=\"api\", error=\"insufficient_scope\", \
        error_description=\"The scope this needs is not yours\", scope=\"posts:read posts:write\"";
    let lacking: [&[&str]; 4] = [&[], &["posts:read"], &["posts:WRITE", "posts:read"], &["posts"]];
    for scopes in lacking {
        let expected = (403, Some("insufficient-scope"), Some(challenge.to_owned()));
        assert_eq!(answer(Method::PUT, with(scopes)), expected, "{scopes:?}");
    }
}

#[test]
fn nobody_has_no_scope() {
    let challenge = Some("Bearer realm=\"api\"".to_owned());
    assert_eq!(answer(Method::PUT, None), (401, Some("credentials-required"), challenge));
}

#[test]
fn every_challenge_names_the_realm() {
    let challenge = |who: Option<Identity>| {
        let scopes = ScopePolicy::new().realm(Realm::new("my posts").unwrap());
        answer_of(scopes, Method::PUT, who).2.unwrap()
    };
    assert_eq!(challenge(None), "Bearer realm=\"my posts\"");
    let lacking = challenge(with(&["posts:read"]));
    let expected = "Bearer realm=\"my posts\", error=\"insufficient_scope\", ";
    assert!(lacking.starts_with(expected), "{lacking}");
    assert!(lacking.ends_with(", scope=\"posts:read posts:write\""), "{lacking}");
}

#[test]
fn a_method_nobody_declared_needs_the_scopes_of_the_strictest_one() {
    assert_eq!(answer(Method::DELETE, with(&[])).0, 403);
    assert_eq!(answer(Method::DELETE, with(&["posts:read", "posts:write"])).0, 200);
}

#[test]
fn r6_a_method_nobody_declared_needs_all_scopes_of_its_path_in_whatever_order_they_are_declared() {
    let open = Declare::authenticated("/posts/:id").methods([Method::GET]);
    let write = Declare::authenticated("/posts/:id").methods([Method::PUT]).scope("posts:write");
    let drop = Declare::admin("/posts/:id").methods([Method::DELETE]).scope("posts:drop");
    let orders = [[&open, &write, &drop], [&drop, &write, &open], [&write, &drop, &open]];
    for order in orders {
        let registry = order.into_iter().cloned().fold(Registry::builder(), |b, d| b.declare(d));
        let registry = registry.build().unwrap();
        let scopes = |method| -> Vec<String> {
            let found = registry.resolve(&method, "/posts/7");
            let mut scopes: Vec<_> = found.scopes().map(str::to_owned).collect();
            scopes.sort();
            scopes
        };
        assert_eq!(scopes(Method::GET), [""; 0]);
        assert_eq!(scopes(Method::PUT), ["posts:write"]);
        assert_eq!(scopes(Method::PATCH), ["posts:drop", "posts:write"]);
    }
}

#[test]
fn a_path_that_could_be_for_several_routes_needs_the_scopes_of_all() {
    let registry = Registry::builder()
        .declare(Declare::authenticated("/Posts/:id").scope("upper"))
        .declare(Declare::authenticated("/posts/:id").scope("lower"))
        .declare(Declare::authenticated("/:any/:id").scope("any"))
        .build()
        .unwrap();
    let found = registry.resolve(&Method::GET, "/POSTS/7");
    let mut scopes: Vec<_> = found.scopes().collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["any", "lower", "upper"]);
}

#[test]
fn a_route_without_scopes_passes() {
    assert_eq!(answer(Method::GET, None).0, 200);
    let alone = Ask::get("/").policies(ScopePolicy::new());
    assert_eq!(alone.status(), StatusCode::OK);
}

#[test]
fn they_are_listed() {
    let registry = posts();
    let scopes: Vec<Vec<_>> = registry.routes().map(|route| route.scopes().collect()).collect();
    assert_eq!(scopes, [vec![], vec!["posts:read", "posts:write"]]);
}

#[cfg(feature = "axum")]
#[test]
fn the_dispatch_forgets_no_scope() {
    use axum::{body::Body, routing::put};
    use http::Request;
    use palisade_core::Gate;
    use palisade_route_registry::AccessRouter;
    use tower::ServiceExt as _;

    let write = Declare::authenticated("/posts/:id").scope("posts:write");
    let router = AccessRouter::new().route(write, put(|| async { "written" }));
    let (registry, dispatch) = router.into_parts().unwrap();
    for (who, status) in [(None, 401), (with(&["posts:read"]), 403), (with(&["posts:write"]), 200)]
    {
        let policies = RoutePolicy::new(registry.clone()).then(Proven(who));
        let request = Request::put("/posts/7").body(Body::empty()).unwrap();
        let answer = Gate::new(dispatch.clone(), policies).oneshot(request);
        let Ok(answer) = crate::dispatch::block_on(answer);
        assert_eq!(answer.status().as_u16(), status);
    }
    let dispatch = dispatch.scopes(ScopePolicy::new().realm(Realm::new("posts").unwrap()));
    let policies = RoutePolicy::new(registry).then(Proven(with(&["posts:read"])));
    let request = Request::put("/posts/7").body(Body::empty()).unwrap();
    let Ok(answer) = crate::dispatch::block_on(Gate::new(dispatch, policies).oneshot(request));
    assert_eq!(
        answer.headers()[header::WWW_AUTHENTICATE],
        "Bearer realm=\"posts\", error=\"insufficient_scope\", \
         error_description=\"The scope this needs is not yours\", scope=\"posts:write\""
    );
}
