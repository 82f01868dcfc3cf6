//! The law of twins, on random routes: a path is as strict as its own route and all that a less exact router could find.

use http::Method;
use palisade_core::Access;
use palisade_route_registry::{Declare, Registry};
use proptest::prelude::*;

use crate::properties::{Rank, reference};

/// A pattern, who may GET what it matches, and whether that was declared.
type Route = (String, Access, bool);

/// Patterns of few letters, so that they meet.
fn pattern() -> impl Strategy<Value = String> {
    let text = "[aA@]{1,2}";
    let segment = prop_oneof![
        4 => text,
        2 => Just("{}".to_owned()),
        2 => text.prop_map(|prefix| format!("{prefix}{{}}")),
        2 => text.prop_map(|suffix| format!("{{}}{suffix}")),
    ];
    let last = prop_oneof![4 => Just(""), 2 => Just("/"), 1 => Just("/*")];
    (prop::collection::vec(segment, 1..=2), last).prop_map(|(segments, last)| {
        let named = segments.iter().enumerate();
        let named = named.map(|(at, segment)| segment.replace("{}", &format!("{{p{at}}}")));
        format!("/{}{last}", named.collect::<Vec<_>>().join("/"))
    })
}

fn routes() -> impl Strategy<Value = Vec<Route>> {
    let access = prop_oneof![
        3 => Just(Access::Public),
        1 => Just(Access::Protected),
        1 => Just(Access::Authenticated),
        1 => Just(Access::Admin),
    ];
    prop::collection::vec((pattern(), access, prop::bool::weighted(0.8)), 1..12)
}

fn path() -> impl Strategy<Value = String> {
    let segment = "([aA@]|%40){1,2}";
    (prop::collection::vec(segment, 1..=3), prop_oneof![Just(""), Just("/")])
        .prop_map(|(segments, last)| format!("/{}{last}", segments.join("/")))
}

/// Keeps the routes that are one registry together.
fn agreeing(routes: Vec<Route>) -> (Registry, Vec<Route>) {
    let mut kept: Vec<Route> = Vec::new();
    let mut builder = Registry::builder();
    for (pattern, access, is_declared) in routes {
        let declaration = match access {
            Access::Public => Declare::public(&*pattern),
            Access::Protected => Declare::protected(&*pattern),
            Access::Authenticated => Declare::authenticated(&*pattern),
            _ => Declare::admin(&*pattern),
        };
        let method = if is_declared { Method::GET } else { Method::POST };
        let longer = builder.clone().declare(declaration.methods([method]));
        if longer.lint().is_empty() {
            builder = longer;
            kept.push((pattern, access, is_declared));
        }
    }
    (builder.build().unwrap(), kept)
}

/// How a router reads a path or a pattern.
type Reading = fn(&str) -> String;

fn as_it_is(text: &str) -> String {
    text.to_owned()
}

fn without_case(text: &str) -> String {
    text.to_ascii_lowercase()
}

fn without_slash(text: &str) -> String {
    text.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(text).to_owned()
}

fn without_both(text: &str) -> String {
    without_slash(&without_case(text))
}

const READINGS: [Reading; 4] = [as_it_is, without_case, without_slash, without_both];

fn shape(pattern: &str) -> String {
    (0..4).fold(pattern.to_owned(), |shape, at| shape.replace(&format!("{{p{at}}}"), "{}"))
}

/// Who may GET what is declared at the shape of `pattern`.
fn class(routes: &[Route], pattern: &str) -> Access {
    let here = || routes.iter().filter(|(other, ..)| shape(other) == shape(pattern));
    match here().find(|(_, _, is_declared)| *is_declared) {
        Some((_, access, _)) => *access,
        None => here().map(|(_, access, _)| *access).max().unwrap().max(Access::Protected),
    }
}

/// Who may GET what a router with this `reading` finds: the strictest, where it cannot tell which.
fn found(routes: &[Route], reading: Reading, path: &str) -> Option<Access> {
    let read = reading(path);
    let ranked = |pattern: &str| -> Option<Vec<Rank>> {
        reference(&reading(pattern), &read).map(|(ranks, _)| ranks)
    };
    let best = routes.iter().filter_map(|(pattern, ..)| ranked(pattern)).max()?;
    let found = routes.iter().filter(|(pattern, ..)| ranked(pattern).as_ref() == Some(&best));
    found.map(|(pattern, ..)| class(routes, pattern)).max()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_path_is_as_strict_as_all_that_it_could_be_taken_for_and_no_stricter(
        routes in routes(),
        paths in prop::collection::vec(path(), 1..16),
    ) {
        let (registry, routes) = agreeing(routes);
        for path in &paths {
            let own = found(&routes, as_it_is, path).unwrap_or(Access::Protected);
            let decoded = path.replace("%40", "@");
            let readings = READINGS.into_iter().flat_map(|reading| {
                [path, &decoded].map(|spelling| found(&routes, reading, spelling))
            });
            let is_declared_so = routes.iter().any(|(pattern, ..)| pattern == path);
            let expected = if is_declared_so { own } else { readings.flatten().fold(own, Ord::max) };
            let access = registry.resolve(&Method::GET, path).access();
            prop_assert_eq!(access, expected, "{} of {:?}", path, routes);
        }
    }
}
