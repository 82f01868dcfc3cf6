//! Asking for records.

use std::{collections::HashSet, time::Duration};

use http::{Method, StatusCode};
use palisade_analytics::{Config, Cursor, Filter};
use palisade_core::{Access, Identity, IdentityKind, Route, SecurityContext, Verdict};
use palisade_test_support::Ask;

use crate::scene::{Inner, Scene, refusal};

fn paths(scene: &Scene, filter: &Filter) -> Vec<String> {
    scene.analytics.flush();
    let page = scene.analytics.recent(filter);
    page.records.iter().map(|record| record.path.to_string()).collect()
}

#[test]
fn the_newest_come_first_and_a_cursor_goes_on_where_the_page_ended() {
    let scene = Scene::new();
    scene.send_all((0..5).map(|n| Ask::get(&format!("/{n}"))));
    assert_eq!(paths(&scene, &Filter::new().limit(2)), ["/4", "/3"]);
    let first = scene.analytics.recent(&Filter::new().limit(2));
    // What comes meanwhile moves nothing.
    scene.send_all([Ask::get("/new")]);
    let next: Cursor = first.next.unwrap().to_string().parse().unwrap();
    let filter = Filter::new().limit(2).cursor(next);
    assert_eq!(paths(&scene, &filter), ["/2", "/1"]);
    let last = Filter::new().limit(2).cursor(scene.analytics.recent(&filter).next.unwrap());
    assert_eq!(paths(&scene, &last), ["/0"]);
    assert_eq!(scene.analytics.recent(&last).next, None);
}

#[test]
fn a_page_that_ends_exactly_at_the_end_has_no_next() {
    let scene = Scene::new();
    scene.send_all((0..4).map(|n| Ask::get(&format!("/{n}"))));
    scene.analytics.flush();
    assert!(scene.analytics.recent(&Filter::new().limit(4)).next.is_none());
    assert!(scene.analytics.recent(&Filter::new().limit(3)).next.is_some());
}

#[test]
fn a_filter_finds_by_route_status_user_address_and_time() {
    let scene = Scene::new();
    let alice = Inner(|context: &SecurityContext| {
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
        context.learn_route(Route::new("post", Access::Public));
        Verdict::Pass
    });
    drop(scene.send_through(scene.policy(), alice, Ask::get("/alice").from("192.0.2.1")));
    scene.clock.advance(Duration::from_secs(60));
    let later = scene.clock.now().wall();
    drop(scene.send_through(
        scene.policy(),
        Inner(|_: &_| refusal()),
        Ask::get("/refused").from("192.0.2.2"),
    ));
    scene.send_all([Ask::get("/plain").from("2001:db8::1")]);

    let found = |filter: Filter| paths(&scene, &filter);
    assert_eq!(found(Filter::new().route("post")), ["/alice"]);
    assert_eq!(found(Filter::new().user("alice")), ["/alice"]);
    assert_eq!(found(Filter::new().status(StatusCode::FORBIDDEN)), ["/refused"]);
    assert_eq!(found(Filter::new().address("2001:db8::1".parse().unwrap())), ["/plain"]);
    assert_eq!(found(Filter::new().address("::ffff:192.0.2.1".parse().unwrap())), ["/alice"]);
    assert_eq!(found(Filter::new().since(later)), ["/plain", "/refused"]);
    assert!(found(Filter::new().since(later).user("alice")).is_empty());
}

#[test]
fn a_page_never_holds_more_than_a_thousand() {
    let scene = Scene::new();
    scene.send_all((0..1001).map(|_| Ask::get("/x")));
    assert_eq!(paths(&scene, &Filter::new().limit(usize::MAX)).len(), 1000);
    assert_eq!(paths(&scene, &Filter::new()).len(), 100);
    assert_eq!(paths(&scene, &Filter::new().limit(0)).len(), 1);
}

#[test]
fn the_oldest_records_go_and_their_counts_stay() {
    let scene = Scene::with(Config::new().keep(3));
    scene.send_all((0..10).map(|n| Ask::get(&format!("/{n}"))));
    assert_eq!(paths(&scene, &Filter::new()), ["/9", "/8", "/7"]);
    assert_eq!(scene.analytics.total(), 10);
}

#[test]
fn a_cursor_into_what_is_gone_finds_nothing() {
    let scene = Scene::with(Config::new().keep(3));
    scene.send_all((0..3).map(|n| Ask::get(&format!("/{n}"))));
    scene.analytics.flush();
    let next = scene.analytics.recent(&Filter::new().limit(1)).next.unwrap();
    scene.send_all((0..9).map(|n| Ask::get(&format!("/later/{n}"))));
    assert!(paths(&scene, &Filter::new().cursor(next)).is_empty());
}

#[test]
fn clear_forgets_records_and_counts_and_says_how_many() {
    let scene = Scene::new();
    scene.send_all((0..7).map(|_| Ask::method(Method::POST, "/x")));
    // Whether the seven are stored already or still wait makes no difference.
    assert_eq!(scene.analytics.clear(), 7);
    assert_eq!((scene.analytics.total(), scene.records().len()), (0, 0));
    for dimension in palisade_analytics::Dimension::ALL {
        assert!(scene.analytics.count_by(dimension, 9).is_empty(), "{}", dimension.as_str());
    }
    scene.send_all([Ask::get("/y")]);
    assert_eq!(paths(&scene, &Filter::new()), ["/y"]);
    assert_eq!(scene.analytics.clear(), 1);
    assert_eq!(scene.analytics.clear(), 0);
}

#[test]
fn a_page_is_serialized_in_camel_case_with_a_cursor_as_text() {
    let scene = Scene::new();
    scene.send_all((0..2).map(|_| Ask::get("/x")));
    scene.analytics.flush();
    let page = scene.analytics.recent(&Filter::new().limit(1));
    let json = serde_json::to_value(&page).unwrap();
    assert_eq!(json["next"], page.next.unwrap().to_string());
    assert_eq!(json["records"][0]["responseTimeMs"], 0.0);
    let keys: HashSet<_> = json.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, HashSet::from(["records".to_owned(), "next".to_owned()]));
}

#[test]
fn a_cursor_that_was_made_up_is_an_error() {
    for text in ["", "+1", "-1", "x", "10000000000000000", " 1"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
}
