//! Ours and axum's own router agree about every path, nested or not.

use axum::extract::RawPathParams;
use http::{Method, StatusCode};
use palisade_core::Access;
use palisade_route_registry::{AccessRouter, PathParams, check_path};
use proptest::prelude::*;

use crate::{
    axum_routes::{self, axums, decoded, told},
    dispatch::{ask, gate},
};

/// Of what a handler says, the pattern.
fn pattern(told: &str) -> &str {
    told.split(' ').next().unwrap()
}

/// axum leaves nothing to a parameter that has text in front and a `/` behind; ours always has something.
fn is_empty_somewhere(told: &str) -> bool {
    told.split(' ').any(|word| word.ends_with('='))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    /// A path goes where axum's own router takes it, with the same parameters and under the class declared with that
    /// handler. It is refused exactly if it is strange, or if axum's router would take it elsewhere once it is decoded.
    #[test]
    fn a_path_goes_where_axums_own_router_takes_it(
        routes in axum_routes::routes(),
        targets in axum_routes::targets(),
    ) {
        let axums = axums(&routes, |route| {
            let pattern = route.pattern.clone();
            route.methods(move |params: RawPathParams| async move { told(&pattern, params.iter()) })
        });
        let mut ours = AccessRouter::new();
        for route in &routes {
            for declaration in route.declarations() {
                let pattern = route.pattern.clone();
                let handler =
                    move |params: PathParams| async move { told(&pattern, params.iter()) };
                ours = ours.route(declaration, route.methods(handler));
            }
        }
        let service = gate(ours.into_parts().unwrap());
        for target in &targets {
            let (method, path) = (&target.method, target.path(&routes));
            let answer = ask(service.clone(), method.clone(), &path, "admin");
            let is_refused = answer.status == StatusCode::BAD_REQUEST;
            if check_path(&path).is_err() {
                prop_assert!(is_refused, "{}", path);
                continue;
            }
            let read = |path: &str| ask(axums.clone(), Method::GET, path, "").text;
            let (as_it_is, once_decoded) = (read(&path), read(&decoded(&path)));
            if is_empty_somewhere(&as_it_is) || is_empty_somewhere(&once_decoded) {
                continue;
            }
            prop_assert_eq!(is_refused, pattern(&as_it_is) != pattern(&once_decoded), "{}", path);
            if is_refused {
                continue;
            }
            let expected = ask(axums.clone(), method.clone(), &path, "");
            prop_assert_eq!(
                (answer.status, &answer.text), (expected.status, &expected.text), "{} {}", method, path
            );
            let anonymous = ask(service.clone(), method.clone(), &path, "").status;
            let route = routes.iter().find(|route| route.pattern == pattern(&as_it_is));
            match route.map(|route| route.access(method)) {
                Some(Access::Public) => prop_assert_eq!(anonymous, StatusCode::OK, "{} {}", method, path),
                Some(_) => prop_assert_eq!(anonymous, StatusCode::FORBIDDEN, "{} {}", method, path),
                None => prop_assert_ne!(anonymous, StatusCode::OK, "{} {}", method, path),
            }
        }
    }
}
