//! Inside of axum's own router, a route has the class that is declared with its handler, whatever the path.

use axum::extract::RawPathParams;
use http::{Method, StatusCode};
use palisade_core::{Access, GateLayer, SecurityContext};
use palisade_route_registry::{PathParams, Registry, RegistryBuilder, RoutePolicy, check_path};
use proptest::{prelude::*, sample::Index};

use crate::{
    axum_routes::{self, axums},
    dispatch::ask,
};

const LEVELS: [Access; 4] =
    [Access::Public, Access::Protected, Access::Authenticated, Access::Admin];

/// What is said of a request: the handler's pattern, the route's id and class, and whether the parameters are axum's.
fn said(
    pattern: &str,
    context: &SecurityContext,
    ours: &PathParams,
    axums: &RawPathParams,
) -> String {
    let route = context.route().unwrap();
    let params = if axums.iter().any(|(_, value)| value.is_empty()) {
        "empty"
    } else if ours.iter().eq(axums.iter()) {
        "same"
    } else {
        "other"
    };
    format!("{pattern} {} {:?} {params}", route.id(), route.access())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    /// One route may be left out of the registry, and the policy may stand around the whole router or at each handler,
    /// inside of what is nested.
    #[test]
    fn inside_of_axums_own_router_a_route_has_the_class_declared_with_its_handler(
        routes in axum_routes::routes(),
        targets in axum_routes::targets(),
        left_out in prop::option::of(any::<Index>()),
        is_innermost in any::<bool>(),
    ) {
        let left_out = left_out.map(|index| index.index(routes.len()));
        let is_kept = |place: &usize| Some(*place) != left_out;
        let declared = || routes.iter().enumerate().filter(move |(place, _)| is_kept(place));
        let declarations = declared().flat_map(|(_, route)| route.declarations());
        let registry = declarations.fold(Registry::builder(), RegistryBuilder::declare);
        let layer = GateLayer::new(RoutePolicy::new(registry.inside_axum().build().unwrap()));
        let router = axums(&routes, |route| {
            let pattern = route.pattern.clone();
            let handler = route.methods(
                move |context: SecurityContext, ours: PathParams, axums: RawPathParams| async move {
                    said(&pattern, &context, &ours, &axums)
                },
            );
            if is_innermost { handler.layer(layer.clone()) } else { handler }
        });
        let router = router.fallback(|context: SecurityContext| async move {
            let route = context.route().unwrap();
            format!("- {} {:?} same", route.id(), route.access())
        });
        let router = if is_innermost { router } else { router.layer(layer) };
        for target in &targets {
            // Both have a handler wherever a pattern matches, and an answer that can be read.
            let method = if target.method == Method::POST { Method::POST } else { Method::GET };
            let path = target.path(&routes);
            let answer = ask(router.clone(), method.clone(), &path, "");
            if answer.status != StatusCode::OK {
                let is_ambiguous = check_path(&path).is_err() || path.contains('%');
                prop_assert!(is_ambiguous || is_innermost, "{} {:?}", path, answer);
                continue;
            }
            prop_assert_eq!(check_path(&path), Ok(()), "{}", path);
            let words: Vec<&str> = answer.text.split(' ').collect();
            let [pattern, id, access, params] = words[..] else { panic!("{answer:?}") };
            let access = LEVELS.into_iter().find(|level| format!("{level:?}") == access).unwrap();
            match declared().find(|(_, route)| route.pattern == pattern) {
                Some((_, route)) => {
                    prop_assert_eq!(id, pattern, "{}", path);
                    prop_assert!(access >= route.access(&method), "{} {:?}", path, answer);
                    if left_out.is_none() && params != "empty" {
                        let told = (access, params);
                        prop_assert_eq!(told, (route.access(&method), "same"), "{}", path);
                    }
                }
                None => {
                    prop_assert_eq!(id, Registry::UNMATCHED, "{}", path);
                    prop_assert!(access >= Access::Protected, "{} {:?}", path, answer);
                }
            }
        }
    }
}
